"""Storing what happened to several claims at once: one statement, whatever their number."""

from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Integer,
    Select,
    Table,
    TableValuedAlias,
    Uuid,
    any_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.claims.queries.read import WHOLE
from claims_api.claims.queries.records import StoredClaim, stored_claim
from claims_api.claims.queries.store import NOT_CHANGED, Rows
from claims_api.claims.tables import claim_legs, claim_lines, claims, texts
from claims_api.events.tables import events, outbox
from claims_api.kit.retry import RaceLost

AllRows: TypeAlias = dict[str, list[Any]]


def _given(name: str, *columns: ColumnElement[Any]) -> TableValuedAlias:
    return (
        func.jsonb_to_recordset(bindparam("rows", type_=JSONB).op("->")(literal_column(f"'{name}'")))
        .table_valued(*columns)
        .render_derived(name=f"r_{name}", with_types=True)
    )


def _of(table: Table) -> TableValuedAlias:
    return _given(table.name, *(column(c.name, c.type) for c in table.c))


def _rows_of(moved: CTE, table: Table, claim: str, *, replaces: bool = False) -> CTE:
    """The rows that belong to the claims that moved."""
    given = _of(table)
    chosen = select(*given.c).select_from(given.join(moved, moved.c.id == given.c[claim]))
    rows = insert(table).from_select([c.name for c in table.c], chosen)
    if not replaces:
        return rows.cte(f"in_{table.name}")
    keys = [c.name for c in table.primary_key]
    changed = {c.name: rows.excluded[c.name] for c in table.c if c.name not in keys}
    return rows.on_conflict_do_update(index_elements=keys, set_=changed).cte(f"in_{table.name}")


def _store() -> Select[tuple[UUID]]:
    """The UPDATE of the claims from the versions that were read drives all others."""
    given = _of(claims)
    read = _given("read", column("id", Uuid), column("version", Integer))
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
