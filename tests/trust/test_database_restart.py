"""N5: Postgres dies under load, again and again; nothing acknowledged is lost, nothing done twice, no 500 is seen."""

import asyncio
import os
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from claims_api.access import actions
from claims_api.access.scopes import Role
from claims_api.kit import database
from claims_api.kit.embedded_postgres import EmbeddedServer, ensure_running
from claims_api.kit.settings import Settings
from tests.conftest import Ground, client_of, lay_ground
from tests.support.app import TABLES, create_test_app
from tests.support.backends import until

ROUNDS, WRITERS, ROWS_PER_ROUND = 3, 8, 120
DOWN_SECONDS, BACK_SECONDS = 0.5, 2.0


@dataclass
class Restarts:
    """A server of this test's own, and every hold on it."""

    home: Path
    held: list[EmbeddedServer]

    def stop_at_once(self) -> None:
        """As `pg_ctl stop -m immediate`: no goodbye to anybody."""
        pid = int((self.held[-1].data_dir / "cluster" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)

    def start(self) -> None:
        self.held.append(ensure_running(self.home))

    def release(self) -> None:
        for server in self.held:
            server.release()


@dataclass
class Record:
    """What the clients saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    stored: dict[str, str] = field(default_factory=dict)  # word -> the id that was acknowledged
    faults: list[str] = field(default_factory=list)
    alive: Counter[int] = field(default_factory=Counter)


@pytest.fixture
def restarts() -> Iterator[Restarts]:
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    home.chmod(0o755)
    made = Restarts(home / "d", [])
    made.start()
    yield made
    made.release()


@pytest.fixture
def own_ground(restarts: Restarts) -> Ground:
    return lay_ground(restarts.held[0], restarts.home)


async def make_key(ground: Ground) -> dict[str, str]:
    owner = database.connect(ground.owner_url, ground.settings)
    async with owner.plain.begin() as db:
        for statement in TABLES:
            await db.exec_driver_sql(statement)
    tenant_id = await actions.create_tenant(owner, "restarted")
    made = await actions.create_key(owner, tenant_id, Role.STOREFRONT, None)
    await owner.close()
    return {"Authorization": f"Bearer {made.credential}"}


def note(record: Record, answer: httpx.Response, word: str) -> bool:
    """Whether the row is acknowledged; anything but 201 and an honest 503 is a fault."""
    record.statuses[answer.status_code] += 1
    if answer.status_code == 201:
        row = answer.json()["id"]
        if record.stored.setdefault(word, row) != row:
            record.faults.append(f"{word} has two ids")
        return True
    if answer.status_code != 503 or "Retry-After" not in answer.headers or answer.json().get("retryable") is not True:
        record.faults.append(f"{answer.status_code} {answer.text}")
    return False


async def write(client: httpx.AsyncClient, writer: int, record: Record, done: asyncio.Event) -> None:
    """Row after row, each with its own key, sent again until it is acknowledged, and some of them once more."""
    number = 0
    while not done.is_set():
        word = f"w{writer}-{number}"
        headers = {"Idempotency-Key": word}
        is_stored = note(record, await client.post("/v1/test-rows", json={"word": word}, headers=headers), word)
        if not is_stored:
            await asyncio.sleep(0.05)  # a client's pause
        elif number % 5 == 0:
            note(record, await client.post("/v1/test-rows", json={"word": word}, headers=headers), word)
        number += is_stored


async def watch(client: httpx.AsyncClient, record: Record, done: asyncio.Event) -> None:
    while not done.is_set():
        record.alive[(await client.get("/healthz")).status_code] += 1
        await asyncio.sleep(0.02)  # a probe's pace


async def one_round(restarts: Restarts, client: httpx.AsyncClient, record: Record, rows: int) -> tuple[float, float]:
    """Down, seen to be down, up, seen to be up; seconds until readiness and until the first row afterwards."""

    async def enough() -> bool:
        return len(record.stored) >= rows

    async def is_ready() -> bool:
        answer = await client.get("/readyz")
        record.faults += [answer.text] if answer.status_code not in (200, 503) else []
        return answer.status_code == 200

    async def is_not_ready() -> bool:
        return not await is_ready()

    await until(enough, 20)
    restarts.stop_at_once()
    await until(is_not_ready, 2)
    await asyncio.sleep(DOWN_SECONDS)  # how long it is away, not a wait for something
    before = len(record.stored)
    await asyncio.to_thread(restarts.start)
    began = monotonic()
    await until(is_ready, BACK_SECONDS)
    ready = monotonic() - began

    async def writes() -> bool:
        return len(record.stored) > before

    await until(writes, BACK_SECONDS)
    return ready, monotonic() - began


async def rows_in(url: str) -> Counter[tuple[str, str]]:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as db:
        found = await db.execute(text("SELECT word, id::text FROM test_rows"))
        return Counter((row.word, row.id) for row in found)


async def play(restarts: Restarts, app: FastAPI, headers: dict[str, str]) -> tuple[Record, list[tuple[float, float]]]:
    record, done = Record(), asyncio.Event()
    async with client_of(app, headers) as client:
        tasks = [asyncio.create_task(write(client, number, record, done)) for number in range(WRITERS)]
        tasks.append(asyncio.create_task(watch(client, record, done)))
        try:
            back = [await one_round(restarts, client, record, (n + 1) * ROWS_PER_ROUND) for n in range(ROUNDS)]
        finally:
            done.set()
            await asyncio.wait(tasks, timeout=10)
        for task in tasks:
            with suppress(asyncio.CancelledError):
                task.result()
    return record, back


async def test_restarts_of_postgres_under_load_lose_nothing_double_nothing_and_answer_only_2xx_and_503(
    restarts: Restarts, own_ground: Ground
) -> None:
    headers = await make_key(own_ground)
    settings: Settings = own_ground.settings
    app = create_test_app(settings)

    async with app.router.lifespan_context(app):
        record, back = await play(restarts, app, headers)
    stored = await rows_in(own_ground.superuser_url)

    words = Counter(word for word, _ in stored.elements())
    lost = set(record.stored) - set(words)
    doubled = {word for word, count in words.items() if count > 1}
    print(
        f"{ROUNDS} rounds, {sum(record.statuses.values())} answers {dict(record.statuses)}, {len(record.stored)} rows "
        f"acknowledged, {len(lost)} lost, {len(doubled)} doubled; ready and writing again after "
        f"{[(round(ready, 2), round(writing, 2)) for ready, writing in back]} s"
    )
    assert record.faults == []
    assert (lost, doubled) == (set(), set())
    assert set(record.statuses) == {201, 503}
    assert set(record.alive) == {200}
