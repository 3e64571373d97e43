"""A real, migrated Postgres for every test that asks for one; the app always logs in as its own role."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from claims_api import launch
from claims_api.access import actions
from claims_api.access.scopes import DEFAULT_SCOPES, Role, Scope
from claims_api.kit import clock, database, embedded_postgres
from claims_api.kit.embedded_postgres import EmbeddedServer
from claims_api.kit.settings import Environment, Settings
from tests.support.app import TABLES, create_test_app
from tests.support.statements import watch_tenant_filters

BASE = "http://claims.test"
FULL_SIZE_SECONDS = 1800

# Both measure the machine and not the code: on a busy one they failed tests that were right.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full-size", action="store_true", help="run the experiments on trust at their full size")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """An experiment at its full size takes longer than a test may."""
    if config.getoption("--full-size"):
        for item in items:
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(FULL_SIZE_SECONDS))


@pytest.fixture(scope="session")
def full_size(pytestconfig: pytest.Config) -> bool:
    """Whether an experiment that is small by default runs at its full size."""
    return bool(pytestconfig.getoption("--full-size"))


@dataclass(frozen=True)
class Ground:
    """One fresh database: who owns it, and how the app logs in."""

    server: EmbeddedServer
    settings: Settings
    owner_url: str
    superuser_url: str


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    settings = Settings(environment=Environment.DEVELOPMENT)
    server = embedded_postgres.ensure_running(tmp_path_factory.mktemp("pg"), binaries=settings.postgres_bin)
    yield server
    server.release()


def lay_ground(server: EmbeddedServer, data_dir: Path) -> Ground:
    """A fresh, migrated database on a running server."""
    name = f"test_{uuid4().hex[:12]}"
    asyncio.run(embedded_postgres.prepare(server, name, owner=launch.OWNER, logins=(launch.LOGIN,)))
    owner_url = server.url(launch.OWNER, name)
    launch.migrate(owner_url)
    settings = Settings(
        environment=Environment.DEVELOPMENT,
        database_url=SecretStr(server.url(launch.LOGIN, name)),
        public_url=BASE,
        data_dir=data_dir,
        rate_limit=0,  # the tests of the limits switch them on
        rate_limit_token=0,
    )
    return Ground(server, settings, owner_url, server.url("postgres", name))


@pytest.fixture(scope="session")
def ground(postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return lay_ground(postgres, tmp_path_factory.mktemp("data"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def owner(ground: Ground) -> AsyncIterator[database.Database]:
    """The owner's connections: for migrations, keys and tampering only."""
    opened = database.connect(ground.owner_url, ground.settings)
    async with opened.plain.begin() as db:
        for statement in TABLES:
            await db.exec_driver_sql(statement)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def superuser(ground: Ground) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(ground.superuser_url)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def app(ground: Ground, owner: database.Database) -> AsyncIterator[FastAPI]:
    """The service with one more action, which stores a row of a table of its own."""
    made = create_test_app(ground.settings)
    async with made.router.lifespan_context(made):
        watch_tenant_filters(made.state.database.tenants)
        yield made


@dataclass(frozen=True)
class Tenant:
    """A tenant of one test, and clients for its roles."""

    app: FastAPI
    owner: database.Database
    id: UUID

    async def key(
        self, role: Role, scopes: frozenset[Scope] | None = None, partner: str | None = None
    ) -> actions.NewKey:
        return await actions.create_key(self.owner, self.id, role, scopes, partner=partner)

    async def client(
        self, role: Role, scopes: frozenset[Scope] | None = None, partner: str | None = None
    ) -> httpx.AsyncClient:
        made = await self.key(role, scopes, partner)
        headers = {"Authorization": f"Bearer {made.credential}"}
        if role is not Role.STOREFRONT:
            headers["Claims-Actor"] = f"{role}-1"
        return client_of(self.app, headers)


def client_of(app: FastAPI, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    """A client that talks ASGI; the app's own faults come back as answers, as a server would send them."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers)


@pytest_asyncio.fixture(loop_scope="session")
async def tenant(app: FastAPI, owner: database.Database) -> Tenant:
    return Tenant(app, owner, await actions.create_tenant(owner, "a brand"))


@pytest_asyncio.fixture(loop_scope="session")
async def other_tenant(app: FastAPI, owner: database.Database) -> Tenant:
    return Tenant(app, owner, await actions.create_tenant(owner, "another brand"))


@pytest_asyncio.fixture(loop_scope="session")
async def api(tenant: Tenant) -> AsyncIterator[httpx.AsyncClient]:
    """A storefront's client."""
    async with await tenant.client(Role.STOREFRONT, frozenset(DEFAULT_SCOPES[Role.STOREFRONT])) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def anonymous(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as client:
        yield client


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    """Whatever a test did to the clock ends with it."""
    yield
    clock.reset()
