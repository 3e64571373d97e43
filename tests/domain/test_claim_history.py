"""Whatever is asked of a claim, in whatever order: its history tells its state, and its promises hold."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stories import AGENT, Story, in_remedy, rejected
from walks import asking, walks

from claims_api.domain.answers import EventType
from claims_api.domain.ceilings import COUNTED, ceiling
from claims_api.domain.chain import Event, Fault, canonical_json, check_chain
from claims_api.domain.claim import Actor, Claim
from claims_api.domain.commands import Command
from claims_api.domain.evolve import evolve, fold
from claims_api.domain.leg_events import LEG_EVENTS
from claims_api.domain.shipment_words import ReceiptOutcome, ShipmentStatus
from claims_api.domain.transitions import ROWS, STATUS_AFTER
from claims_api.domain.vocabulary import ENDED, ActorKind, LineDecision, RemedyKind, Status, Transition


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


IN_EXCHANGE = {RemedyKind.REFUND, RemedyKind.REPLACEMENT, RemedyKind.STORE_CREDIT}
NOT_THERE = {ReceiptOutcome.EMPTY_BOX, ReceiptOutcome.NOT_RECEIVED}
NO_WAY = {"lost", "destroyed", "cancelled", "returned_to_sender"}


def kept_without_a_reason(claim: Claim, position: int) -> bool:
    """Said in other words than the guard's: the goods came to us, nothing brings them back, nobody gave them up."""
    came, comes_back, given_up = False, False, False
    for leg in claim.legs:
        if leg.positions and position not in leg.positions:
            continue
        if (leg.direction, leg.purpose) == ("inbound", "return"):
            is_here = leg.receipt.outcome not in NOT_THERE if leg.receipt else leg.status is ShipmentStatus.DELIVERED
            came, comes_back = came or is_here, comes_back and not is_here
            given_up = given_up or bool(leg.receipt and leg.receipt.may_be_kept)
        elif (leg.direction, leg.purpose) == ("outbound", "repair_return") and leg.status not in NO_WAY:
            comes_back = True
    exchanged = any(remedy.position == position and remedy.kind in IN_EXCHANGE for remedy in claim.remedies)
    return came and not (comes_back or given_up or exchanged)


@given(walks())
def test_no_claim_comes_to_rest_while_we_keep_the_customers_goods_without_a_reason(story: Story) -> None:
    before: Claim | None = None
    for claim in states(story):
        came_to_rest = claim.status in {Status.RESOLVED, *ENDED} and before and before.status is not claim.status
        if came_to_rest:
            assert [line.position for line in claim.lines if kept_without_a_reason(claim, line.position)] == []
        before = claim


@given(walks())
def test_goods_are_awaited_exactly_while_a_claim_waits_for_them_or_looks_at_them(story: Story) -> None:
    for claim in states(story):
        is_awaited = any(line.is_awaited for line in claim.lines)
        assert is_awaited == (claim.status in (Status.AWAITING_ITEM, Status.UNDER_INSPECTION)) or claim.status in ENDED


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
    remedies = {EventType.REMEDY_ACCEPTED, EventType.REMEDY_COMPLETED}
    assert {row.event for row in ROWS} | remedies | set(LEG_EVENTS) == set(EventType)
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
