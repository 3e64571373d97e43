"""Lists of claims: newest first, by keyset. What a page costs does not grow with the claims a tenant has."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    Table,
    Text,
    any_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.claims.queries.pages import MOST, PAGE, WHOLE_PAGE, exactly, page_of
from claims_api.claims.queries.records import StoredClaim, stored_claim
from claims_api.claims.tables import claim_legs, claim_lines, claim_serials, claims, parties
from claims_api.domain.vocabulary import ENDED, GoodsWith, Status

LOOKED_AT_MOST = 2_000
"""Claims that one page looks at for a filter no index serves: a rare status, a region, a person."""
KEPT = 64
"""Statements, of 0.2 MB each: a client asks for a few kinds of lists, and somebody may ask for all there can be."""


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
    def are_none(self) -> bool:
        """Whether no claim can fit: nobody promised anything yet, and some have no status that makes it their turn."""
        return self.has_promises or self.statuses == frozenset()

    @property
    def name(self) -> str:
        """Names the list in its cursors: the same in every process, where a set has an order of its own in each."""
        return f"{sorted(self.given.items())}{' with promises' * self.has_promises}"

    @property
    def given(self) -> dict[str, object]:
        """The filters that filter, by name."""
        values = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "has_promises"}
        values |= {name: sorted(values[name]) for name in ("statuses", "awaited_goods") if values[name] is not None}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class Shape:
    """What a list's statement depends on: not what its filters ask for, but which there are."""

    filters: frozenset[str]
    is_of_open: bool  # only claims that have not ended are wanted
    reads_on: bool
    looks_at: int

    def has_any(self, *filters: str) -> bool:
        """Whether one of these filters is there."""
        return not self.filters.isdisjoint(filters)

    @property
    def are_few(self) -> bool:
        """Whether an index finds them all: one reference, one unit or one customer has few claims."""
        return self.has_any("external_ref", "serial_number", "customer_ref", "only")

    @property
    def are_searched(self) -> bool:
        """Whether claims must be looked at one by one."""
        is_doubly_found = self.filters >= {"partner", "sku"}
        return (self.has_any("statuses", "region", "assignee") or is_doubly_found) and not self.are_few


@dataclass(frozen=True)
class Found:
    """A page; `looked_to` is the last claim looked at, when there were older ones that it had to leave."""

    claims: Sequence[StoredClaim]
    looked_to: UUID | None


async def find_claims(db: AsyncConnection, tenant_id: UUID, wanted: Wanted, before: UUID | None, most: int) -> Found:
    """Up to `most` claims, newest first, from the one before `before`."""
    if wanted.are_none:
        return Found((), None)
    is_of_open = wanted.statuses is not None and not wanted.statuses & ENDED
    given = wanted.given
    shape = Shape(frozenset(given), is_of_open, before is not None, LOOKED_AT_MOST)
    given |= {"tenant": tenant_id, "before": before, "most": most}
    rows = [row._mapping for row in await db.execute(_statement(shape), given)]
    looked_to = rows[0]["looked_to"] if shape.are_searched else None
    return Found([stored_claim(row) for row in rows if row["id"] is not None], looked_to)


@lru_cache(maxsize=KEPT)
def _statement(shape: Shape) -> Select[tuple[object, ...]]:
    """Made once: that takes longer than Postgres needs to answer it."""
    return _searched(shape) if shape.are_searched else _listed(shape)


def _listed(shape: Shape) -> Select[tuple[object, ...]]:
    """Straight from an index: of all claims, of a product's, or of the few that others found."""
    given = (claims.c.tenant_id == bindparam("tenant"), *_conditions(claims, shape), *_older(claims.c.id, shape))
    rows = select(claims).where(*given).order_by(claims.c.id.desc())
    for found in _found(shape):
        rows = rows.join_from(claims, found, found.c.claim_id == claims.c.id)
    return select(*WHOLE_PAGE).add_cte(page_of(rows)).order_by(PAGE.c.id.desc())


def _searched(shape: Shape) -> Select[tuple[object, ...]]:
    """Among the newest `looks_at`. A page that is not full says how far it looked, in the same snapshot."""
    looked_at = _newest(shape)
    rows = select(looked_at).where(*_conditions(looked_at, shape)).order_by(looked_at.c.id.desc())
    last = _searched_ids(shape).offset(exactly(shape.looks_at - 1)).limit(exactly(1)).scalar_subquery()
    count = select(func.count()).select_from(PAGE).scalar_subquery()
    always_a_row = select(literal(1).label("n")).subquery("always")
    return (
        select(*WHOLE_PAGE, case((count < MOST, last)).label("looked_to"))
        .select_from(always_a_row.outerjoin(PAGE, true()))
        .add_cte(page_of(rows))
        .order_by(PAGE.c.id.desc())
    )


