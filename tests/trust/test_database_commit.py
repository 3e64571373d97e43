"""T1: no answer leaves before its transaction is committed; what a commit refuses is never called done."""

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from claims_api.access.scopes import Role
from tests.conftest import Tenant
from tests.support.asgi import Exchange, storing
from tests.support.backends import count_rows

Listen = Callable[..., None]
LATE_REFUSAL = """
    CREATE FUNCTION refuse_late() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'refused at commit' USING ERRCODE = '23514'; END $$"""
AT_COMMIT = """
    CREATE CONSTRAINT TRIGGER refuse_late AFTER INSERT ON test_rows DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.word = 'refused late') EXECUTE FUNCTION refuse_late()"""


@pytest.fixture
async def headers(tenant: Tenant) -> dict[str, str]:
    made = await tenant.key(Role.STOREFRONT)
    return {"Authorization": f"Bearer {made.credential}"}


@pytest.fixture
def listen(app: FastAPI) -> Iterator[Listen]:
    """Listens to the app's engine until the test ends."""
    engine = app.state.database.tenants.sync_engine
    heard: list[tuple[str, Callable[..., None]]] = []

    def add(name: str, react: Callable[..., None]) -> None:
        event.listen(engine, name, react)
        heard.append((name, react))

    yield add
    for name, react in heard:
        event.remove(engine, name, react)


@pytest.mark.parametrize("again", [False, True], ids=["fresh", "replayed"])
async def test_the_commit_precedes_the_first_byte_of_the_answer(
    app: FastAPI, headers: dict[str, str], listen: Listen, again: bool
) -> None:
    headers |= {"Idempotency-Key": "k"}
    await storing("warm", headers if again else headers | {"Idempotency-Key": "other"}).run(app)
    order: list[str] = []
    listen("commit", lambda _db: order.append("COMMIT"))
    exchange = storing("warm", headers)
    exchange.on_send = lambda message: order.append(message["type"])

    await exchange.run(app)

    assert exchange.statuses == [201]
    assert order == ["COMMIT", "http.response.start", "http.response.body"]


async def test_a_row_is_visible_to_others_when_the_answer_starts(
    app: FastAPI, headers: dict[str, str], superuser: AsyncEngine
) -> None:
    exchange = storing("visible at once", headers)

    await exchange.run(app)

    assert exchange.statuses == [201]
    assert await count_rows(superuser, "visible at once") == 1


async def test_a_read_ends_its_transaction_before_it_answers(
    app: FastAPI, headers: dict[str, str], listen: Listen
) -> None:
    stored = storing("to read", headers)
    await stored.run(app)
    row = stored.sent[1]["body"].decode().split('"')[3]
    order: list[str] = []
    listen("commit", lambda _db: order.append("COMMIT"))
    reading = Exchange(f"/v1/test-rows/{row}", headers, method="GET")
    reading.on_send = lambda message: order.append(message["type"])

    await reading.run(app)

    assert order[:2] == ["COMMIT", "http.response.start"]


async def test_no_success_is_sent_when_the_commit_fails(
    app: FastAPI, headers: dict[str, str], listen: Listen, superuser: AsyncEngine
) -> None:
    def fail(_db: object) -> None:
        raise IntegrityError("COMMIT", None, Exception("refused"))

    await storing("warm", headers).run(app)
    listen("commit", fail)
    exchange = storing("never committed", headers)

    await exchange.run(app)

    assert exchange.statuses == [500]
    assert await count_rows(superuser, "never committed") == 0


async def test_no_success_is_sent_when_the_database_refuses_at_commit(
    app: FastAPI, headers: dict[str, str], superuser: AsyncEngine
) -> None:
    async with superuser.begin() as db:
        await db.execute(text(LATE_REFUSAL))
        await db.execute(text(AT_COMMIT))
    exchange = storing("refused late", headers | {"Idempotency-Key": "late"})

    try:
        await exchange.run(app)
    finally:
        async with superuser.begin() as db:
            await db.execute(text("DROP TRIGGER refuse_late ON test_rows"))
            await db.execute(text("DROP FUNCTION refuse_late"))
    retried = storing("refused late", headers | {"Idempotency-Key": "late"})
    await retried.run(app)

    assert (exchange.statuses, retried.statuses) == ([500], [201])  # the key went back with its row
    assert await count_rows(superuser, "refused late") == 1
