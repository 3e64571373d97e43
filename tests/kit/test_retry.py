"""What each refusal of the database means for a request."""

import asyncio

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidRequestError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from claims_api.kit.retry import RaceLost, Verdict, database_verdict


class DriverError(Exception):
    """As SQLAlchemy hands an error of the driver on: its own class, with the SQLSTATE."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def wrapped(cause: BaseException, invalidated: bool = False) -> DBAPIError:
    return DBAPIError("SELECT 1", None, cause, connection_invalidated=invalidated)


def caused_by(cause: BaseException) -> DBAPIError:
    translated = DriverError(None)
    translated.__cause__ = cause
    return wrapped(translated)


STATES = {
    "40001": Verdict.RETRY,  # serialization failure
    "40P01": Verdict.RETRY,  # deadlock
    "08000": Verdict.RETRY,  # connection exception
    "08003": Verdict.RETRY,  # connection does not exist
    "08006": Verdict.RETRY,  # connection failure
    "57P01": Verdict.RETRY,  # admin shutdown
    "57P02": Verdict.RETRY,  # crash shutdown
    "57P03": Verdict.RETRY,  # cannot connect now
    "55P03": Verdict.LOCKED,  # lock not available
    "57014": Verdict.BUSY,  # query cancelled: the statement's time is up
    "53300": Verdict.BUSY,  # too many connections
    "23505": None,  # unique violation: a matter of the action
    "23514": None,  # check violation
    "42501": None,  # insufficient privilege
    "42P01": None,  # undefined table
    "22P02": None,  # invalid text representation
    "53100": None,  # disk full
    "XX000": None,  # internal error
}
ERRORS = {
    "lost in mid-query": (caused_by(asyncpg.ConnectionDoesNotExistError("closed")), Verdict.RETRY),
    "lost, a bare one": (asyncpg.ConnectionDoesNotExistError("closed"), Verdict.RETRY),
    "protocol broken off": (caused_by(asyncpg.InternalClientError("unexpected data")), Verdict.RETRY),
    "protocol broken off, a bare one": (asyncpg.InternalClientError("unexpected data"), Verdict.RETRY),
    "closed under us": (caused_by(asyncpg.InterfaceError("connection is closed")), Verdict.RETRY),
    "refused": (ConnectionRefusedError(111, "refused"), Verdict.RETRY),
    "reset": (caused_by(ConnectionResetError()), Verdict.RETRY),
    "no socket file": (FileNotFoundError(2, "no such file"), Verdict.RETRY),
    "connecting takes too long": (TimeoutError(), Verdict.RETRY),
    "starting up": (asyncpg.CannotConnectNowError("the database system is starting up"), Verdict.RETRY),
    "known to be gone": (wrapped(Exception("?"), invalidated=True), Verdict.RETRY),
    "column changed under a statement": (caused_by(asyncpg.InvalidCachedStatementError("plan")), Verdict.RETRY),
    "lost a race": (RaceLost(), Verdict.RETRY),
    "pool exhausted": (PoolTimeout(), Verdict.BUSY),
    "too many connections": (asyncpg.TooManyConnectionsError("too many clients"), Verdict.BUSY),
    "lock timeout": (caused_by(asyncpg.LockNotAvailableError("lock timeout")), Verdict.LOCKED),
    "operational, nothing known": (OperationalError("SELECT 1", None, DriverError(None)), None),
    "integrity": (IntegrityError("INSERT", None, DriverError("23505")), None),
    "our misuse of SQLAlchemy": (InvalidRequestError("closed"), None),
    "our bug": (KeyError("x"), None),
    "assertion": (AssertionError(), None),
}


@pytest.mark.parametrize(("state", "verdict"), STATES.items())
def test_every_sqlstate_has_its_verdict(state: str, verdict: Verdict | None) -> None:
    found = [database_verdict(wrapped(DriverError(state))), database_verdict(DriverError(state))]

    assert found == [verdict, verdict]


@pytest.mark.parametrize("case", ERRORS)
def test_every_way_to_fail_has_its_verdict(case: str) -> None:
    error, verdict = ERRORS[case]

    assert database_verdict(error) == verdict


def test_a_cancelled_request_is_not_the_databases_doing() -> None:
    assert database_verdict(asyncio.CancelledError()) is None
