"""Who files the claims that are checked, and who brings their events to the feed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest_asyncio

from claims_api.kit.database import Database
from tests.conftest import Ground, Tenant
from tests.support.claims import Team
from tests.support.feeds import worker_database


@pytest_asyncio.fixture(loop_scope="session")
async def team(tenant: Tenant) -> AsyncIterator[Team]:
    async with AsyncExitStack() as stack:
        yield Team(tenant, stack)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def worker(ground: Ground) -> AsyncIterator[Database]:
    """The worker's connections."""
    async with worker_database(ground) as opened:
        yield opened
