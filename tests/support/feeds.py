"""The feed in tests: who fills it, who writes what it shows, and who reads it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID, uuid4

import httpx
from pydantic import SecretStr
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from claims_api import launch
from claims_api.events.tables import events, outbox
from claims_api.events.work import relay_tenant
from claims_api.kit import clock, database, ids
from claims_api.kit.database import Database
from claims_api.kit.retry import Verdict, database_verdict
from claims_api.kit.settings import Settings
from tests.conftest import Ground
from tests.support.processes import ROOT, environment

Place = tuple[UUID, int]  # a stream and the seq in it
LAST_SEQ = text("SELECT coalesce(max(seq), 0) FROM events WHERE tenant_id = :tenant AND stream_id = :stream")
HOLD_STREAM = text("SELECT pg_advisory_xact_lock(hashtextextended(:stream, 0))")
FEED = text("SELECT position, stream_id, seq FROM feed WHERE tenant_id = :tenant ORDER BY position")
LOG = text("SELECT stream_id, seq FROM events WHERE tenant_id = :tenant")


def worker_settings(ground: Ground) -> Settings:
    """The settings of a worker on this ground: its own login, beside the service's."""
    assert ground.settings.database_url is not None
    url = ground.settings.database_url.get_secret_value().replace(f"{launch.LOGIN}@", f"{launch.WORKER_LOGIN}@")
    return ground.settings.model_copy(update={"database_url_worker": SecretStr(url), "worker_poll_seconds": 0.05})


def worker_url(ground: Ground) -> str:
    url = worker_settings(ground).database_url_worker
    assert url is not None
    return url.get_secret_value()


@contextmanager
def worker_process(ground: Ground) -> Iterator["subprocess.Popen[bytes]"]:
    """`claims-api worker`, not waited for; killed in the end if it still runs."""
    given = {"CLAIMS_DATABASE_URL_WORKER": worker_url(ground), "CLAIMS_WORKER_POLL_SECONDS": "0.05"}
    command = [sys.executable, "-m", "claims_api", "worker"]
    env = environment(ground.settings, CLAIMS_LOG_LEVEL="WARNING", **given)
    with subprocess.Popen(command, env=env, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


@asynccontextmanager
async def worker_database(ground: Ground) -> AsyncIterator[Database]:
    """The worker's connections."""
    opened = database.connect(worker_url(ground), ground.settings)
    try:
        yield opened
    finally:
        await opened.close()


async def empty_outbox(worker: Database, tenant_id: UUID) -> int:
    """Relays until nothing of this tenant waits; how many events that were."""
    moved = 0
    while (batch := await relay_tenant(worker, tenant_id)) is None or batch.count:
        moved += batch.count if batch else 0
    return moved


async def append(db: AsyncConnection, tenant_id: UUID, stream: UUID, count: int = 1) -> list[Place]:
    """The next events of a stream, as a claim's transaction stores them: the stream is held until it ends."""
    await db.execute(HOLD_STREAM, {"stream": str(stream)})
    last: int = (await db.execute(LAST_SEQ, {"tenant": tenant_id, "stream": stream})).scalar_one()
    made = [(stream, last + n) for n in range(1, count + 1)]
    now = clock.now()
    same = {"tenant_id": tenant_id, "type": "claim.assigned", "occurred_at": now, "recorded_at": now} | {
        "actor_kind": "agent", "actor_ref": None, "data": {}, "prev_hash": "0" * 64, "hash": "0" * 64
    }  # fmt: skip
    rows = [same | {"stream_id": stream, "seq": seq, "id": ids.new_uuid()} for stream, seq in made]
    await db.execute(insert(events), rows)
    await db.execute(insert(outbox), [{"tenant_id": tenant_id, "stream_id": s, "seq": seq} for s, seq in made])
    return made


@dataclass
class Writers:
    """Who keep appending to the same few streams, now slowly, now fast, and now and then think better of it."""

    app: Database
    tenant_id: UUID
    chance: Random
    streams: list[UUID] = field(default_factory=lambda: [uuid4() for _ in range(12)])
    committed: set[Place] = field(default_factory=set)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, transactions: int) -> None:
        for _ in range(transactions):
            if self.enough.is_set():
                return
            made: list[Place] = []
            try:
                async with self.app.transaction(self.tenant_id) as db:
                    for stream in sorted(self.chance.sample(self.streams, self.chance.choice((1, 1, 2)))):
                        made += await append(db, self.tenant_id, stream, self.chance.randint(1, 3))
                        await asyncio.sleep(self.chance.expovariate(200))  # a transaction's own time
                    if self.chance.random() < 0.2:
                        raise BetterNot
            except BetterNot:
                continue
            except DBAPIError as error:  # waited too long for a stream: rolled back too
                if database_verdict(error) is not Verdict.LOCKED:
                    raise
                continue
            self.committed.update(made)

    async def all(self, writers: int, transactions: int) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(writers):
                group.create_task(self.write(transactions))


class BetterNot(Exception):
    """A transaction that is rolled back."""


async def feed_of(superuser: AsyncEngine, tenant_id: UUID) -> list[tuple[int, Place]]:
    """What stands in a tenant's feed, by position."""
    async with superuser.connect() as db:
        found = await db.execute(FEED, {"tenant": tenant_id})
        return [(row.position, (row.stream_id, row.seq)) for row in found]


async def log_of(superuser: AsyncEngine, tenant_id: UUID) -> set[Place]:
    """What stands in its log."""
    async with superuser.connect() as db:
        return {(row.stream_id, row.seq) for row in await db.execute(LOG, {"tenant": tenant_id})}


def faults_of_order(seen: Sequence[Place]) -> list[Place]:
    """Events that come before an earlier one of their stream, after a gap, or again."""
    last: dict[UUID, int] = {}
    faults = []
    for stream, seq in seen:
        if seq != last.get(stream, 0) + 1:
            faults.append((stream, seq))
        last[stream] = seq
    return faults


async def page(client: httpx.AsyncClient, **query: str) -> dict[str, Any]:
    """A page of the feed over HTTP."""
    answer = await client.get("/v1/events", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def place_of(shown: dict[str, Any]) -> Place:
    """Which event an entry of a page is."""
    stream = ids.decode("clm", shown["claim_id"])
    assert stream is not None
    return stream, shown["seq"]


async def read_to_the_end(client: httpx.AsyncClient, after: str | None = None) -> tuple[list[dict[str, Any]], str]:
    """Everything from a cursor on, and the cursor to go on from later."""
    seen: list[dict[str, Any]] = []
    while True:
        got = await page(client, limit="7", **({"after": after} if after else {}))
        seen += got["data"]
        cursor: str = got["next_cursor"]
        if cursor == after:
            return seen, cursor
        after = cursor
