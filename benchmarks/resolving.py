"""Resolves every region in this process and says what it took: `python -m benchmarks.resolving cpu|resident|live`.

It imports the lookup alone, so that a difference in memory is the law and not the rest of the service.
"""

import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import date
from statistics import mean

from benchmarks.memory import resident_mb
from claims_api.domain.regions import RegionKind
from claims_api.policies import queries
from claims_api.policies.actions.resolve import KEPT_POLICIES, policy_of

PASSES = 3  # a region's cost is its best one: the worst region shall not be a hiccup of the machine
CALLS = 20  # a warm resolution is too short to be timed alone


def _cpu() -> list[float]:
    """Milliseconds, warm and cold, the mean of all places and the worst of them."""
    day, places = _day(), _places()
    if len(places) <= KEPT_POLICIES:
        sys.exit("Every policy is kept: a walk over all regions would find none cold.")
    gc.disable()  # as timeit does: the region that happens to be next would pay for a walk through all the law
    cold, warm = dict.fromkeys(places, float("inf")), dict.fromkeys(places, float("inf"))
    for _ in range(PASSES):
        for code in places:  # more than are kept, so each was let go of again before its turn
            began = time.thread_time_ns()
            policy_of(code, day)
            resolved = time.thread_time_ns()
            for _ in range(CALLS):
                policy_of(code, day)
            cold[code] = min(cold[code], resolved - began)
            warm[code] = min(warm[code], (time.thread_time_ns() - resolved) / CALLS)
    return [which(times.values()) / 1e6 for times in (warm, cold) for which in (mean, max)]


def _memory(measure: Callable[[], float]) -> list[float]:
    """Megabytes more than before the law was loaded: with the law, and with every region resolved once."""
    before = measure()
    queries.standard()
    queries.regions_after(None, 1)  # a page of the tree needs the codes in order
    day, places = _day(), _places()
    law = measure()
    for code in places:
        policy_of(code, day)
    return [law - before, measure() - before]


def _resident() -> float:
    gc.collect()
    return resident_mb("self")


def _live() -> float:
    gc.collect()
    return tracemalloc.get_traced_memory()[0] / 1e6


def _day() -> date:
    """The first day of the newest release, so that every run resolves the same."""
    return queries.release_on(date.max).counts_from


def _places() -> list[str]:
    """Every country and subdivision: a bloc has no policy."""
    regions = queries.statute().regions.values()
    return [region.code for region in regions if region.kind is not RegionKind.BLOC]


def main(mode: str) -> None:
    """Measures one thing in this process, which shall not have done anything else."""
    if mode == "live":
        tracemalloc.start()
    values = _cpu() if mode == "cpu" else _memory(_live if mode == "live" else _resident)
    print(json.dumps({"values": values}))


if __name__ == "__main__":
    main(sys.argv[1])
