"""Who works with parcels in these tests."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest_asyncio

from tests.conftest import Tenant
from tests.support.claims import Team
from tests.support.parcels import Depot


@pytest_asyncio.fixture(loop_scope="session")
async def depot(tenant: Tenant) -> AsyncIterator[Depot]:
    async with AsyncExitStack() as stack:
        yield Depot(Team(tenant, stack))
