"""The log, what still has to reach the feed, the feed, and how far each tenant's has come."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKeyConstraint, Integer, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from claims_api.kit.database import metadata
from claims_api.kit.tenancy import tenant_column

events = Table(
    "events",
    metadata,
    tenant_column(),
    Column("stream_id", Uuid, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("id", Uuid, nullable=False),
    Column("type", Text, nullable=False, info={"personal": "none"}),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("actor_kind", Text, nullable=False, info={"personal": "none"}),
    Column("actor_ref", Text, info={"personal": "keep: staff's opaque reference or the party's id"}),
    Column("data", JSONB, nullable=False, info={"personal": "none"}),
    Column("prev_hash", Text, nullable=False, info={"personal": "none"}),
    Column("hash", Text, nullable=False, info={"personal": "none"}),
    UniqueConstraint("tenant_id", "id"),
)

outbox = Table(
    "outbox",
    metadata,
    tenant_column(),
    Column("stream_id", Uuid, primary_key=True),
    Column("seq", Integer, primary_key=True),
    ForeignKeyConstraint(["tenant_id", "stream_id", "seq"], ["events.tenant_id", "events.stream_id", "events.seq"]),
)

feed_heads = Table(
    "feed_heads",
    metadata,
    tenant_column(),
    Column("position", BigInteger, nullable=False),
)

feed = Table(
    "feed",
    metadata,
    tenant_column(),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("stream_id", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    UniqueConstraint("tenant_id", "stream_id", "seq"),
)
