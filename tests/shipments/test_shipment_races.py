"""Several who tell of one parcel at once: nothing said is lost, nothing is done twice, and nobody meets a deadlock."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from claims_api.access import actions
from claims_api.access.scopes import Role
from claims_api.domain.chain import check_chain
from claims_api.domain.evolve import fold
from tests.conftest import Ground, Tenant
from tests.support.claims import Claim
from tests.support.logs_of_claims import stored_and_log
from tests.support.parcels import Depot, Parcel, number, said
from tests.support.processes import environment, service

PATH = "/v1/shipment-updates"
CALLERS = 5


@pytest.fixture(scope="module")
def rounds(full_size: bool) -> int:
    return 50 if full_size else 8


@pytest.fixture(scope="module")
def instances(ground: Ground) -> Iterator[list[str]]:
    """Two processes: within one, the batches of a tenant have their turns."""
    with ExitStack() as stack:
        env = environment(ground.settings)
        yield [stack.enter_context(service(env)).url for _ in range(2)]


@pytest_asyncio.fixture(loop_scope="session")
async def carriers(instances: list[str], tenant: Tenant) -> AsyncIterator[list[httpx.AsyncClient]]:
    """The same partner, at both processes."""
    made = await actions.create_key(tenant.owner, tenant.id, Role.PARTNER, None, partner="swift")
    headers = {"Authorization": f"Bearer {made.credential}"}
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(httpx.AsyncClient(base_url=url, headers=headers, timeout=15))
            for url in instances
        ]


async def holds_together(app: FastAPI, depot: Depot, claim: Claim) -> list[str]:
    """No gap, an unbroken chain, a state that is the sum of its events; their types."""
    tenant_id = depot.team.tenant.id
    async with app.state.database.transaction(tenant_id) as db:
        stored, log = await stored_and_log(db, tenant_id, claim)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert check_chain(log, stored.head_hash) == ()
    assert fold(log) == stored.claim
    return [event.type.value for event in log]


async def persist(
    client: httpx.AsyncClient, path: str, body: Parcel, headers: dict[str, str] | None = None
) -> httpx.Response:
    """The final answer: who is told to come back later (nothing was done) does."""
    for _ in range(10):
        answer = await client.post(path, json=body, headers=headers)
        if answer.status_code != 503:
            break
    return answer


async def posted(client: httpx.AsyncClient, *updates: Parcel) -> list[Parcel]:
    answer = await persist(client, PATH, {"updates": list(updates)})
    assert answer.status_code == 200, answer.text
    found: list[Parcel] = answer.json()["results"]
    return found


async def test_an_update_and_the_registration_of_its_number_at_once_lose_nothing(
    app: FastAPI, depot: Depot, rounds: int
) -> None:
    claims = [await depot.awaiting() for _ in range(5)]
    await depot.partner()

    for turn in range(rounds):
        claim, tracking = claims[turn % len(claims)], number()
        both: list[Any] = [depot.register(claim, tracking), depot.tell(said(tracking, "in_transit", 1))]

        answers = await asyncio.gather(*(both if turn % 2 else both[::-1]))

        (parcel,) = [answer for answer in answers if isinstance(answer, dict)]
        assert (await depot.read(parcel))["status"] == "in_transit", f"round {turn}"
    for claim in claims:
        assert (await depot.team.read(claim))["goods_with"] == "carrier"
        await holds_together(app, depot, claim)


async def test_a_batch_posted_by_several_at_once_counts_once(
    app: FastAPI, depot: Depot, carriers: list[httpx.AsyncClient]
) -> None:
    claim, tracking = await depot.awaiting(), number()
    await depot.register(claim, tracking)
    batch = [said(tracking, status, hour) for hour, status in enumerate(("picked_up", "in_transit", "delivered"))]

    answers = await asyncio.gather(*(posted(carriers[caller % 2], *batch) for caller in range(CALLERS)))

    for results in zip(*answers, strict=True):
        assert Counter(each["result"] for each in results) == {"accepted": 1, "duplicate": CALLERS - 1}
    types = await holds_together(app, depot, claim)
    assert (types.count("shipment.delivered"), types.count("claim.item_received")) == (1, 1)


async def test_a_number_registered_by_several_at_once_is_one_parcels(depot: Depot) -> None:
    tracking, claims = number(), [await depot.awaiting() for _ in range(CALLERS)]

    answers = await asyncio.gather(*(depot.try_register(claim, number(), tracking) for claim in claims))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: CALLERS - 1}
    (winner,) = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    assert {answer.json()["existing"] for answer in answers if answer.status_code == 409} == {winner}


async def test_an_agent_and_a_parcel_at_once_move_their_claim_by_one_step(
    app: FastAPI, depot: Depot, rounds: int
) -> None:
    agent, partner = await depot.team.of("agent"), await depot.partner()
    for turn in range(rounds):
        claim, tracking = await depot.awaiting(), number()
        await depot.register(claim, tracking)
        path = f"/v1/claims/{claim['id']}"
        as_read = {"If-Match": (await agent.get(path)).headers["etag"]}
        waive = persist(agent, f"{path}/transitions", {"transition": "waive_item"}, as_read)
        tell = persist(partner, PATH, {"updates": [said(tracking, "delivered", 1)]})

        answers = await asyncio.gather(*((waive, tell) if turn % 2 else (tell, waive)))

        waived, told = answers if turn % 2 else answers[::-1]
        types = await holds_together(app, depot, claim)
        moved = [each for each in types if each in ("claim.item_waived", "claim.item_received")]
        assert moved == [{200: "claim.item_waived", 412: "claim.item_received"}[waived.status_code]], f"round {turn}"
        assert (told.json()["results"][0]["result"], types.count("shipment.delivered")) == ("accepted", 1)


async def test_batches_that_meet_the_same_claims_in_opposite_order_both_pass(
    app: FastAPI, depot: Depot, carriers: list[httpx.AsyncClient], rounds: int
) -> None:
    claims = [await depot.awaiting() for _ in range(4)]
    for turn in range(rounds):
        there, back = [number() for _ in claims], [number() for _ in claims]
        for claim, one, other in zip(claims, there, back, strict=True):
            await depot.register(claim, one)
            await depot.register(claim, other)
        forth = [said(each, "in_transit", turn) for each in there]
        crossed = [said(each, "in_transit", turn) for each in reversed(back)]

        results = await asyncio.gather(posted(carriers[0], *forth), posted(carriers[1], *crossed))

        assert {each["result"] for batch in results for each in batch} == {"accepted"}, f"round {turn}"
    for claim in claims:
        types = await holds_together(app, depot, claim)
        assert types.count("shipment.updated") == 2 * rounds
