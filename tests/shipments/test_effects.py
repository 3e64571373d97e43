"""What a parcel's news mean for its claim: one row of docs/parcels.md each, over HTTP."""

from typing import Any

import pytest

from tests.support.claims import Claim, allowed, key
from tests.support.parcels import Depot, Parcel, number, said

Story = tuple[tuple[str, ...], ...]

INBOUND: dict[str, tuple[Story, str, str, list[str]]] = {
    # the batches of statuses; then the claim's status, who has the goods, and why a person is called
    "on its way": ((("picked_up",),), "awaiting_item", "carrier", []),
    "delivered": ((("picked_up", "delivered"),), "under_inspection", "us", []),
    "lost": ((("picked_up", "lost"),), "under_review", "nobody", []),
    "destroyed": ((("picked_up", "destroyed"),), "under_review", "nobody", []),
    "returned to sender": (
        (("picked_up", "returned_to_sender"),), "awaiting_item", "customer", ["not_coming"]
    ),
    "cancelled": ((("cancelled",),), "awaiting_item", "customer", ["not_coming"]),
    "found before anybody was told": ((("lost", "in_transit"),), "awaiting_item", "carrier", []),
    "found after its loss": ((("lost",), ("in_transit",)), "under_review", "carrier", ["found"]),
    "delivered after its loss": ((("lost",), ("delivered",)), "under_review", "us", ["contradiction", "found"]),
    "lost again": ((("in_transit",), ("lost",), ("in_transit",), ("lost",)), "under_review", "nobody", ["found"]),
    "lost after it was delivered": ((("delivered",), ("lost",)), "under_inspection", "us", ["contradiction"]),
    "a second end": ((("delivered",), ("destroyed",)), "under_inspection", "us", ["contradiction"]),
}  # fmt: skip


@pytest.mark.parametrize(("story", "status", "goods", "flags"), INBOUND.values(), ids=INBOUND)
async def test_a_return_moves_its_claim_once_and_then_calls_a_person(
    depot: Depot, story: Story, status: str, goods: str, flags: list[str]
) -> None:
    claim, tracking, hour = await depot.awaiting(), number(), 0
    parcel = await depot.register(claim, tracking)

    for batch in story:
        await depot.tell(*(said(tracking, word, hour + place) for place, word in enumerate(batch)))
        hour += len(batch)

    after = await depot.team.read(claim)
    assert (after["status"], after["goods_with"]) == (status, goods)
    assert (await depot.read(parcel))["flags"] == flags


async def test_a_damaged_return_calls_a_person_and_only_staff_see_the_call(depot: Depot) -> None:
    claim, tracking = await depot.awaiting(), number()
    parcel = await depot.register(claim, tracking)

    await depot.tell(said(tracking, "in_transit", 1, condition="damaged"))

    assert (await depot.read(parcel))["flags"] == ["damaged"]
    theirs = await (await depot.partner()).get(f"/v1/shipments/{parcel['id']}")
    customers = await (await depot.team.customer(claim)).get(f"/v1/shipments/{parcel['id']}")
    assert [("flags" in each.json(), each.json()["condition"]) for each in (theirs, customers)] == [
        (False, "damaged")
    ] * 2
    seen = [each["type"] for each in await depot.team.history(claim)]
    told = [each["type"] for each in await depot.team.history(claim, "customer")]
    assert ("shipment.flagged" in seen, "shipment.flagged" in told) == (True, False)


@pytest.mark.parametrize("purpose", ["replacement", "repair_return"])
@pytest.mark.parametrize("word", ["delivered", "lost", "destroyed", "returned_to_sender"])
async def test_an_outbound_parcel_tells_its_claim_and_moves_nothing(depot: Depot, purpose: str, word: str) -> None:
    claim, tracking = await depot.team.brought_to("in_remedy"), number()
    await depot.register(claim, tracking, direction="outbound", purpose=purpose)

    await depot.tell(said(tracking, "in_transit", 1), said(tracking, word, 2))

    types = [each["type"] for each in await depot.team.history(claim)]
    event = {"delivered": "shipment.delivered", "lost": "shipment.lost"}.get(word, "shipment.updated")
    assert types[-2:] == ["shipment.registered", event]
    assert (await depot.team.read(claim))["status"] == "in_remedy"


