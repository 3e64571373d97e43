"""Two instances on one database are one service: a key, a row and a revocation mean the same to both."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from claims_api.access.scopes import Role
from claims_api.kit.database import Database
from tests.conftest import Ground, Tenant, client_of
from tests.support.app import create_test_app
from tests.support.backends import count_rows
from tests.support.processes import SERVE_TEST_APP, environment, service

KEYS, AT_ONCE = 20, 5


@pytest.fixture(scope="module")
def two_processes(ground: Ground) -> Iterator[list[str]]:
    with ExitStack() as stack:
        env = environment(ground.settings)
        yield [stack.enter_context(service(env, SERVE_TEST_APP)).url for _ in range(2)]


@pytest.fixture
async def headers(tenant: Tenant) -> dict[str, str]:
    made = await tenant.key(Role.STOREFRONT)
    return {"Authorization": f"Bearer {made.credential}"}


@pytest.fixture
async def two_apps(app: FastAPI, ground: Ground, headers: dict[str, str]) -> AsyncIterator[list[httpx.AsyncClient]]:
    second = create_test_app(ground.settings)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(second.router.lifespan_context(second))
        yield [await stack.enter_async_context(client_of(one, headers)) for one in (app, second)]


async def post_doubled(clients: list[httpx.AsyncClient], word: str) -> dict[str, list[httpx.Response]]:
    """Each key several times to every instance, all at once."""

    async def one(client: httpx.AsyncClient, key: str) -> tuple[str, httpx.Response]:
        return key, await client.post("/v1/test-rows", json={"word": word}, headers={"Idempotency-Key": key})

    keys = [f"key-{number}" for number in range(KEYS)]
    answers = await asyncio.gather(*(one(client, key) for key in keys for _ in range(AT_ONCE) for client in clients))
    return {key: [answer for name, answer in answers if name == key] for key in keys}


def assert_one_answer_each(answers: dict[str, list[httpx.Response]]) -> None:
    for per_key in answers.values():
        done = [answer for answer in per_key if answer.status_code == 201]
        assert {answer.status_code for answer in per_key} <= {201, 409, 503}
        assert len({answer.content for answer in done}) == 1
        assert sum("Idempotent-Replayed" not in answer.headers for answer in done) <= 1


async def test_two_apps_answer_one_key_with_one_row(two_apps: list[httpx.AsyncClient], superuser: AsyncEngine) -> None:
    answers = await post_doubled(two_apps, "two apps")

    assert_one_answer_each(answers)
    assert await count_rows(superuser, "two apps") == KEYS


async def test_two_processes_answer_one_key_with_one_row(
    two_processes: list[str], headers: dict[str, str], superuser: AsyncEngine, owner: Database
) -> None:
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=url, headers=headers, timeout=10))
            for url in two_processes
        ]
        answers = await post_doubled(clients, "two processes")
        row = answers["key-0"][0].json()["id"]
        shown = [await client.get(f"/v1/test-rows/{row}") for client in clients]

    assert_one_answer_each(answers)
    assert await count_rows(superuser, "two processes") == KEYS
    assert [answer.status_code for answer in shown] == [200, 200]
    assert shown[0].content == shown[1].content


async def test_what_one_instance_answered_the_other_answers_again(
    two_apps: list[httpx.AsyncClient], superuser: AsyncEngine
) -> None:
    sent = {"json": {"word": "handed over"}, "headers": {"Idempotency-Key": "handed-over"}}

    first = await two_apps[0].post("/v1/test-rows", **sent)  # type: ignore[arg-type]
    second = await two_apps[1].post("/v1/test-rows", **sent)  # type: ignore[arg-type]

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.content == first.content
