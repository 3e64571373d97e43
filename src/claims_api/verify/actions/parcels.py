"""Parcels: each is the fold of all that was said of it, and its claim was told of each status once."""

from collections import Counter
from collections.abc import Iterator

from claims_api.domain.claim import Claim
from claims_api.domain.guards import goods_are_accounted_for
from claims_api.domain.leg_events import LEG_EVENTS
from claims_api.domain.shipment_fold import fold
from claims_api.domain.shipments import Hashes
from claims_api.domain.vocabulary import ENDED, ActorKind, Status
from claims_api.domain.wire import maybe_string, string
from claims_api.kit import ids
from claims_api.verify.actions.comparing import differences
from claims_api.verify.actions.findings import Family, Kind, ReadClaim, Violation
from claims_api.verify.queries.parcels import Parcel

PARCEL_DIFFERS = Kind("parcel-differs", "A parcel is not the one that everything said of it makes.")
UPDATE_CHANGED = Kind("update-changed", "An update does not say what it said when it was stored.")
TOLD_TWICE = Kind("told-twice", "A claim was told twice of one status of one parcel.")
UNACCOUNTED = Kind("goods-unaccounted", "A claim came to rest while the customer's goods were unaccounted for.")

_AT_REST = ENDED | {Status.RESOLVED}


def is_what_was_said(parcel: Parcel) -> Iterator[Violation]:
    """The stored state follows from the stored updates, whatever their order; each is what its hashes say."""
    row = ids.encode("shp", parcel.stored.id)
    for update, hashes in parcel.said:
        if Hashes.of(update) != hashes:
            yield UPDATE_CHANGED.at(row, f"stored as {hashes.statement}")
    paths = list(differences(fold(update for update, _ in parcel.said), parcel.stored.folded))
    if paths:
        yield PARCEL_DIFFERS.at(row, ", ".join(paths))


def is_told_once(read: ReadClaim) -> Iterator[Violation]:
    """At most one event per parcel and status acts on a claim (a status told again only corrects where a parcel is)."""
    acted = Counter(
        (string(event.data, "shipment_id"), status)
        for event in read.log
        if event.type in LEG_EVENTS and (status := maybe_string(event.data, "acted"))
    )
    for (shipment, status), times in acted.items():
        if times > 1:
            yield TOLD_TWICE.at(read.id, f"{shipment} {status} {times} times")


def rests_with_its_goods(read: ReadClaim) -> Iterator[Violation]:
    """Whenever the claim came to rest, its goods were with the customer, on their way to them, or given up."""
    before: Claim | None = None
    for event, claim in zip(read.log, read.states, strict=False):
        comes_to_rest = claim.status in _AT_REST and (before is None or before.status is not claim.status)
        if comes_to_rest and goods_are_accounted_for(claim, ActorKind.SYSTEM, event.recorded_at):
            yield UNACCOUNTED.at(read.place(event), claim.status)
        before = claim


FAMILY = Family(
    "parcels: each is the sum of what was said of it, and its claim was told once; goods are accounted for",
    (PARCEL_DIFFERS, UPDATE_CHANGED, TOLD_TWICE, UNACCOUNTED),
    of_claim=(is_told_once, rests_with_its_goods),
)
