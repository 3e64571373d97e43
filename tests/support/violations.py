"""What must hold of every database whatever was done to the service: each experiment ends by asking for violations."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from tests.conftest import Ground

CHECKS = {
    "a claim without its whole log": """
        SELECT c.id FROM claims c LEFT JOIN events e ON e.tenant_id = c.tenant_id AND e.stream_id = c.id
        GROUP BY c.tenant_id, c.id HAVING count(e.seq) = 0 OR count(e.seq) <> max(e.seq) OR min(e.seq) <> 1""",
    "an event of no claim": """
        SELECT e.stream_id FROM events e WHERE e.stream_id <> e.tenant_id
        AND NOT EXISTS (SELECT FROM claims c WHERE c.tenant_id = e.tenant_id AND c.id = e.stream_id)""",
    "a broken link of a log": """
        SELECT stream_id FROM (SELECT *, lag(hash, 1, repeat('0', 64))
                               OVER (PARTITION BY tenant_id, stream_id ORDER BY seq) AS before FROM events) linked
        WHERE prev_hash <> before""",
    "a claim that is not at the end of its log": """
        SELECT c.id FROM claims c WHERE c.head_hash <> (
            SELECT e.hash FROM events e WHERE e.tenant_id = c.tenant_id AND e.stream_id = c.id
            ORDER BY e.seq DESC LIMIT 1)""",
    "an event neither waiting nor in the feed, or both": """
        SELECT e.stream_id FROM events e
        LEFT JOIN outbox o ON (o.tenant_id, o.stream_id, o.seq) = (e.tenant_id, e.stream_id, e.seq)
        LEFT JOIN feed f ON (f.tenant_id, f.stream_id, f.seq) = (e.tenant_id, e.stream_id, e.seq)
        WHERE (o.seq IS NULL) = (f.seq IS NULL)""",
    "an entry of a feed that is no event": """
        SELECT f.stream_id FROM feed f WHERE NOT EXISTS (
            SELECT FROM events e WHERE (e.tenant_id, e.stream_id, e.seq) = (f.tenant_id, f.stream_id, f.seq))""",
    "a claim's events out of order in the feed, with a gap or twice": """
        SELECT stream_id FROM (SELECT *, row_number() OVER (PARTITION BY tenant_id, stream_id ORDER BY position) AS nth
                               FROM feed) placed
        WHERE seq <> nth""",
    "a feed with a gap, or not where its counter stands": """
        SELECT h.tenant_id FROM feed_heads h LEFT JOIN feed f ON f.tenant_id = h.tenant_id
        GROUP BY h.tenant_id, h.position
        HAVING count(f.position) <> h.position OR coalesce(max(f.position), 0) <> h.position""",
    "an idempotency key without an answer": "SELECT scope FROM idempotency_keys WHERE status IS NULL OR body IS NULL",
    "an idempotency key whose effect is missing": """
        SELECT k.subject_id FROM idempotency_keys k WHERE k.subject_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM claims c WHERE c.tenant_id = k.tenant_id AND c.id = k.subject_id)""",
}
"""Each gives a row for each violation, whichever tenant it is of."""


async def violations(db: AsyncConnection) -> dict[str, list[str]]:
    """What does not hold, and where: the first few places of each kind."""
    found = {name: [str(row[0]) for row in await db.execute(text(check))] for name, check in CHECKS.items()}
    return {name: places[:5] for name, places in found.items() if places}


async def nothing_is_violated(ground: Ground) -> None:
    """Whatever an experiment did to this ground, all of it holds together: the one place where all of them ask.

    Raises: AssertionError naming what does not hold, and where.
    """
    async with create_async_engine(ground.superuser_url, poolclass=NullPool).connect() as db:
        assert await violations(db) == {}
