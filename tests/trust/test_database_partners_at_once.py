"""Twenty partners post at once about parcels of the same claims: nothing is lost, and no deadlock reaches a caller."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from random import Random
from time import monotonic

import httpx
import pytest

from claims_api.access import actions
from claims_api.access.scopes import Role
from claims_api.domain.evolve import fold
from claims_api.kit.database import Database
from tests.conftest import Ground, Tenant
from tests.support.claims import Claim, Team
from tests.support.logs_of_claims import stored_and_log
from tests.support.parcels import Depot, Parcel, number, said
from tests.support.processes import environment, service
from tests.support.verifying import found_by

PARTNERS = 20
SCANS = ("picked_up", "in_transit", "out_for_delivery", "delivered")
AGAIN = frozenset({409, 503})  # told to come back: the same request is sent again under the same key


@dataclass
class Post:
    """What one partner sends, and what it was answered."""

    partner: str
    updates: list[Parcel]
    refused: Counter[int] = field(default_factory=Counter)
    results: list[str] = field(default_factory=list)

    async def send(self, client: httpx.AsyncClient, key: str) -> None:
        """Until it is taken, as a partner's own system would."""
        while not self.results:
            answer = await client.post(
                "/v1/shipment-updates", json={"updates": self.updates}, headers={"Idempotency-Key": key}
            )
            if answer.status_code == 200:
                self.results = [result["result"] for result in answer.json()["results"]]
                continue
            assert answer.status_code in AGAIN, answer.text
            assert answer.json()["retryable"]
            self.refused[answer.status_code] += 1
            await asyncio.sleep(int(answer.headers["Retry-After"]) / 10)  # a client's pause


@pytest.fixture(scope="module")
def instances(ground: Ground) -> Iterator[list[str]]:
    with ExitStack() as stack:
        env = environment(ground.settings)
        yield [stack.enter_context(service(env)).url for _ in range(2)]


async def file_with_parcels(depot: Depot, claims: int) -> tuple[list[Claim], dict[str, list[str]]]:
    """Claims that wait for their goods, each with a parcel of every partner; the parcels' numbers by partner."""
    numbers: dict[str, list[str]] = {f"partner-{index}": [] for index in range(PARTNERS)}
    filed = [await depot.awaiting() for _ in range(claims)]
    for claim in filed:
        for partner, known in numbers.items():
            known.append(number())
            await depot.register(claim, known[-1], partner=partner)
    return filed, numbers


async def all_at_once(tenant: Tenant, instances: list[str], posts: list[Post], run: str) -> float:
    """Every partner posts at the same moment, half of them to each instance; how many updates a second."""
    async with AsyncExitStack() as stack:
        sending = []
        for index, post in enumerate(posts):
            made = await actions.create_key(tenant.owner, tenant.id, Role.PARTNER, None, partner=post.partner)
            headers = {"Authorization": f"Bearer {made.credential}"}
            base = instances[index % len(instances)]
            client = await stack.enter_async_context(httpx.AsyncClient(base_url=base, headers=headers, timeout=60))
            sending.append(post.send(client, f"{run}-{post.partner}"))
        began = monotonic()
        await asyncio.gather(*sending)
        return sum(len(post.updates) for post in posts) / (monotonic() - began)


def posts_of(numbers: dict[str, list[str]], statuses: tuple[str, ...], hour: int, repeats: int) -> list[Post]:
    """A shuffled batch of each partner: every parcel's statuses, some of them said again."""
    chance, posts = Random(11), []  # noqa: S311 - no secret
    for partner, known in numbers.items():
        updates = [
            said(each, status, hour + at, location=f"depot {at}")
            for each in known
            for at, status in enumerate(statuses)
        ]
        updates += chance.sample(updates, repeats)
        chance.shuffle(updates)
        posts.append(Post(partner, updates))
    return posts


@pytest.mark.timeout(900)  # at its full size: 2,000 parcels are registered first
async def test_twenty_partners_at_once_lose_nothing_and_move_each_claim_once(
    instances: list[str], tenant: Tenant, owner: Database, full_size: bool
) -> None:
    claims = 100 if full_size else 5  # with four scans and repeats: 500 items a batch, or 25
    async with AsyncExitStack() as stack:
        depot = Depot(Team(tenant, stack))
        filed, numbers = await file_with_parcels(depot, claims)
        moving, still = posts_of(numbers, SCANS, 0, claims), posts_of(numbers, ("delivered",) * 4, 100, claims)

        with_effects = await all_at_once(tenant, instances, moving, "moving")
        without = await all_at_once(tenant, instances, still, "still")

        counted = Counter(result for post in moving for result in post.results)
        refused = sum((post.refused for post in (*moving, *still)), Counter[int]())
        print(
            f"{PARTNERS} partners, batches of {len(moving[0].updates)} over {claims} claims: {with_effects:.0f} "
            f"updates/s with claim effects, {without:.0f} without; told to come back {dict(refused)}; {dict(counted)}"
        )
        assert await found_by(owner, tenant.id) == {}  # `claims-api verify` is green
        assert counted == {"accepted": PARTNERS * claims * len(SCANS), "duplicate": PARTNERS * claims}
        async with owner.transaction(tenant.id) as db:
            for claim in filed:
                stored, log = await stored_and_log(db, tenant.id, claim)
                assert fold(log) == stored.claim
                assert [event.seq for event in log] == list(range(1, stored.claim.version + 1))
                assert {str(leg.status) for leg in stored.claim.legs} == {"delivered"}
                assert [str(event.type) for event in log].count("claim.item_received") == 1
