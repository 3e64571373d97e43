"""Who calls: tenants, keys, roles and scopes."""
