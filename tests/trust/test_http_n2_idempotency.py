"""N2 and N3: a retry never does it twice, and a key means one request of one caller for 24 hours."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI, Response
from sqlalchemy import func, insert, select

from claims_api.access.routes import UnitOfWork, working_with
from claims_api.access.scopes import Role, Scope
from claims_api.kit import clock, database, idempotency, ids
from claims_api.kit.problems import ResourceBusy
from claims_api.kit.strict import StrictRoute
from tests.conftest import Ground, Tenant, client_of
from tests.support.app import NewRow, create_test_app, rows, store_row
from tests.support.problems import refused

PATH = "/v1/test-rows"
KEY = {"Idempotency-Key": "order-42"}
BODY = {"word": "kettle"}
PARALLEL = 50
MAY_WRITE = frozenset({Scope.CLAIMS_WRITE})

more = APIRouter(prefix="/v1", route_class=StrictRoute, include_in_schema=False)
more.add_api_route("/test-rows-elsewhere", store_row, methods=["POST"], status_code=201)
more.add_api_route("/test-rows/{row}/copies", store_row, methods=["POST"], status_code=201)


@more.post("/test-refusals")
async def refuse_late(work: Annotated[UnitOfWork, working_with(Scope.CLAIMS_WRITE)], body: NewRow) -> Response:
    """Takes the key, stores a row, and only then fails, unless the word is `fine`."""
    assert work.key is not None
    who = work.caller
    await idempotency.reserve(work.db, who.tenant_id, work.key, work.now)
    await work.db.execute(insert(rows), {"tenant_id": who.tenant_id, "id": ids.new_uuid(), "word": body.word})
    if body.word == "busy":
        raise ResourceBusy
    if body.word == "broken":
        raise ZeroDivisionError
    return Response(b"{}", 201, media_type="application/json")


def _wider(ground: Ground) -> FastAPI:
    made = create_test_app(ground.settings)
    made.include_router(more)
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def instances(ground: Ground, owner: database.Database) -> AsyncIterator[tuple[FastAPI, FastAPI]]:
    """Two processes' worth of the service on one database, with more actions."""
    one, two = _wider(ground), _wider(ground)
    async with one.router.lifespan_context(one), two.router.lifespan_context(two):
        yield one, two


@pytest_asyncio.fixture(loop_scope="session")
async def wide(instances: tuple[FastAPI, FastAPI], tenant: Tenant) -> AsyncIterator[httpx.AsyncClient]:
    made = await tenant.key(Role.STOREFRONT)
    async with client_of(instances[0], {"Authorization": f"Bearer {made.credential}"}) as client:
        yield client


async def rows_of(tenant: Tenant) -> int:
    """How many rows of the test action a tenant has."""
    async with tenant.owner.transaction(tenant.id) as db:
        counted = await db.execute(select(func.count()).select_from(rows).where(rows.c.tenant_id == tenant.id))
        return int(counted.scalar_one())


async def test_the_same_request_again_gets_the_same_bytes(api: httpx.AsyncClient, tenant: Tenant) -> None:
    first = await api.post(PATH, json=BODY, headers=KEY)
    again = [await api.post(PATH, json=BODY, headers=KEY) for _ in range(3)]
    assert {(answer.status_code, answer.content) for answer in again} == {(first.status_code, first.content)}
    assert all(answer.headers["idempotent-replayed"] == "true" for answer in again)
    assert await rows_of(tenant) == 1


async def test_without_a_key_every_request_is_a_new_one(api: httpx.AsyncClient, tenant: Tenant) -> None:
    answers = [await api.post(PATH, json=BODY) for _ in range(3)]
    assert len({answer.json()["id"] for answer in answers}) == 3
    assert await rows_of(tenant) == 3


OTHER_BODIES = {
    "another value": b'{"word": "lamp"}',
    "one more member": b'{"word": "kettle", "count": 1}',
    "other bytes for the same value": b'{"word":"kettle"}',
}


@pytest.mark.parametrize("body", OTHER_BODIES.values(), ids=OTHER_BODIES.keys())
async def test_n3_a_key_with_another_body_is_refused(api: httpx.AsyncClient, tenant: Tenant, body: bytes) -> None:
    json_type = {"Content-Type": "application/json"}
    first = await api.post(PATH, content=b'{"word": "kettle"}', headers=KEY | json_type)
    refused(await api.post(PATH, content=body, headers=KEY | json_type), 422, "idempotency-key-reused")
    again = await api.post(PATH, content=b'{"word": "kettle"}', headers=KEY | json_type)
    assert again.content == first.content
    assert await rows_of(tenant) == 1


async def test_n3_another_tenant_with_the_same_key_is_independent(
    api: httpx.AsyncClient, tenant: Tenant, other_tenant: Tenant
) -> None:
    mine = await api.post(PATH, json=BODY, headers=KEY)
    async with await other_tenant.client(Role.STOREFRONT) as other:
        theirs = await other.post(PATH, json={"word": "lamp"}, headers=KEY)
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]
    assert (await rows_of(tenant), await rows_of(other_tenant)) == (1, 1)


