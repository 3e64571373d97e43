"""N18: the app cannot change its log at all, and whatever its owner changes shows."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.domain.chain import Fault, check_chain
from claims_api.events.tables import events
from claims_api.kit import database, ids
from tests.conftest import Ground
from tests.support.claims import Claim, Team, line
from tests.support.logs_of_claims import stored_and_log

RANDOM_EDITS = 100
HERE = "WHERE stream_id = :claim AND seq = :seq"
LATER = "WHERE stream_id = :claim AND seq > :seq"


@dataclass(frozen=True)
class Edit:
    """Statements on the event `:seq`, which may be any but as many of the last as it needs `behind` it."""

    statements: tuple[str, ...]
    behind: int = 0


def one(values: str) -> Edit:
    """Other values in the event itself."""
    return Edit((f"UPDATE events SET {values} {HERE}",))


def shifted(by: int) -> tuple[str, str]:
    """All later events move; in two steps, for no `seq` may be there twice."""
    return (
        f"UPDATE events SET seq = seq + 1000 {LATER}",
        f"UPDATE events SET seq = seq - {1000 - by} WHERE stream_id = :claim AND seq > 1000",
    )


def copied(seq: str) -> str:
    """The event once more, in another place."""
    columns = [column.name for column in events.c]
    made = {"seq": seq, "id": "gen_random_uuid()"}
    values = ", ".join(made.get(name, name) for name in columns)
    return f"INSERT INTO events ({', '.join(columns)}) SELECT {values} FROM events {HERE}"


CONTENT = ("type", "occurred_at", "recorded_at", "actor_kind", "actor_ref", "data")
SWAPPED = """
    UPDATE events e SET {sets} FROM events f
    WHERE e.stream_id = :claim AND f.stream_id = :claim AND e.seq IN (:seq, :seq + 1) AND f.seq = 2 * :seq + 1 - e.seq
"""
EDITS = {
    "its type": one("type = CASE type WHEN 'claim.noted' THEN 'claim.withdrawn' ELSE 'claim.noted' END"),
    "a member more in its data": one("""data = data || '{"x": 1}'"""),
    "no data any more": one("data = CASE data WHEN '{}' THEN '[]'::jsonb ELSE '{}' END"),
    "when it happened, by a microsecond": one("occurred_at = occurred_at + interval '1 us'"),
    "when it was written down, by a microsecond": one("recorded_at = recorded_at - interval '1 us'"),
    "the kind of its actor": one("actor_kind = CASE actor_kind WHEN 'agent' THEN 'supervisor' ELSE 'agent' END"),
    "who did it": one("actor_ref = 'mallory'"),
    "nobody did it": one("actor_ref = NULL"),
    "its id": one("id = gen_random_uuid()"),
    "its hash": one("hash = translate(hash, '0123456789abcdef', '123456789abcdef0')"),
    "the hash before it": one("prev_hash = translate(prev_hash, '0123456789abcdef', '123456789abcdef0')"),
    "a later seq for it and all that follow": Edit(
        ("UPDATE events SET seq = seq + 1000 WHERE stream_id = :claim AND seq >= :seq",)
    ),
    "it is gone": Edit((f"DELETE FROM events {HERE}",), behind=1),
    "it is gone and the gap closed": Edit((f"DELETE FROM events {HERE}", *shifted(-1)), behind=1),
    "nothing left from it on": Edit(("DELETE FROM events WHERE stream_id = :claim AND seq >= :seq",)),
    "it and the next have changed places": Edit(
        (
            f"UPDATE events SET seq = seq + 1000 {HERE}",
            "UPDATE events SET seq = seq - 1 WHERE stream_id = :claim AND seq = :seq + 1",
            "UPDATE events SET seq = :seq + 1 WHERE stream_id = :claim AND seq = :seq + 1000",
        ),
        behind=1,
    ),
    "it and the next have changed contents": Edit(
        (SWAPPED.format(sets=", ".join(f"{name} = f.{name}" for name in CONTENT)),), behind=1
    ),
    "a copy of it behind it": Edit((*shifted(1), copied(":seq + 1"))),
}
"""What an owner of the tables may do to the log of a claim."""


@asynccontextmanager
async def undone(owner: database.Database, tenant_id: UUID) -> AsyncIterator[AsyncConnection]:
    """A transaction of the owner that leaves nothing behind."""
    async with owner.transaction(tenant_id) as db:
        point = await db.begin_nested()
        await db.execute(text("DELETE FROM outbox"))  # what still has to be sent holds the log in its place
        yield db
        await point.rollback()


async def a_whole_life(team: Team) -> Claim:
    """A claim whose log has an event of many a kind."""
    claim = await team.file(lines=[line(requested_remedy="repair")])
    for by, step in (("agent", "note"), ("agent", "hold"), ("agent", "start_review"), ("supervisor", "approve")):
        await team.done(by, claim, step)
    for by, step in (("agent", "resolve"), ("customer", "close"), ("customer", "reopen")):
        await team.done(by, claim, step)
    return claim


async def faults_after(db: AsyncConnection, team: Team, claim: Claim, edit: Edit, seq: int) -> tuple[Fault, ...]:
    """What the chain says once the event `seq` was tampered with; the tampering is undone."""
    point = await db.begin_nested()
    given = {"claim": ids.decode("clm", claim["id"]), "seq": seq}
    changed = 0
    for statement in edit.statements:
        used = {name: value for name, value in given.items() if f":{name}" in statement}
        changed += (await db.execute(text(statement), used)).rowcount
    assert changed, "nothing was tampered with"
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
