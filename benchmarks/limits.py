"""What the rate limiter costs: the same read from a service that counts calls, and from one that does not."""

from benchmarks import table
from benchmarks.load import Request
from benchmarks.processes import SERVICE
from benchmarks.reads import READ, filed_claim
from benchmarks.rounds import Measured, Part, Stage, probe

LIMITED = "read, limited"
MOST_CALLS = "100000"  # a minute: the highest limit there is


def part(stage: Stage) -> Part:
    """A second service, with a limit that no load on one worker reaches: every call is counted, none refused."""
    limited = stage.another(SERVICE, CLAIMS_RATE_LIMIT=MOST_CALLS, CLAIMS_RATE_LIMIT_TOKEN=MOST_CALLS)
    url, _ = filed_claim(stage)
    url = url.replace(stage.service.url, limited.url)
    assert "ratelimit" in probe("GET", url, stage.headers, 200).headers
    return Part({LIMITED: stage.loaded(limited, Request(url, stage.headers))}, _rows)


def _rows(measured: Measured) -> list[table.Row]:
    cpu = measured.cpu_ms
    return [table.Rivals("CPU ms per read, calls counted", cpu[LIMITED], cpu[READ], "not counted", None).row()]
