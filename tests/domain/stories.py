"""Claims brought to each status by commands alone, for the tests of the domain."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from claims_api.domain.answers import Decided, EventDraft, Refused
from claims_api.domain.calendars import DayTable, WorkingCalendar
from claims_api.domain.chain import Event, Head, Stamp, head_after, seal
from claims_api.domain.claim import Actor, Claim, Consent, Filing, Line, Refusal, TextRef
from claims_api.domain.commands import (
    AcceptWithdrawal,
    Approve,
    Cancel,
    Close,
    Command,
    Context,
    LineOutcome,
    LineRefusal,
    OpenHold,
    ReceiveItem,
    Reject,
    RequireItem,
    Resolve,
    SaveDraft,
    StartReview,
    Submit,
    Windows,
    Withdraw,
)
from claims_api.domain.decide import decide
from claims_api.domain.evolve import fold
from claims_api.domain.leg_events import record_receipt, register, told
from claims_api.domain.legs import Leg, Receipt
from claims_api.domain.money import Money
from claims_api.domain.policy_law import Span
from claims_api.domain.policy_words import Unit
from claims_api.domain.shipment_effects import EffectKind, ShipmentEffect
from claims_api.domain.shipment_fold import Folded
from claims_api.domain.shipment_words import ReceiptOutcome, ShipmentDirection, ShipmentPurpose, ShipmentStatus
from claims_api.domain.standard import CostBearer
from claims_api.domain.vocabulary import (
    ActorKind,
    CancelReason,
    ConsentVia,
    Ground,
    HoldKind,
    LineDecision,
    RefusalReason,
    RemedyKind,
    SalesChannel,
    StartsWhen,
    Status,
)
from claims_api.domain.withdrawals import Right, WithdrawalLaw

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
CONTEXT = Context(Windows(appeal_days=30, draft_days=30, reopen_days=30, reopen_withdrawn_days=14), ("Europe/Berlin",))
# Midnight in Berlin at the end of 24 December and of 8 December 2026.
IN_30_DAYS = datetime(2026, 12, 24, 23, tzinfo=UTC)
IN_14_DAYS = datetime(2026, 12, 8, 23, tzinfo=UTC)

CUSTOMER = Actor(ActorKind.CUSTOMER, "party-1")
AGENT = Actor(ActorKind.AGENT, "anna")
SUPERVISOR = Actor(ActorKind.SUPERVISOR, "sven")
SYSTEM = Actor(ActorKind.SYSTEM)
PARTNER = Actor(ActorKind.PARTNER, "pia")

WORDS = TextRef("txt_1", "ab" * 32)
CONSENT = Consent(ConsentVia.PHONE, NOW, "de-DE", WORDS)
REFUSAL = Refusal(RefusalReason.MISUSE, WORDS)
PRICE = Money(12900, "EUR")
KETTLE = Line(
    position=1,
    issue_code="does_not_switch_on",
    sku="KTL-2",
    category="small_appliances",
    requested_remedy=RemedyKind.REFUND,
    paid=PRICE,
)
TOASTER = replace(KETTLE, position=2, sku="TST-1", requested_remedy=RemedyKind.REPAIR, paid=Money(5000, "EUR"))
SHIRT = replace(
    KETTLE,
    issue_code="changed_mind",
    sku="SHT-1",
    category="clothing",
    delivered_on=date(2026, 11, 12),
    sales_channel=SalesChannel.DISTANCE,
)
"""Bought at a distance and not wanted."""
FILING = Filing(region="DE", customer_id="party-1", lines=(KETTLE,))

WORKDAYS = WorkingCalendar(frozenset({"sat", "sun"}), {2026: DayTable(), 2027: DayTable()})
RIGHT_OF_14_DAYS = WithdrawalLaw(
    right=Right.GIVEN,
    span=Span(14, Unit.CALENDAR_DAYS),
    law="act",
    source="Act, section 1",
    may_decide=True,
    calendar=WORKDAYS,
    is_weekend_known=True,
    zones=CONTEXT.zones,
)
WAITS = {Ground.DEFECT: StartsWhen.NOW, Ground.DELIVERY: StartsWhen.NOW, Ground.WITHDRAWAL: StartsWhen.RECEIVED}
UNDER_LAW = replace(CONTEXT, withdrawal=RIGHT_OF_14_DAYS, refund_starts_when=WAITS)
LATE = replace(SHIRT, delivered_on=date(2026, 11, 9))  # 23 November, a Monday, was the last day
SHOES = replace(SHIRT, position=2, sku="SHS-1", paid=Money(5000, "EUR"))
IN_DOUBT: dict[str, tuple[Line, WithdrawalLaw]] = {
    "late": (LATE, RIGHT_OF_14_DAYS),
    "no day of delivery": (replace(SHIRT, delivered_on=None), RIGHT_OF_14_DAYS),
    "bought in a shop": (replace(SHIRT, sales_channel=SalesChannel.IN_STORE), RIGHT_OF_14_DAYS),
    "nobody knows how it was bought": (replace(SHIRT, sales_channel=None), RIGHT_OF_14_DAYS),
    "goods a person looks at": (replace(SHIRT, category="perishables"), RIGHT_OF_14_DAYS),
    "no category": (replace(SHIRT, category=None), RIGHT_OF_14_DAYS),
    "a law in doubt": (SHIRT, replace(RIGHT_OF_14_DAYS, may_decide=False)),
    "a law that hangs on the day of the contract": (
        SHIRT,
        replace(RIGHT_OF_14_DAYS, may_decide=False, assumed=("contract_date",)),
    ),
    "no law": (SHIRT, WithdrawalLaw(right=Right.NONE, zones=CONTEXT.zones)),
    "a law nobody established": (SHIRT, WithdrawalLaw()),
}
"""Withdrawals that are not surely owed, and why; all but the first are not surely late either."""


@dataclass(frozen=True)
class Story:
    """A claim and the events that made it."""

    events: tuple[Event, ...] = ()

    @property
    def claim(self) -> Claim:
        claim = fold(self.events)
        assert claim is not None
        return claim

    @property
    def head(self) -> Head:
        return head_after(self.events[-1]) if self.events else Head("ten_1", "clm_1")

    def ask(self, command: Command, at: datetime = NOW, context: Context = CONTEXT) -> tuple[EventDraft, ...] | Refused:
        return decide(fold(self.events), command, context, at)

    def then(self, command: Command, at: datetime = NOW, context: Context = CONTEXT) -> "Story":
        answer = self.ask(command, at, context)
        assert not isinstance(answer, Refused), answer
        return self.told(answer, command.actor, at)

    def told(self, drafts: tuple[EventDraft, ...], actor: Actor, at: datetime) -> "Story":
        events = self.events
        for draft in drafts:
            before = Story(events)
            events = (*events, seal(draft, f"evt_{before.head.seq + 1}", before.head, Stamp(actor, at, at)))
        return Story(events)

    def refusal(self, command: Command, at: datetime = NOW, context: Context = CONTEXT) -> Refused:
        answer = self.ask(command, at, context)
        assert isinstance(answer, Refused), answer
        return answer


def covered(line: Line, **changes: object) -> LineOutcome:
    """The line gets what was asked, unless the test says otherwise."""
    outcome = LineOutcome(
        line.position, LineDecision.COVERED_STATUTORY, f"rem_{line.position}", remedy=line.requested_remedy
    )
    return replace(outcome, **changes)  # type: ignore[arg-type]  # the names are checked by replace itself


def refused(line: Line) -> LineOutcome:
    return LineOutcome(line.position, LineDecision.NOT_COVERED, "rem_unused", refusal=REFUSAL)


def accepting(lines: int = 1, by: Actor = AGENT) -> AcceptWithdrawal:
    return AcceptWithdrawal(by, tuple(f"rem_{n}" for n in range(1, lines + 1)))


def drafted(filing: Filing = FILING) -> Story:
    return Story().then(SaveDraft(CUSTOMER, filing))


def submitted(*lines: Line, shipping_paid: Money | None = None) -> Story:
    filing = replace(FILING, lines=lines or FILING.lines, shipping_paid=shipping_paid)
    return Story().then(Submit(CUSTOMER, filing))


def return_leg(leg_id: str = "shp_1", *positions: int) -> Leg:
    """A parcel that brings the customer's goods to us."""
    return Leg(id=leg_id, direction=ShipmentDirection.INBOUND, purpose=ShipmentPurpose.RETURN, positions=positions)


