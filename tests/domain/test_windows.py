"""A window ends at the end of a local day, and where several count, where its owner is better off."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_api.domain.calendars import DayTable, WorkingCalendar
from claims_api.domain.windows import RunsFor, end_of_window


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]  # year, month, day, hour


@pytest.mark.parametrize(
    ("start_at", "days", "zones", "end"),
    [
        (utc(2026, 11, 24, 10), 30, ["Europe/Berlin"], utc(2026, 12, 24, 23)),
        # Half past midnight in Berlin is already the next day there.
        (utc(2026, 11, 24, 23, 30), 1, ["Europe/Berlin"], utc(2026, 11, 26, 23)),
        # Over the change to summer time: 24:00 in Berlin is 22:00 UTC.
        (utc(2026, 3, 20, 10), 14, ["Europe/Berlin"], utc(2026, 4, 3, 22)),
        (utc(2026, 11, 24, 10), 0, ["Asia/Kolkata"], utc(2026, 11, 24, 18, 30)),
        # In Cairo the clocks skip the first hour of 24 April 2026: the 23rd ends at the change.
        (utc(2026, 4, 22, 10), 1, ["Africa/Cairo"], utc(2026, 4, 23, 22)),
        # In Havana the first hour of 1 November 2026 comes twice: October ends at the first.
        (utc(2026, 10, 30, 15), 1, ["America/Havana"], utc(2026, 11, 1, 4)),
    ],
)
def test_a_window_ends_at_24_hours_of_its_last_local_day(
    start_at: datetime, days: int, zones: list[str], end: datetime
) -> None:
    assert end_of_window(start_at, days, zones) == end


def test_of_several_zones_the_customer_gets_the_last_end_and_we_the_first() -> None:
    zones, start_at = ["America/New_York", "America/Los_Angeles"], utc(2026, 11, 24, 18)

    assert end_of_window(start_at, 1, zones) == utc(2026, 11, 26, 8)
    assert end_of_window(start_at, 1, zones, RunsFor.US) == utc(2026, 11, 26, 5)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    st.integers(0, 400),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Africa/Cairo", "Pacific/Apia"]),
)
def test_a_window_is_never_shorter_than_its_days_but_for_a_change_of_clocks(
    start_at: datetime, days: int, zone: str
) -> None:
    length = end_of_window(start_at, days, [zone]) - start_at

    assert timedelta(days=days, hours=-2) < length <= timedelta(days=days + 1, hours=2)


def test_a_window_needs_an_instant_and_a_place() -> None:
    with pytest.raises(ValueError, match="instant"):
        end_of_window(datetime(2026, 1, 1), 1, ["Europe/Berlin"])
    with pytest.raises(ValueError):  # noqa: PT011 - max() says it in its own words
        end_of_window(utc(2026, 1, 1), 1, [])


def test_the_customers_window_rolls_over_days_off_and_ours_does_not() -> None:
    start, christmas = datetime(2026, 11, 25, 9, tzinfo=UTC), {date(2026, 12, 25): "Christmas"}
    calendar = WorkingCalendar(frozenset({"sat", "sun"}), {2026: DayTable(christmas)})

    theirs = end_of_window(start, 30, ["UTC"], calendar=calendar)
    ours = end_of_window(start, 30, ["UTC"], RunsFor.US, calendar)

    assert theirs == datetime(2026, 12, 29, tzinfo=UTC), "Friday is Christmas, so Monday is the last day"
    assert ours == datetime(2026, 12, 26, tzinfo=UTC)
