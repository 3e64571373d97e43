"""Lists of claims: newest first, by keyset, filtered by what is indexed or small."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.claims.queries.read import WHOLE
from claims_api.claims.queries.records import StoredClaim, stored_claim
from claims_api.claims.tables import claim_lines, claim_serials, claims, parties
from claims_api.domain.vocabulary import Status


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


def _has(
    table: object, is_mine: ColumnElement[bool], column: ColumnElement[object], value: str | None, tenant_id: UUID
) -> ColumnElement[bool] | None:
    if value is None:
        return None
    tenant = table.c.tenant_id == tenant_id  # type: ignore[attr-defined]
    return exists(select(column).where(tenant, is_mine, column == value))