def way_back(leg_id: str = "shp_2", *positions: int) -> Leg:
    """A parcel that brings the customer's goods back to them."""
    return Leg(
        id=leg_id, direction=ShipmentDirection.OUTBOUND, purpose=ShipmentPurpose.REPAIR_RETURN, positions=positions
    )


def sent(story: Story, leg: Leg, *words: ShipmentStatus | ReceiptOutcome | Receipt) -> Story:
    """The parcel is registered, then this is said of it: by its carrier (statuses), or when it is opened (receipts)."""
    return said(story.told(agreed(register(story.claim, leg)), SYSTEM, NOW), leg.id, *words)


def agreed(decided: Decided) -> tuple[EventDraft, ...]:
    """The events of a decision that is no refusal."""
    assert not isinstance(decided, Refused), decided
    return decided


def said(story: Story, leg_id: str, *words: ShipmentStatus | ReceiptOutcome | Receipt) -> Story:
    """What is said of a parcel that is known already."""
    for word in words:
        if isinstance(word, ShipmentStatus):
            kinds = {ShipmentStatus.DELIVERED: EffectKind.DELIVERED, ShipmentStatus.LOST: EffectKind.LOST}
            effect = ShipmentEffect(kinds.get(word, EffectKind.UPDATED), word)
            drafts = told(leg_id, (effect,), Folded(status=word))
        else:
            receipt = word if isinstance(word, Receipt) else Receipt(word)
            drafts = agreed(record_receipt(story.claim, leg_id, receipt, None))
        story = story.told(drafts, SYSTEM, NOW)
    return story


