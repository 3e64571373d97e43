"""A fresh embedded Postgres with a data folder of its own, the schema, and tenants with their keys."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator, Sequence
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
class Tenant:
    """A tenant, the credentials of its storefront and of an agent."""

    id: UUID
    shop: str
    agent: str


@dataclass(frozen=True)
class Ground:
    """Where everything is measured."""

    settings: Settings
    owner_url: str
    server: EmbeddedServer
    tenant: Tenant


@contextmanager
def ground() -> Iterator[Ground]:
    """Everything is gone again afterwards.

    Raises: EmbeddedPostgresError, NotMeasured
    """
    folder = Path(tempfile.mkdtemp(prefix="claims-bench-"))
    server = embedded_postgres.ensure_running(folder)
    try:
        logins = {"logins": (launch.LOGIN,), "workers": (launch.WORKER_LOGIN,)}
        asyncio.run(embedded_postgres.prepare(server, launch.EMBEDDED_DATABASE, owner=launch.OWNER, **logins))
        url, worker_url, owner_url = (
            server.url(login, launch.EMBEDDED_DATABASE) for login in (launch.LOGIN, launch.WORKER_LOGIN, launch.OWNER)
        )
        launch.migrate(owner_url)
        settings = Settings(
            environment=Environment.DEVELOPMENT,
            database_url=SecretStr(url),
            database_url_worker=SecretStr(worker_url),
            database_url_direct=None,
            clock=None,
        )
        asyncio.run(_refuse_a_careless_server(settings, owner_url))
        yield Ground(settings, owner_url, server, asyncio.run(_people(settings, owner_url, "bench")))
    finally:
        server.release()
        for leftover in (server.data_dir, folder):
            shutil.rmtree(leftover, ignore_errors=True)


def take_statistics(ground: Ground) -> None:
    """What autovacuum does within a minute; until then Postgres plans as if the tables were empty."""
    asyncio.run(_take_statistics(ground))


async def _take_statistics(ground: Ground) -> None:
    async with launch.owner_database(ground.settings, ground.owner_url) as database, database.plain.begin() as db:
        await db.execute(text("SET LOCAL statement_timeout = 0"))
        await db.execute(text("ANALYZE"))


def new_tenant(ground: Ground, name: str) -> Tenant:
    """One more, with its keys."""
    return asyncio.run(_people(ground.settings, ground.owner_url, name))


def new_tenants(ground: Ground, names: Sequence[str]) -> list[UUID]:
    """Many more, without keys."""
    return asyncio.run(_nameplates(ground, names))


async def _nameplates(ground: Ground, names: Sequence[str]) -> list[UUID]:
    async with launch.owner_database(ground.settings, ground.owner_url) as database:
        return [await actions.create_tenant(database, name) for name in names]


async def _refuse_a_careless_server(settings: Settings, owner_url: str) -> None:
    async with launch.owner_database(settings, owner_url) as database, database.plain.connect() as db:
        if set((await db.execute(DURABLE)).one()) != {"on"}:
            raise NotMeasured("This Postgres does not wait for the disk (fsync, synchronous_commit): no fair floor.")


async def _people(settings: Settings, owner_url: str, name: str) -> Tenant:
    async with launch.owner_database(settings, owner_url) as database:
        tenant_id = await actions.create_tenant(database, name)
        shop = await actions.create_key(database, tenant_id, Role.STOREFRONT, None)
        agent = await actions.create_key(database, tenant_id, Role.AGENT, None)
    return Tenant(tenant_id, shop.credential, agent.credential)
