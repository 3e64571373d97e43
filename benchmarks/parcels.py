"""Batches of 500 shipment updates: scans that no claim hears of, and statuses that each write to a claim's history."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from benchmarks import table
from benchmarks.ground import Ground, NotMeasured
from benchmarks.load import MARK
from benchmarks.rounds import Measured, Part, Stage
from benchmarks.submissions import CLAIM
from claims_api import launch
from claims_api.access import actions
from claims_api.access.scopes import Role

PARCELS, CLAIMS = 500, 100
AT_ONCE = 8  # requests, while the ground is laid
PARTNER = "bench-courier"
NEWS = ("label_created", "picked_up", "in_transit", "customs", "out_for_delivery", "available_for_pickup", "exception")
"""Each is told to the claim once: a batch of one of them has an event for every parcel."""
START = datetime(2026, 1, 1, tzinfo=UTC)
SCANS, EFFECTS = "scan batch", "effect batch"


def part(stage: Stage) -> Part:
    """The scans go to the same parcels again and again; statuses need parcels nobody has told of yet, made before."""
    courier = asyncio.run(_courier(stage.place))
    headers = {"Authorization": f"Bearer {courier}"}
    seen, minutes = _parcels(stage), count(1)
    _post(stage, headers, [_update(number, "in_transit", 0) for number in seen])

    def scans() -> Iterator[list[Any]]:
        while True:
            minute = next(minutes)
            yield [_update(number, "in_transit", minute) for number in seen]

    def effects() -> Iterator[list[Any]]:
        fresh = _parcels(stage)
        for minute, status in enumerate(NEWS):
            yield [_update(number, status, minute) for number in fresh]

    def measured(batches: Iterator[list[Any]], seconds: float) -> tuple[float, float]:
        spent = took = 0.0
        posted = 0
        for batch in batches:
            began, cpu = time.perf_counter(), stage.service.cpu_seconds()
            _post(stage, headers, batch)
            took += time.perf_counter() - began
            spent += stage.service.cpu_seconds() - cpu
            posted += len(batch)
            if took >= seconds:
                break
        return posted / took, spent * 1000 / posted

    phases = {
        SCANS: lambda seconds: measured(scans(), seconds),
        EFFECTS: lambda seconds: measured(effects(), seconds),
    }
    return Part(phases, _rows)


async def _courier(place: Ground) -> str:
    async with launch.owner_database(place.settings, place.owner_url) as database:
        made = await actions.create_key(database, place.tenant.id, Role.PARTNER, None, partner=PARTNER)
    return made.credential


def _parcels(stage: Stage) -> list[str]:
    """Numbers of parcels just registered, some for each claim. A loan tells its claim everything and moves it nowhere.

    Raises: NotMeasured
    """
    agent = {"Authorization": f"Bearer {stage.place.tenant.agent}", "Claims-Actor": "bench"}
    shop = stage.headers
    with httpx.Client(base_url=stage.service.url, timeout=30) as client, ThreadPoolExecutor(AT_ONCE) as at_once:

        def file(_number: int) -> str:
            body = CLAIM.replace(MARK, uuid4().hex[:12])
            return str(_done(client.post("/v1/claims", headers=shop, content=body))["id"])

        def register(claim_id: str) -> str:
            number = uuid4().hex[:16].upper()
            body = {"claim_id": claim_id, "direction": "outbound", "purpose": "loan", "partner": PARTNER}
            numbers = {"tracking_numbers": [{"carrier": "Swift", "number": number}]}
            _done(client.post("/v1/shipments", headers=agent, json=body | numbers))
            return number

        claims = list(at_once.map(file, range(CLAIMS)))
        return list(at_once.map(register, claims * (PARCELS // CLAIMS)))


def _post(stage: Stage, headers: dict[str, str], batch: list[Any]) -> None:
    answer = httpx.post(
        f"{stage.service.url}/v1/shipment-updates", headers=headers, json={"updates": batch}, timeout=30
    )
    results = {result["result"] for result in _done(answer)["results"]}
    if results != {"accepted"}:
        raise NotMeasured(f"A batch of updates was not accepted as a whole: {results}.")


def _done(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise NotMeasured(f"{answer.request.method} {answer.request.url} answered {answer.status_code}: {answer.text}")
    found: dict[str, Any] = answer.json()
    return found


def _update(number: str, status: str, minute: int) -> dict[str, str]:
    at = (START + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")
    return {"carrier": "Swift", "tracking_number": number, "status": status, "occurred_at": at, "location": "Depot"}


def _rows(measured: Measured) -> list[table.Row]:
    names = {SCANS: "no claim hears of", EFFECTS: "a claim hears of each"}
    return [
        row
        for phase, of in names.items()
        for row in (
            table.range_row(f"updates/s in batches of {PARCELS}, {of}", measured.rates[phase], 0),
            table.range_row(f"CPU ms per update, {of}", measured.cpu_ms[phase], 3),
        )
    ]
