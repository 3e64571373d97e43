"""Reading the log and the feed, and moving what waits from the outbox to the feed.

Nothing here changes the log: its rows are written with the change they tell of, and never again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Uuid, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.domain.answers import EventType
from claims_api.domain.chain import Event
from claims_api.domain.claim import Actor
from claims_api.domain.vocabulary import ActorKind
from claims_api.events.tables import events, feed
from claims_api.kit import ids

STREAM = (
    select(events)
    .where(
        events.c.tenant_id == bindparam("tenant"),
        events.c.stream_id == bindparam("stream"),
        events.c.seq > bindparam("after"),
    )
    .order_by(events.c.seq)
    .limit(bindparam("most"))
)
PAGE = (
    select(feed.c.position, events)
    .join(
        events,
        (events.c.tenant_id == feed.c.tenant_id)
        & (events.c.stream_id == feed.c.stream_id)
        & (events.c.seq == feed.c.seq),
    )
    .where(feed.c.tenant_id == bindparam("tenant"), feed.c.position > bindparam("after", type_=BigInteger))
    .order_by(feed.c.position)
    .limit(bindparam("most"))
)
TENANT = bindparam("tenant", type_=Uuid)
HEAD = text("SELECT position FROM feed_heads WHERE tenant_id = :tenant FOR UPDATE SKIP LOCKED").bindparams(TENANT)
# `batch` stands in the text itself: a planner that does not know it expects a tenth of the outbox. The times of the
# events are looked up one by one for the same reason: a join may read the whole log.
MOVE = text("""
    WITH next AS (SELECT stream_id, seq FROM outbox WHERE tenant_id = :tenant ORDER BY stream_id, seq LIMIT :batch),
         taken AS (DELETE FROM outbox o USING next n
                   WHERE o.tenant_id = :tenant AND o.stream_id = n.stream_id AND o.seq = n.seq
                   RETURNING o.stream_id, o.seq),
         put AS (INSERT INTO feed (tenant_id, position, stream_id, seq)
                 SELECT :tenant, :head + row_number() OVER (ORDER BY stream_id, seq), stream_id, seq FROM taken)
    UPDATE feed_heads SET position = position + (SELECT count(*) FROM taken) WHERE tenant_id = :tenant
    RETURNING position, (SELECT min((SELECT e.recorded_at FROM events e
                                     WHERE e.tenant_id = :tenant AND e.stream_id = t.stream_id AND e.seq = t.seq))
                         FROM taken t) AS oldest_at""").bindparams(
    TENANT, bindparam("head", type_=BigInteger), bindparam("batch", type_=Integer, literal_execute=True)
)
# The two statements that look across tenants; for them alone the worker's policy exists. One probe of the index for
# each tenant: a DISTINCT would read all that waits.
WAITING = text("""
    WITH RECURSIVE waiting AS (
        (SELECT tenant_id FROM outbox WHERE tenant_id > :after ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT o.tenant_id FROM outbox o WHERE o.tenant_id > w.tenant_id ORDER BY o.tenant_id LIMIT 1)
        FROM waiting w WHERE w.tenant_id IS NOT NULL)
    SELECT tenant_id FROM waiting WHERE tenant_id IS NOT NULL LIMIT :most""").bindparams(bindparam("after", type_=Uuid))
DEPTH = text("SELECT count(*) FROM (SELECT FROM outbox LIMIT :most) waiting")

_spelled = lru_cache(maxsize=256)(ids.encode)  # the events of a page are one tenant's, and of few streams


@dataclass(frozen=True)
class Placed:
    """An event with its place in the tenant's feed."""

    position: int
    event: Event


@dataclass(frozen=True)
class Moved:
    """A batch that reached the feed, and when the oldest event of it was written down."""

    count: int
    oldest_at: datetime | None


async def feed_after(db: AsyncConnection, tenant_id: UUID, position: int, most: int) -> Sequence[Placed]:
    """The feed from the place after `position`: complete, for nothing is ever put below a place once seen."""
    given = {"tenant": tenant_id, "after": position, "most": most}
    return [Placed(row.position, claim_event(row._mapping)) for row in await db.execute(PAGE, given)]


async def move(db: AsyncConnection, tenant_id: UUID, batch: int) -> Moved | None:
    """Moves up to `batch` waiting events to the tenant's feed; None when another relay has this tenant.

    The counter's row is locked first, and only then is it looked at what waits: two relays at one tenant's outbox
    would give a later event the earlier place.
    """
    head = (await db.execute(HEAD, {"tenant": tenant_id})).scalar_one_or_none()
    if head is None:
        return None
    row = (await db.execute(MOVE, {"tenant": tenant_id, "head": head, "batch": batch})).one()
    return Moved(row.position - head, row.oldest_at)


async def waiting_tenants(db: AsyncConnection, after: UUID, most: int) -> Sequence[UUID]:
    """Tenants with something waiting, by id, from the one after `after`."""
    return list((await db.execute(WAITING, {"after": after, "most": most})).scalars())


async def waiting_events(db: AsyncConnection, most: int) -> int:
    """How many events of all tenants wait; counted up to `most`."""
    found: int = (await db.execute(DEPTH, {"most": most})).scalar_one()
    return found


async def events_of(db: AsyncConnection, tenant_id: UUID, claim_id: UUID, after: int, most: int) -> Sequence[Event]:
    """A claim's events in order, from the one after `after`."""
    given = {"tenant": tenant_id, "stream": claim_id, "after": after, "most": most}
    return [claim_event(row._mapping) for row in await db.execute(STREAM, given)]


def claim_event(row: Mapping[Any, Any]) -> Event:
    """One row as it was sealed."""
    occurred_at: datetime = row["occurred_at"]
    return Event(
        id=ids.encode("evt", row["id"]),
        tenant_id=_spelled("ten", row["tenant_id"]),
        stream_id=_spelled("clm", row["stream_id"]),
        seq=row["seq"],
        type=EventType(row["type"]),
        occurred_at=occurred_at,
        recorded_at=row["recorded_at"],
        actor=Actor(ActorKind(row["actor_kind"]), row["actor_ref"]),
        data=row["data"],
        prev_hash=row["prev_hash"],
        hash=row["hash"],
    )
