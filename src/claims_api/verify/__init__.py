"""The checker: reads everything there is, tenant by tenant, and names what does not hold."""
