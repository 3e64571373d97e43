"""Quotas: exact for one caller at a time, the same in memory and in the database, shared by every process."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from claims_api.kit import database, rate_limit
from claims_api.kit.database import Database
from claims_api.kit.rate_limit import (
    ALONE_SECONDS,
    BUY_WITHIN_SECONDS,
    MOST_CALLS_IN_A_LEASE,
    PURCHASES_PER_SWEEP,
    WINDOW_SECONDS,
    Allowance,
    Bucket,
    Leases,
    Memory,
    Quota,
    Subject,
)
from tests.conftest import Ground
from tests.support.log_lines import log_lines
from tests.support.statements import count_statements, refuse_forgotten

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
AT = NOON.timestamp()
NOWHERE = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def nobody_is_in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a purchase may take longer than a request would wait; here the database is to count."""
    monkeypatch.setattr(rate_limit, "BUY_WITHIN_SECONDS", 30)


@pytest.fixture
def subject() -> Subject:
    return uuid4(), uuid4()


@pytest.fixture
async def service(ground: Ground) -> AsyncIterator[Database]:
    """The app's own login."""
    url = ground.settings.database_url
    assert url is not None
    opened = database.connect(url.get_secret_value(), ground.settings)
    yield opened
    await opened.close()


async def take_all(leases: Leases, subject: Subject, quota: Quota, now: datetime) -> list[Allowance]:
    """Calls until one is refused."""
    found: list[Allowance] = []
    while not found or found[-1].is_admitted:
        found.append(await leases.take(subject, quota, now))
    return found


@pytest.mark.parametrize("limit", [1, 7, 59, 60, 61, 599, 600, 6_000, 100_000])
def test_a_rested_quota_gives_exactly_its_limit(limit: int) -> None:
    quota, bucket = Quota(limit), Bucket()

    assert bucket.take(quota, AT, limit + 5) == limit
    assert bucket.take(quota, AT) == 0
    assert bucket.take(quota, AT + WINDOW_SECONDS + 1, limit + 5) == limit


@pytest.mark.parametrize("limit", [1, 7, 60, 600])
def test_what_was_used_comes_back_one_by_one(limit: int) -> None:
    quota, bucket = Quota(limit), Bucket()
    bucket.take(quota, AT, limit)

    wait = bucket.wait_seconds(quota, AT)
    assert wait == pytest.approx(60 / limit, abs=1e-5)
    assert bucket.take(quota, AT + wait * 0.9) == 0
    assert bucket.take(quota, AT + wait, 5) == 1


def test_a_call_that_was_not_used_is_given_back() -> None:
    quota, bucket = Quota(2), Bucket()
    bucket.take(quota, AT, 2)
    bucket.give_back(quota)

    assert [bucket.take(quota, AT), bucket.take(quota, AT)] == [1, 0]


@pytest.mark.parametrize(("limit", "lease"), [(1, 1), (59, 1), (119, 1), (120, 2), (600, 10), (100_000, 10)])
def test_a_lease_is_a_second_s_worth_and_ten_calls_at_the_most(limit: int, lease: int) -> None:
    assert Quota(limit).lease == lease <= MOST_CALLS_IN_A_LEASE


@pytest.mark.parametrize("limit", [7, 59])
async def test_the_database_counts_as_the_arithmetic_does(service: Database, subject: Subject, limit: int) -> None:
    quota, bucket, leases, passed = Quota(limit), Bucket(), Leases(service), 0.0
    steps = random.Random(limit)  # noqa: S311 - no secret

    for _ in range(300):
        passed += steps.choice([0, 0.001, 0.3, 1, 1.5, 9])
        said = await leases.take(subject, quota, after(passed))
        expected = bucket.take(quota, after(passed).timestamp()) == 1
        assert said.is_admitted is expected
        if expected:
            assert said.left == quota.room(bucket.whole_at, after(passed).timestamp())


async def test_a_quiet_caller_is_counted_in_the_database_call_by_call(service: Database, subject: Subject) -> None:
    leases = Leases(service)

    for number in range(5):
        said = await leases.take(subject, Quota(600), after(number * 2))
        assert (said.is_admitted, said.left, said.seconds) == (True, 599, 1)
    assert leases._purchases == 5


