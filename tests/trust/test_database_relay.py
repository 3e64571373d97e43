"""N51: whatever happens to writers and relays, every committed event is in the feed once, in order, without a gap."""

import asyncio
import gc
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from claims_api import worker as background
from claims_api.access import actions
from claims_api.access.scopes import Role
from claims_api.events.work import Relay
from claims_api.kit import database, ids
from claims_api.kit.database import Database
from tests.conftest import Ground, Tenant
from tests.support.backends import until
from tests.support.feeds import (
    Place,
    Writers,
    append,
    empty_outbox,
    faults_of_order,
    feed_of,
    log_of,
    page,
    place_of,
    worker_database,
    worker_settings,
    worker_url,
)
from tests.support.log_lines import log_lines
from tests.support.processes import ROOT, environment
from tests.support.restarts import Restarts

WRITERS, RELAYS, BATCH, SEED = 8, 4, 7, 51
DRAINED_SECONDS = 10.0


@pytest.fixture
async def worker(ground: Ground) -> AsyncIterator[Database]:
    async with worker_database(ground) as opened:
        yield opened


async def relay_on(worker: Database) -> None:
    relay = Relay(worker, batch=BATCH)
    while True:
        done = await relay.round()
        await asyncio.sleep(0 if done.moved else 0.002)  # an idle relay's pause


async def kill_tasks(worker: Database, chance: Random, kills: int) -> None:
    """RELAYS relays at any time; one after the other is cancelled wherever it is, and another one starts."""
    relays = [asyncio.create_task(relay_on(worker)) for _ in range(RELAYS)]
    for _ in range(kills):
        await asyncio.sleep(chance.uniform(0.001, 0.03))  # how long they live, not a wait for something
        victim = chance.randrange(RELAYS)
        relays[victim].cancel()
        await asyncio.wait((relays[victim],))
        relays[victim] = asyncio.create_task(relay_on(worker))
    for relay in relays:
        relay.cancel()
    await asyncio.wait(relays)
    gc.collect()  # what was cancelled while it connected, while its warning is expected


async def read_on(client: httpx.AsyncClient, seen: list[Place], enough: asyncio.Event) -> None:
    """A reader that only ever goes on from the cursor it got last."""
    after: dict[str, str] = {}
    while True:
        is_last = enough.is_set()
        got = await page(client, limit="9", **after)
        seen += [place_of(event) for event in got["data"]]
        if after.get("after") == got["next_cursor"]:
            if is_last:
                return
            await asyncio.sleep(0.01)  # a client's pause
        after = {"after": got["next_cursor"]}


async def assert_whole(superuser: AsyncEngine, writers: Writers, seen: list[Place]) -> int:
    """The feed is the log, each event once, in order and without a gap, and is what the reader saw; its length."""
    feed = await feed_of(superuser, writers.tenant_id)
    placed = [place for _, place in feed]
    assert [position for position, _ in feed] == list(range(1, len(feed) + 1))
    assert len(placed) == len(set(placed))
    assert set(placed) == writers.committed == await log_of(superuser, writers.tenant_id)
    assert faults_of_order(placed) == []
    assert seen == placed
    return len(feed)


# asyncpg leaves a connection to the collector whose caller was cancelled while it was being opened
@pytest.mark.filterwarnings("ignore:.*Connection.__del__:pytest.PytestUnraisableExceptionWarning")
async def test_relays_cancelled_anywhere_lose_double_and_reorder_nothing(
    app: FastAPI, tenant: Tenant, worker: Database, superuser: AsyncEngine, full_size: bool
) -> None:
    chance, enough, seen = Random(SEED), asyncio.Event(), list[Place]()  # noqa: S311 - repeatable, not secret
    kills, transactions = (400, 300) if full_size else (60, 40)
    writers = Writers(app.state.database, tenant.id, chance)

    async with await tenant.client(Role.AGENT) as client, asyncio.TaskGroup() as group:
        group.create_task(read_on(client, seen, enough))
        async with asyncio.TaskGroup() as busy:
            busy.create_task(writers.all(WRITERS, transactions))
            busy.create_task(kill_tasks(worker, chance, kills))
        async with asyncio.timeout(DRAINED_SECONDS):
            await empty_outbox(worker, tenant.id)
        enough.set()

    count = await assert_whole(superuser, writers, seen)
    print(f"{count} events, {kills} of {RELAYS} relays cancelled")
    assert count > transactions


@asynccontextmanager
async def processes(ground: Ground, count: int) -> AsyncIterator[list["subprocess.Popen[bytes]"]]:
    """`claims-api worker`, `count` times; whatever runs in the end is killed."""
    running = [start(ground) for _ in range(count)]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()


