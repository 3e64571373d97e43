"""A claim and everything it owns, as frozen values."""

from dataclasses import dataclass
from datetime import date, datetime

from claims_api.domain.legs import Leg, goods_with
from claims_api.domain.money import Money
from claims_api.domain.vocabulary import (
    ActorKind,
    Appeal,
    ConsentVia,
    GoodsWith,
    Ground,
    HoldKind,
    LineDecision,
    RefusalReason,
    RemedyKind,
    RemedyState,
    SalesChannel,
    StartsWhen,
    Status,
    ground_of,
)


@dataclass(frozen=True)
class Actor:
    """Who acts; `ref` is opaque: staff's own reference, or the party's id of a customer."""

    kind: ActorKind
    ref: str | None = None


@dataclass(frozen=True)
class TextRef:
    """Free text by id and salted hash: the words stay erasable, the event that names them stays whole."""

    id: str
    hash: str


@dataclass(frozen=True)
class Consent:
    """The customer's recorded agreement to something they did not ask for."""

    via: ConsentVia
    at: datetime
    locale: str
    text: TextRef | None = None


@dataclass(frozen=True)
class Refusal:
    """Why a line is refused; `words` hold the clause, the facts and what would change it."""

    reason: RefusalReason
    words: TextRef


@dataclass(frozen=True)
class Line:
    """One thing claimed: what was filed, and what was decided about it.

    `paid` is what was paid for the whole line; `cure_attempts` counts the seller's repairs before this claim.
    `delivered_on` is the line's own day, else the order's; `sales_channel` is how the order was made. `is_awaited`: we
    asked for the goods, and have neither looked at them nor gone on without them.
    """

    position: int
    issue_code: str | None = None
    sku: str | None = None
    has_name: bool = False
    category: str | None = None
    requested_remedy: RemedyKind | None = None
    paid: Money | None = None
    quantity: int = 1
    cure_attempts: int = 0
    delivered_on: date | None = None
    sales_channel: SalesChannel | None = None
    is_awaited: bool = False
    decision: LineDecision = LineDecision.PENDING
    refusal: Refusal | None = None
    appeal_until: datetime | None = None

    @property
    def ground(self) -> Ground:
        """The ground the line stands on, derived from its issue."""
        return ground_of(self.issue_code)


@dataclass(frozen=True)
class Filing:
    """What a customer files; a draft may leave anything out."""

    region: str | None = None
    customer_id: str | None = None
    lines: tuple[Line, ...] = ()
    shipping_paid: Money | None = None


@dataclass(frozen=True)
class Hold:
    """Something stands still until the hold is released; `duplicate_of` names the claim it seems to repeat."""

    id: str
    kind: HoldKind
    reason: TextRef | None
    duplicate_of: str | None
    opened_at: datetime
    opened_by: Actor
    released_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has released it yet."""
        return self.released_at is None


@dataclass(frozen=True)
class Remedy:
    """One thing promised for one line; `amount` for remedies in money, `starts_when` for refunds only."""

    id: str
    position: int
    kind: RemedyKind
    state: RemedyState
    amount: Money | None = None
    starts_when: StartsWhen | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still owed."""
        return self.state is not RemedyState.COMPLETED


@dataclass(frozen=True)
class Claim:
    """The aggregate: `version` is the `seq` of its last event, `ended_at` is set while the work is over."""

    status: Status
    version: int
    region: str | None
    customer_id: str | None
    lines: tuple[Line, ...]
    shipping_paid: Money | None
    holds: tuple[Hold, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    appeal: Appeal = Appeal.NONE
    legs: tuple[Leg, ...] = ()
    assignee: str | None = None
    decided_by: Actor | None = None
    draft_until: datetime | None = None
    submitted_at: datetime | None = None
    reopen_until: datetime | None = None
    ended_at: datetime | None = None

    def line(self, position: int) -> Line:
        """The line at a position. Raises: KeyError."""
        for line in self.lines:
            if line.position == position:
                return line
        raise KeyError(position)

    @property
    def open_holds(self) -> tuple[Hold, ...]:
        """The holds nobody has released."""
        return tuple(hold for hold in self.holds if hold.is_open)

    @property
    def open_remedies(self) -> tuple[Remedy, ...]:
        """The remedies still owed."""
        return tuple(remedy for remedy in self.remedies if remedy.is_open)

    @property
    def goods_with(self) -> GoodsWith:
        """Who has the goods; of lines that fared differently, the one farthest from the customer."""
        return goods_with(self.legs, tuple(line.position for line in self.lines))

    def leg(self, shipment_id: str) -> Leg:
        """The leg of a shipment. Raises: KeyError."""
        for leg in self.legs:
            if leg.id == shipment_id:
                return leg
        raise KeyError(shipment_id)

    @property
    def appeal_until(self) -> datetime | None:
        """The last instant any refused line can be appealed."""
        return max((line.appeal_until for line in self.lines if line.appeal_until), default=None)
