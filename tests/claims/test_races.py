"""N13 and N14: one of many wins, the history has no gap, and the state is its sum."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from claims_api.domain.chain import check_chain
from claims_api.domain.evolve import fold
from tests.support.claims import STEPS, Claim, Team, kettle, line
from tests.support.logs_of_claims import stored_and_log

ROUNDS, ROUNDS_AT_FULL_SIZE, CALLERS, WRITERS = 3, 100, 50, 20


async def holds_together(app: FastAPI, team: Team, claim: Claim) -> None:
    """No gap, an unbroken chain to the stored head, a state that is the sum of its events."""
    async with app.state.database.transaction(team.tenant.id) as db:
        stored, log = await stored_and_log(db, team.tenant.id, claim)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert check_chain(log, stored.head_hash) == ()
    assert fold(log) == stored.claim


async def at_once(team: Team, claim: Claim, bodies: list[Claim], headers: dict[str, str]) -> Counter[int]:
    """The final answers to many steps."""
    path = f"/v1/claims/{claim['id']}/transitions"
    return await all_at_once(await team.of("agent"), "POST", path, bodies, headers)


async def all_at_once(
    client: httpx.AsyncClient, method: str, path: str, bodies: list[Claim], headers: dict[str, str]
) -> Counter[int]:
    """The final answers; who is told to come back later (nothing was done) does."""

    async def persist(body: Claim) -> int:
        for _ in range(20):
            answer = await client.request(method, path, json=body, headers=headers)
            if "retry-after" not in answer.headers:
                break
        return answer.status_code

    return Counter(await asyncio.gather(*(persist(body) for body in bodies)))


async def test_of_many_conflicting_steps_one_is_taken(app: FastAPI, team: Team, full_size: bool) -> None:
    steps, rounds, won = ("approve", "reject", "cancel"), ROUNDS_AT_FULL_SIZE if full_size else ROUNDS, 0
    for _ in range(rounds):
        claim = await team.brought_to("under_review")
        bodies = [{"transition": steps[n % 3]} | STEPS[steps[n % 3]] for n in range(CALLERS)]
        assert await at_once(team, claim, bodies, {}) == {200: 1, 409: CALLERS - 1}
        await holds_together(app, team, claim)
        won += 1
    print(f"N13: one of {CALLERS} conflicting steps was taken in {won} of {rounds} rounds")


@pytest.mark.parametrize(("with_version", "loses_with"), [(True, 412), (False, 409)])
async def test_of_many_equal_steps_one_is_taken(app: FastAPI, team: Team, with_version: bool, loses_with: int) -> None:
    claim = await team.file()
    seen = await (await team.of("agent")).get(f"/v1/claims/{claim['id']}")
    headers = {"If-Match": seen.headers["etag"]} if with_version else {}
    bodies = [{"transition": "start_review"}] * CALLERS
    assert await at_once(team, claim, bodies, headers) == {200: 1, loses_with: CALLERS - 1}
    await holds_together(app, team, claim)


async def test_many_steps_that_do_not_conflict_are_all_taken(app: FastAPI, team: Team) -> None:
    claim = await team.file()
    bodies = [{"transition": "note", "text": f"Note {n}"} for n in range(CALLERS)]
    assert await at_once(team, claim, bodies, {}) == {200: CALLERS}
    await holds_together(app, team, claim)
    assert (await team.read(claim))["version"] == CALLERS + 1


@pytest.mark.parametrize("with_version", [True, False])
async def test_of_many_who_save_a_draft_none_undoes_another_unseen(
    app: FastAPI, team: Team, with_version: bool
) -> None:
    draft, shop = await team.file(draft=True), await team.of("storefront")
    path = f"/v1/claims/{draft['id']}"
    headers = {"If-Match": (await shop.get(path)).headers["etag"]} if with_version else {}
    bodies = [kettle(lines=[line(sku=f"K-{n}", serial_numbers=[f"S-{n}"])] * (1 + n % 3)) for n in range(WRITERS)]
    expected = {200: 1, 412: WRITERS - 1} if with_version else {200: WRITERS}
    assert await all_at_once(shop, "PUT", path, bodies, headers) == expected
    await holds_together(app, team, draft)
    saved = await team.read(draft, "storefront")
    assert saved["version"] == 1 + expected[200]
    assert len({(each["sku"], *each["serial_numbers"]) for each in saved["lines"]}) == 1  # all of one save


async def test_after_a_whole_life_the_stored_claim_is_the_sum_of_its_events(app: FastAPI, team: Team) -> None:
    first = await team.file(lines=[line(serial_numbers=["S"])])
    claim = await team.file(draft=True, customer={"ref": "c", "name": "Greta"})
    shop = await team.of("storefront")
    body = {"region": "FR", "customer": {"ref": "c"}, "lines": [line(serial_numbers=["S"]), line(sku="B", name="Jug")]}
    assert (await shop.put(f"/v1/claims/{claim['id']}", json=body)).status_code == 200
    await holds_together(app, team, claim)
    await team.done("storefront", claim, "submit")
    held = await team.read(claim)
    assert held["holds"][0]["duplicate_of"] == first["id"]
    outcome = {"decision": "goodwill", "remedy": "repair"}
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("agent", "start_review", {}),
        ("agent", "release", {"hold": held["holds"][0]["id"], "reason": "Two kettles."}),
        ("agent", "assign", {}),
        ("supervisor", "approve", {"lines": [{"position": 1} | outcome, {"position": 2} | outcome]}),
        ("agent", "resolve", {}),
        ("customer", "reopen", {"reason": "It leaks again."}),
        ("agent", "note", {}),
        ("customer", "withdraw", {}),
        ("customer", "reopen", {}),
        ("agent", "cancel", {}),
    ]
    for by, transition, arguments in steps:
        await team.done(by, claim, transition, **arguments)
        await holds_together(app, team, claim)
