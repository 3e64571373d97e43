"""`claims-api verify`: whether everything stored holds, and if not, which rows show it."""

import gc
import json
import sys
from collections.abc import Callable, Coroutine
from typing import Annotated
from uuid import UUID

import typer

from claims_api.cli.owner import AsJson, as_owner, tenant_id_of
from claims_api.kit import clock, ids
from claims_api.kit.database import Database
from claims_api.verify.actions.families import FAMILIES, KINDS
from claims_api.verify.actions.run import SHOWN_OF_A_KIND, Report, Tell
from claims_api.verify.actions.run import verify as verify_all

HOLDS, VIOLATED, NOT_CHECKED = 0, 1, 2
YOUNG_OBJECTS = 50_000  # between two collections
TOLD_EVERY_SECONDS = 2.0
SAYS = {kind.code: kind.says for kind in KINDS}
HELP = f"""Checks everything stored, as the owner (CLAIMS_DATABASE_URL_DIRECT); it only reads, and a service may run.

Each tenant is read as one moment saw it. Checked are:

{"".join(f"- {family.about}{chr(10)}{chr(10)}" for family in FAMILIES)}
Exit code {HOLDS}: all of it holds. {VIOLATED}: something does not; each kind is counted, its first {SHOWN_OF_A_KIND}
rows are named. {NOT_CHECKED}: nothing can be said (wrong use, no such tenant, a database that does not answer)."""


def verify(
    tenant: Annotated[str | None, typer.Option(help="Only this one, ten_...; all of them without it.")] = None,
    as_json: AsJson = False,
) -> None:
    only = tenant_id_of(tenant) if tenant is not None else None
    began = clock.monotonic_seconds()
    gc.freeze()  # code and law stay; what is read of a claim is gone with the next one, cycles are rare
    gc.set_threshold(YOUNG_OBJECTS)
    report = as_owner(_work(only, _progress(began)), NOT_CHECKED)
    seconds = clock.monotonic_seconds() - began
    print(_as_json(report, seconds) if as_json else _as_text(report, seconds))
    if report.counts:
        raise typer.Exit(VIOLATED)


def _work(only: UUID | None, tell: Tell) -> Callable[[Database], Coroutine[object, object, Report]]:
    return lambda database: verify_all(database, only, tell)


def _progress(began: float) -> Tell:
    """A line on standard error now and then; what was found goes to standard output, at the end."""
    told_at = began

    def tell(report: Report) -> None:
        nonlocal told_at
        now = clock.monotonic_seconds()
        if now >= told_at + TOLD_EVERY_SECONDS:
            told_at = now
            print(f"{now - began:.0f} s: {_amounts(report)}", file=sys.stderr, flush=True)

    return tell


def _amounts(report: Report) -> str:
    return f"{report.tenants} tenants done, {report.claims} claims, {report.events} events"


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
    amounts = {"tenants": report.tenants, "claims": report.claims, "events": report.events}
    said = {"holds": not report.counts, **amounts, "seconds": round(seconds, 1), "violations": dict(report.counts)}
    return json.dumps(said | {"rows": rows})
