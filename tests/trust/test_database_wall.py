"""N26: the wall between tenants stands in the database, whatever a statement forgets."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from claims_api.access.queries import may_list_tenants, tenants_after
from claims_api.access.scopes import Role
from claims_api.kit import database
from claims_api.kit.database import Database, UnsafeDatabaseRole
from claims_api.main import create_app
from tests.conftest import Ground, Tenant

TENANT_TABLES = text("""
    SELECT c.oid::regclass::text AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
           has_table_privilege('claims_api', c.oid, 'SELECT') AS readable
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_id'""")
POLICIES = text("""
    SELECT tablename::text, permissive, cmd, qual, with_check FROM pg_policies
    WHERE schemaname = 'public' AND roles && ARRAY['public', 'claims_app', 'claims_api']::name[]""")
OWNED = text("SELECT count(*) FROM pg_class WHERE relowner = 'claims_api'::regrole OR relowner = 'claims_app'::regrole")
FILLED = {"tenants", "api_keys", "idempotency_keys", "test_rows"}  # by the fixture below, for both tenants


@dataclass(frozen=True)
class Neighbours:
    """Two tenants with rows of their own, and the app's connections without the tests' statement hook."""

    bare: Database
    mine: UUID
    theirs: UUID
    tables: tuple[str, ...]


@pytest.fixture
async def neighbours(
    ground: Ground, superuser: AsyncEngine, tenant: Tenant, other_tenant: Tenant
) -> AsyncIterator[Neighbours]:
    for one in (tenant, other_tenant):
        async with await one.client(Role.STOREFRONT) as client:
            assert (await client.post("/v1/test-rows", json={"word": "w"})).status_code == 201
    async with superuser.connect() as db:
        tables = tuple(row.name for row in await db.execute(TENANT_TABLES) if row.readable)
    url = ground.settings.database_url
    assert url is not None
    bare = database.connect(url.get_secret_value(), ground.settings)
    yield Neighbours(bare, tenant.id, other_tenant.id, tables)
    await bare.close()


async def tenants_seen(db: AsyncConnection, table: str) -> set[UUID]:
    return {row.tenant_id for row in await db.execute(text(f"SELECT * FROM {table}"))}


async def test_without_the_filter_a_tenant_sees_its_own_rows_of_every_table_and_no_others(
    neighbours: Neighbours,
) -> None:
    async with neighbours.bare.transaction(neighbours.mine) as db:
        seen = {table: await tenants_seen(db, table) for table in neighbours.tables}

    assert set(seen) >= FILLED
    for table, tenants in seen.items():
        assert tenants == {neighbours.mine} if table in FILLED else tenants <= {neighbours.mine}, table


async def test_asking_for_a_neighbour_by_name_finds_nothing(neighbours: Neighbours) -> None:
    async with neighbours.bare.transaction(neighbours.mine) as db:
        found = [
            (await db.execute(text(f"SELECT * FROM {table} WHERE tenant_id = :t"), {"t": neighbours.theirs})).all()
            for table in neighbours.tables
        ]

    assert found == [[]] * len(neighbours.tables)


@pytest.mark.parametrize("given", ["never set", "empty", "nobody's"])
async def test_without_a_tenant_nothing_is_seen(neighbours: Neighbours, given: str) -> None:
    tenant = {"never set": None, "empty": "", "nobody's": str(uuid4())}[given]

    async with neighbours.bare.plain.begin() as db:
        if tenant is not None:
            await db.execute(text("SELECT set_config('app.tenant_id', :tenant, true)"), {"tenant": tenant})
        seen = [await tenants_seen(db, table) for table in neighbours.tables]

    assert seen == [set()] * len(neighbours.tables)


async def test_the_tenant_of_one_transaction_is_gone_in_the_next_on_the_same_connection(neighbours: Neighbours) -> None:
    async with neighbours.bare.tenants.connect() as db:
        raw = (await db.get_raw_connection()).driver_connection
        assert raw is not None
        await raw.execute(f"BEGIN; SET LOCAL app.tenant_id = '{neighbours.mine}'")
        before = await raw.fetchval("SELECT count(*) FROM test_rows")
        await raw.execute("COMMIT")
        after = await raw.fetchval("SELECT count(*) FROM test_rows")

    assert (before, after) == (1, 0)


async def test_two_open_transactions_of_one_task_keep_their_own_tenants(neighbours: Neighbours) -> None:
    async with (
        neighbours.bare.transaction(neighbours.mine) as mine,
        neighbours.bare.transaction(neighbours.theirs) as theirs,
    ):
        seen_by_theirs = await tenants_seen(theirs, "test_rows")
        seen_by_mine = await tenants_seen(mine, "test_rows")

    assert (seen_by_mine, seen_by_theirs) == ({neighbours.mine}, {neighbours.theirs})


FOREIGN_WRITES = {
    "insert a row": ("INSERT INTO test_rows VALUES (:theirs, gen_random_uuid(), 'x')", "row-level security"),
    "insert a key row": (
        "INSERT INTO idempotency_keys (tenant_id, scope, fingerprint, expires_at) VALUES (:theirs, '', '', now())",
        "row-level security",
    ),
    "give a row away": ("UPDATE idempotency_keys SET tenant_id = :theirs", "row-level security"),
    "make a tenant": ("INSERT INTO tenants VALUES (:theirs, 'x', now())", "permission denied"),
    "make a key": ("UPDATE api_keys SET scopes = '{}'", "permission denied"),
    "take a key away": ("DELETE FROM api_keys", "permission denied"),
    "change a row": ("UPDATE test_rows SET word = 'x'", "permission denied"),
    "empty a table": ("TRUNCATE idempotency_keys", "permission denied"),
    "make a table": ("CREATE TABLE mine (a int)", "permission denied"),
    "make a schema": ("CREATE SCHEMA mine", "permission denied"),
    "lower the wall": ("ALTER TABLE test_rows DISABLE ROW LEVEL SECURITY", "must be owner"),
    "become the owner": ("SET ROLE claims_owner", "permission denied"),
}