@pytest.mark.parametrize("status", ["under_review", "in_remedy", "closed"])
async def test_a_claim_that_does_not_wait_for_its_goods_is_only_told(depot: Depot, status: str) -> None:
    claim, tracking = await depot.team.brought_to(status), number()
    await depot.register(claim, tracking)

    await depot.tell(said(tracking, "delivered", 1))

    after = await depot.team.read(claim)
    assert (after["status"], after["goods_with"]) == (status, "us")
    assert (await depot.team.history(claim))[-1]["type"] == "shipment.delivered"


async def test_a_part_of_the_goods_moves_a_claim_only_where_somebody_accepts_it(depot: Depot) -> None:
    claim = await depot.awaiting()
    parcel = await depot.register(claim, number())

    await depot.receipt(parcel, "partial")
    waiting = (await depot.team.read(claim))["status"]
    second = await depot.receipt(parcel, "partial", accept_partial=True, note="The lid is missing.")

    assert (waiting, (await depot.team.read(claim))["status"]) == ("awaiting_item", "under_inspection")
    assert second.json()["receipt"]["outcome"] == "partial"


async def test_a_second_receipt_replaces_the_first_and_the_history_has_both(depot: Depot) -> None:
    claim = await depot.awaiting()
    parcel = await depot.register(claim, number())

    await depot.receipt(parcel, "empty_box")
    empty = (await depot.team.read(claim))["goods_with"]
    await depot.receipt(parcel, "as_expected", disposition="refurbish", partner="swift")

    after = await depot.team.read(claim)
    assert (empty, after["goods_with"], after["status"]) == ("nobody", "us", "under_inspection")
    assert (await depot.read(parcel))["receipt"] == {
        "outcome": "as_expected", "disposition": "refurbish", "may_be_kept": False
    }  # fmt: skip
    types = [each["type"] for each in await depot.team.history(claim)]
    assert types.count("shipment.receipt_recorded") == 2


async def test_a_receipt_ends_the_calls_for_a_person(depot: Depot) -> None:
    claim, tracking = await depot.awaiting(), number()
    parcel = await depot.register(claim, tracking)
    await depot.tell(said(tracking, "delivered", 1, condition="damaged"))

    answer = await depot.receipt(parcel, "damaged")

    assert (answer.status_code, answer.json()["flags"]) == (200, [])


async def test_an_outbound_parcel_has_no_receipt(depot: Depot) -> None:
    claim = await depot.team.brought_to("in_remedy")
    parcel = await depot.register(claim, number(), direction="outbound", purpose="replacement")

    answer = await depot.receipt(parcel, "as_expected")

    assert (answer.status_code, answer.json()["code"]) == (409, "leg-not-inbound")


async def test_the_goods_are_followed_there_and_back(depot: Depot) -> None:
    claim, there, back = await depot.awaiting(), number(), number()
    seen = []

    async def look() -> None:
        seen.append((await depot.team.read(claim))["goods_with"])

    await depot.register(claim, there)
    await look()
    for word, hour in (("in_transit", 1), ("delivered", 2)):
        await depot.tell(said(there, word, hour))
        await look()
    await depot.register(claim, back, direction="outbound", purpose="repair_return")
    await look()
    for word, hour in (("in_transit", 3), ("delivered", 4)):
        await depot.tell(said(back, word, hour))
        await look()

    assert seen == ["customer", "carrier", "us", "us", "carrier", "customer"]


async def _with_us(depot: Depot) -> tuple[Claim, Parcel]:
    claim, tracking = await depot.team.brought_to("in_remedy"), number()
    parcel = await depot.register(claim, tracking)
    await depot.tell(said(tracking, "delivered", 1))
    return claim, parcel


async def test_a_claim_does_not_end_while_its_goods_are_elsewhere(depot: Depot) -> None:
    claim, _ = await _with_us(depot)

    shown = allowed(await depot.team.read(claim))
    answer = await depot.team.step("agent", claim, "resolve")

    ends = [step for step in ("resolve", "close", "withdraw", "cancel") if step in shown]
    assert {shown[step] for step in ends} == {"goods-not-with-customer"}
    assert (answer.status_code, answer.json()["code"]) == (409, "goods-not-with-customer")


