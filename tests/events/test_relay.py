"""The relay: one batch for each tenant in turn, each tenant one relay's at a time, nobody held up by another."""

from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from claims_api.events import queries
from claims_api.events.work import Relay, lag, moved_events, relay_tenant
from claims_api.kit import clock, ids
from claims_api.kit.database import NOBODY, Database
from tests.conftest import Tenant
from tests.support.feeds import append, empty_outbox, feed_of
from tests.support.log_lines import log_lines
from tests.support.statements import TenantForgotten, refuse_forgotten


async def write(app: FastAPI, tenant: Tenant, stream: UUID, count: int) -> None:
    async with app.state.database.transaction(tenant.id) as db:
        await append(db, tenant.id, stream, count)


async def test_a_batch_moves_the_first_events_of_the_first_streams(
    app: FastAPI, tenant: Tenant, worker: Database, superuser: AsyncEngine
) -> None:
    first, second = sorted((ids.new_uuid(), ids.new_uuid()))
    await write(app, tenant, second, 2)
    await write(app, tenant, first, 2)

    moved = await relay_tenant(worker, tenant.id, batch=3)

    assert moved is not None
    assert (moved.count, moved.oldest_at is not None) == (3, True)
    assert await feed_of(superuser, tenant.id) == [(1, (first, 1)), (2, (first, 2)), (3, (second, 1))]


async def test_nothing_waiting_moves_nothing(tenant: Tenant, worker: Database) -> None:
    moved = await relay_tenant(worker, tenant.id)

    assert moved == queries.Moved(0, None)


async def test_a_tenant_another_relay_is_at_is_left_to_it(
    app: FastAPI, tenant: Tenant, other_tenant: Tenant, worker: Database
) -> None:
    for one in (tenant, other_tenant):
        await write(app, one, ids.new_uuid(), 1)

    async with worker.transaction(tenant.id) as db:
        await queries.move(db, tenant.id, 1)
        second = await relay_tenant(worker, tenant.id)
        elsewhere = await relay_tenant(worker, other_tenant.id)

    assert second is None
    assert elsewhere is not None
    assert elsewhere.count == 1


async def test_an_event_whose_transaction_ends_late_gets_a_later_place(
    app: FastAPI, tenant: Tenant, worker: Database, superuser: AsyncEngine
) -> None:
    slow, fast = sorted((ids.new_uuid(), ids.new_uuid()))
    async with app.state.database.transaction(tenant.id) as db:
        await append(db, tenant.id, slow)
        await write(app, tenant, fast, 1)
        first = await relay_tenant(worker, tenant.id)
    second = await relay_tenant(worker, tenant.id)

    assert first is not None
    assert second is not None
    assert await feed_of(superuser, tenant.id) == [(1, (fast, 1)), (2, (slow, 1))]


async def test_a_large_backlog_lets_the_others_have_their_turn(
    app: FastAPI, tenant: Tenant, other_tenant: Tenant, worker: Database, superuser: AsyncEngine
) -> None:
    await write(app, tenant, ids.new_uuid(), 25)
    await write(app, other_tenant, ids.new_uuid(), 2)
    relay = Relay(worker, batch=10)

    done = await relay.round()

    assert [len(await feed_of(superuser, one.id)) for one in (tenant, other_tenant)] == [10, 2]
    assert done.unfinished >= 1


async def test_every_tenant_is_found_however_many_one_look_finds(
    app: FastAPI, tenant: Tenant, other_tenant: Tenant, worker: Database
) -> None:
    for one in (tenant, other_tenant):
        await write(app, one, ids.new_uuid(), 3)

    found: list[UUID] = []
    after = NOBODY
    async with worker.plain.connect() as db:
        while page := await queries.waiting_tenants(db, after, 1):
            found += page
            after = page[-1]
        depth = await queries.waiting_events(db, 100_000)

    assert {tenant.id, other_tenant.id} <= set(found)
    assert found == sorted(set(found), key=lambda one: one.bytes)
    assert depth >= 6


async def test_a_tenant_that_fails_rests_and_the_others_go_on(
    app: FastAPI, tenant: Tenant, other_tenant: Tenant, worker: Database, superuser: AsyncEngine
) -> None:
    streams = {one.id: ids.new_uuid() for one in (tenant, other_tenant)}
    for one in (tenant, other_tenant):
        await write(app, one, streams[one.id], 1)
    async with superuser.begin() as db:  # its place is taken: nothing can be moved there
        given = {"tenant": tenant.id, "stream": ids.new_uuid()}
        await db.execute(text("INSERT INTO feed VALUES (:tenant, 1, :stream, 1)"), given)
    relay = Relay(worker)

    with log_lines() as told:
        done = await relay.round()
        again = await relay.round()

    assert (await feed_of(superuser, other_tenant.id))[0][1] == (streams[other_tenant.id], 1)
    assert [line["tenant"] for line in told if line["event"] == "relay_failed"] == [ids.encode("ten", tenant.id)]
    assert done.unfinished >= 1
    assert again.unfinished >= 1
    with pytest.raises(IntegrityError):
        await relay_tenant(worker, tenant.id)
    async with superuser.begin() as db:
        await db.execute(text("DELETE FROM feed WHERE tenant_id = :tenant"), {"tenant": tenant.id})
    assert await empty_outbox(worker, tenant.id) == 1


async def test_the_metrics_tell_how_many_came_and_how_late(app: FastAPI, tenant: Tenant, worker: Database) -> None:
    relay = Relay(worker)
    while (await relay.round()).moved:
        pass
    await write(app, tenant, ids.new_uuid(), 3)
    before = moved_events._value.get()
    clock.set_to(clock.now().replace(year=clock.now().year + 1))

    await relay.round()
    late = lag._value.get()
    await relay.round()

    assert moved_events._value.get() - before == 3
    assert late > 360 * 86_400
    assert lag._value.get() == 0


@pytest.mark.parametrize("statement", [queries.HEAD, queries.MOVE, queries.PAGE])
def test_every_statement_but_the_finders_names_its_tenant(statement: object) -> None:
    refuse_forgotten(statement)


@pytest.mark.parametrize("statement", [queries.WAITING, queries.DEPTH])
def test_the_finders_are_the_two_that_do_not(statement: object) -> None:
    with pytest.raises(TenantForgotten):
        refuse_forgotten(statement)
