"""N2 across instances, which share a database and nothing else: what one of them is doing the others cannot see."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager

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


@asynccontextmanager
async def clients_of(instances: list[str], tenant: Tenant) -> AsyncIterator[list[httpx.AsyncClient]]:
    """One client of a storefront for each instance."""
    headers = {"Authorization": f"Bearer {(await tenant.key(Role.STOREFRONT)).credential}"}
    async with AsyncExitStack() as stack:
        clients = [httpx.AsyncClient(base_url=url, headers=headers, timeout=10) for url in instances]
        yield [await stack.enter_async_context(client) for client in clients]


async def test_a_key_sent_to_two_instances_at_once_files_one_claim(instances: list[str], tenant: Tenant) -> None:
    ids: set[str] = set()
    async with clients_of(instances, tenant) as clients:
        for number in range(KEYS):
            key = {"Idempotency-Key": f"two-{number}"}
            both = await asyncio.gather(*(client.post("/v1/claims", json=kettle(), headers=key) for client in clients))
            assert [answer.status_code for answer in both] == [201, 201]
            assert both[0].content == both[1].content
            assert sorted("idempotent-replayed" in answer.headers for answer in both) == [False, True]
            ids.add(both[0].json()["id"])
        listed = (await clients[0].get("/v1/claims", params={"limit": "100"})).json()["data"]
    assert {claim["id"] for claim in listed} == ids
    assert len(listed) == KEYS


@pytest.mark.parametrize("filters", [{}, {"awaiting": "merchant"}, {"awaiting": "merchant", "region": "DE"}])
async def test_a_list_begun_at_one_instance_is_read_on_at_another(
    instances: list[str], tenant: Tenant, filters: dict[str, str]
) -> None:
    async with clients_of(instances, tenant) as clients:
        filed = [(await clients[0].post("/v1/claims", json=kettle())).json()["id"] for _ in range(len(clients))]
        cursor: dict[str, str] = {}
        read = []
        for client in clients:
            answer = await client.get("/v1/claims", params=filters | cursor | {"limit": "1"})
            assert answer.status_code == 200, answer.text
            read += [claim["id"] for claim in answer.json()["data"]]
            cursor = {"cursor": answer.json()["next_cursor"]}
    assert read == filed[::-1]
