"""The rules of a warranty claim as pure functions: no I/O, no clock, no randomness, standard library only."""
