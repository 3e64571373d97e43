"""N7, one instance: told to stop, it says so first, answers what is inside, and ends well."""

import asyncio
import signal

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from claims_api.access.scopes import Role
from tests.conftest import Ground, Tenant
from tests.support.backends import count_rows, until
from tests.support.processes import SERVE_TEST_APP, environment, service

IN_FLIGHT = 8
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest.fixture
async def headers(tenant: Tenant) -> dict[str, str]:
    made = await tenant.key(Role.STOREFRONT)
    return {"Authorization": f"Bearer {made.credential}"}


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
async def test_requests_in_flight_are_answered_while_readiness_is_gone_and_the_exit_is_clean(
    ground: Ground, headers: dict[str, str], superuser: AsyncEngine, sent: signal.Signals
) -> None:
    word = f"in flight at {sent.name}"
    env = environment(ground.settings, CLAIMS_DRAIN_SECONDS="2")

    async def waiting() -> bool:
        async with superuser.connect() as db:
            return bool((await db.execute(WAITING)).scalar_one() >= IN_FLIGHT)

    async def not_ready() -> bool:
        return (await client.get("/readyz")).status_code == 503

    with service(env, SERVE_TEST_APP) as running:
        async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=10) as client:
            ready_before = await client.get("/readyz")
            async with superuser.begin() as db:  # every request waits inside the database
                await db.execute(text("LOCK TABLE test_rows IN EXCLUSIVE MODE"))
                tasks = [
                    asyncio.create_task(client.post("/v1/test-rows", json={"word": word})) for _ in range(IN_FLIGHT)
                ]
                await until(waiting)
                running.process.send_signal(sent)
                await until(not_ready, seconds=1.5)
                alive = await client.get("/healthz")
                during = asyncio.create_task(client.post("/v1/test-rows", json={"word": word}))  # still let in
                await asyncio.sleep(0)
            answers = await asyncio.gather(*tasks, during)
        code = await asyncio.to_thread(running.process.wait, 15)

    assert (ready_before.status_code, alive.status_code) == (200, 200)
    assert [answer.status_code for answer in answers] == [201] * (IN_FLIGHT + 1)
    assert await count_rows(superuser, word) == IN_FLIGHT + 1
    assert code == 0
