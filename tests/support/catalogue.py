"""What the database's own catalogue says; asked from tests that have no event loop."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

Rows = list[tuple[object, ...]]


def ask(url: str, sql: str, after: Sequence[str] = ()) -> Rows:
    """The rows, sorted; `after` is sent before, and taken back in the end."""

    async def asked() -> Rows:
        async with create_async_engine(url, poolclass=NullPool).connect() as db:
            for statement in after:
                await db.execute(text(statement))
            return sorted((tuple(row) for row in await db.execute(text(sql))), key=str)

    return asyncio.run(asked())
