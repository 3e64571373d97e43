"""A claim in each status, brought there over HTTP: the rows that are multiplied to fill a database."""

import asyncio
import json
from dataclasses import dataclass

from benchmarks.copies import Stored, rows_of
from benchmarks.ground import Ground, NotMeasured, Tenant, new_tenant
from benchmarks.load import MARK, marks
from benchmarks.processes import Worker
from benchmarks.rounds import probe
from benchmarks.submissions import CLAIM
from claims_api import launch
from tests.support.claims import PATHS, STEPS  # the tests bring claims to each status with it too

SHARES = {  # of a hundred claims; most are over, and most of those are closed
    "closed": 72, "withdrawn": 12, "cancelled": 1, "resolved": 4, "rejected": 2,
    "submitted": 3, "under_review": 2, "under_inspection": 1, "in_remedy": 2, "draft": 1,
}  # fmt: skip
CARRIED = {
    "picked_up": "2026-03-10T09:00:00Z", "in_transit": "2026-03-11T04:00:00Z", "delivered": "2026-03-12T11:00:00Z",
}  # fmt: skip
KEYS = marks()


@dataclass(frozen=True)
class Template:
    """A claim in a status: its rows, the mark it was filed with, and the tenant that has nothing else."""

    status: str
    stored: Stored
    mark: str
    tenant: Tenant


def templates(place: Ground, service: Worker) -> list[Template]:
    """One for each status that claims are to have.

    Raises: NotMeasured
    """
    filed = [(status, new_tenant(place, status), next(KEYS)) for status in SHARES]
    for status, tenant, mark in filed:
        _bring(service, tenant, mark, status)
    return asyncio.run(_read(place, filed))


def _bring(service: Worker, tenant: Tenant, mark: str, status: str) -> None:
    claims = f"{service.url}/v1/claims"
    sent = json.loads(CLAIM.replace(MARK, mark)) | {"draft": status == "draft"}
    filed = probe("POST", claims, _headers(tenant.shop), 201, json.dumps(sent)).json()["id"]
    for by, transition in PATHS[status]:
        if by == "parcel":
            _send_back(service, _agent(tenant), filed, mark)
            break  # goods that arrive move their claim by themselves
        headers = _headers(tenant.shop) if by == "customer" else _agent(tenant)
        step = json.dumps({"transition": transition} | STEPS[transition])
        probe("POST", f"{claims}/{filed}/transitions", headers, 200, step)
    reached = probe("GET", f"{claims}/{filed}", _agent(tenant), 200).json()["status"]
    if reached != status:
        raise NotMeasured(f"A claim that should be {status} is {reached}.")


def _send_back(service: Worker, agent: dict[str, str], claim: str, number: str) -> None:
    """The goods come to us in a parcel, and are what they should be."""
    of_parcel = {"carrier": "Swift", "tracking_number": number}
    inbound = {"claim_id": claim, "direction": "inbound", "purpose": "return"}
    numbers = {"tracking_numbers": [{"carrier": "Swift", "number": number}]}
    shipments = f"{service.url}/v1/shipments"
    parcel = probe("POST", shipments, agent, 201, json.dumps(inbound | numbers)).json()["id"]
    said = [of_parcel | {"status": status, "occurred_at": at} for status, at in CARRIED.items()]
    probe("POST", f"{service.url}/v1/shipment-updates", agent, 200, json.dumps({"updates": said}))
    probe("POST", f"{shipments}/{parcel}/receipt", agent, 200, json.dumps({"outcome": "as_expected"}))


def _agent(tenant: Tenant) -> dict[str, str]:
    return _headers(tenant.agent) | {"Claims-Actor": "bench"}


def _headers(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}", "Content-Type": "application/json", "Idempotency-Key": next(KEYS)}


async def _read(place: Ground, filed: list[tuple[str, Tenant, str]]) -> list[Template]:
    async with launch.owner_database(place.settings, place.owner_url) as database:
        return [Template(status, await rows_of(database, tenant.id), mark, tenant) for status, tenant, mark in filed]
