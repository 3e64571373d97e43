"""Working calendars from published holiday tables, for the place of a policy.

The tables are those of the package `holidays`, which loads the module of a country when it is first asked for, once per
process and under a lock. The weekend is that of the law's data, never the package's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from warnings import catch_warnings, simplefilter

import holidays

from claims_api.domain.calendars import DayTable, WorkingCalendar
from claims_api.domain.policy import Calendar

KEPT_YEARS = 2_048  # of some 2 kB each
KEPT_TABLES = 1_024  # more than there are
READING = Lock()  # who listens to warnings listens for the whole process


@dataclass(frozen=True, slots=True)
class _Table:
    """What is published under a code. `languages` has the table's own one first."""

    country: str
    subdivision: str | None
    languages: tuple[str, ...]
    years: range


def working_calendar(place: Calendar, years: Iterable[int], language: str | None = None) -> WorkingCalendar:
    """The days off of a place in these years, the holidays named in `language` (BCP 47) if the table has it.

    A year its table does not reach, or not in full, is left out; so is every year where the place has no table.
    Raises: LookupError for a table that is not published
    """
    weekend = frozenset(place.weekend or ())
    if place.holidays is None:
        return WorkingCalendar(weekend)
    table = _table(place.holidays)
    spoken = _spoken(table.languages, language)
    found = {year: _year_of(place.holidays, year, spoken) for year in years if year in table.years}
    return WorkingCalendar(weekend, {year: days for year, days in found.items() if days is not None})


@lru_cache(maxsize=KEPT_YEARS)
def _year_of(code: str, year: int, language: str | None) -> DayTable | None:
    """One year of a table; None where the package itself says that it lacks some of that year's holidays.

    Empty where public holidays are suspended: known, and there are none.
    """
    table = _table(code)
    with READING, catch_warnings(record=True) as said:
        simplefilter("always")
        # Without a language the package takes the one of the process's environment.
        found = holidays.country_holidays(
            table.country,
            subdiv=table.subdivision,
            years=year,
            expand=False,
            language=language,
            categories=holidays.PUBLIC,
        )
    # The package also knows here which weekends were worked for a day off of the year before or after.
    worked = frozenset(day for day in found.weekend_workdays if day.year == year)
    is_partial = any(one.category is UserWarning for one in said)
    return None if is_partial else DayTable(dict(sorted(found.items())), worked)


@lru_cache(maxsize=KEPT_TABLES)
def _table(code: str) -> _Table:
    country, _, subdivision = code.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError as error:
        raise LookupError(f"no holiday table is published as {code}") from error
    own = (found.default_language,) if found.default_language else ()
    languages = (*own, *(one for one in found.supported_languages if one not in own))
    return _Table(country, subdivision or None, languages, range(found.start_year, found.end_year + 1))


def _spoken(languages: tuple[str, ...], asked: str | None) -> str | None:
    """The language asked for as the table names it: with its region, without one, of another; else the table's own."""
    if not languages:
        return None
    wanted = (asked or languages[0]).replace("-", "_").lower().split("_")
    exact = [one for one in languages if one.lower() == f"{wanted[0]}_{wanted[-1]}"]
    bare = [one for one in languages if one.lower() == wanted[0]]
    related = [one for one in languages if one.lower().partition("_")[0] == wanted[0]]
    return next(iter((*exact, *bare, *related, languages[0])))
