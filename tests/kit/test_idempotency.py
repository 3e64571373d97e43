"""Idempotency keys: what they are made of, and the turn requests of one key take."""

import asyncio
from uuid import UUID

import pytest
from fastapi import Request

from claims_api.kit import idempotency
from claims_api.kit.idempotency import RequestKey, StoredAnswer, answer_again, read_key, turn
from claims_api.kit.problems import IdempotencyKeyReused, MalformedHeader, RequestInFlight

TENANT, OTHER_TENANT = UUID(int=1), UUID(int=2)
KEY = RequestKey(b"scope", b"fingerprint")


def request_of(
    *sent: bytes, method: str = "POST", path: str = "/v1/claims", body: bytes = b"{}", server_key: str = "s1"
) -> Request:
    headers = [(b"idempotency-key", value) for value in sent]
    state = {"body": body, "server_key": server_key}
    return Request({"type": "http", "method": method, "path": path, "headers": headers, "state": state})


def key_of(role: str = "storefront", subject: str | None = None, **given: object) -> RequestKey:
    return read_key(request_of(b"k", **given), role, subject)  # type: ignore[arg-type]  # a table of keywords


OTHERS: dict[str, RequestKey] = {
    "role": key_of(role="agent"),
    "subject": key_of(subject="clm_1"),
    "method": key_of(method="PUT"),
    "path": key_of(path="/v1/claims/clm_1"),
    "key": read_key(request_of(b"K"), "storefront", None),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_each_part_of_the_scope_counts(other: RequestKey) -> None:
    assert other.scope != key_of().scope
    assert other.fingerprint == key_of().fingerprint


def test_the_body_is_the_fingerprint_and_no_part_of_the_scope() -> None:
    other = key_of(body=b"{ }")
    assert other.scope == key_of().scope
    assert other.fingerprint != key_of().fingerprint


def test_parts_cannot_be_shifted_into_each_other() -> None:
    one = read_key(request_of(b"ab"), "c", "d")
    assert one.scope != read_key(request_of(b"a"), "bc", "d").scope
    assert one.scope != read_key(request_of(b"abc"), "", "d").scope


def test_a_client_never_reaches_a_key_of_our_own_making() -> None:
    ours = read_key(request_of(server_key="5e12"), "storefront", None)
    assert ours.scope != read_key(request_of(b"5e12"), "storefront", None).scope
    assert ours.scope != read_key(request_of(server_key="5e13"), "storefront", None).scope


@pytest.mark.parametrize("sent", [[b""], [b'""'], [b"k" * 256], [b"a b"], [b"\xe4"], [b"a", b"a"]])
def test_a_malformed_key_names_its_header(sent: list[bytes]) -> None:
    with pytest.raises(MalformedHeader) as refused:
        read_key(request_of(*sent), "storefront", None)
    assert [fault.pointer for fault in refused.value.errors] == ["header:Idempotency-Key"]


def test_an_answer_is_given_again_to_its_own_request_only() -> None:
    stored = StoredAnswer(b"fingerprint", 201, None, b"{}")
    assert answer_again(stored, KEY) is stored
    with pytest.raises(IdempotencyKeyReused):
        answer_again(stored, RequestKey(b"scope", b"other"))


async def _enter(tenant_id: UUID, key: RequestKey | None, inside: list[int], most: list[int]) -> None:
    async with turn(tenant_id, key):
        inside.append(1)
        most.append(len(inside))
        for _ in range(3):
            await asyncio.sleep(0)
        inside.pop()


async def test_requests_of_one_key_go_one_by_one() -> None:
    inside: list[int] = []
    most: list[int] = []
    await asyncio.gather(*(_enter(TENANT, KEY, inside, most) for _ in range(10)))
    assert most == [1] * 10
    assert not idempotency._turns, "nothing is kept when the last has gone"


async def test_other_keys_other_tenants_and_no_key_do_not_wait() -> None:
    inside: list[int] = []
    most: list[int] = []
    callers = [(TENANT, KEY), (OTHER_TENANT, KEY), (TENANT, RequestKey(b"x", b"")), (TENANT, None), (TENANT, None)]
    await asyncio.gather(*(_enter(tenant_id, key, inside, most) for tenant_id, key in callers))
    assert max(most) == len(callers)


async def test_who_waits_too_long_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.01)
    async with turn(TENANT, KEY):
        with pytest.raises(RequestInFlight) as refused:
            async with turn(TENANT, KEY):
                pytest.fail("two at once")
        assert int(refused.value.headers["Retry-After"]) >= 1
    async with turn(TENANT, KEY):
        assert len(idempotency._turns) == 1
    assert not idempotency._turns


async def test_a_failure_or_a_cancellation_hands_the_turn_on() -> None:
    with pytest.raises(ZeroDivisionError):
        async with turn(TENANT, KEY):
            raise ZeroDivisionError
    async with turn(TENANT, KEY):
        waiting = asyncio.create_task(_enter(TENANT, KEY, [], []))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert not idempotency._turns