async def test_a_busy_caller_asks_the_database_about_once_in_ten_calls(service: Database, subject: Subject) -> None:
    leases = Leases(service)

    said = [await leases.take(subject, Quota(600), after(number * 0.005)) for number in range(500)]

    assert all(one.is_admitted for one in said)
    assert leases._purchases <= 4 + 500 / 10
    assert said[-1].left == pytest.approx(600 - 500 + 2.5 * 10, abs=1)


async def test_two_processes_sell_one_quota(service: Database, subject: Subject) -> None:
    one, other = Leases(service), Leases(service)
    for _ in range(30):  # both hold a lease
        await one.take(subject, Quota(600), NOON)
        await other.take(subject, Quota(600), NOON)

    left = [await take_all(leases, subject, Quota(600), NOON) for leases in (one, other)]

    assert 60 + sum(said.is_admitted for each in left for said in each) == 600


async def test_calls_at_once_are_counted_once_each(service: Database, subject: Subject) -> None:
    leases = Leases(service)

    said = await asyncio.gather(*(leases.take(subject, Quota(60), NOON) for _ in range(100)))

    assert sum(one.is_admitted for one in said) == 60
    assert {one.left for one in said} == set(range(60))


async def test_calls_at_once_wait_for_one_purchase_and_share_it(service: Database, subject: Subject) -> None:
    leases = Leases(service)

    said = await asyncio.gather(*(leases.take(subject, Quota(600), NOON) for _ in range(100)))

    assert {one.left for one in said} == set(range(500, 600))
    assert leases._purchases <= 4 + 100 / 10


async def test_callers_do_not_share(service: Database, subject: Subject) -> None:
    leases, tenant = Leases(service), subject[0]
    await take_all(leases, subject, Quota(7), NOON)

    for other in ((tenant, uuid4()), (uuid4(), subject[1])):
        assert (await leases.take(other, Quota(7), NOON)).left == 6


@pytest.mark.parametrize("limit", [7, 60, 600])
async def test_a_refused_caller_that_waits_as_told_is_admitted_and_until_then_costs_nothing(
    service: Database, subject: Subject, limit: int
) -> None:
    leases = Leases(service)
    last = (await take_all(leases, subject, Quota(limit), NOON))[-1]
    spent = leases._purchases

    again = [await leases.take(subject, Quota(limit), NOON) for _ in range(100)]
    assert {one.is_admitted for one in again} == {False}
    assert leases._purchases == spent
    assert last.left == 0
    assert (await leases.take(subject, Quota(limit), after(last.seconds))).is_admitted


async def test_a_flood_gets_what_comes_back_and_no_more(service: Database, subject: Subject) -> None:
    leases = Leases(service)

    said = [await leases.take(subject, Quota(600), after(number * 0.01)) for number in range(3_000)]

    assert sum(one.is_admitted for one in said) == pytest.approx(600 + 30 * 10, abs=MOST_CALLS_IN_A_LEASE)
    assert leases._purchases < 150


async def test_what_a_faster_clock_wrote_heals_within_the_window(service: Database, subject: Subject) -> None:
    await Leases(service).take(subject, Quota(60), after(3_600))
    leases = Leases(service)

    assert not (await leases.take(subject, Quota(60), NOON)).is_admitted
    said = await leases.take(subject, Quota(60), after(WINDOW_SECONDS))
    assert (said.is_admitted, said.left) == (True, 59)


async def test_a_clock_set_back_keeps_nobody_out(service: Database, subject: Subject) -> None:
    leases = Leases(service)
    await take_all(leases, subject, Quota(1), NOON)

    assert not leases._leases.of(subject).spend(Quota(1), AT - 3_600)


async def test_without_a_database_each_process_counts_by_itself_and_asks_once_a_second(
    ground: Ground, subject: Subject
) -> None:
    away = database.connect(NOWHERE, ground.settings)
    leases = Leases(away)

    with log_lines() as lines:
        said = await take_all(leases, subject, Quota(60), NOON)
        await leases.take(subject, Quota(60), after(ALONE_SECONDS))
    await away.close()

    assert len(said) == 61, "all that the quota has, nobody is refused for the database's sake"
    assert [line["event"] for line in lines] == ["database_refused"] * 2
    assert lines[0]["verdict"] == "rate_limit_alone"


