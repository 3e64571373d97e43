"""N30 over the claims: a problem with a pointer and a plain sentence, the value not repeated, nothing stored."""

from datetime import timedelta, timezone
from typing import Any

import pytest

from claims_api.kit import clock
from tests.support.claims import Claim, Team, kettle, line
from tests.support.problems import pointers_of, refused

CANARY = "c4n4ry"
PATH = "/v1/claims"
EUR = {"amount": "1.00", "currency": "EUR"}

SUBMISSIONS: dict[str, tuple[Claim, str]] = {
    "quantity 0": (kettle(lines=[line(quantity=0)]), "/lines/0/quantity"),
    "quantity -1": (kettle(lines=[line(quantity=-1)]), "/lines/0/quantity"),
    "quantity 2^63": (kettle(lines=[line(quantity=2**63)]), "/lines/0/quantity"),
    "a quantity in words": (kettle(lines=[line(quantity="1")]), "/lines/0/quantity"),
    "half a quantity": (kettle(lines=[line(quantity=0.5)]), "/lines/0/quantity"),
    "quantity true": (kettle(lines=[line(quantity=True)]), "/lines/0/quantity"),
    "101 lines": (kettle(lines=[line()] * 101), "/lines"),
    "lines that are none": (kettle(lines=[CANARY]), "/lines/0"),
    "delivered before purchased": (
        kettle(order={"purchased_on": "2026-03-02", "delivered_on": "2026-03-01"}),
        "/order/delivered_on",
    ),
    "a line delivered before purchased": (kettle(lines=[line(delivered_on="2026-03-01")]), "/lines/0/delivered_on"),
    "noticed before purchased": (
        kettle(lines=[line(issue={"code": "leak", "noticed_on": "2026-03-01"})]),
        "/lines/0/issue/noticed_on",
    ),
    "delivered in 2200": (kettle(order={"delivered_on": "2200-01-01"}), "/order/delivered_on"),
    "a date that is none": (kettle(order={"delivered_on": "2026-02-30"}), "/order/delivered_on"),
    "year 0": (kettle(order={"delivered_on": "0000-01-01"}), "/order/delivered_on"),
    "a date with a time": (kettle(order={"delivered_on": "2026-03-05T00:00:00Z"}), "/order/delivered_on"),
    "a date in other digits": (kettle(order={"delivered_on": "\u0662\u0660\u0662\u0666-03-05"}), "/order/delivered_on"),
    "a negative amount": (kettle(lines=[line(paid=EUR | {"amount": "-1.00"})]), "/lines/0/paid/amount"),
    "an amount as a number": (kettle(lines=[line(paid=EUR | {"amount": 1.5})]), "/lines/0/paid/amount"),
    "an amount in science": (kettle(lines=[line(paid=EUR | {"amount": "1e400"})]), "/lines/0/paid/amount"),
    "NaN": (kettle(lines=[line(paid=EUR | {"amount": "NaN"})]), "/lines/0/paid/amount"),
    "too many decimals": (kettle(lines=[line(paid=EUR | {"amount": "1.001"})]), "/lines/0/paid/amount"),
    "no currency there is": (
        kettle(lines=[line(paid={"amount": "1", "currency": "c4n4ry"})]),
        "/lines/0/paid/currency",
    ),
    "a region in small letters": (kettle(region="de"), "/region"),
    "a region that is a path": (kettle(region="../c4n4ry"), "/region"),
    "an issue there is not": (kettle(lines=[line(issue={"code": CANARY})]), "/lines/0/issue/code"),
    "a remedy there is not": (kettle(lines=[line(requested_remedy=CANARY)]), "/lines/0/requested_remedy"),
    "a zone there is not": (kettle(time_zone="Europe/C4n4ry"), "/time_zone"),
    "a locale that is none": (kettle(locale="c4n4ry!"), "/locale"),
    "an e-mail that is none": (kettle(customer={"ref": "c", "email": CANARY}), "/customer/email"),
    "a control character": (kettle(customer={"ref": "c", "name": f"{CANARY}\u0007"}), "/customer/name"),
    "a blank name": (kettle(lines=[line(name=" \u00a0 ")]), "/lines/0/name"),
    "a reference too long": (kettle(external_ref=CANARY * 20), "/external_ref"),
    "a description too long": (
        kettle(lines=[line(issue={"code": "leak", "description": "x" * 5001})]),
        "/lines/0/issue/description",
    ),
    "51 serial numbers": (kettle(lines=[line(serial_numbers=["S"] * 51)]), "/lines/0/serial_numbers"),
    "21 repairs": (kettle(lines=[line(prior_repairs=[{"by": "seller"}] * 21)]), "/lines/0/prior_repairs"),
    "51 keys": (kettle(metadata={str(n): "v" for n in range(51)}), "/metadata"),
    "a key too long": (kettle(metadata={CANARY * 7: "v"}), "/metadata"),
    "metadata that is no text": (kettle(metadata={"a": 1}), "/metadata/a"),
    "draft in words": (kettle(draft="yes"), "/draft"),
}