@pytest.mark.parametrize("case", FOREIGN_WRITES)
async def test_the_app_can_neither_write_for_a_neighbour_nor_beyond_its_rights(
    neighbours: Neighbours, case: str
) -> None:
    sent, refusal = FOREIGN_WRITES[case]
    given = {"theirs": neighbours.theirs} if ":theirs" in sent else {}

    with pytest.raises(ProgrammingError, match=refusal):
        async with neighbours.bare.transaction(neighbours.mine) as db:
            await db.execute(text(sent), given)


@pytest.mark.parametrize("change", ["UPDATE idempotency_keys SET status = 500", "DELETE FROM idempotency_keys"])
async def test_a_change_without_the_filter_reaches_no_neighbours_row(neighbours: Neighbours, change: str) -> None:
    async with neighbours.bare.transaction(neighbours.mine) as db:
        touched = (await db.execute(text(change))).rowcount
    async with neighbours.bare.transaction(neighbours.theirs) as db:
        statuses = [row.status for row in await db.execute(text("SELECT status FROM idempotency_keys"))]

    assert (touched, statuses) == (1, [201])


async def test_every_table_with_a_tenant_is_walled_even_for_its_owner(
    superuser: AsyncEngine, owner: Database, neighbours: Neighbours
) -> None:
    async with superuser.connect() as db:
        found = {row.name: (row.enabled, row.forced) for row in await db.execute(TENANT_TABLES)}
    async with owner.plain.connect() as db:
        seen = {table: await tenants_seen(db, table) for table in neighbours.tables}

    listed = seen.pop("tenants")  # the owner's one look across tenants
    assert set(found.values()) == {(True, True)}
    assert set(neighbours.tables) <= set(found)
    assert not any(seen.values())
    assert listed >= {neighbours.mine, neighbours.theirs}


async def test_the_owner_lists_tenants_as_nobody_only_and_changes_none(owner: Database, neighbours: Neighbours) -> None:
    async with owner.transaction(neighbours.mine) as db:
        as_mine = await tenants_seen(db, "tenants")
    async with owner.plain.begin() as db:
        touched = (await db.execute(text("UPDATE tenants SET name = 'ours'"))).rowcount

    assert (as_mine, touched) == ({neighbours.mine}, 0)


async def test_tenants_are_listed_in_pages_and_a_login_that_sees_none_is_told_apart(
    owner: Database, neighbours: Neighbours
) -> None:
    async with owner.plain.connect() as db:
        both = await tenants_after(db, UUID(int=0), 10_000)
        first = await tenants_after(db, UUID(int=0), 1)
        rest = await tenants_after(db, first[-1], 10_000)
        may = await may_list_tenants(db)
    async with neighbours.bare.plain.connect() as db:
        none, may_not = await tenants_after(db, UUID(int=0), 10_000), await may_list_tenants(db)

    assert {neighbours.mine, neighbours.theirs} <= set(both)
    assert both == sorted(both) == [*first, *rest]
    assert (may, none, may_not) == (True, [], False)


async def test_every_table_with_a_tenant_has_one_policy_the_same_for_reading_and_writing(
    superuser: AsyncEngine, owner: Database
) -> None:
    wall = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)"
    async with superuser.connect() as db:
        walled = {row.name for row in await db.execute(TENANT_TABLES)}
        found = sorted(tuple(row) for row in await db.execute(POLICIES))

    assert found == [(table, "PERMISSIVE", "ALL", wall, wall) for table in sorted(walled)]


async def test_the_app_owns_nothing(superuser: AsyncEngine, owner: Database) -> None:
    async with superuser.connect() as db:
        owned = (await db.execute(OWNED)).scalar_one()

    assert owned == 0


@pytest.mark.parametrize("login", ["superuser", "owner", "bypasses", "member of the owner"])
async def test_the_service_refuses_to_start_with_a_login_that_could_pass_the_wall(
    ground: Ground, superuser: AsyncEngine, owner: Database, login: str
) -> None:
    makes = {
        "bypasses": "CREATE ROLE wall_passer LOGIN BYPASSRLS",
        "member of the owner": "CREATE ROLE wall_passer LOGIN IN ROLE claims_owner",
    }
    urls = {"superuser": ground.superuser_url, "owner": ground.owner_url}
    url = urls.get(login, ground.owner_url.replace("claims_owner@", "wall_passer@"))
    app = create_app(ground.settings.model_copy(update={"database_url": SecretStr(url)}))
    async with superuser.begin() as db:
        await db.execute(text(makes.get(login, "SELECT 1")))

    try:
        with pytest.raises(UnsafeDatabaseRole, match="CLAIMS_DATABASE_URL logs in as"):
            async with app.router.lifespan_context(app):
                pass
    finally:
        async with superuser.begin() as db:
            await db.execute(text("DROP ROLE IF EXISTS wall_passer"))


async def test_the_service_refuses_to_start_when_the_tenant_does_not_travel_with_begin(
    ground: Ground, owner: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database.TenantConnection, "execute", asyncpg.Connection.execute)
    app = create_app(ground.settings)

    with pytest.raises(UnsafeDatabaseRole, match="does not reach the database"):
        async with app.router.lifespan_context(app):
            pass


async def test_the_service_starts_with_its_own_login(ground: Ground, owner: Database) -> None:
    app = create_app(ground.settings)

    async with app.router.lifespan_context(app):
        assert app.state.database is not None
