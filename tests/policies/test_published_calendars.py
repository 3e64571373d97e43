"""Due dates of real places, counted by hand with a calendar on the wall; and every published table there is."""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from claims_api.domain.calendars import DayTable, WorkingCalendar
from claims_api.domain.day_counting import Due, Term, due, years_to_know
from claims_api.domain.policy import Calendar
from claims_api.domain.policy_law import Span
from claims_api.domain.policy_words import Unit
from claims_api.domain.windows import RunsFor
from claims_api.policies import queries
from claims_api.policies.actions.calendars import working_calendar
from claims_api.policies.actions.resolve import policy_of

US, CUSTOMER = RunsFor.US, RunsFor.CUSTOMER
DAYS, BUSINESS = Unit.CALENDAR_DAYS, Unit.BUSINESS_DAYS
YEARS = range(2024, 2031)
TODAY = date(2026, 11, 24)
TABLES = sorted({one.holidays for one in queries.statute().regions.values() if one.holidays})


def place(code: str) -> Calendar:
    return policy_of(code, TODAY).policy.calendar


def on(text: str) -> date:
    return date.fromisoformat(text)


def counted(code: str, start: str, term: Term, language: str | None = None) -> Due:
    """The end of a period at a place, whose law says over what it rolls."""
    found = place(code)
    zones = found.time_zones or tuple(filter(None, [found.time_zone]))
    over = found.period_rule.over if found.period_rule else ()
    calendar = working_calendar(found, years_to_know(on(start), term.span), language)
    return due(on(start), replace(term, over=over), calendar, zones)


def days(code: str, language: str | None = None) -> DayTable:
    return working_calendar(place(code), [2026], language).tables[2026]


def tables_of(code: str, years: Iterable[int]) -> Mapping[int, DayTable]:
    return working_calendar(replace(place("DE"), holidays=code), years).tables


