"""Reading: a whole claim in one statement, the lock before a change, and the look-up before a submission."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    FromClause,
    Row,
    ScalarSelect,
    Table,
    Text,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.claims.queries.records import Found
from claims_api.claims.tables import (
    claim_holds,
    claim_legs,
    claim_lines,
    claim_remedies,
    claim_serials,
    claims,
    parties,
    policy_pins,
    texts,
)
from claims_api.kit.idempotency import idempotency_keys

CHILDREN = {
    "lines": (claim_lines, claim_lines.c.position),
    "holds": (claim_holds, claim_holds.c.id),
    "remedies": (claim_remedies, claim_remedies.c.id),
    "legs": (claim_legs, claim_legs.c.id),
    "texts": (texts, texts.c.id),
}
"""What a claim owns, each with its order."""
CUSTOMER = ("ref", "kind")
NO_ROWS = text("'[]'::jsonb")


def json_object(columns: list[Column[Any]]) -> ColumnElement[Any]:
    """One JSON object with the columns by name."""
    parts: list[ColumnElement[Any]] = []
    for each in columns:
        parts += (literal_column(f"'{each.name}'"), each)
    return func.jsonb_build_object(*parts)


def json_rows(table: Table, order: ColumnElement[Any]) -> ColumnElement[Any]:
    """A claim's rows of a table as one JSON array, in order; null when there is none."""
    shown = [c for c in table.c if c.name not in ("tenant_id", "claim_id", "salt")]
    return func.jsonb_agg(aggregate_order_by(json_object(shown), order))


def _children(claim: FromClause, table: Table, order: ColumnElement[Any]) -> ScalarSelect[object]:
    rows = select(func.coalesce(json_rows(table, order), NO_ROWS))
    mine = (table.c.tenant_id == claim.c.tenant_id, table.c.claim_id == claim.c.id)
    return rows.where(*mine).correlate(claim).scalar_subquery()


def _person(claim: FromClause, *names: str) -> ScalarSelect[object]:
    row = json_object([parties.c[name] for name in names])
    mine = (parties.c.tenant_id == claim.c.tenant_id, parties.c.id == claim.c.customer_id)
    return select(row).where(*mine).correlate(claim).scalar_subquery()


WHOLE = select(
    claims,
    *(_children(claims, table, order).label(name) for name, (table, order) in CHILDREN.items()),
    _person(claims, *CUSTOMER).label("customer"),
).where(claims.c.tenant_id == bindparam("tenant"))
"""Everything a claim is, by one descent of each index: for a claim, or a few that do not lie together."""
ONE_CLAIM = WHOLE.where(claims.c.id == bindparam("claim"))
PERSON = _person(claims, "ref", "kind", "name", "email", "phone", "acts_for").label("person")
ONE_CLAIM_WITH_PERSON = ONE_CLAIM.add_columns(PERSON)
VERSION = select(claims.c.version, claims.c.locale).where(
    claims.c.tenant_id == bindparam("tenant"), claims.c.id == bindparam("claim")
)
RAISE_EPOCH = (
    update(claims)
    .where(claims.c.tenant_id == bindparam("tenant"), claims.c.id == bindparam("claim"))
    .values(token_epoch=claims.c.token_epoch + 1)
    .returning(claims.c.token_epoch)
)
# Only the row that is locked may be read here: children read beside a lock that had to wait would be old.
LOCK = VERSION.with_for_update()
STORED_ANSWER = (
    select(
        func.jsonb_build_object(
            "fingerprint", func.encode(idempotency_keys.c.fingerprint, "hex"),
            "status", idempotency_keys.c.status,
            "etag", idempotency_keys.c.etag,
            "subject_id", idempotency_keys.c.subject_id,
            "body", func.encode(idempotency_keys.c.body, "base64"),
        )
    )
    .where(
        idempotency_keys.c.tenant_id == bindparam("tenant"),
        idempotency_keys.c.scope == bindparam("scope"),
        idempotency_keys.c.expires_at > bindparam("now"),
    )
    .scalar_subquery()
)  # fmt: skip
LEG_OF = (
    select(claim_legs.c.id)
    .where(
        claim_legs.c.tenant_id == bindparam("tenant"),
        claim_legs.c.claim_id == bindparam("claim"),
        claim_legs.c.partner == bindparam("partner"),
    )
    .limit(1)
)
PIN = select(policy_pins.c.body).where(
    policy_pins.c.tenant_id == bindparam("tenant"), policy_pins.c.id == bindparam("pin")
)
LOCKED_CLAIM = ONE_CLAIM.add_columns(STORED_ANSWER.label("stored_answer"))

