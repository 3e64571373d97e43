"""The guarantee that applies to the goods of one line, what it takes for granted, and what a person has to answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from claims_api.domain.money import Money, exponent
from claims_api.domain.policy import OPEN, CategoryRule, Policy, Rule, law_under, may_decide
from claims_api.domain.policy_law import CategoryStatement, PriceBand, Statement
from claims_api.domain.policy_words import (
    Assumption,
    Category,
    CategoryTest,
    Layer,
    Question,
    RuleField,
    RuleStatus,
    Unit,
)

Doubt: TypeAlias = Assumption | Question

CONSIDERABLY_LONGER_MONTHS = 48
"""A life of twice two years is considerably longer beyond doubt. A shorter one answers nothing: a person may."""


class GuaranteeOrigin(StrEnum):
    """Which rule of the law gives the guarantee."""

    GENERAL = "general"
    CATEGORY = "category"
    USED = "used"


@dataclass(frozen=True, slots=True)
class Goods:
    """What is known of the goods; None is not known. `paid` is the price of one piece.

    `confirmed` and `denied` are the questions a person has answered with yes and with no.
    """

    category: Category | None
    is_new: bool | None
    paid: Money | None
    expected_life_months: int | None
    confirmed: frozenset[Question] = frozenset()
    denied: frozenset[Question] = frozenset()


@dataclass(frozen=True, slots=True)
class OtherGuarantee:
    """A rule that was considered and lost."""

    origin: GuaranteeOrigin
    rule: Rule


@dataclass(frozen=True, slots=True)
class Guarantee:
    """The rule that counts for the goods. Nothing is refused on what is `assumed` or while a question is open.

    `open_ended`: the seller may answer for defects as long as such goods reasonably live; after the number ran out a
    person decides.
    """

    rule: Rule
    origin: GuaranteeOrigin
    assumed: tuple[Doubt, ...] = ()
    questions: tuple[Question, ...] = ()
    open_ended: bool = False
    trail: tuple[OtherGuarantee, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A rule that may apply, if what is in `doubts` is so. `in_place`: the law puts it in place of the general rule."""

    origin: GuaranteeOrigin
    rule: Rule
    doubts: tuple[Doubt, ...] = ()
    questions: tuple[Question, ...] = ()
    in_place: bool = False


def guarantee_for(policy: Policy, goods: Goods) -> Guarantee:
    """The guarantee that applies to these goods; what is not known is read in the customer's favour and said.

    Source: docs/law-data.md, product categories. The longest of the general rule and the entries for the category
    counts, save where the law puts another in place of the general one: for used goods, or by an entry that replaces
    it. A fact nobody gave is `assumed` only where the answer hangs on it.
    """
    general = _Candidate(GuaranteeOrigin.GENERAL, policy.rules[RuleField.STATUTORY_GUARANTEE_MONTHS])
    used, shown = _used_goods(policy.rules[RuleField.USED_GOODS_GUARANTEE_MONTHS], goods)
    found = [*used, *(entry for one in policy.category_guarantees if (entry := _entry(one, goods)))]
    replacing = [one for one in found if one.in_place and _may_replace(one.rule, general.rule)]
    if any(not one.doubts for one in replacing):
        return _settle(policy, goods, found, [general, *shown])
    shorter = [one for one in replacing if not _at_least(one.rule.said, general.rule.said)]
    doubts = tuple(doubt for one in shorter for doubt in one.doubts)
    return _settle(policy, goods, [replace(general, doubts=doubts), *found], shown)


def may_run_out(guarantee: Guarantee) -> bool:
    """Whether the end of the period may refuse anything by itself; else a person decides.

    Source: docs/law-data.md, what a value may do.
    """
    is_settled = not (guarantee.assumed or guarantee.questions or guarantee.open_ended)
    return is_settled and may_decide(guarantee.rule)


def _settle(policy: Policy, goods: Goods, considered: Sequence[_Candidate], lost: Sequence[_Candidate]) -> Guarantee:
    """The longest of the candidates; the first of several, and one without doubts before one with."""
    lengths = [one for one in considered if one.rule.said.status is RuleStatus.SET]
    winner = max(lengths, key=_rank) if lengths else considered[0]
    others = [one for one in considered if one is not winner]
    doubts = [*winner.doubts, *(doubt for one in considered for doubt in one.rule.assumed)]
    if not all(_at_least(winner.rule.said, one.rule.said) for one in lengths):
        doubts.append(Assumption.LENGTH)
    questions = [*winner.questions, *(doubt for doubt in doubts if isinstance(doubt, Question))]
    if any(one.rule.said.status in OPEN for one in others):
        # What is not established might give more: the number that is known refuses nothing yet.
        questions.append(Question.STATUTORY_POSITION)
    return Guarantee(
        rule=winner.rule,
        origin=winner.origin,
        assumed=tuple(dict.fromkeys(doubts)),
        questions=tuple(dict.fromkeys(one for one in questions if one not in goods.confirmed | goods.denied)),
        open_ended=policy.rules[RuleField.EXPECTED_LIFESPAN_RULE].said.value is True,
        trail=tuple(OtherGuarantee(one.origin, one.rule) for one in (*others, *lost)),
    )


