"""Remedy order: which remedies the law opens, and who chooses among them. It binds the seller, not the customer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from claims_api.domain.claim import Claim, Line
from claims_api.domain.vocabulary import RemedyKind

CURES = frozenset({RemedyKind.REPAIR, RemedyKind.REPLACEMENT, RemedyKind.PARTS, RemedyKind.FIELD_SERVICE})
"""What the seller does to bring the goods into conformity."""


class ConditionWord(StrEnum):
    """The conditions of tiers, in the words of the statutory data."""

    ALWAYS = "always"
    WITHIN_IMMEDIATE_REJECTION = "within_immediate_rejection"
    CURE_FAILED = "cure_failed"
    REPAIR_TIME_PASSED = "repair_time_passed"
    SELLER_REFUSED = "seller_refused"
    MAJOR_FAILURE = "major_failure"
    NOT_MINOR = "not_minor"


@dataclass(frozen=True)
class Within:
    """A period that must still run on the day the consumer asks."""

    value: int
    unit: str
    counts_from: str


Condition: TypeAlias = ConditionWord | Within


class Chooser(StrEnum):
    """Who picks among the remedies of a tier."""

    CONSUMER = "consumer"
    SELLER = "seller"


class Answer(StrEnum):
    """What software can say about a condition; a `judgement` is a person's to make."""

    YES = "yes"
    NO = "no"
    JUDGEMENT = "judgement"


@dataclass(frozen=True)
class Tier:
    """A group of remedies: open when `when` holds and one of `when_any` does, as far as they are given.

    `chooser` is the tier's own or the hierarchy's. `is_conditional` and `is_uncertain` are the flags of the data:
    such a tier may favour the consumer, it never helps the seller.
    """

    remedies: frozenset[RemedyKind]
    chooser: Chooser
    when: Condition | None = None
    when_any: tuple[Condition, ...] = ()
    attempts: int | Literal["judgement"] = 1
    is_conditional: bool = False
    is_uncertain: bool = False
    except_categories: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reading:
    """What software reads off a tier; `judged` names what a person has to add."""

    tier: Tier
    is_open: Answer
    judged: frozenset[str] = frozenset()


def cure_attempts(claim: Claim, line: Line) -> int:
    """How often the seller has tried to cure this line: before the claim, and within it before a reopening."""
    cured = [r for r in claim.remedies if r.position == line.position and r.kind in CURES and not r.is_open]
    return line.cure_attempts + len(cured)


def read_tier(tier: Tier, category: str | None, attempts: int) -> Reading:
    """Whether a tier is open for a line; what software cannot know is a person's judgement, never a no."""
    needed = [(_condition_code(tier.when), _holds(tier.when, tier, attempts))] if tier.when else []
    any_of = [(_condition_code(word), _holds(word, tier, attempts)) for word in tier.when_any]
    answers = [answer for _, answer in needed]
    if any_of:
        answers.append(_any(answer for _, answer in any_of))
    is_open, judged = _all(answers), {code for code, answer in needed + any_of if answer is Answer.JUDGEMENT}
    if is_open is Answer.YES:
        judged = _doubts(tier, category)
        is_open = Answer.JUDGEMENT if judged else Answer.YES
    elif is_open is Answer.JUDGEMENT:
        judged |= _doubts(tier, category)
    return Reading(tier, is_open, frozenset(judged) if is_open is Answer.JUDGEMENT else frozenset())


def sellers_choice(
    tiers: Sequence[Tier],
    remedy: RemedyKind,
    category: str | None,
    attempts: int,
) -> frozenset[str] | None:
    """What a person judges by letting the seller choose this remedy, or None where the seller may not choose it.

    A seller's tier counts only while no tier of the consumer is open for certain; of several the last open one
    counts (docs/law-data.md, remedy tiers). A judgement stands in nobody's way, but it is somebody's to answer for.
    """
    readings = [read_tier(tier, category, attempts) for tier in tiers]
    consumers = [reading for reading in readings if reading.tier.chooser is Chooser.CONSUMER]
    if any(reading.is_open is Answer.YES for reading in consumers):
        return None
    candidates = _last_open([reading for reading in readings if _counts_for_seller(reading.tier, category)])
    if not any(remedy in reading.tier.remedies for reading in candidates):
        return None
    return frozenset().union(*(reading.judged for reading in [*consumers, *candidates]))


def _counts_for_seller(tier: Tier, category: str | None) -> bool:
    return tier.chooser is Chooser.SELLER and not _doubts(tier, category)


def _last_open(readings: Sequence[Reading]) -> list[Reading]:
    """The last tier that is open for certain, and those after it that a person may judge to be open."""
    last: list[Reading] = []
    for reading in readings:
        if reading.is_open is Answer.YES:
            last = [reading]
        elif reading.is_open is Answer.JUDGEMENT:
            last.append(reading)
    return last


def _doubts(tier: Tier, category: str | None) -> set[str]:
    found = {"conditional": tier.is_conditional, "uncertain": tier.is_uncertain}
    found["except_categories"] = category in tier.except_categories
    return {word for word, is_so in found.items() if is_so}


def _holds(condition: Condition, tier: Tier, attempts: int) -> Answer:
    if condition is ConditionWord.ALWAYS:
        return Answer.YES
    if condition is not ConditionWord.CURE_FAILED:
        return Answer.JUDGEMENT
    if tier.attempts == "judgement":
        # What number is reasonable is for a person to say, but no attempt is no failed attempt.
        return Answer.JUDGEMENT if attempts else Answer.NO
    return Answer.YES if attempts >= tier.attempts else Answer.NO


def _condition_code(condition: Condition) -> str:
    if isinstance(condition, Within):
        return f"within_{condition.value}_{condition.unit}_of_{condition.counts_from}"
    return condition.value


def _all(answers: Iterable[Answer]) -> Answer:
    given = set(answers)
    if Answer.NO in given:
        return Answer.NO
    return Answer.JUDGEMENT if Answer.JUDGEMENT in given else Answer.YES


def _any(answers: Iterable[Answer]) -> Answer:
    given = set(answers)
    if Answer.YES in given:
        return Answer.YES
    return Answer.JUDGEMENT if Answer.JUDGEMENT in given else Answer.NO
