"""What can be done with parcels."""