def start(ground: Ground) -> "subprocess.Popen[bytes]":
    given = {"CLAIMS_DATABASE_URL_WORKER": worker_url(ground), "CLAIMS_WORKER_POLL_SECONDS": "0.05"}
    command = [sys.executable, "-m", "claims_api", "worker"]
    env = environment(ground.settings, CLAIMS_LOG_LEVEL="WARNING", **given)
    return subprocess.Popen(command, env=env, cwd=ROOT, stderr=subprocess.DEVNULL)


HEAD_OF = text("SELECT position FROM feed_heads WHERE tenant_id = :tenant")


async def kill_processes(
    running: list["subprocess.Popen[bytes]"], ground: Ground, superuser: AsyncEngine, tenant: Tenant, kills: int
) -> None:
    """Kills one after the other while the feed grows, each at a moment of its own, and starts another one."""
    chance = Random(SEED)  # noqa: S311 - repeatable, not secret

    async def head() -> int:
        async with superuser.connect() as db:
            return int((await db.execute(HEAD_OF, {"tenant": tenant.id})).scalar_one())

    for number in range(kills):
        before = await head()

        async def has_grown(at: int = before) -> bool:
            return await head() > at

        await until(has_grown, 20)
        await asyncio.sleep(chance.uniform(0, 0.05))  # wherever it is then
        victim = number % len(running)
        running[victim].kill()
        running[victim].wait()
        running[victim] = start(ground)


@pytest.mark.timeout(300)
async def test_workers_killed_outright_lose_double_and_reorder_nothing(
    ground: Ground, app: FastAPI, tenant: Tenant, worker: Database, superuser: AsyncEngine, full_size: bool
) -> None:
    chance, enough, seen = Random(SEED), asyncio.Event(), list[Place]()  # noqa: S311 - repeatable, not secret
    count, kills = (4, 25) if full_size else (2, 3)
    writers = Writers(app.state.database, tenant.id, chance)

    async with await tenant.client(Role.AGENT) as client, asyncio.TaskGroup() as group:
        group.create_task(read_on(client, seen, enough))
        async with processes(ground, count) as running, asyncio.TaskGroup() as busy:
            busy.create_task(writers.all(WRITERS, 100_000))
            await kill_processes(running, ground, superuser, tenant, kills)
            writers.enough.set()
        async with asyncio.timeout(DRAINED_SECONDS):
            await empty_outbox(worker, tenant.id)
        enough.set()

    written = await assert_whole(superuser, writers, seen)
    print(f"{written} events, {kills} of {count} workers killed")


async def test_an_event_committed_late_is_not_missed_by_a_reader_who_went_past_it(
    app: FastAPI, tenant: Tenant, worker: Database
) -> None:
    late, early = sorted((ids.new_uuid(), ids.new_uuid()))
    async with await tenant.client(Role.AGENT) as client:
        async with app.state.database.transaction(tenant.id) as slow:
            await append(slow, tenant.id, late)
            async with app.state.database.transaction(tenant.id) as fast:
                await append(fast, tenant.id, early)
            await empty_outbox(worker, tenant.id)
            before = await page(client)
        await empty_outbox(worker, tenant.id)
        after = await page(client, after=before["next_cursor"])

    assert [place_of(event) for event in before["data"]] == [(early, 1)]
    assert [place_of(event) for event in after["data"]] == [(late, 1)]


async def test_a_worker_outlives_restarts_of_postgres(restarts: Restarts, own_ground: Ground) -> None:
    owner = database.connect(own_ground.owner_url, own_ground.settings)
    tenant_id = await actions.create_tenant(owner, "restarted")
    await owner.close()
    url = own_ground.settings.database_url
    assert url is not None
    stream, superuser = ids.new_uuid(), database.connect(own_ground.superuser_url, own_ground.settings).plain

    async def write_and_see(count: int) -> None:
        app = database.connect(url.get_secret_value(), own_ground.settings)
        async with app.transaction(tenant_id) as db:
            await append(db, tenant_id, stream, 3)
        await app.close()

        async def is_there() -> bool:
            return len(await feed_of(superuser, tenant_id)) == count

        await until(is_there, 10)

    with log_lines() as told:
        async with background.beside(worker_settings(own_ground)):
            await write_and_see(3)
            for count in (6, 9):
                restarts.stop_at_once()
                await asyncio.sleep(0.3)  # how long it is away, not a wait for something
                await asyncio.to_thread(restarts.start)
                await write_and_see(count)
    feed = await feed_of(superuser, tenant_id)
    await superuser.dispose()

    assert feed == [(n, (stream, n)) for n in range(1, 10)]
    assert [line["event"] for line in told if line["event"].startswith("database")] == [
        "database_refused", "database_back", "database_refused", "database_back",
    ]  # fmt: skip
