"""N40: the next migration: today's code runs on its schema, and while it waits for a lock the service goes on."""

import asyncio
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from claims_api.kit.database import metadata
from claims_api.kit.embedded_postgres import EmbeddedServer
from tests.conftest import Ground, lay_ground
from tests.support.backends import until
from tests.support.catalogue import ask
from tests.support.claims import PATHS
from tests.support.feeds import empty_outbox, read_to_the_end, worker_database
from tests.support.migrations import INVALID, at_work, imagine_next, live, revisions
from tests.support.processes import environment, run

WALL = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"
EXPANDED = (
    *(f"ALTER TABLE {table} ADD COLUMN imagined text" for table in metadata.tables),
    *(f"ALTER TABLE {table} ADD COLUMN imagined_too text NOT NULL DEFAULT 'x'" for table in metadata.tables),
    "ALTER TABLE claims ADD CONSTRAINT ck_imagined CHECK (imagined <> 'y') NOT VALID",
    "CREATE INDEX ix_imagined ON claims (tenant_id, imagined)",
    "CREATE TABLE imagined (tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id))",
    "ALTER TABLE imagined ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE imagined FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY tenant_wall ON imagined USING ({WALL}) WITH CHECK ({WALL})",
    "GRANT SELECT, INSERT ON imagined TO claims_app",
)
"""Everything a migration may add while the release before is still at work."""

REVISION = "SELECT version_num FROM alembic_version"
WAITS = """
    SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database AND d.datname = current_database()
    WHERE NOT granted AND mode = 'AccessExclusiveLock' AND relation = 'claims'::regclass"""
TWO_AT_IT = """
    SELECT count(*) = 2 FROM pg_stat_activity WHERE datname = current_database() AND usename = 'claims_owner'
    AND (query LIKE 'CREATE INDEX%' OR query LIKE '%advisory%' OR query LIKE 'COMMIT%')"""


@pytest.fixture
async def ground(postgres: EmbeddedServer, tmp_path: Path) -> Ground:
    return await asyncio.to_thread(lay_ground, postgres, tmp_path)


async def test_todays_code_does_all_its_work_on_a_schema_that_is_one_revision_newer(
    ground: Ground, tmp_path: Path
) -> None:
    next_one = imagine_next(tmp_path, ground.owner_url, EXPANDED)
    await asyncio.to_thread(command.upgrade, next_one, "head")

    async with at_work(ground) as team, worker_database(ground) as worker:
        shop = await team.of("storefront")
        claims = await live(team)
        shown = [(await team.read({"id": claim}))["status"] for claim in claims]
        fed = await empty_outbox(worker, team.tenant.id)
        events, _ = await read_to_the_end(await team.of("agent"))
        ready = await shop.get("/readyz")

    assert shown == [*PATHS, "under_review"]
    assert len(events) == fed > len(claims)
    assert ready.status_code == 200
    assert await asyncio.to_thread(ask, ground.owner_url, REVISION) > [(revisions()[0],)]


async def test_a_migration_that_does_not_get_its_lock_gives_up_and_the_service_goes_on(
    ground: Ground, tmp_path: Path
) -> None:
    next_one = imagine_next(tmp_path, ground.owner_url, ("ALTER TABLE claims ADD COLUMN imagined text",))
    superuser = create_async_engine(ground.superuser_url, poolclass=NullPool)

    async with at_work(ground) as team:
        claim = await team.file()
        async with superuser.begin() as long_reader:
            await long_reader.execute(text("LOCK TABLE claims IN ACCESS SHARE MODE"))
            migrating = asyncio.create_task(asyncio.to_thread(command.upgrade, next_one, "head"))
            await until(lambda: holds(superuser, WAITS))
            # All of them wait behind the migration, which stands before them in the queue for the table.
            behind = await asyncio.gather(team.read(claim), team.file(), team.file())
            with pytest.raises(DBAPIError, match="lock timeout"):
                await migrating
            at = await asyncio.to_thread(ask, ground.owner_url, REVISION)
        await asyncio.to_thread(command.upgrade, next_one, "head")
        after = [await team.read(filed) for filed in (*behind, await team.file())]

    assert at == [(revisions()[0],)]
    assert [one["status"] for one in after] == ["submitted"] * 4
    assert await asyncio.to_thread(ask, ground.owner_url, REVISION) > at


def index_of(seconds: int) -> tuple[str, ...]:
    """How docs/migrations.md has an index built on a filled table."""
    return (
        f"SET lock_timeout = '{seconds}s'",
        "DROP INDEX CONCURRENTLY IF EXISTS ix_imagined",
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_imagined ON claims (tenant_id, region)",
    )


async def test_an_index_whose_build_was_broken_off_is_built_anew_by_the_next_try(
    ground: Ground, tmp_path: Path
) -> None:
    next_one = imagine_next(tmp_path, ground.owner_url, index_of(seconds=1), in_transaction=False)
    superuser = create_async_engine(ground.superuser_url, poolclass=NullPool)

    async with superuser.begin() as writer:
        await writer.execute(text("LOCK TABLE claims IN ROW EXCLUSIVE MODE"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            await asyncio.to_thread(command.upgrade, next_one, "head")
        left = await asyncio.to_thread(ask, ground.owner_url, INVALID)
    await asyncio.to_thread(command.upgrade, next_one, "head")

    assert left == [("ix_imagined",)]
    assert await asyncio.to_thread(ask, ground.owner_url, INVALID) == []
    assert await asyncio.to_thread(ask, ground.owner_url, REVISION) > [(revisions()[0],)]


async def test_who_waits_for_a_turn_to_migrate_does_not_stop_the_one_who_builds_an_index(
    ground: Ground, tmp_path: Path
) -> None:
    imagine_next(tmp_path, ground.owner_url, index_of(seconds=30), in_transaction=False)
    migrate = partial(run, "tests.support.migrations", ground.owner_url, str(tmp_path), env=environment(None))
    superuser = create_async_engine(ground.superuser_url, poolclass=NullPool)

    async with superuser.begin() as writer:
        await writer.execute(text("LOCK TABLE claims IN ROW EXCLUSIVE MODE"))
        first = asyncio.create_task(asyncio.to_thread(migrate))
        await until(lambda: holds(superuser, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"), seconds=30)
        second = asyncio.create_task(asyncio.to_thread(migrate))
        await until(lambda: holds(superuser, TWO_AT_IT), seconds=30)
    ended = await asyncio.gather(first, second)

    assert [one.returncode for one in ended] == [0, 0], [one.stderr for one in ended]
    assert await asyncio.to_thread(ask, ground.owner_url, INVALID) == []


async def holds(superuser: AsyncEngine, question: str) -> bool:
    async with superuser.connect() as db:
        return bool((await db.execute(text(question))).scalar_one())
