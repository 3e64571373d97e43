"""Dates counted by hand: ends of months, days off, worked weekends, several zones, days without a midnight."""

from datetime import UTC, date, datetime

import pytest

from claims_api.domain.calendars import (
    NO_DAYS_OFF,
    DayTable,
    Skipped,
    WorkingCalendar,
    add_business_days,
)
from claims_api.domain.day_counting import (
    Term,
    due,
    last_day_of,
)
from claims_api.domain.policy_law import Span
from claims_api.domain.policy_words import Unit
from claims_api.domain.windows import RunsFor, end_of_window

US, CUSTOMER = RunsFor.US, RunsFor.CUSTOMER
DAYS, BUSINESS, MONTHS, HOURS = Unit.CALENDAR_DAYS, Unit.BUSINESS_DAYS, Unit.MONTHS, Unit.HOURS
BERLIN = ["Europe/Berlin"]


def week(*weekend: str) -> WorkingCalendar:
    """A calendar without any holiday, for some years."""
    return WorkingCalendar(frozenset(weekend), {year: DayTable() for year in range(2010, 2041)})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def on(text: str) -> date:
    return date.fromisoformat(text)


SAT_SUN = week("sat", "sun")
CHRISTMAS = {on("2026-12-25"): "Christmas Day", on("2026-12-26"): "Second Day of Christmas"}
WORKED = frozenset({on("2026-12-19")})
FESTIVE = WorkingCalendar(frozenset({"sat", "sun"}), {2026: DayTable(CHRISTMAS, WORKED), 2027: DayTable()})
LAW = ("sun", "holiday")  # a law that does not name Saturday


@pytest.mark.parametrize(
    ("start", "value", "unit", "last"),
    [
        ("2026-01-31", 1, MONTHS, "2026-02-28"),  # no 31st: the month's last day
        ("2024-01-31", 1, MONTHS, "2024-02-29"),  # of a leap year
        ("2024-02-29", 12, MONTHS, "2025-02-28"),  # from a leap day
        ("2024-02-29", 48, MONTHS, "2028-02-29"),  # to a leap day
        ("2024-02-28", 12, MONTHS, "2025-02-28"),
        ("2026-08-31", 6, MONTHS, "2027-02-28"),  # over the year
        ("2026-12-31", 2, MONTHS, "2027-02-28"),
        ("2026-03-31", 1, MONTHS, "2026-04-30"),
        ("2026-04-30", 1, MONTHS, "2026-05-30"),  # the same number, not the month's last day
        ("2026-11-24", 1, MONTHS, "2026-12-24"),  # a month is not thirty days ...
        ("2027-02-10", 1, MONTHS, "2027-03-10"),  # ... not even a short one
        ("2025-03-05", 24, MONTHS, "2027-03-05"),
        ("2026-11-24", 600, MONTHS, "2076-11-24"),
        ("2026-11-24", 0, MONTHS, "2026-11-24"),
        ("2026-02-28", 1, MONTHS, "2026-03-28"),
        ("2026-03-05", 14, DAYS, "2026-03-19"),
        ("2026-11-24", 14, DAYS, "2026-12-08"),  # the day of the event does not count
        ("2024-02-15", 14, DAYS, "2024-02-29"),
        ("2026-12-25", 14, DAYS, "2027-01-08"),
        ("2026-01-01", 3660, DAYS, "2036-01-09"),  # ten years have 3652 days here
        ("2026-11-24", 0, DAYS, "2026-11-24"),  # promptly: the same day
        ("2026-11-27", 1, BUSINESS, "2026-11-30"),  # Friday to Monday
        ("2026-11-28", 1, BUSINESS, "2026-11-30"),  # Saturday to Monday
        ("2026-11-24", 5, BUSINESS, "2026-12-01"),  # a week
        ("2026-11-24", 20, BUSINESS, "2026-12-22"),  # four weeks
        ("2026-11-28", 0, BUSINESS, "2026-11-28"),  # promptly, also on a Saturday
    ],
)
def test_a_period_is_counted_from_the_day_after_the_event(start: str, value: int, unit: Unit, last: str) -> None:
    assert last_day_of(on(start), Span(value, unit), SAT_SUN).on == on(last)