async def test_a_database_that_does_not_answer_holds_nobody_up(
    service: Database, superuser: AsyncEngine, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases = Leases(service)
    await leases.take(subject, Quota(60), NOON)

    async with superuser.begin() as db:
        await db.execute(text("LOCK TABLE rate_limits IN ACCESS EXCLUSIVE MODE"))
        with log_lines() as lines, monkeypatch.context() as patch:
            patch.setattr(rate_limit, "BUY_WITHIN_SECONDS", 0.05)
            said = await asyncio.gather(*(leases.take(subject, Quota(60), after(2)) for _ in range(5)))
    recovered = await leases.take(subject, Quota(60), after(4))

    assert [one.is_admitted for one in said] == [True] * 5
    assert {line["error"] for line in lines} == {"TimeoutError"}, "before the lock's own limit"
    assert recovered.is_admitted
    assert leases._purchases == 2


async def test_purchases_use_none_of_the_requests_connections(service: Database, subject: Subject) -> None:
    with count_statements(service.tenants) as of_requests, count_statements(service.plain) as apart:
        await Leases(service).take(subject, Quota(60), NOON)

    assert (len(of_requests), len(apart)) == (0, 1)


async def test_the_tenant_of_a_purchase_ends_with_it(service: Database, subject: Subject) -> None:
    await Leases(service).take(subject, Quota(60), NOON)

    async with service.plain.connect() as db:
        assert not (await db.execute(text("SELECT current_setting('app.tenant_id', true)"))).scalar_one()
        assert (await db.execute(text("SELECT count(*) FROM rate_limits"))).scalar_one() == 0, "no tenant, no rows"


async def test_the_table_is_walled_and_not_logged(superuser: AsyncEngine, owner: Database) -> None:
    asked = text("""SELECT relpersistence::text, relrowsecurity, relforcerowsecurity FROM pg_class
                    WHERE oid = 'rate_limits'::regclass""")
    async with superuser.connect() as db:
        assert tuple((await db.execute(asked)).one()) == ("u", True, True)


async def rows_of(service: Database, tenant_id: UUID) -> set[UUID]:
    async with service.transaction(tenant_id) as db:
        asked = text("SELECT subject_id FROM rate_limits WHERE tenant_id = :tenant")
        return {row.subject_id for row in await db.execute(asked, {"tenant": tenant_id})}


async def test_rows_that_are_whole_again_are_swept_and_nobody_else_s(service: Database) -> None:
    mine, theirs = uuid4(), uuid4()
    leases, gone, busy, other = Leases(service), uuid4(), uuid4(), uuid4()
    await leases.take((mine, gone), Quota(60), NOON)
    await leases.take((mine, busy), Quota(60), after(30))
    await leases.take((theirs, other), Quota(60), NOON)

    assert await rate_limit.sweep(service, mine, after(30)) == 1
    assert (await rows_of(service, mine), await rows_of(service, theirs)) == ({busy}, {other})


async def test_every_so_many_purchases_the_buyer_s_tenant_is_swept(service: Database) -> None:
    tenant, leases, last = uuid4(), Leases(service), uuid4()
    await leases.take((tenant, uuid4()), Quota(60), NOON)
    leases._purchases = PURCHASES_PER_SWEEP - 1

    await leases.take((tenant, last), Quota(60), after(30))

    assert await rows_of(service, tenant) == {last}


def test_the_sweep_names_its_tenant() -> None:
    refuse_forgotten(rate_limit.SWEEP)


def test_memory_is_bounded_and_forgets_who_was_away_longest() -> None:
    memory: Memory[str, Bucket] = Memory(Bucket, most=2)
    kept = memory.of("a")
    memory.of("b")
    assert memory.of("a") is kept
    memory.of("c")

    assert len(memory) == 2
    assert [name in memory for name in "abc"] == [True, False, True]


def test_leases_are_bounded_too(ground: Ground) -> None:
    leases = Leases(database.connect(NOWHERE, ground.settings))
    assert leases._leases._most == rate_limit.MOST_IN_MEMORY <= 10_000


def test_a_request_without_a_database_ends_within_a_second_and_a_half() -> None:
    assert BUY_WITHIN_SECONDS + database.POOL_TIMEOUT_SECONDS <= 1.5


def test_the_headers_say_policy_and_state() -> None:
    said = Allowance(Quota(600), True, 42, 7)
    assert said.headers() == [
        (b"ratelimit-policy", b'"default";q=600;w=60'),
        (b"ratelimit", b'"default";r=42;t=7'),
    ]
    assert Allowance(replace(said.quota, name="token"), False, 0, 1).headers()[1] == (b"ratelimit", b'"token";r=0;t=1')
