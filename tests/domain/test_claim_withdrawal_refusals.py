"""What cannot be said against a withdrawal: that it came late when it may not have, and anything about the goods."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from stories import (
    AGENT,
    IN_DOUBT,
    KETTLE,
    LATE,
    NOW,
    REFUSAL,
    RIGHT_OF_14_DAYS,
    SHIRT,
    SHOES,
    SYSTEM,
    UNDER_LAW,
    accepting,
    under_review,
)

from claims_api.domain.answers import Refused
from claims_api.domain.claim import Actor, Line
from claims_api.domain.commands import LineRefusal, Reject
from claims_api.domain.policy_law import Span
from claims_api.domain.policy_words import Unit
from claims_api.domain.vocabulary import (
    LineDecision,
    RefusalReason,
    SalesChannel,
    Status,
)
from claims_api.domain.withdrawals import OF_DEFECTS, WithdrawalLaw


def refusing(*lines: Line, reason: RefusalReason, by: Actor = AGENT) -> Reject:
    return Reject(by, tuple(LineRefusal(line.position, replace(REFUSAL, reason=reason)) for line in lines))


def test_a_late_withdrawal_is_refused_in_the_form_of_every_refusal() -> None:
    story = under_review(LATE).then(refusing(LATE, reason=RefusalReason.OUT_OF_PERIOD), context=UNDER_LAW)

    (line,) = story.claim.lines
    assert (story.claim.status, line.decision) == (Status.REJECTED, LineDecision.NOT_COVERED)
    assert line.refusal == replace(REFUSAL, reason=RefusalReason.OUT_OF_PERIOD)
    assert line.appeal_until is not None


NOT_SURELY_LATE = {name: IN_DOUBT[name] for name in IN_DOUBT if name != "late"} | {
    "in time": (SHIRT, RIGHT_OF_14_DAYS),
    "late under a law in doubt": (LATE, replace(RIGHT_OF_14_DAYS, may_decide=False)),
    "late where days off are not known": (LATE, replace(RIGHT_OF_14_DAYS, is_weekend_known=False)),
}


@pytest.mark.parametrize(("line", "law"), NOT_SURELY_LATE.values(), ids=NOT_SURELY_LATE.keys())
def test_a_withdrawal_that_is_not_surely_late_is_not_refused_as_late(line: Line, law: WithdrawalLaw) -> None:
    context = replace(UNDER_LAW, withdrawal=law)

    refusal = under_review(line).refusal(refusing(line, reason=RefusalReason.OUT_OF_PERIOD), context=context)

    assert refusal.code == "withdrawal-in-time"


def test_who_would_refuse_in_time_is_told_the_last_day_and_the_law() -> None:
    late_and_in_time = (LATE, replace(SHOES, delivered_on=date(2026, 11, 9)))
    story = under_review(*late_and_in_time)
    law = replace(RIGHT_OF_14_DAYS, span=Span(15, Unit.CALENDAR_DAYS))

    refusal = story.refusal(
        refusing(*late_and_in_time, reason=RefusalReason.OUT_OF_PERIOD), context=replace(UNDER_LAW, withdrawal=law)
    )

    assert refusal == Refused(
        "withdrawal-in-time",
        {
            "position": 1,
            "is_in_time": "yes",
            "last_day": "2026-11-24",
            "law": "act",
            "source": "Act, section 1",
            "assumed": [],
        },
    )


def test_one_line_in_time_keeps_all_from_being_refused_as_late() -> None:
    lines = (LATE, SHOES)

    refusal = under_review(*lines).refusal(refusing(*lines, reason=RefusalReason.OUT_OF_PERIOD), context=UNDER_LAW)

    # The shoes arrived later, so that of goods bought together not even the shirt is surely late.
    assert (refusal.code, refusal.members["position"]) == ("withdrawal-in-time", 1)
    assert refusal.members["assumed"] == ["separate_delivery"]


@pytest.mark.parametrize("reason", RefusalReason)
def test_a_withdrawal_is_never_refused_for_the_state_of_the_goods(reason: RefusalReason) -> None:
    answer = under_review(LATE).ask(refusing(LATE, reason=reason), context=UNDER_LAW)

    of_defects = {"not_a_defect", "wear_and_tear", "misuse", "third_party_damage"}
    assert {each.value for each in OF_DEFECTS} == of_defects
    expected = Refused("reason-not-allowed", {"position": 1}) if reason.value in of_defects else None
    assert (answer if isinstance(answer, Refused) else None) == expected


@pytest.mark.parametrize("reason", [RefusalReason.EXCLUDED_BY_TERMS, RefusalReason.OTHER])
def test_a_withdrawal_from_a_purchase_in_a_shop_can_be_refused(reason: RefusalReason) -> None:
    line = replace(SHIRT, sales_channel=SalesChannel.IN_STORE)

    story = under_review(line).then(refusing(line, reason=reason), context=UNDER_LAW)

    assert story.claim.status is Status.REJECTED


def test_software_refuses_no_withdrawal() -> None:
    command = refusing(LATE, reason=RefusalReason.OUT_OF_PERIOD, by=SYSTEM)

    assert under_review(LATE).refusal(command, context=UNDER_LAW).code == "role-not-allowed"


def test_a_defect_is_refused_as_before() -> None:
    refused_for_misuse = refusing(KETTLE, reason=RefusalReason.MISUSE)
    too_late = refusing(KETTLE, reason=RefusalReason.OUT_OF_PERIOD)

    for command in (refused_for_misuse, too_late):
        assert under_review(KETTLE).then(command, context=UNDER_LAW).claim.status is Status.REJECTED


def test_every_line_is_named_once_also_in_the_refusal_of_a_withdrawal() -> None:
    refusal = under_review(LATE, SHOES).refusal(refusing(LATE, reason=RefusalReason.OTHER), context=UNDER_LAW)

    assert refusal == Refused("each-line-once", {"position": 2})


def test_the_declaration_counts_from_its_receipt_not_from_the_decision() -> None:
    story, a_month_later = under_review(SHIRT), NOW + timedelta(days=31)

    refusal = story.refusal(refusing(SHIRT, reason=RefusalReason.OUT_OF_PERIOD), at=a_month_later, context=UNDER_LAW)

    assert refusal.members["is_in_time"] == "yes"
    assert story.then(accepting(by=SYSTEM), at=a_month_later, context=UNDER_LAW).claim.status is Status.IN_REMEDY
