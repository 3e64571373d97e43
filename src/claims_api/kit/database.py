"""Connections and transactions. The only place that commits; one transaction is one tenant."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

import asyncpg
from pydantic_core import from_json
from sqlalchemy import Connection, Engine, MetaData, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from claims_api.kit.settings import Pooler, Settings

POOL_TIMEOUT_SECONDS = 1
NOBODY = UUID(int=0)
LIMITS = {"statement_timeout": "5s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "10s"}

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


class UnsafeDatabaseRole(Exception):
    """The login could walk around row-level security, or the tenant does not reach the database: refuse to start."""


class TenantConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    """Opens each transaction together with its tenant: one round trip, and no prepared statement per tenant.

    The tenant is the connection's, not the task's: BEGIN leaves late, when the task may be at another tenant's work.
    """

    tenant_id: UUID | None = None  # without one, row-level security shows nothing

    async def execute(self, query: str, *args: object, timeout: float | None = None) -> str:  # noqa: ASYNC109 - asyncpg's own signature
        # "BEGIN;" is what asyncpg's own transactions send; the self-check at start proves it
        if query == "BEGIN;" and self.tenant_id is not None:
            query = f"BEGIN; SET LOCAL app.tenant_id = '{self.tenant_id}'"
        result: str = await super().execute(query, *args, timeout=timeout)
        return result


@dataclass(frozen=True)
class Database:
    """Two pools: `tenants` opens transactions of one tenant each, `plain` serves look-ups that know none (health)."""

    tenants: AsyncEngine
    plain: AsyncEngine

    @asynccontextmanager
    async def transaction(self, tenant_id: UUID) -> AsyncIterator[AsyncConnection]:
        """Return means commit, raise means roll back. BEGIN leaves with the first statement, not before.

        `AsyncEngine.begin` does the same in five switches to SQLAlchemy's side and a task; these two cost half of it.
        """
        opened = await greenlet_spawn(_begin, self.tenants.sync_engine, tenant_id)
        try:
            yield AsyncConnection(self.tenants, opened)
        except BaseException:
            # Whoever is cancelled may be cancelled again meanwhile: the connection goes back all the same.
            await asyncio.shield(asyncio.ensure_future(greenlet_spawn(_give_back, opened)))
            raise
        await greenlet_spawn(_commit, opened)

    async def close(self) -> None:
        await self.tenants.dispose()
        await self.plain.dispose()


def plain(value: object) -> str:
    """A value JSON has no form for, as Postgres reads it from a JSON document.

    Raises: TypeError for a value of any other kind.
    """
    match value:
        case UUID():
            return str(value)
        case date():  # and an instant, which is one
            return value.isoformat()
        case bytes():
            return f"\\x{value.hex()}"
    raise TypeError(f"{type(value).__name__} has no place in a document")


_from_json = partial(from_json, cache_strings="keys")  # half the time of the standard library's
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=plain).encode


def _begin(engine: Engine, tenant_id: UUID) -> Connection:
    opened = engine.connect()
    _driver_of(opened).tenant_id = tenant_id
    opened.begin()
    return opened


def _commit(opened: Connection) -> None:
    try:
        opened.commit()
    finally:
        _give_back(opened)


def _give_back(opened: Connection) -> None:
    """Rolls back what is not committed."""
    driver = None if opened.invalidated else _driver_of(opened)
    try:
        opened.close()
    finally:
        if driver is not None:
            driver.tenant_id = None


def _driver_of(opened: Connection) -> TenantConnection:
    driver = opened.connection.driver_connection
    assert isinstance(driver, TenantConnection)  # noqa: S101 - the engine makes no others
    return driver


def connect(url: str, settings: Settings) -> Database:
    """Makes the engines; nothing is opened yet. Bound values never enter exception texts (`hide_parameters`)."""
    arguments: dict[str, object] = {"timeout": 5, "server_settings": {"application_name": "claims_api"} | LIMITS}
    if settings.database_pooler is Pooler.TRANSACTION:  # a pooler keeps no session settings: set LIMITS on the login
        arguments |= {"statement_cache_size": 0, "server_settings": {"application_name": "claims_api"}}
    tenants = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=settings.database_pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        json_serializer=_as_json,
        json_deserializer=_from_json,
        connect_args=arguments | {"connection_class": TenantConnection},
    )
    plain = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=1,
        max_overflow=1,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_pre_ping=True,  # a connection that died while nobody used it is no reason to be unready
        connect_args=arguments,
    )
    return Database(tenants, plain)


ROLE_POWERS = text("""
    SELECT (rolsuper OR rolbypassrls) AS is_above_policies,
           EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
                     AND pg_has_role(current_user, c.relowner, 'USAGE')) AS owns_tables
    FROM pg_roles WHERE rolname = current_user""")


async def check_role(database: Database, setting: str = "CLAIMS_DATABASE_URL", group: str = "claims_app") -> None:
    """Proves at start that row-level security binds this login and that the tenant travels with BEGIN.

    `setting` names the login, and `group` is what it should be a member of.

    Raises:
        UnsafeDatabaseRole: with the way out.
    """
    async with database.plain.connect() as db:
        powers = (await db.execute(ROLE_POWERS)).one()
    if powers.is_above_policies or powers.owns_tables:
        raise UnsafeDatabaseRole(
            f"{setting} logs in as a superuser, a role with BYPASSRLS or the owner of the tables: row-level "
            f"security would not hold. Use a login that is only a member of {group}, and keep the owner for "
            "CLAIMS_DATABASE_URL_DIRECT (migrations)."
        )
    async with database.transaction(NOBODY) as db:
        seen = (await db.execute(text("SELECT current_setting('app.tenant_id', true)"))).scalar_one()
    if seen != str(NOBODY):
        raise UnsafeDatabaseRole("The tenant does not reach the database with BEGIN: this asyncpg is not one we know.")
