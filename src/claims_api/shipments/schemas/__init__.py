"""What is sent and shown of parcels."""
