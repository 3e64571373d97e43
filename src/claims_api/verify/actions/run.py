"""The walk over tenants: each one's rows in one snapshot, in constant memory, with a word on the way."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.access.actions import UnknownTenant
from claims_api.access.queries import has_tenant, may_list_tenants, tenants_after
from claims_api.claims.actions.context import pinned_policy
from claims_api.domain.policy import Policy
from claims_api.kit import schema
from claims_api.kit.database import NOBODY, Database, UnsafeDatabaseRole
from claims_api.policies.actions.pins import CorruptPin
from claims_api.verify.actions import pins
from claims_api.verify.actions.families import OF_CLAIM, OF_ROWS
from claims_api.verify.actions.findings import ReadClaim, Violation
from claims_api.verify.actions.parcels import is_what_was_said
from claims_api.verify.actions.reading import read_claim
from claims_api.verify.actions.replay import DECISIONS
from claims_api.verify.actions.report import Report
from claims_api.verify.queries.parcels import pages_of_parcels
from claims_api.verify.queries.reading import WHOLE, ClaimRows, Share, offending_rows, open_snapshot, pages_of_claims

TENANTS_AT_ONCE = 1_000

Tell = Callable[[Report], None]


async def check_access(database: Database, only: UUID | None) -> None:
    """Proves that a run would see what there is.

    Raises: SchemaBehind, UnsafeDatabaseRole (not the owner's login), UnknownTenant
    """
    await schema.check(database)
    if only is not None:
        async with database.transaction(only) as db:
            if not await has_tenant(db, only):
                raise UnknownTenant
        return
    async with database.plain.connect() as db:
        if not await may_list_tenants(db):
            raise UnsafeDatabaseRole(
                "CLAIMS_DATABASE_URL_DIRECT logs in as one that may not list the tenants, so there would be nothing to "
                "check. Use the login that ran `claims-api migrate`."
            )


async def verify(database: Database, only: UUID | None, tell: Tell, share: Share = WHOLE) -> Report:
    """Reads one tenant or all of them, or a share of their claims; `tell` hears of every step on the way.

    Raises: what `check_access` raises
    """
    await check_access(database, only)
    report = Report()
    async for tenant_id in _tenants(database, only):
        async with database.transaction(tenant_id) as db:
            await open_snapshot(db)
            await verify_tenant(db, tenant_id, report, tell, share)
        report.tenants += 1
        tell(report)
    return report


async def _tenants(database: Database, only: UUID | None) -> AsyncIterator[UUID]:
    if only is not None:
        yield only
        return
    after = NOBODY
    while True:
        async with database.plain.connect() as db:
            found = await tenants_after(db, after, TENANTS_AT_ONCE)
        for tenant_id in found:
            yield tenant_id
        if len(found) < TENANTS_AT_ONCE:
            return
        after = found[-1]


async def verify_tenant(db: AsyncConnection, tenant_id: UUID, report: Report, tell: Tell, share: Share = WHOLE) -> None:
    """Adds to the report what this transaction sees of a tenant: without a snapshot, also what it changed itself.

    A claim is judged by itself, so its share does not matter; whole tables are the first share's.
    """
    for check in OF_ROWS if share.number == 0 else ():
        async for rows in offending_rows(db, tenant_id, check.statement):
            report.add(tenant_id, (check.violation(row._mapping) for row in rows))
        tell(report)
    async for page in pages_of_claims(db, tenant_id, share):
        for claim in page:
            report.add(tenant_id, await _judge(db, claim))
            report.claims += 1
            report.events += len(claim.log)
        tell(report)
    async for parcels in pages_of_parcels(db, tenant_id, share):
        for parcel in parcels:
            report.add(tenant_id, is_what_was_said(parcel))
            report.parcels += 1
        tell(report)


async def _judge(db: AsyncConnection, rows: ClaimRows) -> list[Violation]:
    read = read_claim(rows)
    if isinstance(read, Violation):
        return [read]
    found: list[Violation] = []
    policy = await _policy_of(db, read)
    if isinstance(policy, Violation):
        found.append(policy)
    else:
        read = replace(read, policy=policy)
    return found + [violation for judge in OF_CLAIM for violation in judge(read)]


async def _policy_of(db: AsyncConnection, read: ReadClaim) -> Policy | Violation | None:
    """The pinned policy where there is a decision to make again."""
    pin = read.stored.policy_id
    if pin is None or not any(event.type in DECISIONS for event in read.log):
        return None
    try:
        return await pinned_policy(db, read.stored.tenant_id, pin)
    except (CorruptPin, NoResultFound):
        return None  # a finding of its own: pin-changed, parent-missing
    except ValidationError:
        return pins.UNREADABLE.at(read.id)