async def test_n3_another_role_with_the_same_key_is_independent(api: httpx.AsyncClient, tenant: Tenant) -> None:
    mine = await api.post(PATH, json=BODY, headers=KEY)
    async with await tenant.client(Role.AGENT, MAY_WRITE) as agent:
        theirs = await agent.post(PATH, json={"word": "lamp"}, headers=KEY)
    assert theirs.status_code == 201
    assert mine.json()["id"] != theirs.json()["id"]


async def test_n3_a_rotated_key_of_the_same_role_still_finds_its_answer(tenant: Tenant) -> None:
    async with await tenant.client(Role.STOREFRONT) as old, await tenant.client(Role.STOREFRONT) as new:
        first = await old.post(PATH, json=BODY, headers=KEY)
        again = await new.post(PATH, json=BODY, headers=KEY)
    assert again.content == first.content


@pytest.mark.parametrize("path", ["/v1/test-rows-elsewhere", "/v1/test-rows/one/copies", "/v1/test-rows/two/copies"])
async def test_n3_another_path_with_the_same_key_is_independent(wide: httpx.AsyncClient, path: str) -> None:
    here = await wide.post(PATH, json=BODY, headers=KEY)
    there = await wide.post(path, json={"word": "lamp"}, headers=KEY)
    assert (here.status_code, there.status_code) == (201, 201)
    assert here.json()["id"] != there.json()["id"]


async def test_n3_a_key_is_kept_for_24_hours_and_then_is_fresh(api: httpx.AsyncClient, tenant: Tenant) -> None:
    first = await api.post(PATH, json=BODY, headers=KEY)
    begun = clock.now()
    clock.set_to(begun + timedelta(hours=23, minutes=59))
    assert (await api.post(PATH, json=BODY, headers=KEY)).content == first.content

    clock.set_to(begun + timedelta(hours=24, seconds=1))
    fresh = await api.post(PATH, json={"word": "lamp"}, headers=KEY)
    assert fresh.status_code == 201
    assert fresh.json()["id"] != first.json()["id"]
    assert "idempotent-replayed" not in fresh.headers

    clock.set_to(begun + timedelta(hours=47))
    assert (await api.post(PATH, json={"word": "lamp"}, headers=KEY)).content == fresh.content
    assert await rows_of(tenant) == 2


async def test_n2_fifty_parallel_tries_make_one_row(api: httpx.AsyncClient, tenant: Tenant) -> None:
    answers = await asyncio.gather(*(api.post(PATH, json=BODY, headers=KEY) for _ in range(PARALLEL)))
    served = [answer for answer in answers if answer.status_code == 201]
    for answer in answers:
        if answer.status_code != 201:
            refused(answer, 409, "request-in-flight")
            assert int(answer.headers["retry-after"]) >= 1
    assert len({answer.content for answer in served}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in served) == 1
    assert await rows_of(tenant) == 1


async def test_n2_two_instances_at_the_same_instant_make_one_row(
    instances: tuple[FastAPI, FastAPI], tenant: Tenant
) -> None:
    made = await tenant.key(Role.STOREFRONT)
    headers = {"Authorization": f"Bearer {made.credential}"}
    async with client_of(instances[0], headers) as one, client_of(instances[1], headers) as two:
        for round_number in range(5):
            key = {"Idempotency-Key": f"round-{round_number}"}
            answers = await asyncio.gather(*(client.post(PATH, json=BODY, headers=key) for client in (one, two) * 5))
            assert {answer.status_code for answer in answers} <= {201, 409}
            served = [answer for answer in answers if answer.status_code == 201]
            assert len({answer.content for answer in served}) == 1
            assert sum("idempotent-replayed" not in answer.headers for answer in served) == 1
    assert await rows_of(tenant) == 5


LATE_FAILURES = {"a problem": ("busy", 409), "a fault of ours": ("broken", 500)}


@pytest.mark.parametrize(("word", "status"), LATE_FAILURES.values(), ids=LATE_FAILURES.keys())
async def test_only_success_is_kept_a_refusal_gives_its_key_back(
    wide: httpx.AsyncClient, tenant: Tenant, word: str, status: int
) -> None:
    failed = await wide.post("/v1/test-refusals", json={"word": word}, headers=KEY)
    assert failed.status_code == status
    assert await rows_of(tenant) == 0
    again = await wide.post("/v1/test-refusals", json={"word": "fine"}, headers=KEY)
    assert again.status_code == 201
    assert await rows_of(tenant) == 1


async def test_an_unusable_body_does_not_use_up_the_key(api: httpx.AsyncClient) -> None:
    refused(await api.post(PATH, json={"word": 7}, headers=KEY), 422, "invalid-request", "/word")
    assert (await api.post(PATH, json=BODY, headers=KEY)).status_code == 201
