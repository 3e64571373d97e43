"""Storing in one data-modifying statement: all of a command's rows or none.

A claim of 50 lines costs what a claim of one line costs.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import CTE, Select, Table, bindparam, delete, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.claims.queries.sending import sent, stored
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
from claims_api.events.tables import events, outbox
from claims_api.kit.idempotency import idempotency_keys

Rows: TypeAlias = Mapping[Table, Sequence[Mapping[str, object]]]
"""The rows to store, by table; a table that is left out gets none."""


def _rows_when(go: CTE, table: Table, *, replaces: bool = False) -> CTE:
    """Any number of rows of a table, stored only when `go` has its row."""
    given = sent(table)
    return stored(table, select(*given.c).select_from(go.join(given, true())), replaces=replaces)


def _pins_when(go: CTE) -> CTE:
    given = sent(policy_pins)
    rows = insert(policy_pins).from_select(
        [c.name for c in policy_pins.c], select(*given.c).select_from(go.join(given, true()))
    )
    return rows.on_conflict_do_nothing().cte("in_policy_pins")


def _store_new() -> Select[tuple[bytes]]:
    """The idempotency key's INSERT drives all others: a key seen before (and still kept) stores nothing."""
    given = sent(idempotency_keys)
    rows = insert(idempotency_keys).from_select([c.name for c in idempotency_keys.c], select(*given.c))
    fresh = (
        rows.on_conflict_do_update(
            index_elements=["tenant_id", "scope"],
            set_={c.name: rows.excluded[c.name] for c in idempotency_keys.c if not c.primary_key},
            where=idempotency_keys.c.expires_at <= bindparam("now", type_=events.c.recorded_at.type),
        )
        .returning(idempotency_keys.c.scope)
        .cte("fresh")
    )
    inner = (parties, claims, claim_lines, claim_serials, claim_holds, texts, events, outbox)
    return select(fresh.c.scope).add_cte(_pins_when(fresh), *(_rows_when(fresh, table) for table in inner))


NOT_CHANGED = ("tenant_id", "id", "number", "created_at")


def _store_change() -> Select[tuple[UUID]]:
    """The claim's UPDATE from the version that was read drives all others."""
    given = sent(claims)
    moved = (
        update(claims)
        .where(
            claims.c.tenant_id == bindparam("tenant"),
            claims.c.id == bindparam("claim"),
            claims.c.version == bindparam("version_read"),
            given.c.id == claims.c.id,
        )
        .values({c.name: given.c[c.name] for c in claims.c if c.name not in NOT_CHANGED})
        .returning(claims.c.id)
        .cte("moved")
    )
    gone = (  # other rows than those stored: one statement sees neither its own inserts nor its own deletes
        delete(claim_lines)
        .where(
            claim_lines.c.tenant_id == bindparam("tenant"),
            claim_lines.c.claim_id == moved.c.id,
            claim_lines.c.position > bindparam("lines_kept"),
        )
        .cte("gone_lines")
    )
    owned = (parties, claim_lines, claim_holds, claim_remedies, claim_legs)
    added = (claim_serials, texts, events, outbox, idempotency_keys)
    return select(moved.c.id).add_cte(
        _pins_when(moved),
        gone,
        *(_rows_when(moved, table, replaces=True) for table in owned),
        *(_rows_when(moved, table, replaces=table is idempotency_keys) for table in added),
    )


STORE_NEW = _store_new()
STORE_CHANGE = _store_change()
_STORED = (
    idempotency_keys, policy_pins, parties, claims, claim_lines, claim_serials, claim_holds, claim_remedies, claim_legs,
    texts, events, outbox,
)  # fmt: skip


async def store_new(db: AsyncConnection, rows: Rows, now: datetime) -> bool:
    """False when the key was used before: read the stored answer then (this statement's snapshot cannot see it)."""
    return (await db.execute(STORE_NEW, {"rows": _document(rows), "now": now})).first() is not None


async def store_change(db: AsyncConnection, tenant_id: UUID, claim_id: UUID, version_read: int, rows: Rows) -> bool:
    """False when the claim is no longer at `version_read`; under its lock that cannot be."""
    given: dict[str, object] = {"rows": _document(rows), "tenant": tenant_id, "claim": claim_id}
    lines = [row["position"] for row in rows.get(claim_lines, ())]
    given |= {"version_read": version_read, "lines_kept": max((int(str(line)) for line in lines), default=0)}
    return (await db.execute(STORE_CHANGE, given)).first() is not None


def _document(rows: Rows) -> dict[str, Sequence[Mapping[str, object]]]:
    return {table.name: rows.get(table, ()) for table in _STORED}


FORGET_SERIALS = delete(claim_serials).where(
    claim_serials.c.tenant_id == bindparam("tenant"), claim_serials.c.claim_id == bindparam("claim")
)
FORGET_WORDS = delete(texts).where(
    texts.c.tenant_id == bindparam("tenant"), texts.c.claim_id == bindparam("claim"), texts.c.kind == "description"
)


async def forget_filed(db: AsyncConnection, tenant_id: UUID, claim_id: UUID) -> None:
    """Takes away what a draft said in words and serial numbers; no event points at these."""
    await db.execute(FORGET_SERIALS, {"tenant": tenant_id, "claim": claim_id})
    await db.execute(FORGET_WORDS, {"tenant": tenant_id, "claim": claim_id})
