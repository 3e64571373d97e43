"""A brand's events of all claims, as they are read: one complete list, in order, to go on from."""