@pytest.mark.parametrize(("body", "pointer"), SUBMISSIONS.values(), ids=SUBMISSIONS.keys())
@pytest.mark.parametrize("is_draft", [False, True])
async def test_a_hostile_submission_is_refused_at_its_place(
    team: Team, body: Claim, pointer: str, is_draft: bool
) -> None:
    shop = await team.of("storefront")
    answer = await shop.post(PATH, json={"draft": is_draft} | body)
    document = refused(answer, 422, "invalid-request")
    assert set(pointers_of(document)) == {pointer}
    assert CANARY not in answer.text.lower()
    assert (await shop.get(PATH)).json()["data"] == []


async def test_a_delivery_is_in_the_future_only_where_the_day_has_begun_nowhere(team: Team) -> None:
    shop = await team.of("storefront")
    furthest = clock.now().astimezone(timezone(timedelta(hours=14))).replace(hour=0, minute=0, second=1)
    clock.set_to(furthest)  # the day has just begun at UTC+14, and nowhere else
    today = furthest.date()
    tomorrow = today + timedelta(days=1)
    order = {"delivered_on": today.isoformat()}
    assert (await shop.post(PATH, json=kettle(order=order))).status_code == 201
    answer = await shop.post(PATH, json=kettle(order={"delivered_on": tomorrow.isoformat()}))
    refused(answer, 422, "invalid-request", "/order/delivered_on")


async def test_a_hundred_lines_are_taken(team: Team) -> None:
    claim = await team.file(lines=[line(sku=f"K-{n}", quantity=10_000) for n in range(100)])
    assert [each["position"] for each in claim["lines"]] == list(range(1, 101))


TRANSITIONS: dict[str, tuple[Any, int, str, list[str]]] = {
    "an unknown step": ({"transition": CANARY}, 422, "invalid-request", ["/transition"]),
    "no step": ({"kind": CANARY}, 422, "invalid-request", ["/transition"]),
    "a step that is a number": ({"transition": 7}, 422, "invalid-request", ["/transition"]),
    "a list": ([CANARY], 422, "invalid-request", [""]),
    "nothing": (None, 422, "invalid-request", [""]),
    "a draft": ({"transition": "draft"}, 422, "invalid-request", ["/transition"]),
    "an argument of another step": (
        {"transition": "start_review", "text": CANARY}, 422, "invalid-request", ["/text"],
    ),
    "no lines": ({"transition": "approve", "lines": []}, 422, "invalid-request", ["/lines"]),
    "101 lines": (
        {"transition": "approve", "lines": [{"position": 1, "decision": "goodwill"}] * 101},
        422, "invalid-request", ["/lines"],
    ),
    "position 0": (
        {"transition": "approve", "lines": [{"position": 0, "decision": "goodwill"}]},
        422, "invalid-request", ["/lines/0/position"],
    ),
    "position 2^63": (
        {"transition": "approve", "lines": [{"position": 2**63, "decision": "goodwill"}]},
        422, "invalid-request", ["/lines/0/position"],
    ),
    "a decision there is not": (
        {"transition": "approve", "lines": [{"position": 1, "decision": CANARY}]},
        422, "invalid-request", ["/lines/0/decision"],
    ),
    "a consent before year 1": (
        {"transition": "approve", "lines": [{"position": 1, "decision": "goodwill",
         "consent": {"via": "phone", "at": "0001-01-01T00:00:00+14:00", "locale": "de"}}]},
        422, "invalid-request", ["/lines/0/consent/at"],
    ),
    "a refusal without words": (
        {"transition": "reject", "lines": [{"position": 1, "refusal": {"reason": "misuse"}}]},
        422, "invalid-request",
        ["/lines/0/refusal/clause", "/lines/0/refusal/facts", "/lines/0/refusal/would_change"],
    ),
    "a hold there is not": (
        {"transition": "hold", "kind": CANARY, "reason": "r"}, 422, "invalid-request", ["/kind"],
    ),
    "an assignee with spaces": (
        {"transition": "assign", "assignee": "c4n4ry c4n4ry"}, 422, "invalid-request", ["/assignee"],
    ),
    "no assignee": ({"transition": "assign"}, 422, "invalid-request", ["/assignee"]),
    "a blank note": ({"transition": "note", "text": " "}, 422, "invalid-request", ["/text"]),
}  # fmt: skip


@pytest.mark.parametrize(("body", "status", "code", "pointers"), TRANSITIONS.values(), ids=TRANSITIONS.keys())
async def test_a_hostile_step_is_refused_at_its_place(
    team: Team, body: Any, status: int, code: str, pointers: list[str]
) -> None:
    claim = await team.brought_to("under_review")
    answer = await (await team.of("agent")).post(f"{PATH}/{claim['id']}/transitions", json=body)
    refused(answer, status, code, *pointers)
    assert CANARY not in answer.text
    assert (await team.read(claim))["version"] == 2


IF_MATCHES = [
    "c4n4ry",
    '"c4n4ry"',
    '"99999999999999999999.staff-agent.de"',
    '"1.staff-agent.de", "2.staff-agent.de"',
    "1",
    "",
]


@pytest.mark.parametrize("sent", IF_MATCHES)
async def test_a_malformed_if_match_is_refused(team: Team, sent: str) -> None:
    claim = await team.file()
    path, body = f"{PATH}/{claim['id']}/transitions", {"transition": "start_review"}
    answer = await (await team.of("agent")).post(path, json=body, headers={"If-Match": sent})
    refused(answer, 400, "malformed-header", "header:If-Match")
    assert CANARY not in answer.text
    assert (await team.read(claim))["version"] == 1
