"""`python -m benchmarks [service|events|growth]`: a table of what was measured. A missed aim is said, not punished."""

import argparse
import sys
import time
from collections.abc import Callable

from benchmarks import events, growth, service
from benchmarks.ground import NotMeasured
from benchmarks.options import Options
from claims_api import launch
from claims_api.kit import logs
from claims_api.kit.embedded_postgres import EmbeddedPostgresError

RUNS: dict[str, Callable[[Options], bool]] = {"service": service.run, "events": events.run, "growth": growth.run}
"""What there is to measure; each says whether it was complete."""
FEWEST = 1_000
"""With fewer claims some of what is asked for is not there."""


def main() -> int:
    """Measures and prints; 1 when something did not run."""
    what, options = _asked()
    logs.set_up("WARNING")
    began = time.perf_counter()
    try:
        complete = RUNS[what](options)
    except (NotMeasured, EmbeddedPostgresError, OSError, TimeoutError) as error:
        launch.complain(f"The benchmark stopped: {error}")
        return 1
    print(f"\n{time.perf_counter() - began:.0f} s in all.")
    return 0 if complete else 1


def _asked() -> tuple[str, Options]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="?", choices=tuple(RUNS), default="service")
    parser.add_argument("--seconds", type=int, default=3, help="for each measurement of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--claims", type=int, help="at the end; 100000 in `growth`, 40000 in `events`")
    parser.add_argument("--own-client", action="store_true", help="do not use wrk")
    given = parser.parse_args()
    if not 1 <= given.seconds <= 60 or not 1 <= given.rounds <= 20:
        parser.error("--seconds takes 1 to 60, --rounds 1 to 20")
    if given.claims is not None and not FEWEST <= given.claims <= 10_000_000:
        parser.error(f"--claims takes {FEWEST} to 10000000")
    return given.what, Options(given.seconds, given.rounds, given.claims, given.own_client)


if __name__ == "__main__":
    sys.exit(main())
