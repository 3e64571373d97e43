"""N20 and N21: what is not yours does not exist, and what is the server's cannot be sent."""

from typing import Any

import pytest

from claims_api.access.scopes import Role, Scope
from claims_api.kit import clock
from tests.conftest import client_of
from tests.support.claims import STEPS, Claim, Team, kettle, line
from tests.support.problems import refused, what_is_said

UNKNOWN = "clm_00000000000000000000000000"
MALFORMED = (
    "x",
    "clm_",
    "clm_1",
    "ten_00000000000000000000000000",
    "clm_zzzzzzzzzzzzzzzzzzzzzzzzzz",
    "CLM_00000000000000000000000000",
    "clm_0000000000000000000000000u",
    "00000000-0000-0000-0000-000000000000",
    "%00",
    "clm_%ff",
)
ROUTES: dict[str, tuple[str, str, Claim | None]] = {
    "read": ("GET", "", None),
    "save the draft": ("PUT", "", kettle()),
    "the history": ("GET", "/events", None),
    "a new token": ("POST", "/tracking-tokens", None),
    "its shipments": ("GET", "/shipments", None),
} | {step: ("POST", "/transitions", {"transition": step} | STEPS[step]) for step in STEPS}
"""Every route that names a claim."""


def test_every_route_that_names_a_claim_is_probed(app: Any) -> None:
    paths = {
        (method.upper(), path.removeprefix("/v1/claims/{claim_id}"))
        for path, item in app.openapi()["paths"].items()
        if path.startswith("/v1/claims/{claim_id}")
        for method in item
    }
    assert paths == {(method, rest) for method, rest, _ in ROUTES.values()}


@pytest.mark.parametrize(("method", "rest", "body"), ROUTES.values(), ids=ROUTES.keys())
async def test_a_foreign_and_a_malformed_id_answer_like_an_unknown_one(
    team: Team, other_team: Team, method: str, rest: str, body: Claim | None
) -> None:
    foreign = await other_team.file()
    for role in ("storefront", "agent", "partner", "admin"):
        client = await team.of(role)
        answers = {}
        for claim_id in (UNKNOWN, foreign["id"], *MALFORMED):
            answer = await client.request(method, f"/v1/claims/{claim_id}{rest}", json=body)
            refused(answer, 404, "not-found")
            answers[claim_id] = what_is_said(answer)
        assert all(answer == answers[UNKNOWN] for answer in answers.values()), answers
    assert (await other_team.read(foreign))["version"] == 1


@pytest.mark.parametrize(("method", "rest", "body"), ROUTES.values(), ids=ROUTES.keys())
async def test_a_token_opens_its_own_claim_only(team: Team, method: str, rest: str, body: Claim | None) -> None:
    mine, neighbours = await team.file(), await team.file()
    phone = await team.customer(mine)
    answer = await phone.request(method, f"/v1/claims/{neighbours['id']}{rest}", json=body)
    refused(answer, 404, "not-found")
    listed = (await phone.get("/v1/claims")).json()["data"]
    assert [claim["id"] for claim in listed] == [mine["id"]]
    assert (await team.read(neighbours))["version"] == 1


async def test_another_tenants_claims_are_in_no_list(team: Team, other_team: Team) -> None:
    await other_team.file(external_ref="R", lines=[line(serial_numbers=["S"])])
    agent = await team.of("agent")
    for query in ({}, {"external_ref": "R"}, {"serial_number": "S"}, {"sku": "KTL-2"}, {"customer_ref": "c-77"}):
        assert (await agent.get("/v1/claims", params=query)).json()["data"] == []


async def test_a_cursor_of_another_tenant_or_of_other_filters_is_refused(team: Team, other_team: Team) -> None:
    for _ in range(2):
        await other_team.file()
    cursor = (await (await other_team.of("agent")).get("/v1/claims", params={"limit": "1"})).json()["next_cursor"]
    answer = await (await team.of("agent")).get("/v1/claims", params={"cursor": cursor})
    assert answer.status_code == 422
    answer = await (await other_team.of("agent")).get("/v1/claims", params={"cursor": cursor, "status": "draft"})
    assert answer.status_code == 422


