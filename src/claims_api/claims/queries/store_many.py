"""Storing what happened to several claims at once: one statement, whatever their number."""

from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ARRAY, CTE, Integer, Select, Table, Uuid, any_, bindparam, column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.claims.queries.read import WHOLE
from claims_api.claims.queries.records import StoredClaim, stored_claim
from claims_api.claims.queries.sending import sent, sent_as, stored
from claims_api.claims.queries.store import NOT_CHANGED, Rows
from claims_api.claims.tables import claim_legs, claim_lines, claims, texts
from claims_api.events.tables import events, outbox
from claims_api.kit.retry import RaceLost

AllRows: TypeAlias = dict[str, list[Any]]


def _rows_of(moved: CTE, table: Table, claim: str, *, replaces: bool = False) -> CTE:
    """The rows that belong to the claims that moved."""
    given = sent(table)
    chosen = select(*given.c).select_from(given.join(moved, moved.c.id == given.c[claim]))
    return stored(table, chosen, replaces=replaces)


def _store() -> Select[tuple[UUID]]:
    """The UPDATE of the claims from the versions that were read drives all others."""
    given = sent(claims)
    read = sent_as("read", column("id", Uuid), column("version", Integer))
    moved = (
        update(claims)
        .where(
            claims.c.tenant_id == bindparam("tenant"),
            claims.c.id == given.c.id,
            claims.c.id == read.c.id,
            claims.c.version == read.c.version,
        )
        .values({c.name: given.c[c.name] for c in claims.c if c.name not in NOT_CHANGED})
        .returning(claims.c.id)
        .cte("moved")
    )
    return select(moved.c.id).add_cte(
        _rows_of(moved, claim_lines, "claim_id", replaces=True),
        _rows_of(moved, claim_legs, "claim_id", replaces=True),
        _rows_of(moved, texts, "claim_id"),
        _rows_of(moved, events, "stream_id"),
        _rows_of(moved, outbox, "stream_id"),
    )


STORE_MANY = _store()
MANY = WHOLE.where(claims.c.id == any_(bindparam("claims", type_=ARRAY(Uuid)))).order_by(claims.c.id)
_STORED = (claims, claim_lines, claim_legs, texts, events, outbox)


async def claims_locked(
    db: AsyncConnection, tenant_id: UUID, claim_ids: Sequence[UUID]
) -> list[tuple[Any, StoredClaim]]:
    """Each claim as its row and as a value, by id; the caller holds their locks."""
    found = await db.execute(MANY, {"tenant": tenant_id, "claims": list(claim_ids)})
    return [(row._mapping, stored_claim(row._mapping)) for row in found]


async def store_many(db: AsyncConnection, tenant_id: UUID, changed: Sequence[tuple[StoredClaim, Rows]]) -> None:
    """Stores claims with their lines, legs, texts and events; each as it was read with its lock held.

    Raises: RaceLost when a claim is no longer at the version that was read; under its lock that cannot be.
    """
    rows: AllRows = {table.name: [row for _, each in changed for row in each.get(table, ())] for table in _STORED}
    rows["read"] = [{"id": stored.id, "version": stored.claim.version} for stored, _ in changed]
    moved = (await db.execute(STORE_MANY, {"tenant": tenant_id, "rows": rows})).all()
    if len(moved) != len(changed):
        raise RaceLost
