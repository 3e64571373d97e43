"""N22: only a live key opens the door, a scope only its own room, and no refusal says why."""

import hmac
import re
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from claims_api.access import actions, queries
from claims_api.access.actions import KEY_MEMORY_SECONDS, NewKey
from claims_api.access.scopes import Role, Scope
from claims_api.kit import clock, ids
from tests.conftest import Tenant, client_of
from tests.support.problems import refused

PATH = "/v1/test-rows"
BODY = {"word": "kettle"}
MALFORMED_JSON = b'{"word": '
JSON = {"Content-Type": "application/json"}
BAD_KEYS = 1_000
ALG_NONE = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsInNjb3BlIjoiY2xhaW1zOndyaXRlIn0."


def bearer(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}"}


def with_other_secret(credential: str) -> str:
    last = "A" if credential[-1] != "A" else "B"
    return credential[:-1] + last


FORGERIES: dict[str, Callable[[str], str]] = {
    "nothing after Bearer": lambda key: "Bearer ",
    "no scheme": lambda key: key,
    "another scheme": lambda key: f"Token {key}",
    "basic": lambda key: "Basic YWRtaW46YWRtaW4=",
    "basic with the key": lambda key: f"Basic {key}",
    "garbage": lambda key: "Bearer garbage",
    "a JWT that claims no algorithm": lambda key: f"Bearer {ALG_NONE}",
    "another prefix": lambda key: f"Bearer {key.replace('cak_', 'trk_', 1)}",
    "truncated": lambda key: f"Bearer {key[:-1]}",
    "one character longer": lambda key: f"Bearer {key}A",
    "no secret": lambda key: f"Bearer {key.rpartition('_')[0]}",
    "another secret": lambda key: f"Bearer {with_other_secret(key)}",
    "names in upper case": lambda key: f"Bearer {key[:56].upper()}{key[56:]}",
    "names that overflow": lambda key: f"Bearer cak_{'z' * 52}_{key[57:]}",
    "the tenant and key of nobody": lambda key: f"Bearer cak_{'0' * 52}_{key[57:]}",
    "a second word": lambda key: f"Bearer {key} {key}",
    "not ASCII": lambda key: f"Bearer {key[:-1]}ü",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_forged_credential_is_refused(
    anonymous: httpx.AsyncClient, tenant: Tenant, forge: Callable[[str], str]
) -> None:
    made = await tenant.key(Role.STOREFRONT)
    header = forge(made.credential).encode("latin-1")
    answer = await anonymous.post(PATH, json=BODY, headers={b"Authorization": header})
    document = refused(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert made.credential[57:] not in str(document)


async def test_no_credential_is_refused_with_the_way_in(anonymous: httpx.AsyncClient) -> None:
    for answer in (await anonymous.post(PATH, json=BODY), await anonymous.get(f"{PATH}/row_unknown")):
        refused(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == 'Bearer realm="claims_api"'


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_is_read_in_any_case(anonymous: httpx.AsyncClient, tenant: Tenant, scheme: str) -> None:
    made = await tenant.key(Role.STOREFRONT)
    headers = {"Authorization": f"{scheme} {made.credential}"}
    assert (await anonymous.post(PATH, json=BODY, headers=headers)).status_code == 201


async def test_an_expired_key_is_refused_at_once_even_when_remembered(app: FastAPI, tenant: Tenant) -> None:
    ends_at = clock.now() + timedelta(hours=1)
    made = await actions.create_key(tenant.owner, tenant.id, Role.STOREFRONT, None, ends_at)
    async with client_of(app, bearer(made.credential)) as client:
        assert (await client.post(PATH, json=BODY)).status_code == 201
        clock.set_to(ends_at)
        refused(await client.post(PATH, json=BODY), 401, "unauthenticated")


async def _revoke(tenant: Tenant, made: NewKey) -> None:
    async with tenant.owner.transaction(tenant.id) as db:
        assert await queries.revoke_key(db, tenant.id, made.key.id, clock.now())


async def test_a_revocation_is_felt_within_five_seconds(
    app: FastAPI, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert KEY_MEMORY_SECONDS < 5
    made = await tenant.key(Role.STOREFRONT)
    async with client_of(app, bearer(made.credential)) as client:
        assert (await client.post(PATH, json=BODY)).status_code == 201
        await _revoke(tenant, made)
        real = clock.monotonic_seconds
        monkeypatch.setattr(clock, "monotonic_seconds", lambda: real() + 5)
        refused(await client.post(PATH, json=BODY), 401, "unauthenticated")
        monkeypatch.undo()
        refused(await client.post(PATH, json=BODY), 401, "unauthenticated")


async def test_use_does_not_prolong_the_memory_of_a_revoked_key(
    app: FastAPI, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await tenant.key(Role.STOREFRONT)
    begun = clock.monotonic_seconds()
    async with client_of(app, bearer(made.credential)) as client:
        for later in (0, 1.5, 3, 3.9):
            monkeypatch.setattr(clock, "monotonic_seconds", lambda later=later: begun + later)
            assert (await client.post(PATH, json=BODY)).status_code == 201
            if not later:
                await _revoke(tenant, made)
        monkeypatch.setattr(clock, "monotonic_seconds", lambda: begun + 5)
        refused(await client.post(PATH, json=BODY), 401, "unauthenticated")


async def test_while_a_key_is_rotated_both_are_live(app: FastAPI, tenant: Tenant) -> None:
    old, new = await tenant.key(Role.STOREFRONT), await tenant.key(Role.STOREFRONT)
    async with client_of(app, bearer(old.credential)) as before, client_of(app, bearer(new.credential)) as after:
        assert (await before.post(PATH, json=BODY)).status_code == 201
        assert (await after.post(PATH, json=BODY)).status_code == 201
    await _revoke(tenant, old)
    fresh_memory = actions.KeyRing(app.state.database)
    old_text, new_text = (actions.parse_credential(key.credential) for key in (old, new))
    assert old_text is not None
    assert new_text is not None
    assert await fresh_memory.prove(old_text) is None
    assert await fresh_memory.prove(new_text) is not None


@pytest.mark.parametrize("name", ["access_token", "api_key", "key", "authorization", "token"])
async def test_a_key_in_the_query_is_never_accepted(
    anonymous: httpx.AsyncClient, api: httpx.AsyncClient, tenant: Tenant, name: str
) -> None:
    made = await tenant.key(Role.STOREFRONT)
    refused(await anonymous.post(PATH, json=BODY, params={name: made.credential}), 401, "unauthenticated")
    answer = await api.post(PATH, json=BODY, params={name: made.credential})
    refused(answer, 422, "invalid-request", "query:?")
    assert made.credential not in answer.text


async def test_a_key_in_the_body_or_a_cookie_is_not_a_credential(anonymous: httpx.AsyncClient, tenant: Tenant) -> None:
    made = await tenant.key(Role.STOREFRONT)
    cookie = {"Cookie": f"Authorization=Bearer {made.credential}"}
    refused(await anonymous.post(PATH, json=BODY | {"key": made.credential}, headers=cookie), 401, "unauthenticated")


WRONG_SCOPES = {
    "none at all": frozenset[Scope](),
    "reading is not writing": frozenset({Scope.CLAIMS_READ}),
    "every scope but the right one": frozenset(Scope) - {Scope.CLAIMS_WRITE},
}


@pytest.mark.parametrize("scopes", WRONG_SCOPES.values(), ids=WRONG_SCOPES.keys())
async def test_a_missing_scope_is_named(tenant: Tenant, scopes: frozenset[Scope]) -> None:
    async with await tenant.client(Role.STOREFRONT, scopes) as client:
        document = refused(await client.post(PATH, json=BODY), 403, "scope-missing")
    assert document["required_scope"] == "claims:write"


async def test_the_names_of_one_tenant_with_the_secret_of_another_are_refused(
    anonymous: httpx.AsyncClient, tenant: Tenant, other_tenant: Tenant
) -> None:
    mine, theirs = await tenant.key(Role.STOREFRONT), await other_tenant.key(Role.STOREFRONT)
    crossed_names = ids.base32(other_tenant.id.int << 128 | mine.key.id.int, 52)
    spliced = {
        "their names, my secret": theirs.credential[:57] + mine.credential[57:],
        "their tenant, my key, my secret": f"cak_{crossed_names}_{mine.credential[57:]}",
    }
    for name, credential in spliced.items():
        answer = await anonymous.post(PATH, json=BODY, headers=bearer(credential))
        assert answer.status_code == 401, name


async def test_a_thousand_wrong_secrets_are_refused_by_constant_time_comparison(
    app: FastAPI, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await tenant.key(Role.STOREFRONT)
    compared: list[bool] = []
    real = hmac.compare_digest

    def spy(one: bytes, two: bytes) -> bool:
        compared.append(real(one, two))
        return compared[-1]

    monkeypatch.setattr(hmac, "compare_digest", spy)
    async with client_of(app) as client:
        for number in range(BAD_KEYS):
            wrong = f"{made.credential[:57]}{number:043d}"
            answer = await client.get(f"{PATH}/row_unknown", headers=bearer(wrong))
            assert answer.status_code == 401
    assert compared == [False] * BAD_KEYS


async def test_a_thousand_unknown_keys_are_refused_and_not_remembered(app: FastAPI, tenant: Tenant) -> None:
    ring = actions.KeyRing(app.state.database)
    for _ in range(BAD_KEYS):
        unknown = actions.Credential(tenant.id, ids.new_uuid(), "A" * 43)
        assert await ring.prove(unknown) is None
    assert not ring._known


async def test_every_refusal_of_a_credential_reads_the_same(anonymous: httpx.AsyncClient, tenant: Tenant) -> None:
    made = await tenant.key(Role.STOREFRONT)
    expired = await actions.create_key(tenant.owner, tenant.id, Role.STOREFRONT, None, clock.now())
    revoked = await tenant.key(Role.STOREFRONT)
    await _revoke(tenant, revoked)
    unknown = f"cak_{ids.base32(tenant.id.int << 128, 52)}_{'A' * 43}"
    wrong = with_other_secret(made.credential)
    same = {"X-Request-Id": "same", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    answers = [
        await anonymous.post(PATH, json=BODY, headers=bearer(credential) | same)
        for credential in ("garbage", unknown, wrong, expired.credential, revoked.credential)
    ]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1


async def test_unauthenticated_comes_before_anything_about_the_body(anonymous: httpx.AsyncClient) -> None:
    refused(await anonymous.post(PATH, content=MALFORMED_JSON, headers=JSON), 401, "unauthenticated")
    refused(await anonymous.post(PATH, json={"nonsense": 1}), 401, "unauthenticated")
    refused(await anonymous.post(PATH, json=BODY, params={"unknown": "1"}), 401, "unauthenticated")
    refused(await anonymous.post(PATH, json=BODY, headers={"Idempotency-Key": ""}), 401, "unauthenticated")
    refused(await anonymous.post(PATH, json=BODY, headers={"Claims-Actor": "a b"}), 401, "unauthenticated")


async def test_the_missing_scope_comes_before_anything_about_the_body(tenant: Tenant) -> None:
    async with await tenant.client(Role.STOREFRONT, frozenset({Scope.CLAIMS_READ})) as client:
        refused(await client.post(PATH, content=MALFORMED_JSON, headers=JSON), 403, "scope-missing")
        refused(await client.post(PATH, json={"nonsense": 1}), 403, "scope-missing")
        refused(await client.post(PATH, json=BODY, params={"unknown": "1"}), 403, "scope-missing")
        refused(await client.post(PATH, json=BODY, headers={"Claims-Actor": "a b"}), 403, "scope-missing")


ACTORS = {
    "empty": [b""],
    "a space": [b"a b"],
    "65 characters": [b"a" * 65],
    "an e-mail address": [b"anna@example.com"],
    "not ASCII": ["jürgen".encode()],
    "a slash": [b"staff/anna"],
    "a newline at the end": [b"anna\n"],
    "NUL": [b"anna\0"],
    "two of them": [b"anna", b"berta"],
}


@pytest.mark.parametrize("values", ACTORS.values(), ids=ACTORS.keys())
async def test_a_malformed_actor_is_a_malformed_header(api: httpx.AsyncClient, values: list[bytes]) -> None:
    answer = await api.post(PATH, json=BODY, headers=[(b"Claims-Actor", value) for value in values])
    refused(answer, 400, "malformed-header", "header:Claims-Actor")


@pytest.mark.parametrize("actor", ["a", "a" * 64, "anna.b_c:d-E9"])
async def test_a_well_formed_actor_passes(api: httpx.AsyncClient, actor: str) -> None:
    assert (await api.post(PATH, json=BODY, headers={"Claims-Actor": actor})).status_code == 201


async def test_the_stored_form_of_a_key_does_not_hold_its_secret(tenant: Tenant) -> None:
    made = await tenant.key(Role.STOREFRONT)
    async with tenant.owner.transaction(tenant.id) as db:
        stored = str(await queries.list_keys(db, tenant.id))
    assert made.credential[57:] not in stored
    assert re.fullmatch(r"cak_[0-9a-hjkmnp-tv-z]{52}_[A-Za-z0-9_-]{43}", made.credential)
