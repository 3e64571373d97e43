"""Where a claim stands is derived, never stored."""

from dataclasses import replace

import pytest
from stories import (
    AGENT,
    CUSTOMER,
    IN_STATUS,
    KETTLE,
    TOASTER,
    awaiting_item,
    covered,
    refused,
    rejected,
    return_leg,
    sent,
    under_review,
)

from claims_api.domain.commands import Approve, Close
from claims_api.domain.shipment_words import ShipmentStatus
from claims_api.domain.standing import awaited, awaited_in, decision_of, stage_of
from claims_api.domain.vocabulary import GoodsWith, LineDecision, Status, ground_of


@pytest.mark.parametrize(
    ("status", "who", "action", "stage"),
    [
        (Status.DRAFT, "customer", "submit", "your_turn"),
        (Status.SUBMITTED, "merchant", "start_review", "received"),
        (Status.UNDER_REVIEW, "merchant", "decide", "reviewing"),
        (Status.AWAITING_ITEM, "customer", "send_item", "your_turn"),
        (Status.UNDER_INSPECTION, "inspector", "record_findings", "reviewing"),
        (Status.IN_REMEDY, "merchant", "complete_remedies", "fixing"),
        (Status.RESOLVED, "none", None, "done"),
        (Status.REJECTED, "none", None, "declined"),
        (Status.CLOSED, "none", None, "done"),
        (Status.WITHDRAWN, "none", None, "done"),
        (Status.CANCELLED, "none", None, "done"),
    ],
)
def test_each_status_says_whose_turn_it_is_and_what_the_customer_reads(
    status: Status, who: str, action: str | None, stage: str
) -> None:
    claim = IN_STATUS[status]().claim

    assert (awaited(claim).who, awaited(claim).action, stage_of(claim)) == (who, action, stage)


@pytest.mark.parametrize(
    ("words", "who", "action", "stage"),
    [
        ((), "customer", "send_item", "your_turn"),
        ((ShipmentStatus.LABEL_CREATED,), "customer", "send_item", "your_turn"),
        ((ShipmentStatus.IN_TRANSIT,), "carrier", "deliver_item", "reviewing"),
        ((ShipmentStatus.IN_TRANSIT, ShipmentStatus.RETURNED_TO_SENDER), "customer", "send_item", "your_turn"),
        ((ShipmentStatus.DELIVERED,), "merchant", "receive_item", "reviewing"),
        ((ShipmentStatus.LOST,), "merchant", "report_item_lost", "reviewing"),
    ],
)
def test_while_the_goods_are_awaited_it_is_the_turn_of_whoever_has_them(
    words: tuple[ShipmentStatus, ...], who: str, action: str, stage: str
) -> None:
    claim = sent(awaiting_item(), return_leg(), *words).claim

    assert (awaited(claim).who, awaited(claim).action, stage_of(claim)) == (who, action, stage)


@pytest.mark.parametrize("status", set(Status) - {Status.AWAITING_ITEM})
def test_in_every_other_status_the_turn_does_not_go_with_the_goods(status: Status) -> None:
    assert len({awaited_in(status, goods) for goods in GoodsWith}) == 1


def test_a_refused_claim_stays_declined_when_it_is_closed() -> None:
    assert stage_of(rejected().then(Close(CUSTOMER)).claim) == "declined"


def test_a_mixed_claim_is_decided_as_its_best_line() -> None:
    story = under_review(KETTLE, TOASTER).then(Approve(AGENT, (refused(KETTLE), covered(TOASTER))))

    assert decision_of(story.claim) is LineDecision.COVERED_STATUTORY


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ([], "pending"),
        (["not_covered", "pending"], "pending"),
        (["covered_warranty", "covered_statutory"], "covered_statutory"),
        (["withdrawal_accepted", "covered_warranty"], "covered_warranty"),
        (["goodwill", "withdrawal_accepted"], "withdrawal_accepted"),
        (["not_covered", "goodwill"], "goodwill"),
        (["not_covered", "not_covered"], "not_covered"),
    ],
)
def test_the_decision_of_a_claim_is_the_best_of_its_lines_once_all_are_decided(
    decisions: list[str], expected: str
) -> None:
    lines = tuple(replace(KETTLE, position=i, decision=LineDecision(each)) for i, each in enumerate(decisions, 1))

    assert decision_of(replace(under_review().claim, lines=lines)) == expected


@pytest.mark.parametrize(
    ("issue_code", "ground"),
    [
        ("changed_mind", "withdrawal"),
        ("damaged_in_transit", "delivery"),
        ("lost_in_transit", "delivery"),
        ("wrong_item", "delivery"),
        ("missing_parts", "delivery"),
        ("battery", "defect"),
        ("other", "defect"),
        ("x_changed_mind", "defect"),
        (None, "defect"),
    ],
)
def test_the_issue_tells_the_ground(issue_code: str | None, ground: str) -> None:
    assert ground_of(issue_code) == ground
