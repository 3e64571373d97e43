"""Whatever is asked of a claim, in whatever order: its history tells its state, and its promises hold."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stories import (
    AGENT,
    CONSENT,
    CONTEXT,
    CUSTOMER,
    FILING,
    KETTLE,
    NOW,
    REFUSAL,
    SHIRT,
    SUPERVISOR,
    SYSTEM,
    TOASTER,
    WORDS,
    Story,
    in_remedy,
    rejected,
)

from claims_api.domain.answers import EventType, Refused
from claims_api.domain.ceilings import COUNTED, ceiling
from claims_api.domain.chain import Event, Fault, canonical_json, check_chain
from claims_api.domain.claim import Actor, Claim
from claims_api.domain.commands import (
    AcceptWithdrawal,
    Approve,
    Assign,
    Cancel,
    Close,
    Command,
    LikelyDuplicate,
    LineOutcome,
    LineRefusal,
    Note,
    OpenHold,
    Reject,
    ReleaseHold,
    Reopen,
    Resolve,
    SaveDraft,
    StartReview,
    Submit,
    Withdraw,
)
from claims_api.domain.evolve import evolve, fold
from claims_api.domain.money import Money
from claims_api.domain.transitions import ROWS, STATUS_AFTER
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

actors = st.sampled_from([CUSTOMER, AGENT, SUPERVISOR, SYSTEM, Actor(ActorKind.PARTNER, "p"), Actor(ActorKind.ADMIN)])
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


hold_ids = st.sampled_from(["hld_0", "hld_1"])


def asking(transition: Transition, actor: Actor, positions: range) -> st.SearchStrategy[Command]:
    """Any command of a transition, about these lines."""
    by = st.just(actor)
    of_transition: dict[Transition, st.SearchStrategy[Command]] = {
        Transition.DRAFT: st.builds(SaveDraft, by, filings),
        Transition.SUBMIT: st.builds(Submit, by, filings),
        Transition.START_REVIEW: st.builds(StartReview, by),
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
    Transition.ACCEPT_WITHDRAWAL: AGENT,
    Transition.APPROVE: AGENT,
    Transition.REJECT: AGENT,
    Transition.RESOLVE: AGENT,
    Transition.CLOSE: CUSTOMER,
    Transition.REOPEN: CUSTOMER,
}


def forward(claim: Claim | None) -> list[Transition]:
    """The steps that lead on from here: what is held is released first, what is settled is taken up again."""
    if claim is None or claim.status is Status.DRAFT:
        return [Transition.SUBMIT]
    if claim.open_holds and claim.status not in ENDED:
        return [Transition.RELEASE]
    return [row.transition for row in ROWS if row.transition in FORWARD and claim.status in row.sources]


@st.composite
def walks(draw: st.DrawFn) -> Story:
    context = replace(CONTEXT, likely_duplicate=draw(st.none() | st.just(LikelyDuplicate("clm_0", "hld_0"))))
    story, at = Story(), NOW
    for _ in range(draw(st.integers(1, 16))):
        claim = fold(story.events)
        ahead = forward(claim) if draw(st.integers(0, 9)) < 6 else []
        transition = draw(st.sampled_from(ahead or list(Transition)))
        actor = FORWARD.get(transition, AGENT) if ahead else draw(actors)
        positions = range(1, len(claim.lines if claim else ()) + 1)
        at += timedelta(days=draw(st.sampled_from([0, 0, 1, 40])))
        command = draw(asking(transition, actor, positions))
        answer = story.ask(command, at, context)
        if not isinstance(answer, Refused):
            story = story.told(answer, actor, at)
    return story


def states(story: Story) -> list[Claim]:
    claims: list[Claim] = []
    for event in story.events:
        claims.append(evolve(claims[-1] if claims else None, event))
    return claims


@given(walks())
def test_the_history_as_it_is_stored_tells_the_same_claim(story: Story) -> None:
    stored = [replace(event, data=json.loads(canonical_json(event.data))) for event in story.events]

    assert fold(stored) == fold(story.events)


@given(walks())
def test_the_sequence_has_no_gap_and_the_version_is_its_end(story: Story) -> None:
    versions = [claim.version for claim in states(story)]

    assert versions == [event.seq for event in story.events] == list(range(1, len(versions) + 1))


@given(walks())
def test_the_money_on_a_line_never_passes_its_ceiling(story: Story) -> None:
    for claim in states(story):
        for line in claim.lines:
            most = ceiling(claim, line.position)
            paid = [
                remedy.amount
                for remedy in claim.remedies
                if remedy.position == line.position and remedy.kind in COUNTED and remedy.amount
            ]
            assert most is None or sum((amount.amount_minor for amount in paid), 0) <= most.amount_minor
            assert most is None or {amount.currency for amount in paid} <= {most.currency}


@given(walks())
def test_a_resolved_claim_owes_nothing_and_a_refused_line_can_be_appealed(story: Story) -> None:
    for claim in states(story):
        assert claim.status is not Status.RESOLVED or not claim.open_remedies
        assert (claim.ended_at is not None) == (claim.status in ENDED)
        for line in claim.lines:
            is_refused = line.decision is LineDecision.NOT_COVERED
            assert is_refused == (line.refusal is not None) == (line.appeal_until is not None)


@given(walks())
def test_nothing_gets_past_a_draft_without_being_submitted(story: Story) -> None:
    for claim in states(story):
        assert claim.submitted_at or claim.status in (Status.DRAFT, Status.CANCELLED)


@given(walks())
def test_the_row_of_a_command_tells_where_its_first_events_lead(story: Story) -> None:
    before: Claim | None = None
    for event, after in zip(story.events, states(story), strict=True):
        row = next((row for row in ROWS if row.event is event.type), None)
        if row and (row.transition != "hold" or event.actor.kind in row.who):
            assert (before.status if before else None) in row.sources
            assert after.status is (STATUS_AFTER.get(event.type) or (before and before.status))
        before = after


@given(walks())
def test_a_whole_chain_has_no_fault(story: Story) -> None:
    assert check_chain(story.events, story.head.hash) == ()


Events = tuple[Event, ...]
DAMAGES: dict[str, Callable[[Events, int], Events]] = {
    "edit of data": lambda events, i: (*events[:i], replace(events[i], data={"x": 1}), *events[i + 1 :]),
    "edit of actor": lambda events, i: (
        *events[:i],
        replace(events[i], actor=Actor(ActorKind.ADMIN)),
        *events[i + 1 :],
    ),
    "edit of time": lambda events, i: (
        *events[:i],
        replace(events[i], occurred_at=events[i].occurred_at - timedelta(microseconds=1)),
        *events[i + 1 :],
    ),
    "another tenant": lambda events, i: (*events[:i], replace(events[i], tenant_id="ten_2"), *events[i + 1 :]),
    "removal": lambda events, i: (*events[:i], *events[i + 1 :]),
    "repetition": lambda events, i: (*events[:i], events[i], *events[i:]),
    "cut": lambda events, i: events[:i],
    "swap": lambda events, i: (*events[:i], *reversed(events[i : i + 2]), *events[i + 2 :]),
}


@pytest.mark.parametrize("damage", DAMAGES)
@settings(max_examples=30)
@given(story=walks(), data=st.data())
def test_any_single_damage_to_a_chain_is_found(damage: str, story: Story, data: st.DataObject) -> None:
    last = len(story.events) - (2 if damage == "swap" else 1)
    if last < 0:
        return
    at = data.draw(st.integers(0, last))

    damaged = DAMAGES[damage](story.events, at)

    assert check_chain(damaged, story.head.hash)


def test_the_chain_says_what_is_wrong_and_where() -> None:
    story = in_remedy()
    first, second, third, *_ = events = story.events

    assert check_chain((first, replace(second, data={"x": 1}), *events[2:]), story.head.hash) == (
        Fault(2, "hash-wrong"),
    )
    assert check_chain((first, third, *events[3:]), story.head.hash)[:2] == (
        Fault(3, "seq-gap"),
        Fault(3, "link-broken"),
    )
    assert check_chain(events[:-1], story.head.hash) == (Fault(len(events) - 1, "tail-cut"),)


def test_an_event_has_a_change_of_its_own_for_every_type() -> None:
    claim = rejected().claim
    told = {event.type for event in in_remedy().events}

    assert told <= set(EventType)
    assert {row.event for row in ROWS} | {EventType.REMEDY_ACCEPTED, EventType.REMEDY_COMPLETED} == set(EventType)
    assert claim.version == 3


def test_a_history_begins_with_a_filing() -> None:
    assert fold(()) is None
    with pytest.raises(ValueError, match="begins with"):
        fold(in_remedy().events[1:])


@settings(max_examples=1)
@given(st.data())
def test_the_walks_of_these_tests_know_every_command(data: st.DataObject) -> None:
    asked = {type(data.draw(asking(transition, AGENT, range(1, 2)))) for transition in Transition}

    assert asked == set(get_args(Command))
