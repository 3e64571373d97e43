"""Lives of claims under fire: each request has its key, and is sent again until it is answered."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

import httpx
from sqlalchemy import Row, text

from claims_api.access import actions
from claims_api.access.scopes import Role
from claims_api.kit import ids
from claims_api.kit.database import Database
from tests.support.claims import STEPS, Claim, kettle

WAYS = (  # one filed, then three steps
    (("agent", "start_review"), ("agent", "hold"), ("agent", "note")),
    (("agent", "note"), ("agent", "start_review"), ("agent", "approve")),
    (("agent", "start_review"), ("agent", "reject"), ("storefront", "close")),
    (("agent", "assign"), ("storefront", "withdraw"), ("storefront", "reopen")),
)
REQUESTS_OF_A_LIFE = 1 + len(WAYS[0])
PAUSE_SECONDS = 0.05  # of a client that was told to come back, or heard nothing
STORED = text("""
    SELECT c.metadata ->> 'n' AS n, id, version,
           (SELECT count(*) FROM events e WHERE e.tenant_id = c.tenant_id AND e.stream_id = c.id) AS events,
           (SELECT count(*) FROM claim_lines l WHERE l.tenant_id = c.tenant_id AND l.claim_id = c.id) AS lines,
           (SELECT count(*) FROM idempotency_keys k WHERE k.tenant_id = c.tenant_id AND k.subject_id = c.id) AS keys
    FROM claims c WHERE tenant_id = :tenant
""")


def way_of(number: int) -> tuple[tuple[str, str], ...]:
    """Which steps a life takes, by its number."""
    return WAYS[number % len(WAYS)]


def events_of_life(number: int) -> int:
    """How many events a whole life leaves: an approval also accepts its remedy."""
    way = way_of(number)
    return 1 + len(way) + sum(step == "approve" for _, step in way)


async def headers_of_roles(owner: Database, tenant_id: UUID) -> dict[str, dict[str, str]]:
    """What the clients of a storefront and of an agent send with every request, each with a new key."""
    found = {}
    for role in (Role.STOREFRONT, Role.AGENT):
        made = await actions.create_key(owner, tenant_id, role, None)
        found[role.value] = {"Authorization": f"Bearer {made.credential}"}
    found[Role.AGENT]["Claims-Actor"] = "anna"
    return found


@dataclass(frozen=True)
class Tally:
    """How what is stored compares with what was acknowledged: a life each, by its number."""

    lost: list[int]
    doubled: list[int]
    wrong: list[str]


async def tally_of(owner: Database, tenant_id: UUID, filed: dict[int, str]) -> Tally:
    """Compares the claims acknowledged, by the numbers of their lives, with what is stored; all lives have ended."""
    async with owner.transaction(tenant_id) as db:
        rows = list(await db.execute(STORED, {"tenant": tenant_id}))
    stored = {ids.encode("clm", row.id) for row in rows}
    times = Counter(int(row.n) for row in rows)
    return Tally(
        lost=[number for number, claim in filed.items() if claim not in stored],
        doubled=[number for number, count in times.items() if count > 1],
        wrong=[wrong for row in rows if (wrong := _wrong_with(row))],
    )


def _wrong_with(row: Row[tuple[object, ...]]) -> str:
    events = events_of_life(int(row.n))
    expected = (events, events, 1, REQUESTS_OF_A_LIFE)
    found = (row.version, row.events, row.lines, row.keys)
    return "" if found == expected else f"life {row.n}: {found} instead of {expected}"


@dataclass
class Lives:
    """Clients that never give up, and what they were told."""

    clients: dict[str, httpx.AsyncClient]
    chance: Random
    doubled_share: float = 0.2
    answers: dict[str, bytes] = field(default_factory=dict)  # by key, the first acknowledged
    statuses: Counter[int] = field(default_factory=Counter)
    doubled: int = 0  # requests that went out twice at once
    broken_off: int = 0  # requests that nobody answered

    def move_to(self, url: str) -> None:
        """From here on the clients ask another server."""
        for client in self.clients.values():
            client.base_url = httpx.URL(url)

    async def live(self, number: int) -> None:
        """A claim is filed and takes its steps."""
        claim = await self.ask("storefront", "/v1/claims", f"life-{number}", kettle(metadata={"n": str(number)}))
        for by, step in way_of(number):
            path, body = f"/v1/claims/{claim['id']}/transitions", {"transition": step} | STEPS[step]
            await self.ask(by, path, f"life-{number}-{step}", body)

    async def ask(self, by: str, path: str, key: str, body: Claim) -> Claim:
        """Sends a request, now and then twice at once, until one of them is acknowledged."""
        copies = 2 if self.chance.random() < self.doubled_share else 1
        self.doubled += copies - 1
        while True:
            told = await asyncio.gather(*(self.send(by, path, key, body) for _ in range(copies)))
            if any(told):
                found: Claim = json.loads(self.answers[key])
                return found
            await asyncio.sleep(PAUSE_SECONDS)

    async def send(self, by: str, path: str, key: str, body: Claim) -> bool:
        """One try; whether it was acknowledged. All acknowledgements of a key are the same, byte for byte.

        Raises: AssertionError for an answer that is neither this nor an honest "later".
        """
        try:
            answer = await self.clients[by].post(path, json=body, headers={"Idempotency-Key": key})
        except httpx.TransportError:
            self.broken_off += 1
            return False
        self.statuses[answer.status_code] += 1
        if answer.is_success:
            assert self.answers.setdefault(key, answer.content) == answer.content, f"{key} was answered differently"
            return True
        shown = f"{key}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code in (409, 503), shown
        assert answer.json()["retryable"] is True, shown
        assert int(answer.headers["Retry-After"]) >= 1, shown
        return False

    async def tally(self, owner: Database, tenant_id: UUID) -> Tally:
        """How what is stored compares with all that was acknowledged."""
        filings = {key: body for key, body in self.answers.items() if key.count("-") == 1}
        filed = {int(key.partition("-")[2]): json.loads(body)["id"] for key, body in filings.items()}
        return await tally_of(owner, tenant_id, filed)
