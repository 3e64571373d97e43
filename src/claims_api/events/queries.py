"""Reading the log. Nothing here changes it: rows are written with the change they tell of, and never again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.domain.answers import EventType
from claims_api.domain.chain import Event
from claims_api.domain.claim import Actor
from claims_api.domain.vocabulary import ActorKind
from claims_api.events.tables import events
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


async def events_of(db: AsyncConnection, tenant_id: UUID, claim_id: UUID, after: int, most: int) -> Sequence[Event]:
    """A claim's events in order, from the one after `after`."""
    given = {"tenant": tenant_id, "stream": claim_id, "after": after, "most": most}
    return [claim_event(row._mapping) for row in await db.execute(STREAM, given)]


def claim_event(row: Mapping[Any, Any]) -> Event:
    """One row as it was sealed."""
    occurred_at: datetime = row["occurred_at"]
    return Event(
        id=ids.encode("evt", row["id"]),
        tenant_id=ids.encode("ten", row["tenant_id"]),
        stream_id=ids.encode("clm", row["stream_id"]),
        seq=row["seq"],
        type=EventType(row["type"]),
        occurred_at=occurred_at,
        recorded_at=row["recorded_at"],
        actor=Actor(ActorKind(row["actor_kind"]), row["actor_ref"]),
        data=row["data"],
        prev_hash=row["prev_hash"],
        hash=row["hash"],
    )
