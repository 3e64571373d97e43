"""What holds of every period, whatever its length, its owner, its calendar and its zones."""

from calendar import isleap
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from claims_api.domain.calendars import HOLIDAY, WEEKDAYS, DayTable, WorkingCalendar, add_business_days
from claims_api.domain.day_counting import (
    Due,
    LastDay,
    Standstill,
    Term,
    add_months,
    due,
    last_day_after_pauses,
    last_day_of,
    years_to_know,
)
from claims_api.domain.policy_law import Span
from claims_api.domain.policy_words import Unit
from claims_api.domain.windows import RunsFor

FIRST, LAST = date(2024, 1, 1), date(2031, 12, 31)
ZONES = [
    "Europe/Berlin",
    "Europe/Warsaw",
    "America/New_York",
    "America/Los_Angeles",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Kolkata",
    "Asia/Beirut",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "Pacific/Honolulu",
]
LEAP_YEARS = [year for year in range(1904, 2300) if isleap(year)]
IN_DAYS = [Unit.MONTHS, Unit.CALENDAR_DAYS, Unit.BUSINESS_DAYS]

starts = st.dates(date(2024, 1, 1), date(2029, 12, 31))
instants = st.datetimes(datetime(2024, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))
some_zones = st.lists(st.sampled_from(ZONES), min_size=1, max_size=4, unique=True)
words = st.lists(st.sampled_from([*WEEKDAYS[5:], HOLIDAY]), unique=True).map(tuple)
rolls = st.sampled_from([None, False, True])
owners = st.sampled_from(list(RunsFor))


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Up to three days of weekend; holidays and worked days anywhere, and some years without a table."""
    weekend = draw(st.frozensets(st.sampled_from(WEEKDAYS), max_size=3))
    off = draw(st.lists(st.dates(FIRST, LAST), max_size=40, unique=True))
    worked = draw(st.lists(st.dates(FIRST, LAST), max_size=8, unique=True))
    years = draw(st.sets(st.integers(2024, 2031)))
    return WorkingCalendar(
        weekend,
        {
            year: DayTable(
                {day: f"holiday of {day}" for day in off if day.year == year},
                frozenset(day for day in worked if day.year == year and day not in off),
            )
            for year in years
        },
    )


@st.composite
def spans(draw: st.DrawFn, *units: Unit) -> Span:
    """Of some units, none for all; none longer than half a year or so."""
    unit = draw(st.sampled_from(units or tuple(Unit)))
    return Span(draw(st.integers(0, 6 if unit is Unit.MONTHS else 120)), unit)


@st.composite
def terms(draw: st.DrawFn, *units: Unit) -> Term:
    """Anybody's, with any word of the law about its last day."""
    return Term(draw(spans(*units)), draw(owners), draw(rolls), draw(words))


@given(instants, spans(Unit.MONTHS, Unit.CALENDAR_DAYS), calendars(), some_zones, st.data())
def test_without_the_word_of_a_law_ours_ends_no_later_and_theirs_no_earlier_than_counted(
    start: datetime, span: Span, calendar: WorkingCalendar, zones: list[str], data: st.DataObject
) -> None:
    plain = [due(start, Term(span, RunsFor.US), calendar, [zone]).at for zone in zones]
    not_rolling = Term(span, RunsFor.US, data.draw(st.sampled_from([None, False])), data.draw(words))
    theirs = Term(span, RunsFor.CUSTOMER, data.draw(rolls), data.draw(words))

    assert due(start, not_rolling, calendar, zones).at == min(plain)
    assert due(start, theirs, calendar, zones).at >= max(plain)


@given(starts, spans(Unit.MONTHS, Unit.CALENDAR_DAYS), words, calendars())
def test_ours_never_rolls_further_than_theirs(
    start: date, span: Span, over: tuple[str, ...], calendar: WorkingCalendar
) -> None:
    ours = due(start, Term(span, RunsFor.US, True, over), calendar, ZONES[:1])
    theirs = due(start, Term(span, RunsFor.CUSTOMER, True, over), calendar, ZONES[:1])

    assert ours.at <= theirs.at


@given(starts, spans(*IN_DAYS), words, calendars())
def test_theirs_never_ends_on_a_day_off_unless_it_is_due_the_same_day(
    start: date, span: Span, over: tuple[str, ...], calendar: WorkingCalendar
) -> None:
    found = due(start, Term(span, RunsFor.CUSTOMER, None, over), calendar, ZONES[:1])

    assert calendar.is_business_day(found.on) or span == Span(0, Unit.BUSINESS_DAYS)


@given(instants, st.timedeltas(timedelta(0), timedelta(days=400)), terms(), calendars(), some_zones)
def test_what_starts_later_ends_no_earlier(
    start: datetime, later: timedelta, term: Term, calendar: WorkingCalendar, zones: list[str]
) -> None:
    assert due(start, term, calendar, zones).at <= due(start + later, term, calendar, zones).at


