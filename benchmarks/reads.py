"""Reading a claim, whole and unchanged, beside a bare route that answers a small model."""

from benchmarks import table
from benchmarks.load import MARK, Request, marks
from benchmarks.rounds import Measured, Part, Stage, probe
from benchmarks.submissions import CLAIM

READ, BARE_READ = "read", "bare read"


def part(stage: Stage) -> Part:
    """One claim is read again and again."""
    url, etag = filed_claim(stage)
    known = stage.headers | {"If-None-Match": etag}
    probe("GET", url, known, 304)
    return Part(
        {
            READ: stage.loaded(stage.service, Request(url, stage.headers)),
            BARE_READ: stage.loaded(stage.bare, Request(f"{stage.bare.url}/things/kettle", stage.headers)),
            "304": stage.loaded(stage.service, Request(url, known)),
        },
        _rows,
    )


def filed_claim(stage: Stage) -> tuple[str, str]:
    """The address of a new claim, and its entity tag."""
    mark, claims = next(marks()), f"{stage.service.url}/v1/claims"
    filed = probe("POST", claims, stage.headers | {"Idempotency-Key": mark}, 201, CLAIM.replace(MARK, mark))
    url = f"{claims}/{filed.json()['id']}"
    return url, probe("GET", url, stage.headers, 200).headers["etag"]


def _rows(measured: Measured) -> list[table.Row]:
    cpu, bare = measured.cpu_ms, measured.cpu_ms[BARE_READ]
    return [
        table.Rivals("CPU ms per read", cpu[READ], bare, "bare route", 9).row(),
        table.Rivals("CPU ms per 304", cpu["304"], bare, "bare route", 6).row(),
    ]
