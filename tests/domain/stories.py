"""Claims brought to each status by commands alone, for the tests of the domain."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from claims_api.domain.answers import EventDraft, Refused
from claims_api.domain.chain import Event, Head, Stamp, head_after, seal
from claims_api.domain.claim import Actor, Claim, Consent, Filing, Line, Refusal, TextRef
from claims_api.domain.commands import (
    Approve,
    Cancel,
    Close,
    Command,
    Context,
    LineOutcome,
    LineRefusal,
    OpenHold,
    Reject,
    Resolve,
    SaveDraft,
    StartReview,
    Submit,
    Windows,
    Withdraw,
)
from claims_api.domain.decide import decide
from claims_api.domain.evolve import fold
from claims_api.domain.money import Money
from claims_api.domain.vocabulary import (
    ActorKind,
    CancelReason,
    ConsentVia,
    HoldKind,
    LineDecision,
    RefusalReason,
    RemedyKind,
    Status,
)

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
CONTEXT = Context(Windows(appeal_days=30, draft_days=30, reopen_days=30, reopen_withdrawn_days=14), ("Europe/Berlin",))
# Midnight in Berlin at the end of 24 December and of 8 December 2026.
IN_30_DAYS = datetime(2026, 12, 24, 23, tzinfo=UTC)
IN_14_DAYS = datetime(2026, 12, 8, 23, tzinfo=UTC)

CUSTOMER = Actor(ActorKind.CUSTOMER, "party-1")
AGENT = Actor(ActorKind.AGENT, "anna")
SUPERVISOR = Actor(ActorKind.SUPERVISOR, "sven")
SYSTEM = Actor(ActorKind.SYSTEM)

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
FILING = Filing(region="DE", customer_id="party-1", lines=(KETTLE,))


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


def drafted(filing: Filing = FILING) -> Story:
    return Story().then(SaveDraft(CUSTOMER, filing))


def submitted(*lines: Line, shipping_paid: Money | None = None) -> Story:
    filing = replace(FILING, lines=lines or FILING.lines, shipping_paid=shipping_paid)
    return Story().then(Submit(CUSTOMER, filing))


def under_review(*lines: Line, shipping_paid: Money | None = None) -> Story:
    return submitted(*lines, shipping_paid=shipping_paid).then(StartReview(AGENT))


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
    Status.IN_REMEDY: in_remedy,
    Status.RESOLVED: resolved,
    Status.REJECTED: rejected,
    Status.CLOSED: closed,
    Status.WITHDRAWN: withdrawn,
    Status.CANCELLED: cancelled,
}
