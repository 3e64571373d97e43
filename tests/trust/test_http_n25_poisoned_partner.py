"""N25: a partner that sends nonsense moves no claim it should not, breaks nothing, and is told what was wrong."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI

from claims_api.domain.chain import check_chain
from claims_api.domain.evolve import fold
from claims_api.domain.shipment_words import ShipmentStatus
from tests.conftest import Tenant
from tests.support.claims import Team
from tests.support.logs_of_claims import stored_and_log
from tests.support.parcels import Depot, number, said

PATH = "/v1/shipment-updates"
STEPS = {"claim.item_received", "claim.item_lost"}
NONSENSE: tuple[Any, ...] = (
    None, True, 0, -1, 1e308, 2**60, "", " ", "\u202e\u200b", "x" * 5_000, "'; DROP TABLE claims; --", "\ufdfa" * 100,
    "<script>", "../../etc/passwd", "9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z", [], [[]], {}, {"a": {"b": []}},
)  # fmt: skip
MEMBERS = (
    "carrier", "tracking_number", "status", "substatus", "occurred_at", "local_time", "zone", "event_id", "raw_code",
    "location", "condition", "delay", "eta", "proof", "nonsense",
)  # fmt: skip
BROKEN = {
    "NUL": (b'{"updates": [{"carrier": "a\\u0000"}]}', 422),
    "half of a pair": (b'{"updates": [{"carrier": "\\ud800"}]}', 422),
    "a huge number": (b'{"updates": [{"carrier": ' + b"9" * 400 + b"}]}", 422),
    "infinity": (b'{"updates": [Infinity]}', 400),
    "a deep nest": (b'{"updates": [' + b"[" * 5_000 + b"]" * 5_000 + b"]}", 422),
    "a key twice": (b'{"updates": [{"carrier": "a", "carrier": "b"}]}', 400),
    "no text": (b'{"updates": ["\xff"]}', 400),
    "half a body": (b'{"updates": [', 400),
}


@pytest_asyncio.fixture(loop_scope="session")
async def depot(tenant: Tenant) -> AsyncIterator[Depot]:
    async with AsyncExitStack() as stack:
        yield Depot(Team(tenant, stack))


async def check(app: FastAPI, depot: Depot, claim: Any) -> list[str]:
    """The claim's history holds together and moved it once at most; its types."""
    tenant_id = depot.team.tenant.id
    async with app.state.database.transaction(tenant_id) as db:
        stored, log = await stored_and_log(db, tenant_id, claim)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert check_chain(log, stored.head_hash) == ()
    assert fold(log) == stored.claim
    types = [event.type.value for event in log]
    assert len([each for each in types if each in STEPS]) <= 1
    return types


async def test_contradictory_out_of_order_and_doubled_news_move_a_claim_once_at_most(
    app: FastAPI, depot: Depot
) -> None:
    chance, results = random.Random(7), Counter[str]()  # noqa: S311 - no secret
    claims, numbers = [await depot.awaiting() for _ in range(8)], [number() for _ in range(8)]
    for claim, tracking in zip(claims, numbers, strict=True):
        await depot.register(claim, tracking)
    words = [*ShipmentStatus, "teleported", "DELIVERED", ""]

    for _ in range(5):
        batch = [said(chance.choice(numbers), chance.choice(words), chance.randrange(200)) for _ in range(24)]
        results.update(each["result"] for each in await depot.tell(*batch, batch[0]))

    steps = [set(await check(app, depot, claim)) & STEPS for claim in claims]
    print("\nN25 contradictions:", dict(results), "claims moved:", sum(map(bool, steps)), "of", len(claims))
    assert any(steps)
    assert all(results[each] for each in ("accepted", "duplicate", "rejected"))


async def test_a_batch_of_garbage_is_refused_item_by_item_and_each_is_told_why(app: FastAPI, depot: Depot) -> None:
    chance, claim, tracking = random.Random(26), await depot.awaiting(), number()  # noqa: S311 - no secret
    parcel = await depot.register(claim, tracking)
    before = await depot.team.read(claim)
    batch: list[Any] = list(NONSENSE)
    while len(batch) < 499:
        batch.append(said(number(), "in_transit") | {chance.choice(MEMBERS): chance.choice(NONSENSE) for _ in range(3)})
    partner = await depot.partner()

    answer = await partner.post(PATH, json={"updates": [*batch, said(tracking, "in_transit")]})

    assert answer.status_code == 200, answer.text
    *garbage, last = answer.json()["results"]
    reasons = Counter(each.get("reason", each["result"]) for each in garbage)
    print("\nN25 garbage:", dict(reasons.most_common()))
    assert all({"reason", "pointer", "detail"} <= each.keys() for each in garbage if each["result"] == "rejected")
    assert not any("shipment_id" in each for each in garbage)
    assert "DROP TABLE" not in answer.text
    assert (last["result"], last["shipment_id"]) == ("accepted", parcel["id"])
    after = await depot.team.read(claim)
    assert (after["status"], after["version"]) == (before["status"], before["version"] + 1)
    await check(app, depot, claim)


@pytest.mark.parametrize(("body", "status"), BROKEN.values(), ids=BROKEN)
async def test_what_is_no_json_we_can_keep_is_refused_whole_with_a_reason(
    depot: Depot, body: bytes, status: int
) -> None:
    answer = await (await depot.partner()).post(PATH, content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, bool(answer.json()["code"])) == (status, True), answer.text


async def test_no_length_of_name_is_too_long_for_what_keeps_it(depot: Depot) -> None:
    tracking = number()
    longest = ["\ufdfa" * 100, "".join(chr(0x3300 + each) for each in range(88)), "\U0001f1e6a" * 50]

    results = await depot.tell(*(said(tracking, "in_transit", carrier=each, event_id="e" * 200) for each in longest))

    assert {each["result"] for each in results} <= {"unmatched", "rejected"}
