"""What was said of parcels, and the state that follows: stored in the same few statements for one update or 500.

Locks are taken in one order everywhere: tracking numbers by key, then claims by id.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Row,
    Table,
    TableValuedAlias,
    TextualSelect,
    Uuid,
    and_,
    any_,
    bindparam,
    column,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.claims.tables import claims
from claims_api.domain.shipment_fold import Folded
from claims_api.domain.shipments import ParcelKey, Update
from claims_api.shipments.queries.records import (
    Customs,
    Json,
    StoredShipment,
    customs_columns,
    folded_columns,
    stored_shipment,
    updates_in_order,
)
from claims_api.shipments.tables import shipment_updates, shipments, tracking_numbers

READ_AT_ONCE = 25  # parcels
Told = tuple[str, str, str, str]  # carrier, number, dedupe key, statement: an update of one partner


def _given(table: Table, *names: str) -> TableValuedAlias:
    """Rows for (some columns of) a table, from one JSON array."""
    kept = [table.c[name] for name in names] if names else list(table.c)
    return (
        func.jsonb_to_recordset(bindparam("rows", type_=JSONB))
        .table_valued(*(column(c.name, c.type) for c in kept))
        .render_derived(name="r", with_types=True)
    )


# Every number is there afterwards, and locked: who registers it meanwhile waits, and then finds what was said of it.
# What `said` counts is older than the lock: good for a bound, not for a decision.
HEAR = (
    text("""
    INSERT INTO tracking_numbers AS n (tenant_id, partner, carrier, number, carrier_written, number_written, heard_at)
        SELECT :tenant, r.partner, r.carrier, r.number, r.carrier_written, r.number_written, r.heard_at
        FROM jsonb_to_recordset(:rows) AS r (partner text, carrier text, number text, carrier_written text,
                                             number_written text, heard_at timestamptz)
        ORDER BY r.partner, r.carrier, r.number
    ON CONFLICT (tenant_id, partner, carrier, number)
        DO UPDATE SET heard_at = coalesce(excluded.heard_at, n.heard_at)
    RETURNING n.carrier, n.number, n.shipment_id,
        (SELECT count(*) FROM shipment_updates u WHERE u.tenant_id = :tenant AND u.partner = n.partner
             AND u.carrier = n.carrier AND u.number = n.number) AS said""")
    .bindparams(bindparam("tenant", type_=Uuid), bindparam("rows", type_=JSONB))
    .columns(shipment_id=Uuid)
)
_TOLD = ("carrier", "number", "dedupe_key", "statement_hash")
_updates = _given(shipment_updates)
KEEP = (
    postgresql.insert(shipment_updates)
    .from_select([c.name for c in shipment_updates.c], select(*_updates.c))
    .on_conflict_do_nothing()
    .returning(*(shipment_updates.c[name] for name in _TOLD))
)
SAID_BEFORE = (
    select(*(shipment_updates.c[name] for name in _TOLD))
    .join(_updates, and_(*(shipment_updates.c[name] == _updates.c[name] for name in ("partner", *_TOLD))))
    .where(shipment_updates.c.tenant_id == bindparam("tenant"))
)
LINK = (
    update(tracking_numbers)
    .where(
        tracking_numbers.c.tenant_id == bindparam("tenant"),
        tracking_numbers.c.partner == bindparam("of_partner"),
        tracking_numbers.c.carrier == bindparam("of_carrier"),
        tracking_numbers.c.number == bindparam("of_number"),
    )
    .values(
        shipment_id=bindparam("to_shipment"),
        carrier_written=bindparam("as_carrier"),
        number_written=bindparam("as_number"),
    )
)
LOCK_CLAIMS = (
    select(claims.c.id)
    .where(
        claims.c.tenant_id == bindparam("tenant"),
        claims.c.id.in_(
            select(shipments.c.claim_id).where(
                shipments.c.tenant_id == bindparam("tenant"),
                shipments.c.id == any_(bindparam("parcels", type_=ARRAY(Uuid))),
            )
        ),
    )
    .order_by(claims.c.id)
    .with_for_update()
)
# The whole of a parcel: its leg, its numbers and, where it is folded anew, all that was ever said of it.
_LEG = """(SELECT to_jsonb(l) - 'tenant_id' FROM claim_legs l
    WHERE l.tenant_id = :tenant AND l.claim_id = s.claim_id AND l.id = s.id) AS leg"""
_NUMBERS = """(SELECT coalesce(jsonb_agg(jsonb_build_object('carrier_written', n.carrier_written,
        'number_written', n.number_written) ORDER BY n.carrier, n.number), '[]'::jsonb) FROM tracking_numbers n
    WHERE n.tenant_id = :tenant AND n.shipment_id = s.id) AS numbers"""
_SAID = """(SELECT coalesce(jsonb_agg(to_jsonb(u) - '{tenant_id,partner,local_time,zone}'::text[]), '[]'::jsonb)
    FROM tracking_numbers n JOIN shipment_updates u
        ON u.tenant_id = :tenant AND u.partner = n.partner AND u.carrier = n.carrier AND u.number = n.number
    WHERE n.tenant_id = :tenant AND n.shipment_id = s.id) AS said"""
_FROM = "FROM shipments s WHERE s.tenant_id = :tenant"
_JSON = {"leg": JSONB, "numbers": JSONB, "anomalies": JSONB}


def _parcels(what: str, which: str, **given: type[Uuid[UUID]] | ARRAY[UUID]) -> TextualSelect:
    kinds = [bindparam(name, type_=kind) for name, kind in {"tenant": Uuid, **given}.items()]
    statement = text(f"SELECT s.*, {what} {_FROM} AND {which}")
    return statement.bindparams(*kinds).columns(**_JSON | ({"said": JSONB} if _SAID in what else {}))


ONE = _parcels(f"{_LEG}, {_NUMBERS}", "s.id = :parcel", parcel=Uuid)
OF_CLAIM = _parcels(
    f"{_LEG}, {_NUMBERS}",
    """s.claim_id = :claim AND s.id > :after AND (CAST(:partner AS text) IS NULL OR EXISTS (SELECT FROM claim_legs l
        WHERE l.tenant_id = :tenant AND l.claim_id = :claim AND l.id = s.id AND l.partner = :partner))
    ORDER BY s.id LIMIT :most""",
    claim=Uuid,
    after=Uuid,
)
WITH_WORDS = _parcels(f"{_LEG}, {_NUMBERS}, {_SAID}", "s.id = ANY(:parcels) ORDER BY s.id", parcels=ARRAY(Uuid))
_CHANGED = (
    "id", "status", "substatus", "condition", "delay_cause", "delayed_since", "eta_p50", "eta_p90", "eta_original",
    "proof_type", "proof_url", "proof_signed_by", "delivered_at", "is_returning", "last_update_at", "anomalies",
)  # fmt: skip
_states = _given(shipments, *_CHANGED)
SAVE = (
    update(shipments)
    .where(shipments.c.tenant_id == bindparam("tenant"), shipments.c.id == _states.c.id)
    .values(
        {name: _states.c[name] for name in _CHANGED if name != "id"}
        | {"updated_at": bindparam("now", type_=DateTime(timezone=True))}
    )
)


@dataclass(frozen=True)
class Heard:
    """A tracking number as it stands: whose parcel it is, if anybody registered it, and how much was said of it."""

    shipment_id: UUID | None
    said: int


async def hear(
    db: AsyncConnection, tenant_id: UUID, written: Mapping[ParcelKey, tuple[str, str]], heard_at: datetime | None
) -> Mapping[ParcelKey, Heard]:
    """Locks the numbers, by key; those nobody knew are there afterwards. `written` is how carrier and number were."""
    if not written:
        return {}
    rows = [
        {
            "partner": key.partner,
            "carrier": key.carrier,
            "number": key.number,
            "carrier_written": carrier,
            "number_written": number,
            "heard_at": heard_at,
        }
        for key, (carrier, number) in written.items()
    ]
    partner = next(iter(written)).partner
    found = await db.execute(HEAR, {"tenant": tenant_id, "rows": rows})
    return {ParcelKey(partner, row.carrier, row.number): Heard(row.shipment_id, row.said) for row in found}


async def keep(db: AsyncConnection, rows: Sequence[Json]) -> frozenset[Told]:
    """Stores updates, and returns those that had not been said before."""
    if not rows:
        return frozenset()
    return frozenset(_of_row(row) for row in await db.execute(KEEP, {"rows": rows}))


async def said_before(db: AsyncConnection, tenant_id: UUID, rows: Sequence[Json]) -> frozenset[Told]:
    """Those of these updates that are stored."""
    if not rows:
        return frozenset()
    return frozenset(_of_row(row) for row in await db.execute(SAID_BEFORE, {"tenant": tenant_id, "rows": rows}))


def _of_row(row: Row[Any]) -> Told:
    return row.carrier, row.number, row.dedupe_key, row.statement_hash


async def link(
    db: AsyncConnection, tenant_id: UUID, shipment_id: UUID, written: Mapping[ParcelKey, tuple[str, str]]
) -> None:
    """Says whose parcel these numbers are, after `hear` has locked them."""
    rows = [
        {
            "tenant": tenant_id,
            "of_partner": key.partner,
            "of_carrier": key.carrier,
            "of_number": key.number,
            "to_shipment": shipment_id,
            "as_carrier": carrier,
            "as_number": number,
        }
        for key, (carrier, number) in written.items()
    ]
    if rows:
        await db.execute(LINK, rows)


async def lock_claims_of(db: AsyncConnection, tenant_id: UUID, parcels: Iterable[UUID]) -> None:
    """Locks the claims of these parcels, by id."""
    await db.execute(LOCK_CLAIMS, {"tenant": tenant_id, "parcels": sorted(parcels)})


async def add_shipment(
    db: AsyncConnection, key: Mapping[str, UUID], folded: Folded, customs: Customs, now: datetime
) -> None:
    """A parcel; `key` has its tenant_id, id and claim_id, and its leg is there already."""
    row: dict[str, Any] = {**key, **folded_columns(folded), **customs_columns(customs)}
    await db.execute(insert(shipments), row | {"created_at": now, "updated_at": now})


async def parcels_with_words(
    db: AsyncConnection, tenant_id: UUID, parcels: Iterable[UUID]
) -> AsyncIterator[tuple[StoredShipment, tuple[Update, ...]]]:
    """Parcels with all that was said of them, in order; a few at a time, for 500 may have 1,000 updates each."""
    given = {"tenant": tenant_id, "parcels": sorted(parcels)}
    async with db.stream(WITH_WORDS, given, execution_options={"yield_per": READ_AT_ONCE}) as found:
        async for row in found:
            yield stored_shipment(row._mapping), updates_in_order(row.said)


async def save_states(db: AsyncConnection, tenant_id: UUID, states: Mapping[UUID, Folded], now: datetime) -> None:
    """The states that parcels were folded to."""
    rows = [{"id": parcel, **folded_columns(folded)} for parcel, folded in states.items()]
    if rows:
        await db.execute(SAVE, {"tenant": tenant_id, "rows": rows, "now": now})


async def find_shipment(db: AsyncConnection, tenant_id: UUID, shipment_id: UUID) -> StoredShipment | None:
    """One parcel."""
    row = (await db.execute(ONE, {"tenant": tenant_id, "parcel": shipment_id})).one_or_none()
    return stored_shipment(row._mapping) if row else None


async def shipments_of(
    db: AsyncConnection, tenant_id: UUID, claim_id: UUID, partner: str | None, after: UUID, most: int
) -> Sequence[StoredShipment]:
    """A claim's parcels (of one partner) in the order they were registered, from the one after `after`."""
    given = {"tenant": tenant_id, "claim": claim_id, "partner": partner, "after": after, "most": most}
    return [stored_shipment(row._mapping) for row in await db.execute(OF_CLAIM, given)]
