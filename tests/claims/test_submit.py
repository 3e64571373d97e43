"""Filing a claim over HTTP: N2, N3 and N8's replay over the real endpoint, warnings, and what is refused."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from claims_api.access.scopes import Role, Scope
from claims_api.kit import clock
from tests.support.claims import Team, kettle, key, line
from tests.support.problems import refused

PATH = "/v1/claims"


async def test_a_filed_claim_is_answered_whole_with_its_token_and_etag(team: Team) -> None:
    shop = await team.of("storefront")
    answer = await shop.post(PATH, json=kettle(external_ref="R-1"), headers=key())
    claim = answer.json()
    assert answer.status_code == 201
    assert (claim["status"], claim["version"], claim["stage"]) == ("submitted", 1, "received")
    assert claim["id"].startswith("clm_")
    assert claim["tracking"] == {"token": claim["tracking"]["token"], "url": None}
    assert claim["tracking"]["token"].startswith("trk_")
    assert len(claim["number"]) == 10
    assert (claim["external_ref"], claim["region"], claim["warnings"]) == ("R-1", "DE", [])
    assert claim["policy"]["href"] == "/v1/policies/DE"
    assert claim["customer"] == {"ref": "c-77", "kind": "consumer"}
    assert [(each["position"], each["decision"]) for each in claim["lines"]] == [(1, "pending")]
    assert answer.headers["etag"] == '"1.storefront-storefront.de-DE"'
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "idempotent-replayed" not in answer.headers
    read = await shop.get(f"{PATH}/{claim['id']}")
    assert read.json() == {name: value for name, value in claim.items() if name != "tracking"}


async def test_the_least_that_can_be_filed_is_a_region_a_customer_and_what_is_wrong_with_what(team: Team) -> None:
    least = {"region": "DE", "customer": {"ref": "c"}, "lines": [{"name": "Kettle", "issue": {"code": "x_own"}}]}
    answer = await (await team.of("storefront")).post(PATH, json=least)
    assert answer.status_code == 201, answer.text
    assert answer.json()["lines"][0]["issue"]["ground"] == "defect"


MISSING: dict[str, tuple[dict[str, Any], list[str]]] = {
    "everything": ({}, ["/region", "/customer/ref", "/lines"]),
    "the region": ({k: v for k, v in kettle().items() if k != "region"}, ["/region"]),
    "the customer": ({k: v for k, v in kettle().items() if k != "customer"}, ["/customer/ref"]),
    "the customer's reference": (kettle(customer={"name": "Greta"}), ["/customer/ref"]),
    "the issue": (kettle(lines=[line(), {"sku": "A"}]), ["/lines/1/issue/code"]),
    "the thing": (kettle(lines=[{"issue": {"code": "leak"}}]), ["/lines/0/sku"]),
    "both of a line": (kettle(lines=[{}]), ["/lines/0/issue/code", "/lines/0/sku"]),
}


@pytest.mark.parametrize(("body", "pointers"), MISSING.values(), ids=MISSING.keys())
async def test_what_is_missing_is_pointed_at(team: Team, body: dict[str, Any], pointers: list[str]) -> None:
    answer = await (await team.of("storefront")).post(PATH, json=body)
    refused(answer, 422, "invalid-request", *pointers)
    listed = await (await team.of("storefront")).get(PATH)
    assert listed.json()["data"] == []


async def test_a_retry_gives_the_same_bytes_with_the_token_and_says_so(team: Team) -> None:
    shop, headers, body = await team.of("storefront"), key(), kettle(external_ref="R-2")
    first = await shop.post(PATH, json=body, headers=headers)
    again = [await shop.post(PATH, json=body, headers=headers) for _ in range(3)]
    assert first.status_code == 201
    for answer in again:
        assert (answer.status_code, answer.content) == (201, first.content)
        assert answer.headers["idempotent-replayed"] == "true"
        assert answer.headers["etag"] == first.headers["etag"]


async def test_the_first_answer_stays_when_the_claim_has_moved_on(team: Team) -> None:
    shop, headers = await team.of("storefront"), key()
    first = await shop.post(PATH, json=kettle(), headers=headers)
    await team.done("agent", first.json(), "start_review")
    assert (await shop.post(PATH, json=kettle(), headers=headers)).content == first.content


async def test_a_key_used_with_another_body_is_refused(team: Team) -> None:
    shop, headers = await team.of("storefront"), key()
    await shop.post(PATH, json=kettle(), headers=headers)
    refused(await shop.post(PATH, json=kettle(region="FR"), headers=headers), 422, "idempotency-key-reused")


async def test_fifty_parallel_retries_file_one_claim(team: Team) -> None:
    shop, headers, body = await team.of("storefront"), key(), kettle()
    answers = await asyncio.gather(*(shop.post(PATH, json=body, headers=headers) for _ in range(50)))
    kinds = {answer.status_code for answer in answers}
    done = [answer for answer in answers if answer.status_code == 201]
    assert kinds <= {201, 409}
    assert len({answer.content for answer in done}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in done) == 1
    assert len((await shop.get(PATH)).json()["data"]) == 1


async def test_after_a_day_the_external_ref_still_protects(team: Team) -> None:
    shop, headers, body = await team.of("storefront"), key(), kettle(external_ref="R-3")
    first = (await shop.post(PATH, json=body, headers=headers)).json()
    clock.set_to(clock.now() + timedelta(hours=24, seconds=1))
    document = refused(await shop.post(PATH, json=body, headers=headers), 409, "external-ref-taken")
    assert document["existing"] == first["id"]


async def test_after_a_day_a_key_without_an_external_ref_files_anew(team: Team) -> None:
    shop, headers, body = await team.of("storefront"), key(), kettle()
    first = (await shop.post(PATH, json=body, headers=headers)).json()
    clock.set_to(clock.now() + timedelta(hours=24, seconds=1))
    second = await shop.post(PATH, json=body, headers=headers)
    assert second.status_code == 201
    assert second.json()["id"] != first["id"]


async def test_a_duplicate_external_ref_names_the_claim_that_has_it(team: Team, other_team: Team) -> None:
    first = await team.file(external_ref="R-4")
    again = await (await team.of("storefront")).post(PATH, json=kettle(external_ref="R-4"), headers=key())
    assert refused(again, 409, "external-ref-taken")["existing"] == first["id"]
    assert (await other_team.file(external_ref="R-4"))["id"] != first["id"]


async def test_parallel_claims_of_one_external_ref_are_one(team: Team) -> None:
    shop = await team.of("storefront")
    body = kettle(external_ref="R-5")
    answers = await asyncio.gather(*(shop.post(PATH, json=body, headers=key()) for _ in range(10)))
    won = [answer for answer in answers if answer.status_code == 201]
    assert len(won) == 1
    for answer in answers:
        if answer is not won[0]:
            assert refused(answer, 409, "external-ref-taken")["existing"] == won[0].json()["id"]


async def test_two_callers_with_the_same_key_value_never_see_each_others_answer(team: Team) -> None:
    headers, body = {"Idempotency-Key": "1"}, kettle()
    by_role = [
        await (await team.of(role)).post(PATH, json=body, headers=headers)
        for role in ("storefront", "agent", "supervisor")
    ]
    assert [answer.status_code for answer in by_role] == [201, 201, 201]
    assert len({answer.json()["id"] for answer in by_role}) == 3


async def test_two_phones_with_the_same_key_value_never_see_each_others_claim(team: Team) -> None:
    claims = [await team.file(), await team.file()]
    for claim in claims:
        phone = await team.customer(claim)
        answer = await phone.post(
            f"{PATH}/{claim['id']}/transitions", json={"transition": "withdraw"}, headers={"Idempotency-Key": "1"}
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["id"] == claim["id"]
        assert "idempotent-replayed" not in answer.headers


TWINS: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "the same serial": (
        {"lines": [line(serial_numbers=["SN1"])]},
        {"lines": [line(sku="B", issue={"code": "leak"}, serial_numbers=["SN0", "SN1"])]},
        True,
    ),
    "the same order, sku and issue": ({"order": {"ref": "O1"}}, {"order": {"ref": "O1"}}, True),
    "another issue": (
        {"order": {"ref": "O1"}},
        {"order": {"ref": "O1"}, "lines": [line(issue={"code": "leak"})]},
        False,
    ),
    "another order": ({"order": {"ref": "O1"}}, {"order": {"ref": "O2"}}, False),
    "no order and no serial": ({}, {}, False),
}


@pytest.mark.parametrize(("one", "two", "alike"), TWINS.values(), ids=TWINS.keys())
async def test_a_likely_duplicate_is_held_and_said(
    team: Team, one: dict[str, Any], two: dict[str, Any], alike: bool
) -> None:
    first, second = await team.file(**one), await team.file(**two)
    seen = await team.read(second)
    assert [warning["code"] for warning in second["warnings"]] == ["likely-duplicate"] * alike
    assert [(hold["kind"], hold["duplicate_of"]) for hold in seen["holds"]] == [("duplicate", first["id"])] * alike
    assert [event["type"] for event in await team.history(second)] == ["claim.submitted", "claim.hold_opened"][
        : 1 + alike
    ]


async def test_a_duplicate_of_an_ended_claim_or_of_another_tenant_is_none(team: Team, other_team: Team) -> None:
    order = {"ref": "O1"}
    mine = await team.file(order=order)
    assert (await other_team.file(order=order))["holds"] == []
    await team.done("customer", mine, "withdraw")
    assert (await team.file(order=order))["holds"] == []


async def test_a_draft_that_is_submitted_is_looked_at_for_duplicates_too(team: Team) -> None:
    draft = await team.file(draft=True, order={"ref": "O1"})
    first = await team.file(order={"ref": "O1"})
    filed = await team.done("storefront", draft, "submit")
    assert [hold["duplicate_of"] for hold in filed["holds"]] == [first["id"]]
    assert [warning["code"] for warning in filed["warnings"]] == ["likely-duplicate"]
    assert (await team.read(draft, "storefront"))["warnings"] == filed["warnings"]


async def test_a_currency_the_region_does_not_use_is_accepted_with_a_warning(team: Team) -> None:
    dollars = {"amount": "5.00", "currency": "USD"}
    claim = await team.file(order={"shipping_paid": dollars}, lines=[line(), line(sku="B", paid=dollars)])
    pointers = ["/order/shipping_paid/currency", "/lines/1/paid/currency"]
    assert [(each["code"], each["pointer"]) for each in claim["warnings"]] == [
        ("currency-unusual", at) for at in pointers
    ]
    assert (await team.read(claim))["warnings"] == claim["warnings"]


async def test_a_region_without_law_is_accepted_and_says_so(team: Team) -> None:
    claim = await team.file(region="AD")
    assert [(each["code"], each["pointer"]) for each in claim["warnings"]] == [
        ("statutory-position-not-established", "/region")
    ]


@pytest.mark.parametrize(
    ("region", "code"), [("ZZ", "unknown-region"), ("DE-ZZ", "unknown-region"), ("EU", "region-is-a-bloc")]
)
async def test_what_is_no_place_to_claim_in_is_refused(team: Team, region: str, code: str) -> None:
    shop = await team.of("storefront")
    for draft in (False, True):
        answer = await shop.post(PATH, json=kettle(region=region, draft=draft))
        document = refused(answer, 422, code)
        assert region not in str(document.get("detail"))
    assert (await shop.get(PATH)).json()["data"] == []


async def test_staff_file_in_person_and_partners_and_admins_do_not_file(team: Team) -> None:
    agent = await team.tenant.key(Role.AGENT, frozenset(Scope))
    nameless = {"Authorization": f"Bearer {agent.credential}", "Claims-Actor": ""}
    shop = await team.of("storefront")
    refused(await shop.post(PATH, json=kettle(), headers={**nameless, "Claims-Actor": " "}), 400, "malformed-header")
    without = {"Authorization": f"Bearer {agent.credential}"}
    refused(await shop.post(PATH, json=kettle(), headers=without), 422, "actor-required")
    for role in ("partner", "admin"):
        refused(await (await team.of(role)).post(PATH, json=kettle()), 403, "role-not-allowed")
    claim = await team.file()
    refused(await (await team.customer(claim)).post(PATH, json=kettle()), 403, "role-not-allowed")


async def test_without_the_scope_nothing_is_filed(team: Team) -> None:
    client = await team.tenant.client(Role.STOREFRONT, frozenset({Scope.CLAIMS_READ}))
    async with client:
        refused(await client.post(PATH, json={"lines": 7}), 403, "scope-missing")
