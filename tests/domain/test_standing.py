"""Where a claim stands is derived, never stored."""

from dataclasses import replace

import pytest
from stories import AGENT, CUSTOMER, IN_STATUS, KETTLE, TOASTER, covered, refused, rejected, under_review

from claims_api.domain.commands import Approve, Close
from claims_api.domain.standing import awaited, decision_of, stage_of
from claims_api.domain.vocabulary import LineDecision, Status, ground_of


@pytest.mark.parametrize(
    ("status", "who", "action", "stage"),
    [
        (Status.DRAFT, "customer", "submit", "your_turn"),
        (Status.SUBMITTED, "merchant", "start_review", "received"),
        (Status.UNDER_REVIEW, "merchant", "decide", "reviewing"),
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
