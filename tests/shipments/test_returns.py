"""A return moves its claim by itself, whatever the order in which its updates come."""

import random

import pytest

from tests.support.parcels import Depot, number, said


def types(events: list[dict[str, object]]) -> list[object]:
    return [event["type"] for event in events]


async def test_a_delivered_return_brings_its_claim_to_the_inspection(depot: Depot) -> None:
    claim, tracking = await depot.awaiting(), number()
    parcel = await depot.register(claim, tracking)

    results = await depot.tell(said(tracking, "picked_up", 1), said(tracking, "delivered", 30, substatus="reception"))

    assert [result["result"] for result in results] == ["accepted", "accepted"]
    after = await depot.team.read(claim)
    assert (after["status"], after["goods_with"]) == ("under_inspection", "us")
    shown = await depot.read(parcel)
    assert (shown["status"], shown["substatus"]) == ("delivered", "reception")
    assert shown["delivered_at"] == "2026-11-03T14:00:00Z"
    assert types(await depot.team.history(claim))[-3:] == [
        "shipment.registered", "shipment.delivered", "claim.item_received"
    ]  # fmt: skip


async def test_updates_shuffled_doubled_and_split_give_the_same_parcel_and_one_step(depot: Depot) -> None:
    claim, tracking = await depot.awaiting(), number()
    parcel = await depot.register(claim, tracking)
    told = [said(tracking, status, hour) for hour, status in enumerate(("picked_up", "in_transit", "delivered"))] * 2
    random.Random(5).shuffle(told)  # noqa: S311 - no secret

    for one in told:
        await depot.tell(one)

    after = await depot.team.read(claim)
    assert (after["status"], (await depot.read(parcel))["status"]) == ("under_inspection", "delivered")
    assert types(await depot.team.history(claim)).count("claim.item_received") == 1


async def test_what_is_said_before_a_parcel_is_registered_is_kept_for_it(depot: Depot) -> None:
    claim, tracking = await depot.awaiting(), number()
    early = await depot.tell(said(tracking, "in_transit", 1))

    parcel = await depot.register(claim, tracking)

    assert early == [{"index": 0, "result": "unmatched"}]
    assert parcel["status"] == "in_transit"
    assert (await depot.team.read(claim))["goods_with"] == "carrier"


async def test_a_lost_return_never_costs_the_customer_the_claim(depot: Depot) -> None:
    claim, tracking = await depot.awaiting(), number()
    await depot.register(claim, tracking)

    await depot.tell(said(tracking, "in_transit", 1), said(tracking, "lost", 200))

    after = await depot.team.read(claim)
    assert (after["status"], after["goods_with"]) == ("under_review", "nobody")


@pytest.mark.parametrize("outcome", ["empty_box", "not_received", "partial", "wrong_item"])
async def test_a_receipt_without_all_the_goods_leaves_the_claim_where_it_is(depot: Depot, outcome: str) -> None:
    claim = await depot.awaiting()
    parcel = await depot.register(claim, number())

    answer = await depot.receipt(parcel, outcome)

    assert answer.status_code == 200, answer.text
    assert answer.json()["receipt"]["outcome"] == outcome
    assert (await depot.team.read(claim))["status"] == "awaiting_item"


async def test_findings_follow_a_receipt_and_bring_the_claim_back_to_review(depot: Depot) -> None:
    claim, tracking = await depot.awaiting(), number()
    parcel = await depot.register(claim, tracking)
    await depot.tell(said(tracking, "delivered", 5))
    findings = [{"position": 1, "grade": "broken", "cause": "manufacturing", "fault": "does_not_switch_on"}]

    too_early = await depot.team.step("agent", claim, "record_findings", findings=findings)
    await depot.receipt(parcel, "as_expected", partner="swift")
    done = await depot.team.step("agent", claim, "record_findings", findings=findings)

    assert (too_early.status_code, too_early.json()["code"]) == (409, "receipt-missing")
    assert (done.status_code, done.json()["status"]) == (200, "under_review")