def _used_goods(rule: Rule, goods: Goods) -> tuple[list[_Candidate], list[_Candidate]]:
    """The rule for used goods: as a candidate where it applies by itself, else only to be shown."""
    if goods.is_new or rule.said.status is not RuleStatus.SET:
        return [], []
    if not may_decide(rule):
        return [], [] if goods.is_new is None else [_Candidate(GuaranteeOrigin.USED, rule)]
    doubts = (Assumption.CONDITION,) if goods.is_new is None else ()
    return [_Candidate(GuaranteeOrigin.USED, rule, doubts, in_place=True)], []


def _may_replace(rule: Rule, general: Rule) -> bool:
    """Only a rule the law itself sets for certain stands in place of the general one, and only of the law's.

    A promise for used goods where the law knows no shorter period would else take away what the law gives.
    """
    is_law_s = law_under(rule).status is RuleStatus.SET
    return is_law_s and may_decide(rule) and general.layer is Layer.STATUTORY


def _entry(one: CategoryRule, goods: Goods) -> _Candidate | None:
    """The category's guarantee with its doubts, None where it is known not to apply."""
    about, rule = one.about, one.rule
    answers = [_category_doubts(about, goods), _condition_doubts(about, goods), _judgement_doubts(about, goods)]
    if about.price_bands:
        value, doubt = _in_band(about.price_bands, goods.paid)
        rule = replace(rule, said=replace(rule.said, value=value))
        answers.append(None if value is None else doubt)
    doubts: list[Doubt] = []
    for answer in answers:
        if answer is None:
            return None
        doubts += answer
    is_to_confirm = about.replaces_general and about.test is CategoryTest.CATEGORY
    questions = (Question.GOODS_OF_THE_CATEGORY,) if is_to_confirm else ()
    return _Candidate(GuaranteeOrigin.CATEGORY, rule, tuple(doubts), questions, about.replaces_general)


def _category_doubts(about: CategoryStatement, goods: Goods) -> tuple[Doubt, ...] | None:
    if not about.categories:
        return ()
    if goods.category is None:
        return (Assumption.CATEGORY,)
    is_denied = about.replaces_general and Question.GOODS_OF_THE_CATEGORY in goods.denied
    return () if goods.category in about.categories and not is_denied else None


def _condition_doubts(about: CategoryStatement, goods: Goods) -> tuple[Doubt, ...] | None:
    if not about.only_new or goods.is_new:
        return ()
    return (Assumption.CONDITION,) if goods.is_new is None else None


def _judgement_doubts(about: CategoryStatement, goods: Goods) -> tuple[Doubt, ...] | None:
    if about.test is CategoryTest.CATEGORY:
        return ()
    question = Question(about.question) if about.question else Question.GOODS_OF_THE_CATEGORY
    if question in goods.denied:
        return None
    is_known = question is Question.MEANT_TO_LAST and (goods.expected_life_months or 0) >= CONSIDERABLY_LONGER_MONTHS
    return () if is_known or question in goods.confirmed else (question,)


def _in_band(bands: Sequence[PriceBand], paid: Money | None) -> tuple[int | None, tuple[Doubt, ...]]:
    """The period of the price's band, None where none holds it; without a price in its money the longest, in doubt."""
    priced = [band for band in bands if paid is not None and band.currency == paid.currency]
    if paid is None or not priced:
        return max(band.value for band in bands), (Assumption.PRICE,)
    return max((band.value for band in priced if _holds(band, paid)), default=None), ()


def _holds(band: PriceBand, paid: Money) -> bool:
    minor = 10 ** exponent(band.currency)
    is_from = band.from_amount is None or paid.amount_minor >= band.from_amount * minor
    is_above = band.above_amount is None or paid.amount_minor > band.above_amount * minor
    return is_from and is_above and (band.to_amount is None or paid.amount_minor <= band.to_amount * minor)


def _rank(one: _Candidate) -> tuple[int, int]:
    return _days(one.rule.said)[1], -len(one.doubts)


def _at_least(one: Statement, other: Statement) -> bool:
    """Whether `one` is as long as `other` whatever day they start on; periods that start differently do not compare."""
    if one.counts_from is not other.counts_from:
        return False
    if one.unit is other.unit:
        return int(one.value or 0) >= int(other.value or 0)
    return _days(one)[0] >= _days(other)[1]


def _days(said: Statement) -> tuple[int, int]:
    """The fewest and the most calendar days of a period: only to compare two units, never to time anything.

    No single start day would do: two months are 59 to 62 days. A month is 30.4375 days on average, and no number of
    months is more than three days off that. Of business days the most is generous (one in three days, and a fortnight
    of holidays). So a period that may be the longer one is never taken for the shorter, which would serve the seller.
    """
    value = int(said.value or 0)
    match said.unit:
        case Unit.MONTHS:
            average = value * 487 // 16
            return max(0, average - 3), average + 4
        case Unit.BUSINESS_DAYS:
            return value, 3 * value + 14
        case Unit.HOURS:
            return value // 24, value // 24 + 1
        case Unit.CALENDAR_DAYS | None:
            return value, value
