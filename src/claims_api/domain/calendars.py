"""Which days are off at a place: its weekend, its public holidays, and the weekend days worked in their stead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The data's words for the days of the week, in the order of `date.weekday()`."""

HOLIDAY = "holiday"
"""The data's word for every day of the holiday table."""


@dataclass(frozen=True, slots=True)
class DayTable:
    """One year's public holidays with their names, and its weekend days that are worked. Empty: there are none."""

    holidays: Mapping[date, str] = field(default_factory=dict)
    worked: frozenset[date] = frozenset()


NO_DAYS = DayTable()
OUT_OF_YEARS = "the period leads out of the years a date can have"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day passed over, and why: the holiday's name, else the day's word (`sat`)."""

    on: date
    name: str


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The days off of a place. `tables` has the years that are known; one it has not is unknown, not free of holidays.

    The weekend may be any days, also ones that do not follow each other (Friday and Sunday).
    Raises: ValueError for a word that is no day of the week, or a weekend of seven days.
    """

    weekend: frozenset[str]
    tables: Mapping[int, DayTable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuses a weekend in which no period could end."""
        if not self.weekend < set(WEEKDAYS):
            raise ValueError("a weekend is made of days of the week and leaves one to work on")

    @property
    def days_off(self) -> frozenset[str]:
        """The words of the days nobody works on."""
        return self.weekend | {HOLIDAY}

    def day_off(self, on: date, over: frozenset[str]) -> str | None:
        """Why the day is one of the days off `over`: a holiday's name, else the day's word; None where it is not.

        A worked weekend day is none in any case: the law that moved the rest to another day made it a working day.
        """
        table, word = self.tables.get(on.year, NO_DAYS), WEEKDAYS[on.weekday()]
        if on in table.worked:
            return None
        holiday = table.holidays.get(on)
        if holiday is not None and (HOLIDAY in over or word in over):
            return holiday
        return word if word in over else None

    def is_business_day(self, on: date) -> bool:
        """Neither weekend nor holiday, as far as the tables know."""
        return self.day_off(on, self.days_off) is None

    def knows(self, first_on: date, last_on: date) -> bool:
        """There is a table for every year from the first day to the last one."""
        return all(year in self.tables for year in range(first_on.year, last_on.year + 1))


NO_DAYS_OFF = WorkingCalendar(frozenset())
"""Every day counts and nothing is known of holidays."""


def days_later(on: date, days: int) -> date:
    """The date so many days after.

    Raises: ValueError where there is no such date.
    """
    try:
        return on + timedelta(days=days)
    except OverflowError as error:
        raise ValueError(OUT_OF_YEARS) from error


def add_business_days(start_on: date, days: int, calendar: WorkingCalendar) -> tuple[date, tuple[Skipped, ...]]:
    """The last of so many business days after the start, and the days off on the way.

    The start does not count, business day or not; none at all is the start itself.
    """
    on, left, skipped = start_on, days, list[Skipped]()
    while left > 0:
        on = days_later(on, 1)
        name = calendar.day_off(on, calendar.days_off)
        if name is None:
            left -= 1
        else:
            skipped.append(Skipped(on, name))
    return on, tuple(skipped)


def roll(last_on: date, over: frozenset[str], calendar: WorkingCalendar) -> tuple[date, tuple[Skipped, ...]]:
    """The day itself, or after it the first one that is none of the days off `over`; and those rolled over.

    Raises: ValueError where all seven days of the week are off.
    """
    if over >= set(WEEKDAYS):
        raise ValueError("every day of the week is a day off: a period could not end")
    on, skipped = last_on, list[Skipped]()
    while (name := calendar.day_off(on, over)) is not None:
        skipped.append(Skipped(on, name))
        on = days_later(on, 1)
    return on, tuple(skipped)
