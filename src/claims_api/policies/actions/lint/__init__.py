"""Checks the law as people edit it. Needs the extra `data`; the service never imports it."""
