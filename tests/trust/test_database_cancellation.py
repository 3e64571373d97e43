"""N12: clients that leave and requests that are cancelled at any moment leave no open transaction behind."""

import asyncio
import gc
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from claims_api.access.scopes import Role
from tests.conftest import Tenant
from tests.support.asgi import storing
from tests.support.backends import states, until

AT_ONCE = 40
PATIENT = 0.1  # of the requests are answered before they are cancelled
SEED = 20261122
LONGEST_SECONDS = 60  # nothing here is waited for any longer


@pytest.fixture
async def headers(tenant: Tenant) -> dict[str, str]:
    made = await tenant.key(Role.STOREFRONT)
    return {"Authorization": f"Bearer {made.credential}"}


@asynccontextmanager
async def rows_locked(superuser: AsyncEngine, locked: bool) -> AsyncIterator[None]:
    """Meanwhile nobody can store a row: every request waits inside the database."""
    async with superuser.begin() as db:
        await db.execute(text("LOCK TABLE test_rows IN EXCLUSIVE MODE" if locked else "SELECT 1"))
        yield


async def calm_seconds(app: FastAPI, headers: dict[str, str]) -> float:
    """How long this machine takes for as many requests at once, when nobody cancels."""
    began = monotonic()
    await asyncio.gather(*(storing("calm", headers).run(app) for _ in range(AT_ONCE)))
    return monotonic() - began


async def storm(app: FastAPI, headers: dict[str, str], requests: int, shared_keys: bool, longest: float) -> int:
    """Requests cancelled after a random time, 40 at once, some only once answered; returns how many were answered."""
    chance = random.Random(SEED)  # noqa: S311 - to be repeatable
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, seconds: float, breaks_off: bool) -> bool:
        key = f"storm-{number % 20 if shared_keys else number}"
        exchange = storing("storm", headers | {"Idempotency-Key": key})
        exchange.breaks_off = breaks_off
        async with slots:
            task = asyncio.create_task(exchange.run(app))
            await asyncio.wait([task], timeout=seconds)
            task.cancel()
            await asyncio.wait([task])
        return bool(exchange.statuses)

    stays = (LONGEST_SECONDS if chance.random() < PATIENT else chance.uniform(0, longest) for _ in range(requests))
    plans = [(number, seconds, chance.random() < 0.2) for number, seconds in enumerate(stays)]
    return sum(await asyncio.gather(*(one(*plan) for plan in plans)))


@pytest.mark.parametrize("shared_keys", [False, True], ids=["own keys", "shared keys"])
@pytest.mark.parametrize("locked", [False, True], ids=["free", "lock held"])
async def test_a_storm_of_cancelled_requests_leaves_nothing_open(
    app: FastAPI, headers: dict[str, str], superuser: AsyncEngine, locked: bool, shared_keys: bool, full_size: bool
) -> None:
    pool, requests = app.state.database.tenants.pool, 500 if full_size else 100
    await calm_seconds(app, headers)  # the first one opens the connections
    longest = await calm_seconds(app, headers)

    async with rows_locked(superuser, locked):
        answered = await storm(app, headers, requests, shared_keys, longest)
        gc.collect()  # a connection nobody gave back warns here, and a warning is an error

    async def quiet() -> bool:
        return set(await states(superuser)) <= {"idle"}

    await until(quiet, LONGEST_SECONDS)
    print(f"N12: {requests} requests cancelled within {longest:.2f} s, {answered} had been answered")
    assert 0 < answered < requests, "the storm hit neither before nor after"
    assert pool.checkedout() == 0
    assert pool.size() == app.state.settings.database_pool_size
    assert len(await states(superuser)) <= app.state.settings.database_pool_size + 2
    for key in ("storm-0", "storm-1", "a-new-one"):  # a key of the storm works as well as a new one
        after = storing("storm", headers | {"Idempotency-Key": key})
        await asyncio.wait_for(after.run(app), LONGEST_SECONDS)
        assert after.statuses == [201]


async def test_a_client_that_leaves_half_way_through_its_body_stores_nothing(
    app: FastAPI, headers: dict[str, str]
) -> None:
    exchange = storing("half", headers)
    exchange.breaks_off = True

    await exchange.run(app)

    assert exchange.sent == []


async def test_a_cancelled_request_gives_its_turn_to_the_next_one_with_the_same_key(
    app: FastAPI, headers: dict[str, str], superuser: AsyncEngine
) -> None:
    first, second = (storing("turns", headers | {"Idempotency-Key": "turns"}) for _ in range(2))
    await storing("warm", headers).run(app)

    async def working() -> bool:
        return "active" in await states(superuser)

    async with rows_locked(superuser, locked=True):
        works = asyncio.create_task(first.run(app))
        await until(working)
        waits = asyncio.create_task(second.run(app))
        await asyncio.wait([waits], timeout=0.1)
        works.cancel()
        await asyncio.wait([works])
    await waits

    assert (first.statuses, second.statuses) == ([], [201])
