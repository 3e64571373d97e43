"""The pinned policies: unchanged since they were pinned, and one behind every claim that was submitted."""

from collections.abc import Iterator

from claims_api.verify.actions.findings import Family, Kind, OfRows, ReadClaim, Violation
from claims_api.verify.queries import misplaced

CHANGED = Kind("pin-changed", "The body of a pinned policy does not have the hash it is known by.")
UNREADABLE = Kind("pin-unreadable", "A pinned policy is whole but is no policy this release can read.")
MISSING = Kind("pin-missing", "A claim was submitted and is pinned to no policy, or is pinned while a draft.")


def is_pinned(read: ReadClaim) -> Iterator[Violation]:
    """A claim is pinned when it is submitted."""
    if (read.stored.policy_id is None) is not (read.stored.claim.submitted_at is None):
        yield MISSING.at(read.id)


FAMILY = Family(
    "pinned policies: unchanged, and one behind every submitted claim",
    (CHANGED, UNREADABLE, MISSING),
    of_claim=(is_pinned,),
    of_rows=(OfRows(CHANGED, misplaced.CHANGED_PINS),),
)
