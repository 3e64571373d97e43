"""Reading claims: one, with entity tags, and many, with filters and pages."""

from typing import Any

import pytest

from claims_api.claims.queries import find
from tests.support.claims import PARTNER, Team, line
from tests.support.legs import tell_of_parcel
from tests.support.problems import refused

PATH = "/v1/claims"


async def test_a_claim_one_has_already_is_not_sent_again(team: Team) -> None:
    claim, agent = await team.file(), await team.of("agent")
    path = f"{PATH}/{claim['id']}"
    etag = (await agent.get(path)).headers["etag"]
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        same = await agent.get(path, headers={"If-None-Match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    await team.done("agent", claim, "note")
    moved = await agent.get(path, headers={"If-None-Match": etag})
    assert (moved.status_code, moved.json()["version"]) == (200, 2)
    assert moved.headers["etag"] != etag


async def test_each_role_has_entity_tags_of_its_own(team: Team) -> None:
    claim = await team.file()
    await tell_of_parcel(team.tenant, claim, partner=PARTNER)  # else there is no such claim for a partner
    tags = [
        (await (await team.who(by, claim)).get(f"{PATH}/{claim['id']}")).headers["etag"]
        for by in ("customer", "storefront", "agent", "supervisor", "partner", "admin")
    ]
    assert len(set(tags)) == 6


async def test_the_person_is_shown_on_request_and_to_the_brand_only(team: Team) -> None:
    person = {"ref": "c-1", "name": "Greta", "email": "greta@example.com", "phone": "+49 1", "acts_for": "Otto"}
    claim = await team.file(customer=person)
    for by, expected in (("agent", {"kind": "consumer"} | person), ("customer", {"kind": "consumer"})):
        client = await team.who(by, claim)
        shown = (await client.get(f"{PATH}/{claim['id']}", params={"expand": "customer"})).json()
        assert shown["customer"] == expected
        assert "Greta" not in (await client.get(f"{PATH}/{claim['id']}")).text
        assert "Greta" not in (await client.get(PATH)).text


async def test_pages_go_from_the_newest_to_the_oldest_without_gaps(team: Team) -> None:
    filed = [(await team.file())["id"] for _ in range(5)]
    agent, seen, query = await team.of("agent"), [], {"limit": "2"}
    while True:
        answer = await agent.get(PATH, params=query)
        seen += [claim["id"] for claim in answer.json()["data"]]
        assert ("link" in answer.headers) == bool(answer.json()["next_cursor"])
        if not answer.json()["next_cursor"]:
            break
        query["cursor"] = answer.json()["next_cursor"]
    assert seen == filed[::-1]


FILTERS = {
    "status": "under_review", "region": "FR", "external_ref": "R", "customer_ref": "c-9", "sku": "B",
    "serial_number": "S", "assignee": "anna",
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
async def test_a_filter_leaves_only_what_it_names(team: Team, name: str) -> None:
    await team.file()
    other = line(sku="B", serial_numbers=["S"])
    claim = await team.file(region="FR", external_ref="R", customer={"ref": "c-9"}, lines=[other])
    await team.done("agent", claim, "start_review")
    seen = await team.done("agent", claim, "assign")
    agent = await team.of("agent")
    assert (await agent.get(PATH, params={name: FILTERS[name]})).json()["data"] == [seen]
    assert (await agent.get(PATH, params=FILTERS)).json()["data"] == [seen]
    if name != "status":
        assert (await agent.get(PATH, params={name: "QQ"})).json()["data"] == []


async def test_an_unknown_status_is_refused(team: Team) -> None:
    refused(await (await team.of("agent")).get(PATH, params={"status": "x"}), 422, "invalid-request", "query:status")


async def test_whose_turn_it_is_filters_by_the_status_it_follows_from(team: Team) -> None:
    shop = await team.of("storefront")
    draft, filed, ended = await team.brought_to("draft"), await team.file(), await team.file()
    await team.done("customer", ended, "withdraw")

    found = {
        who: {claim["id"] for claim in (await shop.get("/v1/claims", params={"awaiting": who})).json()["data"]}
        for who in ("customer", "merchant", "none", "carrier")
    }

    assert found == {"customer": {draft["id"]}, "merchant": {filed["id"]}, "none": {ended["id"]}, "carrier": set()}
    both = await shop.get("/v1/claims", params={"awaiting": "merchant", "status": "draft"})
    assert both.json()["data"] == []


@pytest.fixture
def short_look(monkeypatch: pytest.MonkeyPatch) -> int:
    """How many claims a page looks at: as few as a test can file."""
    monkeypatch.setattr(find, "LOOKED_AT_MOST", 2)
    return 2


SEARCHED: dict[str, dict[str, str]] = {
    "an ended status": {"status": "withdrawn"},
    "an open status": {"status": "under_review"},
    "whose turn it is": {"awaiting": "none"},
    "a region": {"region": "FR"},
    "a person": {"assignee": "anna"},
    "a product's region": {"sku": "KTL-2", "region": "FR"},
}


@pytest.mark.parametrize("query", SEARCHED.values(), ids=SEARCHED.keys())
async def test_a_search_that_takes_several_pages_finds_each_claim_once(
    team: Team, short_look: int, query: dict[str, str]
) -> None:
    """Pages may be short, even empty, before the last one."""
    french = [await team.file(region="FR", lines=[line(), line(quantity=2)]) for _ in range(2)]
    for claim in french:
        await team.done("agent", claim, "start_review")
        await team.done("agent", claim, "assign")
    gone = [await team.file(region="FR") for _ in range(2)]
    for claim in gone:
        await team.done("customer", claim, "withdraw")
    for _ in range(2 * short_look + 1):
        await team.file()
    agent = await team.of("agent")

    pages = [(await agent.get(PATH, params=query)).json()]
    while cursor := pages[-1]["next_cursor"]:
        pages.append((await agent.get(PATH, params=query | {"cursor": cursor})).json())

    seen = [claim["id"] for page in pages for claim in page["data"]]
    everything = (await agent.get(PATH, params={"limit": "100"})).json()["data"]
    assert seen == [claim["id"] for claim in everything if _fits(claim, query)]
    assert seen
    assert [] in [page["data"] for page in pages[:-1]], "the newest claims fit nothing"


def _fits(claim: dict[str, Any], query: dict[str, str]) -> bool:
    shown = {
        "status": claim["status"], "awaiting": claim["awaiting"]["who"], "region": claim["region"],
        "assignee": claim["assignee"], "sku": claim["lines"][0]["sku"],
    }  # fmt: skip
    return all(shown[name] == value for name, value in query.items())


async def test_a_filter_an_index_serves_is_no_search(team: Team, short_look: int) -> None:
    filed = await team.file(external_ref="R", customer={"ref": "c-9"}, lines=[line(sku="B", serial_numbers=["S"])])
    for _ in range(short_look + 1):
        await team.file()
    agent = await team.of("agent")

    for query in ({"external_ref": "R"}, {"customer_ref": "c-9"}, {"sku": "B"}, {"serial_number": "S"}):
        page = (await agent.get(PATH, params=query | {"status": "submitted"})).json()
        assert ([claim["id"] for claim in page["data"]], page["next_cursor"]) == ([filed["id"]], None), query


async def test_what_no_claim_can_fit_is_not_searched_for(team: Team, short_look: int) -> None:
    for _ in range(short_look + 1):
        await team.file()
    agent = await team.of("agent")

    for query in ({"awaiting": "supplier"}, {"promise_state": "open", "region": "DE"}):
        assert (await agent.get(PATH, params=query)).json() == {"data": [], "next_cursor": None}, query


async def test_an_empty_filter_finds_what_is_empty(team: Team) -> None:
    await team.file()
    agent = await team.of("agent")

    for name in ("region", "external_ref", "customer_ref", "sku", "serial_number", "assignee"):
        assert (await agent.get(PATH, params={name: ""})).json()["data"] == [], name


async def test_no_claim_has_a_promise_as_long_as_none_are_made(team: Team) -> None:
    await team.file()
    shop = await team.of("storefront")
    assert (await shop.get("/v1/claims", params={"promise_state": "open"})).json() == {"data": [], "next_cursor": None}
    assert (await shop.get("/v1/claims", params={"promise_state": "late"})).status_code == 422
