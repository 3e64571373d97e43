"""What the service does by itself, beside requests: today the relay that fills the feed."""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import asyncpg
import prometheus_client
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from claims_api.events.work import Relay, Round
from claims_api.kit import clock, database, logs, schema
from claims_api.kit.database import Database, UnsafeDatabaseRole
from claims_api.kit.retry import database_verdict
from claims_api.kit.settings import Settings, UnsafeSettings

CONNECTIONS = 2
SHORTEST_PAUSE_SECONDS = 0.02
AWAY_PAUSES_SECONDS = (0.1, 5.0)  # the first and the longest
STOP_SECONDS = 0.7
FRUITLESS_ROUNDS = 50  # of `drain`, each after a tenth of a second
FAULTS = (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
GROUP = "claims_worker"
T = TypeVar("T")
IS_WORKER = text("SELECT pg_has_role(current_user, :group, 'USAGE')")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The worker's own connections, proved to be no more than that.

    Raises:
        UnsafeSettings, UnsafeDatabaseRole, SchemaBehind, or the driver's error.
    """
    url = settings.database_url_worker
    if url is None:
        raise UnsafeSettings(
            f"Set CLAIMS_DATABASE_URL_WORKER to the worker's own login, a member of {GROUP} and of nothing else."
        )
    made = database.connect(url.get_secret_value(), settings.model_copy(update={"database_pool_size": CONNECTIONS}))
    try:
        await database.check_role(made, "CLAIMS_DATABASE_URL_WORKER", GROUP)
        await schema.check(made)
        async with made.plain.connect() as db:
            is_worker = (await db.execute(IS_WORKER, {"group": GROUP})).scalar_one()
        if not is_worker:
            raise UnsafeDatabaseRole(f"CLAIMS_DATABASE_URL_WORKER logs in as a role that is no member of {GROUP}.")
        yield made
    finally:
        with suppress(TimeoutError):  # a database that does not answer must not keep us from ending
            async with asyncio.timeout(STOP_SECONDS):
                await made.close()


async def run(settings: Settings) -> None:
    """Works until SIGTERM or SIGINT, and ends within a second of it."""
    stop = _stop_on_signals()
    _start_clock(settings)
    async with opened(settings) as made:
        if settings.worker_metrics_port is not None:
            prometheus_client.start_http_server(settings.worker_metrics_port, settings.host)
        logs.say("worker_started")
        await _until(stop, _rounds(Relay(made, stop), settings.worker_poll_seconds, stop))
    logs.say("worker_stopped")


async def drain(settings: Settings) -> bool:
    """Brings to the feed what waits, and ends; False when something of it could not be moved."""
    stop = _stop_on_signals()
    _start_clock(settings)
    async with opened(settings) as made:
        return await _until(stop, _drain(Relay(made, stop), stop)) or False


@asynccontextmanager
async def beside(settings: Settings) -> AsyncIterator[None]:
    """Works while the block lasts, for a try-out; without a login of its own the worker rests and says so."""
    if settings.database_url_worker is None:
        logs.say("worker_rests", way_out="Set CLAIMS_DATABASE_URL_WORKER: without a worker no event reaches a feed.")
        yield
        return
    stop = asyncio.Event()
    async with opened(settings) as made:
        rounds = _rounds(Relay(made, stop), settings.worker_poll_seconds, stop)
        task = asyncio.create_task(_until(stop, rounds))
        try:
            yield
        finally:
            stop.set()
            await task


async def _until(stop: asyncio.Event, work: Coroutine[object, object, T]) -> T | None:
    """What `work` gives. After `stop` it has a moment to end by itself; then it is cut off, and rolled back."""
    working, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait((working,), timeout=STOP_SECONDS)
        return working.result() if working.done() else None
    finally:
        stopped.cancel()
        working.cancel()
        await asyncio.wait((working,))


async def _drain(relay: Relay, stop: asyncio.Event) -> bool:
    moved = fruitless = 0
    while not stop.is_set() and fruitless < FRUITLESS_ROUNDS:
        done = await relay.round()
        moved += done.moved
        if not done.unfinished:
            logs.say("drained", moved=moved)
            return True
        fruitless = 0 if done.moved else fruitless + 1
        await _pause(stop, 0 if done.moved else 0.1)
    return False


async def _rounds(relay: Relay, longest_pause: float, stop: asyncio.Event) -> None:
    """Again at once while there is more, after a growing pause while there is nothing."""
    pause = SHORTEST_PAUSE_SECONDS
    while not stop.is_set():
        done = await _round(relay, stop)
        if done.moved:
            pause = SHORTEST_PAUSE_SECONDS
            logs.say("relayed", moved=done.moved, unfinished=done.unfinished, lag_seconds=round(done.lag_seconds, 3))
        if not (done.moved and done.unfinished):
            await _pause(stop, pause)
            pause = min(pause * 2, longest_pause)


async def _round(relay: Relay, stop: asyncio.Event) -> Round:
    """A round that waits for a database that is away."""
    pause, longest = AWAY_PAUSES_SECONDS
    lost_at: float | None = None
    while True:
        try:
            done = await relay.round()
        except FAULTS as error:
            if (verdict := database_verdict(error)) is None:
                raise
            if lost_at is None:
                lost_at = clock.monotonic_seconds()
                logs.refusal(verdict, error)
            await _pause(stop, pause)
            pause = min(pause * 2, longest)
            if stop.is_set():
                return Round()
            continue
        if lost_at is not None:
            logs.say("database_back", away_seconds=round(clock.monotonic_seconds() - lost_at, 1))
        return done


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


def _start_clock(settings: Settings) -> None:
    if settings.clock is not None:
        clock.set_to(settings.clock)


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for sent in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sent, stop.set)
    return stop
