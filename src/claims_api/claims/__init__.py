"""Claims: filed, reviewed, decided, settled; every change is an event."""
