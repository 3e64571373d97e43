"""Which guarantee applies to the goods of a line, and what it takes for granted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from small_world import GUARANTEE, TODAY, entry, months, says, truth, world

from claims_api.domain.contract import Facts
from claims_api.domain.guarantees import Goods, Guarantee, GuaranteeOrigin, guarantee_for, may_run_out
from claims_api.domain.money import Money
from claims_api.domain.policy import resolve
from claims_api.domain.policy_law import CategoryStatement, PriceBand, Statement
from claims_api.domain.policy_words import (
    Assumption,
    Category,
    CategoryTest,
    Confidence,
    CountsFrom,
    Flag,
    Question,
    RuleField,
    RuleStatus,
    Unit,
)

USED, LIFE = RuleField.USED_GOODS_GUARANTEE_MONTHS, RuleField.EXPECTED_LIFESPAN_RULE
GENERAL, CATEGORY, OF_USED = GuaranteeOrigin.GENERAL, GuaranteeOrigin.CATEGORY, GuaranteeOrigin.USED
TELEVISIONS, FOOD = Category.TELEVISIONS, Category.PERISHABLES
CLOTHING = Category.CLOTHING
UNCERTAIN, NONE, UNKNOWN = Confidence.UNCERTAIN, RuleStatus.NONE, RuleStatus.UNKNOWN

NEW = Goods(CLOTHING, is_new=True, paid=Money(10_000, "EUR"), expected_life_months=None)
SECOND_HAND = replace(NEW, is_new=False)
NOTHING_KNOWN = Goods(None, None, None, None)
OTHER_WORD = Question.ON_THE_LIST_OF_DURABLE_GOODS
LASTS = Question.MEANT_TO_LAST

BANDS = (PriceBand("EUR", 24, 100, None, 500), PriceBand("EUR", 36, None, 500, None))


def about(said: Statement, *categories: Category, **members: object) -> CategoryStatement:
    """An entry the category decides about; of no category: one a person judges."""
    test, question = (CategoryTest.CATEGORY, None) if categories else (CategoryTest.JUDGEMENT, OTHER_WORD.value)
    known = CategoryStatement(said, categories, test, question, only_new=False, replaces_general=False, price_bands=())
    return replace(known, **members)  # type: ignore[arg-type]  # members of CategoryStatement by name


def days(value: int) -> Statement:
    return replace(months(value), unit=Unit.CALENDAR_DAYS)


def of(
    goods: Goods,
    *entries: CategoryStatement,
    general: Statement | None = None,
    standard: Mapping[RuleField, Statement] | None = None,
    laws: Mapping[RuleField, Statement] | None = None,
) -> Guarantee:
    """The guarantee of goods in a land where the general one is 24 months, unless said otherwise."""
    statements = {GUARANTEE: general or months(24), **(laws or {})}
    statute = world(entry("AA", statements=statements, category_guarantees=entries))
    return guarantee_for(resolve(statute, "AA", Facts(TODAY), TODAY, standard or {}), goods)


def shown(found: Guarantee) -> tuple[GuaranteeOrigin, object, tuple[str, ...], tuple[str, ...]]:
    return found.origin, found.rule.said.value, found.assumed, found.questions


def test_without_anything_special_the_general_guarantee_counts_and_may_run_out() -> None:
    found = of(NOTHING_KNOWN)
    assert shown(found) == (GENERAL, 24, (), ())
    assert may_run_out(found)


TV = about(months(48), TELEVISIONS)
NEW_TV = about(months(48), TELEVISIONS, only_new=True)
DURABLE = about(months(60))
LASTING = about(months(60), question=LASTS.value)
LISTED_TV = about(months(48), TELEVISIONS, test=CategoryTest.JUDGEMENT, question=OTHER_WORD.value)
BY_PRICE = about(replace(months(0), value=None), TELEVISIONS, price_bands=BANDS)
PERISHES = about(days(30), FOOD, replaces_general=True)

A_TV = replace(NEW, category=TELEVISIONS)
UNSORTED = replace(NEW, category=None)
BY_CONDITION = (Assumption.CONDITION,)
BY_CATEGORY = (Assumption.CATEGORY,)
TO_ASK = (OTHER_WORD,)

# entries, goods, origin, value, assumed, questions
APPLIES = [
    ((TV,), A_TV, CATEGORY, 48, (), ()),
    ((TV,), NEW, GENERAL, 24, (), ()),  # goods of another category
    ((TV,), UNSORTED, CATEGORY, 48, BY_CATEGORY, ()),
    ((TV, about(months(72), FOOD)), UNSORTED, CATEGORY, 72, BY_CATEGORY, ()),  # the longest of all
    ((about(months(12), TELEVISIONS),), A_TV, GENERAL, 24, (), ()),  # of an entry and the general the longer
    ((about(months(12), TELEVISIONS),), UNSORTED, GENERAL, 24, (), ()),  # nothing hangs on the category
    ((TV, about(months(60), TELEVISIONS)), A_TV, CATEGORY, 60, (), ()),
    ((NEW_TV,), A_TV, CATEGORY, 48, (), ()),
    ((NEW_TV,), replace(A_TV, is_new=False), GENERAL, 24, (), ()),
    ((NEW_TV,), replace(A_TV, is_new=None), CATEGORY, 48, BY_CONDITION, ()),
    ((NEW_TV,), NOTHING_KNOWN, CATEGORY, 48, (*BY_CATEGORY, *BY_CONDITION), ()),
    ((NEW_TV, TV), replace(A_TV, is_new=None), CATEGORY, 48, (), ()),  # of two the one that takes nothing for granted
    ((DURABLE,), NEW, CATEGORY, 60, TO_ASK, TO_ASK),
    ((DURABLE,), replace(NEW, confirmed=frozenset(TO_ASK)), CATEGORY, 60, (), ()),
    ((DURABLE,), replace(NEW, denied=frozenset(TO_ASK)), GENERAL, 24, (), ()),
    ((about(months(12)),), NEW, GENERAL, 24, (), ()),  # nobody is asked what changes nothing
    ((LISTED_TV,), A_TV, CATEGORY, 48, TO_ASK, TO_ASK),
    ((LISTED_TV,), NEW, GENERAL, 24, (), ()),
    ((LASTING,), NEW, CATEGORY, 60, (LASTS,), (LASTS,)),
    ((LASTING,), replace(NEW, expected_life_months=48), CATEGORY, 60, (), ()),
    ((LASTING,), replace(NEW, expected_life_months=47), CATEGORY, 60, (LASTS,), (LASTS,)),  # never against them
    ((LASTING,), replace(NEW, expected_life_months=1), CATEGORY, 60, (LASTS,), (LASTS,)),
    ((DURABLE,), replace(NEW, expected_life_months=240), CATEGORY, 60, TO_ASK, TO_ASK),  # answers another question
    ((about(says(NONE), TELEVISIONS),), A_TV, GENERAL, 24, (), ()),
    ((about(says(UNKNOWN), TELEVISIONS),), A_TV, GENERAL, 24, (), (Question.STATUTORY_POSITION,)),
    ((PERISHES,), NEW, GENERAL, 24, (), ()),
    ((PERISHES,), replace(NEW, category=FOOD), CATEGORY, 30, (), (Question.GOODS_OF_THE_CATEGORY,)),
    ((PERISHES,), UNSORTED, GENERAL, 24, BY_CATEGORY, ()),  # the general one, if it is none of these
]


@pytest.mark.parametrize(("entries", "goods", "origin", "value", "assumed", "questions"), APPLIES)
def test_the_guarantee_of_goods(
    entries: tuple[CategoryStatement, ...],
    goods: Goods,
    origin: GuaranteeOrigin,
    value: int,
    assumed: tuple[str, ...],
    questions: tuple[str, ...],
) -> None:
    found = of(goods, *entries)
    assert shown(found) == (origin, value, assumed, questions)
    assert may_run_out(found) is not bool(assumed or questions)


# price of a television, origin, value, assumed; the general guarantee is 12 months
PRICES = [
    (Money(9_999, "EUR"), GENERAL, 12, ()),  # under every band
    (Money(10_000, "EUR"), CATEGORY, 24, ()),  # `from` includes the amount
    (Money(50_000, "EUR"), CATEGORY, 24, ()),  # `to` includes it, `above` does not
    (Money(50_001, "EUR"), CATEGORY, 36, ()),
    (None, CATEGORY, 36, (Assumption.PRICE,)),
    (Money(1, "USD"), CATEGORY, 36, (Assumption.PRICE,)),  # never converted
]


@pytest.mark.parametrize(("paid", "origin", "value", "assumed"), PRICES)
def test_the_band_of_the_price_gives_the_period(
    paid: Money | None, origin: GuaranteeOrigin, value: int, assumed: tuple[str, ...]
) -> None:
    found = of(replace(A_TV, paid=paid), BY_PRICE, general=months(12))
    assert shown(found) == (origin, value, assumed, ())
    assert shown(of(replace(NEW, paid=paid), BY_PRICE)) == (GENERAL, 24, (), ())


def test_a_person_confirms_or_denies_that_goods_are_of_a_category_with_a_shorter_period() -> None:
    asked = frozenset({Question.GOODS_OF_THE_CATEGORY})
    food = replace(NEW, category=FOOD)
    assert shown(of(replace(food, confirmed=asked), PERISHES)) == (CATEGORY, 30, (), ())
    assert shown(of(replace(food, denied=asked), PERISHES)) == (GENERAL, 24, (), ())


def test_a_shorter_period_that_may_not_decide_stands_in_no_place() -> None:
    flagged = [months(12, flag) for flag in Flag] + [replace(months(12), confidence=UNCERTAIN)]
    for said in flagged:
        found = of(replace(NEW, category=FOOD), about(said, FOOD, replaces_general=True))
        assert (found.origin, found.rule.said.value) == (GENERAL, 24)


# general, used goods' rule, whether the goods are new, origin, value, assumed
SECOND_HAND_RULES = [
    (months(24), months(12), False, OF_USED, 12, ()),
    (months(24), months(12), True, GENERAL, 24, ()),
    (months(24), months(12), None, GENERAL, 24, BY_CONDITION),
    (months(24), months(24), None, GENERAL, 24, ()),  # nothing hangs on it
    (months(6), months(12), None, OF_USED, 12, BY_CONDITION),  # whatever is better for the customer
    *((months(24), months(12, flag), False, GENERAL, 24, ()) for flag in Flag),
    *((months(24), months(12, flag), None, GENERAL, 24, ()) for flag in Flag),
    (months(24), replace(months(12), confidence=UNCERTAIN), False, GENERAL, 24, ()),
    *((months(6), months(12, flag), is_new, GENERAL, 6, ()) for flag in Flag for is_new in (False, None)),
    (months(24), says(NONE), False, GENERAL, 24, ()),
    (months(24), says(UNKNOWN), False, GENERAL, 24, ()),
    (says(UNKNOWN), months(12), False, OF_USED, 12, ()),
]


@pytest.mark.parametrize(("general", "used", "is_new", "origin", "value", "assumed"), SECOND_HAND_RULES)
def test_used_goods(
    general: Statement,
    used: Statement,
    is_new: bool | None,
    origin: GuaranteeOrigin,
    value: int,
    assumed: tuple[str, ...],
) -> None:
    found = of(replace(NEW, is_new=is_new), general=general, laws={USED: used})
    assert shown(found)[:3] == (origin, value, assumed)


def test_what_lost_is_in_the_trail() -> None:
    agreed = {USED: months(12, Flag.ONLY_IF_AGREED)}
    assert [(one.origin, one.rule.said.value) for one in of(SECOND_HAND, laws=agreed).trail] == [(OF_USED, 12)]
    shortened = of(SECOND_HAND, laws={USED: months(12)})
    assert [(one.origin, one.rule.said.value) for one in shortened.trail] == [(GENERAL, 24)]
    assert [(one.origin, one.rule.said.value) for one in of(A_TV, TV).trail] == [(GENERAL, 24)]


def test_a_category_s_guarantee_outlasts_the_one_of_used_goods() -> None:
    assert shown(of(SECOND_HAND, TV, about(months(36), CLOTHING), laws={USED: months(12)}))[:2] == (CATEGORY, 36)


@pytest.mark.parametrize(("status", "asks"), [(UNKNOWN, True), (RuleStatus.LEFT_TO_MEMBERS, True), (NONE, False)])
def test_an_entry_counts_where_the_general_rule_gives_no_number_but_an_open_law_lets_it_refuse_nothing(
    status: RuleStatus, asks: bool
) -> None:
    found = of(A_TV, TV, general=says(status))
    assert shown(found)[:2] == (CATEGORY, 48)
    assert found.questions == ((Question.STATUTORY_POSITION,) if asks else ())
    assert may_run_out(found) is not asks


@pytest.mark.parametrize(("life", "is_open"), [(truth(True), True), (truth(False), False), (says(UNKNOWN), False)])
def test_where_goods_are_to_live_as_long_as_is_reasonable_no_number_ends_the_guarantee(
    life: Statement, is_open: bool
) -> None:
    found = of(NEW, laws={LIFE: life})
    assert (found.open_ended, may_run_out(found)) == (is_open, not is_open)


# general, entry, origin, whether it hangs on the day of delivery which is longer
UNITS = [
    (months(24), days(60), GENERAL, False),
    (days(60), months(24), CATEGORY, False),
    (months(2), days(58), GENERAL, True),  # too near to tell: neither ends anything
    (months(2), days(62), GENERAL, True),
    (months(2), days(80), CATEGORY, False),
    (months(1), replace(months(120), unit=Unit.BUSINESS_DAYS), CATEGORY, False),
    (months(12), replace(months(300), unit=Unit.BUSINESS_DAYS), CATEGORY, True),
    (months(1), replace(months(48), unit=Unit.HOURS), GENERAL, False),
]


@pytest.mark.parametrize(("general", "special", "origin", "is_near"), UNITS)
def test_of_two_units_the_one_that_may_be_longer_counts(
    general: Statement, special: Statement, origin: GuaranteeOrigin, is_near: bool
) -> None:
    found = of(A_TV, about(special, TELEVISIONS), general=general)
    assert (found.origin, found.assumed) == (origin, (Assumption.LENGTH,) if is_near else ())
    assert found.rule.said.unit is (general if origin is GENERAL else special).unit


def test_an_assumed_contract_date_of_any_rule_considered_is_assumed_of_the_guarantee() -> None:
    changing = replace(months(48), effective_from=date(2026, 1, 1), before=months(12))
    statute = world(
        entry("AA", statements={GUARANTEE: months(24)}, category_guarantees=(about(changing, TELEVISIONS),))
    )
    guessed = guarantee_for(resolve(statute, "AA", Facts(None), TODAY), A_TV)
    older = guarantee_for(resolve(statute, "AA", Facts(date(2025, 1, 1)), TODAY), A_TV)
    assert shown(guessed) == (CATEGORY, 48, (Assumption.CONTRACT_DATE,), ())
    assert shown(older) == (GENERAL, 24, (), ())


def test_a_rule_that_lost_but_might_have_won_on_another_day_leaves_the_contract_date_assumed() -> None:
    changing = replace(says(UNKNOWN), effective_from=date(2026, 1, 1), before=months(48))
    statute = world(
        entry("AA", statements={GUARANTEE: months(24)}, category_guarantees=(about(changing, TELEVISIONS),))
    )
    guessed = guarantee_for(resolve(statute, "AA", Facts(None), TODAY), A_TV)
    assert shown(guessed)[:3] == (GENERAL, 24, (Assumption.CONTRACT_DATE,))


def test_periods_that_start_on_different_days_do_not_compare() -> None:
    bought = replace(months(24), counts_from=CountsFrom.PURCHASE)
    delivered = replace(months(30), counts_from=CountsFrom.DELIVERY)
    found = of(A_TV, about(delivered, TELEVISIONS), general=bought)
    assert shown(found)[:3] == (CATEGORY, 30, (Assumption.LENGTH,))


def test_no_law_shortens_what_the_standard_promises() -> None:
    promise = {GUARANTEE: months(36)}
    assert shown(of(SECOND_HAND, standard=promise, laws={USED: months(12)}))[:2] == (GENERAL, 36)
    assert shown(of(replace(NEW, category=FOOD), PERISHES, standard=promise))[:2] == (GENERAL, 36)


def test_no_promise_for_used_goods_shortens_what_the_law_gives_them() -> None:
    promise = {USED: months(18)}
    assert shown(of(SECOND_HAND, standard=promise, laws={USED: says(NONE)}))[:2] == (GENERAL, 24)
    assert shown(of(SECOND_HAND, standard=promise, laws={USED: says(UNKNOWN)}))[:2] == (GENERAL, 24)
    assert shown(of(SECOND_HAND, standard=promise, laws={USED: months(12)}))[:2] == (OF_USED, 18)
