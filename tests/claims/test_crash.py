"""N1: servers and workers are killed in the middle of whatever they do; nothing is lost, nothing is done twice."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from random import Random

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from claims_api.access import actions
from claims_api.kit import database
from claims_api.kit.database import Database
from tests.conftest import Ground
from tests.support.backends import until
from tests.support.feeds import empty_outbox, feed_of, worker_database, worker_process
from tests.support.lives import REQUESTS_OF_A_LIFE, Lives, Tally, events_of_life, headers_of_roles
from tests.support.processes import Service, environment, service
from tests.support.violations import nothing_is_violated

SEED = 1
LONGEST_SECONDS = 60  # nothing here is waited for any longer
RELAYED = text("SELECT coalesce(sum(position), 0) FROM feed_heads")


@pytest.fixture
async def looker(own_ground: Ground) -> AsyncIterator[AsyncEngine]:
    """Whoever sees all of it."""
    opened = database.connect(own_ground.superuser_url, own_ground.settings)
    yield opened.plain
    await opened.close()


@dataclass
class Targets:
    """A server that is asked, one that stands by, and two workers: killed one after the other, and replaced."""

    ground: Ground
    stack: ExitStack
    chance: Random
    server: Service
    standby: "asyncio.Task[Service]"
    workers: "list[subprocess.Popen[bytes]]"
    killed: int = 0

    @classmethod
    async def start(cls, ground: Ground, stack: ExitStack, chance: Random) -> "Targets":
        starting = [_start_server(ground, stack) for _ in range(2)]
        workers = [stack.enter_context(worker_process(ground)) for _ in range(2)]
        return cls(ground, stack, chance, await starting[0], starting[1], workers)

    async def a_moment(self) -> None:
        """Whatever is going on then."""
        await asyncio.sleep(self.chance.uniform(0, 0.02))

    async def kill_server(self, lives: Lives) -> None:
        """Everybody asks at once the one that stood by, while the dead one's transactions may still end."""
        self.server.process.kill()
        self.server = await self.standby
        lives.move_to(self.server.url)
        self.standby = _start_server(self.ground, self.stack)

    def kill_worker(self) -> None:
        victim = self.chance.randrange(len(self.workers))
        self.workers[victim].kill()
        self.workers[victim] = self.stack.enter_context(worker_process(self.ground))


def _start_server(ground: Ground, stack: ExitStack) -> "asyncio.Task[Service]":
    return asyncio.create_task(asyncio.to_thread(stack.enter_context, service(environment(ground.settings))))


async def relayed(looker: AsyncEngine) -> int:
    """How many events are in the feeds."""
    async with looker.connect() as db:
        return int((await db.execute(RELAYED)).scalar_one())


async def kill_both(targets: Targets, lives: Lives, looker: AsyncEngine, requests: int) -> None:
    """The server once a part of these requests is answered, a worker once the feed has grown."""
    answers = len(lives.answers) + targets.chance.randrange(1, requests // 2)
    events = await relayed(looker) + 1

    async def has_answered() -> bool:
        return len(lives.answers) >= answers

    async def has_relayed() -> bool:
        return await relayed(looker) >= events

    await until(has_answered, LONGEST_SECONDS)
    await targets.a_moment()
    await targets.kill_server(lives)
    await until(has_relayed, LONGEST_SECONDS)
    await targets.a_moment()
    targets.kill_worker()
    targets.killed += 1


async def play(ground: Ground, lives: Lives, looker: AsyncEngine, kills: int, count: int) -> int:
    """Lives in a round for each kill, and an undisturbed one; then some of them again. How often both were killed."""
    rounds = [range(count)[n :: kills + 1] for n in range(kills + 1)]
    with ExitStack() as stack:
        targets = await Targets.start(ground, stack, lives.chance)
        lives.move_to(targets.server.url)
        for numbers in rounds:
            await targets.standby  # so that nobody waits for it when the other one dies
            async with asyncio.TaskGroup() as group:
                for number in numbers:
                    group.create_task(lives.live(number))
                if numbers is not rounds[-1]:
                    requests = len(numbers) * REQUESTS_OF_A_LIFE
                    group.create_task(kill_both(targets, lives, looker, requests))
        for number in range(0, count, 5):
            await lives.live(number)
        return targets.killed


@pytest.mark.timeout(1800)  # at full size 44 processes start, on a busy machine
async def test_whoever_is_killed_no_request_is_lost_or_done_twice(
    own_ground: Ground, keeper: Database, looker: AsyncEngine, full_size: bool
) -> None:
    kills, requests = (20, 2_000) if full_size else (6, 200)
    count = requests // REQUESTS_OF_A_LIFE
    tenant_id = await actions.create_tenant(keeper, "killed at")
    headers = await headers_of_roles(keeper, tenant_id)
    async with AsyncExitStack() as stack:
        clients = {
            role: await stack.enter_async_context(httpx.AsyncClient(headers=sent, timeout=10))
            for role, sent in headers.items()
        }
        lives = Lives(clients, Random(SEED))  # noqa: S311 - to be repeatable

        killed = await play(own_ground, lives, looker, kills, count)

    tally = await lives.tally(keeper, tenant_id)
    await nothing_is_violated(own_ground)
    async with worker_database(own_ground) as worker:
        waiting = await empty_outbox(worker, tenant_id)
    await nothing_is_violated(own_ground)
    feed = await feed_of(looker, tenant_id)
    print(
        f"N1: server and worker killed {killed} times each during {len(lives.answers)} submissions and transitions, "
        f"{lives.doubled} doubled, {lives.broken_off} broken off, answers {dict(lives.statuses)}; lost "
        f"{len(tally.lost)}, done twice {len(tally.doubled)}; {len(feed)} events in the feed, {waiting} had waited"
    )
    assert len(lives.answers) == requests
    assert tally == Tally([], [], [])
    assert len(feed) == sum(events_of_life(number) for number in range(count))
    assert killed == kills
    assert lives.broken_off, "nobody was ever in the middle of something"
