"""The plans of what parcels ask: what they touch does not grow with the parcels of a tenant."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.sql import Executable

from claims_api.claims.tables import claim_legs
from claims_api.kit import database, ids
from claims_api.shipments.queries import parcels
from claims_api.shipments.tables import shipment_updates, shipments, tracking_numbers
from tests.claims.test_plans import TOUCHED_AT_MOST, copies, touched
from tests.support.parcels import Depot, number, said

MANY = 5_000
CROWD = (
    copies(claim_legs, "id = :parcel", id="made.id"),
    copies(shipments, "id = :parcel", id="made.id", claim_id="one.claim_id"),
    copies(tracking_numbers, "shipment_id = :parcel", shipment_id="made.id", number="'N' || made.n"),
    copies(shipment_updates, "number = :number", number="'N' || made.n"),
)


async def test_what_parcels_ask_does_not_grow_with_the_parcels(owner: database.Database, depot: Depot) -> None:
    claim, other, tracking = await depot.team.file(), await depot.team.file(), number()
    parcel = ids.decode("shp", (await depot.register(claim, number()))["id"])
    alone = ids.decode("shp", (await depot.register(other, tracking))["id"])
    await depot.tell(said(tracking, "in_transit", 1))
    assert parcel is not None
    assert alone is not None
    tenant: dict[str, Any] = {"tenant": depot.team.tenant.id}
    page = {"claim": ids.decode("clm", claim["id"]), "partner": None, "after": UUID(int=0), "most": 20}
    hot: dict[str, tuple[Executable, dict[str, Any]]] = {
        "one parcel": (parcels.ONE, tenant | {"parcel": parcel}),
        "a page of a claim's": (parcels.OF_CLAIM, tenant | page),
        "a partner's page": (parcels.OF_CLAIM, tenant | page | {"partner": "swift"}),
        "with all that was said": (parcels.WITH_WORDS, tenant | {"parcels": [parcel, alone]}),
        "the locks of claims": (parcels.LOCK_CLAIMS, tenant | {"parcels": [parcel, alone]}),
    }
    async with owner.transaction(depot.team.tenant.id) as db:
        point = await db.begin_nested()
        await db.execute(text("SET LOCAL statement_timeout = 0"))  # this is no request
        made = f"CREATE TEMP TABLE made AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, {MANY}) n"
        await db.execute(text(made))
        for statement in CROWD:
            await db.execute(text(statement), {"parcel": alone, "number": tracking})
        await db.execute(text("SET LOCAL enable_seqscan = off"))
        for table in (claim_legs, shipments, tracking_numbers, shipment_updates):
            await db.execute(text(f"ANALYZE {table.name}"))
        found = {name: await touched(db, statement, given) for name, (statement, given) in hot.items()}
        counted = text("SELECT count(*) OVER () FROM shipments WHERE tenant_id = :tenant")
        everything = await touched(db, counted, tenant)
        await point.rollback()

    assert max(found.values()) <= TOUCHED_AT_MOST, found
    assert everything > MANY, "the count does not count"
