"""A period that stood still, one that leads too far, and what no law says."""

from datetime import UTC, date, datetime

import pytest

from claims_api.domain.calendars import DayTable, WorkingCalendar, roll
from claims_api.domain.day_counting import (
    LastDay,
    Standstill,
    Term,
    add_months,
    due,
    due_on,
    end_of_day,
    last_day_after_cure,
    last_day_after_pauses,
    last_day_of,
    years_to_know,
)
from claims_api.domain.policy_law import Span
from claims_api.domain.policy_words import Unit
from claims_api.domain.windows import RunsFor

US, CUSTOMER = RunsFor.US, RunsFor.CUSTOMER
DAYS, BUSINESS, MONTHS, HOURS = Unit.CALENDAR_DAYS, Unit.BUSINESS_DAYS, Unit.MONTHS, Unit.HOURS
BERLIN = ["Europe/Berlin"]
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def on(text: str) -> date:
    return date.fromisoformat(text)


SAT_SUN = WorkingCalendar(frozenset({"sat", "sun"}), {2026: DayTable(), 2027: DayTable()})


@pytest.mark.parametrize(
    ("began", "ended", "last"),
    [
        ("2026-03-20", "2026-03-26", "2026-04-08"),  # seven days stood still, and more than seven are left
        ("2026-03-31", "2026-04-02", "2026-04-09"),  # three stood still; seven are left after the cure
        ("2026-04-01", "2026-05-10", "2026-05-17"),  # began on the last day: 40 more reach 11 May, seven reach 17 May
        ("2026-03-02", "2026-03-02", "2026-04-02"),  # cured the same day
        ("2026-04-02", "2026-04-20", "2026-04-01"),  # too late: the right had ended
    ],
)
def test_a_period_stands_still_during_a_cure_and_leaves_time_after_it(began: str, ended: str, last: str) -> None:
    thirty_days = last_day_of(on("2026-03-02"), Span(30, DAYS), SAT_SUN)

    cure = Standstill(on(began), on(ended))

    assert last_day_after_cure(thirty_days, cure, Span(7, DAYS), SAT_SUN).on == on(last)


PAUSE, LATER, OVER_A_WEEKEND = (
    Standstill(on("2026-06-10"), on("2026-06-15")),
    Standstill(on("2026-06-13"), on("2026-06-20")),
    Standstill(on("2026-06-12"), on("2026-06-15")),
)


@pytest.mark.parametrize(
    ("pauses", "unit", "whose", "last"),
    [
        ([PAUSE], DAYS, US, "2026-07-05"),  # the 11th to the 15th
        ([PAUSE], DAYS, CUSTOMER, "2026-07-06"),  # and the 10th
        ([PAUSE], MONTHS, US, "2026-07-05"),
        ([LATER, PAUSE], DAYS, US, "2026-07-10"),  # ten days; three of them are in both
        ([PAUSE, PAUSE], DAYS, CUSTOMER, "2026-07-06"),
        ([OVER_A_WEEKEND], BUSINESS, US, "2026-07-01"),  # only Monday the 15th was lost
        ([OVER_A_WEEKEND], BUSINESS, CUSTOMER, "2026-07-02"),  # and Friday the 12th
        ([Standstill(on("2026-06-30"), on("2026-07-02"))], DAYS, US, "2026-07-02"),  # on the last day
        ([Standstill(on("2026-07-01"), on("2026-07-09"))], DAYS, CUSTOMER, "2026-06-30"),  # after the end
        ([Standstill(on("2026-06-10"), on("2026-06-10"))], DAYS, US, "2026-06-30"),  # no whole day
        ([], DAYS, US, "2026-06-30"),
    ],
)
def test_a_pause_prolongs_a_period_by_the_days_it_took(
    pauses: list[Standstill], unit: Unit, whose: RunsFor, last: str
) -> None:
    found = last_day_after_pauses(LastDay(on("2026-06-30")), pauses, Term(Span(1, unit), whose), SAT_SUN)

    assert found.on == on(last)


def test_business_days_lost_in_years_without_a_table_are_not_known() -> None:
    term, pause = Term(Span(5, BUSINESS), US), Standstill(on("2027-12-30"), on("2028-01-05"))

    assert not last_day_after_pauses(LastDay(on("2027-12-30")), [pause], term, SAT_SUN).holidays_known


