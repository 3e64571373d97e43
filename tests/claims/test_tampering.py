"""N18: the app cannot change its log at all, and whatever its owner changes shows."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.domain.chain import Fault, check_chain
from claims_api.kit import database
from tests.conftest import Ground
from tests.support.claims import Claim, Team
from tests.support.logs_of_claims import stored_and_log
from tests.support.tampering import EDITS, Edit, a_whole_life, tamper

RANDOM_EDITS = 100


@asynccontextmanager
async def undone(owner: database.Database, tenant_id: UUID) -> AsyncIterator[AsyncConnection]:
    """A transaction of the owner that leaves nothing behind."""
    async with owner.transaction(tenant_id) as db:
        point = await db.begin_nested()
        await db.execute(text("DELETE FROM outbox"))  # what still has to be sent holds the log in its place
        yield db
        await point.rollback()


async def faults_after(db: AsyncConnection, team: Team, claim: Claim, edit: Edit, seq: int) -> tuple[Fault, ...]:
    """What the chain says once the event `seq` was tampered with; the tampering is undone."""
    point = await db.begin_nested()
    await tamper(db, claim, edit, seq)
    stored, log = await stored_and_log(db, team.tenant.id, claim)
    await point.rollback()
    return check_chain(log, stored.head_hash)


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
async def test_an_edit_of_any_event_by_the_owner_of_the_log_is_found(
    owner: database.Database, team: Team, edit: Edit
) -> None:
    claim = await a_whole_life(team)
    async with undone(owner, team.tenant.id) as db:
        stored, log = await stored_and_log(db, team.tenant.id, claim)
        assert check_chain(log, stored.head_hash) == ()
        for event in log[: len(log) - edit.behind]:
            assert await faults_after(db, team, claim, edit, event.seq), event.seq
        assert check_chain((await stored_and_log(db, team.tenant.id, claim))[1], stored.head_hash) == ()


async def test_a_hundred_edits_in_a_hundred_are_found(owner: database.Database, team: Team) -> None:
    chance, found = random.Random(18), Counter[bool]()  # noqa: S311 - no secret
    claim = await a_whole_life(team)
    async with undone(owner, team.tenant.id) as db:
        last = len((await stored_and_log(db, team.tenant.id, claim))[1])
        for _ in range(RANDOM_EDITS):
            edit = chance.choice(list(EDITS.values()))
            seq = chance.randint(1, last - edit.behind)
            found[bool(await faults_after(db, team, claim, edit, seq))] += 1
    print(f"N18: {found[True]} of {RANDOM_EDITS} random edits found")
    assert found == {True: RANDOM_EDITS}


@pytest.mark.parametrize("edit", ["UPDATE events SET type = type", "DELETE FROM events", "TRUNCATE events CASCADE"])
async def test_the_app_cannot_change_its_log(ground: Ground, team: Team, edit: str) -> None:
    await team.file()
    url = ground.settings.database_url
    assert isinstance(url, SecretStr)
    login = database.connect(url.get_secret_value(), ground.settings)  # the app's own, without the tests' watch on it
    try:
        with pytest.raises(DBAPIError, match="permission denied"):
            async with login.transaction(team.tenant.id) as db:
                await db.exec_driver_sql(edit)
    finally:
        await login.close()
