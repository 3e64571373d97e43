"""Makes many claims of a few that the service filed: the same rows under new ids, logs and parcels hashed anew."""

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Table

from benchmarks.copied_parcels import Row, Rows, parcels_of, renumber
from claims_api.claims.tables import claims, parties
from claims_api.domain.answers import EventDraft, EventType
from claims_api.domain.chain import Head, Stamp, head_after, seal
from claims_api.domain.claim import Actor
from claims_api.domain.number import claim_number
from claims_api.domain.vocabulary import ActorKind
from claims_api.events.tables import events, outbox
from claims_api.kit import ids
from claims_api.kit.database import metadata
from claims_api.kit.idempotency import idempotency_keys
from claims_api.shipments.tables import shipments

NAMES_CLAIM = {
    claims.name: "id",
    events.name: "stream_id",
    outbox.name: "stream_id",
    idempotency_keys.name: "subject_id",
}
TYPE_ID = re.compile(r"\b[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}\b")
CLAIMS_AT_ONCE = 2_000
NUMBER_BITS, SCOPE_BYTES = 45, 32


@dataclass(frozen=True)
class Template:
    """A claim with everything it owns."""

    tenant_id: UUID
    rows: Rows


async def templates(db: asyncpg.Connection, tenant_id: UUID) -> list[Template]:
    """All claims of a tenant as templates."""
    found: list[Template] = []
    for row in await db.fetch("SELECT id, customer_id FROM claims WHERE tenant_id = $1 ORDER BY id", tenant_id):
        rows = {
            table.name: [dict(one) for one in await db.fetch(_of_claim(table, column), tenant_id, row["id"])]
            for table, column in _owned()
        }
        query = "SELECT * FROM parties WHERE tenant_id = $1 AND id = $2"
        rows[parties.name] = [dict(one) for one in await db.fetch(query, tenant_id, row["customer_id"])]
        rows |= await parcels_of(db, tenant_id, [one["id"] for one in rows[shipments.name]])
        found.append(Template(tenant_id, rows))
    return found


async def multiply(db: asyncpg.Connection, made_from: Sequence[Template], count: int) -> int:
    """Stores so many copies, one template after the other; how many events they have. As a superuser: COPY is for him.

    Their events wait in the outbox, for a relay to bring them to the feed.
    """
    written, left = 0, count
    while left:
        batch: Rows = {}
        for place in range(min(left, CLAIMS_AT_ONCE)):
            for table, rows in _copy(made_from[(left - place) % len(made_from)]).items():
                batch.setdefault(table, []).extend(rows)
        left -= len(batch[claims.name])
        written += len(batch[events.name])
        async with db.transaction():
            await db.execute("SET LOCAL session_replication_role = replica")  # the rows are whole: no key to look up
            for table, rows in batch.items():
                if rows:
                    records = [tuple(row.values()) for row in rows]
                    await db.copy_records_to_table(table, records=records, columns=list(rows[0]))
    return written


def _owned() -> Iterator[tuple[Table, str]]:
    """The tables with rows of a claim, and the column that names it; also those of features yet to come."""
    for table in metadata.sorted_tables:
        column = NAMES_CLAIM.get(table.name, "claim_id")
        if column in table.c:
            yield table, column


def _of_claim(table: Table, column: str) -> str:
    order = ", ".join(key.name for key in table.primary_key)
    return f'SELECT * FROM "{table.name}" WHERE tenant_id = $1 AND "{column}" = $2 ORDER BY {order}'  # noqa: S608 - names of our own tables


def _copy(template: Template) -> Rows:
    known = _new_ids(template.rows)
    spelled = {_letters(old): _letters(new) for old, new in known.items()}
    rows = {table: [_renamed(row, known, spelled) for row in found] for table, found in template.rows.items()}
    head = _sealed(template.tenant_id, rows[events.name])
    for row in rows[claims.name]:
        row |= {"number": claim_number(secrets.randbits(NUMBER_BITS)), "head_hash": head.hash}
        row["external_ref"] = row["external_ref"] and secrets.token_hex(8)
    for row in rows[idempotency_keys.name]:
        row["scope"] = secrets.token_bytes(SCOPE_BYTES)
    renumber(rows)
    keys = ("tenant_id", "stream_id", "seq")
    rows[outbox.name] = [{key: row[key] for key in keys} for row in rows[events.name]]
    return rows


def _new_ids(rows: Rows) -> dict[UUID, UUID]:
    """A new id for every one of the claim's own, in the same order: whoever sorts by them finds the same order."""
    own = {
        row["id"] for table, found in rows.items() for row in found if "id" in row and table != idempotency_keys.name
    }
    return dict(zip(sorted(own), sorted(ids.new_uuid() for _ in own), strict=True))


def _letters(one: UUID) -> str:
    return ids.base32(one.int, 26)


def _renamed(row: Row, known: Mapping[UUID, UUID], spelled: Mapping[str, str]) -> Row:
    return {name: _value(value, known, spelled) for name, value in row.items()}


def _value(value: Any, known: Mapping[UUID, UUID], spelled: Mapping[str, str]) -> Any:
    if isinstance(value, UUID):
        return known.get(value, value)
    if isinstance(value, str):
        return TYPE_ID.sub(lambda found: found[0][:4] + spelled.get(found[0][4:], found[0][4:]), value)
    return value


def _sealed(tenant_id: UUID, log: list[Row]) -> Head:
    """Seals the events behind each other again; where their stream ends."""
    head = Head(ids.encode("ten", tenant_id), ids.encode("clm", log[0]["stream_id"]))
    for row in log:
        draft = EventDraft(EventType(row["type"]), json.loads(row["data"]))
        stamp = Stamp(Actor(ActorKind(row["actor_kind"]), row["actor_ref"]), row["occurred_at"], row["recorded_at"])
        event = seal(draft, ids.encode("evt", row["id"]), head, stamp)
        row |= {"prev_hash": event.prev_hash, "hash": event.hash}
        head = head_after(event)
    return head
