"""N26: the worker's login finds who has something waiting, fills feeds as their tenant, and can do nothing else."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from claims_api import launch
from claims_api.access.scopes import Role
from claims_api.kit.database import Database
from tests.conftest import Ground, Tenant
from tests.support.claims import kettle, key
from tests.support.feeds import worker_database

MEMBERSHIPS = text("""
    SELECT roleid::regrole::text FROM pg_auth_members WHERE member = to_regrole(:login)""")


@dataclass(frozen=True)
class Neighbours:
    """Two tenants with a claim each, whose first event still waits."""

    worker: Database
    mine: UUID
    theirs: UUID

    def opened(self, as_tenant: bool) -> AbstractAsyncContextManager[AsyncConnection]:
        """The worker's transaction, as `mine` or as nobody."""
        return self.worker.transaction(self.mine) if as_tenant else self.worker.plain.begin()


@pytest.fixture
async def neighbours(ground: Ground, tenant: Tenant, other_tenant: Tenant) -> AsyncIterator[Neighbours]:
    for one in (tenant, other_tenant):
        async with await one.client(Role.STOREFRONT) as client:
            assert (await client.post("/v1/claims", json=kettle(), headers=key())).status_code == 201
    async with worker_database(ground) as worker:
        yield Neighbours(worker, tenant.id, other_tenant.id)


DENIED = {
    "read a claim": "SELECT * FROM claims",
    "read its lines": "SELECT * FROM claim_lines",
    "read people": "SELECT * FROM parties",
    "read texts": "SELECT * FROM texts",
    "read keys": "SELECT * FROM api_keys",
    "read tenants": "SELECT * FROM tenants",
    "read stored answers": "SELECT * FROM idempotency_keys",
    "read policies": "SELECT * FROM policy_pins",
    "read what happened": "SELECT data FROM events",
    "read who did it": "SELECT actor_ref FROM events",
    "read whole events": "SELECT * FROM events",
    "read the feed": "SELECT * FROM feed",
    "lock what waits": "SELECT * FROM outbox FOR UPDATE",
    "write an event": "INSERT INTO events (tenant_id, stream_id, seq) VALUES (:mine, :mine, 1)",
    "change an event": "UPDATE events SET recorded_at = now()",
    "take an event away": "DELETE FROM events",
    "let something wait": "INSERT INTO outbox VALUES (:mine, :mine, 1)",
    "change what waits": "UPDATE outbox SET seq = 2",
    "empty the outbox": "TRUNCATE outbox",
    "change the feed": "UPDATE feed SET position = 7",
    "take from the feed": "DELETE FROM feed",
    "empty the feed": "TRUNCATE feed",
    "make a counter": "INSERT INTO feed_heads VALUES (:mine, 0)",
    "give a counter away": "UPDATE feed_heads SET tenant_id = :theirs",
    "take a counter away": "DELETE FROM feed_heads",
    "change the revision": "UPDATE alembic_version SET version_num = '9999'",
    "make a table": "CREATE TABLE mine (a int)",
    "make a role": "CREATE ROLE friend",
    "become the service": "SET ROLE claims_app",
    "become the service's login": "SET ROLE claims_api",
    "become the owner": "SET ROLE claims_owner",
}


@pytest.mark.parametrize("as_tenant", [True, False], ids=["as a tenant", "as nobody"])
@pytest.mark.parametrize("case", DENIED)
async def test_the_worker_may_not(neighbours: Neighbours, case: str, as_tenant: bool) -> None:
    given = {name: getattr(neighbours, name) for name in ("mine", "theirs") if f":{name}" in DENIED[case]}

    with pytest.raises(ProgrammingError, match="permission denied"):
        async with neighbours.opened(as_tenant) as db:
            await db.execute(text(DENIED[case]), given)


@pytest.mark.parametrize("table", ["outbox", "feed"])
async def test_the_worker_cannot_lower_a_wall(neighbours: Neighbours, table: str) -> None:
    with pytest.raises(ProgrammingError, match="must be owner"):
        async with neighbours.worker.plain.begin() as db:
            await db.execute(text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))


async def tenants_of(db: AsyncConnection, table: str) -> set[UUID]:
    return {row.tenant_id for row in await db.execute(text(f"SELECT tenant_id FROM {table}"))}


async def test_across_tenants_the_worker_sees_what_waits_and_nothing_else(neighbours: Neighbours) -> None:
    both = {neighbours.mine, neighbours.theirs}
    async with neighbours.worker.plain.connect() as db:
        as_nobody = {table: await tenants_of(db, table) for table in ("outbox", "events", "feed_heads")}
    async with neighbours.worker.transaction(neighbours.mine) as db:
        as_mine = {table: await tenants_of(db, table) for table in ("outbox", "events", "feed_heads")}

    assert as_nobody["outbox"] >= both
    assert (as_nobody["events"], as_nobody["feed_heads"]) == (set(), set())
    assert list(as_mine.values()) == [{neighbours.mine}] * 3


CHANGES = {
    "take what waits": "DELETE FROM outbox",
    "take what waits of the neighbour": "DELETE FROM outbox WHERE tenant_id = :theirs",
    "move the counter": "UPDATE feed_heads SET position = 99",
    "move the neighbour's counter": "UPDATE feed_heads SET position = 99 WHERE tenant_id = :theirs",
}


@pytest.mark.parametrize("as_tenant", [True, False], ids=["as a tenant", "as nobody"])
@pytest.mark.parametrize("case", CHANGES)
async def test_what_the_worker_may_change_is_its_tenants_own(
    neighbours: Neighbours, superuser: AsyncEngine, case: str, as_tenant: bool
) -> None:
    given = {"theirs": neighbours.theirs} if ":theirs" in CHANGES[case] else {}
    state = text("""SELECT (SELECT count(*) FROM outbox WHERE tenant_id = :theirs),
                           (SELECT position FROM feed_heads WHERE tenant_id = :theirs)""")

    async with neighbours.opened(as_tenant) as db:
        touched = (await db.execute(text(CHANGES[case]), given)).rowcount
    async with superuser.connect() as db:
        left = (await db.execute(state, {"theirs": neighbours.theirs})).one()

    assert touched == (1 if as_tenant and not given else 0)
    assert tuple(left) == (1, 0)


@pytest.mark.parametrize("as_tenant", [True, False], ids=["as a tenant", "as nobody"])
async def test_the_worker_fills_no_feed_of_a_neighbour(neighbours: Neighbours, as_tenant: bool) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with neighbours.opened(as_tenant) as db:
            await db.execute(text("INSERT INTO feed VALUES (:theirs, 1, :theirs, 1)"), {"theirs": neighbours.theirs})


async def test_each_login_is_in_its_own_group_and_in_no_other(superuser: AsyncEngine, owner: Database) -> None:
    async with superuser.connect() as db:
        groups = {
            login: [row[0] for row in await db.execute(MEMBERSHIPS, {"login": login})]
            for login in (launch.LOGIN, launch.WORKER_LOGIN)
        }

    assert groups == {launch.LOGIN: ["claims_app"], launch.WORKER_LOGIN: ["claims_worker"]}