async def test_a_token_that_was_tampered_with_opens_nothing(team: Team, other_team: Team) -> None:
    mine, theirs = (await team.file())["tracking"]["token"], (await other_team.file())["tracking"]["token"]
    swapped = "_".join([*mine.split("_")[:2], "_".join(theirs.split("_")[2:])])
    for token in (swapped, mine[:-1], f"{mine}A", mine.upper(), "trk_", f"trk_{'0' * 52}_{mine[-32:]}"):
        async with client_of(team.tenant.app, {"Authorization": f"Bearer {token}"}) as phone:
            refused(await phone.get("/v1/track"), 401, "unauthenticated")


async def test_a_renewed_token_ends_the_old_one(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = await team.file()
    old = await team.customer(claim)
    assert (await old.get("/v1/track")).status_code == 200
    shop, path = await team.of("storefront"), f"/v1/claims/{claim['id']}/tracking-tokens"
    made = [await shop.post(path, headers={"Idempotency-Key": "1"}) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].content == made[1].content
    later = clock.monotonic_seconds() + 5
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: later)
    refused(await old.get("/v1/track"), 401, "unauthenticated")
    new = await team.customer({"tracking": made[0].json()})
    assert (await new.get("/v1/track")).json()["id"] == claim["id"]
    assert (await team.read(claim))["version"] == 1


async def test_a_customer_cannot_renew_the_token(team: Team) -> None:
    claim = await team.file()
    phone = await team.customer(claim)
    refused(await phone.post(f"/v1/claims/{claim['id']}/tracking-tokens"), 403, "role-not-allowed")


@pytest.mark.parametrize("role", ["storefront", "agent", "admin"])
async def test_a_key_is_no_tracking_token(team: Team, role: str) -> None:
    await team.file()
    refused(await (await team.of(role)).get("/v1/track"), 404, "not-found")


async def test_without_the_scope_no_claim_is_seen(team: Team) -> None:
    claim = await team.file()
    async with await team.tenant.client(Role.AGENT, frozenset({Scope.CLAIMS_WRITE, Scope.CLAIMS_DECIDE})) as client:
        for path in (
            "/v1/claims",
            f"/v1/claims/{claim['id']}",
            f"/v1/claims/{UNKNOWN}",
            f"/v1/claims/{UNKNOWN}/events",
        ):
            refused(await client.get(path), 403, "scope-missing")


SERVER_OWNED = {
    "id", "number", "status", "stage", "version", "awaiting", "decision", "appeal", "appeal_until", "reopen_until",
    "policy", "promises", "documents", "holds", "goods_with", "remedies", "allowed_transitions", "warnings", "assignee",
    "decided_by", "tracking", "submitted_at", "ended_at", "created_at", "updated_at",
}  # fmt: skip
OF_A_LINE = {"position", "decision", "refusal"}


async def test_what_the_server_owns_cannot_be_sent_back(team: Team) -> None:
    shop = await team.of("storefront")
    draft = await team.file(draft=True)
    shown = await team.read(draft) | {"tracking": draft["tracking"]}
    assert shown.keys() - kettle().keys() - {"external_ref", "channel", "time_zone", "metadata"} == SERVER_OWNED
    path = f"/v1/claims/{draft['id']}"
    for name in [*sorted(SERVER_OWNED), "tenant_id", "head_hash", "token_epoch"]:
        body = kettle(draft=True) | {name: shown.get(name)}
        for answer in (await shop.post("/v1/claims", json=body), await shop.put(path, json=body)):
            refused(answer, 422, "invalid-request", f"/{name}")
        step = await shop.post(f"{path}/transitions", json={"transition": "submit", name: shown.get(name)})
        refused(step, 422, "invalid-request", f"/{name}")
    for name in OF_A_LINE:
        body = kettle(lines=[line() | {name: shown["lines"][0][name]}])
        refused(await shop.post("/v1/claims", json=body), 422, "invalid-request", f"/lines/0/{name}")
    body = kettle(lines=[line(issue={"code": "leak", "ground": "delivery"})])
    refused(await shop.post("/v1/claims", json=body), 422, "invalid-request", "/lines/0/issue/ground")
    assert (await team.read(draft))["version"] == 1
