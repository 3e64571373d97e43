"""Connections: their limits, their tenant, and the settings a pooler in between needs."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from claims_api.access.scopes import Role
from claims_api.kit import database
from claims_api.kit.database import Database
from claims_api.kit.settings import Pooler
from claims_api.main import create_app
from tests.conftest import Ground, Tenant, client_of
from tests.support.app import create_test_app

TENANT = text("SELECT current_setting('app.tenant_id', true)")


def opened(ground: Ground, **settings: object) -> Database:
    url = ground.settings.database_url
    assert url is not None
    return database.connect(url.get_secret_value(), ground.settings.model_copy(update=settings))


@pytest.fixture
async def fresh(ground: Ground) -> AsyncIterator[Database]:
    made = opened(ground)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("statement_timeout", "5s"), ("lock_timeout", "2s"), ("idle_in_transaction_session_timeout", "10s")],
)
async def test_the_database_itself_ends_what_takes_too_long(fresh: Database, name: str, wanted: str) -> None:
    async with fresh.transaction(uuid4()) as db:
        in_transactions = (await db.execute(text(f"SHOW {name}"))).scalar_one()
    async with fresh.plain.connect() as db:
        in_plain = (await db.execute(text(f"SHOW {name}"))).scalar_one()

    assert (in_transactions, in_plain) == (wanted, wanted)


async def test_a_transaction_knows_its_tenant_and_the_next_one_its_own(fresh: Database) -> None:
    tenants = [uuid4() for _ in range(3)]
    found = []

    for tenant in tenants:
        async with fresh.transaction(tenant) as db:
            found.append((await db.execute(TENANT)).scalar_one())

    assert found == [str(tenant) for tenant in tenants]


async def test_a_connection_used_without_a_transaction_of_ours_has_no_tenant(fresh: Database) -> None:
    async with fresh.transaction(uuid4()) as db:
        await db.execute(text("SELECT 1"))

    async with fresh.tenants.begin() as db:  # the same pooled connection again
        found = (await db.execute(TENANT)).scalar_one()

    assert found == ""


async def test_the_tenant_travels_with_begin_and_costs_no_statement(fresh: Database) -> None:
    prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement ~ 'tenant_id'")
    for _ in range(5):
        async with fresh.transaction(uuid4()) as db:
            await db.execute(text("SELECT 1"))

    async with fresh.transaction(uuid4()) as db:
        found = (await db.execute(prepared)).scalar_one()

    assert found <= 1  # this very question


async def test_raising_rolls_back_and_returning_commits(owner: Database, fresh: Database, tenant: Tenant) -> None:
    add = text("INSERT INTO test_rows VALUES (:tenant, gen_random_uuid(), :word)")

    async def store(word: str, fails: bool) -> None:
        async with fresh.transaction(tenant.id) as db:
            await db.execute(add, {"tenant": tenant.id, "word": word})
            if fails:
                raise LookupError

    with pytest.raises(LookupError):
        await store("raised", fails=True)
    await store("returned", fails=False)
    async with fresh.transaction(tenant.id) as db:
        found = list((await db.execute(text("SELECT word FROM test_rows"))).scalars())

    assert found == ["returned"]


async def test_an_error_never_tells_the_values_it_was_about(fresh: Database) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with fresh.transaction(uuid4()) as db:
            await db.execute(text("SELECT CAST(:mail AS text) FROM nowhere"), {"mail": "ada@example.org"})

    assert "ada@example.org" not in str(caught.value)


async def test_behind_a_transaction_pooler_nothing_is_prepared_to_be_found_again(ground: Ground) -> None:
    made = opened(ground, database_pooler=Pooler.TRANSACTION)
    sent = [f"SELECT {number}" for number in range(5)] * 2

    async with made.transaction(uuid4()) as db:
        for statement in sent:
            await db.execute(text(statement))
        left = list((await db.execute(text("SELECT name FROM pg_prepared_statements WHERE name <> ''"))).scalars())
    await made.close()

    assert left == []


async def test_the_service_works_with_the_settings_for_a_transaction_pooler(
    ground: Ground, owner: Database, tenant: Tenant
) -> None:
    app = create_test_app(ground.settings.model_copy(update={"database_pooler": Pooler.TRANSACTION}))
    made = await tenant.key(Role.STOREFRONT)
    headers = {"Authorization": f"Bearer {made.credential}", "Idempotency-Key": "pooled"}

    async with app.router.lifespan_context(app), client_of(app, headers) as client:
        stored = await client.post("/v1/test-rows", json={"word": "pooled"})
        again = await client.post("/v1/test-rows", json={"word": "pooled"})
        shown = await client.get(f"/v1/test-rows/{stored.json()['id']}")
        ready = await client.get("/readyz")

    assert [answer.status_code for answer in (stored, again, shown, ready)] == [201, 201, 200, 200]
    assert again.content == stored.content


async def test_a_service_that_ends_leaves_no_connection(ground: Ground, owner: Database) -> None:
    app = create_app(ground.settings)

    async with app.router.lifespan_context(app):
        opened_here = app.state.database
        async with opened_here.transaction(uuid4()) as db:
            await db.execute(text("SELECT 1"))

    assert opened_here.tenants.pool.checkedin() == 0
    assert opened_here.plain.pool.checkedin() == 0
