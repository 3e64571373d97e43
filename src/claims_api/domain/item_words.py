"""The closed lists of words for goods that were inspected; every value is public contract: never renamed."""

from enum import StrEnum


class ItemGrade(StrEnum):
    """In which state the goods were found, from best to worst."""

    UNUSED = "unused"
    LIKE_NEW = "like_new"
    USED = "used"
    WORN = "worn"
    BROKEN = "broken"


class FaultCause(StrEnum):
    """Where a fault comes from, as far as the inspection could tell; `no_fault_found` where there is none."""

    MANUFACTURING = "manufacturing"
    DESIGN = "design"
    WEAR_AND_TEAR = "wear_and_tear"
    MISUSE = "misuse"
    THIRD_PARTY_DAMAGE = "third_party_damage"
    TRANSIT_DAMAGE = "transit_damage"
    NO_FAULT_FOUND = "no_fault_found"
    UNKNOWN = "unknown"
