"""What a growing number of claims costs: pages read by the hot queries, and submissions, at each power of ten."""

import asyncio
import math
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from uuid import UUID

import asyncpg

from benchmarks import buffers, filling, table
from benchmarks.ground import Ground, NotMeasured, ground, new_tenants
from benchmarks.load import Request, chosen_load
from benchmarks.options import Options
from benchmarks.processes import BARE, SERVICE, worker
from benchmarks.queries import questions
from benchmarks.rounds import Stage, warm_up
from benchmarks.submissions import CLAIM
from benchmarks.templates import Template, templates
from claims_api import launch
from claims_api.kit import database
from claims_api.kit.database import Database

SMALLEST, LARGEST = 10_000, 100_000
CONNECTIONS = 8  # fewer than the service has to Postgres, so that even a busy machine refuses none
OTHERS = 9  # tenants that share what the measured one does not have
DISK = "SELECT pg_database_size(current_database())"
AS_TENANT = "SELECT set_config('app.tenant_id', $1, false)"


@dataclass(frozen=True)
class Filled:
    """What is multiplied, and for whom."""

    place: Ground
    made_of: Sequence[Template]
    tenants: Sequence[UUID]


@dataclass(frozen=True)
class Size:
    """What was found with so many claims."""

    claims: int
    fill_seconds: float
    settle_seconds: float
    disk_gb: float
    pages: dict[str, tuple[float, float | None]]  # of each question: how many, and how many times dearer it may become
    rates: list[float]
    cpu_ms: list[float]


def run(options: Options) -> bool:
    """Fills step by step, measures at each, and prints.

    Raises: NotMeasured, EmbeddedPostgresError
    """
    name, load = chosen_load(options.own_client, CONNECTIONS)
    most = options.claims or LARGEST
    print(f"Load: {name}, {CONNECTIONS} connections. Up to {most} claims.", flush=True)
    with ground() as place, ExitStack() as stack:
        service = stack.enter_context(worker(SERVICE, place.settings))
        bare = stack.enter_context(worker(BARE, place.settings))
        # Claims are submitted to another tenant than the measured one: nothing shall be newer than what was filled.
        measured, *others = new_tenants(place, ["measured", *(f"other {n}" for n in range(OTHERS - 1))])
        tenants = [measured, place.tenant.id, *others]
        filled = Filled(place, templates(place, service), tenants)
        stage = Stage(place, load, service, bare, stack)
        sizes: list[Size] = []
        for claims in _steps(most):
            sizes.append(_size(stage, filled, sizes[-1].claims if sizes else 0, claims, options))
    print("\n" + table.rendered(_rows(sizes), _head(sizes)))
    return True


def _steps(most: int) -> list[int]:
    steps = [min(SMALLEST, most)]
    while steps[-1] * 10 <= most:
        steps.append(steps[-1] * 10)
    return steps if steps[-1] == most else [*steps, most]


def _size(stage: Stage, filled: Filled, before: int, claims: int, options: Options) -> Size:
    _say(f"{claims} claims: filling")
    fill_seconds, settle_seconds, disk_gb = asyncio.run(_fill(filled, before + 1, claims))
    _say(f"{claims} claims: filled in {fill_seconds:.0f} s, vacuumed in {settle_seconds:.0f} s, {disk_gb:.2f} GB")
    pages = asyncio.run(_pages(filled))
    _say(f"{claims} claims: {len(pages)} questions explained; submitting")
    rates, cpu_ms = _submissions(stage, options)
    return Size(claims, fill_seconds, settle_seconds, disk_gb, pages, rates, cpu_ms)


def _submissions(stage: Stage, options: Options) -> tuple[list[float], list[float]]:
    """A second, and CPU ms for each. A round with too many refusals is left out: the pages took long to come by."""
    submit = stage.loaded(stage.service, Request(f"{stage.service.url}/v1/claims", stage.headers, CLAIM))
    warm_up(submit)
    found = []
    for _ in range(options.rounds):
        try:
            found.append(submit(options.seconds))
        except NotMeasured as error:
            _say(str(error))
    return [rate for rate, _ in found], [cpu for _, cpu in found]


async def _fill(filled: Filled, first: int, last: int) -> tuple[float, float, float]:
    """Seconds to fill and to settle, and how many gigabytes the database has then."""
    async with filling.superuser(filled.place) as db:
        began = time.perf_counter()
        await filling.fill(db, filled.made_of, filled.tenants, first, last)
        await filling.relay_all(db)
        done = time.perf_counter()
        await filling.settle(db)
        settled = time.perf_counter()
        return done - began, settled - done, await db.fetchval(DISK) / 1e9


async def _pages(filled: Filled) -> dict[str, tuple[float, float | None]]:
    """Pages for each question, asked as the service's own login: median over claims, worst over depths of a list."""
    place, tenant = filled.place, filled.tenants[0]
    async with filling.superuser(place) as db:
        asked = await questions(db, tenant)
    url = place.settings.database_url
    assert url is not None
    service = database.connect(url.get_secret_value(), place.settings)
    explaining = await asyncpg.connect(**filling.place_of(place), user=launch.LOGIN, timeout=10)
    try:
        await explaining.fetchval(AS_TENANT, str(tenant))
        found = {}
        for question in asked:
            sent = [await _sent(service, tenant, ask) for ask in question.asks]
            pages = [sum([await buffers.pages(explaining, each) for each in statements]) for statements in sent]
            found[question.name] = (max(pages) if question.is_list else median(pages), question.aim)
        return found
    finally:
        await explaining.close()
        await service.close()


async def _sent(service: Database, tenant: UUID, ask: buffers.Ask) -> list[buffers.Sent]:
    """In a transaction of its own: a question takes long to explain, and an idle transaction is ended."""
    async with service.transaction(tenant) as db:
        return await buffers.sent_by(db, ask)


def _head(sizes: Sequence[Size]) -> table.Row:
    return ("pages read, warm", *(f"{size.claims:,} claims" for size in sizes), "growth", "aim", "")


def _rows(sizes: Sequence[Size]) -> list[table.Row]:
    rows = []
    for name, (_, aim) in sizes[0].pages.items():
        rows.append(table.growth_row(name, [size.pages[name][0] for size in sizes], aim))
    rows.append(table.growth_row("CPU ms per submission", [_median(size.cpu_ms) for size in sizes], None, digits=3))
    rows.append(table.growth_row("submissions/s", [_median(size.rates) for size in sizes], None))
    for name, values in {
        "seconds to fill": [size.fill_seconds for size in sizes],
        "seconds to vacuum": [size.settle_seconds for size in sizes],
        "GB on disk": [size.disk_gb for size in sizes],
    }.items():
        rows.append((name, *(f"{value:.2f}" for value in values), "", "", ""))
    return rows


def _median(values: Sequence[float]) -> float:
    """`nan` when no round was measured."""
    return median(values) if values else math.nan


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
