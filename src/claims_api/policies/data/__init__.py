"""The law and the regions as data: YAML is what people edit, JSON is what the service loads."""
