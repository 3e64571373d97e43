"""Where a claim stands: what its status says of the times on its row."""

from collections.abc import Iterator

from claims_api.domain.claim import Claim
from claims_api.domain.number import is_valid_number
from claims_api.domain.vocabulary import ENDED, Status
from claims_api.verify.actions.findings import Family, Kind, ReadClaim, Violation

ENDED_AT = Kind("ended-at-wrong", "A claim that ended says when, and no other one does.")
SUBMITTED_AT = Kind("submitted-at-wrong", "A claim beyond its draft says when it was submitted; a draft does not.")
POSITIONS = Kind("positions-wrong", "The lines of a claim are counted from 1 without a gap.")
NUMBER = Kind("number-wrong", "The check character of a claim's number does not fit.")


def stands_as_its_status_says(read: ReadClaim) -> Iterator[Violation]:
    """The times on the row fit its status."""
    claim = read.stored.claim
    if (claim.status in ENDED) is not (claim.ended_at is not None):
        yield ENDED_AT.at(read.id, claim.status)
    if not _is_submitted_as_it_says(claim):
        yield SUBMITTED_AT.at(read.id, claim.status)
    if [line.position for line in claim.lines] != list(range(1, len(claim.lines) + 1)):
        yield POSITIONS.at(read.id)
    if not is_valid_number(read.stored.number):
        yield NUMBER.at(read.id)


def _is_submitted_as_it_says(claim: Claim) -> bool:
    if claim.status is Status.CANCELLED:  # as a draft, or later
        return True
    return (claim.submitted_at is None) is (claim.status is Status.DRAFT)


FAMILY = Family(
    "status and times of each claim, its lines, its number",
    (ENDED_AT, SUBMITTED_AT, POSITIONS, NUMBER),
    of_claim=(stands_as_its_status_says,),
)
