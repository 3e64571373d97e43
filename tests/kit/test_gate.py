"""The gate, as an ASGI server meets it."""

import json
from collections.abc import Sequence

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from claims_api.kit import gate
from claims_api.kit.gate import MAX_BODY_BYTES, Gate
from claims_api.kit.retry import PAUSES_SECONDS
from tests.support import wire
from tests.support.log_lines import log_lines

JSON = (b"content-type", b"application/json")


def answering(status: int = 200, headers: Sequence[tuple[bytes, bytes]] = ()) -> ASGIApp:
    """An app that reads the body and gives it back."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": message["body"]})

    return app


def failing(*errors: Exception, after_start: bool = False) -> ASGIApp:
    """An app that fails with these errors, one a try, and then answers."""
    waiting = list(errors)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if waiting:
            if after_start:
                await send({"type": "http.response.start", "status": 200, "headers": []})
            raise waiting.pop(0)
        await answering()(scope, receive, send)

    return app


def guarded(app: ASGIApp) -> Gate:
    return Gate(app, public_url="https://api.example.com")


ACCEPTED = [
    "*/*",
    "application/json",
    "application/*",
    "application/problem+json",
    "APPLICATION/JSON",
    "Application/Json;Q=1",
]
ACCEPTED += [
    "text/html, application/json;q=0.1",
    "text/html,*/*;q=0.8",
    "application/json; q=0.5",
    "application/json;v=1",
]
ACCEPTED += ["text/html;q=0.9 , application/json", "application/json;q=0.001", "image/png, */* ;q=0.1"]
REFUSED = ["text/html", "application/json;q=0", "*/*;q=0.0", "application/json; q=0.000", "application/xml", "text/*"]
REFUSED += ["application/jsonp", "xapplication/json", "*", "json", "application/json;q=0, text/html"]


@pytest.mark.parametrize(("accept", "status"), [(a, 200) for a in ACCEPTED] + [(r, 406) for r in REFUSED])
async def test_only_who_takes_json_is_served(accept: str, status: int) -> None:
    answer = await wire.send(guarded(answering()), "GET", "/v1/claims", [(b"accept", accept.encode())])
    assert answer.status == status


async def test_accept_in_two_headers_is_one_list() -> None:
    html, json_type = (b"accept", b"text/html"), (b"accept", b"application/json")
    for headers in ([html, json_type], [json_type, html]):
        assert (await wire.send(guarded(answering()), "GET", "/v1/claims", headers)).status == 200


async def test_pages_for_people_are_not_bound_to_json() -> None:
    answer = await wire.send(guarded(answering()), "GET", "/docs", [(b"accept", b"text/html")])
    assert answer.status == 200


TYPES = {
    b"application/json": 200,
    b"Application/JSON": 200,
    b"application/json; charset=utf-8": 200,
    b'application/json;charset="UTF-8"': 200,
    b"application/merge-patch+json": 200,
    b"application/json; charset=utf-16": 415,
    b"application/json; charset=utf-8; charset=utf-16": 415,
    b"text/json": 415,
    b"application/jsonx": 415,
    b"": 415,
}


@pytest.mark.parametrize(("media_type", "status"), TYPES.items())
async def test_a_body_is_json_in_utf_8(media_type: bytes, status: int) -> None:
    headers = [(b"content-type", media_type), (b"content-length", b"2")]
    assert (await wire.send(guarded(answering()), "POST", "/v1/claims", headers, [b"{}"])).status == status


async def test_without_a_body_no_type_is_asked_for() -> None:
    for headers in ([], [(b"content-length", b"0")], [(b"content-type", b"text/plain")]):
        assert (await wire.send(guarded(answering()), "POST", "/v1/claims", headers)).status == 200


async def test_the_application_gets_the_whole_body_in_one_piece() -> None:
    pieces = [b'{"a"', b"", b":", b"1}"]
    answer = await wire.send(guarded(answering()), "POST", "/v1/x", [JSON, (b"transfer-encoding", b"chunked")], pieces)
    assert (answer.status, answer.body) == (200, b'{"a":1}')


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY_BYTES, 200), (MAX_BODY_BYTES + 1, 413)])
async def test_the_cap_is_exact_with_and_without_a_length(size: int, status: int) -> None:
    for length in ((b"content-length", str(size).encode()), (b"transfer-encoding", b"chunked")):
        answer = await wire.send(guarded(answering()), "POST", "/v1/x", [JSON, length], [b"x" * size])
        assert answer.status == status


QUERIES = {"a=%00": 422, "a=%ff": 422, "%ed%a0%80": 422, "a=%E2%82%AC": 200, "a=%": 200, "a=%zz": 200, "a=%2500": 200}


@pytest.mark.parametrize(("query", "status"), QUERIES.items())
async def test_a_query_is_utf_8_without_nul(query: str, status: int) -> None:
    assert (await wire.send(guarded(answering()), "GET", f"/v1/x?{query}")).status == status


async def test_a_passing_weakness_is_tried_again_with_the_same_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PAUSES_SECONDS", (0,) * len(PAUSES_SECONDS))
    app = guarded(failing(*[ConnectionResetError()] * len(PAUSES_SECONDS)))
    answer = await wire.send(app, "POST", "/v1/x", [JSON, (b"content-length", b"2")], [b"{}"])
    assert (answer.status, answer.body) == (200, b"{}")


async def test_after_the_last_try_it_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PAUSES_SECONDS", (0,) * len(PAUSES_SECONDS))
    app = guarded(failing(*[ConnectionResetError()] * (len(PAUSES_SECONDS) + 1)))
    answer = await wire.send(app, "GET", "/v1/x")
    assert (answer.status, json.loads(answer.body)["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1


async def test_a_fault_of_ours_is_not_tried_again() -> None:
    answer = await wire.send(guarded(failing(KeyError("secret"))), "GET", "/v1/x")
    assert (answer.status, json.loads(answer.body)["code"]) == (500, "internal-fault")
    assert b"secret" not in answer.body


async def test_an_answer_that_has_begun_is_neither_repeated_nor_replaced() -> None:
    with pytest.raises(ConnectionResetError):
        await wire.send(guarded(failing(ConnectionResetError(), after_start=True)), "GET", "/v1/x")


async def test_an_etag_or_a_cache_rule_of_the_route_stands() -> None:
    rules = {
        "no-store": (),
        "": ((b"ETag", b'"1"'),),
        "private": ((b"Cache-Control", b"private"),),
    }
    for expected, headers in rules.items():
        answer = await wire.send(guarded(answering(headers=headers)), "GET", "/v1/x")
        assert answer.headers.get("cache-control", "") == expected


async def test_what_is_not_http_passes_untouched() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing() -> Message:
        return {"type": "lifespan.startup"}

    async def ignore(message: Message) -> None: ...

    await guarded(app)({"type": "lifespan"}, nothing, ignore)
    assert seen == ["lifespan"]


async def test_every_answer_is_one_line_in_the_log() -> None:
    with log_lines() as lines:
        await wire.send(guarded(answering()), "GET", "/v1/x?email=anna")
        await wire.send(guarded(answering()), "GET", "/v1/x?a=%00")
        await wire.send(guarded(failing(KeyError())), "GET", "/v1/x")
    assert [line["status"] for line in lines if line["event"] == "request"] == [200, 422, 500]
    assert len({line["request_id"] for line in lines}) == 3
    assert "anna" not in str(lines)
