"""How many pages of Postgres a statement of the service reads, warm: the number that does not know a busy machine."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.ground import NotMeasured

CUSTOM_PLANS = 5  # so often Postgres plans a prepared statement for its values; then it may settle for one plan
Ask = Callable[[AsyncConnection], Awaitable[object]]
Sent = tuple[str, tuple[object, ...]]


async def sent_by(db: AsyncConnection, ask: Ask) -> list[Sent]:
    """The statements a query of the service sends, with what it gives them."""
    with _noted(db) as sent:
        await ask(db)
    return sent


@contextmanager
def _noted(db: AsyncConnection) -> Iterator[list[Sent]]:
    sent: list[Sent] = []

    def note(_db: object, _cursor: object, statement: str, given: tuple[object, ...], *_rest: object) -> None:
        sent.append((statement, given))

    assert db.sync_connection is not None
    event.listen(db.sync_connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.sync_connection, "before_cursor_execute", note)


async def pages(db: asyncpg.Connection, sent: Sent) -> int:
    """Pages hit or read: of a plan made for these values, or of the one a long-lived connection ends with, if more."""
    statement, given = sent
    asked = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE asked"
    if given:
        asked += f"({', '.join(map(_literal, given))})"
    await db.execute(f"PREPARE asked AS {statement}")
    try:
        found = [_pages(await db.fetchval(asked)) for _ in range(CUSTOM_PLANS + 3)]
    finally:
        await db.execute("DEALLOCATE asked")
    return max(found[1], found[-1])  # the first warms up


def _pages(plan: str) -> int:
    root = json.loads(plan)[0]["Plan"]
    return int(root["Shared Hit Blocks"]) + int(root["Shared Read Blocks"])


def _literal(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bytes():
            return f"'\\x{value.hex()}'"
        case datetime():
            return f"'{value.isoformat()}'"
        case list():
            return "'{" + ",".join(json.dumps(str(each)).replace("'", "''") for each in value) + "}'"
        case str() | int() | UUID():
            return "'" + str(value).replace("'", "''") + "'"
    raise NotMeasured(f"{type(value).__name__} was never given to a statement before.")
