"""Problem documents: every class complete, every document RFC 9457, and nothing of the caller's in it."""

import json
import re

import pytest

import claims_api.main  # noqa: F401 - every problem of the service
from claims_api.kit.problems import (
    MAX_ERRORS,
    InputError,
    InternalFault,
    InvalidRequest,
    Problem,
    ScopeMissing,
    known_problems,
    statuses_of,
)

KINDS = known_problems()
CLASS_BY_STATUS = {409: {True, False}, 500: {True}, 503: {True}}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_every_problem_is_complete(kind: type[Problem]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", kind.code)
    assert kind.title.endswith(".")
    assert kind.way_out.endswith(".")
    assert 400 <= kind.status < 600
    assert "__doc__" in vars(kind)
    assert kind.__doc__
    assert kind.__doc__ != Problem.__doc__


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_every_document_has_the_members_of_the_contract(kind: type[Problem]) -> None:
    document = json.loads(kind().body("https://api.example.com", "req_1", "7" * 32))
    assert list(document) == ["type", "title", "status", "detail", "code", "request_id", "trace_id", "retryable"]
    assert document["type"] == f"https://api.example.com/problems/{kind.code}"
    assert document["retryable"] is kind.retryable


def test_only_what_may_pass_later_is_retryable() -> None:
    retryable = {kind.status for kind in KINDS.values() if kind.retryable}
    assert retryable <= {409, 429, 500, 503}
    assert all(kind.retryable for kind in KINDS.values() if kind.status >= 500)


def test_codes_and_titles_are_unique() -> None:
    assert len({kind.title for kind in KINDS.values()}) == len(KINDS)


def test_errors_are_listed_with_pointer_code_and_sentence_and_end_at_twenty() -> None:
    faults = tuple(InputError(f"/lines/{place}", "missing", "It is missing.") for place in range(MAX_ERRORS + 5))
    document = json.loads(InvalidRequest(errors=faults).body("https://x", "req_1", "7" * 32))
    assert document["errors"][0] == {"pointer": "/lines/0", "code": "missing", "detail": "It is missing."}
    assert len(document["errors"]) == MAX_ERRORS


def test_named_members_stand_beside_the_others() -> None:
    document = ScopeMissing(required_scope="claims:read").document("https://x", "req_1", "7" * 32)
    assert document["required_scope"] == "claims:read"


def test_a_named_member_never_replaces_one_of_the_contract() -> None:
    document = ScopeMissing(status=200, code="fine").document("https://x", "req_1", "7" * 32)
    assert (document["status"], document["code"]) == (403, "scope-missing")


def test_a_fault_of_ours_has_no_detail_of_its_own() -> None:
    assert InternalFault().document("https://x", "req_1", "7" * 32)["detail"] == InternalFault.title


def test_a_code_knows_every_status_it_comes_with() -> None:
    found = {code: statuses_of(kind) for code, kind in KINDS.items() if len(statuses_of(kind)) > 1}

    assert found == {"unknown-region": [404, 422]}  # in a path, in a body
