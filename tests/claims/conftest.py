"""Who works on claims in these tests."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest_asyncio

from tests.conftest import Tenant
from tests.support.claims import STEPS, Team

STEPS.setdefault("accept_withdrawal", {})  # a step without arguments


@pytest_asyncio.fixture(loop_scope="session")
async def team(tenant: Tenant) -> AsyncIterator[Team]:
    async with AsyncExitStack() as stack:
        yield Team(tenant, stack)


@pytest_asyncio.fixture(loop_scope="session")
async def other_team(other_tenant: Tenant) -> AsyncIterator[Team]:
    async with AsyncExitStack() as stack:
        yield Team(other_tenant, stack)
