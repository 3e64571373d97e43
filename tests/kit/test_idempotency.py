"""Idempotency keys: what they are made of, and the turn requests of one key take."""

from uuid import UUID

import pytest
from fastapi import Request

from claims_api.kit.idempotency import RequestKey, StoredAnswer, answer_again, read_key
from claims_api.kit.problems import IdempotencyKeyReused, MalformedHeader

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
