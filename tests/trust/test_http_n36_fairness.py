"""N36: one who floods spends his own calls, says the header; two instances sell one quota; waiting as told helps."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI

from claims_api.access.limits import Limits
from claims_api.access.routes import allowed_to
from claims_api.access.scopes import Role, Scope
from claims_api.kit import clock, rate_limit
from claims_api.kit.database import Database
from claims_api.kit.rate_limit import MOST_CALLS_IN_A_LEASE
from claims_api.kit.retry import RaceLost
from claims_api.kit.strict import StrictRoute
from tests.conftest import Ground, Tenant, client_of
from tests.support.app import create_test_app
from tests.support.claims import Team
from tests.support.problems import refused
from tests.support.statements import watch_tenant_filters

LIMIT, TOKEN_LIMIT = 120, 20
PATH = "/v1/test-rows"
BODY = {"word": "kettle"}
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SetClock = Callable[[float], None]
Item = tuple[str, dict[str, int]]

again = APIRouter(prefix="/v1", route_class=StrictRoute, include_in_schema=False)
tries: list[None] = []


@again.get("/test-tries", dependencies=[allowed_to(Scope.CLAIMS_READ)])
async def pass_at_the_third_try() -> None:
    tries.append(None)
    if len(tries) % 3:
        raise RaceLost


def parse_list(field: str) -> list[Item]:
    """A list of strings with parameters that are integers: the part of RFC 9651 these two headers use.

    Raises: AssertionError
    """
    found: list[Item] = []
    for member in re.split(r"[ \t]*,[ \t]*", field):
        fits = re.fullmatch(r'"((?:[ !#-\[\]-~]|\\["\\])*)"((?:; *[a-z*][a-z0-9_.*-]*=-?[0-9]{1,15})*)', member)
        assert fits, member
        pairs = [pair.strip().split("=") for pair in fits[2].split(";")[1:]]
        assert len({name for name, _ in pairs}) == len(pairs)
        found.append((fits[1], {name: int(value) for name, value in pairs}))
    return found


def state_of(answer: httpx.Response) -> tuple[int, int]:
    """What is left and for how long, once both headers have been read as structured fields."""
    [(policy, said)] = parse_list(answer.headers["RateLimit-Policy"])
    [(name, now)] = parse_list(answer.headers["RateLimit"])
    assert name == policy
    assert set(said) == {"q", "w"}
    assert set(now) == {"r", "t"}
    assert 0 <= now["r"] <= said["q"]
    assert 0 < now["t"] <= said["w"] + 1
    return now["r"], now["t"]


@pytest.fixture(autouse=True)
def nobody_is_in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a purchase may take longer than a request would wait; here the database is to count."""
    monkeypatch.setattr(rate_limit, "BUY_WITHIN_SECONDS", 30)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """The clock stands at noon, and where it is put."""

    def put(seconds: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(seconds=seconds))

    put(0)
    return put


async def limited_app(ground: Ground, stack: AsyncExitStack, **changes: int) -> FastAPI:
    settings = {"rate_limit": LIMIT, "rate_limit_token": TOKEN_LIMIT} | changes
    made = create_test_app(ground.settings.model_copy(update=settings))
    made.include_router(again)
    await stack.enter_async_context(made.router.lifespan_context(made))
    watch_tenant_filters(made.state.database.tenants)
    return made


@pytest_asyncio.fixture(loop_scope="session")
async def instances(ground: Ground, owner: Database) -> AsyncIterator[list[FastAPI]]:
    async with AsyncExitStack() as stack:
        yield [await limited_app(ground, stack) for _ in range(2)]


@pytest.fixture
def limited(instances: list[FastAPI], tenant: Tenant) -> Tenant:
    """The tenant, at an instance that counts."""
    return Tenant(instances[0], tenant.owner, tenant.id)


async def bearer(tenant: Tenant, scopes: frozenset[Scope] | None = None) -> dict[str, str]:
    return {"Authorization": f"Bearer {(await tenant.key(Role.STOREFRONT, scopes)).credential}"}


async def flood(client: httpx.AsyncClient, calls: int) -> Counter[int]:
    answers = [await client.get(f"{PATH}/row_1") for _ in range(calls)]
    return Counter(answer.status_code for answer in answers)


async def test_a_key_has_its_calls_and_is_then_told_when_to_come_back(limited: Tenant, set_clock: SetClock) -> None:
    async with client_of(limited.app, await bearer(limited)) as client:
        left = [state_of(await client.post(PATH, json=BODY))[0] for _ in range(LIMIT)]
        assert left == list(range(LIMIT - 1, -1, -1))
        answer = await client.post(PATH, json=BODY)
        refused(answer, 429, "too-many-requests")
        remaining, seconds = state_of(answer)
        assert remaining == 0
        assert int(answer.headers["Retry-After"]) >= seconds
        assert answer.json()["retryable"] is True
        assert answer.headers["Cache-Control"] == "no-store"

        set_clock(int(answer.headers["Retry-After"]))
        assert (await client.post(PATH, json=BODY)).status_code == 201


