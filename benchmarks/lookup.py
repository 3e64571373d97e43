"""The policy lookup over HTTP, and without: then each row is measured in a process that did nothing else before."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from urllib.parse import quote, urlencode

from benchmarks import table
from benchmarks.ground import NotMeasured
from benchmarks.load import Request
from benchmarks.processes import ROOT
from benchmarks.reads import BARE_READ
from benchmarks.rounds import Measured, Part, Stage, probe
from claims_api.policies.actions.resolve import KEPT_POLICIES

ASKED = Path(__file__).with_name("lookup.json")
PATIENCE_SECONDS = 120
STARTS = 5
WARM_AIM_MS, MEMORY_AIM_MB = 1, 15
START = """
import json, time
at = [time.process_time()]
from claims_api.policies import queries
at.append(time.process_time())
queries.statute()
at.append(time.process_time())
queries.standard()
at.append(time.process_time())
print(json.dumps({"values": [(end - begin) * 1000 for begin, end in zip(at, at[1:])]}))
"""


def paths() -> tuple[str, str]:
    """What is asked over HTTP: the policy of a region, and the same for a sale with its dates."""
    asked = json.loads(ASKED.read_text(encoding="utf-8"))
    plain = f"/v1/policies/{quote(asked['region'])}"
    return plain, f"{plain}?{urlencode(asked['sale'])}"


def part(stage: Stage) -> Part:
    """Over HTTP: an answer that is kept, the same when the caller has it, and one with dates, rendered anew."""
    plain, dated = (stage.service.url + path for path in paths())
    known = stage.headers | {"If-None-Match": probe("GET", plain, stage.headers, 200).headers["etag"]}
    probe("GET", plain, known, 304)
    probe("GET", dated, stage.headers, 200)
    return Part(
        {
            "lookup": stage.loaded(stage.service, Request(plain, stage.headers)),
            "lookup 304": stage.loaded(stage.service, Request(plain, known)),
            "with dates": stage.loaded(stage.service, Request(dated, stage.headers)),
        },
        _http_rows,
    )


def _http_rows(measured: Measured) -> list[table.Row]:
    cpu, bare = measured.cpu_ms, measured.cpu_ms[BARE_READ]
    return [
        table.Rivals("CPU ms per lookup", cpu["lookup"], bare, "bare route", 9).row(),
        table.Rivals("CPU ms per lookup, 304", cpu["lookup 304"], bare, "bare route", 6).row(),
        table.Rivals("CPU ms per lookup with dates", cpu["with dates"], bare, "bare route", None).row(),
    ]


def rows() -> list[table.Row]:
    """What is measured without HTTP.

    Raises: NotMeasured
    """
    return [*_cpu_rows(), *_memory_rows(), *_start_rows()]


def _cpu_rows() -> list[table.Row]:
    warm_mean, warm_worst, cold_mean, cold_worst = _said_by("-m", "benchmarks.resolving", "cpu")
    return [
        table.limit_row("CPU ms of a warm resolution, mean", warm_mean, WARM_AIM_MS, digits=3),
        table.limit_row("CPU ms of a warm resolution, worst region", warm_worst, WARM_AIM_MS, digits=3),
        table.limit_row("CPU ms of a cold resolution, mean", cold_mean, digits=3),
        table.limit_row("CPU ms of a cold resolution, worst region", cold_worst, digits=3),
    ]


def _memory_rows() -> list[table.Row]:
    """Resident is what the process takes, with what reading left behind; live is what Python holds."""
    law_resident, all_resident = _said_by("-m", "benchmarks.resolving", "resident")
    law_live, all_live = _said_by("-m", "benchmarks.resolving", "live")
    kept = f"memory of these and of {KEPT_POLICIES} policies"
    return [
        table.limit_row("memory of law, standard and tree, resident", law_resident, unit=" MB", digits=1),
        table.limit_row("memory of law, standard and tree, live", law_live, unit=" MB", digits=1),
        table.limit_row(f"{kept}, resident", all_resident, MEMORY_AIM_MB, " MB", digits=1),
        table.limit_row(f"{kept}, live", all_live, MEMORY_AIM_MB, " MB", digits=1),
    ]


def _start_rows() -> list[table.Row]:
    starts = [_said_by("-c", START) for _ in range(STARTS)]
    steps = ("the code of the law", "the law and the tree", "the standard")
    loaded = [median(times) for times in zip(*starts, strict=True)]
    return [
        table.limit_row(f"CPU ms to load {step}", value, digits=1) for step, value in zip(steps, loaded, strict=True)
    ]


def _said_by(*command: str) -> list[float]:
    run = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    if run.returncode != 0:
        raise NotMeasured(f"The lookup was not measured: {run.stderr.strip()[-500:]}")
    return [float(value) for value in json.loads(run.stdout)["values"]]
