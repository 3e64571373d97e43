"""Lists of claims: newest first, by keyset, filtered by what is indexed or small."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.claims.queries.read import WHOLE
from claims_api.claims.queries.records import StoredClaim, stored_claim
from claims_api.claims.tables import claim_legs, claim_lines, claim_serials, claims, parties
from claims_api.domain.vocabulary import GoodsWith, Status


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


async def find_claims(
    db: AsyncConnection, tenant_id: UUID, wanted: Wanted, before: UUID | None, most: int
) -> Sequence[StoredClaim]:
    """Up to `most` claims, newest first, from the one before `before`."""
    conditions = [condition for condition in _conditions(tenant_id, wanted) if condition is not None]
    if before is not None:
        conditions.append(claims.c.id < before)
    statement = WHOLE.where(*conditions).order_by(claims.c.id.desc()).limit(most)
    return [stored_claim(row._mapping) for row in await db.execute(statement, {"tenant": tenant_id})]


def _conditions(tenant_id: UUID, wanted: Wanted) -> list[ColumnElement[bool] | None]:
    equal = {
        claims.c.region: wanted.region,
        claims.c.external_ref: wanted.external_ref,
        claims.c.assignee: wanted.assignee,
        claims.c.id: wanted.only,
    }
    return [
        *(column == value if value is not None else None for column, value in equal.items()),
        claims.c.status.in_(sorted(wanted.statuses)) if wanted.statuses is not None else None,
        _awaited(wanted.awaited_goods),
        _has(claim_legs, claim_legs.c.claim_id == claims.c.id, claim_legs.c.partner, wanted.partner, tenant_id),
        _has(parties, parties.c.id == claims.c.customer_id, parties.c.ref, wanted.customer_ref, tenant_id),
        _has(claim_lines, claim_lines.c.claim_id == claims.c.id, claim_lines.c.sku, wanted.sku, tenant_id),
        _has(
            claim_serials,
            claim_serials.c.claim_id == claims.c.id,
            claim_serials.c.serial_number,
            wanted.serial_number,
            tenant_id,
        ),
        claims.c.id.is_(None) if wanted.has_promises else None,  # never: nobody promised anything yet
    ]


def _awaited(goods: frozenset[GoodsWith] | None) -> ColumnElement[bool] | None:
    if goods is None:
        return None
    return or_(claims.c.status != Status.AWAITING_ITEM.value, claims.c.goods_with.in_(sorted(goods)))


def _has(
    table: object, is_mine: ColumnElement[bool], column: ColumnElement[object], value: str | None, tenant_id: UUID
) -> ColumnElement[bool] | None:
    if value is None:
        return None
    tenant = table.c.tenant_id == tenant_id  # type: ignore[attr-defined]
    return exists(select(column).where(tenant, is_mine, column == value))
