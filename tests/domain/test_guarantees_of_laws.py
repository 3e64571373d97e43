"""Which guarantee real laws give, typed by hand from the law's data. The key beside each row is where it stands."""

from dataclasses import replace
from datetime import date

import pytest

from claims_api.domain.contract import Facts
from claims_api.domain.guarantees import Goods, GuaranteeOrigin, guarantee_for
from claims_api.domain.money import Money
from claims_api.domain.policy import resolve
from claims_api.domain.policy_words import Assumption, Category, Question
from claims_api.policies import queries

TODAY = date(2026, 11, 22)
GENERAL, CATEGORY, OF_USED = GuaranteeOrigin.GENERAL, GuaranteeOrigin.CATEGORY, GuaranteeOrigin.USED
LASTS, LISTED = Question.MEANT_TO_LAST, Question.ON_THE_LIST_OF_DURABLE_GOODS
NEW = Goods(Category.CLOTHING, is_new=True, paid=Money(10_000, "EUR"), expected_life_months=None)
SECOND_HAND = replace(NEW, is_new=False)
NOTHING_KNOWN = Goods(None, None, None, None)
FOOD = replace(NEW, category=Category.PERISHABLES)
WASHER, PHONE, OVEN = Category.WASHING_APPLIANCES, Category.MOBILE_DEVICES, Category.SMALL_APPLIANCES
FROM_QUEBEC_S_DAY, BEFORE_IT = date(2026, 10, 5), date(2026, 10, 4)

# region, contract's day, goods, origin, value, assumed, open-ended                           key in statutory.yaml
REAL = [
    ("DE", TODAY, SECOND_HAND, GENERAL, 24, (), False),  # DE used_goods_guarantee_months: only_if_agreed
    ("CZ", TODAY, SECOND_HAND, GENERAL, 24, (), False),  # CZ used_goods_guarantee_months: only_if_agreed
    ("CO", TODAY, SECOND_HAND, OF_USED, 3, (), False),  # CO used_goods_guarantee_months
    ("NO", TODAY, NEW, CATEGORY, 60, (LASTS,), False),  # NO category_guarantees
    ("NO", TODAY, replace(NEW, expected_life_months=120), CATEGORY, 60, (), False),
    ("SI", TODAY, replace(NEW, category=OVEN), GENERAL, 24, (), False),  # SI: 12 months beside 24
    ("CA-QC", FROM_QUEBEC_S_DAY, replace(NEW, category=WASHER), CATEGORY, 60, (), True),  # CA-QC category_guarantees
    ("CA-QC", FROM_QUEBEC_S_DAY, replace(NEW, category=PHONE), CATEGORY, 36, (), True),
    ("CA-QC", BEFORE_IT, replace(NEW, category=PHONE), GENERAL, None, (), True),  # before: none; general: unknown
    (
        "CA-QC",
        None,
        NOTHING_KNOWN,
        CATEGORY,
        72,
        (Assumption.CATEGORY, Assumption.CONDITION, Assumption.CONTRACT_DATE),
        True,
    ),
    ("BR", TODAY, FOOD, CATEGORY, 30, (), True),  # BR: replaces_general
    ("BR", TODAY, NEW, GENERAL, 90, (), True),  # BR statutory_guarantee_months: 90 calendar days
    ("HU", TODAY, replace(NEW, paid=Money(25_000_000, "HUF")), GENERAL, 24, (), False),  # HU price_bands: to 250 000
    ("HU", TODAY, replace(NEW, paid=Money(25_000_100, "HUF")), CATEGORY, 36, (LISTED,), False),
    ("HU", TODAY, NEW, CATEGORY, 36, (LISTED, Assumption.PRICE), False),  # paid in another currency
    ("GB", TODAY, NEW, GENERAL, None, (), True),  # GB expected_lifespan_rule, no number
]


@pytest.mark.parametrize(("code", "contract_on", "goods", "origin", "value", "assumed", "open_ended"), REAL)
def test_guarantees_of_real_laws(
    code: str,
    contract_on: date | None,
    goods: Goods,
    origin: GuaranteeOrigin,
    value: int | None,
    assumed: tuple[str, ...],
    open_ended: bool,
) -> None:
    found = guarantee_for(resolve(queries.statute(), code, Facts(contract_on), TODAY), goods)
    assert (found.origin, found.rule.said.value, found.assumed) == (origin, value, assumed)
    assert found.open_ended is open_ended


def test_every_question_of_the_data_is_a_word_of_ours() -> None:
    entries = (one for place in queries.statute().entries.values() for one in place.category_guarantees)
    asked = {one.question for one in entries if one.question}
    assert asked <= set(Question)
    assert asked
