"""N4: an Idempotency-Key is 1 to 255 visible ASCII characters, bare or quoted; anything else is a malformed header."""

from uuid import uuid4

import httpx
import pytest

from tests.support.problems import refused

PATH = "/v1/test-rows"
BODY = {"word": "kettle"}

MALFORMED = {
    "empty": [b""],
    "empty in quotes": [b'""'],
    "256 characters": [b"k" * 256],
    "256 characters in quotes": [b'"' + b"k" * 256 + b'"'],
    "NUL": [b"a\0b"],
    "a control character": [b"a\x1fb"],
    "DEL": [b"a\x7fb"],
    "a space inside": [b"a b"],
    "a space inside quotes": [b'"a b"'],
    "a tab": [b"a\tb"],
    "UTF-8": ["schlüssel".encode()],
    "Latin-1": ["schlüssel".encode("latin-1")],
    "an emoji": ["🔑".encode()],
    "sent twice": [b"one", b"two"],
    "sent twice, the same": [b"one", b"one"],
    "a second empty one": [b"one", b""],
}


@pytest.mark.parametrize("values", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_key_is_refused_by_name(api: httpx.AsyncClient, values: list[bytes]) -> None:
    answer = await api.post(PATH, json=BODY, headers=[(b"Idempotency-Key", value) for value in values])
    refused(answer, 400, "malformed-header", "header:Idempotency-Key")


WELL_FORMED = {
    "one character": "k",
    "255 characters": "k" * 255,
    "every visible character": "".join(map(chr, range(0x21, 0x7F))),
    "a UUID": str(uuid4()),
}


@pytest.mark.parametrize("key", WELL_FORMED.values(), ids=WELL_FORMED.keys())
async def test_any_visible_ascii_is_a_key(api: httpx.AsyncClient, key: str) -> None:
    first = await api.post(PATH, json=BODY, headers={"Idempotency-Key": key})
    again = await api.post(PATH, json=BODY, headers={"Idempotency-Key": key})
    assert (first.status_code, again.status_code) == (201, 201)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"


SAME = {
    "plain": ("order-42", '"order-42"'),
    "255 characters": ("k" * 255, f'"{"k" * 255}"'),
    "an escaped quote": ('a"b', r'"a\"b"'),
    "an escaped backslash": ("a\\b", r'"a\\b"'),
}


@pytest.mark.parametrize(("bare", "quoted"), SAME.values(), ids=SAME.keys())
async def test_the_quoted_and_the_bare_form_are_one_key(api: httpx.AsyncClient, bare: str, quoted: str) -> None:
    first = await api.post(PATH, json=BODY, headers={"Idempotency-Key": bare})
    again = await api.post(PATH, json=BODY, headers={"Idempotency-Key": quoted})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"


async def test_keys_differ_by_case_and_by_every_character(api: httpx.AsyncClient) -> None:
    keys = ["order-42", "ORDER-42", "order-42.", "order-4"]
    answers = [await api.post(PATH, json=BODY, headers={"Idempotency-Key": key}) for key in keys]
    assert len({answer.json()["id"] for answer in answers}) == len(keys)
