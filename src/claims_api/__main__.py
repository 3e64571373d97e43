"""`python -m claims_api` is `claims-api`."""

from claims_api.cli import app

app()
