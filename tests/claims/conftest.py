"""Who works on claims in these tests."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from claims_api.kit import database
from claims_api.kit.embedded_postgres import EmbeddedServer
from tests.conftest import Ground, Tenant, lay_ground
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


@pytest.fixture
def own_ground(postgres: EmbeddedServer, tmp_path: Path) -> Ground:
    """A database of one test alone, which can be judged as a whole afterwards."""
    return lay_ground(postgres, tmp_path)


@pytest_asyncio.fixture(loop_scope="session")
async def keeper(own_ground: Ground) -> AsyncIterator[database.Database]:
    """The owner's connections to it."""
    opened = database.connect(own_ground.owner_url, own_ground.settings)
    yield opened
    await opened.close()
