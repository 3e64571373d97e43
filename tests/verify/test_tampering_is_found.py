"""N18: whatever an owner does to the log of a claim, the checker finds it, against the chain and against the feed."""

import random
from collections import Counter

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.kit import database
from claims_api.kit.database import Database
from tests.support.claims import Claim, Team
from tests.support.feeds import empty_outbox
from tests.support.tampering import EDITS, Edit, a_whole_life, tamper
from tests.support.verifying import Found, found_within

CUT = "nothing left from it on"
RANDOM_EDITS, RANDOM_EDITS_AT_FULL_SIZE = 50, 100


async def found_after(db: AsyncConnection, team: Team, claim: Claim, edit: Edit, seq: int) -> Found:
    """What is found once the event `seq` was tampered with; the tampering is undone."""
    point = await db.begin_nested()
    await tamper(db, claim, edit, seq)
    found = await found_within(db, team.tenant.id)
    await point.rollback()
    return found


async def placed(team: Team, worker: Database) -> tuple[Claim, int]:
    """A claim whose events all stand in the feed, and how many they are."""
    claim = await a_whole_life(team)
    return claim, await empty_outbox(worker, team.tenant.id)


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
async def test_an_edit_of_the_log_is_found(owner: database.Database, worker: Database, team: Team, edit: Edit) -> None:
    claim, last = await placed(team, worker)

    async with owner.transaction(team.tenant.id) as db:
        before = await found_within(db, team.tenant.id)
        found = await found_after(db, team, claim, edit, seq=(last - edit.behind) // 2)

    assert before == {}
    assert found.keys() & {"seq-gap", "link-broken", "hash-wrong", "tail-cut", "event-unreadable"}, found


async def test_a_cut_shows_in_the_feed_too(owner: database.Database, worker: Database, team: Team) -> None:
    claim, last = await placed(team, worker)

    async with owner.transaction(team.tenant.id) as db:
        found = await found_after(db, team, claim, EDITS[CUT], seq=last)

    assert [row.split(",")[0] for row in found["feed-without-event"]] == [f"position {last}"]
    assert found["tail-cut"] == [f"{claim['id']} seq {last - 1}"]


async def test_random_edits_and_cuts_are_found_every_time(
    owner: database.Database, worker: Database, team: Team, full_size: bool
) -> None:
    chance, found = random.Random(18), Counter[bool]()  # noqa: S311 - no secret
    tries = RANDOM_EDITS_AT_FULL_SIZE if full_size else RANDOM_EDITS
    claim, last = await placed(team, worker)

    async with owner.transaction(team.tenant.id) as db:
        for _ in range(tries):
            edit = chance.choice([*EDITS.values(), EDITS[CUT]])
            found[bool(await found_after(db, team, claim, edit, chance.randint(1, last - edit.behind)))] += 1

    print(f"N18: {found[True]} of {tries} random edits and cuts found by verify")
    assert found == {True: tries}
