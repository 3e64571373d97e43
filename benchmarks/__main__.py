"""`python -m benchmarks`: one interleaved run, one table. A missed aim is said, not punished."""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks import lookup, pgbench, statements, table
from benchmarks.ground import Ground, NotMeasured, ground, take_statistics
from benchmarks.load import CONNECTIONS, MARK, Answers, Load, Request, chosen_load, marks
from benchmarks.processes import BARE, SERVICE, Worker, worker
from claims_api import launch
from claims_api.kit import logs
from claims_api.kit.embedded_postgres import EmbeddedPostgresError

CLAIM = Path(__file__).with_name("claim.json")
WARM_UP_SECONDS = 1
SETTLE_SECONDS = 0.3  # requests still under way when the load ends belong to the CPU time of the round
MEMORY_AIM_MB = 120

Phase = Callable[[float], tuple[float, float]]  # seconds -> what happened per second, CPU ms for each


@dataclass
class Measured:
    """Per phase and round: how many a second, and CPU milliseconds for each."""

    rates: dict[str, list[float]] = field(default_factory=dict)
    cpu_ms: dict[str, list[float]] = field(default_factory=dict)


def main() -> int:
    """Measures and prints; 1 when something did not run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--seconds", type=int, default=3, help="for each of the nine measurements of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--own-client", action="store_true", help="do not use wrk")
    given = parser.parse_args()
    if not 1 <= given.seconds <= 60 or not 1 <= given.rounds <= 20:
        parser.error("--seconds takes 1 to 60, --rounds 1 to 20")
    logs.set_up("WARNING")
    began = time.perf_counter()
    try:
        complete = _run(given.seconds, given.rounds, given.own_client)
    except (NotMeasured, EmbeddedPostgresError, OSError, TimeoutError) as error:
        launch.complain(f"The benchmark stopped: {error}")
        return 1
    print(f"\n{time.perf_counter() - began:.0f} s in all.")
    return 0 if complete else 1


def _run(seconds: int, rounds: int, wants_own: bool) -> bool:
    name, load = chosen_load(wants_own)
    print(f"Load: {name}, {CONNECTIONS} connections. {rounds} rounds, {seconds} s for each measurement.", flush=True)
    body = CLAIM.read_text(encoding="utf-8")
    print("Resolving every region, before there is any other load.", flush=True)
    lookup_rows = lookup.rows()
    with ground() as place, ExitStack() as stack:
        print(f"Postgres {place.server.version}, embedded, fsync on.", flush=True)
        service = stack.enter_context(worker(SERVICE, place.settings))
        bare = stack.enter_context(worker(BARE, place.settings))
        phases = _phases(place, service, bare, load, body)
        for phase in phases.values():
            phase(WARM_UP_SECONDS)
        measured = _interleaved(place, phases, seconds, rounds)
        memory_mb = service.memory_mb()
        counts = asyncio.run(statements.count_statements(place, body))
    rows = [*(each.row() for each in _rivals(measured))]
    rows.append(table.limit_row("memory of the worker after the run", memory_mb, MEMORY_AIM_MB, " MB"))
    rows += [table.limit_row(f"statements: {each.request}", each.statements, each.at_most) for each in counts]
    print("\n" + table.rendered([*rows, *lookup_rows]))
    return "pgbench" in phases


def _phases(place: Ground, service: Worker, bare: Worker, load: Load, body: str) -> dict[str, Phase]:
    """What a round consists of, the service and its floor next to each other."""
    headers = {"Authorization": f"Bearer {place.shop}", "Content-Type": "application/json"}
    mark = next(marks())
    content = body.replace(MARK, mark)
    filed = _probe("POST", f"{service.url}/v1/claims", headers | {"Idempotency-Key": mark}, 201, content)
    claim, known = f"{service.url}/v1/claims/{filed.json()['id']}", headers | {"If-None-Match": filed.headers["etag"]}
    _probe("GET", claim, headers, 200)
    _probe("GET", claim, known, 304)
    _probe("POST", f"{bare.url}/claims", headers, 201, content)
    phases = {
        "submit": _of(service, load, Request(f"{service.url}/v1/claims", headers, body)),
        "validate": _of(bare, load, Request(f"{bare.url}/claims", headers, body)),
        "read": _of(service, load, Request(claim, headers)),
        "bare read": _of(bare, load, Request(f"{bare.url}/things/kettle", headers)),
        "304": _of(service, load, Request(claim, known)),
        **_lookups(service, load, headers),
    }
    program = pgbench.find_pgbench()
    if program is None:
        print("No pgbench here: submissions cannot be compared with it.", flush=True)
        return phases
    stored = asyncio.run(_stored(place))
    script = pgbench.script_of(stored, place.tenant_id, mark, place.server.version)
    print(f"pgbench stores {sum(map(len, stored.values()))} rows in {len(stored)} tables per transaction.", flush=True)
    return {"pgbench": lambda s: (pgbench.transactions_per_second(program, place, script, s), 0.0)} | phases


def _lookups(service: Worker, load: Load, headers: dict[str, str]) -> dict[str, Phase]:
    plain, dated = (service.url + path for path in lookup.paths())
    tag = _probe("GET", plain, headers, 200).headers["etag"]
    known = headers | {"If-None-Match": tag}
    _probe("GET", plain, known, 304)
    _probe("GET", dated, headers, 200)
    return {
        "lookup": _of(service, load, Request(plain, headers)),
        "lookup 304": _of(service, load, Request(plain, known)),
        "with dates": _of(service, load, Request(dated, headers)),
    }


async def _stored(place: Ground) -> pgbench.Stored:
    async with launch.owner_database(place.settings, place.owner_url) as database:
        return await pgbench.rows_of_the_only_claim(database, place.tenant_id)


def _probe(method: str, url: str, headers: dict[str, str], status: int, content: str | None = None) -> httpx.Response:
    """One request, to see that what is measured is what it is called."""
    answer = httpx.request(method, url, headers=headers, content=content, timeout=10)
    if answer.status_code != status:
        raise NotMeasured(f"{method} {url} answered {answer.status_code}, not {status}: {answer.text}")
    return answer


def _of(server: Worker, load: Load, request: Request) -> Phase:
    def measure(seconds: float) -> tuple[float, float]:
        before = server.cpu_seconds()
        answers: Answers = load(request, seconds)
        time.sleep(SETTLE_SECONDS)
        spent = server.cpu_seconds() - before
        if answers.refused:
            print(f"{answers.refused} requests refused, {answers.count} answered: {request.url}", flush=True)
        return answers.count / answers.seconds, spent * 1000 / answers.count

    return measure


def _interleaved(place: Ground, phases: dict[str, Phase], seconds: float, rounds: int) -> Measured:
    measured = Measured()
    for number in range(1, rounds + 1):
        asyncio.run(take_statistics(place))
        for name, phase in phases.items():
            rate, cpu_ms = phase(seconds)
            measured.rates.setdefault(name, []).append(rate)
            measured.cpu_ms.setdefault(name, []).append(cpu_ms)
            cost = f", {cpu_ms:.3f} ms CPU each" if cpu_ms else ""
            print(f"round {number}/{rounds}  {name:<10} {rate:>8.0f}/s{cost}", flush=True)
    return measured


def _rivals(measured: Measured) -> list[table.Rivals]:
    rates, cpu = measured.rates, measured.cpu_ms
    pg = rates.get("pgbench", [])
    return [
        table.Rivals("submissions/s, one worker", rates["submit"], pg, "pgbench", 0.30, more_is_better=True),
        table.Rivals("CPU ms per submission", cpu["submit"], cpu["validate"], "validate only", 5),
        table.Rivals("CPU ms per read", cpu["read"], cpu["bare read"], "bare route", 9),
        table.Rivals("CPU ms per 304", cpu["304"], cpu["bare read"], "bare route", 6),
        table.Rivals("CPU ms per lookup", cpu["lookup"], cpu["bare read"], "bare route", 9),
        table.Rivals("CPU ms per lookup, 304", cpu["lookup 304"], cpu["bare read"], "bare route", 6),
        table.Rivals("CPU ms per lookup with dates", cpu["with dates"], cpu["bare read"], "bare route", None),
    ]


if __name__ == "__main__":
    sys.exit(main())
