"""Every parcel of a tenant in the order of their ids, with all that was said of it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.domain.shipments import Hashes, Update
from claims_api.kit.database import NOBODY
from claims_api.shipments.queries.parcels import WITH_WORDS
from claims_api.shipments.queries.records import StoredShipment, stored_shipment, update_of
from claims_api.shipments.tables import shipments
from claims_api.verify.queries.reading import PAGE, Share

LAST_BYTE = func.get_byte(func.uuid_send(shipments.c.id), 15)
IDS = (
    select(shipments.c.id)
    .where(
        shipments.c.tenant_id == bindparam("tenant"),
        shipments.c.id > bindparam("after"),
        func.mod(LAST_BYTE, bindparam("of")) == bindparam("number"),
    )
    .order_by(shipments.c.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True)
class Parcel:
    """A parcel as it is stored, and its updates with the hashes they were stored with."""

    stored: StoredShipment
    said: tuple[tuple[Update, Hashes], ...]


async def pages_of_parcels(db: AsyncConnection, tenant_id: UUID, share: Share) -> AsyncIterator[Sequence[Parcel]]:
    """The parcels of a share, a page at a time."""
    given = {"tenant": tenant_id, "after": NOBODY, "most": PAGE, "number": share.number, "of": share.of}
    while ids := list((await db.execute(IDS, given)).scalars()):
        found = await db.execute(WITH_WORDS, {"tenant": tenant_id, "parcels": ids})
        yield [Parcel(stored_shipment(row._mapping), tuple(map(update_of, row.said))) for row in found]
        given["after"] = ids[-1]