def test_a_prolonged_period_rolls_like_any_other() -> None:
    saturday = LastDay(on("2026-11-28"))

    found = due_on(saturday, Term(Span(14, DAYS), CUSTOMER), SAT_SUN, BERLIN)

    assert (found.on, found.rolled, found.at) == (on("2026-11-30"), True, utc("2026-11-30 23:00"))


@pytest.mark.parametrize(
    ("start", "span", "years"),
    [
        ("2026-12-01", Span(14, DAYS), [2026, 2027]),
        ("2026-12-18", Span(14, DAYS), [2026, 2027, 2028]),  # ends on 1 January, or a day earlier further west
        ("2026-11-24", Span(24, MONTHS), [2028, 2029]),  # not the years on the way
        ("2026-11-24", Span(20, BUSINESS), [2026, 2027, 2028]),
        ("2026-11-24", Span(48, HOURS), []),
    ],
)
def test_a_period_knows_the_years_whose_holidays_it_needs(start: str, span: Span, years: list[int]) -> None:
    assert list(years_to_know(on(start), span)) == years
    assert list(years_to_know(utc(f"{start} 12:00"), span)) == years


@pytest.mark.parametrize("unit", [MONTHS, DAYS, BUSINESS, HOURS])
def test_a_period_beyond_the_last_year_is_refused(unit: Unit) -> None:
    with pytest.raises(ValueError, match="years a date can have"):
        due(utc("9999-12-20 12:00"), Term(Span(600, unit), US), SAT_SUN, BERLIN)


def test_the_very_last_day_has_no_end() -> None:
    with pytest.raises(ValueError, match="years a date can have"):
        end_of_day(date.max, "Europe/Berlin")
    with pytest.raises(ValueError, match="years a date can have"):
        due(datetime.max.replace(tzinfo=UTC), Term(Span(1, DAYS), US), SAT_SUN, ["Pacific/Kiritimati"])
    assert end_of_day(on("9999-12-30"), "Pacific/Midway") == utc("9999-12-31 11:00")


def test_months_lead_out_of_the_years_on_both_sides() -> None:
    assert add_months(on("2026-03-31"), -1) == on("2026-02-28")
    for start, months in (("9999-12-01", 1), ("0001-01-01", -1)):
        with pytest.raises(ValueError, match="years a date can have"):
            add_months(on(start), months)


def test_what_no_law_says_is_refused() -> None:
    one_day = Term(Span(1, DAYS), US)
    with pytest.raises(ValueError, match="wall clock"):
        due(datetime(2026, 1, 1), one_day, SAT_SUN, BERLIN)
    with pytest.raises(ValueError, match="time zone"):
        due(on("2026-01-01"), one_day, SAT_SUN, [])
    with pytest.raises(ValueError, match="hours run from an instant"):
        due(on("2026-01-01"), Term(Span(1, HOURS), US), SAT_SUN, BERLIN)
    with pytest.raises(ValueError, match="calendar_days"):
        Term(Span(-1, DAYS), US)
    with pytest.raises(ValueError, match="months"):
        Term(Span(1_201, MONTHS), US)
    with pytest.raises(ValueError, match="days off"):
        Term(Span(1, DAYS), US, True, ("Sunday",))
    with pytest.raises(ValueError, match="before it stood still"):
        Standstill(on("2026-01-02"), on("2026-01-01"))
    with pytest.raises(ValueError, match="day of the week"):
        roll(on("2026-01-01"), frozenset(WEEK), SAT_SUN)


@pytest.mark.parametrize("weekend", [("caturday",), ("sat", "SUN"), WEEK])
def test_a_weekend_is_some_days_of_the_week(weekend: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="weekend"):
        WorkingCalendar(frozenset(weekend))


def test_hours_have_no_last_day() -> None:
    hours = Term(Span(1, HOURS), US)
    with pytest.raises(ValueError, match="hours"):
        last_day_of(on("2026-01-01"), hours.span, SAT_SUN)
    with pytest.raises(ValueError, match="hours"):
        due_on(LastDay(on("2026-01-01")), hours, SAT_SUN, BERLIN)
    with pytest.raises(ValueError, match="hours"):
        last_day_after_pauses(LastDay(on("2026-01-01")), [], hours, SAT_SUN)
