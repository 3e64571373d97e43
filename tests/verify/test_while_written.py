"""A run beside a service that writes: each tenant is read as one moment saw it, so nothing half done is seen."""

import asyncio
from uuid import uuid4

import pytest

from claims_api.kit.database import Database
from claims_api.verify.actions.report import Report
from claims_api.verify.actions.run import verify
from tests.support.claims import Team, line
from tests.support.feeds import empty_outbox
from tests.support.verifying import Found, found_in, told

WRITERS, LIVES = 4, 5


async def live(team: Team) -> None:
    """Claims that are filed, decided, resolved and closed, one after the other."""
    for _ in range(LIVES):
        claim = await team.file(lines=[line(serial_numbers=[uuid4().hex])])
        for by, step in (("agent", "note"), ("agent", "start_review"), ("agent", "approve"), ("agent", "resolve")):
            await team.done(by, claim, step)
        await team.done("customer", claim, "close")


async def relay(worker: Database, team: Team, done: asyncio.Event) -> None:
    while not done.is_set():
        await empty_outbox(worker, team.tenant.id)


@pytest.mark.timeout(240)
async def test_a_run_beside_writers_and_a_relay_finds_nothing(owner: Database, worker: Database, team: Team) -> None:
    done, found, reports = asyncio.Event(), Found(), list[Report]()
    for role in ("storefront", "agent"):
        await team.of(role)

    async def check() -> None:
        while not done.is_set():
            reports.append(await verify(owner, team.tenant.id, told))
            found.update(found_in(reports[-1]))

    async with asyncio.TaskGroup() as group:
        group.create_task(relay(worker, team, done))
        group.create_task(check())
        async with asyncio.TaskGroup() as writers:
            for _ in range(WRITERS):
                writers.create_task(live(team))
        done.set()

    assert found == {}
    assert len({report.events for report in reports}) > 1, "it was never looked while somebody wrote"
