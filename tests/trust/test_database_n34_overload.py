"""N34: with every connection taken the answer is an honest 503 in time, the process stays alive, and it recovers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from time import monotonic

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import QueuePool

from claims_api.access.scopes import Role
from claims_api.kit import database
from claims_api.kit.database import Database
from claims_api.kit.health import READY_WITHIN_SECONDS
from claims_api.kit.rate_limit import BUY_WITHIN_SECONDS
from tests.conftest import Ground, Tenant, client_of
from tests.support.app import create_test_app
from tests.support.backends import count_rows, states, until
from tests.support.problems import refused

PATH = "/v1/test-rows"
AT_ONCE = 20
HONEST_SECONDS = 1.5
POOL = 3
LONGEST_SECONDS = 60  # nothing here is waited for any longer
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@dataclass(frozen=True)
class Crowded:
    """A service of few connections, a client of a key it has met, and the means to take them all."""

    app: FastAPI
    client: httpx.AsyncClient
    stack: AsyncExitStack

    async def take(self, engine: AsyncEngine) -> list[AsyncConnection]:
        """Every connection the pool may open."""
        pool = engine.sync_engine.pool
        assert isinstance(pool, QueuePool)
        return [await self.stack.enter_async_context(engine.connect()) for _ in range(pool.size() + pool._max_overflow)]

    async def waiting(self, calls: int) -> list["asyncio.Task[httpx.Response]"]:
        """Requests that have begun, and stand in line."""
        begun = [asyncio.create_task(self.client.post(PATH, json={"word": "crowded"})) for _ in range(calls)]
        for _ in range(200):
            await asyncio.sleep(0)
        assert not [task for task in begun if task.done()]
        return begun


@pytest_asyncio.fixture(loop_scope="session")
async def crowded(ground: Ground, owner: Database, tenant: Tenant) -> AsyncIterator[Crowded]:
    settings = ground.settings.model_copy(update={"rate_limit": 6_000, "database_pool_size": POOL})
    made = create_test_app(settings)
    key = (await tenant.key(Role.STOREFRONT)).credential
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(made.router.lifespan_context(made))
        client = await stack.enter_async_context(client_of(made, {"Authorization": f"Bearer {key}"}))
        assert (await client.post(PATH, json={"word": "warm"})).status_code == 201
        yield Crowded(made, client, await stack.enter_async_context(AsyncExitStack()))


def assert_honest(answer: httpx.Response) -> None:
    refused(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json()["retryable"] is True


async def test_nobody_waits_who_needs_no_connection(crowded: Crowded, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = crowded.app.state.database.tenants.sync_engine.pool
    monkeypatch.setattr(pool, "_timeout", LONGEST_SECONDS)  # whoever stands in line stays there
    held = await crowded.take(crowded.app.state.database.tenants)
    begun = await crowded.waiting(AT_ONCE)

    for path in ("/healthz", "/metrics", "/problems/unavailable", "/readyz"):
        assert (await crowded.client.get(path)).status_code == 200
    still_waiting = [task for task in begun if not task.done()]
    await held[0].close()
    answers = await asyncio.gather(*begun)

    assert still_waiting == begun
    assert {answer.status_code for answer in answers} == {201}


@pytest.mark.parametrize("held", ["requests", "purchases and look-ups", "all"])
async def test_whatever_pool_is_taken_nobody_sees_a_fault(crowded: Crowded, held: str) -> None:
    opened: Database = crowded.app.state.database
    if held != "requests":
        await crowded.take(opened.plain)
    if held != "purchases and look-ups":
        await crowded.take(opened.tenants)

    begun = monotonic()
    answers = await asyncio.gather(*(crowded.client.post(PATH, json={"word": held}) for _ in range(AT_ONCE)))
    print(f"N34, {held} taken: {AT_ONCE} answers within {monotonic() - begun:.2f} s")
    alive, ready = await crowded.client.get("/healthz"), await crowded.client.get("/readyz")

    if held == "purchases and look-ups":
        assert {answer.status_code for answer in answers} == {201}, "the quota is no reason to refuse"
    else:
        for answer in answers:
            assert_honest(answer)
    assert (alive.status_code, ready.status_code) == (200, 200 if held == "requests" else 503)


async def test_who_stands_in_line_is_served_as_soon_as_there_is_room(crowded: Crowded, superuser: AsyncEngine) -> None:
    held = await crowded.take(crowded.app.state.database.tenants)
    before = await count_rows(superuser, "crowded")
    begun = await crowded.waiting(AT_ONCE)

    await held[0].close()
    answers = await asyncio.gather(*begun)

    assert {answer.status_code for answer in answers} == {201}
    assert await count_rows(superuser, "crowded") == before + AT_ONCE


async def test_after_a_crowd_everything_is_as_before(crowded: Crowded, superuser: AsyncEngine) -> None:
    opened: Database = crowded.app.state.database
    held = [*await crowded.take(opened.tenants), *await crowded.take(opened.plain)]
    before = await count_rows(superuser, "crowded")
    for answer in await asyncio.gather(*await crowded.waiting(AT_ONCE)):
        assert_honest(answer)

    for connection in held:
        await connection.close()
    after = [await crowded.client.post(PATH, json={"word": "roomy"}) for _ in range(POOL)]
    ready = await crowded.client.get("/readyz")

    assert [answer.status_code for answer in (*after, ready)] == [201] * POOL + [200]
    assert await count_rows(superuser, "crowded") == before, "who was refused left nothing behind"
    pool = opened.tenants.sync_engine.pool
    assert isinstance(pool, QueuePool)
    assert (pool.checkedout(), pool.size()) == (0, POOL)


@pytest.fixture
def patient_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for a lock waits for as long as it is held, however slow the machine."""
    for limit in ("lock_timeout", "statement_timeout"):
        monkeypatch.setitem(database.LIMITS, limit, f"{LONGEST_SECONDS}s")