def _newest(shape: Shape) -> Subquery:
    ids, most = _in_order(shape), exactly(shape.looks_at)
    if ids is None:
        rows = select(claims).where(*_of_search(shape)).order_by(claims.c.id.desc()).limit(most)
        return rows.subquery("looked_at")
    theirs = ids.limit(most).subquery("theirs")
    rows = select(claims).where(claims.c.tenant_id == bindparam("tenant"))
    return rows.join(theirs, theirs.c.claim_id == claims.c.id).subquery("looked_at")


def _searched_ids(shape: Shape) -> Select[tuple[UUID]]:
    ids = _in_order(shape)
    return select(claims.c.id).where(*_of_search(shape)).order_by(claims.c.id.desc()) if ids is None else ids


def _of_search(shape: Shape) -> list[ColumnElement[bool]]:
    """All claims or, when only such are wanted, the open ones, which have an index of their own."""
    given = [claims.c.tenant_id == bindparam("tenant"), *_older(claims.c.id, shape)]
    return [*given, claims.c.ended_at.is_(None)] if shape.is_of_open else given


def _older(column: ColumnElement[UUID], shape: Shape) -> list[ColumnElement[bool]]:
    return [column < bindparam("before", type_=column.type)] if shape.reads_on else []


def _conditions(claim: FromClause, shape: Shape) -> list[ColumnElement[bool]]:
    columns = {
        "region": claim.c.region,
        "external_ref": claim.c.external_ref,
        "assignee": claim.c.assignee,
        "only": claim.c.id,
    }
    conditions = [_is(column, name) for name, column in columns.items() if name in shape.filters]
    if "statuses" in shape.filters:
        conditions.append(_is_one_of(claim.c.status, "statuses"))
    if "awaited_goods" in shape.filters:
        is_no_such = claim.c.status != Status.AWAITING_ITEM.value
        conditions.append(or_(is_no_such, _is_one_of(claim.c.goods_with, "awaited_goods")))
    if "sku" in shape.filters and (shape.are_few or "partner" in shape.filters):
        conditions.append(_has(claim_lines, claim, claim_lines.c.sku, "sku"))
    if "partner" in shape.filters and shape.are_few:
        conditions.append(_has(claim_legs, claim, claim_legs.c.partner, "partner"))
    return conditions


def _is(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return column == bindparam(name, type_=column.type)


def _is_one_of(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    return column == any_(bindparam(name, type_=ARRAY(Text)))


def _found(shape: Shape) -> list[Subquery | CTE]:
    """The ids of claims that something they own was found by."""
    if shape.are_few:
        found_by = {"serial_number": _of_unit, "customer_ref": _of_customer}
        return [ids_of() for name, ids_of in found_by.items() if name in shape.filters]
    ids = _in_order(shape)
    return [] if ids is None else [ids.limit(MOST).subquery("theirs")]


def _in_order(shape: Shape) -> Select[tuple[UUID]] | None:
    """In the order of an index: a partner's claims, or a product's, which may be half of all."""
    if "partner" in shape.filters:
        return _ids_of(claim_legs, claim_legs.c.partner, "partner", shape)
    return _ids_of(claim_lines, claim_lines.c.sku, "sku", shape) if "sku" in shape.filters else None


def _ids_of(table: Table, column: ColumnElement[str], name: str, shape: Shape) -> Select[tuple[UUID]]:
    given = (table.c.tenant_id == bindparam("tenant"), _is(column, name))
    ids = select(table.c.claim_id).where(*given, *_older(table.c.claim_id, shape))
    return ids.distinct().order_by(table.c.claim_id.desc())


def _has(table: Table, claim: FromClause, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    is_its = (table.c.tenant_id == bindparam("tenant"), table.c.claim_id == claim.c.id)
    return exists().where(*is_its, _is(column, name))


def _of_unit() -> CTE:
    given = (claim_serials.c.tenant_id == bindparam("tenant"), _is(claim_serials.c.serial_number, "serial_number"))
    return _materialized(select(claim_serials.c.claim_id).where(*given).distinct(), "of_unit")


def _of_customer() -> CTE:
    theirs = claims.alias("theirs")
    is_their_party = (parties.c.tenant_id == theirs.c.tenant_id) & (parties.c.id == theirs.c.customer_id)
    given = (theirs.c.tenant_id == bindparam("tenant"), _is(parties.c.ref, "customer_ref"))
    return _materialized(
        select(theirs.c.id.label("claim_id")).join(parties, is_their_party).where(*given), "of_customer"
    )


def _materialized(ids: Select[tuple[UUID]], name: str) -> CTE:
    """So that no planner walks all claims to the few that match."""
    return ids.cte(name).prefix_with("MATERIALIZED")
