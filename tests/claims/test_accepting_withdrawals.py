"""A withdrawal over HTTP: accepted with the way out in the refund, refused only when it surely came too late."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from fastapi import FastAPI

from claims_api.domain.evolve import fold
from claims_api.kit import clock, database
from tests.support.claims import REFUSAL, Claim, Team, allowed, key, line
from tests.support.logs_of_claims import stored_and_log
from tests.support.problems import refused
from tests.support.statements import count_statements

EUR = "EUR"
SHIRT: Claim = {
    "sku": "SHT-1",
    "category": "clothing",
    "issue": {"code": "changed_mind"},
    "paid": {"amount": "20.00", "currency": EUR},
}
ORDER: Claim = {
    "purchased_on": "2026-10-30",
    "delivered_on": "2026-11-03",
    "sales_channel": "distance",
    "shipping_paid": {"amount": "4.90", "currency": EUR},
}
IN_TIME, LATE = datetime(2026, 11, 17, 22, 55, tzinfo=UTC), datetime(2026, 11, 17, 23, 1, tzinfo=UTC)
"""Five minutes before the last day of 3 November and fourteen days ends in Berlin, and one after."""


async def declared(team: Team, at: datetime = IN_TIME, **changes: Any) -> Claim:
    """A withdrawal as it was filed at an instant."""
    clock.set_to(at)
    return await team.file(**({"order": ORDER, "lines": [line(**SHIRT)]} | changes))


def saying(reason: str, lines: int = 1) -> Claim:
    """The arguments of a refusal."""
    return {"lines": [{"position": n + 1, "refusal": REFUSAL | {"reason": reason}} for n in range(lines)]}


async def test_a_withdrawal_is_accepted_at_once_and_refunded_with_the_way_out(team: Team) -> None:
    claim = await declared(team, lines=[line(**SHIRT), line(**SHIRT | {"paid": {"amount": "80.00", "currency": EUR}})])
    accepted = await team.done("agent", claim, "accept_withdrawal")
    assert (accepted["status"], accepted["stage"], accepted["decision"]) == (
        "in_remedy",
        "fixing",
        "withdrawal_accepted",
    )
    assert [each["decision"] for each in accepted["lines"]] == ["withdrawal_accepted"] * 2
    assert [(each["position"], each["kind"], each["state"], each["amount"]) for each in accepted["remedies"]] == [
        (1, "refund", "accepted", {"amount": "20.98", "currency": EUR}),
        (2, "refund", "accepted", {"amount": "83.92", "currency": EUR}),
    ]
    assert {each["starts_when"] for each in accepted["remedies"]} == {"received"}
    assert accepted["decided_by"] == {"kind": "agent", "ref": "agent-1"}
    assert accepted == await team.read(claim)
    resolved = await team.done("agent", claim, "resolve")
    assert (resolved["status"], {each["state"] for each in resolved["remedies"]}) == ("resolved", {"completed"})
    assert {each["starts_when"] for each in resolved["remedies"]} == {"received"}


@pytest.mark.parametrize("by", ["agent", "supervisor"])
async def test_a_withdrawal_is_accepted_after_a_review_too(team: Team, by: str) -> None:
    claim = await declared(team)
    reviewing = await team.done("agent", claim, "start_review")
    assert allowed(reviewing) | {"accept_withdrawal": None, "approve": "withdrawal-rests", "reject": None} == allowed(
        reviewing
    )
    assert (await team.done(by, claim, "accept_withdrawal"))["status"] == "in_remedy"


async def test_the_history_has_the_findings_for_the_staff_alone(team: Team) -> None:
    claim = await declared(team)
    await team.done("agent", claim, "accept_withdrawal")
    _, event, remedy = await team.history(claim)
    assert (event["type"], remedy["type"]) == ("claim.withdrawal_accepted", "remedy.accepted")
    finding = event["data"]["lines"][0]["finding"]
    assert finding["declared_at"].startswith("2026-11-17T22:55:")
    assert {name: finding[name] for name in finding if name != "declared_at"} == {
        "period": {"value": 14, "unit": "calendar_days", "law": "bgb"},
        "last_day": "2026-11-17",
        "is_in_time": "yes",
        "is_covered_sale": "yes",
        "excepted": "no",
        "assumed": [],
    }
    for by in ("customer", "storefront"):
        _, event, remedy = await team.history(claim, by)
        assert event["type"] == "claim.withdrawal_accepted"
        assert set(event["data"]["lines"][0]) == {"position", "decision", "remedy", "amount"}
        assert remedy["data"]["starts_when"] == "received"


async def test_a_customer_sees_what_the_refund_waits_for(team: Team) -> None:
    claim = await declared(team)
    await team.done("agent", claim, "accept_withdrawal")
    seen = await team.read(claim, "customer")
    (remedy,) = seen["remedies"]
    assert {name: remedy[name] for name in remedy if name != "id"} == {
        "position": 1,
        "kind": "refund",
        "state": "accepted",
        "amount": {"amount": "24.90", "currency": EUR},
        "starts_when": "received",
    }
    assert "decided_by" not in seen


async def test_what_is_stored_is_what_the_log_tells(owner: database.Database, team: Team) -> None:
    draft = await declared(team, draft=True)
    await team.done("storefront", draft, "submit")
    await team.done("agent", draft, "accept_withdrawal")
    async with owner.transaction(team.tenant.id) as db:
        stored, log = await stored_and_log(db, team.tenant.id, draft)
    assert fold(log) == stored.claim
    assert stored.claim.lines[0].delivered_on == date(2026, 11, 3)


async def test_lines_of_two_grounds_are_decided_in_no_way_but_can_be_taken_back(team: Team) -> None:
    claim = await declared(team, lines=[line(**SHIRT), line()])
    refused(await team.step("agent", claim, "accept_withdrawal"), 409, "grounds-mixed")
    await team.done("agent", claim, "start_review")
    for step in ("accept_withdrawal", "approve", "reject"):
        document = refused(await team.step("agent", claim, step), 409, "grounds-mixed")
        assert document["withdrawals"] == [1]
    assert (await team.done("customer", claim, "withdraw"))["status"] == "withdrawn"
    for lines in ([line(**SHIRT)], [line()]):
        await team.file(order=ORDER, lines=lines)


async def test_a_withdrawal_is_not_approved(team: Team) -> None:
    claim = await declared(team)
    await team.done("agent", claim, "start_review")
    document = refused(await team.step("agent", claim, "approve"), 409, "withdrawal-rests")
    assert document["position"] == 1


async def test_a_defect_is_no_withdrawal(team: Team) -> None:
    claim = await team.file()
    refused(await team.step("agent", claim, "accept_withdrawal"), 409, "no-withdrawal")


async def test_a_withdrawal_in_time_is_not_refused_as_late(team: Team) -> None:
    claim = await declared(team)
    clock.set_to(datetime(2026, 12, 30, tzinfo=UTC))  # whenever somebody reads it
    await team.done("agent", claim, "start_review")
    document = refused(await team.step("agent", claim, "reject", **saying("out_of_period")), 409, "withdrawal-in-time")
    assert {name: document[name] for name in ("position", "is_in_time", "last_day", "law", "assumed")} == {
        "position": 1,
        "is_in_time": "yes",
        "last_day": "2026-11-17",
        "law": "bgb",
        "assumed": [],
    }
    assert "355" in str(document["source"])
    assert (await team.read(claim))["version"] == 2


async def test_a_late_withdrawal_can_be_refused_with_reasons_and_an_appeal(team: Team) -> None:
    claim = await declared(team, LATE)
    await team.done("agent", claim, "start_review")
    found = await team.done("agent", claim, "reject", **saying("out_of_period"))
    refusal = found["lines"][0]["refusal"]
    assert (found["status"], refusal["reason"]) == ("rejected", "out_of_period")
    assert refusal["clause"] == REFUSAL["clause"] | {"text": None}
    assert (refusal["facts"], refusal["would_change"]) == (REFUSAL["facts"], REFUSAL["would_change"])
    assert refusal["appeal_until"] == found["appeal_until"] is not None


async def test_a_late_withdrawal_may_still_be_accepted_by_a_person(team: Team) -> None:
    claim = await declared(team, LATE)
    await team.done("agent", claim, "accept_withdrawal")
    finding = (await team.history(claim))[1]["data"]["lines"][0]["finding"]
    assert (finding["is_in_time"], finding["assumed"]) == ("no", [])


DOUBTS: dict[str, tuple[Claim, str, list[str]]] = {
    "no day of delivery": ({"order": ORDER | {"delivered_on": None}}, "unknown", ["delivered_on"]),
    "a later delivery of the line": ({"lines": [line(**SHIRT | {"delivered_on": "2026-11-16"})]}, "yes", []),
    "no law of the kind": ({"region": "US"}, "unknown", []),
    "a place whose law is not established": ({"region": "GL"}, "unknown", []),
    "a business": ({"customer": {"ref": "c-78", "kind": "business"}}, "unknown", []),
    "the customer's own zone": ({"time_zone": "America/Lima"}, "yes", []),
}


@pytest.mark.parametrize(("changes", "is_in_time", "assumed"), DOUBTS.values(), ids=DOUBTS.keys())
async def test_nothing_is_refused_as_late_on_what_is_not_known(
    team: Team, changes: Claim, is_in_time: str, assumed: list[str]
) -> None:
    claim = await declared(team, LATE, **changes)
    await team.done("agent", claim, "start_review")
    document = refused(await team.step("agent", claim, "reject", **saying("out_of_period")), 409, "withdrawal-in-time")
    assert (document["is_in_time"], document["assumed"]) == (is_in_time, assumed)
    assert (await team.done("agent", claim, "accept_withdrawal"))["status"] == "in_remedy"


@pytest.mark.parametrize("reason", ["not_a_defect", "wear_and_tear", "misuse", "third_party_damage"])
async def test_a_late_withdrawal_is_still_no_question_of_the_goods(team: Team, reason: str) -> None:
    claim = await declared(team, LATE)
    await team.done("agent", claim, "start_review")
    refused(await team.step("agent", claim, "reject", **saying(reason)), 409, "reason-not-allowed")


@pytest.mark.parametrize("reason", ["excluded_by_terms", "other"])
async def test_a_purchase_in_a_shop_can_be_refused(team: Team, reason: str) -> None:
    claim = await declared(team, order=ORDER | {"sales_channel": "in_store"})
    await team.done("agent", claim, "start_review")
    assert (await team.done("agent", claim, "reject", **saying(reason)))["status"] == "rejected"


async def test_a_duplicate_is_not_refunded_a_second_time(team: Team) -> None:
    order = ORDER | {"ref": "100-42"}
    await declared(team, order=order)
    again = await declared(team, order=order)
    refused(await team.step("agent", again, "accept_withdrawal"), 409, "hold-duplicate")


async def test_a_decision_about_withdrawals_costs_three_statements_whatever_their_lines(
    app: FastAPI, team: Team
) -> None:
    agent, counts = await team.of("agent"), []
    for size in (1, 50):
        for step in ("accept_withdrawal", "reject"):
            claim = await declared(team, LATE, lines=[line(**SHIRT | {"sku": f"S-{n}"}) for n in range(size)])
            await team.done("agent", claim, "start_review")
            body = {"transition": step} | (saying("out_of_period", size) if step == "reject" else {})
            await agent.get("/v1/claims")  # what is known of a key is forgotten after seconds
            with count_statements(app.state.database.tenants) as statements:
                answer = await agent.post(f"/v1/claims/{claim['id']}/transitions", json=body, headers=key())
            assert answer.status_code == 200, answer.text
            counts.append(len(statements))
    assert counts == [3, 3, 3, 3]
