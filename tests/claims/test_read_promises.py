"""What a reader relies on beside the body: who may keep it, where the next page is, and when it changed."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from claims_api.kit import clock
from tests.support.claims import PARTNER, Team
from tests.support.legs import tell_of_parcel
from tests.support.log_lines import log_lines

NEXT = "Link"


async def test_what_one_caller_reads_is_kept_for_that_caller_only(team: Team) -> None:
    claim = await team.file()
    for by, path in (("agent", f"/v1/claims/{claim['id']}"), ("customer", "/v1/track")):
        client = await team.who(by, claim)
        fresh = await client.get(path)
        known = await client.get(path, headers={"If-None-Match": fresh.headers["etag"]})
        assert (fresh.status_code, known.status_code) == (200, 304)
        for answer in (fresh, known):
            assert answer.headers["cache-control"] == "private, no-cache"
            assert answer.headers["vary"] == "Authorization, Accept-Language"


async def test_the_entity_tag_names_the_language_the_claim_is_read_in(team: Team) -> None:
    agent = await team.of("agent")
    tags = [
        (await agent.get(f"/v1/claims/{(await team.file(locale=locale))['id']}")).headers["etag"]
        for locale in ("de-DE", "fr", None)
    ]
    assert tags == ['"1.staff-agent.de-DE"', '"1.staff-agent.fr"', '"1.staff-agent.und"']


@pytest.mark.parametrize("by", ["customer", "storefront", "agent", "supervisor", "partner", "admin"])
async def test_a_list_shows_of_each_claim_what_a_read_of_it_shows(team: Team, by: str) -> None:
    person = {"ref": "c-1", "name": "Greta"}
    claim = await team.file(customer=person, external_ref="R", metadata={"a": "b"})
    await team.done("agent", claim, "hold", kind="fraud", reason="c4n4ry")
    await team.done("agent", claim, "assign")
    await tell_of_parcel(team.tenant, claim, partner=PARTNER)  # else there is no such claim for a partner
    listed = await (await team.who(by, claim)).get("/v1/claims")
    assert listed.json()["data"] == [await team.read(claim, by)]


async def followed(client: httpx.AsyncClient, url: str, name: str) -> list[Any]:
    """What all pages hold, from the first along the links alone."""
    found: list[Any] = []
    while True:
        answer = await client.get(url)
        assert answer.status_code == 200, answer.text
        found += [entry[name] for entry in answer.json()["data"]]
        if NEXT not in answer.headers:
            return found
        url = answer.links["next"]["url"]


async def test_the_links_alone_lead_through_all_pages_with_the_same_filters(team: Team) -> None:
    filed = [(await team.file(region=region))["id"] for region in ("DE", "FR", "DE", "FR", "DE")]
    agent = await team.of("agent")
    assert await followed(agent, "/v1/claims?region=DE&limit=1", "id") == filed[::-2]
    claim = await team.brought_to("resolved")
    assert await followed(agent, f"/v1/claims/{claim['id']}/events?limit=4", "seq") == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("step", ["start_review", "note", "hold", "assign"])
async def test_a_change_moves_updated_at_and_nothing_else_of_when(team: Team, step: str) -> None:
    claim = await team.file()
    before = await team.read(claim)
    clock.set_to(clock.now() + timedelta(hours=1))
    after = await team.done("agent", claim, step)
    assert after["updated_at"] > before["updated_at"] == before["created_at"]
    assert [after[name] for name in ("created_at", "submitted_at")] == [before["created_at"], before["submitted_at"]]


async def test_who_was_shown_a_person_is_in_the_log(team: Team) -> None:
    claim, agent = await team.file(customer={"ref": "c", "name": "c4n4ry"}), await team.of("agent")
    with log_lines() as lines:
        for query in ({}, {"expand": "customer"}):
            assert (await agent.get(f"/v1/claims/{claim['id']}", params=query)).status_code == 200
    shown = [entry for entry in lines if entry["event"] == "person_shown"]
    assert [entry["actor"] for entry in shown] == ["agent-1"]
    assert "c4n4ry" not in str(lines)
