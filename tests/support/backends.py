"""What the database itself says about the app's connections; asked as superuser."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

APP = "datname = current_database() AND usename = 'claims_api'"
STATES = text(f"SELECT state FROM pg_stat_activity WHERE {APP}")
END_THEM = text(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {APP}")


async def states(superuser: AsyncEngine) -> list[str]:
    """The state of each of the app's backends."""
    async with superuser.connect() as db:
        return [str(row.state) for row in await db.execute(STATES)]


async def end_all(superuser: AsyncEngine) -> int:
    """Ends the app's backends and returns how many there were, once they are gone."""
    async with superuser.connect() as db:
        ended = (await db.execute(END_THEM)).scalar_one()

    async def all_gone() -> bool:
        return not await states(superuser)

    await until(all_gone)
    return int(ended)


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 5) -> None:
    """Returns as soon as something holds.

    Raises: TimeoutError
    """
    give_up_at = monotonic() + seconds
    while not await holds():
        if monotonic() > give_up_at:
            raise TimeoutError(f"waited {seconds} s in vain")
        await asyncio.sleep(0.01)


async def count_rows(superuser: AsyncEngine, word: str) -> int:
    """How many test rows of any tenant hold this word."""
    async with superuser.connect() as db:
        found = await db.execute(text("SELECT count(*) FROM test_rows WHERE word = :word"), {"word": word})
        return int(found.scalar_one())
