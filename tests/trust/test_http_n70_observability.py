"""N70: whoever is turned away can be found again: by its ids in the log, and as a number in the metrics."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from claims_api.access.routes import allowed_to
from claims_api.access.scopes import Scope
from claims_api.kit import database
from claims_api.kit.health import READY_WITHIN_SECONDS
from claims_api.kit.strict import StrictRoute
from tests.conftest import Ground, Tenant, client_of
from tests.support.app import create_test_app
from tests.support.claims import STEPS, Team, key
from tests.support.log_lines import log_lines
from tests.support.problems import refused

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
LIMIT = 20
LOST_WITHIN_SECONDS = 2

faulty = APIRouter(prefix="/v1", route_class=StrictRoute, include_in_schema=False)


@faulty.get("/test-faults", dependencies=[allowed_to(Scope.CLAIMS_READ)])
async def fail() -> None:
    raise RuntimeError


@pytest_asyncio.fixture(loop_scope="session")
async def watched(ground: Ground, owner: database.Database, tenant: Tenant) -> AsyncIterator[Tenant]:
    """The tenant, at an instance with a fault of its own and few connections."""
    made = create_test_app(ground.settings.model_copy(update={"rate_limit": LIMIT, "database_pool_size": 2}))
    made.include_router(faulty)
    async with made.router.lifespan_context(made):
        yield Tenant(made, owner, tenant.id)


@pytest_asyncio.fixture(loop_scope="session")
async def team(watched: Tenant) -> AsyncIterator[Team]:
    async with AsyncExitStack() as stack:
        yield Team(watched, stack)


async def counted(app: FastAPI, route: str, status: int) -> float:
    """How many answers of this kind the metrics tell of."""
    async with client_of(app) as client:
        shown = (await client.get("/metrics")).text
    samples = (sample for family in text_string_to_metric_families(shown) for sample in family.samples)
    wanted = ("claims_http_requests_total", route, str(status))
    return sum(s.value for s in samples if (s.name, s.labels.get("route"), s.labels.get("status")) == wanted)


async def break_in_code(team: Team, headers: dict[str, str]) -> list[httpx.Response]:
    return [await (await team.of("agent")).get("/v1/test-faults", headers=headers)]


async def take_no_such_step(team: Team, headers: dict[str, str]) -> list[httpx.Response]:
    claim = await team.file()
    body = {"transition": "resolve"} | STEPS["resolve"]
    return [await (await team.of("agent")).post(f"/v1/claims/{claim['id']}/transitions", json=body, headers=headers)]


async def use_all_calls(team: Team, headers: dict[str, str]) -> list[httpx.Response]:
    agent = await team.of("agent")
    answers = [await agent.get("/v1/claims", headers=headers) for _ in range(LIMIT + 3)]
    return [answer for answer in answers if answer.status_code == 429]


async def find_no_connection(team: Team, headers: dict[str, str]) -> list[httpx.Response]:
    agent, engine = await team.of("agent"), team.tenant.app.state.database.tenants
    await agent.get("/v1/claims")  # so that its key is known
    async with engine.connect(), engine.connect():
        return [await agent.get("/v1/claims", headers=headers)]


TRANSITIONS, LIST = "/v1/claims/{claim_id}/transitions", "/v1/claims"
REFUSALS = {
    "500": (break_in_code, "/v1/test-faults", 500, "internal-fault", 1),
    "409": (take_no_such_step, TRANSITIONS, 409, "transition-not-allowed", 1),
    "429": (use_all_calls, LIST, 429, "too-many-requests", 3),
    "503": (find_no_connection, LIST, 503, "unavailable", 1),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_refusal_is_found_in_the_log_and_counted(team: Team, case: str) -> None:
    refuse, route, status, code, times = REFUSALS[case]
    before = await counted(team.tenant.app, route, status)

    with log_lines() as lines:
        answers = await refuse(team, {"traceparent": f"00-{TRACE}-{SPAN}-01"})

    assert len(answers) == times
    for answer in answers:
        document = refused(answer, status, code)
        mine = [line for line in lines if line.get("request_id") == document["request_id"]]
        assert [(line["route"], line["status"]) for line in mine if line["event"] == "request"] == [(route, status)]
        assert {line["trace_id"] for line in mine} == {document["trace_id"]} == {TRACE}
    assert await counted(team.tenant.app, route, status) == before + times


async def test_a_lock_held_elsewhere_is_found_in_the_log_with_what_the_database_said(
    team: Team, superuser: AsyncEngine
) -> None:
    claim, agent = await team.file(), await team.of("agent")
    headers = {"traceparent": f"00-{TRACE}-{SPAN}-01"} | key()

    async with superuser.begin() as db:
        await db.execute(text("LOCK TABLE claims IN ACCESS EXCLUSIVE MODE"))
        with log_lines() as lines:
            answer = await agent.post(
                f"/v1/claims/{claim['id']}/transitions", json={"transition": "note", "text": "x"}, headers=headers
            )

    document = refused(answer, 409, "resource-busy")
    assert [(line["event"], line["request_id"], line["trace_id"]) for line in lines] == [
        (event, document["request_id"], document["trace_id"]) for event in ("database_refused", "request")
    ]


async def test_an_unready_service_is_counted_too_and_stays_alive(watched: Tenant, ground: Ground) -> None:
    """The database takes the connection and says nothing: the worst way of being gone."""
    held: list[asyncio.StreamWriter] = []

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    url = f"postgresql+asyncpg://claims_api@127.0.0.1:{silent.sockets[0].getsockname()[1]}/gone"
    gone = database.connect(url, ground.settings.model_copy(update={"database_url": SecretStr(url)}))
    before = await counted(watched.app, "/readyz", 503)
    here, watched.app.state.database = watched.app.state.database, gone
    try:
        async with client_of(watched.app) as client:
            with log_lines() as lines:
                ready = await client.get("/readyz")
            alive, told = await client.get("/healthz"), await client.get("/metrics")
    finally:
        watched.app.state.database = here
        for writer in held:
            writer.close()
        silent.close()
        await gone.close()

    document = refused(ready, 503, "unavailable")
    assert [line["status"] for line in lines if line["request_id"] == document["request_id"]] == [503]
    assert alive.status_code == 200
    assert "\nclaims_ready 0.0\n" in told.text
    assert await counted(watched.app, "/readyz", 503) == before + 1


def test_readiness_is_lost_within_two_seconds_of_the_database() -> None:
    assert READY_WITHIN_SECONDS <= LOST_WITHIN_SECONDS
