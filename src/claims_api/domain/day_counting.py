"""When a period ends, as laws count: the day of the event is left out, the last day runs to its end where it is.

The counting is that of Regulation (EEC, Euratom) No 1182/71, art. 3, and of the civil codes that count alike (BGB,
sections 187, 188 and 193). Whose periods roll, and which zone counts where the place is not known, is the rule of the
law's data: the consumer is better off either way.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from claims_api.domain.calendars import (
    HOLIDAY,
    OUT_OF_YEARS,
    WEEKDAYS,
    Skipped,
    WorkingCalendar,
    add_business_days,
    days_later,
    roll,
)
from claims_api.domain.policy_law import Span
from claims_api.domain.policy_words import Unit
from claims_api.domain.windows import RunsFor

LONGEST = {Unit.MONTHS: 1_200, Unit.CALENDAR_DAYS: 36_600, Unit.BUSINESS_DAYS: 36_600, Unit.HOURS: 878_400}
"""A century, in every unit: what is longer is a mistake, not a deadline."""

HOURS_HAVE_NO_LAST_DAY = "hours have no last day: they end at an instant"


@dataclass(frozen=True, slots=True)
class Term:
    """How long a period is, whose it is, and what its law says of a last day that is a day off.

    `rolls` and `over` are those of the data: None was not established, `over` are day words and `holiday`.
    Raises: ValueError for a length out of bounds, or a word that names no day off.
    """

    span: Span
    runs_for: RunsFor
    rolls: bool | None = None
    over: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuses what no law says, before a date is made of it."""
        _check(self.span)
        if not {HOLIDAY, *WEEKDAYS}.issuperset(self.over):
            raise ValueError("days off are named by the words of the data: mon to sun, and holiday")


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day of a period as counted, before it rolls."""

    on: date
    skipped: tuple[Skipped, ...] = ()
    holidays_known: bool = True


@dataclass(frozen=True, slots=True)
class Due:
    """When a period ends: the instant in UTC, and the local day of `zone` that ends with it (for hours: that it is in).

    `skipped` are the days off on the way of business days, or those a period rolled over. `holidays_known` is false
    where a holiday table that was not there could have changed the day.
    """

    at: datetime
    on: date
    zone: str
    counted: Span
    rolled: bool
    skipped: tuple[Skipped, ...]
    holidays_known: bool


@dataclass(frozen=True, slots=True)
class Standstill:
    """Local days on which a period stood still; on the first one it stopped, on the last one it went on again.

    Raises: ValueError where it ends before it began.
    """

    began_on: date
    ended_on: date

    def __post_init__(self) -> None:
        """Refuses a stretch of time that runs backwards."""
        if self.ended_on < self.began_on:
            raise ValueError("a period cannot go on before it stood still")


def due(start: date | datetime, term: Term, calendar: WorkingCalendar, zones: Sequence[str]) -> Due:
    """The end of a period that starts with an instant, or on a local date where only that is known.

    Of several zones the seller's period ends where it ends first, the customer's where it ends last, as instants.
    Raises: ValueError without a zone, for a wall clock, for hours from a date, or past the years a date can have.
    """
    if isinstance(start, datetime) and start.tzinfo is None:
        raise ValueError("a period starts at an instant or on a date, not at a wall clock")
    try:
        if term.span.unit is Unit.HOURS:
            return _due_in_hours(start, term, zones)
        days = {zone: _day_in(start, zone) for zone in zones}
        last = {day: last_day_of(day, term.span, calendar) for day in set(days.values())}
        return _chosen((_closed(zone, last[day], term, calendar) for zone, day in days.items()), term.runs_for)
    except OverflowError as error:
        raise ValueError(OUT_OF_YEARS) from error


def due_on(last: LastDay, term: Term, calendar: WorkingCalendar, zones: Sequence[str]) -> Due:
    """The end of a period whose last day is counted already (it stood still, say); it rolls as any other.

    Raises: ValueError without a zone, or past the years a date can have.
    """
    if term.span.unit is Unit.HOURS:
        raise ValueError(HOURS_HAVE_NO_LAST_DAY)
    return _chosen((_closed(zone, last, term, calendar) for zone in zones), term.runs_for)


def end_of_day(on: date, zone: str) -> datetime:
    """24:00 of a local day, in UTC. Where clocks skip midnight, or the day itself, the instant of the change.

    Raises: ValueError for the last day a date can have.
    """
    # fold=0 reads a time that clocks skip with the offset from before: exactly the instant of the change. Of a midnight
    # that comes twice it is the first one.
    return datetime.combine(days_later(on, 1), time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def add_months(start_on: date, months: int) -> date:
    """The day of the same number so many months later, or the month's last one where it has no such day.

    Source: Regulation (EEC, Euratom) No 1182/71, art. 3(2)(c); BGB, section 188(2) and (3).
    Raises: ValueError for a year no date can have.
    """
    year, month = divmod(start_on.year * 12 + start_on.month - 1 + months, 12)
    if not 1 <= year <= MAXYEAR:
        raise ValueError(OUT_OF_YEARS)
    return date(year, month + 1, min(start_on.day, monthrange(year, month + 1)[1]))


def last_day_of(start_on: date, span: Span, calendar: WorkingCalendar) -> LastDay:
    """The last day of a period of whole days or months; none of them is the day of the event itself (promptly).

    Raises: ValueError for hours, or a length out of bounds.
    """
    _check(span)
    match span.unit:
        case Unit.MONTHS:
            return LastDay(add_months(start_on, span.value))
        case Unit.CALENDAR_DAYS:
            return LastDay(days_later(start_on, span.value))
        case Unit.BUSINESS_DAYS:
            on, skipped = add_business_days(start_on, span.value, calendar)
            return LastDay(on, skipped, span.value == 0 or calendar.knows(days_later(start_on, 1), on))
        case Unit.HOURS:
            raise ValueError(HOURS_HAVE_NO_LAST_DAY)


def years_to_know(start: date | datetime, span: Span) -> range:
    """The years whose holidays can matter to a period, wherever on earth it runs; some more for days rolled over."""
    day = start.astimezone(UTC).date() if isinstance(start, datetime) else start
    match span.unit:
        case Unit.HOURS:
            return range(0)
        case Unit.BUSINESS_DAYS:
            # Twice the days has room for a weekend of two days and more than a month of holidays a year.
            return range(day.year, days_later(day, 2 * span.value).year + 2)
    last_on = last_day_of(day, span, WorkingCalendar(frozenset())).on
    return range(days_later(last_on, -1).year, last_on.year + 2)


def last_day_after_cure(last: LastDay, cure: Standstill, minimum_left: Span, calendar: WorkingCalendar) -> LastDay:
    """The last day of a period that stands still during a cure and has `minimum_left` after it (`stops_during_cure`).

    `last` is the day it would have ended on, rolled if it rolls. Every day of the cure is added, the first and the last
    too; several cures are added one after the other. One that began after the end changes nothing.
    Source: Consumer Rights Act 2015, s. 22(6) to (8).
    """
    if cure.began_on > last.on:
        return last
    stood_still_days = (cure.ended_on - cure.began_on).days + 1
    minimum = last_day_of(cure.ended_on, minimum_left, calendar)
    prolonged_on = days_later(last.on, stood_still_days)
    return minimum if minimum.on > prolonged_on else replace(last, on=prolonged_on)


def last_day_after_pauses(
    last: LastDay, pauses: Iterable[Standstill], term: Term, calendar: WorkingCalendar
) -> LastDay:
    """The last day of a period that may pause (`pausable: true`): later by what it stood still, business days by those.

    The day a pause begins counts as paused for the customer, as run for the seller: better for the consumer each time.
    Days in two pauses count once; a pause that begins after the end changes nothing.
    Raises: ValueError for hours.
    """
    if term.span.unit is Unit.HOURS:
        raise ValueError(HOURS_HAVE_NO_LAST_DAY)
    later_by_days = 0 if term.runs_for is RunsFor.CUSTOMER else 1
    free_from = date.min
    for pause in sorted(pauses, key=lambda pause: pause.began_on):
        if pause.began_on > last.on:
            break
        first_on = max(free_from, days_later(pause.began_on, later_by_days))
        if first_on <= pause.ended_on:
            last = _later_by(last, Standstill(first_on, pause.ended_on), term.span.unit, calendar)
            free_from = days_later(pause.ended_on, 1)
    return last


def _later_by(last: LastDay, still: Standstill, unit: Unit, calendar: WorkingCalendar) -> LastDay:
    days = (still.ended_on - still.began_on).days + 1
    if unit is not Unit.BUSINESS_DAYS:
        return replace(last, on=days_later(last.on, days))
    missed = sum(calendar.is_business_day(days_later(still.began_on, day)) for day in range(days))
    more = last_day_of(last.on, Span(missed, unit), calendar)
    known = last.holidays_known and more.holidays_known and calendar.knows(still.began_on, still.ended_on)
    return LastDay(more.on, last.skipped + more.skipped, known)


def _check(span: Span) -> None:
    if not 0 <= span.value <= LONGEST[span.unit]:
        raise ValueError(f"a period has 0 to {LONGEST[span.unit]} {span.unit.value}")


def _day_in(start: date | datetime, zone: str) -> date:
    return start.astimezone(ZoneInfo(zone)).date() if isinstance(start, datetime) else start


def _due_in_hours(start: date | datetime, term: Term, zones: Sequence[str]) -> Due:
    if not isinstance(start, datetime):
        raise ValueError("hours run from an instant, not from a date")
    at = start.astimezone(UTC) + timedelta(hours=term.span.value)
    ends = (
        Due(at, _day_in(at, zone), zone, term.span, rolled=False, skipped=(), holidays_known=True) for zone in zones
    )
    return _chosen(ends, term.runs_for)


def _closed(zone: str, last: LastDay, term: Term, calendar: WorkingCalendar) -> Due:
    over = _days_off_for(term, calendar)
    on, rolled_over = roll(last.on, over, calendar)
    known = last.holidays_known and (HOLIDAY not in over or calendar.knows(last.on, on))
    return Due(end_of_day(on, zone), on, zone, term.span, bool(rolled_over), last.skipped + rolled_over, known)


def _days_off_for(term: Term, calendar: WorkingCalendar) -> frozenset[str]:
    """The days off the period does not end on: ours by the word of a law only, theirs any, because later is better."""
    if term.span.unit is Unit.BUSINESS_DAYS:
        return frozenset()
    if term.runs_for is RunsFor.CUSTOMER:
        return calendar.days_off.union(term.over)
    return frozenset(term.over) if term.rolls is True else frozenset()


def _chosen(ends: Iterable[Due], runs_for: RunsFor) -> Due:
    """Theirs is the last end, ours the first; of equal ones the zone named first."""
    found = sorted(ends, key=lambda end: end.at, reverse=runs_for is RunsFor.CUSTOMER)
    if not found:
        raise ValueError("a period ends in a time zone: none is given")
    return found[0]
