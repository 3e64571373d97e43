"""One claim in each status, brought there over HTTP: the rows that are multiplied to fill a database."""

import asyncio
import json
from dataclasses import dataclass

from benchmarks.copies import Stored, rows_of
from benchmarks.ground import Ground, Tenant, new_tenant
from benchmarks.load import MARK, marks
from benchmarks.processes import Worker
from benchmarks.rounds import probe
from benchmarks.submissions import CLAIM
from claims_api import launch
from tests.support.claims import PATHS, STEPS  # the tests bring claims to each status with it too


@dataclass(frozen=True)
class Template:
    """A claim in a status: its rows, the mark it was filed with, and the tenant that has nothing else."""

    status: str
    stored: Stored
    mark: str
    tenant: Tenant


def templates(place: Ground, service: Worker) -> list[Template]:
    """One for each status."""
    filed = [(status, new_tenant(place, status), next(marks())) for status in PATHS]
    for status, tenant, mark in filed:
        _bring(service, tenant, mark, status)
    return asyncio.run(_read(place, filed))


def _bring(service: Worker, tenant: Tenant, mark: str, status: str) -> None:
    fresh, claims = marks(), f"{service.url}/v1/claims"
    sent = json.loads(CLAIM.replace(MARK, mark)) | {"draft": status == "draft"}
    filed = probe("POST", claims, _headers(tenant.shop, next(fresh)), 201, json.dumps(sent))
    for by, transition in PATHS[status]:
        credential = tenant.shop if by == "customer" else tenant.agent
        step = json.dumps({"transition": transition} | STEPS[transition])
        headers = _headers(credential, next(fresh)) | ({} if by == "customer" else {"Claims-Actor": "bench"})
        probe("POST", f"{claims}/{filed.json()['id']}/transitions", headers, 200, step)


def _headers(credential: str, key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}", "Content-Type": "application/json", "Idempotency-Key": key}


async def _read(place: Ground, filed: list[tuple[str, Tenant, str]]) -> list[Template]:
    async with launch.owner_database(place.settings, place.owner_url) as database:
        return [Template(status, await rows_of(database, tenant.id), mark, tenant) for status, tenant, mark in filed]
