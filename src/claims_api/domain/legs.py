"""A claim's legs, as its own events tell of them, and what follows from them: who has the goods."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from claims_api.domain.shipment_words import (
    AttentionReason,
    Disposition,
    ReceiptOutcome,
    ShipmentCondition,
    ShipmentDirection,
    ShipmentPurpose,
    ShipmentStatus,
)
from claims_api.domain.vocabulary import GoodsWith

NOTHING_CAME = frozenset({ReceiptOutcome.EMPTY_BOX, ReceiptOutcome.NOT_RECEIVED})
"""A parcel was opened, or should have been, and the goods were not in it."""

IN_PART = frozenset({ReceiptOutcome.PARTIAL, ReceiptOutcome.MISSING_PARTS, ReceiptOutcome.WRONG_ITEM})
"""Something came, and not all that was asked for."""

_FARTHEST_FIRST = (GoodsWith.US, GoodsWith.NOBODY, GoodsWith.CARRIER, GoodsWith.CUSTOMER)
_GONE = frozenset({ShipmentStatus.LOST, ShipmentStatus.DESTROYED})
_CAME_TO_NOTHING = frozenset({ShipmentStatus.CANCELLED, ShipmentStatus.RETURNED_TO_SENDER})
_ON_THE_WAY = frozenset(
    {
        ShipmentStatus.PICKED_UP,
        ShipmentStatus.IN_TRANSIT,
        ShipmentStatus.CUSTOMS,
        ShipmentStatus.OUT_FOR_DELIVERY,
        ShipmentStatus.AVAILABLE_FOR_PICKUP,
        ShipmentStatus.DELIVERY_ATTEMPT_FAILED,
        ShipmentStatus.EXCEPTION,
        ShipmentStatus.RETURNING_TO_SENDER,
    }
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was found in a parcel; `may_be_kept`: the customer agreed that the goods do not come back to them."""

    outcome: ReceiptOutcome
    disposition: Disposition | None = None
    may_be_kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One leg of a claim's goods: what the claim was told of it, which is less than its carrier says.

    `acted` has each status the claim's history tells of, for each is told once; `flags` call for a person until the
    parcel's receipt is recorded. `partner` is who handles it, None for the brand; no `positions` means all lines.
    """

    id: str
    direction: ShipmentDirection
    purpose: ShipmentPurpose
    partner: str | None = None
    positions: tuple[int, ...] = ()
    status: ShipmentStatus = ShipmentStatus.PENDING
    condition: ShipmentCondition = ShipmentCondition.OK
    acted: frozenset[ShipmentStatus] = frozenset()
    flags: frozenset[AttentionReason] = frozenset()
    receipt: Receipt | None = None

    @property
    def is_return(self) -> bool:
        """It brings the customer's goods to us."""
        return self.direction is ShipmentDirection.INBOUND and self.purpose is ShipmentPurpose.RETURN

    @property
    def is_way_back(self) -> bool:
        """It brings the customer's goods back to them."""
        return self.direction is ShipmentDirection.OUTBOUND and self.purpose is ShipmentPurpose.REPAIR_RETURN

    @property
    def has_arrived(self) -> bool:
        """The parcel is where it should go; what was found in it outweighs what its carrier says."""
        if self.receipt:
            return self.receipt.outcome not in NOTHING_CAME
        return self.status is ShipmentStatus.DELIVERED

    @property
    def is_under_way(self) -> bool:
        """A carrier had it and nobody said how that ended."""
        return self.status in _ON_THE_WAY or bool(self.acted & _ON_THE_WAY)

    @property
    def has_set_out(self) -> bool:
        """The goods have left where they were, whatever became of them."""
        return self.is_under_way or self.has_arrived or self.status in _GONE

    @property
    def has_failed(self) -> bool:
        """It will not bring the goods: they are gone, they went back, or nobody ever handed them over."""
        is_unused = self.status is ShipmentStatus.EXPIRED and not self.is_under_way
        return is_unused or self.status in _GONE | _CAME_TO_NOTHING

    def carries(self, position: int) -> bool:
        """Whether it moves the goods the line at this position is about; a replacement, a part, a loan do not."""
        return (self.is_return or self.is_way_back) and (not self.positions or position in self.positions)


def goods_with(legs: Sequence[Leg], positions: Iterable[int]) -> GoodsWith:
    """Who has the goods of these lines; of lines that fared differently, the one farthest from the customer."""
    found = places(legs, positions).values()
    return next((place for place in _FARTHEST_FIRST if place in found), GoodsWith.CUSTOMER)


def places(legs: Sequence[Leg], positions: Iterable[int]) -> Mapping[int, GoodsWith]:
    """Who has the goods of each line. Every leg is read after the one registered before it."""
    found = dict.fromkeys(positions, GoodsWith.CUSTOMER)
    for leg in legs:
        for position in found:
            if leg.carries(position):
                found[position] = _after(leg, found[position])
    return found


def returns_of(legs: Iterable[Leg], position: int) -> tuple[Leg, ...]:
    """The legs that bring the goods of a line to us, or did, since the customer last got them back."""
    legs = _since_last(legs, position, lambda leg: leg.is_way_back and leg.has_arrived)
    return tuple(leg for leg in legs if leg.is_return)


def has_way_back(legs: Iterable[Leg], position: int) -> bool:
    """Whether a leg brings the goods of a line back to the customer; the way back of an earlier round is none."""
    legs = _since_last(legs, position, lambda leg: leg.is_return and leg.has_set_out)
    return any(leg.is_way_back and not leg.has_failed for leg in legs)


def _since_last(legs: Iterable[Leg], position: int, is_turn: Callable[[Leg], bool]) -> Sequence[Leg]:
    """The legs of a line that were registered after the last one with which its goods turned round."""
    since: list[Leg] = []
    for leg in legs:
        if leg.carries(position):
            since = [] if is_turn(leg) else [*since, leg]
    return since


def _after(leg: Leg, before: GoodsWith) -> GoodsWith:
    end = GoodsWith.US if leg.is_return else GoodsWith.CUSTOMER
    if leg.receipt:
        return end if leg.has_arrived else GoodsWith.NOBODY
    if leg.status is ShipmentStatus.DELIVERED:
        return end
    if leg.status in _GONE:
        return GoodsWith.NOBODY
    if leg.status in _CAME_TO_NOTHING:
        return before  # of two parcels of one line the one that went back does not bring the other one home
    return GoodsWith.CARRIER if leg.is_under_way else before
