"""N13, N14 and N18: one of many wins, the history has no gap, the state is its sum, and tampering shows."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from claims_api.claims.queries import read
from claims_api.claims.queries.records import StoredClaim, stored_claim
from claims_api.domain.chain import Event, check_chain
from claims_api.domain.evolve import fold
from claims_api.events.queries import events_of
from claims_api.kit import database, ids
from tests.support.claims import STEPS, Claim, Team, line

ROUNDS, CALLERS = 3, 50


async def stored_and_log(db_of: database.Database, team: Team, claim: Claim) -> tuple[StoredClaim, list[Event]]:
    """The claim as it is stored, and its whole log."""
    claim_id = ids.decode("clm", claim["id"])
    assert claim_id is not None
    async with db_of.transaction(team.tenant.id) as db:
        row = await read.claim_row(db, team.tenant.id, claim_id)
        assert row is not None
        return stored_claim(row._mapping), list(await events_of(db, team.tenant.id, claim_id, 0, 1000))


async def holds_together(app: FastAPI, team: Team, claim: Claim) -> None:
    """No gap, an unbroken chain to the stored head, a state that is the sum of its events."""
    stored, log = await stored_and_log(app.state.database, team, claim)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert check_chain(log, stored.head_hash) == ()
    assert fold(log) == stored.claim


async def at_once(team: Team, claim: Claim, bodies: list[Claim], headers: dict[str, str]) -> Counter[int]:
    """The final answers; who is told to come back later (503, nothing was done) does."""
    agent, path = await team.of("agent"), f"/v1/claims/{claim['id']}/transitions"

    async def persist(body: Claim) -> int:
        for _ in range(20):
            answer = await agent.post(path, json=body, headers=headers)
            if answer.status_code != 503:
                break
            assert answer.headers["retry-after"]
        return answer.status_code

    return Counter(await asyncio.gather(*(persist(body) for body in bodies)))


async def test_of_many_conflicting_steps_one_is_taken(app: FastAPI, team: Team) -> None:
    steps = ("approve", "reject", "cancel")
    for _ in range(ROUNDS):
        claim = await team.brought_to("under_review")
        bodies = [{"transition": steps[n % 3]} | STEPS[steps[n % 3]] for n in range(CALLERS)]
        assert await at_once(team, claim, bodies, {}) == {200: 1, 409: CALLERS - 1}
        await holds_together(app, team, claim)


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


EDITS = {
    "its type": ("UPDATE events SET type = 'claim.withdrawn' WHERE stream_id = :claim AND seq = 2", 2),
    "its data": ("""UPDATE events SET data = data || '{"x": 1}' WHERE stream_id = :claim AND seq = 2""", 2),
    "its time": (
        "UPDATE events SET occurred_at = occurred_at + interval '1 us' WHERE stream_id = :claim AND seq = 3",
        3,
    ),
    "its actor": ("UPDATE events SET actor_ref = 'mallory' WHERE stream_id = :claim AND seq = 2", 2),
    "a cut tail": ("DELETE FROM events WHERE stream_id = :claim AND seq = 4", 3),
    "a hole": ("DELETE FROM events WHERE stream_id = :claim AND seq = 2", 3),
}


@pytest.mark.parametrize(("edit", "seq"), EDITS.values(), ids=EDITS.keys())
async def test_an_edit_of_the_log_by_its_owner_is_found(
    app: FastAPI, owner: database.Database, team: Team, edit: str, seq: int
) -> None:
    claim = await team.brought_to("resolved", lines=[line(requested_remedy="repair")])
    stored, log = await stored_and_log(app.state.database, team, claim)
    assert check_chain(log, stored.head_hash) == ()
    last = log[-1].seq
    sent = edit.replace("seq = 4", f"seq = {last}")
    async with owner.transaction(team.tenant.id) as db:
        await db.execute(text("DELETE FROM outbox WHERE stream_id = :claim"), {"claim": stored.id})
        assert (await db.execute(text(sent), {"claim": stored.id})).rowcount == 1
    stored, log = await stored_and_log(app.state.database, team, claim)
    faults = check_chain(log, stored.head_hash)
    assert faults[0].seq == (last - 1 if "seq = 4" in edit else seq)


@pytest.mark.parametrize("edit", ["UPDATE events SET type = type", "DELETE FROM events", "TRUNCATE events CASCADE"])
async def test_the_app_cannot_change_its_log(ground: Any, team: Team, edit: str) -> None:
    await team.file()
    login = database.connect(ground.settings.database_url.get_secret_value(), ground.settings)
    try:
        with pytest.raises(Exception, match="permission denied"):
            async with login.transaction(UUID(str(team.tenant.id))) as db:
                await db.exec_driver_sql(edit)
    finally:
        await login.close()
