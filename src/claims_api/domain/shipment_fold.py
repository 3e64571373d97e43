"""A parcel's state: a fold over all that was ever said about it, in whatever order it came. Rules: docs/parcels.md."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from itertools import dropwhile

from claims_api.domain.shipment_words import (
    FINAL,
    MOVING,
    NO_SIGHT,
    RANK,
    ActionRequiredBy,
    AnomalyCode,
    DelayCause,
    ShipmentCondition,
    ShipmentStatus,
    Substatus,
    action_required_by,
    worse,
)
from claims_api.domain.shipments import Eta, Hashes, Proof, Update, dedupe_key

_STANDS_STILL = frozenset({Substatus.HELD, Substatus.INFO_NEEDED, Substatus.DUTY_DUE, Substatus.MISROUTED})
_NOT_FOUND = NO_SIGHT | {ShipmentStatus.LOST, ShipmentStatus.DESTROYED, ShipmentStatus.CANCELLED}


@dataclass(frozen=True, slots=True, order=True)
class Anomaly:
    """Something that does not fit: which status said so, and when that was."""

    occurred_at: datetime
    code: AnomalyCode
    status: ShipmentStatus


@dataclass(frozen=True, slots=True)
class Delay:
    """A parcel is late, and since when that has been known."""

    cause: DelayCause
    since: datetime


@dataclass(frozen=True, slots=True)
class Folded:
    """A parcel's state. `delivered_at` is there exactly while it is delivered; `is_returning` once it turned back."""

    status: ShipmentStatus = ShipmentStatus.PENDING
    substatus: Substatus | None = None
    condition: ShipmentCondition = ShipmentCondition.OK
    delay: Delay | None = None
    eta: Eta = field(default_factory=Eta)
    proof: Proof | None = None
    delivered_at: datetime | None = None
    is_returning: bool = False
    last_update_at: datetime | None = None
    anomalies: tuple[Anomaly, ...] = ()
    action_required_by: ActionRequiredBy = ActionRequiredBy.NONE


NOTHING_SAID = Folded()
"""A parcel before its first update."""


def fold(updates: Iterable[Update]) -> Folded:
    """The state that follows from all updates ever stored for a shipment; their order and number do not matter."""
    return fold_in_order(in_order(updates))


def fold_in_order(ordered: Sequence[Update]) -> Folded:
    """The same for updates that stand in order already, each once."""
    journey = reduce(_next, ordered, NOTHING_SAID)
    can_be_late = journey.status not in FINAL and journey.status is not ShipmentStatus.LOST
    return replace(
        journey,
        condition=reduce(worse, (update.condition for update in ordered if update.condition), ShipmentCondition.OK),
        delay=_delay(ordered) if can_be_late else None,
        eta=_eta(ordered),
        proof=next((update.proof for update in reversed(ordered) if update.proof), None),
        last_update_at=ordered[-1].occurred_at if ordered else None,
        anomalies=tuple(sorted({*journey.anomalies, *_found(ordered), *_repeats(ordered)})),
        action_required_by=action_required_by(journey.status, journey.substatus),
    )


def in_order(updates: Iterable[Update]) -> tuple[Update, ...]:
    """By instant, then rank, then content hash; what says the same twice is there once.

    An id used again for other words is no repeat: both stay, and the fold says so.
    """
    places = {place_of(update, Hashes.of(update)): update for update in updates}
    return tuple(places[place] for place in sorted(places))


def place_of(update: Update, hashes: Hashes) -> tuple[datetime, int, str, str, str]:
    """Where an update stands; equal only for those that say the same under the same id."""
    return update.occurred_at, RANK[update.status], hashes.content, hashes.statement, hashes.dedupe


