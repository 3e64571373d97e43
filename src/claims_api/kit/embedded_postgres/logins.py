"""The logins and the database that the app needs on its embedded Postgres."""

import re

import asyncpg

from claims_api.kit.embedded_postgres.cluster import SUPERUSER
from claims_api.kit.embedded_postgres.errors import EmbeddedPostgresError, failure
from claims_api.kit.embedded_postgres.server import EmbeddedServer

OWNER = "claims_owner"
APP_LOGINS, WORKER_LOGINS = ("claims_api",), ("claims_worker_login",)
APP_GROUP, WORKER_GROUP = "claims_app", "claims_worker"  # the migrations grant to them; being a member is all
PREPARE_LOCK = 7_316_042_219  # any number of our own, the same in every process
TIMEOUT_SECONDS = 30.0
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
NO_POWERS = "LOGIN NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS"


async def prepare(
    server: EmbeddedServer,
    database: str,
    *,
    owner: str = OWNER,
    logins: tuple[str, ...] = APP_LOGINS,
    workers: tuple[str, ...] = WORKER_LOGINS,
) -> None:
    """Makes `database`, its `owner` (may make roles, is no superuser) and the powerless logins, as far as missing.

    `logins` are the service's, `workers` those of its worker. May be repeated, and run by several processes at once.
    Logins get their powers back to exactly these.
    Raises: EmbeddedPostgresError when the server does not let us.
    """
    members = dict.fromkeys(logins, APP_GROUP) | dict.fromkeys(workers, WORKER_GROUP)
    if odd := [name for name in (database, owner, *members) if not PLAIN_NAME.fullmatch(name)]:
        raise EmbeddedPostgresError(f"{odd[0]!r} is no name for a database or login. Use a-z, 0-9 and _.")
    try:
        await _prepare(server, database, owner, members)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise failure(f"The database {database} cannot be prepared in {server.data_dir}", str(error)) from error


async def _prepare(server: EmbeddedServer, database: str, owner: str, members: dict[str, str]) -> None:
    """`members`: the group of each login."""
    db = await asyncpg.connect(
        host=str(server.socket_dir),
        port=server.port,
        user=SUPERUSER,
        database="postgres",
        timeout=TIMEOUT_SECONDS,
        command_timeout=TIMEOUT_SECONDS,
    )
    try:
        await db.execute("SELECT pg_advisory_lock($1)", PREPARE_LOCK)  # roles know no IF NOT EXISTS; ends with `db`
        for group in (APP_GROUP, WORKER_GROUP):
            if not await db.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", group):
                await db.execute(f'CREATE ROLE "{group}" NOLOGIN')
        for name in (owner, *members):
            if not await db.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name):
                await db.execute(f'CREATE ROLE "{name}"')
            await db.execute(f'ALTER ROLE "{name}" {NO_POWERS} {"CREATEROLE" if name == owner else "NOCREATEROLE"}')
        for name, group in members.items():
            await db.execute(f'GRANT "{group}" TO "{name}"')
        if not await db.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
            await db.execute(f'CREATE DATABASE "{database}" OWNER "{owner}"')
    finally:
        await db.close(timeout=TIMEOUT_SECONDS)