async def test_one_tenant_floods_and_the_quiet_one_never_hears_of_it(
    limited: Tenant, other_tenant: Tenant, set_clock: SetClock
) -> None:
    quiet = Tenant(limited.app, other_tenant.owner, other_tenant.id)
    async with (
        client_of(limited.app, await bearer(limited)) as loud,
        client_of(limited.app, await bearer(quiet)) as calm,
    ):
        answers: list[httpx.Response] = []

        async def keep_calm() -> None:
            for _ in range(20):
                answers.append(await calm.post(PATH, json=BODY))

        floods = asyncio.gather(*(flood(loud, 100) for _ in range(4)))
        await keep_calm()
        seen = await floods

    assert [answer.status_code for answer in answers] == [201] * 20
    assert [state_of(answer)[0] for answer in answers] == list(range(LIMIT - 1, LIMIT - 21, -1))
    assert sum(each[404] for each in seen) == LIMIT
    assert sum(each[429] for each in seen) == 400 - LIMIT


async def test_another_key_of_the_flooding_tenant_has_calls_of_its_own(limited: Tenant, set_clock: SetClock) -> None:
    async with client_of(limited.app, await bearer(limited)) as loud:
        await flood(loud, LIMIT + 1)
    async with client_of(limited.app, await bearer(limited)) as calm:
        assert state_of(await calm.post(PATH, json=BODY))[0] == LIMIT - 1


async def test_two_instances_sell_one_quota(
    instances: list[FastAPI], limited: Tenant, set_clock: SetClock, owner: Database
) -> None:
    headers, seconds = await bearer(limited), 3
    admitted = 0
    async with client_of(instances[0], headers) as one, client_of(instances[1], headers) as other:
        for tick in range(seconds):
            set_clock(tick)
            seen = await asyncio.gather(*(flood(client, 50) for client in (one, other) for _ in range(2)))
            admitted += sum(each[404] for each in seen)

    exact = LIMIT + (seconds - 1) * LIMIT // 60
    assert exact - 2 * MOST_CALLS_IN_A_LEASE <= admitted <= exact, "a lease is paid for before it is spent"


async def test_every_answer_to_a_known_caller_says_what_is_left(limited: Tenant, set_clock: SetClock) -> None:
    async with client_of(limited.app, await bearer(limited, frozenset({Scope.CLAIMS_WRITE}))) as client:
        answers = [
            await client.post(PATH, json=BODY),
            await client.post(PATH, json={"nonsense": 1}),
            await client.get(f"{PATH}/row_1"),
            await client.post(PATH, json=BODY, headers={"Idempotency-Key": ""}),
        ]
    assert [answer.status_code for answer in answers] == [201, 422, 403, 400]
    assert [state_of(answer)[0] for answer in answers] == [LIMIT - 1, LIMIT - 2, LIMIT - 3, LIMIT - 4]


async def test_a_request_that_is_run_again_is_counted_once(limited: Tenant, set_clock: SetClock) -> None:
    async with client_of(limited.app, await bearer(limited)) as client:
        answer = await client.get("/v1/test-tries")
    assert (answer.status_code, len(tries) % 3) == (200, 0)
    assert state_of(answer)[0] == LIMIT - 1


async def test_a_tracking_token_has_calls_of_its_own_for_each_claim(limited: Tenant, set_clock: SetClock) -> None:
    async with AsyncExitStack() as stack:
        team = Team(limited, stack)
        claims = [await team.file() for _ in range(2)]
        phones = [await team.customer(claim) for claim in claims]
        seen = Counter([(await phones[0].get("/v1/track")).status_code for _ in range(TOKEN_LIMIT + 5)])
        other, shop = await phones[1].get("/v1/track"), await (await team.of("storefront")).get("/v1/claims")

    assert seen == {200: TOKEN_LIMIT, 429: 5}
    assert state_of(other)[0] == TOKEN_LIMIT - 1
    assert state_of(shop)[0] == LIMIT - 3


async def test_what_needs_no_credential_is_not_counted(limited: Tenant, set_clock: SetClock) -> None:
    paths = ("/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/problems/too-many-requests")
    async with client_of(limited.app, await bearer(limited)) as client:
        await flood(client, LIMIT + 1)
        for path in paths:
            answer = await client.get(path)
            assert answer.status_code == 200, path
            assert not [name for name in answer.headers if name.startswith("ratelimit")]


async def test_zero_switches_each_limit_off(ground: Ground, tenant: Tenant, set_clock: SetClock) -> None:
    async with AsyncExitStack() as stack:
        free = await limited_app(ground, stack, rate_limit=0, rate_limit_token=0)
        client = await stack.enter_async_context(client_of(free, await bearer(tenant)))
        stranger = await stack.enter_async_context(client_of(free, {"Authorization": "Bearer nobody"}))
        answers = [await client.post(PATH, json=BODY) for _ in range(LIMIT + 1)]
        refusals = [await stranger.post(PATH, json=BODY) for _ in range(700)]

    assert {answer.status_code for answer in answers} == {201}
    assert not [name for name in answers[0].headers if name.startswith("ratelimit")]
    assert {answer.status_code for answer in refusals} == {401}


def test_the_limits_are_those_of_the_settings(instances: list[FastAPI], ground: Ground) -> None:
    made = Limits(instances[0].state.database, ground.settings.model_copy(update={"rate_limit": 600}))
    assert made._of_keys is not None
    assert made._of_keys.policy[1] == b'"default";q=600;w=60'
