"""Tenants and keys are made, shown and taken back at the command line; a secret is printed once and stored never."""

import asyncio
import json
from collections.abc import Callable
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from claims_api.access.actions import hash_secret, parse_credential
from claims_api.access.scopes import DEFAULT_SCOPES, Role
from claims_api.kit import ids
from tests.conftest import Ground, client_of
from tests.support.command import Ended, command
from tests.support.processes import environment, run

Cli = Callable[..., Ended]
NO_TENANT = ids.encode("ten", UUID(int=7))


@pytest.fixture(scope="module")
def cli(ground: Ground) -> Cli:
    """`claims-api ...` as an operator runs it, with both URLs set."""
    env = environment(ground.settings, CLAIMS_DATABASE_URL_DIRECT=ground.owner_url)

    def call(*words: str) -> Ended:
        return command(*words, env=env)

    return call


@pytest.fixture(scope="module")
def tenant_id(cli: Cli) -> str:
    return cli("tenants", "create", "A brand of ours").stdout.strip()


@pytest.fixture(scope="module")
def made(cli: Cli, tenant_id: str) -> dict[str, object]:
    done = cli("keys", "create", "--tenant", tenant_id, "--role", "storefront", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return dict(json.loads(done.stdout))


def assert_refused(done: Ended, code: int, *words: str) -> None:
    """A sentence on standard error and nothing else: no stack, no SQL."""
    assert done.returncode == code
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "[SQL" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 6
    for word in words:
        assert word in done.stderr


def test_a_real_process_prints_one_json_object_and_exits_with_0(ground: Ground, tenant_id: str) -> None:
    env = environment(ground.settings, CLAIMS_DATABASE_URL_DIRECT=ground.owner_url)

    done = run("claims_api", "keys", "create", "--tenant", tenant_id, "--role", "partner", "--json", env=env)

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["role"] == "partner"


def test_a_tenant_gets_an_id(tenant_id: str) -> None:
    assert ids.decode("ten", tenant_id) is not None


def test_a_key_is_printed_as_exactly_five_facts(made: dict[str, object], tenant_id: str) -> None:
    assert set(made) == {"id", "key", "tenant", "role", "scopes"}
    assert made["tenant"] == tenant_id
    assert made["role"] == "storefront"
    assert made["scopes"] == sorted(DEFAULT_SCOPES[Role.STOREFRONT])


async def test_only_the_hash_of_a_key_is_stored(made: dict[str, object], superuser: AsyncEngine) -> None:
    credential = parse_credential(str(made["key"]))
    assert credential is not None
    async with superuser.connect() as db:
        row = (
            await db.execute(text("SELECT k, secret_hash FROM api_keys k WHERE id = :id"), {"id": credential.key_id})
        ).one()

    assert row.secret_hash == hash_secret(credential.secret)
    assert credential.secret not in str(row)


def test_scopes_that_are_asked_for_are_given_and_no_others(cli: Cli, tenant_id: str) -> None:
    done = cli(
        "keys", "create", "--tenant", tenant_id, "--role", "agent", "--scopes", "claims:read, claims:decide", "--json"
    )

    assert json.loads(done.stdout)["scopes"] == ["claims:decide", "claims:read"]


def test_without_json_the_key_alone_is_printed(cli: Cli, tenant_id: str) -> None:
    done = cli("keys", "create", "--tenant", tenant_id, "--role", "admin")

    assert parse_credential(done.stdout.strip()) is not None


async def test_a_key_is_listed_without_its_secret_and_is_dead_once_revoked(
    cli: Cli, app: FastAPI, tenant_id: str
) -> None:
    async def called(*words: str) -> Ended:
        return await asyncio.to_thread(cli, "keys", *words)

    made = json.loads((await called("create", "--tenant", tenant_id, "--role", "storefront", "--json")).stdout)
    async with client_of(app, {"Authorization": f"Bearer {made['key']}"}) as client:
        before = await client.get("/v1/test-rows/none")
    listed = await called("list", "--tenant", tenant_id, "--json")
    revoked = [(await called("revoke", "--tenant", tenant_id, made["id"])).returncode for _ in range(2)]
    after = [json.loads(line) for line in (await called("list", "--tenant", tenant_id, "--json")).stdout.splitlines()]

    assert before.status_code == 404  # let in, found nothing
    assert made["id"] in listed.stdout
    assert made["key"].rpartition("_")[2] not in listed.stdout
    assert revoked == [0, 0]  # once more changes nothing
    assert [key["live"] for key in after if key["id"] == made["id"]] == [False]


def test_a_partners_key_says_whose_parcels_it_is_for_when_it_is_made_and_when_it_is_listed(
    cli: Cli, tenant_id: str
) -> None:
    done = cli("keys", "create", "--tenant", tenant_id, "--role", "partner", "--partner", "Repair.Co:2_a-b", "--json")

    made = json.loads(done.stdout)
    listed = [json.loads(line) for line in cli("keys", "list", "--tenant", tenant_id, "--json").stdout.splitlines()]
    assert made["partner"] == "Repair.Co:2_a-b"
    assert [key.get("partner") for key in listed if key["id"] == made["id"]] == ["Repair.Co:2_a-b"]
    assert "Repair.Co:2_a-b" in cli("keys", "list", "--tenant", tenant_id).stdout


@pytest.mark.parametrize("name", ["", "two words", "x" * 65, "Größe", "a/b", "tab\t", "line\n"])
def test_a_partners_name_is_one_word_of_plain_characters(cli: Cli, name: str) -> None:
    done = cli("keys", "create", "--tenant", NO_TENANT, "--role", "partner", "--partner", name)

    assert_refused(done, 2, "A partner's name has 1 to 64 characters")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PARTNER])
