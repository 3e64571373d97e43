"""`GET /v1/events`: what a brand reads of all its claims, from a cursor on."""

from typing import Any

import pytest

from claims_api.access.scopes import Role, Scope
from claims_api.kit.database import Database
from tests.support.claims import Team
from tests.support.feeds import empty_outbox, faults_of_order, page, place_of, read_to_the_end
from tests.support.problems import refused

Shown = dict[str, Any]


async def test_the_feed_shows_the_events_of_all_claims_as_their_histories_do(team: Team, worker: Database) -> None:
    one, other = await team.brought_to("resolved"), await team.brought_to("withdrawn")
    await empty_outbox(worker, team.tenant.id)

    seen, _ = await read_to_the_end(await team.of("agent"))

    histories = {claim["id"]: await team.history(claim) for claim in (one, other)}
    assert faults_of_order([place_of(event) for event in seen]) == []
    for claim, history in histories.items():
        mine = [event for event in seen if event["claim_id"] == claim]
        assert [{k: v for k, v in event.items() if k != "claim_id"} for event in mine] == history
    assert len(seen) == sum(map(len, histories.values()))


async def test_what_happens_later_is_found_by_going_on_from_the_cursor(team: Team, worker: Database) -> None:
    claim, agent = await team.file(), await team.of("agent")
    await empty_outbox(worker, team.tenant.id)
    before, cursor = await read_to_the_end(agent)
    await team.done("agent", claim, "start_review")
    not_yet = await page(agent, after=cursor)
    await empty_outbox(worker, team.tenant.id)

    later, last = await read_to_the_end(agent, cursor)

    assert [event["type"] for event in before] == ["claim.submitted"]
    assert (not_yet["data"], not_yet["next_cursor"]) == ([], cursor)
    assert [event["type"] for event in later] == ["claim.review_started"]
    assert last != cursor


async def test_an_empty_feed_gives_the_place_to_start_from(team: Team) -> None:
    agent = await team.of("agent")

    first = await page(agent)
    again = await agent.get("/v1/events", params={"after": first["next_cursor"]})

    assert first["data"] == []
    assert again.json() == first
    assert again.headers["Link"].endswith(f'/v1/events?after={first["next_cursor"]}>; rel="next"')
    assert again.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("role", ["storefront", "agent"])
async def test_a_storefront_sees_in_the_feed_what_it_sees_in_the_histories(
    team: Team, worker: Database, role: str
) -> None:
    claim = await team.file()
    await team.done("agent", claim, "note", text="Between us.")
    await team.done("agent", claim, "hold", kind="fraud", reason="Between us.")
    await team.done("agent", claim, "assign", assignee="anna")
    await team.done("agent", claim, "hold", kind="recall", reason="This batch.")
    await team.done("agent", claim, "start_review") if role == "agent" else None
    await empty_outbox(worker, team.tenant.id)

    seen, _ = await read_to_the_end(await team.of(role))

    assert [{k: v for k, v in event.items() if k != "claim_id"} for event in seen] == await team.history(claim, role)
    staffs = {"claim.noted", "claim.assigned"} & {event["type"] for event in seen}
    assert bool(staffs) == (role == "agent")
    assert ("agent-1" in {event["actor"]["ref"] for event in seen}) == (role == "agent")


async def test_a_page_of_nothing_but_hidden_events_moves_on(team: Team, worker: Database) -> None:
    claim = await team.file()
    for _ in range(3):
        await team.done("agent", claim, "note", text="Between us.")
    await empty_outbox(worker, team.tenant.id)
    shop = await team.of("storefront")
    first = await page(shop, limit="1")

    hidden = await page(shop, limit="2", after=first["next_cursor"])

    assert hidden["data"] == []
    assert hidden["next_cursor"] != first["next_cursor"]


async def test_a_neighbours_events_are_not_in_the_feed_and_their_cursor_is_none(
    team: Team, other_team: Team, worker: Database
) -> None:
    await team.file()
    theirs = await other_team.brought_to("resolved")
    for one in (team, other_team):
        await empty_outbox(worker, one.tenant.id)
    _, their_cursor = await read_to_the_end(await other_team.of("agent"))

    seen, _ = await read_to_the_end(await team.of("agent"))
    answer = await (await team.of("agent")).get("/v1/events", params={"after": their_cursor})

    assert len(seen) == 1
    assert theirs["id"] not in {event["claim_id"] for event in seen}
    refused(answer, 422, "invalid-request", "query:after")


async def test_a_cursor_of_another_list_is_none_of_the_feed(team: Team) -> None:
    claims = [await team.file() for _ in range(2)]
    agent = await team.of("agent")
    cursor = (await agent.get("/v1/claims", params={"limit": "1"})).json()["next_cursor"]

    answer = await agent.get("/v1/events", params={"after": cursor})

    assert len(claims) == 2
    refused(answer, 422, "invalid-request")


async def test_only_the_brand_reads_the_feed(team: Team) -> None:
    customer = await team.customer(await team.file())
    partner = await team.of("partner")

    for client in (customer, partner):
        refused(await client.get("/v1/events"), 403, "role-not-allowed")


async def test_the_feed_needs_the_scope_to_read_claims(team: Team) -> None:
    async with await team.tenant.client(Role.AGENT, frozenset(Scope) - {Scope.CLAIMS_READ}) as agent:
        answer = await agent.get("/v1/events")

    assert refused(answer, 403, "scope-missing")["required_scope"] == "claims:read"


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"cursor": "x"}, {"after": "x"}, {"after": ""}])
async def test_a_query_that_cannot_be_used_is_refused(team: Team, query: dict[str, str]) -> None:
    refused(await (await team.of("agent")).get("/v1/events", params=query), 422, "invalid-request")
