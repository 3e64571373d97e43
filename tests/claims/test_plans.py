"""The plans of the hot queries, over a tenant with thousands of claims: what they touch does not grow with it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Table, event, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable

from claims_api.claims.queries import find, read
from claims_api.claims.queries.find import Wanted
from claims_api.claims.tables import claim_lines, claim_serials, claims, parties
from claims_api.domain.vocabulary import Status
from claims_api.events.queries import STREAM
from claims_api.events.tables import events
from claims_api.kit import clock, database, ids
from claims_api.kit.pagination import MAX_LIMIT
from tests.support.claims import Team, line

MANY = 5_000
TOUCHED_AT_MOST = 2 * MAX_LIMIT  # rows that a node of a plan gives or throws away: what the longest page has, and some
LOOK = 20  # claims that a page looks at, for a filter no index serves
Json = dict[str, Any]


def copies(table: Table, key: str, **changed: str) -> str:
    """Copies the rows of one claim MANY times, each under the claim id `made.id`."""
    names = [column.name for column in table.c]
    given = ", ".join(changed.get(name, f"one.{name}") for name in names)
    return f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {given} FROM made, {table.name} one WHERE one.{key}"


async def crowd(db: AsyncConnection, claim: UUID) -> None:
    """MANY more claims of the same shape, with numbers, orders, serial numbers and customers of their own.

    All are of one product; one in ten is open, and so is the claim itself.
    """
    await db.execute(text("SET LOCAL statement_timeout = 0"))  # this is no request
    await db.execute(
        text(f"CREATE TEMP TABLE made AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, {MANY}) n")
    )
    own = {"number": "'N' || made.n", "external_ref": "NULL", "order_ref": "'O-' || made.n", "customer_id": "made.id"}
    ended = {
        "status": "CASE WHEN made.n % 10 = 0 THEN one.status ELSE 'closed' END",
        "ended_at": "CASE WHEN made.n % 10 = 0 THEN NULL ELSE one.created_at END",
    }
    for statement in (
        copies(parties, "id = (SELECT customer_id FROM claims WHERE id = :claim)", id="made.id", ref="'c-' || made.n"),
        copies(claims, "id = :claim", id="made.id", **own, **ended),
        copies(claim_lines, "claim_id = :claim", claim_id="made.id"),
        copies(claim_serials, "claim_id = :claim", claim_id="made.id", serial_number="'S-' || made.n"),
        copies(events, "stream_id = :claim", stream_id="made.id", id="gen_random_uuid()"),
    ):
        await db.execute(text(statement), {"claim": claim})
    # Other tests leave tables of a few pages, which a planner reads whole: here only what no index serves is read so.
    await db.execute(text("SET LOCAL enable_seqscan = off"))
    for table in (parties, claims, claim_lines, claim_serials, events):
        await db.execute(text(f"ANALYZE {table.name}"))


@contextmanager
def explained(db: AsyncConnection) -> Iterator[None]:
    """Statements give their plans instead of their rows."""
    assert db.sync_connection is not None

    def ask_for_the_plan(_db: object, _cursor: object, sent: str, given: object, *_rest: object) -> tuple[str, object]:
        return f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sent}", given

    event.listen(db.sync_connection, "before_cursor_execute", ask_for_the_plan, retval=True)
    try:
        yield
    finally:
        event.remove(db.sync_connection, "before_cursor_execute", ask_for_the_plan)


@contextmanager
def planned(db: AsyncConnection) -> Iterator[list[Any]]:
    """The plans of the statements sent meanwhile, each as it ran before the statement itself was sent."""
    plans: list[Any] = []

    def plan_first(_db: Connection, cursor: Any, sent: str, given: object, *_rest: object) -> None:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sent}", given)
        plans.append(cursor.fetchone()[0])

    assert db.sync_connection is not None
    event.listen(db.sync_connection, "before_cursor_execute", plan_first)
    try:
        yield plans
    finally:
        event.remove(db.sync_connection, "before_cursor_execute", plan_first)


async def touched(db: AsyncConnection, statement: Executable, given: Json) -> int:
    """The most rows any node of the plan gives or throws away."""
    with explained(db):
        plan = (await db.execute(statement, given)).scalar_one()
    return most_rows(plan)


def most_rows(plan: Any) -> int:
    """The most rows of any node of a plan."""
    return max(_rows(root_of(plan)))


def root_of(plan: Any) -> Json:
    """The node that gives the answer."""
    found: Json = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return found


def _rows(node: Json) -> Iterator[int]:
    """What a common table expression holds is counted where it is made, not where a page of it is read again."""
    if node["Node Type"] != "CTE Scan":
        yield node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    for below in node.get("Plans", ()):
        yield from _rows(below)


def walks(node: Json) -> Iterator[tuple[str, int]]:
    """Each table that a node reads, and how often the node begins to."""
    if "Relation Name" in node:
        yield node["Relation Name"], node["Actual Loops"]
    for below in node.get("Plans", ()):
        yield from walks(below)


async def test_what_a_hot_query_touches_does_not_grow_with_the_claims(owner: database.Database, team: Team) -> None:
    filed = await team.file(external_ref="R-1", order={"ref": "O-0"}, lines=[line(serial_numbers=["S-0"])])
    claim, tenant = ids.decode("clm", filed["id"]), {"tenant": team.tenant.id}
    assert claim is not None
    by_order = {"serial_numbers": ["S-new"], "sku_issues": ["KTL-2\tdoes_not_switch_on"], "order_ref": "O-18"}
    submission = by_order | {
        "self": ids.new_uuid(), "external_ref": "R-2", "scope": b"s", "now": clock.now(), "pin": bytes(32)
    }  # fmt: skip
    hot: dict[str, tuple[Executable, Json]] = {
        "before a submission, a twin by its order": (read.BEFORE_SUBMISSION, tenant | submission),
        "a twin by its serial number": (read.BEFORE_SUBMISSION, tenant | submission | {"serial_numbers": ["S-17"]}),
        "one claim": (read.ONE_CLAIM, tenant | {"claim": claim}),
        "its version": (read.VERSION, tenant | {"claim": claim}),
        "its lock": (read.LOCK, tenant | {"claim": claim}),
        "its history": (STREAM, tenant | {"stream": claim, "after": 0, "most": 20}),
    }
    async with owner.transaction(team.tenant.id) as db:
        point = await db.begin_nested()
        await crowd(db, claim)
        found = {name: await touched(db, statement, given) for name, (statement, given) in hot.items()}
        everything = await touched(db, text("SELECT count(*) OVER () FROM claims WHERE tenant_id = :tenant"), tenant)
        await point.rollback()
    assert max(found.values()) <= TOUCHED_AT_MOST, found
    assert everything > MANY, "the count does not count"


FILTERS = {
    "all claims": Wanted(),
    "open claims": Wanted(statuses=frozenset({Status.SUBMITTED, Status.UNDER_REVIEW})),
    "closed claims": Wanted(statuses=frozenset({Status.CLOSED})),
    "a reference": Wanted(external_ref="R-1"),
    "a customer": Wanted(customer_ref="c-17"),
    "a product of all claims": Wanted(sku="KTL-2"),
    "a product of none": Wanted(sku="none"),
    "a unit": Wanted(serial_number="S-17"),
    "a customer with a product of all claims": Wanted(customer_ref="c-17", sku="KTL-2"),
    "a unit that is closed": Wanted(serial_number="S-17", statuses=frozenset({Status.CLOSED})),
}
SEARCHES = {
    "a status of none": Wanted(statuses=frozenset({Status.WITHDRAWN})),
    "a region of none": Wanted(region="none"),
    "a person of none": Wanted(assignee="nobody"),
    "a product of all claims in a region of none": Wanted(sku="KTL-2", region="none"),
}


async def plans_of_pages(owner: database.Database, team: Team, wanted: Wanted) -> list[Any]:
    """The plans of a page with the newest claims and of one in about the middle."""
    filed = await team.file(external_ref="R-1", order={"ref": "O-0"}, lines=[line(serial_numbers=["S-0"])])
    claim = ids.decode("clm", filed["id"])
    assert claim is not None
    async with owner.transaction(team.tenant.id) as db:
        point = await db.begin_nested()
        await crowd(db, claim)
        with planned(db) as plans:
            for before in (None, UUID(int=1 << 127)):
                await find.find_claims(db, team.tenant.id, wanted, before, 20)
        await point.rollback()
    return plans


async def touched_by_pages(owner: database.Database, team: Team, wanted: Wanted) -> int:
    """The most rows any node of the plans of pages touches."""
    return max(map(most_rows, await plans_of_pages(owner, team, wanted)))


@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS.keys())
async def test_what_a_filtered_page_touches_does_not_grow_with_the_claims(
    owner: database.Database, team: Team, wanted: Wanted
) -> None:
    assert await touched_by_pages(owner, team, wanted) <= TOUCHED_AT_MOST


@pytest.mark.parametrize("wanted", SEARCHES.values(), ids=SEARCHES.keys())
async def test_a_page_no_index_serves_touches_what_it_may_look_at(
    owner: database.Database, team: Team, wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "LOOKED_AT_MOST", LOOK)

    assert await touched_by_pages(owner, team, wanted) <= TOUCHED_AT_MOST


async def test_a_page_reads_what_its_claims_own_in_one_walk_of_each_table(owner: database.Database, team: Team) -> None:
    for plan in await plans_of_pages(owner, team, Wanted()):
        found = list(walks(root_of(plan)))

        assert {table for table, _ in found} == {table.name for table, _ in read.CHILDREN.values()} | {
            "claims", "parties"
        }  # fmt: skip
        assert all(times <= 1 for _, times in found), found
