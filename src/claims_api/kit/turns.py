"""Turns: of the requests that would only wait for each other in the database, one per process holds a connection."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from claims_api.kit.problems import Problem

WAIT_SECONDS = 2.0


class _Turn:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0


_turns: dict[Hashable, _Turn] = {}


@asynccontextmanager
async def turn(name: Hashable, too_late: type[Problem], wait_seconds: float = WAIT_SECONDS) -> AsyncIterator[None]:
    """Waits for whoever has the turn of this name in this process, but not for ever.

    Raises:
        Problem: `too_late`, with `Retry-After`.
    """
    mine = _turns.setdefault(name, _Turn())
    mine.users += 1
    try:
        await _acquire(mine.lock, too_late, wait_seconds)
        try:
            yield
        finally:
            mine.lock.release()
    finally:
        mine.users -= 1
        if not mine.users:
            _turns.pop(name, None)


async def _acquire(lock: asyncio.Lock, too_late: type[Problem], wait_seconds: float) -> None:
    try:
        async with asyncio.timeout(wait_seconds if lock.locked() else None):
            await lock.acquire()
    except TimeoutError:
        raise too_late(headers={"Retry-After": "1"}) from None
