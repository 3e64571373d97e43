"""Tenants and keys have no endpoints: the command line makes, lists and revokes them."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from typer.testing import CliRunner, Result

from claims_api.access.actions import parse_credential
from claims_api.access.scopes import DEFAULT_SCOPES, Role
from claims_api.cli import app
from claims_api.kit import ids
from tests.conftest import Ground

Command = Callable[..., Result]


@pytest.fixture
def command(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> Command:
    assert ground.settings.database_url is not None
    monkeypatch.setenv("CLAIMS_ENVIRONMENT", "development")
    monkeypatch.setenv("CLAIMS_DATABASE_URL", ground.settings.database_url.get_secret_value())
    monkeypatch.setenv("CLAIMS_DATABASE_URL_DIRECT", ground.owner_url)
    return lambda *words: CliRunner().invoke(app, list(words))


@pytest.fixture
def tenant_id(command: Command) -> str:
    made = command("tenants", "create", "a brand", "--json")
    assert made.exit_code == 0, made.output
    found = json.loads(made.stdout)
    assert found["name"] == "a brand"
    return str(found["id"])


def test_a_tenant_is_made_and_its_id_printed(command: Command) -> None:
    made = command("tenants", "create", "another brand")
    assert made.exit_code == 0
    assert ids.decode("ten", made.stdout.strip()) is not None


@pytest.mark.parametrize("role", Role)
def test_a_key_is_printed_once_with_all_that_is_to_be_known(command: Command, tenant_id: str, role: Role) -> None:
    made = command("keys", "create", "--tenant", tenant_id, "--role", role, "--json")
    assert made.exit_code == 0, made.output
    found = json.loads(made.stdout)
    assert found.keys() == {"id", "key", "tenant", "role", "scopes"}
    assert (found["tenant"], found["role"]) == (tenant_id, role)
    assert found["scopes"] == sorted(DEFAULT_SCOPES[role])
    credential = parse_credential(found["key"])
    assert credential is not None
    assert ids.encode("key", credential.key_id) == found["id"]
    listed = command("keys", "list", "--tenant", tenant_id, "--json").stdout
    assert found["id"] in listed
    assert credential.secret not in listed


def test_chosen_scopes_replace_the_roles_own(command: Command, tenant_id: str) -> None:
    words = ("--tenant", tenant_id, "--role", "agent", "--scopes", "claims:read, policies:read", "--json")
    assert json.loads(command("keys", "create", *words).stdout)["scopes"] == ["claims:read", "policies:read"]


def test_two_keys_of_one_partner_are_for_the_same_parcels(command: Command, tenant_id: str) -> None:
    words = ("keys", "create", "--tenant", tenant_id, "--role", "partner", "--partner", "dhl", "--json")
    made = [json.loads(command(*words).stdout) for _ in range(2)]
    lines = command("keys", "list", "--tenant", tenant_id, "--json").stdout.splitlines()
    assert {key["id"]: key["partner"] for key in map(json.loads, lines)} == {key["id"]: "dhl" for key in made}


def test_a_revoked_key_is_listed_as_no_longer_live(command: Command, tenant_id: str) -> None:
    made = json.loads(command("keys", "create", "--tenant", tenant_id, "--role", "agent", "--json").stdout)
    other = json.loads(command("keys", "create", "--tenant", tenant_id, "--role", "agent", "--json").stdout)
    assert command("keys", "revoke", "--tenant", tenant_id, made["id"]).exit_code == 0
    assert command("keys", "revoke", "--tenant", tenant_id, made["id"]).exit_code == 0, "twice is fine"
    lines = command("keys", "list", "--tenant", tenant_id, "--json").stdout.splitlines()
    assert {key["id"]: key["live"] for key in map(json.loads, lines)} == {made["id"]: False, other["id"]: True}


MISTAKES = {
    "no such tenant": ("keys", "create", "--tenant", ids.encode("ten", uuid4()), "--role", "agent"),
    "not an id of a tenant": ("keys", "list", "--tenant", "brand"),
    "an unknown scope": ("keys", "create", "--tenant", "{tenant}", "--role", "agent", "--scopes", "claims:everything"),
    "an unknown role": ("keys", "create", "--tenant", "{tenant}", "--role", "king"),
    "no such key": ("keys", "revoke", "--tenant", "{tenant}", ids.encode("key", uuid4())),
    "a partner's name with a space": (
        "keys",
        "create",
        "--tenant",
        "{tenant}",
        "--role",
        "partner",
        "--partner",
        "d hl",
    ),
    "an agent of a partner": ("keys", "create", "--tenant", "{tenant}", "--role", "agent", "--partner", "dhl"),
    "not an id of a key": ("keys", "revoke", "--tenant", "{tenant}", "key"),
}


@pytest.mark.parametrize("words", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_ends_in_a_sentence_and_not_in_a_stack(
    command: Command, tenant_id: str, words: tuple[str, ...]
) -> None:
    ended = command(*(word.replace("{tenant}", tenant_id) for word in words))
    assert ended.exit_code in (1, 2)
    assert ended.stderr.strip()
    assert isinstance(ended.exception, SystemExit)


def test_without_the_owners_url_nothing_is_made(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLAIMS_DATABASE_URL_DIRECT")
    ended = command("tenants", "create", "a brand")
    assert ended.exit_code == 1
    assert "CLAIMS_DATABASE_URL_DIRECT" in ended.stderr
