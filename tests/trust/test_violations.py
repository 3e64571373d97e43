"""What ends every experiment finds what it is there to find: each violation is brought about once, and named."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from claims_api.access import actions
from claims_api.kit import database
from claims_api.kit.embedded_postgres import EmbeddedServer
from claims_api.main import create_app
from tests.conftest import Ground, client_of, lay_ground
from tests.support.claims import kettle
from tests.support.lives import headers_of_roles
from tests.support.violations import CHECKS, nothing_is_violated, violations

OF_NOBODY = "'00000000-0000-0000-0000-000000000001'::uuid"
TAMPERINGS = [
    ("a claim without its whole log", "DELETE FROM events WHERE seq = 1"),
    ("a claim without its whole log", "DELETE FROM events"),
    ("an event of no claim", f"UPDATE events SET stream_id = {OF_NOBODY} WHERE seq = 2"),
    ("a broken link of a log", "UPDATE events SET prev_hash = repeat('f', 64) WHERE seq = 2"),
    ("a broken link of a log", "UPDATE events SET prev_hash = repeat('f', 64) WHERE seq = 1"),
    ("a claim that is not at the end of its log", "DELETE FROM events WHERE seq = 2"),
    ("a claim that is not at the end of its log", "UPDATE claims SET head_hash = repeat('f', 64)"),
    ("an event neither waiting nor in the feed, or both", "DELETE FROM outbox WHERE seq = 1"),
    (
        "an event neither waiting nor in the feed, or both",
        "INSERT INTO feed SELECT tenant_id, seq, stream_id, seq FROM outbox",
    ),
    ("an entry of a feed that is no event", f"INSERT INTO feed SELECT tenant_id, 1, {OF_NOBODY}, 1 FROM claims"),
    (
        "a claim's events out of order in the feed, with a gap or twice",
        "INSERT INTO feed SELECT tenant_id, 3 - seq, stream_id, seq FROM events",
    ),
    (
        "a claim's events out of order in the feed, with a gap or twice",
        "INSERT INTO feed SELECT tenant_id, 1, id, 2 FROM claims",
    ),
    ("a feed with a gap, or not where its counter stands", "UPDATE feed_heads SET position = 1"),
    ("a feed with a gap, or not where its counter stands", "INSERT INTO feed SELECT tenant_id, 1, id, 1 FROM claims"),
    ("an idempotency key without an answer", "UPDATE idempotency_keys SET body = NULL"),
    ("an idempotency key whose effect is missing", f"UPDATE idempotency_keys SET subject_id = {OF_NOBODY}"),
]


@pytest.fixture(scope="module")
def whole(postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return lay_ground(postgres, tmp_path_factory.mktemp("data"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def looker(whole: Ground) -> AsyncIterator[AsyncEngine]:
    """Who may do anything to one claim with two events, where nothing is violated."""
    owner = database.connect(whole.owner_url, whole.settings)
    headers = await headers_of_roles(owner, await actions.create_tenant(owner, "tampered with"))
    await owner.close()
    app = create_app(whole.settings)
    async with (
        app.router.lifespan_context(app),
        client_of(app, headers["storefront"]) as shop,
        client_of(app, headers["agent"]) as agent,
    ):
        claim = (await shop.post("/v1/claims", json=kettle())).json()
        path = f"/v1/claims/{claim['id']}/transitions"
        assert (await agent.post(path, json={"transition": "start_review"})).status_code == 200
    await nothing_is_violated(whole)
    yield create_async_engine(whole.superuser_url, poolclass=NullPool)


@pytest.mark.parametrize(("violation", "tampering"), TAMPERINGS)
async def test_a_violation_is_named(looker: AsyncEngine, violation: str, tampering: str) -> None:
    async with looker.connect() as db:
        await db.execute(text("SET session_replication_role = replica"))  # foreign keys look away
        await db.execute(text(tampering))
        found = await violations(db)
        await db.rollback()

    assert violation in found


def test_each_check_is_seen_to_fail() -> None:
    assert {violation for violation, _ in TAMPERINGS} == set(CHECKS)
