"""N8: an answer that is lost on its way changes nothing; the retry gets that very answer."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx

from claims_api.access import actions
from claims_api.kit.database import Database
from tests.conftest import Ground
from tests.support.claims import STEPS, Claim, kettle
from tests.support.cutting_proxy import CuttingProxy, cutting_proxy
from tests.support.lives import REQUESTS_OF_A_LIFE, Tally, headers_of_roles, tally_of, way_of
from tests.support.processes import environment, service
from tests.support.violations import nothing_is_violated

CLAIMS, AT_A_TIME = 50, 5  # quick enough to be always at full size
LOST = CLAIMS * REQUESTS_OF_A_LIFE


@dataclass
class Retries:
    """Clients behind the network that loses answers, and what their retries got."""

    proxy: CuttingProxy
    clients: dict[str, httpx.AsyncClient]
    outcomes: Counter[str] = field(default_factory=Counter)
    filed: dict[int, str] = field(default_factory=dict)  # by the number of the life, its claim

    async def live(self, number: int) -> None:
        """The life of one claim, every answer of which is lost at first."""
        key = {"Idempotency-Key": f"n8-{number}"}
        seen = await self.send("storefront", "/v1/claims", key, kettle(metadata={"n": str(number)}))
        self.filed[number] = seen.json()["id"]
        path = f"/v1/claims/{self.filed[number]}/transitions"
        for by, step in way_of(number):
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
    own_ground: Ground, keeper: Database
) -> None:
    tenant_id = await actions.create_tenant(keeper, "unheard")
    headers = await headers_of_roles(keeper, tenant_id)
    with service(environment(own_ground.settings)) as running:
        async with cutting_proxy(running.url, seed=8) as proxy, AsyncExitStack() as stack:
            made = {role: httpx.AsyncClient(base_url=proxy.url, headers=sent) for role, sent in headers.items()}
            retries = Retries(proxy, {role: await stack.enter_async_context(one) for role, one in made.items()})
            for first in range(0, CLAIMS, AT_A_TIME):
                await asyncio.gather(*(retries.live(n) for n in range(first, first + AT_A_TIME)))

    tally = await tally_of(keeper, tenant_id, retries.filed)
    print(f"N8: {retries.outcomes['replayed']} of {LOST} lost answers replayed, {len(proxy.lost)} lost; {tally}")
    assert retries.outcomes == {"replayed": LOST}
    assert len(retries.filed) == CLAIMS
    assert tally == Tally([], [], [])
    await nothing_is_violated(own_ground)
