"""When a window ends: whole calendar days, to the end of the last one where the customer or we are."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from claims_api.domain.calendars import NO_DAYS_OFF, WorkingCalendar, roll


class RunsFor(StrEnum):
    """Whose time a window is."""

    CUSTOMER = "customer"
    US = "us"


def end_of_window(
    start_at: datetime,
    days: int,
    zones: Sequence[str],
    runs_for: RunsFor = RunsFor.CUSTOMER,
    calendar: WorkingCalendar = NO_DAYS_OFF,
) -> datetime:
    """The instant after `days` calendar days from the local date of `start_at`, at 24:00 local time, in UTC.

    Of several zones a window of the customer ends where it ends last, one of ours where it ends first. A window of the
    customer that would end on a day off ends on the next day that is none.
    Raises: ValueError without a zone, or for a time without one.
    """
    if start_at.tzinfo is None:
        raise ValueError("a window starts at an instant, not at a wall clock")
    over = calendar.days_off if runs_for is RunsFor.CUSTOMER else frozenset()
    ends = [_end_of_day(start_at, days, ZoneInfo(zone), over, calendar) for zone in zones]
    return max(ends) if runs_for is RunsFor.CUSTOMER else min(ends)


def _end_of_day(
    start_at: datetime, days: int, zone: ZoneInfo, over: frozenset[str], calendar: WorkingCalendar
) -> datetime:
    last_on, _ = roll(start_at.astimezone(zone).date() + timedelta(days=days), over, calendar)
    midnight = last_on + timedelta(days=1)
    # Where clocks skip midnight, fold=0 reads it with the old offset: exactly the instant of the change.
    return datetime.combine(midnight, time(), tzinfo=zone).astimezone(UTC)
