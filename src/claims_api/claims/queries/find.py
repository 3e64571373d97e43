"""Lists of claims: newest first, by keyset. What a page costs does not grow with the claims a tenant has."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    Table,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.claims.queries.read import WHOLE, whole
from claims_api.claims.queries.records import StoredClaim, stored_claim
from claims_api.claims.tables import claim_legs, claim_lines, claim_serials, claims, parties
from claims_api.domain.vocabulary import ENDED, GoodsWith, Status

LOOKED_AT_MOST = 2_000
"""Claims that one page looks at for a filter no index serves: a rare status, a region, a person."""


@dataclass(frozen=True)
class Wanted:
    """The filters of a list; None does not filter. `statuses` holds what `status` and `awaiting` leave.

    `awaited_goods` filters claims that wait for their goods, by who has them; `partner` those with a leg of theirs.
    """

    statuses: frozenset[Status] | None = None
    awaited_goods: frozenset[GoodsWith] | None = None
    partner: str | None = None
    region: str | None = None
    external_ref: str | None = None
    customer_ref: str | None = None
    sku: str | None = None
    serial_number: str | None = None
    assignee: str | None = None
    has_promises: bool = False
    only: UUID | None = None

    @property
    def are_few(self) -> bool:
        """Whether an index finds them all: one reference, one unit or one customer has few claims."""
        return _any_given(self.external_ref, self.serial_number, self.customer_ref, self.only)

    @property
    def are_none(self) -> bool:
        """Whether no claim can fit: nobody promised anything yet, and some have no status that makes it their turn."""
        return self.has_promises or self.statuses == frozenset()

    @property
    def are_searched(self) -> bool:
        """Whether claims must be looked at one by one."""
        is_doubly_found = self.partner is not None and self.sku is not None
        by_itself = _any_given(self.statuses, self.region, self.assignee) or is_doubly_found
        return by_itself and not (self.are_none or self.are_few)


def _any_given(*filters: object) -> bool:
    return any(each is not None for each in filters)


@dataclass(frozen=True)
class Found:
    """A page; `looked_to` is the last claim looked at, when there were older ones that it had to leave."""

    claims: Sequence[StoredClaim]
    looked_to: UUID | None


async def find_claims(db: AsyncConnection, tenant_id: UUID, wanted: Wanted, before: UUID | None, most: int) -> Found:
    """Up to `most` claims, newest first, from the one before `before`."""
    if wanted.are_none:
        return Found((), None)
    statement = _searched(wanted, before, most) if wanted.are_searched else _listed(wanted, before, most)
    rows = [row._mapping for row in await db.execute(statement, {"tenant": tenant_id})]
    looked_to = rows[0]["looked_to"] if wanted.are_searched else None
    return Found([stored_claim(row) for row in rows if row["id"] is not None], looked_to)


def _listed(wanted: Wanted, before: UUID | None, most: int) -> Select[tuple[object, ...]]:
    """Straight from an index: of all claims, of a product's, or of the few that others found."""
    statement = WHOLE.where(*_conditions(claims, wanted), *_older(claims.c.id, before))
    for found in _found(wanted, before, most):
        statement = statement.join_from(claims, found, found.c.claim_id == claims.c.id)
    return statement.order_by(claims.c.id.desc()).limit(most)


def _searched(wanted: Wanted, before: UUID | None, most: int) -> Select[tuple[object, ...]]:
    """Among the newest LOOKED_AT_MOST. A page that is not full says how far it looked, in the same snapshot."""
    ids = _searched_ids(wanted, before)
    looked_at = _newest(wanted, before)
    page = whole(looked_at).where(*_conditions(looked_at, wanted)).order_by(looked_at.c.id.desc()).limit(most)
    shown = page.cte("page").prefix_with("MATERIALIZED")
    last = ids.offset(LOOKED_AT_MOST - 1).limit(1).scalar_subquery()
    count = select(func.count()).select_from(shown).scalar_subquery()
    always_a_row = select(literal(1).label("n")).subquery("always")
    return (
        select(shown, case((count < most, last)).label("looked_to"))
        .select_from(always_a_row.outerjoin(shown, true()))
        .order_by(shown.c.id.desc())
    )


def _newest(wanted: Wanted, before: UUID | None) -> Subquery:
    ids = _in_order(wanted, before)
    if ids is None:
        rows = select(claims).where(*_of_search(wanted, before)).order_by(claims.c.id.desc()).limit(LOOKED_AT_MOST)
        return rows.subquery("looked_at")
    theirs = ids.limit(LOOKED_AT_MOST).subquery("theirs")
    rows = select(claims).where(claims.c.tenant_id == bindparam("tenant"))
    return rows.join(theirs, theirs.c.claim_id == claims.c.id).subquery("looked_at")


