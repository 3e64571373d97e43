"""Reading parcels."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.access.actions import Caller
from claims_api.claims.queries import read
from claims_api.kit.problems import NotFound
from claims_api.shipments.queries import parcels
from claims_api.shipments.queries.records import StoredShipment


async def shipments_of(
    db: AsyncConnection, caller: Caller, claim_id: UUID, after: UUID, most: int
) -> list[StoredShipment]:
    """A claim's parcels in the order they were registered; a partner sees its own.

    Raises: NotFound
    """
    if after.int == 0 and await read.version_of(db, caller.tenant_id, claim_id) is None:
        raise NotFound
    return list(await parcels.shipments_of(db, caller.tenant_id, claim_id, caller.partner, after, most))
