"""A service whose database lacks a migration does not start and is not ready; a newer database is fine."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import text

from claims_api import launch
from claims_api.kit import database, embedded_postgres, schema
from claims_api.kit.embedded_postgres import EmbeddedServer
from claims_api.kit.schema import SchemaBehind
from claims_api.main import create_app
from tests.conftest import Ground, client_of, lay_ground
from tests.support.log_lines import log_lines
from tests.support.problems import refused
from tests.support.processes import environment, run, service

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def migrated(postgres: EmbeddedServer, tmp_path: Path) -> Ground:
    """A migrated database of one test's own."""
    return await asyncio.to_thread(lay_ground, postgres, tmp_path)


@pytest.fixture
async def owner_of_it(migrated: Ground) -> AsyncIterator[database.Database]:
    opened = database.connect(migrated.owner_url, migrated.settings)
    yield opened
    await opened.close()


async def put_at(owner: database.Database, revision: str) -> None:
    async with owner.plain.begin() as db:
        await db.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": revision})


def test_the_code_needs_the_newest_migration_there_is() -> None:
    scripts = ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini")))
    revisions = [script.revision for script in scripts.walk_revisions()]

    assert scripts.get_current_head() == schema.NEEDED
    assert revisions == sorted(revisions, reverse=True)
    assert all(revision.isdigit() and len(revision) == 4 for revision in revisions)


def assert_refused(env: dict[str, str], *words: str) -> None:
    """A process of its own ends with one sentence; one that served on instead would never end in here."""
    done = run("claims_api", "serve", env=env | {"CLAIMS_PORT": "0"})

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    for word in (f"lacks migration {schema.NEEDED}", "claims-api migrate", *words):
        assert word in done.stderr


def test_a_database_that_was_never_migrated_is_refused_in_a_sentence(postgres: EmbeddedServer) -> None:
    name = f"test_{uuid4().hex[:12]}"
    asyncio.run(embedded_postgres.prepare(postgres, name, owner=launch.OWNER, logins=(launch.LOGIN,)))
    url = postgres.url(launch.LOGIN, name)

    assert_refused(environment(None, CLAIMS_ENVIRONMENT="development", CLAIMS_DATABASE_URL=url), "shows none")


@pytest.mark.parametrize("at", ["base", "0002"])
def test_a_database_that_is_behind_is_refused_in_a_sentence(postgres: EmbeddedServer, tmp_path: Path, at: str) -> None:
    ground = lay_ground(postgres, tmp_path)
    launch.migrate(ground.owner_url, "base")
    if at != "base":
        launch.migrate(ground.owner_url, at)

    assert_refused(environment(ground.settings))


async def test_a_server_of_any_kind_is_refused_when_the_database_is_behind(
    migrated: Ground, owner_of_it: database.Database
) -> None:
    await put_at(owner_of_it, "0002")
    made = create_app(migrated.settings)

    with pytest.raises(SchemaBehind, match=f"lacks migration {schema.NEEDED}, which this code needs: it is at 0002"):
        await made.router.lifespan_context(made).__aenter__()


@pytest.mark.parametrize("at", ["9999", "b0a1"])
async def test_a_newer_or_unknown_schema_is_logged_and_served(
    migrated: Ground, owner_of_it: database.Database, at: str
) -> None:
    await put_at(owner_of_it, at)
    made = create_app(migrated.settings)

    with log_lines() as lines:
        async with made.router.lifespan_context(made), client_of(made) as client:
            ready = await client.get("/readyz")

    assert ready.status_code == 200
    told = [line for line in lines if line["event"] == "schema_newer"]
    assert [(line["at_revision"], line["needed"]) for line in told] == [(at, schema.NEEDED)]


async def test_a_service_is_not_ready_while_a_migration_is_missing(
    migrated: Ground, owner_of_it: database.Database
) -> None:
    made = create_app(migrated.settings)

    async with made.router.lifespan_context(made), client_of(made) as client:
        before = await client.get("/readyz")
        await put_at(owner_of_it, "0002")
        refused(await client.get("/readyz"), 503, "unavailable")
        await put_at(owner_of_it, schema.NEEDED)
        after = await client.get("/readyz")

    assert (before.status_code, after.status_code) == (200, 200)


def test_a_login_outside_of_claims_app_is_refused_and_told_why(postgres: EmbeddedServer, tmp_path: Path) -> None:
    ground = lay_ground(postgres, tmp_path)
    url = ground.superuser_url.replace("postgres@", "outsider@")
    outsider = ground.settings.model_copy(update={"database_url": SecretStr(url)})

    async def make_login() -> None:
        opened = database.connect(ground.superuser_url, ground.settings)
        async with opened.plain.begin() as db:
            await db.execute(text("CREATE ROLE outsider LOGIN"))
        await opened.close()

    asyncio.run(make_login())
    assert_refused(environment(outsider), "member of claims_app")


def test_a_real_process_serves_a_migrated_database(postgres: EmbeddedServer, tmp_path: Path) -> None:
    with service(environment(lay_ground(postgres, tmp_path).settings)) as running:
        code = running.end()

    assert code == 0
