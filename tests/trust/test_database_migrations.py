"""N40: the schema goes up, down and up again, is what the code says, and two who migrate at once do no harm."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from claims_api import launch
from claims_api.kit import embedded_postgres
from claims_api.kit.embedded_postgres import EmbeddedServer
from tests.conftest import Ground, lay_ground
from tests.support.catalogue import ask
from tests.support.migrations import INVALID, differences
from tests.support.processes import environment, run

SHAPE = """
    SELECT 'column', table_name, column_name, data_type, is_nullable FROM information_schema.columns
        WHERE table_schema = 'public'
    UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '' FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index', tablename, indexname, indexdef, '' FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'policy', tablename, policyname, qual, with_check FROM pg_policies WHERE schemaname = 'public'
    UNION ALL SELECT 'right', relname, relacl::text, relrowsecurity::text, relforcerowsecurity::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"""


@pytest.fixture
def fresh(postgres: EmbeddedServer, tmp_path: Path) -> Ground:
    return lay_ground(postgres, tmp_path)


@pytest.fixture
def empty(postgres: EmbeddedServer) -> str:
    """A database nobody migrated yet; its name."""
    name = f"test_{uuid4().hex[:12]}"
    asyncio.run(embedded_postgres.prepare(postgres, name, owner=launch.OWNER, logins=(launch.LOGIN,)))
    return name


def test_the_migrated_schema_is_what_the_code_says(fresh: Ground) -> None:
    assert asyncio.run(differences(fresh.owner_url)) == []
    assert ask(fresh.owner_url, INVALID) == []


def test_down_to_nothing_and_up_again_gives_the_same_schema(fresh: Ground) -> None:
    before = ask(fresh.superuser_url, SHAPE)
    launch.migrate(fresh.owner_url, "base")
    left = {row[1] for row in ask(fresh.superuser_url, SHAPE)}
    launch.migrate(fresh.owner_url)

    assert left == {"alembic_version"}
    assert ask(fresh.superuser_url, SHAPE) == before


def test_migrating_again_changes_nothing(fresh: Ground) -> None:
    before = ask(fresh.superuser_url, SHAPE)

    launch.migrate(fresh.owner_url)

    assert ask(fresh.superuser_url, SHAPE) == before


def test_two_processes_that_migrate_at_once_both_succeed(postgres: EmbeddedServer, empty: str) -> None:
    owner, login = postgres.url(launch.OWNER, empty), postgres.url(launch.LOGIN, empty)
    given = {"CLAIMS_DATABASE_URL": login, "CLAIMS_DATABASE_URL_DIRECT": owner, "CLAIMS_ENVIRONMENT": "development"}
    env = environment(None, **given)

    with ThreadPoolExecutor(2) as both:
        ended = list(both.map(lambda _: run("claims_api", "migrate", env=env), range(2)))

    assert [one.returncode for one in ended] == [0, 0], [one.stderr for one in ended]
    assert ask(owner, "SELECT count(*) FROM alembic_version") == [(1,)]
    assert asyncio.run(differences(owner)) == []


def test_two_in_one_process_one_after_the_other_wait_for_their_turn(postgres: EmbeddedServer, empty: str) -> None:
    owner = postgres.url(launch.OWNER, empty)

    async def hold_and_migrate() -> bool:
        engine = create_async_engine(owner, poolclass=NullPool)
        async with engine.connect() as db:
            await db.execute(text(f"SELECT pg_advisory_lock({0x636C61696D73})"))
            migrating = asyncio.create_task(asyncio.to_thread(launch.migrate, owner))
            done, _ = await asyncio.wait([migrating], timeout=0.5)
        await migrating
        return not done

    assert asyncio.run(hold_and_migrate())
    assert asyncio.run(differences(owner)) == []


def test_the_services_login_cannot_migrate(postgres: EmbeddedServer, empty: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        launch.migrate(postgres.url(launch.LOGIN, empty))

    assert ask(postgres.url("postgres", empty), SHAPE) == []


def test_without_the_owners_url_it_says_what_to_set() -> None:
    with pytest.raises(launch.NotMigratable, match="CLAIMS_DATABASE_URL_DIRECT"):
        launch.migrate(None)
