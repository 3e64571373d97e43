"""What a partner sees and may do: claims with a parcel of theirs, and the rows of the goods; nothing else exists."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from claims_api.access.scopes import DEFAULT_SCOPES, Role, Scope
from claims_api.claims.queries import read
from claims_api.claims.queries.records import stored_claim
from claims_api.domain.evolve import fold
from claims_api.events.queries import events_of
from claims_api.kit import ids
from tests.conftest import client_of
from tests.support.claims import PARTNER, STEPS, Claim, Team, allowed, kettle, key
from tests.support.legs import tell_of_parcel
from tests.support.problems import refused, what_is_said

UNKNOWN = ids.encode("clm", UUID(int=7))
ITEM_STEPS = ("receive_item", "report_item_lost", "waive_item", "record_findings")
OTHER_STEPS = [step for step in STEPS if step not in ITEM_STEPS]
PERSON = {"ref": "c-77", "name": "Greta c4n4ry", "email": "c4n4ry@example.com", "phone": "+4915112345678"}


async def partner(team: Team, name: str | None, *scopes: Scope, actor: str | None = "pia") -> httpx.AsyncClient:
    """A client with a fresh key of this partner; with every scope unless some are named."""
    made = await team.tenant.key(Role.PARTNER, frozenset(scopes or Scope), name)
    headers = {"Authorization": f"Bearer {made.credential}"} | ({"Claims-Actor": actor} if actor else {})
    return await team.stack.enter_async_context(client_of(team.tenant.app, headers))


async def with_parcel(team: Team, status: str = "awaiting_item", words: str = "", **changes: Any) -> Claim:
    """A claim in this status with a parcel that the partner of the team handles."""
    claim = await team.brought_to(status, **changes)
    await tell_of_parcel(team.tenant, claim, words, partner=PARTNER)
    return claim


def path_of(claim: Claim) -> str:
    return f"/v1/claims/{claim['id']}"


async def assert_state_is_the_fold_of_its_history(team: Team, claim: Claim) -> None:
    claim_id = ids.decode("clm", claim["id"])
    assert claim_id is not None
    async with team.tenant.app.state.database.transaction(team.tenant.id) as db:
        row = await read.claim_row(db, team.tenant.id, claim_id)
        events = await events_of(db, team.tenant.id, claim_id, 0, 1000)
    assert row is not None
    told, stored = fold(events), stored_claim(row._mapping)
    assert told is not None
    assert (stored.claim.status, stored.claim.legs, stored.claim.version) == (told.status, told.legs, told.version)
    assert [line.is_awaited for line in stored.claim.lines] == [line.is_awaited for line in told.lines]
    assert row.goods_with == told.goods_with


# --- what exists for a partner --------------------------------------------------------------------------------------


ROUTES: dict[str, tuple[str, str, Claim | None]] = {
    "read": ("GET", "", None),
    "read the person": ("GET", "?expand=customer", None),
    "save": ("PUT", "", kettle()),
    "history": ("GET", "/events", None),
    "a new token": ("POST", "/tracking-tokens", None),
} | {step: ("POST", "/transitions", {"transition": step} | STEPS[step]) for step in STEPS}


@pytest.mark.parametrize(("method", "rest", "body"), ROUTES.values(), ids=ROUTES.keys())
async def test_a_claim_without_a_parcel_of_theirs_answers_like_an_unknown_one(
    team: Team, method: str, rest: str, body: Claim | None
) -> None:
    none, others = await team.brought_to("awaiting_item"), await team.brought_to("awaiting_item")
    await tell_of_parcel(team.tenant, others, partner="dhl")
    await tell_of_parcel(team.tenant, others, partner=None)
    for name in (PARTNER, None):
        client = await partner(team, name)
        unknown = await client.request(method, f"/v1/claims/{UNKNOWN}{rest}", json=body)
        refused(unknown, 404, "not-found")
        for claim in (none, others):
            answer = await client.request(method, f"{path_of(claim)}{rest}", json=body)
            assert answer.status_code == 404
            assert what_is_said(answer) == what_is_said(unknown)
    assert (await team.read(none))["version"] == 3


async def test_a_conditional_read_tells_nothing_of_a_claim_without_a_parcel_of_theirs(team: Team) -> None:
    claim, client = await team.brought_to("awaiting_item"), await partner(team, PARTNER)

    answer = await client.get(path_of(claim), headers={"If-None-Match": '"3.partner-partner.de-DE"'})

    refused(answer, 404, "not-found")


async def test_a_list_has_only_claims_with_a_parcel_of_theirs(team: Team) -> None:
    mine, others, none = await with_parcel(team), await team.file(), await team.file()
    await tell_of_parcel(team.tenant, others, partner="dhl")

    listed = {
        name: [claim["id"] for claim in (await (await partner(team, name)).get("/v1/claims")).json()["data"]]
        for name in (PARTNER, "dhl", "ups", None)
    }

    assert listed == {PARTNER: [mine["id"]], "dhl": [others["id"]], "ups": [], None: []}
    everything = (await (await team.of("agent")).get("/v1/claims")).json()["data"]
    assert {claim["id"] for claim in everything} == {mine["id"], others["id"], none["id"]}


async def test_a_second_key_of_a_partner_sees_what_the_first_one_sees(team: Team) -> None:
    claim = await with_parcel(team)
    one, two = await partner(team, PARTNER), await partner(team, PARTNER)

    first, second = [await client.get(path_of(claim)) for client in (one, two)]

    assert (first.status_code, first.content) == (200, second.content)


async def test_a_name_of_another_case_is_another_partner(team: Team) -> None:
    claim = await with_parcel(team)

    refused(await (await partner(team, PARTNER.upper())).get(path_of(claim)), 404, "not-found")


async def test_another_tenants_partner_of_the_same_name_sees_nothing(team: Team, other_team: Team) -> None:
    claim, stranger = await with_parcel(team), await partner(other_team, PARTNER)

    refused(await stranger.get(path_of(claim)), 404, "not-found")
    assert (await stranger.get("/v1/claims")).json()["data"] == []


async def test_a_partner_does_not_read_the_feed(team: Team) -> None:
    await with_parcel(team)

    refused(await (await partner(team, PARTNER)).get("/v1/events"), 403, "role-not-allowed")


# --- what a partner sees --------------------------------------------------------------------------------------------


async def test_a_partner_sees_neither_the_person_nor_money_nor_staff_nor_a_hidden_hold(team: Team) -> None:
    claim = await with_parcel(team, customer=PERSON, metadata={"a": "c4n4ry"}, external_ref="c4n4ry")
    await team.done("agent", claim, "hold", kind="fraud", reason="c4n4ry")
    await team.done("agent", claim, "assign", assignee="c4n4ry")
    client = await partner(team, PARTNER)

    answers = [await client.get(path) for path in (path_of(claim), "/v1/claims", f"{path_of(claim)}/events")]

    shown = answers[0].json()
    assert not {"tracking", "assignee", "decided_by", "metadata", "external_ref"} & shown.keys()
    assert (shown["customer"], shown["order"]["shipping_paid"], shown["lines"][0]["paid"]) == (None, None, None)
    assert (shown["holds"], shown["goods_with"], shown["lines"][0]["sku"]) == ([], "customer", "KTL-2")
    for answer in answers:
        assert answer.status_code == 200
        for secret in ("c4n4ry", "c-77", "+4915112345678", "129.00", "agent-1", "trk_", "fraud", "sanctions"):
            assert secret not in answer.text


async def test_a_partner_asks_for_no_person_and_filters_by_nothing_hidden(team: Team) -> None:
    claim, client = await with_parcel(team, external_ref="R-1"), await partner(team, PARTNER)

    refused(await client.get(f"{path_of(claim)}?expand=customer"), 403, "role-not-allowed")
    for name in ("external_ref", "customer_ref", "assignee"):
        refused(await client.get("/v1/claims", params={name: "R-1"}), 422, "invalid-request", f"query:{name}")


async def test_a_partner_reads_of_the_history_what_became_of_the_goods(team: Team) -> None:
    claim, client = await with_parcel(team, words="delivered as_expected!"), await partner(team, PARTNER)
    for step in ("receive_item", "record_findings"):
        body = {"transition": step} | STEPS[step]
        assert (await client.post(f"{path_of(claim)}/transitions", json=body)).status_code == 200

    events = (await client.get(f"{path_of(claim)}/events")).json()["data"]

    assert [event["type"] for event in events] == [
        "claim.item_required",
        "claim.item_received",
        "claim.findings_recorded",
    ]
    assert {event["actor"]["ref"] for event in events} == {None}


# --- what a partner may do ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["report_item_lost", "waive_item", "receive_item"])
async def test_a_partner_takes_the_steps_of_the_goods_and_is_answered_in_their_view(team: Team, step: str) -> None:
    claim = await with_parcel(team, words="delivered as_expected!")
    client = await partner(team, PARTNER, *DEFAULT_SCOPES[Role.PARTNER], Scope.CLAIMS_READ)

    answer = await client.post(f"{path_of(claim)}/transitions", json={"transition": step} | STEPS[step], headers=key())

    assert answer.status_code == 200, answer.text
    read_again = await client.get(path_of(claim))
    assert (answer.json(), answer.headers["etag"]) == (read_again.json(), read_again.headers["etag"])
    assert "partner-partner" in answer.headers["etag"]
    assert answer.json()["customer"] is None
    await assert_state_is_the_fold_of_its_history(team, claim)


@pytest.mark.parametrize("step", OTHER_STEPS)
async def test_every_other_step_is_refused_and_names_what_a_partner_may_do(team: Team, step: str) -> None:
    claim, client = await with_parcel(team), await partner(team, PARTNER)

    answer = await client.post(f"{path_of(claim)}/transitions", json={"transition": step} | STEPS[step])

    assert (answer.status_code, answer.json()["code"]) in (
        (403, "role-not-allowed"),
        (409, "transition-not-allowed"),
    )
    assert allowed(answer.json()) == {"receive_item": "item-not-arrived", "report_item_lost": None, "waive_item": None}
    assert (await team.read(claim))["version"] == 4


@pytest.mark.parametrize("step", ITEM_STEPS)
async def test_a_partners_step_needs_the_scope_for_shipments_whatever_else_the_key_has(team: Team, step: str) -> None:
    claim = await with_parcel(team)
    client = await partner(team, PARTNER, *(scope for scope in Scope if scope is not Scope.SHIPMENTS_WRITE))

    answer = await client.post(f"{path_of(claim)}/transitions", json={"transition": step} | STEPS[step])

    assert refused(answer, 403, "scope-missing")["required_scope"] == "shipments:write"


async def test_a_partner_acts_in_person(team: Team) -> None:
    claim, client = await with_parcel(team), await partner(team, PARTNER, actor=None)

    refused(
        await client.post(f"{path_of(claim)}/transitions", json={"transition": "waive_item"}), 422, "actor-required"
    )
    assert (await team.read(claim))["status"] == "awaiting_item"


async def test_a_partner_files_no_claim_saves_no_draft_and_makes_no_token(team: Team) -> None:
    client, claim = await partner(team, PARTNER), await with_parcel(team)

    refused(await client.post("/v1/claims", json=kettle()), 403, "role-not-allowed")
    refused(await client.put(path_of(claim), json=kettle()), 409, "transition-not-allowed")
    refused(await client.post(f"{path_of(claim)}/tracking-tokens"), 403, "role-not-allowed")
    refused(await client.get("/v1/track"), 404, "not-found")


async def test_a_partners_step_again_under_its_key_is_the_first_answer(team: Team) -> None:
    claim, client, headers = await with_parcel(team), await partner(team, PARTNER), key()

    first, again = [
        await client.post(f"{path_of(claim)}/transitions", json={"transition": "waive_item"}, headers=headers)
        for _ in range(2)
    ]

    assert (first.status_code, again.content) == (200, first.content)
    assert again.headers["idempotent-replayed"] == "true"


async def test_two_partners_that_send_the_same_key_never_get_each_others_answer(team: Team) -> None:
    claim, headers = await with_parcel(team), key()
    mine, stranger = await partner(team, PARTNER), await partner(team, "dhl")
    body = {"transition": "waive_item"}

    assert (await mine.post(f"{path_of(claim)}/transitions", json=body, headers=headers)).status_code == 200
    refused(await stranger.post(f"{path_of(claim)}/transitions", json=body, headers=headers), 404, "not-found")


# --- whose turn it is -----------------------------------------------------------------------------------------------


AWAITED = {"": "customer", "in_transit": "carrier", "in_transit delivered": "merchant", "in_transit lost": "merchant"}


@pytest.mark.parametrize("who", ["customer", "carrier", "merchant", "inspector", "none", "partner"])
async def test_the_list_finds_whose_turn_it_is_also_while_goods_are_awaited(team: Team, who: str) -> None:
    claims = {words: await with_parcel(team, words=words) for words in AWAITED}
    turns = {claim["id"]: AWAITED[words] for words, claim in claims.items()}
    for status, turn in {
        "draft": "customer",
        "submitted": "merchant",
        "in_remedy": "merchant",
        "closed": "none",
    }.items():
        turns[(await team.brought_to(status))["id"]] = turn
    turns[(await team.brought_to("under_inspection"))["id"]] = "inspector"
    agent = await team.of("agent")

    found = (await agent.get("/v1/claims", params={"awaiting": who, "limit": "50"})).json()["data"]
    waiting = (await agent.get("/v1/claims", params={"awaiting": who, "status": "awaiting_item"})).json()["data"]

    assert {claim["id"] for claim in found} == {claim for claim, turn in turns.items() if turn == who}
    assert {claim["awaiting"]["who"] for claim in found} <= {who}
    assert {claim["id"] for claim in waiting} == {
        claim["id"] for words, claim in claims.items() if AWAITED[words] == who
    }
