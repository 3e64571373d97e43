"""What can be done with claims: load, ask the domain, store, answer."""
