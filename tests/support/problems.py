"""What every refusal of the service must look like."""

import httpx

from claims_api.kit.problems import MEDIA_TYPE, known_problems

MEMBERS = {"type", "title", "status", "detail", "code", "request_id", "retryable"}


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
    if pointers:
        assert pointers_of(document) == list(pointers), shown
    return document


def pointers_of(document: dict[str, object]) -> list[str]:
    """Where the faults are, in the order given."""
    errors = document.get("errors", [])
    assert isinstance(errors, list)
    return [error["pointer"] for error in errors]
