"""Credentials: their form, what is stored of them, and how long a live key is remembered."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from claims_api.access import actions, queries
from claims_api.access.actions import KeyRing, NewKey, UnknownTenant, hash_secret, parse_credential
from claims_api.access.queries import ApiKey
from claims_api.access.scopes import DEFAULT_SCOPES, Role, Scope
from claims_api.kit import clock, ids
from tests.conftest import Tenant
from tests.support.statements import count_statements

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
SECRET = "A" * 43


def key_with(**given: object) -> ApiKey:
    stored: dict[str, object] = {
        "tenant_id": uuid4(),
        "id": uuid4(),
        "role": Role.STOREFRONT,
        "scopes": frozenset[Scope](),
        "secret_hash": b"",
        "created_at": NOW,
        "expires_at": None,
        "revoked_at": None,
    }
    return ApiKey(**(stored | given))  # type: ignore[arg-type]  # a table of keywords


LIVES = {
    "no end": ({}, True),
    "ends later": ({"expires_at": NOW + timedelta(seconds=1)}, True),
    "ends now": ({"expires_at": NOW}, False),
    "ended": ({"expires_at": NOW - timedelta(days=1)}, False),
    "revoked": ({"revoked_at": NOW}, False),
    "revoked, would end later": ({"revoked_at": NOW, "expires_at": NOW + timedelta(days=1)}, False),
}


@pytest.mark.parametrize(("given", "is_live"), LIVES.values(), ids=LIVES.keys())
def test_a_key_lives_until_it_ends_or_is_revoked(given: dict[str, object], is_live: bool) -> None:
    assert key_with(**given).is_live(NOW) is is_live


@given(st.uuids(), st.uuids(), st.from_regex(r"[A-Za-z0-9_-]{43}", fullmatch=True))
def test_the_names_in_a_credential_read_back(tenant_id: UUID, key_id: UUID, secret: str) -> None:
    names = ids.base32(tenant_id.int << 128 | key_id.int, 52)
    found = parse_credential(f"cak_{names}_{secret}")
    assert found is not None
    assert (found.tenant_id, found.key_id, found.secret) == (tenant_id, key_id, secret)


@given(st.text(max_size=120) | st.text(max_size=60).map(lambda text: f"cak_{'0' * 52}_{text}"))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = parse_credential(text)
    assert found is None or len(found.secret) == 43


MALFORMED = [
    "",
    "cak",
    "cak_",
    "cak__",
    f"cak_{'0' * 51}_{SECRET}",
    f"cak_{'0' * 53}_{SECRET}",
    f"cak_{'0' * 52}_{SECRET}A",
]
MALFORMED += [
    f"CAK_{'0' * 52}_{SECRET}",
    f"cak_{'I' * 52}_{SECRET}",
    f"cak_{'z' * 52}_{SECRET}",
    f"cak-{'0' * 52}-{SECRET}",
]


@pytest.mark.parametrize("text", MALFORMED)
def test_another_form_is_no_credential(text: str) -> None:
    assert parse_credential(text) is None


async def test_only_the_hash_of_a_secret_is_stored(tenant: Tenant) -> None:
    made = await tenant.key(Role.STOREFRONT)
    secret = made.credential[57:]
    async with tenant.owner.transaction(tenant.id) as db:
        stored = await queries.find_key(db, tenant.id, made.key.id)
    assert stored is not None
    assert stored.secret_hash == hashlib.sha256(secret.encode()).digest() == hash_secret(secret)
    assert secret not in repr(stored) + repr(made.key)


async def test_secrets_are_never_the_same(tenant: Tenant) -> None:
    made = [await tenant.key(Role.STOREFRONT) for _ in range(20)]
    assert len({key.credential[57:] for key in made}) == 20


@pytest.mark.parametrize("role", Role)
async def test_a_key_carries_its_roles_scopes_unless_others_are_given(tenant: Tenant, role: Role) -> None:
    own, chosen = await tenant.key(role), await tenant.key(role, frozenset({Scope.CLAIMS_READ}))
    none = await tenant.key(role, frozenset())
    async with tenant.owner.transaction(tenant.id) as db:
        stored = {key.id: key.scopes for key in await queries.list_keys(db, tenant.id)}
    assert stored[own.key.id] == frozenset(DEFAULT_SCOPES[role])
    assert stored[chosen.key.id] == {Scope.CLAIMS_READ}
    assert stored[none.key.id] == frozenset()


async def test_no_key_is_made_for_a_tenant_there_is_not(tenant: Tenant) -> None:
    with pytest.raises(UnknownTenant):
        await actions.create_key(tenant.owner, uuid4(), Role.AGENT, None)


async def test_a_tenant_lists_its_own_keys_only(tenant: Tenant, other_tenant: Tenant) -> None:
    mine = await tenant.key(Role.AGENT)
    theirs = await other_tenant.key(Role.AGENT)
    async with tenant.owner.transaction(tenant.id) as db:
        assert [key.id for key in await queries.list_keys(db, tenant.id)] == [mine.key.id]
        assert await queries.list_keys(db, other_tenant.id) == []
        assert not await queries.revoke_key(db, tenant.id, theirs.key.id, NOW)


async def test_revoking_twice_keeps_the_first_instant(tenant: Tenant) -> None:
    made = await tenant.key(Role.AGENT)
    async with tenant.owner.transaction(tenant.id) as db:
        assert await queries.revoke_key(db, tenant.id, made.key.id, NOW)
        assert await queries.revoke_key(db, tenant.id, made.key.id, NOW + timedelta(days=1))
        stored = await queries.find_key(db, tenant.id, made.key.id)
    assert stored is not None
    assert stored.revoked_at == NOW


async def _proved(ring: KeyRing, made: NewKey) -> bool:
    credential = parse_credential(made.credential)
    assert credential is not None
    return await ring.prove(credential) is not None


async def test_a_remembered_key_asks_the_database_nothing(app: FastAPI, tenant: Tenant) -> None:
    ring, made = KeyRing(app.state.database), await tenant.key(Role.AGENT)
    assert await _proved(ring, made)
    with count_statements(app.state.database.tenants) as sent:
        assert await _proved(ring, made)
    assert sent == []


async def test_a_forgotten_key_is_asked_for_again(
    app: FastAPI, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring, made = KeyRing(app.state.database), await tenant.key(Role.AGENT)
    assert await _proved(ring, made)
    real = clock.monotonic_seconds
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: real() + actions.KEY_MEMORY_SECONDS)
    with count_statements(app.state.database.tenants) as sent:
        assert await _proved(ring, made)
    assert len(sent) == 1


async def test_the_memory_has_a_bound(app: FastAPI, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MAX_KEYS_IN_MEMORY", 3)
    ring = KeyRing(app.state.database)
    for _ in range(8):
        assert await _proved(ring, await tenant.key(Role.AGENT))
        assert len(ring._known) <= 3
