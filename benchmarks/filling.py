"""Fills a database with claims: the rows of a few real ones, multiplied inside Postgres under new ids.

Ids are UUIDs of version 7 and rise with the number of the claim, as if the claims had been filed one after the other.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
from sqlalchemy import Table

from benchmarks.copies import Naming, names_of, quoted, values_of
from benchmarks.ground import Ground
from benchmarks.pgbench import KEYS, SHARED
from benchmarks.templates import SHARES, Template
from claims_api import launch

BATCH = 10_000
BEGIN_MS = 1_767_225_600_000  # the first claim's time; one follows every GAP_MS
GAP_MS = 25_000
COMMON_SKU = "KTL-2"
CLAIMS_OF_A_RARE_SKU = 40  # of all tenants together
RARE_STATUS, LAST_WITH_RARE_STATUS = "cancelled", 1_000  # a status that only the oldest claims have
LEFT_OUT = {KEYS}  # kept for a day only, so their number does not follow that of the claims
# Nothing is left to chance: every two hundred claims are the same mixture, so that sizes differ in nothing else.
MADE = """
    CREATE TEMP TABLE made AS
    SELECT n, tenants[1 + CASE WHEN n % 2 = 0 THEN 0 ELSE n / 2 % (cardinality(tenants) - 1) + 1 END] AS tenant_id,
           CASE WHEN status = '{rare}' AND n > {last} THEN 'closed' ELSE status END AS status,
           lpad(to_hex({begin} + n * {gap}), 12, '0') || '7' || left(noise, 3) || '8' || substr(noise, 4, 15) AS mark,
           CASE WHEN n / 200 % 2 = 0 THEN '{common}' ELSE 'SKU-' || n / {rare_sku} END AS sku
    FROM (SELECT n, md5(CAST(n AS text)) AS noise, CAST($1 AS uuid[]) AS tenants,
                 (CAST($2 AS text[]))[1 + n / 2 * 37 % 100] AS status
          FROM generate_series(CAST($3 AS bigint), CAST($4 AS bigint)) n) numbered"""
COUNT_MOVED = """
    UPDATE feed_heads h SET position = position + moved.count
    FROM (SELECT tenant_id, count(*) FROM outbox GROUP BY tenant_id) moved WHERE moved.tenant_id = h.tenant_id"""
MOVE_ALL = """
    INSERT INTO feed (tenant_id, position, stream_id, seq)
    SELECT o.tenant_id, h.position + row_number() OVER (PARTITION BY o.tenant_id ORDER BY o.stream_id, o.seq),
           o.stream_id, o.seq
    FROM outbox o JOIN feed_heads h ON h.tenant_id = o.tenant_id"""
ID = "CAST(left(m.mark, 16) || '8' || right(md5(m.mark || '{old}'), 15) AS uuid)"


@asynccontextmanager
async def superuser(place: Ground) -> AsyncIterator[asyncpg.Connection]:
    """No wall, and no foreign keys: what is copied has passed them once."""
    db = await asyncpg.connect(**place_of(place), user="postgres", timeout=10)
    try:
        await db.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        yield db
    finally:
        await db.close()


def place_of(place: Ground) -> dict[str, object]:
    """Where Postgres is, as asyncpg wants it said."""
    return {"host": str(place.server.socket_dir), "port": place.server.port, "database": launch.EMBEDDED_DATABASE}


async def fill(
    db: asyncpg.Connection, made_of: Sequence[Template], tenants: Sequence[UUID], first: int, last: int
) -> None:
    """Claims number `first` to `last`: every second one is the first tenant's, the others share the rest."""
    ids = [str(tenant) for tenant in tenants]
    statuses = [status for status, share in SHARES.items() for _ in range(share)]
    made = MADE.format(
        rare=RARE_STATUS, last=LAST_WITH_RARE_STATUS, begin=BEGIN_MS, gap=GAP_MS, common=COMMON_SKU,
        rare_sku=CLAIMS_OF_A_RARE_SKU,
    )  # fmt: skip
    copies = [statement for template in made_of for statement in _copies(template)]
    for begin in range(first, last + 1, BATCH):
        async with db.transaction():
            await db.execute(made, ids, statuses, begin, min(last, begin + BATCH - 1))
            for statement in copies:
                await db.execute(statement)
            await db.execute("DROP TABLE made")


async def relay_all(db: asyncpg.Connection) -> None:
    """Every event that waits reaches its feed, in the order the relay has."""
    async with db.transaction():
        await db.execute(MOVE_ALL)
        await db.execute(COUNT_MOVED)
        await db.execute("TRUNCATE outbox")


async def settle(db: asyncpg.Connection) -> None:
    """What autovacuum does in a while: statistics, and the map of pages every transaction sees."""
    await db.execute("VACUUM (ANALYZE)")
    await db.execute("CHECKPOINT")


def _copies(template: Template) -> list[str]:
    """An INSERT for each of its rows, which writes it for all claims of `made` that have its status."""
    tenant = str(template.tenant.id)
    columns = {
        ("claims", "number"): "right(m.mark, 12)",
        ("claims", "assignee"): "'agent-' || m.n / 2 % 50",
        ("claim_lines", "sku"): "m.sku",
        ("tracking_numbers", "number"): "upper(m.mark)",
        ("shipment_updates", "number"): "upper(m.mark)",
        ("parties", "ref"): "'c-' || m.n / 6",  # a customer files three claims at most with the first tenant
    }
    naming = Naming("m.mark", lambda old: "m.tenant_id" if old == tenant else ID.format(old=old), columns)
    return [
        _copy(table, row, naming, template)
        for table, rows in template.stored.items()
        if table.name not in LEFT_OUT
        for row in rows
    ]


def _copy(table: Table, row: dict[str, str | None], naming: Naming, template: Template) -> str:
    values = values_of(table, row, naming, template.mark)
    made, end = "made", ""
    if table.name == SHARED:  # one row is enough for a tenant
        made, end = "(SELECT DISTINCT tenant_id, status FROM made)", " ON CONFLICT DO NOTHING"
    chosen = f"FROM {made} m WHERE m.status = {quoted(template.status)}"
    return f"INSERT INTO {table.name} ({names_of(table)}) SELECT {values} {chosen}{end}"