@pytest.mark.parametrize(
    ("weekend", "start", "days", "last", "skipped"),
    [
        (["fri", "sat"], "2026-11-25", 2, "2026-11-29", ["27 fri", "28 sat"]),  # Thursday, Sunday
        (["fri", "sun"], "2026-11-26", 2, "2026-11-30", ["27 fri", "29 sun"]),  # days that do not follow each other
        (["thu", "fri"], "2026-11-25", 1, "2026-11-28", ["26 thu", "27 fri"]),
        (["fri"], "2026-11-26", 2, "2026-11-29", ["27 fri"]),
        (["sun"], "2026-11-27", 2, "2026-11-30", ["29 sun"]),  # Saturday is worked
        ([], "2026-11-27", 2, "2026-11-29", []),  # nobody told of a weekend
    ],
)
def test_any_days_of_the_week_may_be_the_weekend(
    weekend: list[str], start: str, days: int, last: str, skipped: list[str]
) -> None:
    found, passed = add_business_days(on(start), days, week(*weekend))

    assert found == on(last)
    assert [f"{one.on.day} {one.name}" for one in passed] == skipped


def test_business_days_name_every_day_off_on_their_way() -> None:
    found = due(on("2026-12-24"), Term(Span(1, BUSINESS), US), FESTIVE, BERLIN)

    assert found.skipped == (
        Skipped(on("2026-12-25"), "Christmas Day"),
        Skipped(on("2026-12-26"), "Second Day of Christmas"),  # a Saturday: the holiday's name says more
        Skipped(on("2026-12-27"), "sun"),
    )
    assert (found.on, found.at, found.rolled) == (on("2026-12-28"), utc("2026-12-28 23:00"), False)
    assert (found.zone, found.counted, found.holidays_known) == ("Europe/Berlin", Span(1, BUSINESS), True)


def test_a_worked_saturday_is_a_business_day_and_no_day_to_roll_over() -> None:
    assert add_business_days(on("2026-12-18"), 1, FESTIVE) == (on("2026-12-19"), ())
    assert due(on("2026-12-05"), Term(Span(14, DAYS), CUSTOMER), FESTIVE, BERLIN).on == on("2026-12-19")


@pytest.mark.parametrize(
    ("whose", "rolls", "over", "last"),
    [
        (US, None, LAW, "2026-12-26"),  # the law says nothing: we keep the day
        (US, False, LAW, "2026-12-26"),
        (US, True, LAW, "2026-12-28"),  # the 26th is a holiday, the 27th a Sunday
        (US, True, ("sun",), "2026-12-26"),  # a law of Sundays only; this is a Saturday
        (US, True, ("sat",), "2026-12-27"),  # and one of Saturdays ends on a Sunday
        (US, True, (), "2026-12-26"),
        (CUSTOMER, None, (), "2026-12-28"),  # theirs roll in any case
        (CUSTOMER, False, (), "2026-12-28"),
        (CUSTOMER, True, ("mon",), "2026-12-29"),  # over what the law names beside the weekend, too
    ],
)
def test_ours_roll_by_the_word_of_a_law_only_and_theirs_always(
    whose: RunsFor, rolls: bool | None, over: tuple[str, ...], last: str
) -> None:
    found = due(on("2026-12-12"), Term(Span(14, DAYS), whose, rolls, over), FESTIVE, BERLIN)

    assert found.on == on(last)
    assert found.rolled is (last != "2026-12-26")
    assert [one.on.day for one in found.skipped] == list(range(26, found.on.day))


def test_business_days_never_roll() -> None:
    ours, theirs = Term(Span(0, BUSINESS), US, True, LAW), Term(Span(0, BUSINESS), CUSTOMER, True, LAW)

    assert {due(on("2026-12-26"), one, FESTIVE, BERLIN).on for one in (ours, theirs)} == {on("2026-12-26")}


@pytest.mark.parametrize(
    ("start", "span", "whose", "rolls", "known"),
    [
        ("2027-12-30", Span(3, BUSINESS), US, None, False),  # 2028 has no table
        ("2027-12-30", Span(1, BUSINESS), US, None, True),
        ("2027-12-31", Span(0, BUSINESS), US, None, True),  # nothing was counted
        ("2028-01-03", Span(14, DAYS), CUSTOMER, None, False),  # rolls, over days we do not know
        ("2028-01-03", Span(14, DAYS), US, True, False),
        ("2028-01-03", Span(14, DAYS), US, None, True),  # no holiday could change it
        ("2027-12-17", Span(14, DAYS), CUSTOMER, None, True),  # a Friday of a known year
        ("2027-12-18", Span(14, DAYS), CUSTOMER, None, False),  # 1 January 2028
    ],
)
def test_a_date_says_when_a_missing_table_could_have_changed_it(
    start: str, span: Span, whose: RunsFor, rolls: bool | None, known: bool
) -> None:
    assert due(on(start), Term(span, whose, rolls, LAW), FESTIVE, BERLIN).holidays_known is known


FIVE = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Pacific/Honolulu"]


