"""N8: an answer that is lost on its way changes nothing; the retry gets that very answer."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import httpx
from sqlalchemy import text

from claims_api.access.scopes import Role
from claims_api.kit import database
from tests.conftest import Ground, Tenant
from tests.support.claims import STEPS, Claim, kettle
from tests.support.cutting_proxy import CuttingProxy, cutting_proxy
from tests.support.processes import environment, service

CLAIMS, AT_A_TIME = 50, 5
WAYS = (  # one filed, then three steps: with the filing four answers, each of them lost once
    (("agent", "start_review"), ("agent", "hold"), ("agent", "note")),
    (("agent", "note"), ("agent", "start_review"), ("agent", "approve")),
    (("agent", "start_review"), ("agent", "reject"), ("storefront", "close")),
    (("agent", "assign"), ("storefront", "withdraw"), ("storefront", "reopen")),
)
LOST = CLAIMS * (1 + len(WAYS[0]))
STORED = text("""
    SELECT c.metadata ->> 'n' AS n, version,
           (SELECT count(*) FROM events e WHERE e.tenant_id = c.tenant_id AND e.stream_id = c.id) AS events,
           (SELECT count(*) FROM outbox o WHERE o.tenant_id = c.tenant_id AND o.stream_id = c.id) AS outbox,
           (SELECT count(*) FROM claim_lines l WHERE l.tenant_id = c.tenant_id AND l.claim_id = c.id) AS lines,
           (SELECT count(*) FROM idempotency_keys k WHERE k.tenant_id = c.tenant_id AND k.subject_id = c.id) AS keys
    FROM claims c WHERE tenant_id = :tenant
""")
EXPECTED_EVENTS = {way: 1 + len(way) + sum(step == "approve" for _, step in way) for way in WAYS}  # and its remedy


@dataclass
class Retries:
    """Clients behind the network that loses answers, and what their retries got."""

    proxy: CuttingProxy
    clients: dict[str, httpx.AsyncClient]
    outcomes: Counter[str] = field(default_factory=Counter)

    async def live(self, number: int) -> None:
        """The life of one claim, every answer of which is lost at first."""
        key = {"Idempotency-Key": f"n8-{number}"}
        seen = await self.send("storefront", "/v1/claims", key, kettle(metadata={"n": str(number)}))
        path = f"/v1/claims/{seen.json()['id']}/transitions"
        for by, step in WAYS[number % len(WAYS)]:
            # The retry names a version that its own first try has made an old one.
            headers = {"Idempotency-Key": f"n8-{number}-{step}", "If-Match": seen.headers["ETag"]}
            seen = await self.send(by, path, headers, {"transition": step} | STEPS[step])

    async def send(self, by: str, path: str, headers: dict[str, str], body: Claim) -> httpx.Response:
        """A request whose answer is lost, and what a retry of it gets after another one."""
        client, key = self.clients[by], headers["Idempotency-Key"]
        try:
            came_through = await client.post(path, json=body, headers=headers)
        except httpx.TransportError:
            retries = [await client.post(path, json=body, headers=headers) for _ in range(2)]
        else:
            raise AssertionError(f"{key} was not lost: {came_through.status_code} {came_through.text[:200]}")
        self.outcomes[self.judge(key, retries)] += 1
        return retries[1]

    def judge(self, key: str, retries: list[httpx.Response]) -> str:
        """Whether both retries got the answer that was lost, byte for byte, and are told that it is a repetition."""
        lost = self.proxy.lost[key]
        status = int(lost.head.split()[1])
        if not 200 <= status < 300:
            return f"{key} was refused with {status}"
        for retry in retries:
            if (retry.status_code, retry.content) != (status, lost.body):
                return f"{key}: {retry.status_code} {retry.text[:200]} instead of {lost.body[:200]!r}"
            if retry.headers.get("etag") != lost.header("ETag"):
                return f"{key} has another entity tag"
            if (retry.headers.get("idempotent-replayed"), lost.header("Idempotent-Replayed")) != ("true", None):
                return f"{key} does not say which of its answers is the first"
        return "replayed"


async def test_a_retry_after_a_lost_answer_gets_that_very_answer_and_does_nothing_twice(
    ground: Ground, tenant: Tenant, owner: database.Database
) -> None:
    made = {role: await tenant.key(role) for role in (Role.STOREFRONT, Role.AGENT)}
    with service(environment(ground.settings)) as running:
        async with cutting_proxy(running.url, seed=8) as proxy:
            headers = {role: {"Authorization": f"Bearer {key.credential}"} for role, key in made.items()}
            headers[Role.AGENT]["Claims-Actor"] = "anna"
            async with (
                httpx.AsyncClient(base_url=proxy.url, headers=headers[Role.STOREFRONT]) as shop,
                httpx.AsyncClient(base_url=proxy.url, headers=headers[Role.AGENT]) as agent,
            ):
                retries = Retries(proxy, {"storefront": shop, "agent": agent})
                for first in range(0, CLAIMS, AT_A_TIME):
                    await asyncio.gather(*(retries.live(n) for n in range(first, first + AT_A_TIME)))
    print(f"N8: {retries.outcomes['replayed']} of {LOST} lost answers replayed, {len(proxy.lost)} lost")
    assert retries.outcomes == {"replayed": LOST}
    async with owner.transaction(tenant.id) as db:
        rows = list(await db.execute(STORED, {"tenant": tenant.id}))
    assert sorted(int(row.n) for row in rows) == list(range(CLAIMS))
    for row in rows:
        events = EXPECTED_EVENTS[WAYS[int(row.n) % len(WAYS)]]
        assert (row.version, row.events, row.outbox) == (events, events, events), row.n
        assert (row.lines, row.keys) == (1, 1 + len(WAYS[0])), row.n
