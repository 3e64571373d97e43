"""Statements on parcels, and their rows as values."""
