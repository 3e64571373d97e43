"""N51: whatever happens to writers and relays, every committed event is in the feed once, in order, without a gap."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Any

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
    worker_process,
    worker_settings,
)
from tests.support.log_lines import log_lines
from tests.support.restarts import Restarts

WRITERS, RELAYS, BATCH, SEED = 8, 4, 7, 51
PAGE = "9"
LONGEST_SECONDS, STARTED_SECONDS = 60, 300  # nothing is waited for any longer, the start of four processes included
HEAD_OF = text("SELECT position FROM feed_heads WHERE tenant_id = :tenant")


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


@dataclass
class Reader:
    """Reads the feed over HTTP while it grows, and only ever goes on from the cursor it got last."""

    seen: list[Place] = field(default_factory=list)
    pages: list[tuple[dict[str, str], list[dict[str, Any]]]] = field(default_factory=list)

    async def read_on(self, client: httpx.AsyncClient, enough: asyncio.Event) -> None:
        after: dict[str, str] = {}
        while True:
            is_last = enough.is_set()
            got = await page(client, limit=PAGE, **after)
            self.seen += [place_of(event) for event in got["data"]]
            self.pages.append((after, got["data"]))
            if after.get("after") == got["next_cursor"]:
                if is_last:
                    return
                await asyncio.sleep(0.01)  # a client's pause
            after = {"after": got["next_cursor"]}

    async def read_again(self, client: httpx.AsyncClient) -> None:
        """A page never changes: what it had is still there, and only at its end something may have come."""
        for after, before in self.pages:
            assert (await page(client, limit=PAGE, **after))["data"][: len(before)] == before


async def drained(worker: Database, tenant: Tenant) -> int:
    """How many events still waited, once they do not."""
    async with asyncio.timeout(LONGEST_SECONDS):
        return await empty_outbox(worker, tenant.id)


async def assert_whole(superuser: AsyncEngine, writers: Writers, reader: Reader) -> int:
    """The feed is the log, each event once, in order and without a gap, and is what the reader saw; its length."""
    feed = await feed_of(superuser, writers.tenant_id)
    placed = [place for _, place in feed]
    assert [position for position, _ in feed] == list(range(1, len(feed) + 1))
    assert len(placed) == len(set(placed))
    assert set(placed) == writers.committed == await log_of(superuser, writers.tenant_id)
    assert faults_of_order(placed) == []
    assert reader.seen == placed
    return len(feed)


# asyncpg leaves a connection to the collector whose caller was cancelled while it was being opened
@pytest.mark.filterwarnings("ignore:.*Connection.__del__:pytest.PytestUnraisableExceptionWarning")
async def test_relays_cancelled_anywhere_lose_double_and_reorder_nothing(
    app: FastAPI, tenant: Tenant, worker: Database, superuser: AsyncEngine, full_size: bool
) -> None:
    chance, enough, reader = Random(SEED), asyncio.Event(), Reader()  # noqa: S311 - repeatable, not secret
    kills, transactions = (400, 300) if full_size else (60, 40)
    writers = Writers(app.state.database, tenant.id, chance)

    with log_lines() as told:
        async with await tenant.client(Role.AGENT) as client, asyncio.TaskGroup() as group:
            group.create_task(reader.read_on(client, enough))
            async with asyncio.TaskGroup() as busy:
                busy.create_task(writers.all(WRITERS, transactions))
                busy.create_task(kill_tasks(worker, chance, kills))
            await drained(worker, tenant)
            enough.set()

    count = await assert_whole(superuser, writers, reader)
    assert [line for line in told if line["event"] == "relay_failed"] == [], "relays got into each other's way"
    print(f"N51: {count} events, one of {RELAYS} relays cancelled {kills} times")
    assert count > transactions


async def kill_processes(ground: Ground, superuser: AsyncEngine, writers: Writers, kills: int, events: int) -> None:
    """RELAYS workers; one of them is killed each time the feed has grown, and another one starts. The writers go on
    until there are so many events."""
    chance = Random(SEED)  # noqa: S311 - repeatable, not secret

    async def head() -> int:
        async with superuser.connect() as db:
            return int((await db.execute(HEAD_OF, {"tenant": writers.tenant_id})).scalar_one())

    async def is_enough() -> bool:
        return len(writers.committed) >= events

    with ExitStack() as stack:
        running = [stack.enter_context(worker_process(ground)) for _ in range(RELAYS)]
        for number in range(kills):
            before = await head()

            async def has_grown(at: int = before) -> bool:
                assert [process.poll() for process in running] == [None] * RELAYS, "a worker ended by itself"
                return await head() > at

            await until(has_grown, STARTED_SECONDS)
            await asyncio.sleep(chance.uniform(0, 0.05))  # wherever it is then
            victim = number % RELAYS if number < RELAYS else chance.randrange(RELAYS)  # each once, then anyone
            running[victim].kill()
            running[victim] = stack.enter_context(worker_process(ground))
        await until(is_enough, LONGEST_SECONDS)
        writers.enough.set()


@pytest.mark.timeout(1800)
async def test_workers_killed_outright_lose_double_and_reorder_nothing(
    ground: Ground, app: FastAPI, tenant: Tenant, worker: Database, superuser: AsyncEngine, full_size: bool
) -> None:
    chance, enough, reader = Random(SEED), asyncio.Event(), Reader()  # noqa: S311 - repeatable, not secret
    kills, events = (25, 2_000) if full_size else (4, 200)
    writers = Writers(app.state.database, tenant.id, chance)

    async with await tenant.client(Role.AGENT) as client:
        async with asyncio.TaskGroup() as group:
            group.create_task(reader.read_on(client, enough))
            async with asyncio.TaskGroup() as busy:
                busy.create_task(writers.all(WRITERS, 100_000))
                busy.create_task(kill_processes(ground, superuser, writers, kills, events))
            waiting = await drained(worker, tenant)
            enough.set()
        await reader.read_again(client)

    written = await assert_whole(superuser, writers, reader)
    print(
        f"N51: {written} events of {WRITERS} writers, one of {RELAYS} workers killed {kills} times, {waiting} events "
        f"waited in the end; {len(reader.pages)} pages read, each the same when it was read again"
    )
    assert written >= events


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

        await until(is_there, LONGEST_SECONDS)

    with log_lines() as told:
        async with background.beside(worker_settings(own_ground)):
            await write_and_see(3)
            for count in (6, 12):
                restarts.stop_at_once()
                await asyncio.sleep(0.3)  # how long it is away, not a wait for something
                await asyncio.to_thread(restarts.start)
                await write_and_see(count)
                await write_and_see(count + 3)  # in a later round: the one before it came to its end, and said so
    feed = await feed_of(superuser, tenant_id)
    await superuser.dispose()

    assert feed == [(n, (stream, n)) for n in range(1, 16)]
    outages = [line["event"] for line in told if line["event"].startswith("database")]
    times, rest = divmod(len(outages), 2)
    assert outages == ["database_refused", "database_back"] * times, "each outage is told once, and its end"
    # A round with nothing to move may find the database back before an old connection finds out that it is dead.
    assert (times >= 2, rest) == (True, 0)
