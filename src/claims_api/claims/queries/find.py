"""Lists of claims: newest first, by keyset; where an index serves a filter, a page costs what it shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, Subquery, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.claims.queries.read import WHOLE
from claims_api.claims.queries.records import StoredClaim, stored_claim
from claims_api.claims.tables import claim_lines, claim_serials, claims, parties
from claims_api.domain.vocabulary import ENDED, Status


@dataclass(frozen=True)
class Wanted:
    """The filters of a list; None does not filter. `statuses` holds what `status` and `awaiting` leave."""

    statuses: frozenset[Status] | None = None
    region: str | None = None
    external_ref: str | None = None
    customer_ref: str | None = None
    sku: str | None = None
    serial_number: str | None = None
    assignee: str | None = None
    has_promises: bool = False
    only: UUID | None = None


async def find_claims(
    db: AsyncConnection, tenant_id: UUID, wanted: Wanted, before: UUID | None, most: int
) -> Sequence[StoredClaim]:
    """Up to `most` claims, newest first, from the one before `before`."""
    statement = WHOLE.where(*_conditions(wanted))
    for found in _found(wanted, before, most):
        statement = statement.join_from(claims, found, found.c.claim_id == claims.c.id)
    if before is not None:
        statement = statement.where(claims.c.id < before)
    statement = statement.order_by(claims.c.id.desc()).limit(most)
    return [stored_claim(row._mapping) for row in await db.execute(statement, {"tenant": tenant_id})]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    equal = {
        claims.c.region: wanted.region,
        claims.c.external_ref: wanted.external_ref,
        claims.c.assignee: wanted.assignee,
        claims.c.id: wanted.only,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if wanted.statuses is not None:
        conditions.append(claims.c.status.in_(sorted(wanted.statuses)))
        if not wanted.statuses & ENDED:
            conditions.append(claims.c.ended_at.is_(None))  # says no more, but names the index of open claims
    if wanted.sku is not None and _few(wanted):
        conditions.append(_has_line_of(wanted.sku))
    if wanted.has_promises:
        conditions.append(claims.c.id.is_(None))  # never: nobody promised anything yet
    return conditions


def _found(wanted: Wanted, before: UUID | None, most: int) -> list[Subquery | CTE]:
    """The ids of claims that something they own was found by."""
    if few := _few(wanted):
        return few
    if wanted.sku is None:
        return []
    is_all_that_filters = wanted == Wanted(sku=wanted.sku)
    return [_of_product(wanted.sku, before, most if is_all_that_filters else None)]


def _few(wanted: Wanted) -> list[Subquery | CTE]:
    """One unit or one customer has few claims: they are all found first."""
    given = ((_of_unit, wanted.serial_number), (_of_customer, wanted.customer_ref))
    return [ids_of(value) for ids_of, value in given if value is not None]


def _of_product(sku: str, before: UUID | None, most: int | None) -> Subquery:
    """Read in the order of its index as far as the page needs: a product may be in half of all claims."""
    lines = select(claim_lines.c.claim_id).where(
        claim_lines.c.tenant_id == bindparam("tenant"), claim_lines.c.sku == sku
    )
    if before is not None:
        lines = lines.where(claim_lines.c.claim_id < before)
    return lines.distinct().order_by(claim_lines.c.claim_id.desc()).limit(most).subquery("of_product")


def _has_line_of(sku: str) -> ColumnElement[bool]:
    return exists().where(
        claim_lines.c.tenant_id == bindparam("tenant"), claim_lines.c.claim_id == claims.c.id, claim_lines.c.sku == sku
    )


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