def test_only_a_partners_key_is_for_somebodys_parcels(cli: Cli, role: Role) -> None:
    done = cli("keys", "create", "--tenant", NO_TENANT, "--role", role, "--partner", "dhl")

    assert_refused(done, 2, "--role partner only")


REFUSALS = {
    "unknown tenant": (("keys", "create", "--tenant", NO_TENANT, "--role", "agent"), 1, "no tenant with this id"),
    "a word as a tenant": (("keys", "create", "--tenant", "acme", "--role", "agent"), 2, "ten_01k"),
    "unknown scope": (
        ("keys", "create", "--tenant", NO_TENANT, "--role", "agent", "--scopes", "root"),
        1,
        "claims:read",
    ),
    "no scope": (("keys", "create", "--tenant", NO_TENANT, "--role", "agent", "--scopes", ""), 1, "claims:read"),
    "unknown role": (("keys", "create", "--tenant", NO_TENANT, "--role", "king"), 2, "storefront"),
    "no role": (("keys", "create", "--tenant", NO_TENANT), 2, "--role"),
    "unknown key": (
        ("keys", "revoke", "--tenant", NO_TENANT, ids.encode("key", UUID(int=7))),
        1,
        "no key with this id",
    ),
    "a word as a key": (("keys", "revoke", "--tenant", NO_TENANT, "mine"), 1, "no key with this id"),
    "unknown revision": (("migrate", "0"), 1, "revision"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_done_is_said_in_a_sentence(cli: Cli, case: str) -> None:
    words, code, said = REFUSALS[case]

    done = cli(*words)

    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert said in done.stderr


BAD_NAMES = {
    "empty": "",
    "blank": " \u3000\u00a0",
    "201 characters": "x" * 201,
    "two lines": "A brand\nof ours",
    "a tab": "A\tbrand",
    "an escape": "\x1b[31mred",
    "C1": "A\x85brand",
    "line separator": "A\u2028brand",
    "not UTF-8": "A\udcffbrand",
}


@pytest.mark.parametrize("case", BAD_NAMES)
def test_a_tenants_name_is_one_line_that_can_be_read(cli: Cli, case: str) -> None:
    assert_refused(cli("tenants", "create", BAD_NAMES[case]), 2, "A tenant's name is one line of 1 to 200 characters")


@pytest.mark.parametrize("name", ["M", "x" * 200, "Müller & Söhne", "株式会社", "می‌خواهم", "👩‍🔧 Repairs"])
def test_a_tenants_name_may_be_of_any_script(cli: Cli, name: str) -> None:
    assert json.loads(cli("tenants", "create", name, "--json").stdout)["name"] == name


def test_the_services_own_login_makes_no_tenant(ground: Ground) -> None:
    login = ground.settings.database_url
    assert login is not None
    env = environment(ground.settings, CLAIMS_DATABASE_URL_DIRECT=login.get_secret_value())

    assert_refused(command("tenants", "create", "x", env=env), 1, "permission denied")


def test_without_the_owners_url_it_says_what_to_set(ground: Ground) -> None:
    done = command("tenants", "create", "x", env=environment(ground.settings))

    assert_refused(done, 1, "CLAIMS_DATABASE_URL_DIRECT")
