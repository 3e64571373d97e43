"""T2: what the database takes back is run again once, and a client that hears of it can do as it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from claims_api.access.scopes import Role
from tests.conftest import Tenant
from tests.support.asgi import storing
from tests.support.backends import count_rows, end_all

FAIL = """
    CREATE FUNCTION fail_some() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('failures') <= {times} THEN RAISE EXCEPTION 'injected' USING ERRCODE = '{state}'; END IF;
        RETURN NEW;
    END $$"""
ON_INSERT = "CREATE TRIGGER fail_some BEFORE INSERT ON test_rows FOR EACH ROW EXECUTE FUNCTION fail_some()"
WAYS_DOWN = ("DROP TRIGGER fail_some ON test_rows", "DROP FUNCTION fail_some", "DROP SEQUENCE failures")

LOCK_BOTH = """
    CREATE FUNCTION lock_both() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.word IN ('ab', 'ba') THEN
            PERFORM pg_advisory_xact_lock(ascii(NEW.word));
            PERFORM pg_sleep(0.2);
            PERFORM pg_advisory_xact_lock(ascii(reverse(NEW.word)));
        END IF;
        RETURN NEW;
    END $$"""
BOTH_ON_INSERT = "CREATE TRIGGER lock_both BEFORE INSERT ON test_rows FOR EACH ROW EXECUTE FUNCTION lock_both()"


@asynccontextmanager
async def failing(superuser: AsyncEngine, state: str, times: int) -> AsyncIterator[None]:
    """The first `times` inserts of a row fail with this SQLSTATE; a sequence does not roll back, so it can count."""
    made = ("CREATE SEQUENCE failures", "GRANT USAGE ON SEQUENCE failures TO claims_app")
    async with superuser.begin() as db:
        for statement in (*made, FAIL.format(state=state, times=times), ON_INSERT):
            await db.execute(text(statement))
    try:
        yield
    finally:
        async with superuser.begin() as db:
            for statement in WAYS_DOWN:
                await db.execute(text(statement))


@pytest.fixture
def listen(app: FastAPI) -> Iterator[Callable[[str, Callable[..., Any]], None]]:
    engine = app.state.database.tenants.sync_engine
    heard: list[tuple[str, Callable[..., Any]]] = []

    def add(name: str, react: Callable[..., Any]) -> None:
        event.listen(engine, name, react)
        heard.append((name, react))

    yield add
    for name, react in heard:
        event.remove(engine, name, react)


def assert_retryable(answer: httpx.Response, status: int, code: str) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["retryable"]) == (status, code, True)
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("state", ["40001", "40P01", "08006", "57P01"])
@pytest.mark.parametrize("keyed", [False, True], ids=["without a key", "with a key"])
async def test_what_the_database_takes_back_is_run_again_and_stored_once(
    api: httpx.AsyncClient, superuser: AsyncEngine, state: str, keyed: bool
) -> None:
    word = f"again {state} {keyed}"
    headers = {"Idempotency-Key": "again"} if keyed else {}

    async with failing(superuser, state, times=3):
        answer = await api.post("/v1/test-rows", json={"word": word}, headers=headers)

    assert answer.status_code == 201
    assert await count_rows(superuser, word) == 1


async def test_what_the_database_keeps_taking_back_ends_in_a_503_and_leaves_nothing(
    api: httpx.AsyncClient, superuser: AsyncEngine
) -> None:
    async with failing(superuser, "40001", times=4):
        answer = await api.post("/v1/test-rows", json={"word": "four times"})

    assert_retryable(answer, 503, "unavailable")
    assert await count_rows(superuser, "four times") == 0


async def test_a_fault_of_ours_is_not_run_again(api: httpx.AsyncClient, superuser: AsyncEngine) -> None:
    async with failing(superuser, "23514", times=1):
        answer = await api.post("/v1/test-rows", json={"word": "ours"})
        again = await api.post("/v1/test-rows", json={"word": "ours"})

    assert (answer.status_code, answer.json()["code"]) == (500, "internal-fault")
    assert again.status_code == 201


async def test_idle_connections_that_were_ended_go_unnoticed(api: httpx.AsyncClient, superuser: AsyncEngine) -> None:
    await asyncio.gather(*(api.post("/v1/test-rows", json={"word": "warm"}) for _ in range(10)))

    ended = await end_all(superuser)
    answers = await asyncio.gather(*(api.post("/v1/test-rows", json={"word": "after"}) for _ in range(10)))

    assert ended >= 2
    assert [answer.status_code for answer in answers] == [201] * 10
    assert await count_rows(superuser, "after") == 10


@pytest.mark.parametrize("moment", ["INSERT INTO idempotency_keys", "INSERT INTO test_rows", "UPDATE idempotency_keys"])
async def test_a_connection_lost_between_statements_goes_unnoticed(
    api: httpx.AsyncClient, superuser: AsyncEngine, listen: Callable[..., None], moment: str
) -> None:
    word = f"lost before {moment}"
    hits = 0

    def lose(db: Any, _cursor: object, statement: str, *_rest: object) -> None:
        nonlocal hits
        if statement.startswith(moment) and not hits:
            hits += 1
            db.connection.driver_connection.terminate()  # the socket is closed under it, as by a dying server

    await api.post("/v1/test-rows", json={"word": "warm"})
    listen("before_cursor_execute", lose)
    answer = await api.post("/v1/test-rows", json={"word": word})

    assert (answer.status_code, hits) == (201, 1)
    assert await count_rows(superuser, word) == 1


@pytest.mark.parametrize("keyed", [False, True], ids=["without a key", "with a key"])
async def test_a_commit_whose_answer_was_lost_is_not_done_twice(
    app: FastAPI, tenant: Tenant, superuser: AsyncEngine, monkeypatch: pytest.MonkeyPatch, keyed: bool
) -> None:
    word = f"lost after commit {keyed}"
    dialect = app.state.database.tenants.sync_engine.dialect
    commit, lost = dialect.do_commit, 0

    def commit_and_lose(connection: Any) -> None:
        nonlocal lost
        commit(connection)
        if word_is_stored.is_set() and not lost:
            lost += 1
            connection.driver_connection.terminate()
            raise DBAPIError("COMMIT", None, ConnectionResetError("the answer never came"), connection_invalidated=True)

    word_is_stored = asyncio.Event()
    async with await tenant.client(Role.STOREFRONT) as client:
        await client.post("/v1/test-rows", json={"word": "warm"})
        monkeypatch.setattr(dialect, "do_commit", commit_and_lose)
        word_is_stored.set()
        headers = {"Idempotency-Key": "lost"} if keyed else {}
        answer = await client.post("/v1/test-rows", json={"word": word}, headers=headers)
        shown = await client.get(f"/v1/test-rows/{answer.json()['id']}")

    assert (answer.status_code, lost) == (201, 1)
    assert answer.headers["Idempotent-Replayed"] == "true"
    assert await count_rows(superuser, word) == 1
    assert shown.json() == answer.json()


async def test_a_deadlock_of_two_requests_is_resolved_by_running_one_again(
    app: FastAPI, tenant: Tenant, superuser: AsyncEngine, listen: Callable[..., None]
) -> None:
    met: list[str] = []
    listen("handle_error", lambda context: met.append(str(context.original_exception)))
    async with superuser.begin() as db:
        await db.execute(text(LOCK_BOTH))
        await db.execute(text(BOTH_ON_INSERT))
    try:
        async with await tenant.client(Role.STOREFRONT) as client:
            answers = await asyncio.gather(
                *(client.post("/v1/test-rows", json={"word": word}) for word in ("ab", "ba"))
            )
    finally:
        async with superuser.begin() as db:
            await db.execute(text("DROP TRIGGER lock_both ON test_rows"))
            await db.execute(text("DROP FUNCTION lock_both"))

    assert [answer.status_code for answer in answers] == [201, 201]
    assert sum("deadlock" in error for error in met) == 1
    assert [await count_rows(superuser, word) for word in ("ab", "ba")] == [1, 1]


async def test_a_row_that_stays_locked_answers_409_to_come_again(
    api: httpx.AsyncClient, superuser: AsyncEngine
) -> None:
    await api.post("/v1/test-rows", json={"word": "warm"})
    async with superuser.begin() as db:
        await db.execute(text("LOCK TABLE test_rows IN EXCLUSIVE MODE"))
        answer = await api.post("/v1/test-rows", json={"word": "locked"}, headers={"Idempotency-Key": "locked"})
    again = await api.post("/v1/test-rows", json={"word": "locked"}, headers={"Idempotency-Key": "locked"})

    assert_retryable(answer, 409, "resource-busy")
    assert again.status_code == 201
    assert await count_rows(superuser, "locked") == 1


async def test_a_statement_that_takes_too_long_answers_503_at_once_and_is_not_run_again(
    api: httpx.AsyncClient, superuser: AsyncEngine, listen: Callable[..., None]
) -> None:
    sent: list[str] = []
    await api.post("/v1/test-rows", json={"word": "warm"})
    async with failing(superuser, "57014", times=1):
        listen("before_cursor_execute", lambda _db, _cursor, statement, *_rest: sent.append(statement))
        answer = await api.post("/v1/test-rows", json={"word": "slow"})

    assert_retryable(answer, 503, "unavailable")
    assert sum(statement.startswith("INSERT INTO test_rows") for statement in sent) == 1


async def test_when_every_connection_is_taken_the_answer_is_503_after_the_pool_s_timeout(
    app: FastAPI, api: httpx.AsyncClient
) -> None:
    engine: AsyncEngine = app.state.database.tenants
    await api.post("/v1/test-rows", json={"word": "warm"})
    held = [await engine.connect() for _ in range(app.state.settings.database_pool_size)]

    answers = await asyncio.gather(*(api.post("/v1/test-rows", json={"word": "crowded"}) for _ in range(20)))
    alive, ready = await api.get("/healthz"), await api.get("/readyz")
    for connection in held:
        await connection.close()
    after = await api.post("/v1/test-rows", json={"word": "roomy"})

    for answer in answers:
        assert_retryable(answer, 503, "unavailable")
    assert isinstance(engine.sync_engine.pool, QueuePool)
    assert engine.sync_engine.pool.timeout() <= 1.5  # what a caller waits at the most, as this engine has it
    assert (alive.status_code, ready.status_code, after.status_code) == (200, 200, 201)


async def test_a_changed_column_costs_no_request(app: FastAPI, api: httpx.AsyncClient, superuser: AsyncEngine) -> None:
    stored = [await api.post("/v1/test-rows", json={"word": "ddl"}) for _ in range(2)]
    rows = [answer.json()["id"] for answer in stored]
    await asyncio.gather(*(api.get(f"/v1/test-rows/{rows[n % 2]}") for n in range(20)))
    async with superuser.begin() as db:
        await db.execute(text("ALTER TABLE test_rows ALTER COLUMN word TYPE varchar(80)"))

    answers = await asyncio.gather(*(api.get(f"/v1/test-rows/{rows[n % 2]}") for n in range(40)))
    async with superuser.begin() as db:
        await db.execute(text("ALTER TABLE test_rows ALTER COLUMN word TYPE text"))

    assert {answer.status_code for answer in answers} == {200}


async def test_a_request_is_run_at_most_four_times(
    app: FastAPI, tenant: Tenant, superuser: AsyncEngine, listen: Callable[..., None]
) -> None:
    made = await tenant.key(Role.STOREFRONT)
    exchange = storing("tries", {"Authorization": f"Bearer {made.credential}"})
    tries: list[str] = []
    listen("before_cursor_execute", lambda _db, _cursor, statement, *_rest: tries.append(statement))

    async with failing(superuser, "40001", times=100):
        await exchange.run(app)

    assert exchange.statuses == [503]
    assert sum(statement.startswith("INSERT INTO test_rows") for statement in tries) == 4
