"""The one clock: settable, always aware, and nobody reads the time elsewhere."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from claims_api.kit import clock

INSTANT = datetime(2031, 5, 17, 12, 30, tzinfo=UTC)
CLOSE = timedelta(minutes=1)


def test_it_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_it_runs_on_from_where_it_is_set() -> None:
    clock.set_to(INSTANT)
    first, second = clock.now(), clock.now()
    assert INSTANT <= first <= second < INSTANT + CLOSE


@pytest.mark.parametrize("hours", [-11, 0, 14])
def test_an_instant_of_another_zone_is_the_same_instant(hours: int) -> None:
    clock.set_to(INSTANT.astimezone(timezone(timedelta(hours=hours))))
    assert INSTANT <= clock.now() < INSTANT + CLOSE
    assert clock.now().tzinfo is UTC


def test_it_goes_back_as_well() -> None:
    clock.set_to(INSTANT)
    clock.set_to(INSTANT - timedelta(days=400))
    assert clock.now() < INSTANT


def test_reset_returns_to_the_system() -> None:
    clock.set_to(INSTANT)
    clock.reset()
    assert abs(clock.now() - datetime.now(UTC)) < CLOSE  # noqa: TID251 - the system's time is what is compared


def test_durations_do_not_follow_the_clock() -> None:
    before = clock.monotonic_seconds()
    clock.set_to(INSTANT)
    assert 0 <= clock.monotonic_seconds() - before < 60
