"""What the database's refusals mean for a request: run it again, come back later, or a fault of ours."""

from enum import StrEnum

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

RETRY_STATES = ("40001", "40P01")
AWAY_STATES = ("08", "57P0")
LOCKED_STATE, CANCELLED_STATE, CROWDED_STATE = "55P03", "57014", "53300"
PAUSES_SECONDS = (0.02, 0.08, 0.32)
PASSING = (
    # the connection is gone: a server dying in mid-query shows as any of these
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.InvalidCachedStatementError,  # a migration changed a column under a prepared statement
)


class RaceLost(Exception):
    """Somebody else was first, and only a fresh look can say what that means: run the request again."""


class Verdict(StrEnum):
    """RETRY: the same request may pass at once. BUSY: come back later. LOCKED: somebody else holds the row."""

    RETRY = "retry"
    BUSY = "busy"
    LOCKED = "locked"


def database_verdict(error: BaseException) -> Verdict | None:
    """None when the error is not the database's passing weakness, but a fault of ours."""
    if isinstance(error, RaceLost):
        return Verdict.RETRY
    if isinstance(error, PoolTimeout):
        return Verdict.BUSY
    cause = error.orig if isinstance(error, DBAPIError) else error
    while cause is not None:
        if (found := _by_state(getattr(cause, "sqlstate", None))) is not None:
            return found
        if isinstance(cause, PASSING):
            return Verdict.RETRY
        cause = cause.__cause__
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Verdict.RETRY
    return None


def _by_state(state: str | None) -> Verdict | None:
    if state is None:
        return None
    if state == LOCKED_STATE:
        return Verdict.LOCKED
    if state in (CANCELLED_STATE, CROWDED_STATE):
        return Verdict.BUSY
    return Verdict.RETRY if state in RETRY_STATES or state.startswith(AWAY_STATES) else None
