"""What a claim is told of its parcels, written as the service itself writes it: events, and the state they lead to."""

from typing import Any

from claims_api.claims.actions.record import Words, Written, changed_rows, head_of, write_on
from claims_api.claims.queries import read, store
from claims_api.claims.queries.records import stored_claim
from claims_api.domain.answers import EventDraft, Refused
from claims_api.domain.chain import Stamp, head_after
from claims_api.domain.claim import Actor, Claim
from claims_api.domain.leg_events import record_receipt, register, told
from claims_api.domain.legs import Leg, Receipt
from claims_api.domain.shipment_effects import EffectKind, ShipmentEffect
from claims_api.domain.shipment_fold import Folded
from claims_api.domain.shipment_words import ReceiptOutcome, ShipmentDirection, ShipmentPurpose, ShipmentStatus
from claims_api.domain.vocabulary import ActorKind
from claims_api.kit import clock, ids
from tests.conftest import Tenant

KINDS = {ShipmentStatus.DELIVERED: EffectKind.DELIVERED, ShipmentStatus.LOST: EffectKind.LOST}


async def tell_of_parcel(
    tenant: Tenant,
    claim: dict[str, Any],
    words: str = "",
    purpose: ShipmentPurpose = ShipmentPurpose.RETURN,
    partner: str | None = None,
) -> str:
    """Registers a parcel of the claim; then each word is told of it: a status, or (with `!`) what was found in it."""
    shipment = ids.encode("shp", ids.new_uuid())
    is_return = purpose is ShipmentPurpose.RETURN
    direction = ShipmentDirection.INBOUND if is_return else ShipmentDirection.OUTBOUND
    leg = Leg(id=shipment, direction=direction, purpose=purpose, partner=partner)
    await _write(tenant, claim["id"], leg, words.split())
    return shipment


def _said(claim: Claim, shipment: str, word: str) -> tuple[EventDraft, ...]:
    if word.endswith("!"):
        said = record_receipt(claim, shipment, Receipt(ReceiptOutcome(word[:-1])), None)
        assert not isinstance(said, Refused)
        return said
    status = ShipmentStatus(word)
    effect = ShipmentEffect(KINDS.get(status, EffectKind.UPDATED), status)
    return told(shipment, (effect,), Folded(status=status))


async def _write(tenant: Tenant, claim: str, leg: Leg, words: list[str]) -> None:
    claim_id, now = ids.decode("clm", claim), clock.now()
    assert claim_id is not None
    async with tenant.app.state.database.transaction(tenant.id) as db:
        row = await read.claim_row(db, tenant.id, claim_id)
        assert row is not None
        stored = stored_claim(row._mapping)
        stamp = Stamp(Actor(ActorKind.SYSTEM), now, now)
        begun = register(stored.claim, leg)
        assert not isinstance(begun, Refused), begun
        written = write_on(stored.claim, begun, head_of(stored), stamp)
        for word in words:
            more = write_on(written.claim, _said(written.claim, leg.id, word), head_after(written.events[-1]), stamp)
            written = Written(more.claim, (*written.events, *more.events))
        rows = changed_rows(row._mapping, written, Words(tenant.id, claim_id, now))
        assert await store.store_change(db, tenant.id, claim_id, stored.claim.version, rows)