BY_CASE: list[tuple[str, str, Term, str, str]] = [
    # Fronleichnam, Thursday 4 June 2026, is a day off in Bavaria ...
    ("DE-BY", "2026-05-21", Term(Span(14, DAYS), CUSTOMER), "2026-06-05", "2026-06-05 22:00"),
    # ... and so is Epiphany, Wednesday 6 January 2027; the rest of Germany works.
    ("DE-BY", "2026-12-23", Term(Span(14, DAYS), CUSTOMER), "2027-01-07", "2027-01-07 23:00"),
    ("DE", "2026-12-23", Term(Span(14, DAYS), CUSTOMER), "2027-01-06", "2027-01-06 23:00"),
    # Boxing Day on a Saturday, then a Sunday: ours rolls only if the law says so.
    ("DE", "2026-12-12", Term(Span(14, DAYS), US, rolls=True), "2026-12-28", "2026-12-28 23:00"),
    ("DE", "2026-12-12", Term(Span(14, DAYS), US), "2026-12-26", "2026-12-26 23:00"),
    # Two years from a leap day.
    ("DE", "2024-02-29", Term(Span(24, Unit.MONTHS), CUSTOMER), "2026-03-02", "2026-03-02 23:00"),  # 28th: Saturday
    # Poland's reply period ends on Christmas Day, whoever is there to write; the customer's runs to Monday the 28th.
    ("PL", "2026-12-11", Term(Span(14, DAYS), US), "2026-12-25", "2026-12-25 23:00"),
    ("PL", "2026-12-11", Term(Span(14, DAYS), CUSTOMER), "2026-12-28", "2026-12-28 23:00"),
    ("PL", "2026-12-23", Term(Span(3, BUSINESS), US), "2026-12-30", "2026-12-30 23:00"),  # 28, 29, 30
    ("PL", "2026-04-30", Term(Span(1, BUSINESS), US), "2026-05-04", "2026-05-04 22:00"),  # 1 May is a Friday
    # Twenty business days for a repair: Republic Day is a Thursday; then 23 April, 1 and 19 May.
    ("TR", "2026-10-15", Term(Span(20, BUSINESS), US), "2026-11-13", "2026-11-13 21:00"),
    ("TR", "2026-04-22", Term(Span(20, BUSINESS), US), "2026-05-25", "2026-05-25 21:00"),
    # The feast of sacrifice, Wednesday to Saturday.
    ("TR", "2026-05-25", Term(Span(2, BUSINESS), US), "2026-06-01", "2026-06-01 21:00"),  # Tuesday, Monday
    # The weekend of the Emirates is Saturday and Sunday, that of Saudi Arabia Friday and Saturday.
    ("AE", "2026-11-26", Term(Span(2, BUSINESS), US), "2026-11-30", "2026-11-30 20:00"),
    (
        "AE",
        "2026-11-30",
        Term(Span(2, BUSINESS), US),
        "2026-12-04",
        "2026-12-04 20:00",
    ),  # National Day, the 2nd and 3rd
    ("SA", "2026-11-25", Term(Span(2, BUSINESS), US), "2026-11-29", "2026-11-29 21:00"),  # Thursday, Sunday
    ("SA", "2026-09-22", Term(Span(1, BUSINESS), US), "2026-09-24", "2026-09-24 21:00"),  # National Day on the 23rd
    ("BN", "2026-11-26", Term(Span(2, BUSINESS), US), "2026-11-30", "2026-11-30 16:00"),  # Friday and Sunday are off
    # China works on Saturday 14 February 2026 and rests from the 15th to the 23rd. Its west ends it later.
    ("CN", "2026-02-13", Term(Span(1, BUSINESS), US), "2026-02-14", "2026-02-14 16:00"),
    ("CN", "2026-02-13", Term(Span(2, BUSINESS), US), "2026-02-24", "2026-02-24 16:00"),
    ("CN", "2026-02-07", Term(Span(7, DAYS), CUSTOMER), "2026-02-14", "2026-02-14 18:00"),
    ("CN", "2026-09-24", Term(Span(7, DAYS), CUSTOMER), "2026-10-08", "2026-10-08 18:00"),  # the golden week
    # Saturdays worked elsewhere: Hungary, 13 December 2025; Russia, 1 November 2025.
    ("HU", "2025-12-10", Term(Span(5, BUSINESS), US), "2025-12-16", "2025-12-16 23:00"),  # 11, 12, 13, 15, 16
    ("RU", "2025-10-31", Term(Span(1, BUSINESS), US), "2025-11-01", "2025-11-01 12:00"),  # first in Anadyr
    # Russia's New Year: the 3rd falls into holidays to the 8th, a substituted Friday and a weekend.
    ("RU", "2025-12-24", Term(Span(10, DAYS), US, rolls=True), "2026-01-12", "2026-01-12 12:00"),
    # Korea: the new year of the moon, Monday to Wednesday; the harvest moon, Thursday to Saturday.
    ("KR", "2026-02-13", Term(Span(3, BUSINESS), US), "2026-02-23", "2026-02-23 15:00"),  # 19, 20, 23
    ("KR", "2026-09-17", Term(Span(7, DAYS), CUSTOMER), "2026-09-28", "2026-09-28 15:00"),
    # Japan: the golden week, 3 to 6 May (the 6th stands in for a Sunday), and five days in September.
    ("JP", "2026-05-01", Term(Span(1, BUSINESS), US), "2026-05-07", "2026-05-07 15:00"),
    ("JP", "2026-04-25", Term(Span(8, DAYS), CUSTOMER), "2026-05-07", "2026-05-07 15:00"),
    ("JP", "2026-09-18", Term(Span(1, BUSINESS), US), "2026-09-24", "2026-09-24 15:00"),
    # Britain: thirty days to Christmas Day; Boxing Day, a Saturday, is observed on Monday.
    ("GB", "2026-11-25", Term(Span(30, DAYS), CUSTOMER), "2026-12-29", "2026-12-30 00:00"),
    ("GB", "2026-12-03", Term(Span(30, DAYS), CUSTOMER), "2027-01-04", "2027-01-05 00:00"),
    (
        "GB-SCT",
        "2026-12-03",
        Term(Span(30, DAYS), CUSTOMER),
        "2027-01-05",
        "2027-01-06 00:00",
    ),  # 2 January is off there
    # America: ours ends in New York, theirs in Honolulu (in summer Adak is an hour ahead of it).
    ("US", "2026-06-01", Term(Span(14, DAYS), US), "2026-06-15", "2026-06-16 04:00"),
    ("US", "2026-06-01", Term(Span(14, DAYS), CUSTOMER), "2026-06-15", "2026-06-16 10:00"),
    ("US", "2026-06-20", Term(Span(14, DAYS), CUSTOMER), "2026-07-06", "2026-07-07 10:00"),  # 4 July is a Saturday
    # Ukraine: public holidays are suspended; Christmas Day 2026 is a Friday like any other.
    ("UA", "2026-12-24", Term(Span(1, BUSINESS), US), "2026-12-25", "2026-12-25 21:00"),  # first in Simferopol
]


@pytest.mark.parametrize(("code", "start", "term", "last", "end"), BY_CASE)
def test_a_due_date_of_a_real_place(code: str, start: str, term: Term, last: str, end: str) -> None:
    found = counted(code, start, term)

    assert (found.on, found.at) == (on(last), datetime.fromisoformat(end).replace(tzinfo=UTC))
    assert found.holidays_known


def test_skipped_holidays_have_their_local_names() -> None:
    found = counted("DE-BY", "2026-05-21", Term(Span(14, DAYS), CUSTOMER), "de-DE")

    assert [(one.on, one.name) for one in found.skipped] == [(on("2026-06-04"), "Fronleichnam")]