@pytest.mark.parametrize(
    ("start", "zones", "whose", "zone", "end"),
    [
        ("2026-11-24 18:00", FIVE, US, "America/New_York", "2026-12-09 05:00"),
        ("2026-11-24 18:00", FIVE, CUSTOMER, "Pacific/Honolulu", "2026-12-09 10:00"),
        # One in the morning of the 25th in New York and midnight in Chicago, still the 24th further west.
        ("2026-11-25 06:00", FIVE, US, "America/Denver", "2026-12-09 07:00"),
        ("2026-11-25 06:00", FIVE, CUSTOMER, "America/Chicago", "2026-12-10 06:00"),
        # Brisbane has the larger standard offset, Adelaide the larger one in summer.
        (
            "2026-07-06 02:00",
            ["Australia/Brisbane", "Australia/Adelaide"],
            US,
            "Australia/Brisbane",
            "2026-07-20 14:00",
        ),
        (
            "2026-12-07 02:00",
            ["Australia/Brisbane", "Australia/Adelaide"],
            US,
            "Australia/Adelaide",
            "2026-12-21 13:30",
        ),
        # Far east and far west: the same instant is the 25th here and the 23rd there.
        ("2026-11-24 10:30", ["Pacific/Kiritimati", "Pacific/Midway"], US, "Pacific/Midway", "2026-12-08 11:00"),
        (
            "2026-11-24 10:30",
            ["Pacific/Kiritimati", "Pacific/Midway"],
            CUSTOMER,
            "Pacific/Kiritimati",
            "2026-12-09 10:00",
        ),
    ],
)
def test_of_several_zones_ours_ends_where_it_ends_first_and_theirs_where_it_ends_last(
    start: str, zones: list[str], whose: RunsFor, zone: str, end: str
) -> None:
    found = due(utc(start), Term(Span(14, DAYS), whose), NO_DAYS_OFF, zones)

    assert (found.zone, found.at) == (zone, utc(end))


@pytest.mark.parametrize(
    ("start", "days", "zone", "last", "end"),
    [
        ("2026-03-28 11:00", 1, "Europe/Berlin", "2026-03-29", "2026-03-29 22:00"),  # a day of 23 hours
        ("2026-10-24 11:00", 1, "Europe/Berlin", "2026-10-25", "2026-10-25 23:00"),  # a day of 25 hours
        ("2026-11-24 23:30", 1, "Europe/Berlin", "2026-11-26", "2026-11-26 23:00"),  # already the 25th there
        ("2026-11-24 20:00", 0, "Asia/Kolkata", "2026-11-25", "2026-11-25 18:30"),
        ("2026-04-22 10:00", 1, "Africa/Cairo", "2026-04-23", "2026-04-23 22:00"),  # the 24th begins at one
        ("2026-10-28 10:00", 1, "Africa/Cairo", "2026-10-29", "2026-10-29 22:00"),  # eleven at night comes twice
        ("2018-11-02 15:00", 1, "America/Sao_Paulo", "2018-11-03", "2018-11-04 03:00"),  # the 4th begins at one
        ("2018-02-16 15:00", 1, "America/Sao_Paulo", "2018-02-17", "2018-02-18 03:00"),  # eleven at night comes twice
        ("2026-10-30 15:00", 1, "America/Havana", "2026-10-31", "2026-11-01 04:00"),  # the first of two midnights
        ("2011-12-28 12:00", 1, "Pacific/Apia", "2011-12-29", "2011-12-30 10:00"),
        ("2011-12-28 12:00", 2, "Pacific/Apia", "2011-12-30", "2011-12-30 10:00"),  # a day that never was
        ("2011-12-28 12:00", 3, "Pacific/Apia", "2011-12-31", "2011-12-31 10:00"),
        ("2011-12-30 10:00", 1, "Pacific/Apia", "2012-01-01", "2012-01-01 10:00"),  # the change itself: the 31st
    ],
)
def test_a_day_ends_when_its_last_hour_does_where_it_is(start: str, days: int, zone: str, last: str, end: str) -> None:
    found = due(utc(start), Term(Span(days, DAYS), US), NO_DAYS_OFF, [zone])

    assert (found.on, found.at) == (on(last), utc(end))


def test_hours_are_exact_and_know_no_days_off() -> None:
    found = due(utc("2026-03-28 10:00"), Term(Span(48, HOURS), CUSTOMER, True, LAW), FESTIVE, BERLIN)

    assert (found.at, found.on) == (utc("2026-03-30 10:00"), on("2026-03-30"))  # noon by the clock, one hour later
    assert (found.skipped, found.rolled, found.holidays_known) == ((), False, True)


def test_a_window_of_days_is_a_period_without_days_off() -> None:
    start_at = utc("2026-11-25 06:00")
    for whose in RunsFor:
        found = due(start_at, Term(Span(30, DAYS), whose), NO_DAYS_OFF, FIVE)
        assert found.at == end_of_window(start_at, 30, FIVE, whose)
