"""N40: a database with claims in it goes down to every older revision, up again, and keeps what it can hold there."""

import asyncio
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from claims_api import launch
from claims_api.kit import embedded_postgres
from claims_api.kit.embedded_postgres import EmbeddedServer
from tests.conftest import lay_ground
from tests.support.catalogue import ask
from tests.support.claims import Team, kettle, key
from tests.support.feeds import empty_outbox, worker_database
from tests.support.migrations import INVALID, LATER, at_work, differences, down, live, revisions
from tests.support.parcels import Depot, number, said

COLUMNS = """
    SELECT table_name, string_agg(column_name::text, ', ' ORDER BY column_name) FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'alembic_version' GROUP BY table_name"""
BEGUN_AGAIN = ("feed_heads", "position")
"""What a revision without a feed forgets: it is filled anew, from its start."""

Held = dict[str, str]  # the columns of each table of a revision


def tables_at(url: str) -> Held:
    return {str(table): str(columns) for table, columns in ask(url, COLUMNS)}


def content(url: str, held: Held) -> dict[str, tuple[object, ...]]:
    """The number and a digest of the rows of these tables, as far as these columns go."""
    waits_again = "feed" in tables_at(url) and "feed" not in held
    found = {}
    for table, columns in held.items():
        kept = ", ".join(name for name in columns.split(", ") if "feed" in held or (table, name) != BEGUN_AGAIN)
        rows = f"SELECT {kept} FROM {table}"
        if table == "outbox" and waits_again:
            rows += f" UNION ALL SELECT {kept} FROM feed"
        found[table] = ask(url, f"SELECT count(*), md5(string_agg(x::text, ' ' ORDER BY x::text)) FROM ({rows}) x")[0]
    return found


@pytest.fixture(scope="module")
def held_at(postgres: EmbeddedServer) -> dict[str, Held]:
    """What each revision can hold."""
    name = f"test_{uuid4().hex[:12]}"
    asyncio.run(embedded_postgres.prepare(postgres, name, owner=launch.OWNER, logins=(launch.LOGIN,)))
    found = {}
    for revision in reversed(revisions()):
        launch.migrate(postgres.url(launch.OWNER, name), revision)
        found[revision] = tables_at(postgres.url("postgres", name))
    return found


async def file_many(team: Team, count: int) -> None:
    shop = await team.of("storefront")

    async def some(of: range) -> None:
        for place in of:
            answer = await shop.post("/v1/claims", json=kettle(external_ref=f"order-{place}"), headers=key())
            assert answer.status_code == 201, answer.text

    await asyncio.gather(*(some(range(first, count, 8)) for first in range(8)))


async def send_a_parcel(team: Team) -> None:
    """A claim with a parcel that somebody told of; a schema without parcels keeps its history and nothing else."""
    depot, tracking = Depot(team), number()
    await depot.register(await team.file(), tracking, direction="outbound", purpose="loan")
    await depot.tell(said(tracking, "in_transit"))


async def readable(team: Team, claims: list[str]) -> list[tuple[str, str, int]]:
    """The status and the version of claims, as the service shows them, and how many events each has."""
    found = []
    for claim in claims:
        shown = await team.read({"id": claim})
        found.append((shown["status"], str(shown["version"]), len(await team.history(shown))))
    return found


@pytest.mark.timeout(600)  # at its full size
async def test_down_to_each_older_revision_and_up_again_loses_nothing_it_can_hold(
    postgres: EmbeddedServer, tmp_path: Path, held_at: dict[str, Held], full_size: bool
) -> None:
    laid = await asyncio.to_thread(lay_ground, postgres, tmp_path)
    ground = replace(laid, settings=laid.settings.model_copy(update={"rate_limit": 100_000}))
    url = ground.superuser_url
    async with at_work(ground) as team, worker_database(ground) as worker:
        claims = await live(team, LATER)
        await file_many(team, 4_979 if full_size else 29)
        await send_a_parcel(team)
        fed = await empty_outbox(worker, team.tenant.id)
        claims += await live(team, LATER)  # whose events still wait
        filled = await asyncio.to_thread(content, url, held_at[revisions()[0]])
        before = await readable(team, claims)

        for older in revisions()[1:]:
            has = await asyncio.to_thread(content, url, held_at[older])
            await asyncio.to_thread(down, ground.owner_url, older)
            assert await asyncio.to_thread(content, url, held_at[older]) == has, f"down to {older}"
            await asyncio.to_thread(launch.migrate, ground.owner_url)
            assert await asyncio.to_thread(content, url, held_at[older]) == has, f"up from {older}"
            assert await differences(ground.owner_url) == []
            assert await asyncio.to_thread(ask, url, INVALID) == []
            if "claims" in held_at[older]:
                assert await readable(team, claims) == before, f"as the service shows it, after {older}"

    print(f"\n{filled['claims'][0]} claims, {fed} events in the feed, {filled['outbox'][0]} waiting")
    assert [table for table, (count, _) in filled.items() if not count] == [], "a table without rows shows nothing"


async def test_a_claim_that_waits_for_its_goods_keeps_the_schema_that_knows_of_it(
    postgres: EmbeddedServer, tmp_path: Path
) -> None:
    ground = await asyncio.to_thread(lay_ground, postgres, tmp_path)
    async with at_work(ground) as team:
        claim = await Depot(team).awaiting()

        with pytest.raises(IntegrityError, match="ck_claims_status_known"):
            await asyncio.to_thread(down, ground.owner_url, "0007")

        assert (await team.read(claim))["status"] == "awaiting_item"
