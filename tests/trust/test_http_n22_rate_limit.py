"""N22: bad credentials end in 429 without wearing the database out, and never lock out the key they guess at."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy.exc import TimeoutError as PoolTimeout

from claims_api.access import limits
from claims_api.access.actions import KeyRing
from claims_api.access.limits import BAD_OF_A_NAME, BAD_OF_ALL, Strangers
from claims_api.access.scopes import Role
from claims_api.kit import clock, ids
from claims_api.kit.database import Database
from claims_api.kit.problems import TooManyRequests, Unauthenticated
from claims_api.kit.rate_limit import MOST_IN_MEMORY
from tests.conftest import Ground, Tenant, client_of
from tests.support.app import create_test_app
from tests.support.claims import Team
from tests.support.problems import refused
from tests.support.statements import count_statements

PATH = "/v1/test-rows"
BODY = {"word": "kettle"}
BAD_KEYS = 1_000
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = 57
"""So long are the prefix and the names of a credential; its secret follows."""


@pytest.fixture(autouse=True)
def clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest_asyncio.fixture(loop_scope="session")
async def limited(ground: Ground, owner: Database, tenant: Tenant) -> AsyncIterator[Tenant]:
    """The tenant, at an instance that counts and has met nobody yet."""
    made = create_test_app(ground.settings.model_copy(update={"rate_limit": 600, "rate_limit_token": 60}))
    async with made.router.lifespan_context(made):
        yield Tenant(made, owner, tenant.id)


def bearer(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}"}


def unknown_key(tenant_id: UUID) -> str:
    return f"cak_{ids.encode_pair(tenant_id, uuid4())}_{'A' * 43}"


def wrong_secret(credential: str, number: int) -> str:
    return f"{credential[:NAMES]}{number:043d}"


async def try_all(app: FastAPI, credentials: list[str]) -> list[httpx.Response]:
    async with client_of(app) as client:
        return [await client.post(PATH, json=BODY, headers=bearer(one)) for one in credentials]


def statuses(answers: list[httpx.Response]) -> list[tuple[int, int]]:
    """Each status and how often it came, in the order of their first."""
    return list(Counter(answer.status_code for answer in answers).items())


async def test_a_thousand_keys_of_nobody_end_in_429_and_are_no_longer_looked_up(limited: Tenant) -> None:
    with count_statements(limited.app.state.database.tenants) as sent:
        answers = await try_all(limited.app, [unknown_key(limited.id) for _ in range(BAD_KEYS)])

    assert statuses(answers) == [(401, BAD_OF_ALL.limit), (429, BAD_KEYS - BAD_OF_ALL.limit)]
    assert len(sent) == BAD_OF_ALL.limit
    refused(answers[-1], 429, "too-many-requests")
    assert int(answers[-1].headers["Retry-After"]) >= 1


async def test_a_thousand_wrong_secrets_end_in_429_and_the_right_one_passes_all_along(limited: Tenant) -> None:
    key = (await limited.key(Role.STOREFRONT)).credential
    good = []
    bad: list[httpx.Response] = []
    with count_statements(limited.app.state.database.tenants) as sent:
        for begin in range(0, BAD_KEYS, 100):
            bad += await try_all(limited.app, [wrong_secret(key, begin + n) for n in range(100)])
            good += await try_all(limited.app, [key])

    assert statuses(bad) == [(401, BAD_OF_A_NAME.limit), (429, BAD_KEYS - BAD_OF_A_NAME.limit)]
    assert statuses(good) == [(201, 10)]
    looked_up = [statement for statement in sent if "FROM api_keys" in statement]
    assert len(looked_up) <= BAD_OF_A_NAME.limit, "what the key ring remembers costs a hash"


async def test_a_refused_stranger_is_told_which_quota_is_used_up_and_until_when(limited: Tenant) -> None:
    known = (await limited.key(Role.STOREFRONT)).credential
    guessed = await try_all(limited.app, [wrong_secret(known, number) for number in range(BAD_OF_A_NAME.limit + 1)])
    unknown = await try_all(limited.app, [unknown_key(limited.id) for _ in range(BAD_OF_ALL.limit)])
    garbage = await try_all(limited.app, ["garbage"] * (BAD_OF_ALL.limit + 1))

    told = [answers[-1] for answers in (guessed, unknown, garbage)]
    assert [answer.status_code for answer in told] == [429, 429, 429]
    policies = [answer.headers["RateLimit-Policy"] for answer in told]
    assert policies == ['"wrong-secrets";q=60;w=60', *['"bad-credentials";q=600;w=60'] * 2]
    for answer, policy in zip(told, policies, strict=True):
        name, wait = policy.partition(";")[0], answer.headers["Retry-After"]
        assert answer.headers["RateLimit"] == f"{name};r=0;t={wait}"


async def test_who_is_refused_for_a_bad_credential_alone_is_told_of_no_quota(limited: Tenant) -> None:
    [answer] = await try_all(limited.app, [unknown_key(limited.id)])

    refused(answer, 401, "unauthenticated")
    assert not [name for name in answer.headers if name.startswith("ratelimit")], "it is not the caller's own"


async def test_the_guessed_at_key_passes_even_when_it_was_never_used_here(limited: Tenant) -> None:
    key = (await limited.key(Role.STOREFRONT)).credential
    bad = await try_all(limited.app, [wrong_secret(key, number) for number in range(BAD_OF_A_NAME.limit + 40)])

    assert bad[-1].status_code == 429
    assert statuses(await try_all(limited.app, [key])) == [(201, 1)]


async def test_bad_calls_cost_the_guessed_at_key_none_of_its_own(limited: Tenant) -> None:
    key = (await limited.key(Role.STOREFRONT)).credential
    await try_all(limited.app, [wrong_secret(key, number) for number in range(100)])

    [answer] = await try_all(limited.app, [key])
    assert answer.headers["RateLimit"].startswith('"default";r=599;')


async def test_a_key_known_here_passes_through_a_flood_and_a_new_one_comes_back_as_told(
    limited: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, new = [(await limited.key(Role.STOREFRONT)).credential for _ in range(2)]
    await try_all(limited.app, [known])
    await try_all(limited.app, [unknown_key(limited.id) for _ in range(BAD_OF_ALL.limit)])

    old, fresh = await try_all(limited.app, [known, new])
    assert (old.status_code, fresh.status_code) == (201, 429)

    later = NOON + timedelta(seconds=int(fresh.headers["Retry-After"]))
    monkeypatch.setattr(clock, "now", lambda: later)
    assert statuses(await try_all(limited.app, [new])) == [(201, 1)]


async def test_what_names_nobody_is_counted_apart_and_asks_the_database_nothing(limited: Tenant) -> None:
    key = (await limited.key(Role.STOREFRONT)).credential
    with count_statements(limited.app.state.database.tenants) as sent:
        answers = await try_all(limited.app, ["garbage"] * BAD_KEYS)

    assert statuses(answers) == [(401, BAD_OF_ALL.limit), (429, BAD_KEYS - BAD_OF_ALL.limit)]
    assert not sent
    assert statuses(await try_all(limited.app, [key])) == [(201, 1)]


async def test_forged_tokens_end_in_429_and_the_customer_s_own_passes(limited: Tenant) -> None:
    async with AsyncExitStack() as stack, client_of(limited.app) as client:
        token = (await Team(limited, stack).file())["tracking"]["token"]
        names = token.rpartition("_")[0]
        forged = [
            await client.get("/v1/track", headers=bearer(f"{names}_{number:032d}"))
            for number in range(BAD_OF_A_NAME.limit + 40)
        ]
        own = await client.get("/v1/track", headers=bearer(token))

    assert statuses(forged) == [(401, BAD_OF_A_NAME.limit), (429, 40)]
    assert own.status_code == 200


async def test_good_calls_spend_nothing_of_what_bad_ones_have(limited: Tenant) -> None:
    keys = [(await limited.key(Role.STOREFRONT)).credential for _ in range(3)]
    await try_all(limited.app, keys * 30)

    answers = await try_all(limited.app, [unknown_key(limited.id) for _ in range(BAD_OF_ALL.limit)])
    assert statuses(answers) == [(401, BAD_OF_ALL.limit)]


async def test_credentials_nobody_could_look_at_are_not_bad(limited: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def find_no_connection(*_: object) -> None:
        raise PoolTimeout

    monkeypatch.setattr(KeyRing, "prove", find_no_connection)
    answers = await try_all(limited.app, [unknown_key(limited.id) for _ in range(BAD_OF_ALL.limit + 50)])

    assert statuses(answers) == [(503, BAD_OF_ALL.limit + 50)]


def test_refusals_end_as_soon_as_calls_come_back() -> None:
    strangers, name = Strangers(), (uuid4(), uuid4())
    for _ in range(BAD_OF_A_NAME.limit):
        with pytest.raises(Unauthenticated), strangers.proving(name, NOON):
            raise Unauthenticated
    with pytest.raises(TooManyRequests) as told, strangers.proving(name, NOON):
        raise Unauthenticated

    later = NOON + timedelta(seconds=int(told.value.headers["Retry-After"]))
    with pytest.raises(Unauthenticated), strangers.proving(name, later):
        raise Unauthenticated


def test_what_is_remembered_of_strangers_is_bounded() -> None:
    strangers = limits.Strangers()
    assert (strangers._failed._most, strangers._proved._most) == (MOST_IN_MEMORY, MOST_IN_MEMORY)
