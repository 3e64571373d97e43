"""A withdrawal is taken at its word: who may accept it, what it gives, and what cannot be said against it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from stories import (
    AGENT,
    IN_DOUBT,
    KETTLE,
    NOW,
    SHIRT,
    SHOES,
    SUPERVISOR,
    SYSTEM,
    TOASTER,
    UNDER_LAW,
    Story,
    accepting,
    covered,
    held,
    submitted,
    under_review,
)

from claims_api.domain.answers import Data, EventType, Refused
from claims_api.domain.claim import Actor, Line
from claims_api.domain.commands import Approve, Reopen, Resolve
from claims_api.domain.money import Money
from claims_api.domain.transitions import verdict
from claims_api.domain.vocabulary import (
    ActorKind,
    HoldKind,
    LineDecision,
    RemedyKind,
    RemedyState,
    StartsWhen,
    Status,
    Transition,
)
from claims_api.domain.withdrawals import WithdrawalLaw


def data_of(story: Story, kind: EventType) -> list[Data]:
    return [event.data for event in story.events if event.type is kind]


# --- the rows -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [ActorKind.AGENT, ActorKind.SUPERVISOR])
@pytest.mark.parametrize("transition", [Transition.ACCEPT_WITHDRAWAL, Transition.APPROVE, Transition.REJECT])
def test_a_withdrawal_beside_another_ground_is_decided_in_no_way(transition: Transition, by: ActorKind) -> None:
    claim = under_review(KETTLE, replace(SHIRT, position=2)).claim

    assert verdict(claim, transition, by, NOW) == Refused("grounds-mixed", {"withdrawals": [2]})


def test_a_withdrawal_is_accepted_or_refused_and_never_approved() -> None:
    claim = under_review(SHIRT).claim

    assert verdict(claim, Transition.APPROVE, ActorKind.AGENT, NOW) == Refused("withdrawal-rests", {"position": 1})
    assert verdict(claim, Transition.ACCEPT_WITHDRAWAL, ActorKind.AGENT, NOW) is None
    assert verdict(claim, Transition.REJECT, ActorKind.AGENT, NOW) is None


@pytest.mark.parametrize("by", [ActorKind.AGENT, ActorKind.SUPERVISOR, ActorKind.SYSTEM])
@pytest.mark.parametrize("begin", [submitted, under_review])
def test_a_withdrawal_is_accepted_before_and_during_review(begin: Callable[..., Story], by: ActorKind) -> None:
    assert verdict(begin(SHIRT).claim, Transition.ACCEPT_WITHDRAWAL, by, NOW) is None


def test_two_grounds_that_are_no_withdrawal_are_decided_together() -> None:
    claim = under_review(KETTLE, replace(TOASTER, issue_code="damaged_in_transit")).claim

    assert verdict(claim, Transition.APPROVE, ActorKind.AGENT, NOW) is None
    assert verdict(claim, Transition.ACCEPT_WITHDRAWAL, ActorKind.AGENT, NOW) == Refused("no-withdrawal")


@pytest.mark.parametrize("kind", HoldKind)
def test_what_holds_an_approval_holds_the_acceptance_of_a_withdrawal(kind: HoldKind) -> None:
    refusal = verdict(held(submitted(SHIRT), kind).claim, Transition.ACCEPT_WITHDRAWAL, ActorKind.AGENT, NOW)

    holds = {HoldKind.FRAUD: "hold-fraud", HoldKind.DUPLICATE: "hold-duplicate"}
    assert (refusal.code if refusal else None) == holds.get(kind)


# --- accepting ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [AGENT, SUPERVISOR, SYSTEM])
def test_each_line_is_refunded_with_its_share_of_the_way_out(by: Actor) -> None:
    story = submitted(SHIRT, SHOES, shipping_paid=Money(358, "EUR")).then(accepting(2, by), context=UNDER_LAW)

    claim = story.claim
    assert (claim.status, claim.decided_by) == (Status.IN_REMEDY, by)
    assert {line.decision for line in claim.lines} == {LineDecision.WITHDRAWAL_ACCEPTED}
    assert [(each.id, each.position, each.kind, each.state, each.amount) for each in claim.remedies] == [
        ("rem_1", 1, RemedyKind.REFUND, RemedyState.ACCEPTED, Money(12900 + 258, "EUR")),
        ("rem_2", 2, RemedyKind.REFUND, RemedyState.ACCEPTED, Money(5000 + 100, "EUR")),
    ]
    assert {each.starts_when for each in claim.remedies} == {StartsWhen.RECEIVED}


def test_the_event_names_what_was_found_in_codes_dates_and_amounts() -> None:
    story = submitted(SHIRT).then(accepting(), context=UNDER_LAW)

    (data,) = data_of(story, EventType.WITHDRAWAL_ACCEPTED)
    assert data == {
        "lines": [
            {
                "position": 1,
                "decision": "withdrawal_accepted",
                "remedy": "refund",
                "amount": {"amount_minor": 12900, "currency": "EUR"},
                "finding": {
                    "period": {"value": 14, "unit": "calendar_days", "law": "act"},
                    "last_day": "2026-11-26",
                    "declared_at": "2026-11-24T10:00:00.000000Z",
                    "is_in_time": "yes",
                    "is_covered_sale": "yes",
                    "excepted": "no",
                    "assumed": [],
                },
            }
        ]
    }


def test_a_refund_without_a_known_price_has_no_amount() -> None:
    story = submitted(replace(SHIRT, paid=None)).then(accepting(), context=UNDER_LAW)

    assert [remedy.amount for remedy in story.claim.remedies] == [None]


def test_goods_that_were_free_are_taken_back_too() -> None:
    story = submitted(replace(SHIRT, paid=Money(0, "EUR"))).then(accepting(), context=UNDER_LAW)

    assert [remedy.amount for remedy in story.claim.remedies] == [Money(0, "EUR")]


def test_what_was_paid_back_before_a_reopening_is_not_paid_again() -> None:
    story = submitted(SHIRT).then(accepting(), context=UNDER_LAW).then(Resolve(AGENT)).then(Reopen(AGENT))

    refusal = story.refusal(accepting(), context=UNDER_LAW)

    assert refusal == Refused("nothing-left-to-refund", {"position": 1})


@pytest.mark.parametrize(("line", "law"), IN_DOUBT.values(), ids=IN_DOUBT.keys())
def test_what_is_not_surely_owed_is_given_by_a_person_only(line: Line, law: WithdrawalLaw) -> None:
    story, context = submitted(SHIRT, replace(line, position=2)), replace(UNDER_LAW, withdrawal=law)

    refusal = story.refusal(accepting(2, SYSTEM), context=context)

    assert refusal.code == "needs-a-person"
    assert story.then(accepting(2), context=context).claim.status is Status.IN_REMEDY
    assert story.then(accepting(2, SUPERVISOR), context=context).claim.status is Status.IN_REMEDY


def test_software_says_what_it_would_have_had_to_assume() -> None:
    refusal = submitted(replace(SHIRT, category=None)).refusal(accepting(by=SYSTEM), context=UNDER_LAW)

    assert refusal == Refused("needs-a-person", {"position": 1, "assumed": ["category"]})


def test_an_accepted_withdrawal_is_resolved_like_any_claim() -> None:
    story = submitted(SHIRT).then(accepting(), context=UNDER_LAW)

    assert story.refusal(Resolve(SYSTEM), context=UNDER_LAW).code == "remedies-open"
    resolved = story.then(Resolve(AGENT), context=UNDER_LAW).claim
    assert (resolved.status, resolved.open_remedies) == (Status.RESOLVED, ())


@pytest.mark.parametrize(("remedy", "waits"), [(RemedyKind.REFUND, StartsWhen.NOW), (RemedyKind.REPAIR, None)])
@pytest.mark.parametrize("issue", ["does_not_switch_on", "damaged_in_transit"])
def test_a_refund_on_another_ground_waits_for_nothing(issue: str, remedy: RemedyKind, waits: StartsWhen | None) -> None:
    line = replace(KETTLE, issue_code=issue, requested_remedy=remedy)

    story = under_review(line).then(Approve(AGENT, (covered(line),)), context=UNDER_LAW)

    assert [each.starts_when for each in story.claim.remedies] == [waits]
