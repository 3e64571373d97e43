"""The hot requests beside their floors: the run `make bench` does when nothing else is asked for."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from benchmarks import limits, lookup, parcels, reads, statements, submissions, table
from benchmarks.ground import ground, take_statistics
from benchmarks.load import CONNECTIONS, chosen_load
from benchmarks.options import Options
from benchmarks.processes import BARE, SERVICE, worker
from benchmarks.rounds import Part, Stage, interleaved

MEMORY_AIM_MB = 120
PARTS: tuple[Callable[[Stage], Part], ...] = (submissions.part, reads.part, limits.part, lookup.part, parcels.part)
"""A new measurement is a module with a `part` of its own, named here."""


def run(options: Options) -> bool:
    """Measures and prints; False when something was left out.

    Raises: NotMeasured, EmbeddedPostgresError
    """
    name, load = chosen_load(options.own_client)
    said = f"{options.rounds} rounds, {options.seconds} s for each measurement."
    print(f"Load: {name}, {CONNECTIONS} connections. {said}", flush=True)
    print("Resolving every region, before there is any other load.", flush=True)
    lookup_rows = lookup.rows()
    with ground() as place, ExitStack() as stack:
        print(f"Postgres {place.server.version}, embedded, fsync on.", flush=True)
        service = stack.enter_context(worker(SERVICE, place.settings))
        bare = stack.enter_context(worker(BARE, place.settings))
        stage = Stage(place, load, service, bare, stack)
        parts = [make(stage) for make in PARTS]
        phases = {name: phase for part in parts for name, phase in part.phases.items()}
        measured = interleaved(phases, options.seconds, options.rounds, partial(take_statistics, place))
        memory_mb = service.memory_mb()
        counts = asyncio.run(statements.count_statements(place, submissions.CLAIM))
    rows = [row for part in parts for row in part.rows(measured)]
    rows.append(table.limit_row("memory of the worker after the run", memory_mb, MEMORY_AIM_MB, " MB"))
    rows += [table.limit_row(f"statements: {each.request}", each.statements, each.at_most) for each in counts]
    print("\n" + table.rendered([*rows, *lookup_rows]))
    return submissions.FLOOR in phases
