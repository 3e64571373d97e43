"""How long `claims-api verify` takes: `python -m benchmarks.verifying --claims 100000`.

A few claims of every kind are filed through the service and multiplied; their events are relayed; then the command is
run as an operator runs it.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import AsyncExitStack

import asyncpg
from sqlalchemy import make_url

from benchmarks.ground import Ground, NotMeasured, ground
from benchmarks.multiplying import multiply, templates
from benchmarks.processes import ROOT
from claims_api import launch
from claims_api.events.work import relay_tenant
from claims_api.kit import database, embedded_postgres, logs
from claims_api.kit.embedded_postgres.cluster import SUPERUSER
from claims_api.main import create_app
from tests.conftest import Tenant  # the tests file the same claims
from tests.support.claims import Team
from tests.support.verifying import of_every_kind

AIM_SECONDS_PER_100_000 = 60
RELAYED_AT_ONCE = 5_000


def main() -> int:
    """Prints claims, events, seconds and memory; 1 when something was found that does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verifying", description=__doc__)
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=None, help="as the command's own; without it the command's default")
    given = parser.parse_args()
    if not 1 <= given.claims <= 10_000_000:
        parser.error("--claims takes 1 to 10000000")
    logs.set_up("WARNING")
    with ground() as place:
        began = time.perf_counter()
        written = asyncio.run(_fill(place, given.claims))
        print(
            f"Filled with {given.claims} claims and {written} events in {time.perf_counter() - began:.0f} s.",
            flush=True,
        )
        return _measure(place, given.jobs)


async def _fill(place: Ground, count: int) -> int:
    await _file(place)
    url = make_url(place.server.url(SUPERUSER, launch.EMBEDDED_DATABASE)).set(drivername="postgresql")
    db = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        written = await multiply(db, await templates(db, place.tenant.id), count)
        await _relay(place)
        await db.execute("ANALYZE")  # as autovacuum does within a minute
    finally:
        await db.close()
    return written


async def _file(place: Ground) -> None:
    settings = place.settings.model_copy(update={"rate_limit": 0, "rate_limit_token": 0})
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        launch.owner_database(settings, place.owner_url) as owner,
        AsyncExitStack() as stack,
    ):
        await of_every_kind(Team(Tenant(app, owner, place.tenant.id), stack))


async def _relay(place: Ground) -> None:
    name = launch.EMBEDDED_DATABASE
    await embedded_postgres.prepare(place.server, name, owner=launch.OWNER, logins=(launch.LOGIN,))
    worker = database.connect(place.server.url(launch.WORKER_LOGIN, name), place.settings)
    try:
        while (moved := await relay_tenant(worker, place.tenant.id, RELAYED_AT_ONCE)) and moved.count:
            pass
    finally:
        await worker.close()


def _measure(place: Ground, jobs: int | None) -> int:
    """Raises: NotMeasured"""
    url = place.settings.database_url
    assert url is not None
    own = {"CLAIMS_DATABASE_URL": url.get_secret_value(), "CLAIMS_DATABASE_URL_DIRECT": place.owner_url}
    env = os.environ | own | {"CLAIMS_ENVIRONMENT": "development"}
    began = time.perf_counter()
    command = [sys.executable, "-m", "claims_api", "verify", "--json", *(() if jobs is None else ("--jobs", str(jobs)))]
    with subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        said = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode not in (0, 1):
        raise NotMeasured(f"verify ended with {process.returncode}")
    found = json.loads(said)
    cpu_seconds, peak_mb = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6
    print(f"{found['claims']} claims, {found['events']} events: {seconds:.1f} s in all, {found['seconds']} s of them")
    print(f"checking; {cpu_seconds:.1f} s of CPU, at most {peak_mb:.0f} MB a process.")
    aim = AIM_SECONDS_PER_100_000 * found["claims"] / 100_000
    print(f"Aim: under {aim:.0f} s, {'met' if seconds < aim else 'MISSED'}. Found: {found['violations'] or 'nothing'}.")
    for row in found["rows"][:10]:
        print(f"  {row}")
    return int(process.returncode)


if __name__ == "__main__":
    sys.exit(main())
