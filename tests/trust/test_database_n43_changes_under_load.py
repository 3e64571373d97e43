"""N43: tables change their columns and indexes under load, and no caller notices: cached plans are made anew."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from claims_api.kit import ids, metrics
from claims_api.kit.embedded_postgres import EmbeddedServer
from claims_api.kit.retry import Verdict
from tests.conftest import lay_ground
from tests.support.backends import until
from tests.support.catalogue import ask
from tests.support.claims import Team, kettle, key
from tests.support.migrations import at_work

ROUNDS = 20
WRITERS, READERS = 4, 4
CALLS_BETWEEN = 6  # answered between two changes, so that plans are cached when the next one comes
NEW_TYPES = (  # no plan that returns the column can be kept: "cached plan must not change result type"
    "ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar(200)",
    "ALTER TABLE {table} ALTER COLUMN {column} TYPE text",
)
CHANGES = (
    "ALTER TABLE {table} ADD COLUMN imagined text",
    "CREATE INDEX ix_imagined ON {table} (tenant_id, imagined)",
    "ALTER TABLE {table} DROP COLUMN imagined",  # and its index
    *NEW_TYPES,
)
TABLES = {"claims": "assignee", "claim_lines": "sku", "events": "actor_ref", "idempotency_keys": "etag"}
STORED = """
    SELECT c.id, c.status, c.version, (SELECT count(*) FROM events e WHERE e.stream_id = c.id),
        (SELECT count(*) FROM outbox o WHERE o.stream_id = c.id) FROM claims c"""


@dataclass
class Load:
    """Who files, steps and reads claims without a pause, and what they are answered."""

    team: Team
    filed: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def call(self, client: httpx.AsyncClient, method: str, path: str, **more: Any) -> httpx.Response:
        answer = await client.request(method, path, **more)
        self.answers[answer.status_code] += 1
        assert answer.status_code < 300, answer.text
        return answer

    async def write(self) -> None:
        shop, agent = await self.team.of("storefront"), await self.team.of("agent")
        while not self.enough.is_set():
            claim = (await self.call(shop, "POST", "/v1/claims", json=kettle(), headers=key())).json()["id"]
            self.filed.add(claim)
            step = {"transition": "start_review"}
            await self.call(agent, "POST", f"/v1/claims/{claim}/transitions", json=step, headers=key())

    async def read(self) -> None:
        agent = await self.team.of("agent")
        while not self.enough.is_set():
            listed = (await self.call(agent, "GET", "/v1/claims", params={"limit": "5"})).json()["data"]
            for claim in listed:
                await self.call(agent, "GET", f"/v1/claims/{claim['id']}")
                await self.call(agent, "GET", f"/v1/claims/{claim['id']}/events")

    async def answered(self, more: int) -> None:
        """Returns when so many more calls have been answered."""
        target = self.answers.total() + more

        async def reached() -> bool:
            return self.answers.total() >= target

        await until(reached, seconds=30)


async def change(engine: AsyncEngine, statement: str) -> None:
    """As a migration does it: it waits for its lock for so long, and tries again another time."""
    async with engine.begin() as db:
        await db.execute(text("SET LOCAL lock_timeout = '2s'"))
        await db.execute(text(statement))


def listen(engine: AsyncEngine) -> list[tuple[int, str]]:
    """Each error of the driver from here on, with the connection it came from."""
    met: list[tuple[int, str]] = []

    @event.listens_for(engine.sync_engine, "handle_error")
    def note(context: ExceptionContext) -> None:
        assert context.connection is not None
        met.append((id(context.connection.connection.driver_connection), type(context.original_exception).__name__))

    return met


def refusals() -> dict[Verdict, float]:
    return {verdict: metrics.database_refusals.labels(verdict)._value.get() for verdict in Verdict}


async def change_everything(load: Load, owner: AsyncEngine) -> None:
    for number in range(ROUNDS):
        table, column = list(TABLES.items())[number % len(TABLES)]
        for statement in CHANGES:
            await load.answered(CALLS_BETWEEN)
            await change(owner, statement.format(table=table, column=column))
    await load.answered(CALLS_BETWEEN)
    load.enough.set()


async def test_changes_of_the_schema_under_load_cost_a_connection_one_retry_and_a_caller_nothing(
    postgres: EmbeddedServer, tmp_path: Path
) -> None:
    ground = await asyncio.to_thread(lay_ground, postgres, tmp_path)
    owner = create_async_engine(ground.owner_url, pool_size=1)

    async with at_work(ground) as team:
        load, before = Load(team), refusals()
        met = listen(team.tenant.app.state.database.tenants)
        async with asyncio.TaskGroup() as group:
            for _ in range(WRITERS):
                group.create_task(load.write())
            for _ in range(READERS):
                group.create_task(load.read())
            group.create_task(change_everything(load, owner))
    await owner.dispose()

    retried = {verdict: count - before[verdict] for verdict, count in refusals().items()}
    of_one_connection = Counter(connection for connection, _ in met).most_common(1)[0][1]
    calls, filed = load.answers.total(), len(load.filed)
    print(f"\n{ROUNDS * len(CHANGES)} changes, {calls} calls: {dict(load.answers)}, {filed} claims filed and there;")
    print(f"{len(met)} plans made anew by a retry, {of_one_connection} on one connection at most")
    assert set(load.answers) == {200, 201}
    assert {error for _, error in met} == {"InvalidCachedStatementError"}
    assert of_one_connection <= ROUNDS * len(NEW_TYPES), "a connection lost more than one plan to a change"
    assert retried == {Verdict.RETRY: len(met), Verdict.BUSY: 0, Verdict.LOCKED: 0}
    stored = {row[0]: row[1:] for row in await asyncio.to_thread(ask, ground.superuser_url, STORED)}
    assert stored == {ids.decode("clm", claim): ("under_review", 2, 2, 2) for claim in load.filed}
