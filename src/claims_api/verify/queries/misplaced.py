"""Statements that find nothing where all holds: each gives the rows that are not as they should be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, MetaData, Select, Table, TextClause, Uuid, bindparam, exists, select, text

from claims_api.claims.tables import claim_holds, claim_lines, claim_remedies, claim_serials, claims
from claims_api.kit.idempotency import idempotency_keys


def _rows(sql: str) -> TextClause:
    return text(sql).bindparams(bindparam("tenant", type_=Uuid))


@dataclass(frozen=True)
class Reference:
    """Columns of a child that name columns of a parent."""

    columns: tuple[Column[object], ...]
    parents: tuple[Column[object], ...]

    @property
    def child(self) -> Table:
        return self.columns[0].table

    @property
    def parent(self) -> Table:
        return self.parents[0].table


UNGUARDED = (
    Reference((claim_serials.c.claim_id, claim_serials.c.position), (claim_lines.c.claim_id, claim_lines.c.position)),
    Reference((claim_remedies.c.claim_id, claim_remedies.c.position), (claim_lines.c.claim_id, claim_lines.c.position)),
    Reference((claim_holds.c.duplicate_of,), (claims.c.id,)),
)
"""What no foreign key guards."""


def references(metadata: MetaData) -> Iterator[Reference]:
    """Every foreign key within a tenant, those of features yet to come too, and what no key guards."""
    for table in metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            pairs = [(one.parent, one.column) for one in key.elements if one.parent.name != "tenant_id"]
            if pairs:  # a key of nothing but the tenant cannot leave it
                columns, parents = zip(*pairs, strict=True)
                yield Reference(columns, parents)
    yield from UNGUARDED


def without_parent(reference: Reference) -> Select[tuple[object, ...]]:
    """The children whose parent is not there, or is another tenant's."""
    child, parent = reference.child, reference.parent
    pairs = zip(reference.columns, reference.parents, strict=True)
    has_parent = exists().where(parent.c.tenant_id == child.c.tenant_id, *(theirs == mine for mine, theirs in pairs))
    shown = [column for column in child.primary_key if column.name != "tenant_id"]
    return select(*dict.fromkeys([*shown, *reference.columns])).where(
        child.c.tenant_id == bindparam("tenant"),
        *(column.is_not(None) for column in reference.columns),
        ~has_parent.correlate(child),
    )


def about_nothing(effects: Sequence[Table]) -> Select[tuple[object, ...]]:
    """Stored answers about something that none of the tables has."""
    keys = idempotency_keys
    is_there = (exists().where(one.c.tenant_id == keys.c.tenant_id, one.c.id == keys.c.subject_id) for one in effects)
    return select(keys.c.scope, keys.c.subject_id).where(
        keys.c.tenant_id == bindparam("tenant"),
        keys.c.subject_id.is_not(None),
        *(~found.correlate(keys) for found in is_there),
    )


ANSWERED_IN_HALF = _rows("""
    SELECT scope, subject_id FROM idempotency_keys
    WHERE tenant_id = :tenant AND (status IS NULL) <> (body IS NULL)""")
FILED_TWICE = _rows("""
    SELECT subject_id, count(*) AS keys FROM idempotency_keys
    WHERE tenant_id = :tenant AND status = 201 AND subject_id IS NOT NULL
    GROUP BY subject_id HAVING count(*) > 1""")

NOWHERE = _rows("""
    SELECT e.stream_id, e.seq FROM events e
    WHERE e.tenant_id = :tenant
      AND NOT EXISTS (SELECT FROM outbox o
                      WHERE o.tenant_id = :tenant AND o.stream_id = e.stream_id AND o.seq = e.seq)
      AND NOT EXISTS (SELECT FROM feed f
                      WHERE f.tenant_id = :tenant AND f.stream_id = e.stream_id AND f.seq = e.seq)""")
TWICE = _rows("""
    SELECT stream_id, seq, count(*) AS places
    FROM (SELECT stream_id, seq FROM outbox WHERE tenant_id = :tenant
          UNION ALL SELECT stream_id, seq FROM feed WHERE tenant_id = :tenant) placed
    GROUP BY stream_id, seq HAVING count(*) > 1""")
NO_EVENT = _rows("""
    SELECT f.position, f.stream_id, f.seq FROM feed f
    WHERE f.tenant_id = :tenant
      AND NOT EXISTS (SELECT FROM events e
                      WHERE e.tenant_id = :tenant AND e.stream_id = f.stream_id AND e.seq = f.seq)""")
NOT_THE_NEXT = _rows("""
    SELECT before, position
    FROM (SELECT position, lag(position, 1, 0::bigint) OVER (ORDER BY position) AS before
          FROM feed WHERE tenant_id = :tenant) placed
    WHERE position <> before + 1""")
OVERTAKEN = _rows("""
    SELECT stream_id, seq, position
    FROM (SELECT stream_id, seq, position, lag(position) OVER (PARTITION BY stream_id ORDER BY seq) AS before
          FROM feed WHERE tenant_id = :tenant) placed
    WHERE position < before""")
LEFT_BEHIND = _rows("""
    SELECT o.stream_id, o.seq FROM outbox o
    WHERE o.tenant_id = :tenant
      AND EXISTS (SELECT FROM feed f WHERE f.tenant_id = :tenant AND f.stream_id = o.stream_id AND f.seq > o.seq)""")
WRONG_HEAD = _rows("""
    SELECT head, last
    FROM (SELECT (SELECT position FROM feed_heads WHERE tenant_id = :tenant) AS head,
                 (SELECT coalesce(max(position), 0) FROM feed WHERE tenant_id = :tenant) AS last) counted
    WHERE head IS DISTINCT FROM last""")
OF_NO_CLAIM = _rows("""
    SELECT e.stream_id, count(*) AS events FROM events e
    WHERE e.tenant_id = :tenant AND e.stream_id <> :tenant
      AND NOT EXISTS (SELECT FROM claims c WHERE c.tenant_id = :tenant AND c.id = e.stream_id)
    GROUP BY e.stream_id""")

CHANGED_PINS = _rows("SELECT id FROM policy_pins WHERE tenant_id = :tenant AND sha256(body) <> id")
SERIALS = _rows("""
    WITH filed AS (SELECT claim_id, position, unnest(serial_numbers) AS serial_number
                   FROM claim_lines WHERE tenant_id = :tenant),
         kept AS (SELECT claim_id, position, serial_number FROM claim_serials WHERE tenant_id = :tenant)
    (SELECT * FROM filed EXCEPT SELECT * FROM kept) UNION ALL (SELECT * FROM kept EXCEPT SELECT * FROM filed)""")
