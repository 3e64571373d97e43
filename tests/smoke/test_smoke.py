"""Trust in seconds: the schema, one write with its replay, one read, health; on whatever Postgres is named."""

import asyncio

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from claims_api import launch
from claims_api.access.scopes import Role
from claims_api.kit.settings import Environment, Settings
from tests.conftest import Ground, Tenant
from tests.support.backends import count_rows


async def test_the_server_is_the_one_that_was_named(ground: Ground) -> None:
    named = Settings(environment=Environment.DEVELOPMENT).postgres_bin
    if named is None or not named.parent.name.isdecimal():
        pytest.skip("CLAIMS_POSTGRES_BIN names no version")

    assert ground.server.version.split(".")[0] == named.parent.name


async def test_migrating_what_is_migrated_is_quiet(ground: Ground) -> None:
    await asyncio.to_thread(launch.migrate, ground.owner_url)


async def test_a_write_is_stored_once_replayed_and_read(
    api: httpx.AsyncClient, superuser: AsyncEngine, tenant: Tenant
) -> None:
    sent = {"json": {"word": f"smoke {tenant.id}"[:50]}, "headers": {"Idempotency-Key": "smoke"}}

    first = await api.post("/v1/test-rows", **sent)  # type: ignore[arg-type]
    again = await api.post("/v1/test-rows", **sent)  # type: ignore[arg-type]
    shown = await api.get(f"/v1/test-rows/{first.json()['id']}")

    assert [answer.status_code for answer in (first, again, shown)] == [201, 201, 200]
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert shown.json() == first.json()
    assert await count_rows(superuser, first.json()["word"]) == 1


async def test_another_tenant_finds_nothing(api: httpx.AsyncClient, other_tenant: Tenant) -> None:
    stored = await api.post("/v1/test-rows", json={"word": "mine"})

    async with await other_tenant.client(Role.STOREFRONT) as stranger:
        found = await stranger.get(f"/v1/test-rows/{stored.json()['id']}")

    assert (found.status_code, found.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json"])
async def test_operators_find_what_they_need(anonymous: httpx.AsyncClient, path: str) -> None:
    answer = await anonymous.get(path)

    assert answer.status_code == 200
