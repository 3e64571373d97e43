"""N32: what is too large is refused before it is parsed, also without a length and in parallel; the rest goes on."""

import asyncio
import json
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from claims_api.access.scopes import Role
from claims_api.kit import strict
from claims_api.kit.gate import MAX_BODY_BYTES
from tests.conftest import Tenant
from tests.support import wire
from tests.support.problems import pointers_of, refused

PATH = "/v1/test-rows"
JSON = {"Content-Type": "application/json"}
MB = 1_000_000
AT_ONCE = 8


def padded(size: int) -> bytes:
    """A good body of exactly this many bytes."""
    return b'{"word": "kettle"}'.ljust(size)


def with_keys(number: int) -> bytes:
    return json.dumps({"word": "w"} | {f"k{place}": place for place in range(number)}).encode()


def in_free_json(value: str) -> bytes:
    return f'{{"word": "w", "anything": {{"a": {value}}}}}'.encode()


LARGE = {
    "10 MB": (padded(10 * MB), 413),
    "a 10 MB string": (b'{"word": "' + b"x" * 10 * MB + b'"}', 413),
    "an array of a million": (in_free_json("[" + "1," * MB + "1]"), 413),
    "33 deep": (in_free_json("[" * 31 + "]" * 31), 422),
    "200,000 deep": (b"[" * 200_000, 422),
    "10,000 unknown keys": (with_keys(10_000), 422),
    "5,000 digits": (in_free_json("7" * 5_000), 422),
    "a million digits": (in_free_json("7" * MB), 422),
    "a million digits with a fraction": (in_free_json("7" * MB + ".5"), 422),
    "a text of a million characters": (json.dumps({"word": "x" * MB}).encode(), 422),
    "a key of a million characters": (json.dumps({"word": 7, "x" * MB: 1}).encode(), 422),
    "32 deep": (in_free_json("[" * 30 + "]" * 30), 201),
    "1,001 keys where any are welcome": (in_free_json(json.dumps(dict.fromkeys(map(str, range(1_001)), 1))), 422),
    "1,000 keys where any are welcome": (in_free_json(json.dumps(dict.fromkeys(map(str, range(1_000)), 1))), 201),
    "an array of half a million": (in_free_json("[" + "1," * 500_000 + "1]"), 201),
    "exactly as large as allowed": (padded(MAX_BODY_BYTES), 201),
    "one byte more": (padded(MAX_BODY_BYTES + 1), 413),
}


@pytest.mark.parametrize(("body", "status"), LARGE.values(), ids=LARGE.keys())
async def test_eight_at_once_are_judged_and_health_still_answers(
    api: httpx.AsyncClient, body: bytes, status: int
) -> None:
    sent = [asyncio.create_task(api.post(PATH, content=body, headers=JSON)) for _ in range(AT_ONCE)]
    healthy = await api.get("/healthz")
    answers = await asyncio.gather(*sent)
    assert healthy.status_code == 200
    assert [answer.status_code for answer in answers] == [status] * AT_ONCE
    for answer in answers:
        assert len(answer.content) < 8_192, "a refusal is short, whatever was sent"
        if status == 413:
            refused(answer, 413, "body-too-large")
        elif status == 422:
            assert len(pointers_of(refused(answer, 422, "invalid-request"))) <= 20


async def test_the_list_of_faults_has_an_end(api: httpx.AsyncClient) -> None:
    answer = await api.post(PATH, content=with_keys(900), headers=JSON)
    assert len(pointers_of(refused(answer, 422, "invalid-request"))) == 20


async def test_too_large_is_refused_before_anything_is_parsed_or_asked(
    anonymous: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strict, "parse_json", lambda body: pytest.fail("parsed"))
    answer = await anonymous.post(PATH, content=padded(MAX_BODY_BYTES + 1), headers=JSON)
    refused(answer, 413, "body-too-large")
    assert answer.headers["connection"] == "close"


async def _signed_in(tenant: Tenant, *more: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    made = await tenant.key(Role.STOREFRONT)
    sign_in = (b"authorization", f"Bearer {made.credential}".encode())
    return [sign_in, (b"content-type", b"application/json"), *more]


async def test_a_declared_length_above_the_cap_is_refused_unread(app: FastAPI, tenant: Tenant) -> None:
    headers = await _signed_in(tenant, (b"content-length", str(10 * MB).encode()))
    answer = await wire.send(app, "POST", PATH, headers, [b"x" * MB] * 10)
    assert (answer.status, answer.pieces_taken) == (413, 0)


def _endless(piece: bytes, limit: int) -> Iterator[bytes]:
    for _ in range(limit):
        yield piece
    pytest.fail(f"read all {limit} pieces")


async def test_a_chunked_body_is_cut_at_the_cap(app: FastAPI, tenant: Tenant) -> None:
    headers = await _signed_in(tenant, (b"transfer-encoding", b"chunked"))
    piece = b" " * 65_536
    answer = await wire.send(app, "POST", PATH, headers, _endless(piece, 100))
    assert answer.status == 413
    assert answer.pieces_taken == MAX_BODY_BYTES // len(piece) + 1
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"


async def test_a_chunked_body_within_the_cap_is_taken(app: FastAPI, tenant: Tenant) -> None:
    headers = await _signed_in(tenant, (b"transfer-encoding", b"chunked"))
    answer = await wire.send(app, "POST", PATH, headers, [b'{"word"', b"", b': "kett', b'le"}'])
    assert answer.status == 201, answer.body


async def test_a_body_longer_than_it_said_is_cut_at_the_cap(app: FastAPI, tenant: Tenant) -> None:
    headers = await _signed_in(tenant, (b"content-length", b"13"))
    answer = await wire.send(app, "POST", PATH, headers, [b" " * MAX_BODY_BYTES, b"{}"])
    assert answer.status == 413


async def test_a_client_that_hangs_up_in_mid_body_stores_nothing(app: FastAPI, tenant: Tenant) -> None:
    headers = await _signed_in(tenant, (b"content-length", b"18"), (b"idempotency-key", b"cut"))
    await wire.send(app, "POST", PATH, headers, [b'{"word": "ket'], ends=False)
    answer = await wire.send(app, "POST", PATH, headers, [b'{"word": "kettle"}'])
    assert answer.status == 201
    assert "idempotent-replayed" not in answer.headers
