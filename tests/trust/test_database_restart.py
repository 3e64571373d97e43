"""N5: Postgres dies under load, again and again; nothing acknowledged is lost, nothing done twice, no 500 is seen."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random
from time import monotonic

import httpx
import pytest

from claims_api.access import actions
from claims_api.kit import database
from claims_api.main import create_app
from tests.conftest import Ground, client_of
from tests.support.backends import until
from tests.support.lives import Lives, Tally, headers_of_roles
from tests.support.restarts import Restarts
from tests.support.violations import nothing_is_violated

WRITERS, REQUESTS_PER_ROUND, SEED = 8, 60, 5
DOWN_SECONDS = 0.5
LONGEST_SECONDS = 60  # nothing here is waited for any longer


@dataclass
class Probes:
    """What liveness and readiness said, and how long it took."""

    client: httpx.AsyncClient
    alive: Counter[int] = field(default_factory=Counter)
    ready: Counter[int] = field(default_factory=Counter)
    longest_seconds: float = 0.0

    async def watch(self, done: asyncio.Event) -> None:
        while not done.is_set():
            began = monotonic()
            self.alive[(await self.client.get("/healthz")).status_code] += 1
            self.longest_seconds = max(self.longest_seconds, monotonic() - began)
            await asyncio.sleep(0.02)  # a probe's pace

    async def is_ready(self) -> bool:
        answer = await self.client.get("/readyz")
        self.ready[answer.status_code] += 1
        return answer.status_code == 200

    async def is_not_ready(self) -> bool:
        return not await self.is_ready()


async def write(lives: Lives, numbers: Iterator[int], done: asyncio.Event) -> None:
    """Life after life; the last one is lived to its end."""
    while not done.is_set():
        await lives.live(next(numbers))


async def one_round(restarts: Restarts, lives: Lives, probes: Probes) -> tuple[float, float]:
    """Down, seen to be down, up, seen to be up; seconds until readiness and until the first success afterwards."""
    enough = len(lives.answers) + REQUESTS_PER_ROUND

    async def has_written() -> bool:
        return len(lives.answers) >= enough

    await until(has_written, LONGEST_SECONDS)
    restarts.stop_at_once()
    await until(probes.is_not_ready, LONGEST_SECONDS)
    await asyncio.sleep(DOWN_SECONDS)  # how long it is away, not a wait for something
    before = len(lives.answers)

    async def writes() -> bool:
        return len(lives.answers) > before

    await asyncio.to_thread(restarts.start)
    began = monotonic()
    await until(probes.is_ready, LONGEST_SECONDS)
    ready = monotonic() - began
    await until(writes, LONGEST_SECONDS)
    return ready, monotonic() - began


async def play(restarts: Restarts, lives: Lives, probes: Probes, rounds: int) -> list[tuple[float, float]]:
    """So many deaths under WRITERS writers; then some of their lives once more, which changes nothing."""
    done, numbers = asyncio.Event(), itertools.count()
    async with asyncio.TaskGroup() as group:
        group.create_task(probes.watch(done))
        for _ in range(WRITERS):
            group.create_task(write(lives, numbers, done))
        back = [await one_round(restarts, lives, probes) for _ in range(rounds)]
        done.set()
    for number in range(0, next(numbers), 5):
        await lives.live(number)
    return back


@pytest.mark.timeout(900)
async def test_restarts_of_postgres_under_load_lose_nothing_double_nothing_and_answer_only_2xx_and_503(
    restarts: Restarts, own_ground: Ground, full_size: bool
) -> None:
    rounds = 10 if full_size else 3
    owner = database.connect(own_ground.owner_url, own_ground.settings)
    tenant_id = await actions.create_tenant(owner, "restarted")
    headers = await headers_of_roles(owner, tenant_id)
    await owner.close()  # until it is needed again: these connections would not outlive the server
    app = create_app(own_ground.settings)
    async with app.router.lifespan_context(app), AsyncExitStack() as stack:
        clients = {role: await stack.enter_async_context(client_of(app, sent)) for role, sent in headers.items()}
        lives = Lives(clients, Random(SEED))  # noqa: S311 - to be repeatable
        probes = Probes(await stack.enter_async_context(client_of(app)))

        back = await play(restarts, lives, probes, rounds)

    tally = await lives.tally(owner, tenant_id)
    await nothing_is_violated(own_ground)
    await owner.close()
    print(
        f"N5: Postgres stopped {rounds} times under {WRITERS} writers, answers {dict(lives.statuses)}, "
        f"{len(lives.answers)} requests acknowledged, {len(tally.lost)} lost, {len(tally.doubled)} done twice; "
        f"liveness within {probes.longest_seconds:.3f} s; ready and writing again after "
        f"{[(round(ready, 2), round(writing, 2)) for ready, writing in back]} s"
    )
    assert tally == Tally([], [], [])
    assert {status for status in lives.statuses if status >= 500} == {503}
    assert set(probes.alive) == {200}
    assert set(probes.ready) == {200, 503}
