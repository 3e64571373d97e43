"""Filing claims, beside pgbench storing the same rows and a route that only validates."""

import asyncio
from pathlib import Path

from benchmarks import pgbench, table
from benchmarks.copies import Stored, rows_of
from benchmarks.ground import Ground, Tenant, new_tenant
from benchmarks.load import MARK, Request, marks
from benchmarks.rounds import Measured, Part, Stage, probe
from claims_api import launch

CLAIM = Path(__file__).with_name("claim.json").read_text(encoding="utf-8")
FLOOR = "pgbench"


def part(stage: Stage) -> Part:
    """One claim is filed for a tenant of its own, so that pgbench knows its rows; then it is the main tenant's turn."""
    mark, other = next(marks()), new_tenant(stage.place, "the floor")
    content, claims, bare = CLAIM.replace(MARK, mark), f"{stage.service.url}/v1/claims", f"{stage.bare.url}/claims"
    alone = stage.headers | {"Authorization": f"Bearer {other.shop}", "Idempotency-Key": mark}
    probe("POST", claims, alone, 201, content)
    probe("POST", bare, stage.headers, 201, content)
    phases = {
        "submit": stage.loaded(stage.service, Request(claims, stage.headers, CLAIM)),
        "validate": stage.loaded(stage.bare, Request(bare, stage.headers, CLAIM)),
    }
    program = pgbench.find_pgbench()
    if program is None:
        print("No pgbench here: submissions cannot be compared with it.", flush=True)
        return Part(phases, _rows)
    stored = asyncio.run(_stored(stage.place, other))
    script = pgbench.script_of(stored, other.id, mark, stage.place.server.version)
    print(f"pgbench stores {sum(map(len, stored.values()))} rows in {len(stored)} tables per transaction.", flush=True)
    place = stage.place
    floor = {FLOOR: lambda seconds: (pgbench.transactions_per_second(program, place, script, seconds), 0.0)}
    return Part(floor | phases, _rows)


async def _stored(place: Ground, tenant: Tenant) -> Stored:
    async with launch.owner_database(place.settings, place.owner_url) as database:
        return await rows_of(database, tenant.id)


def _rows(measured: Measured) -> list[table.Row]:
    rates, cpu = measured.rates, measured.cpu_ms
    pg = rates.get(FLOOR, [])
    return [
        table.Rivals("submissions/s, one worker", rates["submit"], pg, FLOOR, 0.30, more_is_better=True).row(),
        table.Rivals("CPU ms per submission", cpu["submit"], cpu["validate"], "validate only", 5).row(),
    ]
