"""What a customer sees of their claim."""
