"""What an owner of the tables may do to the log of a claim."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.events.tables import events
from claims_api.kit import ids
from tests.support.claims import Claim, Team, line

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


async def a_whole_life(team: Team) -> Claim:
    """A claim whose log has an event of many a kind."""
    claim = await team.file(lines=[line(requested_remedy="repair")])
    for by, step in (("agent", "note"), ("agent", "hold"), ("agent", "start_review"), ("supervisor", "approve")):
        await team.done(by, claim, step)
    for by, step in (("agent", "resolve"), ("customer", "close"), ("customer", "reopen")):
        await team.done(by, claim, step)
    return claim


async def tamper(db: AsyncConnection, claim: Claim, edit: Edit, seq: int) -> None:
    """Does the edit to the event `seq`."""
    given = {"claim": ids.decode("clm", claim["id"]), "seq": seq}
    changed = 0
    for statement in edit.statements:
        used = {name: value for name, value in given.items() if f":{name}" in statement}
        changed += (await db.execute(text(statement), used)).rowcount
    assert changed, "nothing was tampered with"
