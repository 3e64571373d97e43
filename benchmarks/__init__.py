"""How fast the service is, over floors measured in the same run."""