def _next(now: Folded, update: Update) -> Folded:
    """The journey one update later: status, detail, delivery, and what does not fit."""
    said, journey = update.status, now
    if said is ShipmentStatus.DELIVERED and now.is_returning:
        # Sources that mix both words say "delivered" of a parcel that is back where it came from.
        said = ShipmentStatus.RETURNED_TO_SENDER
        journey = _odd(journey, update, AnomalyCode.DELIVERED_WHILE_RETURNING)
    if said is ShipmentStatus.UNKNOWN:
        return journey
    if now.status in FINAL:
        return _after_final(journey, update, said)
    if now.status is ShipmentStatus.LOST and said in NO_SIGHT:
        return journey  # a new label or a record that ended is no sight of the parcel
    return _arrive(journey, update, said)


def _after_final(now: Folded, update: Update, said: ShipmentStatus) -> Folded:
    if said is now.status:
        return replace(now, substatus=_detail(update, said) or now.substatus)
    if now.status is ShipmentStatus.DELIVERED and said is ShipmentStatus.RETURNING_TO_SENDER:
        return _arrive(now, update, said)
    if said in FINAL:
        return _odd(now, update, AnomalyCode.FINAL_AFTER_FINAL)
    is_lost = said is ShipmentStatus.LOST
    return _odd(now, update, AnomalyCode.LOST_AFTER_FINAL if is_lost else AnomalyCode.UPDATE_AFTER_FINAL)


def _arrive(now: Folded, update: Update, said: ShipmentStatus) -> Folded:
    return replace(
        now,
        status=said,
        substatus=_detail(update, said),
        delivered_at=update.occurred_at if said is ShipmentStatus.DELIVERED else None,
        is_returning=now.is_returning or said is ShipmentStatus.RETURNING_TO_SENDER,
    )


def _detail(update: Update, said: ShipmentStatus) -> Substatus | None:
    """The detail, unless the status was read as another one."""
    return update.substatus if said is update.status else None


def _odd(now: Folded, update: Update, code: AnomalyCode) -> Folded:
    return replace(now, anomalies=(*now.anomalies, Anomaly(update.occurred_at, code, update.status)))


def _delay(ordered: Sequence[Update]) -> Delay | None:
    """The flag rises with any update that says so; a normal scan of a later instant lowers it."""
    late = [update for update in ordered if update.delay]
    ended = [update.occurred_at for update in ordered if _is_normal_scan(update)]
    lasting = [update for update in late if not ended or update.occurred_at >= max(ended)]
    cause = lasting[-1].delay if lasting else None
    return Delay(cause, lasting[0].occurred_at) if cause else None


def _is_normal_scan(update: Update) -> bool:
    goes_on = update.status in MOVING | FINAL and update.substatus not in _STANDS_STILL
    return goes_on and update.delay is None


def _eta(ordered: Sequence[Update]) -> Eta:
    """The newest forecast as a whole, and the first promise there ever was."""
    forecasts = [update.eta for update in ordered if update.eta]
    stated = [eta for eta in forecasts if eta.p50 or eta.p90]
    promises = [eta.original for eta in forecasts if eta.original] or [eta.p50 for eta in forecasts if eta.p50]
    newest = stated[-1] if stated else Eta()
    return replace(newest, original=promises[0] if promises else None)


def _found(ordered: Sequence[Update]) -> tuple[Anomaly, ...]:
    """The first sight of a parcel after it was said to be lost."""
    since_lost = dropwhile(lambda update: update.status is not ShipmentStatus.LOST, ordered)
    seen = next((update for update in since_lost if update.status not in _NOT_FOUND), None)
    return (Anomaly(seen.occurred_at, AnomalyCode.FOUND_AFTER_LOST, seen.status),) if seen else ()


def _repeats(ordered: Sequence[Update]) -> tuple[Anomaly, ...]:
    """Ids of the sender that stand for several things; what is not understood says nothing else."""
    said: dict[str, Update] = {}
    odd = []
    for update in ordered:
        if update.sender_event_id and update.status is not ShipmentStatus.UNKNOWN:
            first = said.setdefault(dedupe_key(update), update)
            if (first.occurred_at, first.status) != (update.occurred_at, update.status):
                odd.append(Anomaly(update.occurred_at, AnomalyCode.REPEAT_DIFFERS, update.status))
    return tuple(odd)
