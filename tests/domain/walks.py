"""Claims to which anything was done that can be done, in any order, for the tests of what always holds."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

from hypothesis import strategies as st
from stories import (
    AGENT,
    CONSENT,
    CONTEXT,
    CUSTOMER,
    FILING,
    KETTLE,
    NOW,
    PARTNER,
    REFUSAL,
    SHIRT,
    SUPERVISOR,
    SYSTEM,
    TOASTER,
    WORDS,
    Story,
    awaiting_item,
    in_remedy,
    under_inspection,
    under_review,
    whatever_is_said,
)

from claims_api.domain.answers import Refused
from claims_api.domain.claim import Actor, Claim
from claims_api.domain.commands import (
    AcceptWithdrawal,
    Approve,
    Assign,
    Cancel,
    Close,
    Command,
    ItemFinding,
    LikelyDuplicate,
    LineOutcome,
    LineRefusal,
    Note,
    OpenHold,
    ReceiveItem,
    RecordFindings,
    Reject,
    ReleaseHold,
    Reopen,
    ReportItemLost,
    RequireItem,
    Resolve,
    SaveDraft,
    StartReview,
    Submit,
    WaiveItem,
    Withdraw,
)
from claims_api.domain.decide import decide
from claims_api.domain.evolve import evolve, fold
from claims_api.domain.item_words import FaultCause, ItemGrade
from claims_api.domain.leg_events import register
from claims_api.domain.legs import Leg, Receipt
from claims_api.domain.money import Money
from claims_api.domain.shipment_words import ReceiptOutcome, ShipmentDirection, ShipmentPurpose, ShipmentStatus
from claims_api.domain.standard import CostBearer
from claims_api.domain.transitions import ROWS
from claims_api.domain.vocabulary import (
    ENDED,
    ActorKind,
    CancelReason,
    HoldKind,
    LineDecision,
    RemedyKind,
    Status,
    Transition,
)

actors = st.sampled_from([CUSTOMER, AGENT, SUPERVISOR, SYSTEM, PARTNER, Actor(ActorKind.ADMIN)])
filings = st.builds(
    replace,
    st.just(FILING),
    lines=st.sampled_from(
        [
            (KETTLE,),
            (KETTLE, TOASTER),
            (KETTLE, replace(TOASTER, paid=None)),
            (SHIRT, replace(SHIRT, position=2, paid=Money(5000, "EUR"))),
            (KETTLE, replace(SHIRT, position=2)),
        ]
    ),
    shipping_paid=st.sampled_from([None, Money(490, "EUR"), Money(490, "CHF")]),
)
amounts = st.none() | st.builds(Money, st.integers(1, 15000), st.sampled_from(["EUR", "EUR", "CHF"]))
hold_ids = st.sampled_from(["hld_0", "hld_1"])
receipts = st.builds(Receipt, st.sampled_from(ReceiptOutcome), st.none(), st.booleans())
statuses = st.sampled_from(ShipmentStatus)
beginnings = st.sampled_from(
    [Story(), under_review(KETTLE, TOASTER), awaiting_item(), in_remedy(TOASTER), under_inspection()]
)
as_hoped: st.SearchStrategy[ShipmentStatus | Receipt] = st.sampled_from(
    [ShipmentStatus.DELIVERED, Receipt(ReceiptOutcome.AS_EXPECTED)]
)
news = as_hoped | as_hoped | statuses | receipts


def outcomes_of(position: int) -> st.SearchStrategy[LineOutcome]:
    given_to = st.builds(
        LineOutcome,
        position=st.just(position),
        decision=st.sampled_from([LineDecision.COVERED_STATUTORY, LineDecision.GOODWILL]),
        remedy_id=st.uuids().map(str),
        remedy=st.sampled_from([RemedyKind.REFUND, RemedyKind.PRICE_REDUCTION, RemedyKind.REPAIR]),
        amount=amounts,
        consent=st.just(CONSENT),
    )
    return given_to | st.just(LineOutcome(position, LineDecision.NOT_COVERED, "rem_0", refusal=REFUSAL))


def findings_of(position: int) -> st.SearchStrategy[ItemFinding]:
    return st.builds(
        ItemFinding, st.just(position), st.sampled_from(ItemGrade), st.sampled_from(FaultCause), words=st.just(WORDS)
    )


@cache
def asking(transition: Transition, actor: Actor, positions: range) -> st.SearchStrategy[Command]:
    """Any command of a transition, about these lines."""
    by = st.just(actor)
    some = st.sampled_from([(), *((each,) for each in positions)])
    of_transition: dict[Transition, st.SearchStrategy[Command]] = {
        Transition.DRAFT: st.builds(SaveDraft, by, filings),
        Transition.SUBMIT: st.builds(Submit, by, filings),
        Transition.START_REVIEW: st.builds(StartReview, by),
        Transition.REQUIRE_ITEM: st.builds(RequireItem, by, st.sampled_from(CostBearer), some),
        Transition.RECEIVE_ITEM: st.builds(ReceiveItem, by, st.booleans()),
        Transition.REPORT_ITEM_LOST: st.builds(ReportItemLost, by),
        Transition.WAIVE_ITEM: st.builds(WaiveItem, by),
        Transition.RECORD_FINDINGS: st.builds(RecordFindings, by, st.tuples(*map(findings_of, positions))),
        Transition.ACCEPT_WITHDRAWAL: st.builds(
            AcceptWithdrawal, by, st.tuples(*(st.uuids().map(str) for _ in positions))
        ),
        Transition.APPROVE: st.builds(Approve, by, st.tuples(*map(outcomes_of, positions))),
        Transition.REJECT: st.builds(Reject, by, st.just(tuple(LineRefusal(each, REFUSAL) for each in positions))),
        Transition.RESOLVE: st.builds(Resolve, by),
        Transition.CLOSE: st.builds(Close, by),
        Transition.REOPEN: st.builds(Reopen, by, st.none() | st.just(WORDS)),
        Transition.WITHDRAW: st.builds(Withdraw, by),
        Transition.CANCEL: st.builds(Cancel, by, st.sampled_from(CancelReason)),
        Transition.HOLD: st.builds(OpenHold, by, hold_ids, st.sampled_from(HoldKind), st.just(WORDS)),
        Transition.RELEASE: st.builds(ReleaseHold, by, hold_ids, st.just(WORDS)),
        Transition.ASSIGN: st.builds(Assign, by, st.none() | st.just("bob")),
        Transition.NOTE: st.builds(Note, by, st.just(WORDS)),
    }
    return of_transition[transition]


# Walks get far when most steps go forward; the others are asked by anybody, at any time, about anything.
FORWARD = {
    Transition.START_REVIEW: AGENT,
    Transition.REQUIRE_ITEM: AGENT,
    Transition.RECEIVE_ITEM: PARTNER,
    Transition.RECORD_FINDINGS: PARTNER,
    Transition.WAIVE_ITEM: PARTNER,
    Transition.ACCEPT_WITHDRAWAL: AGENT,
    Transition.APPROVE: AGENT,
    Transition.REJECT: AGENT,
    Transition.RESOLVE: AGENT,
    Transition.CLOSE: CUSTOMER,
    Transition.REOPEN: CUSTOMER,
    Transition.WITHDRAW: CUSTOMER,
    Transition.CANCEL: AGENT,
}


def forward(claim: Claim | None) -> list[Transition]:
    """The steps that lead on from here: what is held is released first, what is settled is taken up again."""
    if claim is None or claim.status is Status.DRAFT:
        return [Transition.SUBMIT]
    if claim.open_holds and claim.status not in ENDED:
        return [Transition.RELEASE]
    return [row.transition for row in ROWS if row.transition in FORWARD and claim.status in row.sources]


def parcel_news(draw: st.DrawFn, story: Story, claim: Claim) -> Story:
    """One thing a claim is told of a parcel: mostly of its way to us and back, and half of the time as one hopes."""
    known = [leg.id for leg in claim.legs]
    is_of_a_known_one = draw(st.sampled_from([False, True, True]))
    if known and is_of_a_known_one:
        return whatever_is_said(story, draw(st.sampled_from(known)), draw(news))
    direction, purpose = draw(
        st.sampled_from(
            [
                (ShipmentDirection.INBOUND, ShipmentPurpose.RETURN),
                (ShipmentDirection.INBOUND, ShipmentPurpose.RETURN),
                (ShipmentDirection.OUTBOUND, ShipmentPurpose.REPAIR_RETURN),
                (ShipmentDirection.OUTBOUND, ShipmentPurpose.REPLACEMENT),
            ]
        )
    )
    positions = draw(st.sampled_from([(), (1,)]))
    leg = Leg(id=f"shp_{len(known):02}", direction=direction, purpose=purpose, positions=positions)
    begun = register(claim, leg)
    return story if isinstance(begun, Refused) else story.told(begun, SYSTEM, NOW)


@st.composite
def walks(draw: st.DrawFn) -> Story:
    context = replace(CONTEXT, likely_duplicate=draw(st.none() | st.just(LikelyDuplicate("clm_0", "hld_0"))))
    story, at = draw(beginnings), NOW
    claim = fold(story.events)
    for _ in range(draw(st.integers(4, 18))):
        before = len(story.events)
        if claim and claim.submitted_at and draw(st.integers(0, 9)) < 4:
            story = parcel_news(draw, story, claim)
        else:
            at += timedelta(days=draw(st.sampled_from([0, 0, 1, 40])))
            command = any_step(draw, claim)
            answer = decide(claim, command, context, at)
            if not isinstance(answer, Refused):
                story = story.told(answer, command.actor, at)
        for event in story.events[before:]:
            claim = evolve(claim, event)
    return story


def any_step(draw: st.DrawFn, claim: Claim | None) -> Command:
    """Mostly one that leads on, else any at all."""
    ahead = forward(claim) if draw(st.integers(0, 9)) < 6 else []
    transition = draw(st.sampled_from(ahead or list(Transition)))
    actor = FORWARD.get(transition, AGENT) if ahead else draw(actors)
    return draw(asking(transition, actor, range(1, len(claim.lines if claim else ()) + 1)))
