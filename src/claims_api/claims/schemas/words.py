"""The closed lists of words only requests and answers use; public contract: never renamed, only added."""

from enum import StrEnum


class Channel(StrEnum):
    """Where the customer came in."""

    STOREFRONT = "storefront"
    MOBILE = "mobile"
    AGENT = "agent"
    PARTNER = "partner"
    PHONE = "phone"
    SERVICE_POINT = "service_point"


class CustomerKind(StrEnum):
    """Consumer law is for consumers."""

    CONSUMER = "consumer"
    BUSINESS = "business"


class SoldBy(StrEnum):
    """Who the contract is with."""

    US = "us"
    OTHER = "other"


class Condition(StrEnum):
    """What the goods were when they were sold."""

    NEW = "new"
    USED = "used"


class RequestedRemedy(StrEnum):
    """What a customer can ask for."""

    REPAIR = "repair"
    REPLACEMENT = "replacement"
    REFUND = "refund"
    PRICE_REDUCTION = "price_reduction"
    PARTS = "parts"
    RESHIPMENT = "reshipment"


class RepairedBy(StrEnum):
    """Who repaired it; only the seller's repairs count as attempts."""

    SELLER = "seller"
    OTHER = "other"


class IssueCode(StrEnum):
    """What is wrong; a tenant's own `x_...` codes come beside these."""

    DOES_NOT_SWITCH_ON = "does_not_switch_on"
    STOPS_WORKING = "stops_working"
    BROKEN_ON_ARRIVAL = "broken_on_arrival"
    DAMAGED_IN_TRANSIT = "damaged_in_transit"
    MISSING_PARTS = "missing_parts"
    WRONG_ITEM = "wrong_item"
    NOT_AS_DESCRIBED = "not_as_described"
    BATTERY = "battery"
    DISPLAY = "display"
    NOISE = "noise"
    LEAK = "leak"
    OVERHEATS = "overheats"
    COSMETIC = "cosmetic"
    SOFTWARE = "software"
    LOST_IN_TRANSIT = "lost_in_transit"
    CHANGED_MIND = "changed_mind"
    OTHER = "other"


class ClauseSource(StrEnum):
    """Which layer a refusal rests on."""

    STATUTORY = "statutory"
    STANDARD = "standard"
    TERMS = "terms"


class DecidedAs(StrEnum):
    """What a person can decide about a line; a withdrawal is accepted, never decided."""

    COVERED_STATUTORY = "covered_statutory"
    COVERED_WARRANTY = "covered_warranty"
    GOODWILL = "goodwill"
    NOT_COVERED = "not_covered"