def whatever_is_said(story: Story, leg_id: str, word: ShipmentStatus | ReceiptOutcome | Receipt) -> Story:
    """The same, but nobody records what a customer receives: that is left out."""
    is_outbound = story.claim.leg(leg_id).direction is ShipmentDirection.OUTBOUND
    return story if is_outbound and not isinstance(word, ShipmentStatus) else said(story, leg_id, word)


def under_review(*lines: Line, shipping_paid: Money | None = None) -> Story:
    return submitted(*lines, shipping_paid=shipping_paid).then(StartReview(AGENT))


def awaiting_item(*lines: Line) -> Story:
    return under_review(*lines).then(RequireItem(AGENT, CostBearer.SELLER))


def under_inspection(*lines: Line) -> Story:
    """All goods came in one parcel, and somebody recorded so."""
    story = sent(awaiting_item(*lines), return_leg(), ShipmentStatus.DELIVERED, ReceiptOutcome.AS_EXPECTED)
    return story.then(ReceiveItem(AGENT))


def in_remedy(*lines: Line) -> Story:
    story = under_review(*lines)
    return story.then(Approve(AGENT, tuple(covered(line) for line in story.claim.lines)))


def resolved(*lines: Line) -> Story:
    return in_remedy(*lines).then(Resolve(AGENT))


def rejected(*lines: Line) -> Story:
    story = under_review(*lines)
    refusals = tuple(LineRefusal(line.position, REFUSAL) for line in story.claim.lines)
    return story.then(Reject(AGENT, refusals))


def closed() -> Story:
    return resolved().then(Close(CUSTOMER))


def withdrawn() -> Story:
    return submitted().then(Withdraw(CUSTOMER))


def cancelled() -> Story:
    return submitted().then(Cancel(AGENT, CancelReason.TEST))


def held(story: Story, kind: HoldKind) -> Story:
    return story.then(OpenHold(AGENT, f"hld_{kind}", kind, WORDS))


IN_STATUS: dict[Status, Callable[[], Story]] = {
    Status.DRAFT: drafted,
    Status.SUBMITTED: submitted,
    Status.UNDER_REVIEW: under_review,
    Status.AWAITING_ITEM: awaiting_item,
    Status.UNDER_INSPECTION: under_inspection,
    Status.IN_REMEDY: in_remedy,
    Status.RESOLVED: resolved,
    Status.REJECTED: rejected,
    Status.CLOSED: closed,
    Status.WITHDRAWN: withdrawn,
    Status.CANCELLED: cancelled,
}
