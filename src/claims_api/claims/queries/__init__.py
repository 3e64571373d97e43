"""Statements on claims: one to read a whole claim, one to store whatever a command changed."""
