"""The hot queries as the service asks them, each for several claims or at several depths of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.buffers import Ask
from benchmarks.filling import COMMON_SKU, RARE_STATUS
from claims_api.claims.actions.look import statuses_of
from claims_api.claims.queries import find, read
from claims_api.claims.queries.find import Wanted
from claims_api.domain.vocabulary import Awaiting, Status
from claims_api.events.queries import events_of, feed_after
from claims_api.kit import clock, ids
from claims_api.kit.pagination import DEFAULT_LIMIT, MAX_LIMIT

SAMPLES = 25
DEPTHS = {"first page": 0.0, "in the middle": 0.5, "last page": 1.0}
OF_A_TENANT = "SELECT id FROM claims WHERE tenant_id = $1 ORDER BY id"
SERIAL = "SELECT serial_number FROM claim_serials WHERE tenant_id = $1 AND claim_id = $2"
NAMES = """
    SELECT external_ref, p.ref AS customer_ref, assignee FROM claims c
    JOIN parties p ON p.tenant_id = c.tenant_id AND p.id = c.customer_id WHERE c.tenant_id = $1 AND c.id = $2"""
RARE_SKU = """
    SELECT sku FROM claim_lines WHERE tenant_id = $1 AND claim_id < $2 AND sku <> $3 ORDER BY claim_id LIMIT 1"""
LAST_POSITION = "SELECT position FROM feed_heads WHERE tenant_id = $1"


@dataclass(frozen=True)
class Question:
    """What is asked, in as many ways as its cost may depend on; `aim`: how many times dearer it may become."""

    name: str
    asks: Sequence[Ask]
    aim: float | None = None
    is_list: bool = False


async def questions(db: asyncpg.Connection, tenant: UUID) -> list[Question]:
    """Everything that is measured of one tenant."""
    claims = [row["id"] for row in await db.fetch(OF_A_TENANT, tenant)]
    picked = [claims[place * (len(claims) - 1) // (SAMPLES - 1)] for place in range(SAMPLES)]
    last: int = await db.fetchval(LAST_POSITION, tenant)
    found = [
        Question("read a claim", [partial(read.claim_row, tenant_id=tenant, claim_id=claim) for claim in picked], 1.2),
        Question("its version (304)", [partial(read.version_of, tenant_id=tenant, claim_id=claim) for claim in picked]),
        Question("its history", [_history(tenant, claim) for claim in picked]),
        Question("look-up before a submission", [partial(_look_up, tenant=tenant)]),
    ]
    found += [
        Question(f"list, {name}", [_page(tenant, Wanted(), before)], 1.2, True) for name, before in _befores(claims)
    ]
    found += [
        Question(f"feed, {name}", [_feed(tenant, max(0, int(depth * last) - MAX_LIMIT))])
        for name, depth in DEPTHS.items()
    ]
    return found + await _filtered(db, tenant, claims)


async def _filtered(db: asyncpg.Connection, tenant: UUID, claims: Sequence[UUID]) -> list[Question]:
    """Lists with one filter each; the claim they are to find is neither new nor old."""
    one = claims[len(claims) // 3]
    names = await db.fetchrow(NAMES, tenant, one)
    wanted = {
        "awaiting=merchant": Wanted(statuses=statuses_of(None, Awaiting.MERCHANT)),
        "status=draft": Wanted(statuses=statuses_of(Status.DRAFT, None)),
        "status=closed": Wanted(statuses=statuses_of(Status.CLOSED, None)),
        "external_ref": Wanted(external_ref=names["external_ref"]),
        "customer_ref": Wanted(customer_ref=names["customer_ref"]),
        "serial_number": Wanted(serial_number=await db.fetchval(SERIAL, tenant, one)),
        "sku of half of all claims": Wanted(sku=COMMON_SKU),
        "sku of twenty claims": Wanted(sku=await db.fetchval(RARE_SKU, tenant, one, COMMON_SKU)),
        "assignee": Wanted(assignee=names["assignee"]),
        f"status={RARE_STATUS}, of the oldest alone": Wanted(statuses=statuses_of(Status(RARE_STATUS), None)),
        "region, of none": Wanted(region="none"),
    }
    return [
        Question(f"list by {name}", [_page(tenant, each, before) for _, before in _befores(claims)[:2]], 1.2, True)
        for name, each in wanted.items()
    ]


def _befores(claims: Sequence[UUID]) -> list[tuple[str, UUID | None]]:
    """Where a page of each depth begins."""
    at = {name: max(DEFAULT_LIMIT, round((1 - depth) * len(claims))) for name, depth in DEPTHS.items()}
    return [(name, claims[place] if place < len(claims) else None) for name, place in at.items()]


def _page(tenant: UUID, wanted: Wanted, before: UUID | None) -> Ask:
    return partial(find.find_claims, tenant_id=tenant, wanted=wanted, before=before, most=DEFAULT_LIMIT + 1)


def _history(tenant: UUID, claim: UUID) -> Ask:
    return partial(events_of, tenant_id=tenant, claim_id=claim, after=0, most=DEFAULT_LIMIT + 1)


def _feed(tenant: UUID, position: int) -> Ask:
    return partial(feed_after, tenant_id=tenant, position=position, most=MAX_LIMIT)


async def _look_up(db: AsyncConnection, tenant: UUID) -> object:
    """Something new, as nearly all submissions are; of 50 lines, as few are."""
    serials = [f"SN-{n}" for n in range(50)]
    given: dict[str, Any] = {
        "tenant": tenant, "scope": bytes(32), "now": clock.now(), "self": ids.new_uuid(), "external_ref": "R-new",
        "order_ref": "O-new", "serial_numbers": serials[:1], "sku_issues": ["KTL-2\tdoes_not_switch_on"],
        "pin": bytes(32),
    }  # fmt: skip
    return (await db.execute(read.BEFORE_SUBMISSION, given)).one()
