"""The ends of a claim's periods: those its ground makes worth knowing, per line, said once for lines that agree."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from claims_api.domain.claim_dates import MATTERS, ClaimedGoods, DatedRule, claim_dates, years_that_matter
from claims_api.domain.contract import Facts
from claims_api.domain.guarantees import Goods
from claims_api.domain.policy import Policy
from claims_api.domain.policy_dates import WHOSE, SaleDates
from claims_api.domain.policy_words import Category
from claims_api.domain.vocabulary import Ground
from claims_api.policies.actions.calendars import working_calendar
from claims_api.policies.actions.resolve import policy_of

BOUGHT, ARRIVED = date(2026, 3, 2), date(2026, 3, 5)
CLAIMED_AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
SALE = SaleDates(BOUGHT, ARRIVED, CLAIMED_AT)
HEADPHONES = Goods(Category.ELECTRONICS, is_new=True, paid=None, expected_life_months=None)


def policy(code: str, contract_on: date = BOUGHT, *, is_consumer: bool = True) -> Policy:
    return policy_of(code, CLAIMED_AT.date(), Facts(contract_on, is_consumer)).policy


def line(position: int = 1, ground: Ground = Ground.DEFECT, sale: SaleDates = SALE) -> ClaimedGoods:
    return ClaimedGoods(position, ground, HEADPHONES, sale)


def dates(found: Policy, *lines: ClaimedGoods) -> tuple[DatedRule, ...]:
    working = working_calendar(found.calendar, sorted(years_that_matter(found, lines)), "en")
    return claim_dates(found, lines, working)


def ends(found: Policy, *lines: ClaimedGoods) -> dict[str, str]:
    return {one.field.value: one.due.on.isoformat() for one in dates(found, *lines)}


# Counted by hand from 5 March 2026 (delivery) and 24 November 2026 (the claim).
BY_HAND = [
    # 24 months end on Sunday 5 March 2028 and roll; the presumption of 12 on a Friday
    ("DE", "statutory_guarantee_months", "2028-03-06"),
    ("DE", "burden_of_proof_months", "2027-03-05"),
    # 14 days from the complaint: a Tuesday
    ("PL", "complaint_reply_days", "2026-12-08"),
    # 30 days end on Saturday 4 April 2026
    ("GB", "immediate_rejection_days", "2026-04-06"),
    # 6 months end on Saturday 5 September 2026
    ("GB", "burden_of_proof_months", "2026-09-07"),
]


@pytest.mark.parametrize(("code", "field", "on"), BY_HAND)
def test_a_period_ends_where_a_person_counts_it(code: str, field: str, on: str) -> None:
    assert ends(policy(code), line())[field] == on


def test_the_reply_owed_by_law_decides_and_names_its_instant() -> None:
    (reply,) = (one for one in dates(policy("PL"), line()) if one.field.value == "complaint_reply_days")
    assert (reply.decides, reply.due.at) == (True, datetime(2026, 12, 8, 23, tzinfo=UTC))


def test_a_withdrawal_shows_its_own_period_and_no_other() -> None:
    sale = replace(SALE, delivered_on=date(2026, 11, 20))
    assert ends(policy("TW"), line(ground=Ground.WITHDRAWAL, sale=sale)) == {"withdrawal_days": "2026-11-27"}


def test_lines_that_end_alike_stand_together_and_others_apart() -> None:
    later = line(3, sale=replace(SALE, delivered_on=date(2026, 4, 7)))
    found = dates(policy("DE"), line(1), line(2), later)
    guarantees = [(one.due.on, one.positions) for one in found if one.field.value == "statutory_guarantee_months"]
    assert guarantees == [(date(2028, 3, 6), (1, 2)), (date(2028, 4, 7), (3,))]
    (cure,) = (one.positions for one in found if one.field.value == "max_repair_days")
    assert cure == (1, 2, 3)


def test_what_was_not_delivered_yet_has_no_end_that_counts_from_delivery() -> None:
    assert "statutory_guarantee_months" not in ends(policy("DE"), line(sale=replace(SALE, delivered_on=None)))


def test_a_number_that_is_only_a_lower_limit_is_shown_and_decides_nothing() -> None:
    (guarantee,) = (one for one in dates(policy("US-CA"), line()) if one.field.value == "statutory_guarantee_months")
    assert not guarantee.decides


def test_a_business_customer_is_owed_what_the_standard_promises_and_a_person_decides() -> None:
    found = dates(policy("DE", is_consumer=False), line())
    assert {one.field.value for one in found} == {"max_repair_days"}
    assert not any(one.decides for one in found)


def test_every_ground_names_periods_that_somebody_owns() -> None:
    assert set(MATTERS) == set(Ground)
    assert {field for fields in MATTERS.values() for field in fields} <= set(WHOSE)
