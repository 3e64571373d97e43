"""The relay: brings committed events from the outbox to each tenant's feed, each exactly once and in order."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from prometheus_client import Counter, Gauge
from sqlalchemy.exc import DBAPIError

from claims_api.events import queries
from claims_api.events.queries import Moved
from claims_api.kit import clock, ids, logs
from claims_api.kit.database import NOBODY, Database
from claims_api.kit.retry import database_verdict

BATCH = 500
TENANTS_AT_ONCE = 1_000  # found by one look
REST_SECONDS = 30.0  # for a tenant whose events cannot be moved; the others go on
MEASURE_SECONDS = 5.0
COUNTED_AT_MOST = 100_000

moved_events = Counter("claims_feed_events_total", "Events that reached a tenant's feed.")
failures = Counter("claims_feed_failures_total", "Tenants whose waiting events could not be moved, by try.")
lag = Gauge("claims_feed_lag_seconds", "Age of the oldest event that the last round brought to a feed, 0 for none.")
depth = Gauge("claims_feed_waiting_events", f"Events that wait for the feed; {COUNTED_AT_MOST} and more are one.")
drained_at = Gauge("claims_feed_drained_timestamp_seconds", "When a round last left nothing waiting that it found.")


@dataclass
class Round:
    """One turn of every tenant that had something waiting."""

    moved: int = 0
    unfinished: int = 0  # tenants with more than a batch, with another relay, or failed
    lag_seconds: float = 0.0


async def relay_tenant(database: Database, tenant_id: UUID, batch: int = BATCH) -> Moved | None:
    """Brings up to `batch` events to the tenant's feed; None when another relay has this tenant."""
    async with database.transaction(tenant_id) as db:
        return await queries.move(db, tenant_id, batch)


class Relay:
    """One relay's rounds. It remembers which tenants failed, so that they hold up neither the others nor the logs.

    Any number of relays may run at once: a tenant is one relay's at a time.
    """

    def __init__(self, database: Database, stop: asyncio.Event | None = None, batch: int = BATCH) -> None:
        """`stop`: once it is set, a round ends after the batch it is at."""
        self._database, self._batch = database, batch
        self._stop = stop or asyncio.Event()
        self._resting: dict[UUID, float] = {}
        self._measured_at: float | None = None

    async def round(self) -> Round:
        """One batch for each tenant with something waiting: nobody's backlog delays the others.

        Raises: what `database_verdict` knows, when the database is away; nothing is lost.
        """
        done = Round()
        async for tenant_id in self._waiting():
            if self._stop.is_set():
                done.unfinished += 1
                break
            await self._turn(tenant_id, done)
        lag.set(done.lag_seconds)
        if not done.unfinished:
            drained_at.set(clock.now().timestamp())
        await self._measure()
        return done

    async def _waiting(self) -> AsyncIterator[UUID]:
        """Every tenant with something waiting, but those that rest."""
        after = NOBODY
        while True:
            async with self._database.plain.connect() as db:
                found = await queries.waiting_tenants(db, after, TENANTS_AT_ONCE)
            for tenant_id in found:
                yield tenant_id
            if len(found) < TENANTS_AT_ONCE:
                return
            after = found[-1]

    async def _turn(self, tenant_id: UUID, done: Round) -> None:
        if clock.monotonic_seconds() < self._resting.get(tenant_id, 0.0):
            done.unfinished += 1
            return
        try:
            moved = await relay_tenant(self._database, tenant_id, self._batch)
        except DBAPIError as error:
            if database_verdict(error) is not None:  # the database is away or busy: for all tenants
                raise
            self._let_rest(tenant_id, error)
            moved = None
        if moved is None:
            done.unfinished += 1
            return
        self._resting.pop(tenant_id, None)
        done.moved += moved.count
        done.unfinished += moved.count >= self._batch
        moved_events.inc(moved.count)
        if moved.oldest_at is not None:
            waited = (clock.now() - moved.oldest_at).total_seconds()
            done.lag_seconds = max(done.lag_seconds, waited)

    def _let_rest(self, tenant_id: UUID, error: DBAPIError) -> None:
        self._resting[tenant_id] = clock.monotonic_seconds() + REST_SECONDS
        failures.inc()
        logs.say("relay_failed", tenant=ids.encode("ten", tenant_id), rests_seconds=REST_SECONDS)
        logs.fault(error)

    async def _measure(self) -> None:
        if self._measured_at is not None and clock.monotonic_seconds() < self._measured_at + MEASURE_SECONDS:
            return
        async with self._database.plain.connect() as db:
            depth.set(await queries.waiting_events(db, COUNTED_AT_MOST))
        self._measured_at = clock.monotonic_seconds()
