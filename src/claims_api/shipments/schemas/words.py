"""The closed lists of words only requests and answers of parcels use; public contract: never renamed, only added."""

from enum import StrEnum


class UpdateResult(StrEnum):
    """What became of one update of a batch."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    UNMATCHED = "unmatched"
    REJECTED = "rejected"
