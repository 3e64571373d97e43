"""Remedy order binds the seller: what the law opens, what a person judges, and who chooses."""

from dataclasses import replace

import pytest

from claims_api.domain.remedies import Answer, Chooser, ConditionWord, Tier, Within, read_tier, sellers_choice
from claims_api.domain.vocabulary import RemedyKind

REPAIR, REPLACEMENT, REFUND = RemedyKind.REPAIR, RemedyKind.REPLACEMENT, RemedyKind.REFUND
ALL = frozenset({REPAIR, REPLACEMENT, REFUND})
WORD = ConditionWord
ALWAYS = Tier(ALL, Chooser.CONSUMER, when=WORD.ALWAYS)
FAILED = Tier(ALL, Chooser.CONSUMER, when_any=(WORD.CURE_FAILED,))


@pytest.mark.parametrize(
    ("tier", "attempts", "is_open", "judged"),
    [
        (ALWAYS, 0, Answer.YES, set()),
        (FAILED, 0, Answer.NO, set()),
        (FAILED, 1, Answer.YES, set()),
        (replace(FAILED, attempts=2), 1, Answer.NO, set()),
        (replace(FAILED, attempts=2), 2, Answer.YES, set()),
        (replace(FAILED, attempts="judgement"), 0, Answer.NO, set()),
        (replace(FAILED, attempts="judgement"), 1, Answer.JUDGEMENT, {"cure_failed"}),
        # One of several is enough, and one that is known makes a judgement needless.
        (replace(FAILED, when_any=(WORD.CURE_FAILED, WORD.MAJOR_FAILURE)), 1, Answer.YES, set()),
        (replace(FAILED, when_any=(WORD.CURE_FAILED, WORD.MAJOR_FAILURE)), 0, Answer.JUDGEMENT, {"major_failure"}),
        # Both must hold: one that does not closes the tier, whatever the other is.
        (replace(FAILED, when=WORD.NOT_MINOR), 0, Answer.NO, set()),
        (replace(FAILED, when=WORD.NOT_MINOR), 1, Answer.JUDGEMENT, {"not_minor"}),
        (replace(ALWAYS, when=WORD.WITHIN_IMMEDIATE_REJECTION), 0, Answer.JUDGEMENT, {"within_immediate_rejection"}),
        (replace(ALWAYS, when=Within(1, "months", "purchase")), 0, Answer.JUDGEMENT, {"within_1_months_of_purchase"}),
        # A flag of the data leaves it to a person.
        (replace(ALWAYS, is_conditional=True), 0, Answer.JUDGEMENT, {"conditional"}),
        (replace(ALWAYS, is_uncertain=True), 0, Answer.JUDGEMENT, {"uncertain"}),
        (replace(ALWAYS, except_categories=frozenset({"computers"})), 0, Answer.JUDGEMENT, {"except_categories"}),
        (replace(ALWAYS, except_categories=frozenset({"clothing"})), 0, Answer.YES, set()),
        (replace(FAILED, is_conditional=True), 0, Answer.NO, set()),
    ],
)
def test_a_tier_is_open_closed_or_for_a_person_to_judge(
    tier: Tier, attempts: int, is_open: Answer, judged: set[str]
) -> None:
    reading = read_tier(tier, "computers", attempts)

    assert (reading.is_open, set(reading.judged)) == (is_open, judged)


SELLER = Tier(ALL, Chooser.SELLER, when=WORD.ALWAYS)
LATER = Tier(frozenset({REPLACEMENT, REFUND}), Chooser.SELLER, when=WORD.CURE_FAILED)
REJECTION = Tier(frozenset({REFUND}), Chooser.CONSUMER, when=WORD.MAJOR_FAILURE)


@pytest.mark.parametrize(
    ("tiers", "remedy", "attempts", "expected"),
    [
        ((), REPAIR, 0, None),
        ((SELLER,), REPAIR, 0, set()),
        ((ALWAYS, SELLER), REPAIR, 0, None),  # the consumer's tier is open for certain
        ((SELLER, FAILED), REPAIR, 0, set()),
        ((SELLER, FAILED), REPAIR, 1, None),
        ((SELLER, REJECTION), REPAIR, 0, {"major_failure"}),  # somebody judged it to be no major failure
        ((SELLER,), RemedyKind.PARTS, 0, None),  # not among the remedies of the tier
        # Of several tiers of the seller the last open one counts.
        ((SELLER, LATER), REPAIR, 0, set()),
        ((SELLER, LATER), REPAIR, 1, None),
        ((SELLER, LATER), REPLACEMENT, 1, set()),
        ((SELLER, replace(LATER, attempts="judgement")), REPAIR, 3, {"cure_failed"}),
        # What is conditional or uncertain never counts for the seller, nor does a category left out.
        ((replace(SELLER, is_conditional=True),), REPAIR, 0, None),
        ((replace(SELLER, is_uncertain=True),), REPAIR, 0, None),
        ((replace(SELLER, except_categories=frozenset({"computers"})),), REPAIR, 0, None),
        ((SELLER, replace(ALWAYS, is_conditional=True)), REPAIR, 0, {"conditional"}),
    ],
)
def test_the_seller_chooses_only_where_no_right_of_the_consumer_is_certain(
    tiers: tuple[Tier, ...], remedy: RemedyKind, attempts: int, expected: set[str] | None
) -> None:
    assert sellers_choice(tiers, remedy, "computers", attempts) == expected
