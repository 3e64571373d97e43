"""The life of a claim over HTTP: the way through, each cell of the reviewed table (N15), and the order of refusals."""

from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from claims_api.access.scopes import Role, Scope
from claims_api.domain.shipment_words import ShipmentPurpose
from tests.conftest import client_of
from tests.support.claims import PARTNER, PATHS, REFUSAL, STEPS, Claim, Team, allowed, kettle, line
from tests.support.legs import tell_of_parcel
from tests.support.problems import refused, what_is_said

VERDICTS = Path(__file__).parents[1] / "domain" / "verdicts.txt"
ROLES = ("customer", "agent", "supervisor", "partner", "system", "admin")
NO_SUCH = "clm_00000000000000000000000000"
STAFF_STEPS = {
    "start_review",
    "require_item",
    "receive_item",
    "report_item_lost",
    "waive_item",
    "record_findings",
    "accept_withdrawal",
    "approve",
    "reject",
    "resolve",
    "cancel",
    "hold",
    "release",
    "assign",
    "note",
}
CODES = {"-": (409, "transition-not-allowed"), "role": (403, "role-not-allowed")}


def reviewed() -> dict[str, dict[str, dict[str, str]]]:
    """The table that was read by eye: status, then role, then transition."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in VERDICTS.read_text().splitlines():
        if row and not row.startswith("#"):
            status, transition, *cells = row.split()
            for role, cell in zip(ROLES, cells, strict=True):
                found.setdefault(status, {}).setdefault(role, {})[transition] = cell
    return found


REVIEWED = reviewed()


def over_http() -> list[tuple[str, str, str]]:
    """Status, role of the table, and who plays it: a customer calls with a token, or through the storefront."""
    keys = [(role, role) for role in ROLES if role != "system"]  # the system has no key
    every = [(status, *who) for status in PATHS for who in (*keys, ("customer", "storefront"))]
    return [each for each in every if each != ("draft", "partner", "partner")]  # a draft has no parcels


def instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


async def brought_before(team: Team, status: str, by: str) -> Claim:
    """A claim in this status that the role may know of: a partner, by a leg of theirs that moves no goods."""
    claim = await team.brought_to(status)
    if by == "partner":
        await tell_of_parcel(team.tenant, claim, purpose=ShipmentPurpose.PARTS, partner=PARTNER)
    return claim


async def take(team: Team, by: str, claim: Claim, transition: str) -> httpx.Response:
    """The step as HTTP has it: a draft is saved by PUT."""
    if transition == "draft":
        return await (await team.who(by, claim)).put(f"/v1/claims/{claim['id']}", json=kettle())
    return await team.step(by, claim, transition)


@pytest.mark.parametrize(("status", "role", "by"), over_http())
async def test_every_cell_of_the_reviewed_table_is_what_the_api_answers(
    team: Team, status: str, role: str, by: str
) -> None:
    cells = REVIEWED[status][role]
    still = await brought_before(team, status, by)
    shown = allowed(await team.read(still, by))
    row = {step: cell for step, cell in cells.items() if cell not in CODES and step != "draft"}
    assert shown == {step: None if cell == "yes" else cell for step, cell in row.items()}
    for transition, cell in cells.items():
        if cell == "yes":
            answer = await take(team, by, await brought_before(team, status, by), transition)
            assert answer.status_code == 200, f"{transition}: {answer.text}"
            continue
        answer = await take(team, by, still, transition)
        if by == "customer" and transition in STAFF_STEPS:  # a token's scopes are fixed
            refused(answer, 403, "scope-missing")
            continue
        document = refused(answer, *CODES.get(cell, (409, cell)))
        assert allowed(document) == shown, transition
    assert (await team.read(still))["version"] == (await team.history(still))[-1]["seq"]


@pytest.mark.parametrize("role", [role for role in ROLES if role != "system"])
async def test_every_cell_of_filing_is_what_the_api_answers(team: Team, role: str) -> None:
    client = await team.of("storefront" if role == "customer" else role)
    for transition in ("draft", "submit"):
        answer = await client.post("/v1/claims", json=kettle(draft=transition == "draft"))
        cell = REVIEWED["nothing"][role][transition]
        if cell == "yes":
            assert answer.status_code == 201, answer.text
        else:
            refused(answer, *CODES[cell])


async def test_a_claim_under_german_law_goes_from_submission_to_its_end(team: Team) -> None:
    claim = await team.file(region="DE-BY")
    reviewing = await team.done("agent", claim, "start_review")
    assert (reviewing["status"], reviewing["stage"], reviewing["version"]) == ("under_review", "reviewing", 2)
    approved = await team.done("agent", claim, "approve")
    assert (approved["status"], approved["decision"], approved["stage"]) == ("in_remedy", "covered_statutory", "fixing")
    assert [(each["kind"], each["state"]) for each in approved["remedies"]] == [("repair", "accepted")]
    assert approved["decided_by"] == {"kind": "agent", "ref": "agent-1"}
    resolved = await team.done("agent", claim, "resolve")
    assert (resolved["status"], resolved["remedies"][0]["state"]) == ("resolved", "completed")
    assert resolved["reopen_until"] is not None
    closed = await team.done("customer", claim, "close")
    assert (closed["status"], closed["stage"], allowed(closed)) == ("closed", "done", {"reopen": None})
    assert closed["ended_at"] is not None
    assert closed == await team.read(claim, "customer")


async def test_a_step_answers_what_a_read_answers(team: Team) -> None:
    for by, transition in (("agent", "start_review"), ("agent", "hold"), ("agent", "reject"), ("storefront", "close")):
        claim = await team.brought_to({"reject": "under_review", "close": "rejected"}.get(transition, "submitted"))
        client = await team.who(by, claim)
        answer = await team.step(by, claim, transition)
        read = await client.get(f"/v1/claims/{claim['id']}")
        assert (answer.json(), answer.headers["etag"]) == (read.json(), read.headers["etag"])


async def test_a_refusal_says_why_and_cannot_be_reopened_but_appealed(team: Team) -> None:
    claim = await team.brought_to("rejected")
    seen = await team.read(claim, "customer")
    refusal = seen["lines"][0]["refusal"]
    assert {name: refusal[name] for name in ("reason", "facts", "would_change")} == {
        name: REFUSAL[name] for name in ("reason", "facts", "would_change")
    }
    assert refusal["clause"] == REFUSAL["clause"] | {"text": None}
    assert seen["stage"] == "declined"
    document = refused(await team.step("customer", claim, "reopen"), 409, "transition-not-allowed")
    assert seen["appeal_until"] == refusal["appeal_until"]
    assert instant(document["appeal_until"]) == instant(seen["appeal_until"])
    await team.done("customer", claim, "close")
    document = refused(await team.step("customer", claim, "reopen"), 409, "appeal-instead")
    assert instant(document["appeal_until"]) == instant(seen["appeal_until"])


async def test_refusals_come_in_their_order(team: Team, other_team: Team) -> None:
    """Each request has its own fault and all later ones."""
    agent, claim = await team.of("agent"), await team.brought_to("in_remedy")
    path, stale = f"/v1/claims/{claim['id']}/transitions", {"If-Match": '"1.staff-agent.de-DE"'}
    foreign = f"/v1/claims/{(await other_team.file())['id']}/transitions"
    broken, approve = {"transition": "approve", "c4n4ry": 1}, {"transition": "approve"} | STEPS["approve"]
    no_body = {"transition": "approve"}
    writer = await team.tenant.client(Role.AGENT, frozenset({Scope.CLAIMS_READ, Scope.CLAIMS_WRITE}))
    async with writer, client_of(team.tenant.app) as nobody:
        refused(await nobody.post(foreign, json=broken, headers=stale), 401, "unauthenticated")
        refused(await agent.post(foreign, json=broken, headers=stale), 404, "not-found")
        refused(await agent.post(path, json=no_body, headers=stale), 422, "invalid-request", "/lines")
        refused(await writer.post(path, json=approve, headers=stale), 403, "scope-missing")
        refused(await agent.post(path, json=approve, headers=stale), 412, "precondition-failed")
    refused(await team.step("customer", claim, "withdraw"), 409, "transition-not-allowed")
    refused(await team.step("supervisor", await team.brought_to("submitted"), "withdraw"), 403, "role-not-allowed")
    refused(await team.step("agent", claim, "release"), 409, "hold-not-open")
    assert (await team.read(claim))["version"] == 4


async def test_staff_act_in_person(team: Team) -> None:
    claim = await team.file()
    made = await team.tenant.key(Role.AGENT, frozenset(Scope))
    async with client_of(team.tenant.app, {"Authorization": f"Bearer {made.credential}"}) as nameless:
        answer = await nameless.post(f"/v1/claims/{claim['id']}/transitions", json={"transition": "start_review"})
    refused(answer, 422, "actor-required")
    assert (await team.read(claim))["status"] == "submitted"


async def test_a_customers_token_needs_nobody_named_and_cannot_decide(team: Team) -> None:
    claim = await team.brought_to("under_review")
    refused(await team.step("customer", claim, "approve"), 403, "scope-missing")
    assert (await team.done("customer", claim, "withdraw"))["status"] == "withdrawn"


async def test_a_hold_stands_in_the_way_until_it_is_released(team: Team) -> None:
    claim = await team.brought_to("under_review")
    held = await team.done("agent", claim, "hold", kind="duplicate", reason="Looks alike.")
    hold = held["holds"][0]
    assert (hold["kind"], hold["reason"], hold["released_at"]) == ("duplicate", "Looks alike.", None)
    assert allowed(held)["approve"] == "hold-duplicate"
    refused(await team.step("agent", claim, "approve"), 409, "hold-duplicate")
    refused(await team.step("agent", claim, "hold", kind="duplicate", reason="Again."), 409, "hold-already-open")
    released = await team.done("supervisor", claim, "release", hold=hold["id"], reason="Compared.")
    assert released["holds"][0]["released_at"] is not None
    assert allowed(released)["approve"] is None
    refused(await team.step("agent", claim, "release", hold=hold["id"], reason="Twice."), 409, "hold-not-open")
    assert (await team.done("agent", claim, "approve"))["status"] == "in_remedy"


@pytest.mark.parametrize(
    "hold", ["x", "hld_", "clm_00000000000000000000000000", "hld_zzzzzzzzzzzzzzzzzzzzzzzzzz", "hld_\u00e9"]
)
async def test_a_malformed_hold_answers_like_an_unknown_one(team: Team, hold: str) -> None:
    claim = await team.file()
    await team.done("agent", claim, "hold")
    unknown = await team.step("agent", claim, "release")
    answer = await team.step("agent", claim, "release", hold=hold, reason="It is cleared up.")
    refused(answer, 409, "hold-not-open")
    assert what_is_said(answer) == what_is_said(unknown)


@pytest.mark.parametrize("kind", ["fraud", "sanctions"])
@pytest.mark.parametrize("outsider", ["customer", "storefront"])
async def test_an_outsider_learns_nothing_of_a_hidden_hold(team: Team, kind: str, outsider: str) -> None:
    claim = await team.brought_to("under_review")
    before = await team.read(claim, outsider)
    held = await team.done("agent", claim, "hold", kind=kind, reason="c4n4ry")
    await team.done("agent", claim, "release", hold=held["holds"][0]["id"], reason="c4n4ry")
    await team.done("agent", claim, "hold", kind=kind, reason="c4n4ry")
    after = await team.read(claim, outsider)
    assert {name for name in after if after[name] != before[name]} <= {"version", "updated_at"}
    client = await team.who(outsider, claim)
    for path in (f"/v1/claims/{claim['id']}", f"/v1/claims/{claim['id']}/events", "/v1/claims", "/v1/track"):
        text = (await client.get(path)).text
        assert kind not in text
        assert "c4n4ry" not in text
    answer = await team.step(outsider, claim, "approve")
    assert kind not in answer.text
    if outsider == "storefront":  # its key may have the scope; its role may not decide
        refused(answer, 403, "role-not-allowed")


async def test_assignee_and_notes_are_the_staffs(team: Team) -> None:
    claim = await team.file()
    assert (await team.done("agent", claim, "assign", assignee="berta"))["assignee"] == "berta"
    await team.done("agent", claim, "note", text="c4n4ry")
    for outsider in ("customer", "storefront"):
        assert not {"assignee", "decided_by"} & (await team.read(claim, outsider)).keys()
        assert [event["seq"] for event in await team.history(claim, outsider)] == [1]
    assert [event["type"] for event in await team.history(claim)] == [
        "claim.submitted",
        "claim.assigned",
        "claim.noted",
    ]
    assert (await team.done("agent", claim, "assign", assignee=None))["assignee"] is None


async def test_a_replayed_step_acts_once(team: Team) -> None:
    claim = await team.file()
    agent, headers, body = await team.of("agent"), {"Idempotency-Key": "n-1"}, {"transition": "note", "text": "Once."}
    path = f"/v1/claims/{claim['id']}/transitions"
    first, again = [await agent.post(path, json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["etag"] == first.headers["etag"]
    assert len(await team.history(claim)) == 2
    other = await agent.post(path, json=body | {"text": "Twice."}, headers=headers)
    refused(other, 422, "idempotency-key-reused")


async def test_a_remedy_nobody_asked_for_needs_consent(team: Team) -> None:
    claim = await team.file(lines=[line(requested_remedy="replacement")])
    await team.done("agent", claim, "start_review")
    document = refused(await team.step("agent", claim, "approve"), 409, "remedy-not-asked")
    assert document["position"] == 1
    assert (await team.read(claim))["version"] == 2


OUTCOMES: dict[str, tuple[list[Claim], str]] = {
    "a line left out": ([{"position": 2, "decision": "goodwill", "remedy": "repair"}], "each-line-once"),
    "nothing covered": ([{"position": 1, "decision": "not_covered", "refusal": REFUSAL}], "nothing-covered"),
    "covered without a remedy": ([{"position": 1, "decision": "goodwill"}], "remedy-required"),
}


@pytest.mark.parametrize(("lines", "code"), OUTCOMES.values(), ids=OUTCOMES.keys())
async def test_half_a_decision_is_none(team: Team, lines: list[Any], code: str) -> None:
    claim = await team.brought_to("under_review")
    refused(await team.step("agent", claim, "approve", lines=lines), 409, code)
    assert (await team.read(claim))["status"] == "under_review"
