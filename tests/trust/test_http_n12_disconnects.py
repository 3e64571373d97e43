"""N12 over the wire: clients hang up at any moment; a real server keeps no transaction or connection of theirs."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from time import monotonic

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from claims_api.access import actions
from claims_api.access.scopes import Role
from claims_api.kit import database
from claims_api.kit.embedded_postgres import EmbeddedServer
from tests.conftest import Ground, lay_ground
from tests.support.backends import states, until
from tests.support.claims import kettle
from tests.support.processes import environment, service
from tests.support.violations import nothing_is_violated

AT_ONCE, SEED = 20, 12
PATIENT = 0.2  # of the clients stay until their answer begins
LONGEST_SECONDS = 60  # nothing here is waited for any longer
FILED = text("SELECT (metadata ->> 'n')::int AS n FROM claims")


@pytest.fixture
def own_ground(postgres: EmbeddedServer, tmp_path: Path) -> Ground:
    return lay_ground(postgres, tmp_path)


@pytest.fixture
def looker(own_ground: Ground) -> AsyncEngine:
    """Whoever sees all of it."""
    return create_async_engine(own_ground.superuser_url, poolclass=NullPool)


async def credential_of(ground: Ground) -> str:
    owner = database.connect(ground.owner_url, ground.settings)
    tenant_id = await actions.create_tenant(owner, "left alone")
    made = await actions.create_key(owner, tenant_id, Role.STOREFRONT, None)
    await owner.close()
    return made.credential


@asynccontextmanager
async def claims_locked(looker: AsyncEngine, locked: bool) -> AsyncIterator[None]:
    """Meanwhile nobody can file a claim: whoever gets a connection waits inside the database."""
    async with looker.begin() as db:
        await db.execute(text("LOCK TABLE claims IN EXCLUSIVE MODE" if locked else "SELECT 1"))
        yield


def body_of(number: int) -> bytes:
    """The same bytes each time: others would be another request."""
    return json.dumps(kettle(metadata={"n": str(number)})).encode()


async def hang_up(url: httpx.URL, credential: str, number: int, stay_seconds: float) -> bool:
    """Files a claim and is gone after a moment, in the middle of the answer if need be; whether one had begun."""
    body = body_of(number)
    head = (
        f"POST /v1/claims HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: Bearer {credential}\r\n"
        f"Idempotency-Key: gone-{number}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(head.encode() + body)
    try:
        async with asyncio.timeout(stay_seconds):
            return bool(await reader.read(1))
    except TimeoutError:
        return False
    finally:
        writer.transport.abort()  # a reset: this client does not say good-bye


async def calm_seconds(url: str, credential: str, first: int) -> float:
    """How long this machine takes for as many clients at once, when all of them stay."""
    began = monotonic()
    stays = (hang_up(httpx.URL(url), credential, first + number, LONGEST_SECONDS) for number in range(AT_ONCE))
    assert all(await asyncio.gather(*stays))
    return monotonic() - began


async def storm(url: str, credential: str, clients: int, longest: float) -> int:
    """So many clients, 20 at once; how many had seen the beginning of an answer."""
    chance, slots = Random(SEED), asyncio.Semaphore(AT_ONCE)  # noqa: S311 - to be repeatable

    async def one(number: int, stay_seconds: float) -> bool:
        async with slots:
            return await hang_up(httpx.URL(url), credential, number, stay_seconds)

    stays = [LONGEST_SECONDS if chance.random() < PATIENT else chance.uniform(0, longest) for _ in range(clients)]
    return sum(await asyncio.gather(*(one(number, stay) for number, stay in enumerate(stays))))


@pytest.mark.parametrize("locked", [False, True], ids=["free", "lock held"])
async def test_clients_that_hang_up_leave_nothing_behind(
    own_ground: Ground, looker: AsyncEngine, tmp_path: Path, locked: bool, full_size: bool
) -> None:
    clients, pool_size = 500 if full_size else 100, own_ground.settings.database_pool_size
    credential = await credential_of(own_ground)

    async def quiet() -> bool:
        return set(await states(looker)) <= {"idle"}

    async def file(client: httpx.AsyncClient, number: int) -> int:
        key = {"Idempotency-Key": f"gone-{number}", "Content-Type": "application/json"}
        return (await client.post("/v1/claims", content=body_of(number), headers=key)).status_code

    log = tmp_path / "server.log"
    with log.open("wb") as lines, service(environment(own_ground.settings), log=lines.fileno()) as running:
        headers = {"Authorization": f"Bearer {credential}"}
        async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=LONGEST_SECONDS) as client:
            await calm_seconds(running.url, credential, first=-AT_ONCE)  # opens the connections
            longest = await calm_seconds(running.url, credential, first=-2 * AT_ONCE)
            async with claims_locked(looker, locked):
                answered = await storm(running.url, credential, clients, longest)
            await until(quiet, LONGEST_SECONDS)
            after = await asyncio.gather(*(file(client, number) for number in range(pool_size)))
            await until(quiet, LONGEST_SECONDS)
            backends = await states(looker)
        code = await asyncio.to_thread(running.end)

    async with looker.connect() as db:
        stored = [row.n for row in await db.execute(FILED)]
    said = log.read_text()
    print(
        f"N12: {clients} clients hung up within {longest:.2f} s, {answered} of them in mid-answer; "
        f"{len(stored)} claims, {len(backends)} backends"
    )
    assert 0 < answered < clients, "they left neither before nor after"
    assert after == [201] * pool_size, "keys of clients that left are good for those that come back"
    assert len(backends) <= pool_size + 2
    assert set(stored) >= set(range(pool_size))
    assert len(stored) == len(set(stored)), "a client that left and came back has one claim"
    assert [line for line in said.splitlines() if "internal_fault" in line or "garbage collector" in line] == []
    assert "never awaited" not in said
    assert code == 0
    await nothing_is_violated(own_ground)
