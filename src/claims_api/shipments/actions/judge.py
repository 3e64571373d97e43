"""One update as it was sent: what it says, or why it cannot be kept."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from prometheus_client import Counter
from pydantic import ValidationError

from claims_api.domain.shipment_words import DelayCause, ShipmentCondition, ShipmentStatus, substatus_of
from claims_api.domain.shipments import (
    Eta,
    Hashes,
    ParcelKey,
    Proof,
    Update,
    instant_of,
    is_from_the_future,
    parcel_key,
)
from claims_api.kit.problems import InputError
from claims_api.kit.strict import body_fault
from claims_api.shipments.schemas.updates import UpdateHeard

unknown_words = Counter("claims_shipment_words_unknown_total", "Updates whose status we do not know.", ["carrier"])
CARRIERS_COUNTED = 50  # by name; those met later are counted as one
_counted: set[str] = set()
Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class Judged:
    """An update that can be kept: whose parcel it is about, and what tells it apart."""

    key: ParcelKey
    update: Update
    hashes: Hashes
    written: tuple[str, str]


def judge(index: int, sent: object, partner: str, now: datetime) -> Judged | InputError:
    """The update at a place of the batch, or its first fault; unknown words are no fault."""
    try:
        heard = UpdateHeard.model_validate(sent)
    except ValidationError as error:
        return _first_fault(index, error, sent)
    at = f"/updates/{index}"
    when = _when(heard)
    if isinstance(when, InputError):
        return InputError(at + when.pointer, when.code, when.detail)
    update = _update(heard, when, now)
    if is_from_the_future(update):
        return InputError(f"{at}/occurred_at", "in-the-future", "This lies a day or more ahead.")
    key = parcel_key(partner, heard.carrier, heard.tracking_number)
    if update.status is ShipmentStatus.UNKNOWN and heard.status != ShipmentStatus.UNKNOWN:
        _count_unknown(key.carrier)
    return Judged(key, update, Hashes.of(update), (heard.carrier, heard.tracking_number))


def _first_fault(index: int, error: ValidationError, sent: object) -> InputError:
    fault = error.errors(include_url=False, include_input=False)[0]
    found = body_fault(fault, fault["loc"], sent)
    return InputError(f"/updates/{index}{found.pointer}", found.code, found.detail)


def _when(heard: UpdateHeard) -> datetime | InputError:
    """The instant; a wall clock keeps its zone and is never taken for UTC."""
    if heard.occurred_at is not None:
        return heard.occurred_at
    if heard.local_time is None:
        return InputError("/occurred_at", "missing", "Send `occurred_at`, or `local_time` with its `zone`.")
    if heard.zone is None:
        return InputError("/zone", "missing", "A local time needs the zone its clock hangs in.")
    try:
        return instant_of(heard.local_time, heard.zone)
    except ValueError:
        return InputError("/zone", "zone-unknown", "Name a zone of the IANA time zone database, or +HH:MM.")


def _update(heard: UpdateHeard, occurred_at: datetime, now: datetime) -> Update:
    status = _word(ShipmentStatus, heard.status) or ShipmentStatus.UNKNOWN
    is_local = heard.occurred_at is None
    return Update(
        carrier=heard.carrier,
        tracking_number=heard.tracking_number,
        occurred_at=occurred_at,
        received_at=now,
        status=status,
        sender_event_id=heard.event_id,
        local_time=heard.local_time if is_local else None,
        zone=heard.zone if is_local else None,
        substatus=substatus_of(status, heard.substatus),
        condition=_word(ShipmentCondition, heard.condition),
        delay=(_word(DelayCause, heard.delay) or DelayCause.UNSPECIFIED) if heard.delay else None,
        eta=Eta(heard.eta.p50, heard.eta.p90, heard.eta.original) if heard.eta else None,
        proof=Proof(heard.proof.type, heard.proof.url, heard.proof.signed_by) if heard.proof else None,
        location=heard.location,
        raw_code=heard.raw_code or (heard.status if status is ShipmentStatus.UNKNOWN else None),
    )


def _word(kind: type[Word], text: str | None) -> Word | None:
    return next((word for word in kind if word == text), None)


def _count_unknown(carrier: str) -> None:
    """Labels are bounded: a sender may name as many carriers as it likes."""
    if len(_counted) < CARRIERS_COUNTED:
        _counted.add(carrier)
    unknown_words.labels(carrier if carrier in _counted else "other").inc()
