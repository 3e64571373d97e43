"""Parcels: what partners say of them, what follows for their claims, and what was in them."""