def test_a_run_of_days_off_is_named_day_by_day() -> None:
    found = counted("PL", "2026-12-11", Term(Span(14, DAYS), CUSTOMER), "en")

    names = ["Christmas Day", "Second Day of Christmas", "sun"]
    assert [one.name for one in found.skipped] == names
    assert found.rolled


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("DE-BY", "de-DE", "Heilige Drei Könige"),
        ("DE-BY", "DE", "Heilige Drei Könige"),
        ("DE-BY", "en", "Epiphany"),  # its table knows the English of another region only
        ("DE-BY", "en-GB", "Epiphany"),
        ("DE-BY", "ja-JP", "Heilige Drei Könige"),  # none of its languages: its own
        ("DE-BY", None, "Heilige Drei Könige"),
        ("PL", "pl", "Święto Trzech Króli"),
        ("PL", "", "Święto Trzech Króli"),
    ],
)
def test_a_holiday_is_named_in_the_language_asked_for_or_the_table_s_own(
    code: str, language: str | None, name: str
) -> None:
    assert days(code, language).holidays[on("2026-01-06")] == name


def test_of_several_regions_of_a_language_the_one_asked_for_counts() -> None:
    new_year = on("2026-02-17")

    assert days("CN", "zh-Hans-CN").holidays[new_year] == "\u6625\u8282"
    assert days("CN", "zh-Hant-TW").holidays[new_year] == "\u6625\u7bc0"
    assert days("CN", "zh").holidays[new_year] == "\u6625\u8282"


def test_the_language_of_the_process_names_no_holiday() -> None:
    code = (
        "import datetime; from claims_api.policies.actions import calendars, resolve; "
        f"place = resolve.policy_of('DE', datetime.date({TODAY.year}, 1, 1)).policy.calendar; "
        "print(min(calendars.working_calendar(place, [2026]).tables[2026].holidays.values()))"
    )
    environment = {**os.environ, "LANGUAGE": "en_US", "PYTHONUTF8": "1"}

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)

    assert done.stdout.strip() == "Christi Himmelfahrt"


def test_the_weekend_is_that_of_the_law_s_data() -> None:
    found = replace(place("SA"), weekend=("sun",))

    assert working_calendar(found, [2026]).weekend == {"sun"}
    assert working_calendar(replace(found, weekend=None), [2026]).weekend == set()


def test_a_place_without_a_table_says_so() -> None:
    found = working_calendar(replace(place("DE"), holidays=None), [2026])

    assert found == WorkingCalendar(frozenset({"sat", "sun"}))
    assert not due(on("2026-11-24"), Term(Span(1, BUSINESS), US), found, ["Europe/Berlin"]).holidays_known


def test_a_year_out_of_a_table_s_reach_is_not_known() -> None:
    found = counted("LK", "2026-12-30", Term(Span(3, BUSINESS), US))  # its table ends with the year

    assert (found.on, found.holidays_known) == (on("2027-01-04"), False)


def test_a_year_of_which_some_holidays_are_missing_is_not_known() -> None:
    assert tables_of("IN", range(2034, 2038)).keys() == {2034, 2035}  # then the feasts of the moon are


def test_a_suspended_table_is_known_and_empty() -> None:
    assert days("UA") == DayTable()


@pytest.mark.parametrize(
    ("code", "worked", "day_off"),
    [("TW", "2014-12-27", "2015-01-02"), ("AZ", "2024-12-29", "2025-01-03"), ("MM", "2025-01-11", "2024-12-31")],
)
def test_a_weekend_day_may_be_worked_for_a_day_off_of_another_year(code: str, worked: str, day_off: str) -> None:
    found = tables_of(code, [on(worked).year])
    assert on(worked) in found[on(worked).year].worked
    assert on(day_off) in tables_of(code, [on(day_off).year])[on(day_off).year].holidays


def test_a_table_that_is_not_published_is_an_error() -> None:
    for code in ("XX", "DE-XX"):
        with pytest.raises(LookupError, match=code):
            working_calendar(replace(place("DE"), holidays=code), [2026])


def test_a_year_of_a_table_is_read_once() -> None:
    assert days("DE-BY", "de") is days("DE-BY", "de-AT")


def test_every_country_s_table_is_there_for_the_years_we_plan() -> None:
    found = {code: tables_of(code, YEARS) for code in TABLES if "-" not in code}

    assert len(found) > 240
    assert {code: set(YEARS) - tables.keys() for code, tables in found.items() if tables.keys() != set(YEARS)} == {
        "LK": {2027, 2028, 2029, 2030}  # its full moons are announced year by year
    }
    # Public holidays are suspended in Ukraine; nowhere else are there fewer than four.
    assert {code for code, tables in found.items() if any(len(t.holidays) < 4 for t in tables.values())} == {"UA"}
    for year, table in ((year, table) for tables in found.values() for year, table in tables.items()):
        assert all(day.year == year and name.strip() for day, name in table.holidays.items())
        assert all(day.year == year and day not in table.holidays for day in table.worked)


def test_every_subdivision_s_table_is_there() -> None:
    found = {code: tables_of(code, [2026])[2026].holidays for code in TABLES if "-" in code}

    assert len(found) > 600
    assert min(len(named) for named in found.values()) >= 5


def test_loading_the_module_loads_no_country() -> None:
    code = (
        "import sys, claims_api.policies.actions.calendars; "
        "print([name for name in sys.modules if name.startswith('holidays.countries')])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
