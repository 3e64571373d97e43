"""Everything a tenant has as one moment saw it: claims in the order of their ids, each with its log and its texts."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Row, Uuid, any_, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.claims.queries import read
from claims_api.claims.queries.records import Found
from claims_api.claims.tables import claims, texts
from claims_api.events.tables import events
from claims_api.kit.database import NOBODY

PAGE = 500
# The first statement of a transaction. Whoever writes meanwhile is not seen, and nothing can be written by mistake.
SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
# The limits are those of requests; here a statement reads a whole table, and its rows are judged in between. The
# statements are the same few each time: compiling them takes longer than it saves.
UNHURRIED = tuple(
    text(f"SET LOCAL {setting}")
    for setting in ("statement_timeout = 0", "idle_in_transaction_session_timeout = 0", "jit = off")
)

SALTS = (
    select(func.coalesce(func.jsonb_object_agg(texts.c.id, func.encode(texts.c.salt, "hex")), text("'{}'::jsonb")))
    .where(texts.c.tenant_id == claims.c.tenant_id, texts.c.claim_id == claims.c.id)
    .correlate(claims)
    .scalar_subquery()
)
# The last byte of a UUIDv7 is random, so the shares are alike.
LAST_BYTE = func.get_byte(func.uuid_send(claims.c.id), 15)
CLAIMS = (
    read.WHOLE.add_columns(SALTS.label("salts"))
    .where(claims.c.id > bindparam("after"), func.mod(LAST_BYTE, bindparam("of")) == bindparam("number"))
    .order_by(claims.c.id)
    .limit(bindparam("most"))
)
LOGS = (
    select(events)
    .where(
        events.c.tenant_id == bindparam("tenant"),
        events.c.stream_id == any_(bindparam("streams", type_=ARRAY(Uuid))),
    )
    .order_by(events.c.stream_id, events.c.seq)
)


@dataclass(frozen=True)
class Share:
    """One of `of` parts of the claims, counted from 0: each process of a run has one."""

    number: int = 0
    of: int = 1


WHOLE = Share()


@dataclass(frozen=True)
class ClaimRows:
    """A claim with all it owns, and the rows of its log in order."""

    claim: Found
    log: Sequence[Found]


async def open_snapshot(db: AsyncConnection) -> None:
    """All that follows in this transaction sees one moment."""
    for statement in (SNAPSHOT, *UNHURRIED):
        await db.execute(statement)


async def pages_of_claims(db: AsyncConnection, tenant_id: UUID, share: Share) -> AsyncIterator[Sequence[ClaimRows]]:
    """The claims of a share, a page at a time."""
    given = {"tenant": tenant_id, "after": NOBODY, "most": PAGE, "number": share.number, "of": share.of}
    while True:
        found = (await db.execute(CLAIMS, given)).all()
        if not found:
            return
        logs = await _logs(db, tenant_id, [row._mapping["id"] for row in found])
        yield [ClaimRows(row._mapping, logs[row._mapping["id"]]) for row in found]
        given["after"] = found[-1]._mapping["id"]


async def _logs(db: AsyncConnection, tenant_id: UUID, streams: list[UUID]) -> Mapping[UUID, list[Found]]:
    logs: dict[UUID, list[Found]] = defaultdict(list)
    for row in await db.execute(LOGS, {"tenant": tenant_id, "streams": streams}):
        logs[row.stream_id].append(row._mapping)
    return logs


async def offending_rows(
    db: AsyncConnection, tenant_id: UUID, statement: Executable
) -> AsyncIterator[Sequence[Row[Any]]]:
    """What a statement finds, a page at a time: there may be as many as the table has rows."""
    async with db.stream(statement, {"tenant": tenant_id}) as found:
        async for page in found.partitions(PAGE):
            yield page
