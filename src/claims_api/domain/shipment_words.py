"""The closed lists of words a parcel is described with; every value is public contract: never renamed, only added."""

from collections.abc import Mapping
from enum import StrEnum


class ShipmentDirection(StrEnum):
    """Which way a leg goes: inbound comes to us or to our repairer, outbound goes to the customer."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class ShipmentPurpose(StrEnum):
    """What a leg carries; only an inbound `return` carries the goods the claim is about."""

    RETURN = "return"
    REPLACEMENT = "replacement"
    PARTS = "parts"
    REPAIR_RETURN = "repair_return"
    RESHIPMENT = "reshipment"
    LOAN = "loan"


class ShipmentStatus(StrEnum):
    """Where a parcel is, in the order of rank: of two updates of one instant the later word of this list counts."""

    PENDING = "pending"
    LABEL_CREATED = "label_created"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    CUSTOMS = "customs"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    DELIVERY_ATTEMPT_FAILED = "delivery_attempt_failed"
    EXCEPTION = "exception"
    RETURNING_TO_SENDER = "returning_to_sender"
    DELIVERED = "delivered"
    RETURNED_TO_SENDER = "returned_to_sender"
    LOST = "lost"
    DESTROYED = "destroyed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


RANK: Mapping[ShipmentStatus, int] = {status: rank for rank, status in enumerate(ShipmentStatus)}

FINAL = frozenset(
    {
        ShipmentStatus.DELIVERED,
        ShipmentStatus.RETURNED_TO_SENDER,
        ShipmentStatus.DESTROYED,
        ShipmentStatus.CANCELLED,
    }
)
"""The journey is over; only a delivered parcel can set out again, back to its sender."""

NO_SIGHT = frozenset(
    {ShipmentStatus.PENDING, ShipmentStatus.LABEL_CREATED, ShipmentStatus.EXPIRED, ShipmentStatus.UNKNOWN}
)
"""Words about the carrier's record, not about the parcel: nobody saw it."""

MOVING = frozenset(
    {
        ShipmentStatus.PICKED_UP,
        ShipmentStatus.IN_TRANSIT,
        ShipmentStatus.CUSTOMS,
        ShipmentStatus.OUT_FOR_DELIVERY,
        ShipmentStatus.AVAILABLE_FOR_PICKUP,
        ShipmentStatus.RETURNING_TO_SENDER,
    }
)
"""Normal scans: the parcel goes on, so a delay is over."""


class Substatus(StrEnum):
    """The detail below a status; which word goes with which status is `SUBSTATUSES`."""

    INVALID_NUMBER = "invalid_number"
    AWAITING_HANDOVER = "awaiting_handover"
    PICKUP_FAILED = "pickup_failed"
    COLLECTED = "collected"
    DROPPED_OFF = "dropped_off"
    ARRIVED_AT_FACILITY = "arrived_at_facility"
    DEPARTED_FACILITY = "departed_facility"
    ARRIVED_IN_COUNTRY = "arrived_in_country"
    CUSTOMS_CLEARED = "customs_cleared"
    HANDED_OVER = "handed_over"
    REDIRECTED = "redirected"
    MISROUTED = "misrouted"
    REPACKED = "repacked"
    DELIVERY_SCHEDULED = "delivery_scheduled"
    PROCESSING = "processing"
    HELD = "held"
    INFO_NEEDED = "info_needed"
    DUTY_DUE = "duty_due"
    RECIPIENT_CONTACTED = "recipient_contacted"
    APPOINTMENT_MADE = "appointment_made"
    PICKUP_POINT = "pickup_point"
    POST_OFFICE = "post_office"
    CARRIER_DEPOT = "carrier_depot"
    NOBODY_THERE = "nobody_there"
    BUSINESS_CLOSED = "business_closed"
    NO_ACCESS = "no_access"
    IDENTIFICATION_FAILED = "identification_failed"
    WRONG_ADDRESS = "wrong_address"
    RESCHEDULED = "rescheduled"
    LAST_ATTEMPT = "last_attempt"
    REFUSED = "refused"
    ADDRESS = "address"
    PAYMENT = "payment"
    UNCLAIMED = "unclaimed"
    PROHIBITED = "prohibited"
    UNDELIVERABLE = "undeliverable"
    REJECTED_BY_CARRIER = "rejected_by_carrier"
    STALLED = "stalled"
    DOOR = "door"
    NEIGHBOUR = "neighbour"
    SAFE_PLACE = "safe_place"
    RECEPTION = "reception"
    PO_BOX = "po_box"
    PICKUP_DONE = "pickup_done"
    COD = "cod"
    PRESUMED = "presumed"
    STOLEN = "stolen"


