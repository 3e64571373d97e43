"""A crash between any two statements leaves nothing: the service dies again and again while claims are filed."""

import asyncio
import os
import random
from contextlib import ExitStack
from dataclasses import dataclass, field

import httpx
from sqlalchemy import text

from claims_api.access.scopes import Role
from claims_api.kit import database
from tests.conftest import Ground, Tenant
from tests.support.claims import kettle
from tests.support.processes import environment, service

ROUNDS, SUBMISSIONS = int(os.environ.get("CRASH_ROUNDS", "20")), 200  # 20 rounds take about a minute
AT_A_TIME = 5  # services start together, and die one by one
WHOLE = text("""
    SELECT metadata ->> 'n' AS n, id, version,
           (SELECT count(*) FROM events e WHERE e.tenant_id = c.tenant_id AND e.stream_id = c.id) AS events,
           (SELECT count(*) FROM outbox o WHERE o.tenant_id = c.tenant_id AND o.stream_id = c.id) AS outbox,
           (SELECT count(*) FROM claim_lines l WHERE l.tenant_id = c.tenant_id AND l.claim_id = c.id) AS lines,
           (SELECT count(*) FROM idempotency_keys k WHERE k.tenant_id = c.tenant_id AND k.subject_id = c.id) AS keys
    FROM claims c WHERE tenant_id = :tenant
""")
ORPHANS = text("""
    SELECT count(*) FROM events e
    WHERE tenant_id = :tenant
      AND NOT EXISTS (SELECT FROM claims c WHERE c.tenant_id = e.tenant_id AND c.id = e.stream_id)
""")


@dataclass
class Filed:
    """What the clients know: the answers they got, by the number each submission carries."""

    answers: dict[int, bytes] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    broken_off: int = 0

    @property
    def open(self) -> list[int]:
        return [number for number in range(SUBMISSIONS) if number not in self.answers]

    async def file(self, client: httpx.AsyncClient, number: int) -> None:
        """One try of a submission, always with its own key."""
        body = kettle(metadata={"n": str(number)})
        try:
            answer = await client.post("/v1/claims", json=body, headers={"Idempotency-Key": f"crash-{number}"})
        except httpx.TransportError:
            self.broken_off += 1
            return
        if answer.status_code == 201:
            if self.answers.setdefault(number, answer.content) != answer.content:
                self.faults.append(f"{number} was answered twice, differently")
        elif answer.status_code not in (409, 503):
            self.faults.append(f"{number}: {answer.status_code} {answer.text[:200]}")


async def test_no_claim_is_lost_or_doubled_when_the_service_is_killed(
    ground: Ground, tenant: Tenant, owner: database.Database
) -> None:
    chance, filed, env = random.Random(7), Filed(), environment(ground.settings)  # noqa: S311 - no secret
    made = await tenant.key(Role.STOREFRONT)
    headers = {"Authorization": f"Bearer {made.credential}"}
    for _ in range(0, ROUNDS, AT_A_TIME):
        with ExitStack() as stack:
            starting = (asyncio.to_thread(stack.enter_context, service(env)) for _ in range(AT_A_TIME))
            for running in await asyncio.gather(*starting):
                async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=5) as client:
                    numbers = filed.open[: SUBMISSIONS // ROUNDS]
                    tasks = [asyncio.create_task(filed.file(client, number)) for number in numbers]
                    await asyncio.wait(tasks, timeout=chance.uniform(0.01, 0.25))
                    running.process.kill()
                    await asyncio.gather(*tasks)
    assert filed.broken_off, "nothing was ever under way when the service died"
    with service(env) as running:
        async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=5) as client:
            while filed.open:
                await asyncio.gather(*(filed.file(client, number) for number in filed.open[:20]))
            again = list(filed.answers)[:20]
            await asyncio.gather(*(filed.file(client, number) for number in again))
    assert filed.faults == []
    async with owner.transaction(tenant.id) as db:
        rows = list(await db.execute(WHOLE, {"tenant": tenant.id}))
        orphans = (await db.execute(ORPHANS, {"tenant": tenant.id})).scalar_one()
    assert sorted(int(row.n) for row in rows) == list(range(SUBMISSIONS))  # lost 0, doubled 0
    assert {(row.version, row.events, row.outbox, row.lines, row.keys) for row in rows} == {(1, 1, 1, 1, 1)}
    assert orphans == 0
