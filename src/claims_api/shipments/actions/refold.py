"""Parcels folded anew from all that was said of them, and what follows for their claims."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.access.actions import Caller
from claims_api.claims.actions.tidings import SYSTEM, Tiding, tell
from claims_api.domain.commands import Command, ReceiveItem, ReportItemLost
from claims_api.domain.leg_events import told, with_return_to_an_end
from claims_api.domain.shipment_effects import EffectKind, ShipmentEffect, effects
from claims_api.domain.shipment_fold import Folded, fold_in_order
from claims_api.shipments.queries import parcels
from claims_api.shipments.queries.records import StoredShipment

PARCELS_BETWEEN_PAUSES = 25
_STEPS: dict[EffectKind, Command] = {
    EffectKind.RECEIVE_ITEM: ReceiveItem(SYSTEM),
    EffectKind.REPORT_ITEM_LOST: ReportItemLost(SYSTEM),
}


async def refold(db: AsyncConnection, caller: Caller, shipment_ids: Iterable[UUID], now: datetime) -> None:
    """Stores the state of each parcel and tells its claim what is new; the caller holds the locks of the claims."""
    folded = 0
    states: dict[UUID, Folded] = {}
    tidings: dict[UUID, list[Tiding]] = defaultdict(list)
    async for stored, said in parcels.parcels_with_words(db, caller.tenant_id, shipment_ids):
        folded += 1
        if folded % PARCELS_BETWEEN_PAUSES == 0:
            await asyncio.sleep(0)  # others of this process have their turn while 500 parcels are folded
        after = fold_in_order(said)
        if after != stored.folded:
            states[stored.id] = after
            tidings[stored.claim_id] += _tidings(stored, after, now)
    await tell(db, caller, {claim: news for claim, news in tidings.items() if news}, now)
    await parcels.save_states(db, caller.tenant_id, states, now)


def _tidings(stored: StoredShipment, after: Folded, now: datetime) -> list[Tiding]:
    leg = stored.leg
    found = effects(stored.folded, after, leg.direction, leg.purpose, leg.acted)
    found = with_return_to_an_end(leg, found, after)
    if not found:
        return []
    drafts = told(leg.id, found, after)
    is_delivered_now = after.delivered_at != stored.folded.delivered_at
    happened_at = min((after.delivered_at if is_delivered_now else None) or after.last_update_at or now, now)
    return [Tiding(lambda _claim: drafts, happened_at, _step(found))]


def _step(found: Iterable[ShipmentEffect]) -> Command | None:
    return next((_STEPS[effect.kind] for effect in found if effect.kind in _STEPS), None)
