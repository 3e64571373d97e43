"""Who sees what of a parcel: the table of hidden fields, walked for every view."""

import json
from typing import Any

import httpx
import pytest

from claims_api.claims.schemas.views import View
from claims_api.shipments.schemas.answers import HIDDEN, ShipmentAnswer
from tests.support.claims import Claim
from tests.support.parcels import Depot, Parcel, number, said

CUSTOMS = {
    "hs_code": "851610",
    "origin": "CN",
    "value": {"amount": "129.00", "currency": "EUR"},
    "duty_bearer": "seller",
}
PROOF = {"type": "photo", "url": "https://proofs.example/1.jpg", "signed_by": "A. Nyone"}


async def looker(depot: Depot, view: View, claim: Claim) -> httpx.AsyncClient:
    match view:
        case View.CUSTOMER:
            return await depot.team.customer(claim)
        case View.PARTNER:
            return await depot.partner()
        case View.STOREFRONT | View.STAFF:
            return await depot.team.of("storefront" if view is View.STOREFRONT else "agent")


async def full(depot: Depot) -> tuple[Claim, Parcel]:
    """A parcel of which everything is known."""
    claim, tracking = await depot.awaiting(), number()
    parcel = await depot.register(claim, tracking, customs=CUSTOMS)
    eta = {"p50": "2026-11-04T10:00:00Z"}
    await depot.tell(
        said(tracking, "delivered", 2, condition="opened", proof=PROOF, eta=eta),
        said(tracking, "in_transit", 3),
    )
    await depot.receipt(parcel, "as_expected", disposition="restock")
    return claim, parcel


def found_at(shown: Parcel, path: str) -> bool:
    here: Any = shown
    for step in path.split("."):
        if not isinstance(here, dict) or step not in here:
            return False
        here = here[step]
    return True


@pytest.mark.parametrize("view", View)
async def test_a_view_sees_exactly_what_the_table_shows_it(depot: Depot, view: View) -> None:
    claim, parcel = await full(depot)
    client = await looker(depot, view, claim)

    shown = (await client.get(f"/v1/shipments/{parcel['id']}")).json()
    listed = (await client.get(f"/v1/claims/{claim['id']}/shipments")).json()["data"]
    ShipmentAnswer.model_validate_json(json.dumps(shown))  # what is left out may be left out

    assert {path: found_at(shown, path) for path in HIDDEN} == {path: view in views for path, views in HIDDEN.items()}
    assert listed == [shown]
    everything = await depot.read(parcel)
    assert shown.keys() | {path for path in HIDDEN if "." not in path} == everything.keys()


async def test_a_token_opens_the_parcels_of_its_own_claim_and_writes_none(depot: Depot) -> None:
    claim, other = await depot.awaiting(), await depot.awaiting()
    parcel, foreign = await depot.register(claim, number()), await depot.register(other, number())
    phone = await depot.team.customer(claim)

    reads = [await phone.get(f"/v1/shipments/{each['id']}") for each in (parcel, foreign)]
    lists = [await phone.get(f"/v1/claims/{each['id']}/shipments") for each in (claim, other)]
    writes = [
        await phone.post("/v1/shipment-updates", json={"updates": [said(number(), "lost")]}),
        await phone.post(f"/v1/shipments/{parcel['id']}/receipt", json={"outcome": "as_expected"}),
    ]

    assert [each.status_code for each in (*reads, *lists, *writes)] == [200, 404, 200, 404, 403, 403]


async def test_parcels_of_a_claim_are_read_in_pages_in_the_order_they_were_registered(depot: Depot) -> None:
    claim, agent = await depot.team.file(), await depot.team.of("agent")
    parcels = [await depot.register(claim, number()) for _ in range(3)]
    path, seen, query = f"/v1/claims/{claim['id']}/shipments", [], {"limit": "2"}

    while True:
        page = (await agent.get(path, params=query)).json()
        seen += [each["id"] for each in page["data"]]
        if not page["next_cursor"]:
            break
        query["cursor"] = page["next_cursor"]

    assert seen == [each["id"] for each in parcels]
