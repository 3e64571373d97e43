"""The parcels of a copied claim: new tracking numbers, and what was said of them hashed anew."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from claims_api.domain.shipments import Hashes
from claims_api.shipments.queries.records import update_of
from claims_api.shipments.tables import shipment_updates, tracking_numbers

Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = dict[str, list[Row]]  # by the name of the table
NUMBER_BYTES = 8
NUMBERS = "SELECT * FROM tracking_numbers WHERE tenant_id = $1 AND shipment_id = ANY($2) ORDER BY carrier, number"
SAID = """
    SELECT u.* FROM shipment_updates u JOIN tracking_numbers n USING (tenant_id, partner, carrier, number)
    WHERE u.tenant_id = $1 AND n.shipment_id = ANY($2) ORDER BY u.occurred_at"""


async def parcels_of(db: asyncpg.Connection, tenant_id: UUID, shipments: Sequence[UUID]) -> Rows:
    """The numbers of some parcels, and all that was said of these."""
    asked = {tracking_numbers.name: NUMBERS, shipment_updates.name: SAID}
    return {table: [dict(row) for row in await db.fetch(query, tenant_id, shipments)] for table, query in asked.items()}


def renumber(rows: Rows) -> None:
    """Gives the parcels among a claim's rows numbers that no other one has."""
    fresh: dict[str, str] = {}
    for row in rows[tracking_numbers.name]:
        number = fresh[row["number"]] = secrets.token_hex(NUMBER_BYTES).upper()
        row |= {"number": number, "number_written": number}
    for row in rows[shipment_updates.name]:
        row["number"] = fresh[row["number"]]
        update, _ = update_of(_as_json(row))
        hashes = Hashes.of(update)
        row |= {"content_hash": hashes.content, "dedupe_key": hashes.dedupe, "statement_hash": hashes.statement}


def _as_json(row: Mapping[str, Any]) -> Row:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
