"""What parcels ask the database: as many statements for 500 updates as for one, each led by an index."""

from typing import Any

import httpx
from fastapi import FastAPI

from tests.support.claims import key
from tests.support.parcels import Depot, Parcel, number, said
from tests.support.statements import count_statements

PATH = "/v1/shipment-updates"


async def sent(app: FastAPI, client: httpx.AsyncClient, method: str, path: str, status: int, **more: Any) -> int:
    """How many statements a request sends, once its credential is known."""
    await client.get("/v1/shipments/shp_x")
    with count_statements(app.state.database.tenants) as statements:
        answer = await client.request(method, path, **more)
    assert answer.status_code == status, answer.text
    return len(statements)


async def told_of(depot: Depot, size: int) -> list[Parcel]:
    """One update for each of so many parcels of one claim or several."""
    updates = []
    claim = await depot.awaiting()
    for each in range(size):
        tracking = number()
        await depot.register(claim, tracking)
        updates.append(said(tracking, "in_transit", each))
    return updates


async def test_a_batch_costs_nine_statements_whatever_its_size(app: FastAPI, depot: Depot) -> None:
    partner = await depot.partner()
    one, several = await told_of(depot, 1), await told_of(depot, 8)
    many = [*several, *(said(several[0]["tracking_number"], "in_transit", hour) for hour in range(50, 542))]

    counts = [
        await sent(app, partner, "POST", PATH, 200, json={"updates": batch}, headers=key()) for batch in (one, many)
    ]

    assert counts == [9, 9]


async def test_a_batch_that_nobody_waits_for_costs_four_statements(app: FastAPI, depot: Depot) -> None:
    partner = await depot.partner()
    batches = [[said(number(), "in_transit")], [said(number(), "in_transit") for _ in range(500)]]

    counts = [await sent(app, partner, "POST", PATH, 200, json={"updates": each}) for each in batches]

    assert counts == [4, 4]


async def test_a_parcel_is_registered_received_and_read_in_few_statements(app: FastAPI, depot: Depot) -> None:
    claim, agent = await depot.awaiting(), await depot.team.of("agent")
    body = {"claim_id": claim["id"], "direction": "inbound", "purpose": "return", "partner": "swift"}
    numbers = [{"carrier": "Swift", "number": number()} for _ in range(10)]
    parcel = f"/v1/shipments/{(await depot.register(claim, number()))['id']}"

    counts = {
        "register": await sent(app, agent, "POST", "/v1/shipments", 201, json=body, headers=key()),
        "register ten numbers": await sent(
            app, agent, "POST", "/v1/shipments", 201, json=body | {"tracking_numbers": numbers}, headers=key()
        ),
        "receipt": await sent(app, agent, "POST", f"{parcel}/receipt", 200, json={"outcome": "partial"}, headers=key()),
        "read": await sent(app, agent, "GET", parcel, 200),
        "list": await sent(app, agent, "GET", f"/v1/claims/{claim['id']}/shipments", 200),
    }

    assert counts == {"register": 7, "register ten numbers": 10, "receipt": 7, "read": 1, "list": 2}
