"""Whose time a period is, what it starts with, and in which zone its last day ends."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from small_world import GUARANTEE, known_policy, months

from claims_api.domain.calendars import DayTable, WorkingCalendar
from claims_api.domain.day_counting import Due
from claims_api.domain.policy import Calendar, Policy, Rule
from claims_api.domain.policy_dates import (
    ENDS_LAST,
    WHOSE,
    SaleDates,
    due_of,
    dues_of,
    furthest_today,
    started,
    years_of,
    zones_of,
)
from claims_api.domain.policy_law import PeriodRule, Statement
from claims_api.domain.policy_words import (
    DIRECTION,
    Better,
    Confidence,
    CountsFrom,
    RuleField,
    RuleStatus,
    Unit,
)
from claims_api.domain.windows import RunsFor

DELIVERY, PURCHASE = CountsFrom.DELIVERY, CountsFrom.PURCHASE
BOUGHT, ARRIVED = date(2026, 5, 18), date(2026, 5, 21)
SALE = SaleDates(purchased_on=BOUGHT, delivered_on=ARRIVED)
BERLIN, NEW_YORK, HONOLULU = "Europe/Berlin", "America/New_York", "Pacific/Honolulu"

FEAST = date(2026, 6, 4)
WORKING = WorkingCalendar(frozenset({"sat", "sun"}), {2026: DayTable({FEAST: "Feast"})})
SUNDAYS = PeriodRule(rolls=True, over=("sun", "holiday"), source="A law", confidence=Confidence.VERIFIED, evidence=None)


def place(*zones: str, rule: PeriodRule | None = SUNDAYS) -> Calendar:
    return Calendar(
        weekend=("sat", "sun"),
        weekend_disputed=False,
        holidays=None,
        time_zone=zones[0] if zones else None,
        time_zones=zones if len(zones) > 1 else (),
        period_rule=rule,
    )


def days(value: int, counts_from: CountsFrom = DELIVERY, rolls: bool | None = None) -> Statement:
    return replace(months(value), unit=Unit.CALENDAR_DAYS, counts_from=counts_from, rolls=rolls)


def end(said: Statement, field: RuleField = RuleField.WITHDRAWAL_DAYS, at: Calendar | None = None) -> Due | None:
    return due_of(field, said, SALE, at or place(BERLIN), WORKING)


def test_every_field_that_is_a_length_of_time_is_somebodys() -> None:
    lengths = {field for field in RuleField if field.endswith(("_months", "_days"))}
    assert set(WHOSE) == lengths


def test_what_is_better_when_longer_is_the_customers_time_and_what_is_better_when_shorter_is_ours() -> None:
    whose = {Better.LONGER: RunsFor.CUSTOMER, Better.SHORTER: RunsFor.US}
    compared = {field: whose[DIRECTION[field]] for field in WHOSE if field in DIRECTION}
    assert {field: WHOSE[field] for field in compared} == compared
    assert WHOSE.keys() - compared.keys() == {RuleField.NOTICE_DUTY_DAYS}
    assert WHOSE[RuleField.NOTICE_DUTY_DAYS] is RunsFor.CUSTOMER


def test_a_period_starts_with_the_day_its_law_names() -> None:
    assert started(days(14), SALE) == ARRIVED
    assert started(days(14, PURCHASE), SALE) == BOUGHT


@pytest.mark.parametrize("counts_from", sorted(set(CountsFrom) - {DELIVERY, PURCHASE}))
def test_what_starts_with_something_else_has_no_end_in_a_sale(counts_from: CountsFrom) -> None:
    assert end(days(14, counts_from)) is None


def test_no_day_given_is_no_end() -> None:
    assert due_of(GUARANTEE, days(14), SaleDates(purchased_on=BOUGHT), place(BERLIN), WORKING) is None


@pytest.mark.parametrize(
    "said",
    [
        Statement(RuleStatus.NONE, Confidence.VERIFIED, counts_from=DELIVERY),
        Statement(RuleStatus.UNKNOWN, Confidence.UNCERTAIN, counts_from=DELIVERY),
        replace(months(24), value=None, counts_from=DELIVERY),  # by price
        replace(months(48), unit=Unit.HOURS, counts_from=DELIVERY),  # needs an instant
    ],
    ids=["none", "unknown", "by price", "hours"],
)
def test_what_has_no_length_in_days_has_no_end(said: Statement) -> None:
    assert end(said) is None
    assert years_of([said], SALE) == frozenset()


def test_the_customers_period_rolls_whatever_the_law_says_of_it() -> None:
    found = end(days(14, rolls=False), at=place(BERLIN, rule=None))
    assert found is not None
    assert (found.on, [one.name for one in found.skipped]) == (date(2026, 6, 5), ["Feast"])


@pytest.mark.parametrize(("rolls", "last_on"), [(True, date(2026, 6, 5)), (False, FEAST), (None, FEAST)])
def test_ours_rolls_by_the_word_of_the_law_only(rolls: bool | None, last_on: date) -> None:
    found = end(days(14, rolls=rolls), RuleField.REFUND_DAYS)
    assert found is not None
    assert found.on == last_on


@pytest.mark.parametrize(
    ("field", "zone"), [(RuleField.WITHDRAWAL_DAYS, HONOLULU), (RuleField.COMPLAINT_REPLY_DAYS, NEW_YORK)]
)
def test_of_several_zones_theirs_ends_last_and_ours_first(field: RuleField, zone: str) -> None:
    found = end(days(15), field, place(NEW_YORK, HONOLULU))
    assert found is not None
    assert found.zone == zone


def test_where_no_zone_is_known_theirs_ends_where_a_day_ends_last_and_ours_has_no_date() -> None:
    nowhere = place()
    found = end(days(15), at=nowhere)
    assert found is not None
    assert (found.zone, found.at) == (ENDS_LAST, datetime(2026, 6, 6, 12, tzinfo=UTC))
    assert end(days(15), RuleField.REFUND_DAYS, nowhere) is None
    assert zones_of(nowhere, RunsFor.US) == ()


def test_a_year_whose_holidays_are_missing_is_said_to_be() -> None:
    found = end(replace(months(24), counts_from=DELIVERY), GUARANTEE)
    assert found is not None
    assert (found.on, found.holidays_known) == (date(2028, 5, 22), False)  # the 21st is a Sunday


def test_the_years_to_know_are_those_in_which_something_ends() -> None:
    periods = [replace(months(24), counts_from=DELIVERY), days(14), days(14, CountsFrom.NOTICE)]
    assert years_of(periods, SALE) == frozenset({2026, 2027, 2028, 2029})


def test_a_policy_has_an_end_for_each_period_that_starts_with_a_known_day() -> None:
    known = known_policy()
    rules = {
        **known.rules,
        GUARANTEE: Rule(replace(months(24), counts_from=DELIVERY)),
        RuleField.WITHDRAWAL_DAYS: Rule(days(14)),
        RuleField.NOTICE_DUTY_DAYS: Rule(days(14, CountsFrom.DISCOVERY)),
    }
    policy: Policy = replace(known, rules=rules, calendar=place(BERLIN))
    assert list(dues_of(policy, SALE, WORKING)) == [GUARANTEE, RuleField.WITHDRAWAL_DAYS]
    assert dues_of(policy, SaleDates(), WORKING) == {}


def test_a_day_has_begun_somewhere_fourteen_hours_before_it_begins_in_utc() -> None:
    assert furthest_today(datetime(2026, 11, 21, 9, 59, tzinfo=UTC)) == date(2026, 11, 21)
    assert furthest_today(datetime(2026, 11, 21, 10, tzinfo=UTC)) == date(2026, 11, 22)
