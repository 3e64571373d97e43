"""A real Postgres with no set-up: starts one on a private socket, or joins the one that already runs for the data."""

from claims_api.kit.embedded_postgres.binaries import find_binaries
from claims_api.kit.embedded_postgres.errors import EmbeddedPostgresError
from claims_api.kit.embedded_postgres.logins import prepare
from claims_api.kit.embedded_postgres.server import EmbeddedServer, ensure_running

__all__ = ["EmbeddedPostgresError", "EmbeddedServer", "ensure_running", "find_binaries", "prepare"]