# Materialized, so that no planner without statistics walks all open claims instead of the few rows that match.
_same_serial = (
    select(claim_serials.c.claim_id)
    .where(
        claim_serials.c.tenant_id == bindparam("tenant"),
        claim_serials.c.serial_number == any_(bindparam("serial_numbers", type_=ARRAY(Text))),
    )
    .cte("same_serial")
    .prefix_with("MATERIALIZED")
)
_same_order = (
    select(claims.c.id.label("claim_id"))
    .where(
        claims.c.tenant_id == bindparam("tenant"),
        claims.c.order_ref == bindparam("order_ref"),
        claims.c.ended_at.is_(None),
    )
    .cte("same_order")
    .prefix_with("MATERIALIZED")
)
_same_thing = (
    select(claim_lines.c.claim_id)
    .join(_same_order, _same_order.c.claim_id == claim_lines.c.claim_id)
    .where(
        claim_lines.c.tenant_id == bindparam("tenant"),
        func.concat(claim_lines.c.sku, "\t", claim_lines.c.issue_code)
        == any_(bindparam("sku_issues", type_=ARRAY(Text))),
    )
    .cte("same_thing")
    .prefix_with("MATERIALIZED")
)


def _open_claim_of(found: CTE) -> ScalarSelect[UUID]:
    return (
        select(claims.c.id)
        .join(found, found.c.claim_id == claims.c.id)
        .where(claims.c.tenant_id == bindparam("tenant"), claims.c.id != bindparam("self"))
        .where(claims.c.ended_at.is_(None), claims.c.status != "draft")
        .order_by(claims.c.id)
        .limit(1)
        .scalar_subquery()
    )


TWIN_BY_SERIAL = _open_claim_of(_same_serial)
TWIN_BY_ORDER = _open_claim_of(_same_thing)
HAS_PIN = (
    exists()
    .where(policy_pins.c.tenant_id == bindparam("tenant"), policy_pins.c.id == bindparam("pin"))
    .label("has_pin")
)
NAMESAKE = (
    select(claims.c.id)
    .where(claims.c.tenant_id == bindparam("tenant"), claims.c.external_ref == bindparam("external_ref"))
    .scalar_subquery()
)
BEFORE_SUBMISSION = select(
    STORED_ANSWER.label("stored_answer"),
    NAMESAKE.label("namesake"),
    func.coalesce(TWIN_BY_SERIAL, TWIN_BY_ORDER).label("twin"),
    HAS_PIN,
)


TWIN = select(func.coalesce(TWIN_BY_SERIAL, TWIN_BY_ORDER))
NAMESAKE_ALONE = select(NAMESAKE)


async def namesake(db: AsyncConnection, tenant_id: UUID, external_ref: str) -> UUID | None:
    """The claim that has this external_ref."""
    given = {"tenant": tenant_id, "external_ref": external_ref}
    found: UUID | None = (await db.execute(NAMESAKE_ALONE, given)).scalar_one()
    return found


async def twin_of(db: AsyncConnection, row: Found) -> UUID | None:
    """An open claim that looks like this one."""
    lines = row["lines"]
    given = {
        "tenant": row["tenant_id"],
        "self": row["id"],
        "order_ref": row["order_ref"],
        "serial_numbers": [serial for line in lines for serial in line["serial_numbers"]],
        "sku_issues": [f"{line['sku']}\t{line['issue_code']}" for line in lines if line["sku"] and line["issue_code"]],
    }
    found: UUID | None = (await db.execute(TWIN, given)).scalar_one()
    return found


async def version_of(db: AsyncConnection, tenant_id: UUID, claim_id: UUID) -> Row[int, str | None] | None:
    """Version and locale alone: enough for an entity tag."""
    return (await db.execute(VERSION, {"tenant": tenant_id, "claim": claim_id})).one_or_none()


async def raise_epoch(db: AsyncConnection, tenant_id: UUID, claim_id: UUID) -> int:
    """The claim's next token epoch; all tokens of earlier ones are revoked by it."""
    found: int = (await db.execute(RAISE_EPOCH, {"tenant": tenant_id, "claim": claim_id})).scalar_one()
    return found


async def lock_claim(db: AsyncConnection, tenant_id: UUID, claim_id: UUID) -> int | None:
    """Locks the claim's row and gives its version; None when there is no such claim."""
    row = (await db.execute(LOCK, {"tenant": tenant_id, "claim": claim_id})).one_or_none()
    return row.version if row else None


async def claim_row(
    db: AsyncConnection, tenant_id: UUID, claim_id: UUID, *, with_person: bool = False
) -> Row[tuple[object, ...]] | None:
    """Everything a claim is, in one row."""
    statement = ONE_CLAIM_WITH_PERSON if with_person else ONE_CLAIM
    return (await db.execute(statement, {"tenant": tenant_id, "claim": claim_id})).one_or_none()


async def has_leg(db: AsyncConnection, tenant_id: UUID, claim_id: UUID, partner: str) -> bool:
    """Whether a leg of the claim is this partner's."""
    given = {"tenant": tenant_id, "claim": claim_id, "partner": partner}
    return (await db.execute(LEG_OF, given)).first() is not None


async def pin_body(db: AsyncConnection, tenant_id: UUID, pin: bytes) -> bytes:
    """What a pin of one of the tenant's claims says."""
    found: bytes = (await db.execute(PIN, {"tenant": tenant_id, "pin": pin})).scalar_one()
    return found
