"""What a change of a parcel's state means for its claim: events to write, a step to try, or a person to call."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from claims_api.domain.shipment_fold import Folded
from claims_api.domain.shipment_words import (
    RANK,
    AnomalyCode,
    AttentionReason,
    ShipmentCondition,
    ShipmentDirection,
    ShipmentPurpose,
    ShipmentStatus,
)


class EffectKind(StrEnum):
    """Five events of the claim's history, two steps that its own table allows or refuses, a call for a person."""

    UPDATED = "updated"
    DELAYED = "delayed"
    DAMAGED = "damaged"
    DELIVERED = "delivered"
    LOST = "lost"
    RECEIVE_ITEM = "receive_item"
    REPORT_ITEM_LOST = "report_item_lost"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class ShipmentEffect:
    """One consequence; with a `status` it comes once per claim, shipment and status, and is then `acted` upon."""

    kind: EffectKind
    status: ShipmentStatus | None = None
    reason: AttentionReason | None = None


Acted: TypeAlias = frozenset[ShipmentStatus]

_EVENTS = {ShipmentStatus.DELIVERED: EffectKind.DELIVERED, ShipmentStatus.LOST: EffectKind.LOST}
_STEPS = {
    ShipmentStatus.DELIVERED: EffectKind.RECEIVE_ITEM,
    ShipmentStatus.LOST: EffectKind.REPORT_ITEM_LOST,
    ShipmentStatus.DESTROYED: EffectKind.REPORT_ITEM_LOST,
}
_NOT_COMING = frozenset({ShipmentStatus.RETURNED_TO_SENDER, ShipmentStatus.CANCELLED})
_CONTRADICTIONS = frozenset({AnomalyCode.FINAL_AFTER_FINAL, AnomalyCode.LOST_AFTER_FINAL})
_BAD = {
    ShipmentCondition.DAMAGED: AttentionReason.DAMAGED,
    ShipmentCondition.PARTIAL: AttentionReason.PARTIAL,
}


def effects(
    before: Folded,
    after: Folded,
    direction: ShipmentDirection,
    purpose: ShipmentPurpose,
    acted: Acted = frozenset(),
) -> tuple[ShipmentEffect, ...]:
    """What follows from a parcel's new state, in the order it is to be done.

    `acted` has every status that an effect of this shipment carried before (`acted_after`). A leg moves its claim once
    at most: what would be a second step calls a person, so a parcel lost and found never leads to two remedies.
    """
    events = _events(before, after, acted)
    if direction is ShipmentDirection.INBOUND and purpose is ShipmentPurpose.RETURN:
        return (*events, *_steps(before, after, acted), *_calls(before, after, acted))
    return events


def acted_after(acted: Acted, done: Iterable[ShipmentEffect]) -> Acted:
    """The statuses acted upon, once these effects are."""
    return acted | {effect.status for effect in done if effect.status}


def _events(before: Folded, after: Folded, acted: Acted) -> tuple[ShipmentEffect, ...]:
    events = []
    if _is_new(before, after, acted):
        events.append(ShipmentEffect(_EVENTS.get(after.status, EffectKind.UPDATED), after.status))
    elif before.status is ShipmentStatus.LOST and _is_found(before, after):
        # "In transit" was in the history before "lost" was; without this the history would end with the loss.
        events.append(ShipmentEffect(EffectKind.UPDATED, reason=AttentionReason.FOUND))
    if after.condition is ShipmentCondition.DAMAGED is not before.condition:
        events.append(ShipmentEffect(EffectKind.DAMAGED))
    if after.delay and not before.delay:
        events.append(ShipmentEffect(EffectKind.DELAYED))
    return tuple(events)


def _steps(before: Folded, after: Folded, acted: Acted) -> tuple[ShipmentEffect, ...]:
    """The step that the item's arrival or loss is, or a person where the leg had one already."""
    if not _is_new(before, after, acted):
        return ()
    step, status = _STEPS.get(after.status), after.status
    if step and not acted & _STEPS.keys():
        return (ShipmentEffect(step, status),)
    if step:
        return (ShipmentEffect(EffectKind.ATTENTION, status, AttentionReason.CONTRADICTION),)
    if status in _NOT_COMING:
        return (ShipmentEffect(EffectKind.ATTENTION, status, AttentionReason.NOT_COMING),)
    return ()


def _calls(before: Folded, after: Folded, acted: Acted) -> tuple[ShipmentEffect, ...]:
    """What a person has to know although the claim does not move."""
    calls = []
    if after.condition is not before.condition and after.condition in _BAD:
        calls.append(ShipmentEffect(EffectKind.ATTENTION, reason=_BAD[after.condition]))
    if _is_found(before, after) and ShipmentStatus.LOST in acted:
        calls.append(ShipmentEffect(EffectKind.ATTENTION, reason=AttentionReason.FOUND))
    contradicted = _contradicted(after) - _contradicted(before) - acted - {after.status}
    for status in sorted(contradicted, key=RANK.__getitem__):
        calls.append(ShipmentEffect(EffectKind.ATTENTION, status, AttentionReason.CONTRADICTION))
    return tuple(calls)


def _is_new(before: Folded, after: Folded, acted: Acted) -> bool:
    return after.status is not before.status and after.status not in acted


def _is_found(before: Folded, after: Folded) -> bool:
    return _was_found(after) and not _was_found(before) and after.status is not ShipmentStatus.LOST


def _was_found(folded: Folded) -> bool:
    return any(anomaly.code is AnomalyCode.FOUND_AFTER_LOST for anomaly in folded.anomalies)


def _contradicted(folded: Folded) -> frozenset[ShipmentStatus]:
    """Statuses said of a parcel whose journey was over with another one."""
    return frozenset(anomaly.status for anomaly in folded.anomalies if anomaly.code in _CONTRADICTIONS)
