"""What a claim's history tells of its parcels, and the legs that follow from it."""

from collections.abc import Iterable
from dataclasses import replace

from claims_api.domain.answers import Data, Decided, EventDraft, EventType, Refused
from claims_api.domain.claim import Claim, TextRef
from claims_api.domain.legs import Leg, Receipt
from claims_api.domain.shipment_effects import EffectKind, ShipmentEffect
from claims_api.domain.shipment_fold import Folded
from claims_api.domain.shipment_words import (
    FINAL,
    AttentionReason,
    Disposition,
    ReceiptOutcome,
    ShipmentCondition,
    ShipmentDirection,
    ShipmentPurpose,
    ShipmentStatus,
)
from claims_api.domain.wire import integers, maybe_string, optional, string, text_data

MOST_LEGS = 100
_ENDS = FINAL | {ShipmentStatus.LOST}
_TOLD = {
    EffectKind.UPDATED: EventType.SHIPMENT_UPDATED,
    EffectKind.DELAYED: EventType.SHIPMENT_DELAYED,
    EffectKind.DAMAGED: EventType.SHIPMENT_DAMAGED,
    EffectKind.DELIVERED: EventType.SHIPMENT_DELIVERED,
    EffectKind.LOST: EventType.SHIPMENT_LOST,
}
LEG_EVENTS = (
    EventType.SHIPMENT_REGISTERED,
    *_TOLD.values(),
    EventType.SHIPMENT_FLAGGED,
    EventType.SHIPMENT_RECEIPT_RECORDED,
)


def register(claim: Claim, leg: Leg) -> Decided:
    """A leg begins; a draft has none, for nobody has claimed anything yet."""
    if claim.submitted_at is None:
        return Refused("never-submitted")
    if len(claim.legs) >= MOST_LEGS:
        return Refused("too-many-legs")
    known = {line.position for line in claim.lines}
    if unknown := [position for position in leg.positions if position not in known]:
        return Refused("no-such-line", {"position": unknown[0]})
    data: Data = {
        "shipment_id": leg.id,
        "direction": leg.direction.value,
        "purpose": leg.purpose.value,
        "partner": leg.partner,
        "positions": list(leg.positions),
    }
    return (EventDraft(EventType.SHIPMENT_REGISTERED, data),)


def told(shipment_id: str, effects: Iterable[ShipmentEffect], after: Folded) -> tuple[EventDraft, ...]:
    """The events of a parcel's effects, in their order; the steps among the effects are no events of the parcel."""
    drafts = []
    for effect in effects:
        if effect.kind is EffectKind.ATTENTION:
            drafts.append(_flag(shipment_id, effect))
        elif effect.kind in _TOLD:
            drafts.append(EventDraft(_TOLD[effect.kind], _state(shipment_id, effect, after)))
    return tuple(drafts)


def with_return_to_an_end(leg: Leg, effects: tuple[ShipmentEffect, ...], after: Folded) -> tuple[ShipmentEffect, ...]:
    """The effects, and an event where a status acted upon before is the parcel's again (lost, seen, lost).

    Without it the claim's history would keep the goods where they were in between.
    """
    is_told = any(effect.kind in _TOLD for effect in effects)
    is_elsewhere = leg.status is not after.status and {leg.status, after.status} & _ENDS
    return effects if is_told or not is_elsewhere else (ShipmentEffect(EffectKind.UPDATED), *effects)


def record_receipt(claim: Claim, shipment_id: str, receipt: Receipt, words: TextRef | None) -> Decided:
    """A parcel was opened, or was not there to be opened. A second look replaces the first; the history has both."""
    if claim.leg(shipment_id).direction is not ShipmentDirection.INBOUND:
        return Refused("leg-not-inbound")
    data: Data = {
        "shipment_id": shipment_id,
        "outcome": receipt.outcome.value,
        "disposition": optional(str, receipt.disposition),
        "may_be_kept": receipt.may_be_kept,
        "words": optional(text_data, words),
    }
    return (EventDraft(EventType.SHIPMENT_RECEIPT_RECORDED, data),)


def changed_legs(legs: tuple[Leg, ...], event: EventType, data: Data) -> tuple[Leg, ...]:
    """The legs after an event that tells of one of them."""
    shipment_id = string(data, "shipment_id")
    if event is EventType.SHIPMENT_REGISTERED:
        # By id, which grows with time: two registered at once are in one order, here and in a table.
        return tuple(sorted((*legs, _begun(data)), key=lambda leg: leg.id))
    return tuple(_changed(leg, event, data) if leg.id == shipment_id else leg for leg in legs)


def _state(shipment_id: str, effect: ShipmentEffect, after: Folded) -> Data:
    return {
        "shipment_id": shipment_id,
        "status": after.status.value,
        "substatus": optional(str, after.substatus),
        "condition": after.condition.value,
        "delay": after.delay.cause.value if after.delay else None,
        "acted": optional(str, effect.status),
        "reason": optional(str, effect.reason),
    }


def _flag(shipment_id: str, effect: ShipmentEffect) -> EventDraft:
    data: Data = {
        "shipment_id": shipment_id,
        "reason": optional(str, effect.reason),
        "acted": optional(str, effect.status),
    }
    return EventDraft(EventType.SHIPMENT_FLAGGED, data)


def _begun(data: Data) -> Leg:
    return Leg(
        id=string(data, "shipment_id"),
        direction=ShipmentDirection(string(data, "direction")),
        purpose=ShipmentPurpose(string(data, "purpose")),
        partner=maybe_string(data, "partner"),
        positions=integers(data, "positions"),
    )


def _changed(leg: Leg, event: EventType, data: Data) -> Leg:
    if event is EventType.SHIPMENT_RECEIPT_RECORDED:
        return replace(leg, receipt=_receipt(data), flags=frozenset())  # a person has looked
    acted = maybe_string(data, "acted")
    leg = replace(leg, acted=leg.acted | {ShipmentStatus(acted)}) if acted else leg
    if event is EventType.SHIPMENT_FLAGGED:
        return replace(leg, flags=leg.flags | {AttentionReason(string(data, "reason"))})
    condition = ShipmentCondition(string(data, "condition"))
    return replace(leg, status=ShipmentStatus(string(data, "status")), condition=condition)


def _receipt(data: Data) -> Receipt:
    disposition = maybe_string(data, "disposition")
    return Receipt(
        outcome=ReceiptOutcome(string(data, "outcome")),
        disposition=Disposition(disposition) if disposition else None,
        may_be_kept=data["may_be_kept"] is True,
    )
