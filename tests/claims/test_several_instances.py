"""N2 across instances, which share a database and nothing else: what one of them is doing the others cannot see."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack

import httpx
import pytest

from claims_api.access.scopes import Role
from tests.conftest import Ground, Tenant
from tests.support.claims import kettle
from tests.support.processes import environment, service

KEYS = 40


@pytest.fixture(scope="module")
def instances(ground: Ground) -> Iterator[list[str]]:
    with ExitStack() as stack:
        env = environment(ground.settings)
        yield [stack.enter_context(service(env)).url for _ in range(2)]


async def test_a_key_sent_to_two_instances_at_once_files_one_claim(instances: list[str], tenant: Tenant) -> None:
    made = await tenant.key(Role.STOREFRONT)
    headers, body = {"Authorization": f"Bearer {made.credential}"}, kettle()
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=url, headers=headers, timeout=10))
            for url in instances
        ]
        ids: set[str] = set()
        for number in range(KEYS):
            key = {"Idempotency-Key": f"two-{number}"}
            both = await asyncio.gather(*(client.post("/v1/claims", json=body, headers=key) for client in clients))
            assert [answer.status_code for answer in both] == [201, 201]
            assert both[0].content == both[1].content
            assert sorted("idempotent-replayed" in answer.headers for answer in both) == [False, True]
            ids.add(both[0].json()["id"])
        listed = (await clients[0].get("/v1/claims", params={"limit": "100"})).json()["data"]
    assert {claim["id"] for claim in listed} == ids
    assert len(listed) == KEYS