@given(instants, spans(), st.integers(0, 60), owners, calendars())
def test_what_is_longer_ends_no_earlier(
    start: datetime, span: Span, more: int, whose: RunsFor, calendar: WorkingCalendar
) -> None:
    longer = Span(span.value + more, span.unit)

    ends = [due(start, Term(one, whose), calendar, ZONES[:1]).at for one in (span, longer)]

    assert ends[0] <= ends[1]


@given(starts, st.integers(1, 120), calendars())
def test_so_many_business_days_later_is_a_business_day_with_as_many_on_the_way(
    start: date, days: int, calendar: WorkingCalendar
) -> None:
    last, skipped = add_business_days(start, days, calendar)

    on_the_way = [start + timedelta(days=day) for day in range(1, (last - start).days + 1)]
    assert calendar.is_business_day(last)
    assert [day for day in on_the_way if not calendar.is_business_day(day)] == [one.on for one in skipped]
    assert len(on_the_way) - len(skipped) == days


@given(starts, st.integers(0, 40), st.integers(0, 40), calendars())
def test_business_days_add_up(start: date, some: int, more: int, calendar: WorkingCalendar) -> None:
    there, _ = add_business_days(start, some, calendar)

    assert add_business_days(there, more, calendar)[0] == add_business_days(start, some + more, calendar)[0]


@given(instants, terms(*IN_DAYS), calendars(), some_zones)
def test_a_period_of_days_ends_exactly_when_its_last_local_day_does(
    start: datetime, term: Term, calendar: WorkingCalendar, zones: list[str]
) -> None:
    found = due(start, term, calendar, zones)

    zone = ZoneInfo(found.zone)
    assert found.zone in zones
    assert found.at.tzinfo is UTC
    assert found.at.astimezone(zone).date() == found.on + timedelta(days=1)
    assert (found.at - timedelta(microseconds=1)).astimezone(zone).date() == found.on


@given(instants, terms(), calendars(), some_zones)
def test_of_several_zones_none_is_better_for_the_customer(
    start: datetime, term: Term, calendar: WorkingCalendar, zones: list[str]
) -> None:
    found = due(start, term, calendar, zones)

    alone = [due(start, term, calendar, [zone]).at for zone in zones]
    assert found.at == (max(alone) if term.runs_for is RunsFor.CUSTOMER else min(alone))


@given(starts, terms(*IN_DAYS), calendars())
def test_what_was_skipped_is_in_order_and_ends_before_the_last_day(
    start: date, term: Term, calendar: WorkingCalendar
) -> None:
    found: Due = due(start, term, calendar, ZONES[:1])

    days = [one.on for one in found.skipped]
    assert days == sorted(set(days))
    assert all(start <= day < found.on for day in days)
    assert found.rolled is (found.on != last_day_of(start, term.span, calendar).on)


@given(instants, st.integers(0, 878_400), owners, calendars(), some_zones)
def test_hours_are_hours_everywhere(
    start: datetime, hours: int, whose: RunsFor, calendar: WorkingCalendar, zones: list[str]
) -> None:
    found = due(start, Term(Span(hours, Unit.HOURS), whose, True, ("sat", "sun", HOLIDAY)), calendar, zones)

    assert found.at - start == timedelta(hours=hours)
    assert found.on == found.at.astimezone(ZoneInfo(found.zone)).date()


@given(st.dates(date(1900, 1, 1), date(2400, 1, 1)), st.integers(0, 600))
def test_months_keep_the_number_of_the_day_or_end_with_the_month(start: date, months: int) -> None:
    end = add_months(start, months)

    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(st.integers(1, 130), st.sampled_from(LEAP_YEARS))
def test_years_from_a_leap_day_end_the_day_before_march(years: int, leap_year: int) -> None:
    end = add_months(date(leap_year, 2, 29), 12 * years)

    assert end + timedelta(days=1) == date(leap_year + years, 3, 1)


@settings(max_examples=40, deadline=None)  # years of business days in a dozen zones
@given(instants, st.integers(0, 3660), st.sampled_from(IN_DAYS), owners)
def test_the_years_to_know_are_enough_where_the_weekend_has_two_days(
    start: datetime, value: int, unit: Unit, whose: RunsFor
) -> None:
    span = Span(value % 600 if unit is Unit.MONTHS else value, unit)
    tables = {year: DayTable() for year in years_to_know(start, span)}
    calendar = WorkingCalendar(frozenset({"fri", "sun"}), tables)

    assert due(start, Term(span, whose, True, ("sun", HOLIDAY)), calendar, ZONES).holidays_known


@given(starts, spans(*IN_DAYS), owners, calendars(), st.lists(st.tuples(starts, st.integers(0, 30)), max_size=3))
def test_a_pause_never_shortens_and_customers_gain_no_less_by_it(
    start: date, span: Span, whose: RunsFor, calendar: WorkingCalendar, drawn: list[tuple[date, int]]
) -> None:
    pauses = [Standstill(day, day + timedelta(days=length)) for day, length in drawn]
    last = LastDay(start)

    ours = last_day_after_pauses(last, pauses, Term(span, RunsFor.US), calendar)
    theirs = last_day_after_pauses(last, pauses, Term(span, RunsFor.CUSTOMER), calendar)

    assert start <= ours.on <= theirs.on
