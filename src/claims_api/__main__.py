"""`python -m claims_api` is `claims-api`."""

from claims_api.cli import app

if __name__ == "__main__":  # a process of `verify` imports it too
    app()
