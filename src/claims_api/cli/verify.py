"""`claims-api verify`: whether everything stored holds, and if not, which rows show it."""

import asyncio
import gc
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Annotated
from uuid import UUID

import typer

from claims_api import launch
from claims_api.cli.owner import AsJson, plain_errors, tenant_id_of
from claims_api.kit import clock, ids
from claims_api.kit.settings import load_settings
from claims_api.launch import Ground
from claims_api.verify.actions.families import FAMILIES, KINDS
from claims_api.verify.actions.report import SHOWN_OF_A_KIND, Report, together
from claims_api.verify.actions.run import Tell, check_access
from claims_api.verify.actions.run import verify as verify_share
from claims_api.verify.queries.reading import WHOLE, Share

# Nothing else runs in this process, so it can be copied; elsewhere than on Linux the system's own libraries object.
START = "fork" if sys.platform == "linux" else "spawn"
JOBS = min(4, os.cpu_count() or 1)
HOLDS, VIOLATED, NOT_CHECKED = 0, 1, 2
TOLD_EVERY_SECONDS = 2.0
SAYS = {kind.code: kind.says for kind in KINDS}
HELP = f"""Checks everything stored, as the owner (CLAIMS_DATABASE_URL_DIRECT); it only reads, and a service may run.

Each tenant is read as one moment saw it. Checked are:

{"".join(f"- {family.about}{chr(10)}{chr(10)}" for family in FAMILIES)}
Exit code {HOLDS}: all of it holds. {VIOLATED}: something does not; each kind is counted, its first {SHOWN_OF_A_KIND}
rows are named. {NOT_CHECKED}: nothing can be said (wrong use, no such tenant, a database that does not answer)."""


def verify(
    tenant: Annotated[str | None, typer.Option(help="Only this one, ten_...; all of them without it.")] = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the claims.")] = JOBS,
    as_json: AsJson = False,
) -> None:
    only = tenant_id_of(tenant) if tenant is not None else None
    began = clock.monotonic_seconds()
    with plain_errors(NOT_CHECKED), launch.ground(load_settings()) as ground:
        report = _verified(ground, only, jobs)
    seconds = clock.monotonic_seconds() - began
    print(_as_json(report, seconds) if as_json else _as_text(report, seconds))
    if report.counts:
        raise typer.Exit(VIOLATED)


def _verified(ground: Ground, only: UUID | None, jobs: int) -> Report:
    """Raises: what `check_access` raises, here and not in another process"""
    if jobs == 1:
        gc.freeze()
        return _share(ground, only, WHOLE)

    async def check() -> None:
        async with launch.owner_database(ground.settings, ground.owner_url) as database:
            await check_access(database, only)

    asyncio.run(check())
    gc.freeze()  # what is here stays: no collection has to walk it, and the processes share its pages
    with ProcessPoolExecutor(jobs, get_context(START)) as processes:
        shares = [Share(number, jobs) for number in range(jobs)]
        return together(processes.map(partial(_share, ground, only), shares))


def _share(ground: Ground, only: UUID | None, share: Share) -> Report:
    """One process's part."""

    async def checked() -> Report:
        async with launch.owner_database(ground.settings, ground.owner_url) as database:
            return await verify_share(database, only, _progress(share), share)

    return asyncio.run(checked())


def _progress(share: Share) -> Tell:
    """A line on standard error now and then; what was found goes to standard output, at the end."""
    began = told_at = clock.monotonic_seconds()
    name = "" if share == WHOLE else f"share {share.number + 1} of {share.of}, "

    def tell(report: Report) -> None:
        nonlocal told_at
        now = clock.monotonic_seconds()
        if now >= told_at + TOLD_EVERY_SECONDS:
            told_at = now
            print(f"{now - began:.0f} s: {name}{_amounts(report)}", file=sys.stderr, flush=True)

    return tell


def _amounts(report: Report) -> str:
    return f"{report.tenants} tenants done, {report.claims} claims, {report.events} events, {report.parcels} parcels"


def _as_text(report: Report, seconds: float) -> str:
    lines = []
    for code, count in report.counts.items():
        lines.append(f"{code}: {SAYS[code]} {count} found.")
        for shown in report.shown:
            found = shown.violation
            if found.kind.code == code:
                detail = f" ({found.detail})" if found.detail else ""
                lines.append(f"  {ids.encode('ten', shown.tenant_id)} {found.row}{detail}")
        if count > SHOWN_OF_A_KIND:
            lines.append(f"  and {count - SHOWN_OF_A_KIND} more")
    verdict = f"{report.counts.total()} violations" if report.counts else "Everything holds"
    return "\n".join([*lines, f"{verdict}: {_amounts(report)} in {seconds:.1f} s."])


def _as_json(report: Report, seconds: float) -> str:
    rows = [
        {
            "code": one.violation.kind.code,
            "tenant": ids.encode("ten", one.tenant_id),
            "row": one.violation.row,
            "detail": one.violation.detail,
        }
        for one in report.shown
    ]
    amounts = {"tenants": report.tenants, "claims": report.claims, "events": report.events, "parcels": report.parcels}
    said = {"holds": not report.counts, **amounts, "seconds": round(seconds, 1), "violations": dict(report.counts)}
    return json.dumps(said | {"rows": rows})
