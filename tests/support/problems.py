"""What every refusal of the service must look like."""

import re

import httpx

from claims_api.kit.problems import MEDIA_TYPE, known_problems

MEMBERS = {"type", "title", "status", "detail", "code", "request_id", "trace_id", "retryable"}
OF_ONE_REQUEST = {"request_id", "trace_id"}


def refused(answer: httpx.Response, status: int, code: str, *pointers: str) -> dict[str, object]:
    """The problem document of an answer, after checking that it is this one and complete."""
    shown = f"{answer.status_code} {answer.text[:300]}"
    assert answer.status_code == status, shown
    assert answer.headers["content-type"] == MEDIA_TYPE, shown
    assert answer.headers["cache-control"] == "no-store", shown
    document: dict[str, object] = answer.json()
    kind = known_problems()[code]
    assert document.keys() >= MEMBERS, shown
    assert (document["code"], document["status"], document["title"]) == (code, status, kind.title), shown
    assert str(document["type"]).endswith(f"/problems/{code}"), shown
    assert document["request_id"] == answer.headers["x-request-id"], shown
    assert re.fullmatch(r"(?!0{32})[0-9a-f]{32}", str(document["trace_id"])), shown
    if pointers:
        assert pointers_of(document) == list(pointers), shown
    return document


def what_is_said(answer: httpx.Response) -> dict[str, object]:
    """The document without the ids of its request, to be compared with another's."""
    return {name: value for name, value in answer.json().items() if name not in OF_ONE_REQUEST}


def pointers_of(document: dict[str, object]) -> list[str]:
    """Where the faults are, in the order given."""
    errors = document.get("errors", [])
    assert isinstance(errors, list)
    return [error["pointer"] for error in errors]