_LISTED: Mapping[ShipmentStatus, str] = {
    ShipmentStatus.PENDING: "invalid_number",
    ShipmentStatus.LABEL_CREATED: "awaiting_handover pickup_failed",
    ShipmentStatus.PICKED_UP: "collected dropped_off",
    ShipmentStatus.IN_TRANSIT: "arrived_at_facility departed_facility arrived_in_country customs_cleared handed_over "
    "redirected misrouted repacked delivery_scheduled",
    ShipmentStatus.CUSTOMS: "processing held info_needed duty_due",
    ShipmentStatus.OUT_FOR_DELIVERY: "recipient_contacted appointment_made",
    ShipmentStatus.AVAILABLE_FOR_PICKUP: "pickup_point post_office carrier_depot",
    ShipmentStatus.DELIVERY_ATTEMPT_FAILED: "nobody_there business_closed no_access identification_failed "
    "wrong_address rescheduled last_attempt",
    ShipmentStatus.EXCEPTION: "refused address held payment unclaimed prohibited undeliverable rejected_by_carrier "
    "stalled",
    ShipmentStatus.RETURNING_TO_SENDER: "refused unclaimed undeliverable",
    ShipmentStatus.DELIVERED: "door neighbour safe_place reception po_box pickup_done cod",
    ShipmentStatus.LOST: "presumed stolen",
}

SUBSTATUSES: Mapping[ShipmentStatus, frozenset[Substatus]] = {
    status: frozenset(map(Substatus, _LISTED.get(status, "").split())) for status in ShipmentStatus
}


def substatus_of(status: ShipmentStatus, word: str | None) -> Substatus | None:
    """The word if it is one of the status's, else None: an unknown detail is known by its status alone."""
    return next((known for known in SUBSTATUSES[status] if known == word), None)


class ShipmentCondition(StrEnum):
    """What the goods look like, from best to worst: `opened` still has all of them, `partial` lacks some."""

    OK = "ok"
    OPENED = "opened"
    PARTIAL = "partial"
    DAMAGED = "damaged"


_WORSE: Mapping[ShipmentCondition, int] = {condition: place for place, condition in enumerate(ShipmentCondition)}


def worse(one: ShipmentCondition, other: ShipmentCondition) -> ShipmentCondition:
    """The worse of two conditions."""
    return max(one, other, key=_WORSE.__getitem__)


class ActionRequiredBy(StrEnum):
    """Whose act the carrier waits for."""

    RECIPIENT = "recipient"
    SENDER = "sender"
    NONE = "none"


class DelayCause(StrEnum):
    """Why a parcel is late."""

    CARRIER = "carrier"
    WEATHER = "weather"
    CUSTOMS = "customs"
    EXTERNAL = "external"
    UNSPECIFIED = "unspecified"


class ProofType(StrEnum):
    """How the handing over is shown."""

    SIGNATURE = "signature"
    PHOTO = "photo"
    CODE = "code"
    IDENTITY_CHECK = "identity_check"
    DOCUMENT = "document"


class ReceiptOutcome(StrEnum):
    """What was in the parcel when it was opened."""

    AS_EXPECTED = "as_expected"
    PARTIAL = "partial"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    EMPTY_BOX = "empty_box"
    MISSING_PARTS = "missing_parts"
    NOT_RECEIVED = "not_received"


class Disposition(StrEnum):
    """What becomes of goods that came back."""

    RESTOCK = "restock"
    REFURBISH = "refurbish"
    PARTS = "parts"
    SCRAP = "scrap"
    RETURN_TO_VENDOR = "return_to_vendor"
    RETURN_TO_CUSTOMER = "return_to_customer"


class AttentionReason(StrEnum):
    """Why a person has to look."""

    DAMAGED = "damaged"
    PARTIAL = "partial"
    FOUND = "found"
    NOT_COMING = "not_coming"
    CONTRADICTION = "contradiction"


class AnomalyCode(StrEnum):
    """What in a parcel's updates does not fit together."""

    UPDATE_AFTER_FINAL = "update_after_final"
    FINAL_AFTER_FINAL = "final_after_final"
    LOST_AFTER_FINAL = "lost_after_final"
    DELIVERED_WHILE_RETURNING = "delivered_while_returning"
    FOUND_AFTER_LOST = "found_after_lost"
    REPEAT_DIFFERS = "repeat_differs"


_WHOSE_TURN: Mapping[str, ActionRequiredBy] = {
    "available_for_pickup": ActionRequiredBy.RECIPIENT,
    "delivery_attempt_failed": ActionRequiredBy.RECIPIENT,
    "customs/info_needed": ActionRequiredBy.RECIPIENT,
    "customs/duty_due": ActionRequiredBy.RECIPIENT,
    "exception/address": ActionRequiredBy.RECIPIENT,
    "exception/payment": ActionRequiredBy.RECIPIENT,
    "exception/unclaimed": ActionRequiredBy.RECIPIENT,
    "pending/invalid_number": ActionRequiredBy.SENDER,
    "label_created/pickup_failed": ActionRequiredBy.SENDER,
    "exception/refused": ActionRequiredBy.SENDER,
    "exception/prohibited": ActionRequiredBy.SENDER,
    "exception/undeliverable": ActionRequiredBy.SENDER,
    "exception/rejected_by_carrier": ActionRequiredBy.SENDER,
}


def action_required_by(status: ShipmentStatus, substatus: Substatus | None) -> ActionRequiredBy:
    """Whose act the carrier waits for."""
    by_status = _WHOSE_TURN.get(status, ActionRequiredBy.NONE)
    return _WHOSE_TURN.get(f"{status}/{substatus}", by_status)
