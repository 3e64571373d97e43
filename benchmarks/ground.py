"""A fresh embedded Postgres with a data folder of its own, the schema, one tenant and two keys."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import text

from claims_api import launch
from claims_api.access import actions
from claims_api.access.scopes import Role
from claims_api.kit import embedded_postgres
from claims_api.kit.embedded_postgres import EmbeddedServer
from claims_api.kit.settings import Environment, Settings

DURABLE = text("SELECT current_setting('fsync'), current_setting('synchronous_commit')")


class NotMeasured(Exception):
    """Something did not run, so there is no number; the text says what."""


@dataclass(frozen=True)
class Ground:
    """Where everything is measured."""

    settings: Settings
    owner_url: str
    server: EmbeddedServer
    tenant_id: UUID
    shop: str
    agent: str


@contextmanager
def ground() -> Iterator[Ground]:
    """Everything is gone again afterwards.

    Raises: EmbeddedPostgresError, NotMeasured
    """
    folder = Path(tempfile.mkdtemp(prefix="claims-bench-"))
    server = embedded_postgres.ensure_running(folder)
    try:
        database, owner, login = launch.EMBEDDED_DATABASE, launch.OWNER, launch.LOGIN
        asyncio.run(embedded_postgres.prepare(server, database, owner=owner, logins=(login,)))
        owner_url, url = server.url(owner, database), SecretStr(server.url(login, database))
        launch.migrate(owner_url)
        settings = Settings(environment=Environment.DEVELOPMENT, database_url=url, database_url_direct=None, clock=None)
        tenant_id, shop, agent = asyncio.run(_people(settings, owner_url))
        yield Ground(settings, owner_url, server, tenant_id, shop, agent)
    finally:
        server.release()
        for leftover in (server.data_dir, folder):
            shutil.rmtree(leftover, ignore_errors=True)


async def take_statistics(ground: Ground) -> None:
    """What autovacuum does within a minute; until then Postgres plans as if the tables were empty."""
    async with launch.owner_database(ground.settings, ground.owner_url) as database, database.plain.begin() as db:
        await db.execute(text("ANALYZE"))


async def _people(settings: Settings, owner_url: str) -> tuple[UUID, str, str]:
    async with launch.owner_database(settings, owner_url) as database:
        async with database.plain.connect() as db:
            if set((await db.execute(DURABLE)).one()) != {"on"}:
                raise NotMeasured(
                    "This Postgres does not wait for the disk (fsync, synchronous_commit): no fair floor."
                )
        tenant_id = await actions.create_tenant(database, "bench")
        shop = await actions.create_key(database, tenant_id, Role.STOREFRONT, None)
        agent = await actions.create_key(database, tenant_id, Role.AGENT, None)
    return tenant_id, shop.credential, agent.credential
