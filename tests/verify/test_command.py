"""`claims-api verify`: 0 when all holds, 1 with the rows named, 2 with a sentence when nothing can be said."""

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from claims_api import launch
from claims_api.access import actions
from claims_api.cli.verify import VIOLATED
from claims_api.kit import database, embedded_postgres, ids
from claims_api.kit.embedded_postgres import EmbeddedServer
from claims_api.main import create_app
from claims_api.verify.actions.report import SHOWN_OF_A_KIND
from tests.conftest import Ground, Tenant, lay_ground
from tests.support.claims import Claim, Team
from tests.support.command import Ended, command
from tests.support.processes import environment, run

Brand = tuple[UUID, list[Claim]]


@pytest.fixture
def fresh(postgres: EmbeddedServer, tmp_path: Path) -> Ground:
    return lay_ground(postgres, tmp_path)


def filed(ground: Ground, count: int) -> Brand:
    """A tenant with so many claims."""

    async def made() -> Brand:
        app = create_app(ground.settings)
        async with (
            app.router.lifespan_context(app),
            launch.owner_database(ground.settings, ground.owner_url) as owner,
            AsyncExitStack() as stack,
        ):
            tenant = Tenant(app, owner, await actions.create_tenant(owner, "checked"))
            team = Team(tenant, stack)
            return tenant.id, [await team.file() for _ in range(count)]

    return asyncio.run(made())


def spoil(ground: Ground, tenant_id: UUID) -> None:
    """Every claim of the tenant has an assignee of whom its log knows nothing."""

    async def changed() -> None:
        opened = database.connect(ground.owner_url, ground.settings)
        async with opened.transaction(tenant_id) as db:
            await db.execute(text("UPDATE claims SET assignee = 'mallory'"))
        await opened.close()

    asyncio.run(changed())


def verify(ground: Ground, *words: str, owner_url: str | None = None) -> Ended:
    env = environment(ground.settings, CLAIMS_DATABASE_URL_DIRECT=owner_url or ground.owner_url)
    return command("verify", "--jobs", "1", *words, env=env)


def test_all_tenants_hold(fresh: Ground) -> None:
    filed(fresh, 2)
    filed(fresh, 1)

    done = verify(fresh)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Everything holds: 2 tenants done, 3 claims, ")


def test_what_does_not_hold_is_counted_and_its_first_rows_are_named(fresh: Ground) -> None:
    tenant_id, claims = filed(fresh, SHOWN_OF_A_KIND + 2)
    filed(fresh, 1)
    spoil(fresh, tenant_id)

    done = verify(fresh)

    lines = done.stdout.splitlines()
    assert done.returncode == VIOLATED
    assert lines[0] == f"state-differs: The stored claim is not the one its log tells of. {SHOWN_OF_A_KIND + 2} found."
    assert lines[1] == f"  {ids.encode('ten', tenant_id)} {claims[0]['id']} (assignee)"
    assert lines[SHOWN_OF_A_KIND + 1] == "  and 2 more"
    assert lines[-1].startswith("22 violations: 2 tenants done, 23 claims, ")


def test_one_tenant_alone_is_checked_and_told_as_json(fresh: Ground) -> None:
    spoiled, _ = filed(fresh, 1)
    other, _ = filed(fresh, 1)
    spoil(fresh, spoiled)

    of_spoiled = verify(fresh, "--json", "--tenant", ids.encode("ten", spoiled))
    of_other = verify(fresh, "--json", "--tenant", ids.encode("ten", other))

    said, told = json.loads(of_spoiled.stdout), json.loads(of_other.stdout)
    assert (of_spoiled.returncode, said["holds"], said["violations"]) == (1, False, {"state-differs": 1})
    assert [(row["code"], row["tenant"], row["detail"]) for row in said["rows"]] == [
        ("state-differs", ids.encode("ten", spoiled), "assignee")
    ]
    assert (of_other.returncode, told["holds"], told["tenants"], told["claims"]) == (0, True, 1, 1)


def test_processes_that_share_the_claims_find_what_one_does(fresh: Ground) -> None:
    tenant_id, _ = filed(fresh, SHOWN_OF_A_KIND + 2)
    spoil(fresh, tenant_id)
    env = environment(fresh.settings, CLAIMS_DATABASE_URL_DIRECT=fresh.owner_url)

    alone, shared = verify(fresh, "--json"), run("claims_api", "verify", "--jobs", "3", "--json", env=env)

    assert (alone.returncode, shared.returncode) == (VIOLATED, VIOLATED)
    assert json.loads(shared.stdout) | {"seconds": 0} == json.loads(alone.stdout) | {"seconds": 0}


def assert_nothing_said(done: Ended, *words: str) -> None:
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    for word in words:
        assert word in done.stderr


def test_a_database_that_was_never_migrated_is_said_in_a_sentence(postgres: EmbeddedServer, ground: Ground) -> None:
    name = f"test_{uuid4().hex[:12]}"
    asyncio.run(embedded_postgres.prepare(postgres, name, owner=launch.OWNER, logins=(launch.LOGIN,)))

    done = verify(ground, owner_url=postgres.url(launch.OWNER, name))

    assert_nothing_said(done, "lacks migration", "claims-api migrate")


def test_a_database_that_cannot_be_reached_is_said_in_a_sentence(ground: Ground, unused_tcp_port: int) -> None:
    done = verify(ground, owner_url=f"postgresql+asyncpg://claims_owner@127.0.0.1:{unused_tcp_port}/claims")

    assert_nothing_said(done, "Is the database reachable")


def test_a_login_that_sees_no_tenants_is_not_told_that_all_holds(ground: Ground) -> None:
    url = ground.settings.database_url
    assert url is not None

    assert_nothing_said(verify(ground, owner_url=url.get_secret_value()), "may not list the tenants")


@pytest.mark.parametrize(
    ("tenant", "words"),
    [("ten_x", "--tenant takes an id"), (ids.encode("ten", UUID(int=7)), "There is no tenant with this id")],
)
def test_a_tenant_that_is_none_is_said(ground: Ground, tenant: str, words: str) -> None:
    assert_nothing_said(verify(ground, "--tenant", tenant), words)


def test_without_the_owners_login_it_says_what_to_set(ground: Ground) -> None:
    assert_nothing_said(command("verify", env=environment(ground.settings)), "CLAIMS_DATABASE_URL_DIRECT")
