"""A claim and its log as the database has them."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.claims.queries import read
from claims_api.claims.queries.records import StoredClaim, stored_claim
from claims_api.domain.chain import Event
from claims_api.events.queries import events_of
from claims_api.kit import ids
from tests.support.claims import Claim


async def stored_and_log(db: AsyncConnection, tenant_id: UUID, claim: Claim) -> tuple[StoredClaim, list[Event]]:
    """The claim as it is stored, and its whole log."""
    claim_id = ids.decode("clm", claim["id"])
    assert claim_id is not None
    row = await read.claim_row(db, tenant_id, claim_id)
    assert row is not None
    return stored_claim(row._mapping), list(await events_of(db, tenant_id, claim_id, 0, 1000))
