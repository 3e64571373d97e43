"""An event's way after its commit: how fast the relay brings it to the feed, and how fast one reader reads it there."""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from http.client import HTTPConnection
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from benchmarks import filling, table
from benchmarks.ground import Ground, NotMeasured, ground, new_tenants, take_statistics
from benchmarks.load import chosen_load
from benchmarks.options import Options
from benchmarks.processes import BARE, SERVICE, Worker, worker
from benchmarks.rounds import Measured, Phase, Stage, interleaved, probe
from benchmarks.templates import templates
from claims_api import launch
from claims_api import worker as background
from claims_api.events.queries import PAGE
from claims_api.events.work import BATCH, Relay
from claims_api.kit.pagination import MAX_LIMIT

CLAIMS = 40_000  # half of them one tenant's, the others' shared by MANY; each has five or six events
MANY = 200
PROTOTYPE = {"relay, one": 48_000, "relay, many": 76_000}  # events a second, on another machine
WAIT_AGAIN = """
    WITH back AS (DELETE FROM feed WHERE tenant_id = ANY($1) RETURNING tenant_id, stream_id, seq),
         heads AS (UPDATE feed_heads SET position = 0 WHERE tenant_id = ANY($1))
    INSERT INTO outbox (tenant_id, stream_id, seq) SELECT tenant_id, stream_id, seq FROM back"""
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE usename = $1"
SAME_PAGE = "/page"
_CURSOR = re.compile(rb'"next_cursor":"([^"]+)"')


def run(options: Options) -> bool:
    """Measures and prints.

    Raises: NotMeasured, EmbeddedPostgresError
    """
    _, load = chosen_load(options.own_client)
    print(f"One reader, pages of {MAX_LIMIT}; the relay at batches of {BATCH}. {options.rounds} rounds.", flush=True)
    with ground() as place, ExitStack() as stack:
        service = stack.enter_context(worker(SERVICE, place.settings))
        bare = stack.enter_context(worker(BARE, place.settings))
        stage = Stage(place, load, service, bare, stack)
        many = new_tenants(place, [f"other {n}" for n in range(MANY)])
        asyncio.run(_fill(stage, many, options.claims or CLAIMS))
        phases = _phases(stage, many)
        measured = interleaved(phases, options.seconds, options.rounds, partial(take_statistics, place))
    print("\n" + table.rendered(_rows(measured)))
    return True


async def _fill(stage: Stage, many: list[UUID], claims: int) -> None:
    made_of = await asyncio.to_thread(templates, stage.place, stage.service)
    async with filling.superuser(stage.place) as db:
        await filling.fill(db, made_of, [stage.place.tenant.id, *many], 1, claims)
        await filling.relay_all(db)
        await filling.settle(db)


def _phases(stage: Stage, many: list[UUID]) -> dict[str, Phase]:
    path = f"/v1/events?limit={MAX_LIMIT}"
    page = probe("GET", stage.service.url + path, stage.headers, 200).text
    if page.count('"seq":') != MAX_LIMIT:
        raise NotMeasured("The storefront does not see a whole page of the feed.")
    probe("PUT", stage.bare.url + SAME_PAGE, stage.headers, 204, page)
    place = stage.place
    return {
        "relay, one": lambda _: asyncio.run(_relayed(place, [place.tenant.id])),
        "relay, many": lambda _: asyncio.run(_relayed(place, many)),
        "reader": partial(_read, stage.service, stage.headers, path, _next),
        "bare page": partial(_read, stage.bare, stage.headers, SAME_PAGE, lambda _: ""),
        "bare reader": lambda seconds: asyncio.run(_read_bare(place, seconds)),
    }


async def _relayed(place: Ground, tenants: list[UUID]) -> tuple[float, float]:
    """All their events wait again, then the worker's relay moves them: events a second, CPU ms for each."""
    async with filling.superuser(place) as db:
        await db.execute(WAIT_AGAIN, tenants)
        await db.execute("VACUUM (ANALYZE) outbox, feed, feed_heads")
        async with background.opened(place.settings) as database:
            backends = [Worker("", row["pid"]) for row in await db.fetch(BACKENDS, launch.WORKER_LOGIN)]
            relay, moved, unfinished = Relay(database), 0, 1
            began, cpu_began = time.perf_counter(), _cpu_seconds(backends)
            while unfinished:
                done = await relay.round()
                moved, unfinished = moved + done.moved, done.unfinished
            return moved / (time.perf_counter() - began), (_cpu_seconds(backends) - cpu_began) * 1000 / moved


def _cpu_seconds(backends: list[Worker]) -> float:
    """Of this process, where the relay runs, and of its connections in Postgres."""
    return time.process_time() + sum(each.cpu_seconds() for each in backends)


def _next(body: bytes) -> str:
    """The end of the path of the next page; of the first one after the last."""
    found = _CURSOR.search(body, len(body) - 600)
    return f"&after={found[1].decode()}" if found and b'"data":[]' not in body[:20] else ""


def _read(
    server: Worker, headers: dict[str, str], path: str, following: Callable[[bytes], str], seconds: float
) -> tuple[float, float]:
    """One reader, one page after the other: events a second, the server's CPU ms for each page."""
    place, events, pages, after = urlsplit(server.url), 0, 0, ""
    connection = HTTPConnection(str(place.hostname), place.port, timeout=10)
    before, began = server.cpu_seconds(), time.perf_counter()
    while (elapsed := time.perf_counter() - began) < seconds:
        connection.request("GET", path + after, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise NotMeasured(f"{path} answered {answer.status}.")
        events, pages, after = events + body.count(b'"seq":'), pages + 1, following(body)
    connection.close()
    return events / elapsed, (server.cpu_seconds() - before) * 1000 / pages


async def _read_bare(place: Ground, seconds: float) -> tuple[float, float]:
    """The same join over asyncpg alone, as the service's login, in the same three round trips."""
    tenant = place.tenant.id
    compiled = PAGE.compile(dialect=PGDialect_asyncpg())  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    assert compiled.positiontup == ["tenant", "after", "most"]
    db: asyncpg.Connection = await asyncpg.connect(**filling.place_of(place), user=launch.LOGIN, timeout=10)
    try:
        page, events, after = await db.prepare(str(compiled)), 0, 0
        began = time.perf_counter()
        while (elapsed := time.perf_counter() - began) < seconds:
            await db.execute(f"BEGIN; SET LOCAL app.tenant_id = '{tenant}'")
            found = await page.fetch(tenant, after, MAX_LIMIT)
            await db.execute("COMMIT")
            events, after = events + len(found), found[-1]["position"] if found else 0
        return events / elapsed, 0.0
    finally:
        await db.close()


def _rows(measured: Measured) -> list[table.Row]:
    rates, cpu = measured.rates, measured.cpu_ms
    floor, bare = rates["bare reader"], cpu["bare page"]
    rows = [
        table.Rivals("events/s, one reader", rates["reader"], floor, "asyncpg", None, more_is_better=True).row(),
        table.Rivals("CPU ms per page of 100", cpu["reader"], bare, "same bytes", None).row(),
    ]
    for name, tenants in (("relay, one", "one tenant"), ("relay, many", f"{MANY} tenants")):
        theirs = [float(PROTOTYPE[name])] * len(rates[name])
        label = f"events/s to the feed, {tenants}"
        rows.append(table.Rivals(label, rates[name], theirs, "prototype", None, more_is_better=True).row())
        spent = [1000 * each for each in cpu[name]]
        rows.append(table.range_row(f"CPU ms of relay and Postgres for 1,000, {tenants}", spent, digits=1))
    return rows