@pytest.mark.parametrize("freed", ["a way back", "may be kept"])
async def test_a_claim_ends_once_its_goods_come_back_or_were_given_up(depot: Depot, freed: str) -> None:
    claim, parcel = await _with_us(depot)

    if freed == "a way back":
        await depot.register(claim, number(), direction="outbound", purpose="repair_return")
    else:
        await depot.receipt(parcel, "as_expected", may_be_kept=True)

    assert (await depot.team.step("agent", claim, "resolve")).status_code == 200


async def test_a_refund_gives_the_goods_up(depot: Depot) -> None:
    claim, tracking = await depot.team.brought_to("under_review"), number()
    amount = {"amount": "129.00", "currency": "EUR"}
    consent = {"via": "phone", "at": "2026-01-05T10:00:00Z", "locale": "de-DE"}
    one = {"position": 1, "decision": "goodwill", "remedy": "refund", "amount": amount, "consent": consent}
    approved = await depot.team.step("agent", claim, "approve", lines=[one])
    await depot.register(claim, tracking)
    await depot.tell(said(tracking, "delivered", 1))

    answer = await depot.team.step("agent", claim, "resolve")

    assert (approved.status_code, answer.status_code) == (200, 200), (approved.text, answer.text)


async def test_what_a_border_asks_is_kept_and_shown(depot: Depot) -> None:
    customs = {
        "hs_code": "851610", "origin": "CN", "value": {"amount": "129.00", "currency": "EUR"}, "duty_bearer": "seller"
    }  # fmt: skip

    parcel = await depot.register(await depot.awaiting(), number(), customs=customs)

    assert parcel["customs"] == (await depot.read(parcel))["customs"] == customs


async def test_a_person_is_named_for_a_registration_and_a_receipt_and_for_no_batch(depot: Depot) -> None:
    claim, tracking, partner = await depot.awaiting(), number(), await depot.partner()
    parcel = await depot.register(claim, tracking)
    del partner.headers["Claims-Actor"]
    body: dict[str, Any] = {"claim_id": claim["id"], "direction": "inbound", "purpose": "return"}

    registered = await partner.post("/v1/shipments", json=body, headers=key())
    received = await partner.post(f"/v1/shipments/{parcel['id']}/receipt", json={"outcome": "partial"}, headers=key())
    told = await depot.tell(said(tracking, "in_transit", 1))

    assert {each.json()["code"] for each in (registered, received)} == {"actor-required"}
    assert told[0]["result"] == "accepted"


async def test_a_claim_keeps_its_entity_tag_until_its_history_grows(depot: Depot) -> None:
    claim, tracking, agent = await depot.awaiting(), number(), await depot.team.of("agent")
    parcel = await depot.register(claim, tracking)
    path = f"/v1/claims/{claim['id']}"
    await depot.tell(said(tracking, "in_transit", 1))
    etag = (await agent.get(path)).headers["etag"]

    await depot.tell(said(tracking, "in_transit", 2, location="Leipzig"))
    unchanged = await agent.get(path, headers={"If-None-Match": etag})
    await depot.tell(said(tracking, "out_for_delivery", 3))
    changed = await agent.get(path, headers={"If-None-Match": etag})

    assert (unchanged.status_code, changed.status_code) == (304, 200)
    assert (await depot.read(parcel))["last_update_at"] == "2026-11-02T11:00:00Z"


async def test_an_event_says_when_its_parcel_was_delivered_and_not_when_something_else_was_said(depot: Depot) -> None:
    claim, tracking = await depot.awaiting(), number()
    await depot.register(claim, tracking)

    await depot.tell(said(tracking, "delivered", 1), said(tracking, "in_transit", 7))

    told = [each for each in await depot.team.history(claim) if each["type"] == "shipment.delivered"]
    assert [each["occurred_at"] for each in told] == ["2026-11-02T09:00:00Z"]