@pytest.mark.usefixtures("patient_database")  # before the service is made
async def test_connections_that_are_busy_in_the_database_crowd_nobody_s_transaction(
    crowded: Crowded, superuser: AsyncEngine
) -> None:
    """Not merely checked out: each waits in Postgres for a lock."""
    async with superuser.begin() as db:
        await db.execute(text("LOCK TABLE test_rows IN ACCESS EXCLUSIVE MODE"))
        stuck = [asyncio.create_task(crowded.client.post(PATH, json={"word": "stuck"})) for _ in range(POOL)]
        pool = crowded.app.state.database.tenants.sync_engine.pool

        async def all_stuck() -> bool:
            async with superuser.connect() as db:
                return bool(pool.checkedout() == POOL == (await db.execute(WAITING)).scalar_one())

        await until(all_stuck)
        crowd = await asyncio.gather(*(crowded.client.post(PATH, json={"word": "crowd"}) for _ in range(AT_ONCE)))
    freed = await asyncio.gather(*stuck)

    for answer in crowd:
        assert_honest(answer)
    assert {answer.status_code for answer in freed} == {201}

    async def none_left_open() -> bool:
        return "idle in transaction" not in await states(superuser)

    await until(none_left_open)


def test_the_longest_anybody_waits_is_configured(crowded: Crowded) -> None:
    opened: Database = crowded.app.state.database
    for engine in (opened.tenants, opened.plain):
        pool = engine.sync_engine.pool
        assert isinstance(pool, QueuePool)
        assert pool.timeout() == database.POOL_TIMEOUT_SECONDS
    assert BUY_WITHIN_SECONDS + database.POOL_TIMEOUT_SECONDS <= HONEST_SECONDS
    assert READY_WITHIN_SECONDS <= HONEST_SECONDS
    assert database.LIMITS["statement_timeout"] == "5s", "who holds a connection gives it back"
