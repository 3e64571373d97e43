"""Drafts: anything may be missing, each save replaces the last, and only what is complete is filed."""

from tests.support.claims import Team, kettle, key, line
from tests.support.problems import refused

PATH = "/v1/claims"


async def test_a_draft_may_be_empty_and_says_what_is_missing(team: Team) -> None:
    answer = await (await team.of("storefront")).post(PATH, json={"draft": True}, headers=key())
    draft = answer.json()
    assert (answer.status_code, draft["status"], draft["version"]) == (201, "draft", 1)
    assert (draft["region"], draft["customer"], draft["policy"], draft["submitted_at"]) == (None, None, None, None)
    document = refused(await team.step("storefront", draft, "submit"), 409, "draft-incomplete")
    assert document["missing"] == ["/region", "/customer/ref", "/lines"]
    steps = {step["transition"]: step["blocked_by"] for step in draft["allowed_transitions"]}
    assert steps == {"submit": "draft-incomplete"}


async def test_a_save_replaces_everything(team: Team) -> None:
    full = kettle(external_ref="R", metadata={"a": "b"}, lines=[line(serial_numbers=["S1"]), line(sku="B")])
    draft = await team.file(**full | {"draft": True})
    shop = await team.of("storefront")
    saved = await shop.put(f"{PATH}/{draft['id']}", json={"region": "FR", "lines": [line(name="Jug")]})
    assert saved.status_code == 200, saved.text
    seen = saved.json()
    assert (seen["version"], seen["status"], seen["id"], seen["number"]) == (2, "draft", draft["id"], draft["number"])
    assert (seen["region"], seen["external_ref"], seen["customer"], seen["metadata"]) == ("FR", None, None, {})
    assert [(each["name"], each["serial_numbers"]) for each in seen["lines"]] == [("Jug", [])]
    read = await shop.get(f"{PATH}/{draft['id']}")
    assert (read.json(), read.headers["etag"]) == (seen, saved.headers["etag"])
    assert (await shop.get(PATH, params={"serial_number": "S1"})).json()["data"] == []
    assert [event["type"] for event in await team.history(draft)] == ["claim.drafted", "claim.drafted"]


async def test_a_save_of_an_old_version_is_refused(team: Team) -> None:
    draft, shop = await team.file(draft=True), await team.of("storefront")
    path = f"{PATH}/{draft['id']}"
    etag = (await shop.get(path)).headers["etag"]
    assert (await shop.put(path, json=kettle(), headers={"If-Match": etag})).status_code == 200
    refused(await shop.put(path, json=kettle(), headers={"If-Match": etag}), 412, "precondition-failed")
    assert (await shop.put(path, json=kettle(), headers={"If-Match": "*"})).json()["version"] == 3


async def test_an_old_version_is_said_before_a_taken_reference(team: Team) -> None:
    await team.file(external_ref="R")
    draft, shop = await team.file(draft=True), await team.of("storefront")
    path, body = f"{PATH}/{draft['id']}", kettle(external_ref="R")
    stale = {"If-Match": '"7.storefront-storefront.de-DE"'}
    refused(await shop.put(path, json=body, headers=stale), 412, "precondition-failed")
    refused(await shop.put(path, json=body), 409, "external-ref-taken")
    refused(await shop.put(path, json=body | {"region": "ZZ"}, headers=stale), 422, "unknown-region", "/region")


async def test_a_filed_claim_is_no_draft_any_more(team: Team) -> None:
    claim, shop = await team.file(), await team.of("storefront")
    document = refused(await shop.put(f"{PATH}/{claim['id']}", json=kettle()), 409, "transition-not-allowed")
    assert document["allowed_transitions"] == claim["allowed_transitions"]


async def test_a_complete_draft_is_filed_as_it_was_saved_last(team: Team) -> None:
    draft = await team.file(draft=True, region="FR")
    shop = await team.of("storefront")
    await shop.put(f"{PATH}/{draft['id']}", json=kettle(region="DE-BY"))
    filed = await team.done("storefront", draft, "submit")
    assert (filed["status"], filed["region"], filed["version"]) == ("submitted", "DE-BY", 3)
    assert filed["policy"]["region"] == "DE-BY"
    assert filed["submitted_at"] is not None
    assert [each["type"] for each in await team.history(draft)] == ["claim.drafted", "claim.drafted", "claim.submitted"]
