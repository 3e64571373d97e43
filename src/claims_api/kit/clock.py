"""The one clock. Nothing else in the service asks the system for the time."""

import time
from datetime import UTC, datetime, timedelta

_offset = timedelta(0)


def now() -> datetime:
    """The present instant, aware and in UTC."""
    return datetime.now(UTC) + _offset


def monotonic_seconds() -> float:
    """Seconds for measuring durations only; they start anywhere and never go back."""
    return time.monotonic()


def set_to(instant: datetime) -> None:
    """From here on the clock runs on from `instant`; for development and tests."""
    global _offset
    _offset = instant.astimezone(UTC) - datetime.now(UTC)


def reset() -> None:
    """Back to the system's time."""
    global _offset
    _offset = timedelta(0)