def _searched_ids(wanted: Wanted, before: UUID | None) -> Select[tuple[UUID]]:
    everything = select(claims.c.id).where(*_of_search(wanted, before)).order_by(claims.c.id.desc())
    ids = _in_order(wanted, before)
    return everything if ids is None else ids


def _of_search(wanted: Wanted, before: UUID | None) -> list[ColumnElement[bool]]:
    """All claims or, when only such are wanted, the open ones, which have an index of their own."""
    given = [claims.c.tenant_id == bindparam("tenant"), *_older(claims.c.id, before)]
    is_open = wanted.statuses is not None and not wanted.statuses & ENDED
    return [*given, claims.c.ended_at.is_(None)] if is_open else given


def _older(column: ColumnElement[UUID], before: UUID | None) -> list[ColumnElement[bool]]:
    return [] if before is None else [column < before]


def _conditions(claim: FromClause, wanted: Wanted) -> list[ColumnElement[bool]]:
    equal = {
        claim.c.region: wanted.region,
        claim.c.external_ref: wanted.external_ref,
        claim.c.assignee: wanted.assignee,
        claim.c.id: wanted.only,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if wanted.statuses is not None:
        conditions.append(claim.c.status.in_(sorted(wanted.statuses)))
    if wanted.awaited_goods is not None:
        is_no_such = claim.c.status != Status.AWAITING_ITEM.value
        conditions.append(or_(is_no_such, claim.c.goods_with.in_(sorted(wanted.awaited_goods))))
    if wanted.sku is not None and (wanted.are_few or wanted.partner is not None):
        conditions.append(_has(claim_lines, claim, claim_lines.c.sku, wanted.sku))
    if wanted.partner is not None and wanted.are_few:
        conditions.append(_has(claim_legs, claim, claim_legs.c.partner, wanted.partner))
    return conditions


def _found(wanted: Wanted, before: UUID | None, most: int) -> list[Subquery | CTE]:
    """The ids of claims that something they own was found by."""
    if wanted.are_few:
        given = ((_of_unit, wanted.serial_number), (_of_customer, wanted.customer_ref))
        return [ids_of(value) for ids_of, value in given if value is not None]
    ids = _in_order(wanted, before)
    return [] if ids is None else [ids.limit(most).subquery("theirs")]


def _in_order(wanted: Wanted, before: UUID | None) -> Select[tuple[UUID]] | None:
    """In the order of an index: a partner's claims, or a product's, which may be half of all."""
    if wanted.partner is not None:
        return _ids_of(claim_legs, claim_legs.c.partner, wanted.partner, before)
    return None if wanted.sku is None else _ids_of(claim_lines, claim_lines.c.sku, wanted.sku, before)


def _ids_of(table: Table, column: ColumnElement[str], value: str, before: UUID | None) -> Select[tuple[UUID]]:
    given = (table.c.tenant_id == bindparam("tenant"), column == value)
    ids = select(table.c.claim_id).where(*given, *_older(table.c.claim_id, before))
    return ids.distinct().order_by(table.c.claim_id.desc())


def _has(table: Table, claim: FromClause, column: ColumnElement[str], value: str) -> ColumnElement[bool]:
    return exists().where(table.c.tenant_id == bindparam("tenant"), table.c.claim_id == claim.c.id, column == value)


def _of_unit(serial_number: str) -> CTE:
    given = (claim_serials.c.tenant_id == bindparam("tenant"), claim_serials.c.serial_number == serial_number)
    return _materialized(select(claim_serials.c.claim_id).where(*given).distinct(), "of_unit")


def _of_customer(ref: str) -> CTE:
    theirs = claims.alias("theirs")
    is_their_party = (parties.c.tenant_id == theirs.c.tenant_id) & (parties.c.id == theirs.c.customer_id)
    given = (theirs.c.tenant_id == bindparam("tenant"), parties.c.ref == ref)
    return _materialized(
        select(theirs.c.id.label("claim_id")).join(parties, is_their_party).where(*given), "of_customer"
    )


def _materialized(ids: Select[tuple[UUID]], name: str) -> CTE:
    """So that no planner walks all claims to the few that match."""
    return ids.cte(name).prefix_with("MATERIALIZED")
