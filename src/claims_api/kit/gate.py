"""The gate around the application, as pure ASGI: who asks (ids), what is let in, and running it again when it may."""

import asyncio
import random
import re
import secrets
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from claims_api.kit import clock, logs, metrics
from claims_api.kit.headers import RequestHeader
from claims_api.kit.problems import (
    MEDIA_TYPE,
    BodyTooLarge,
    InputError,
    InternalFault,
    InvalidRequest,
    MalformedHeader,
    NotAcceptable,
    Problem,
    ResourceBusy,
    Unavailable,
    UnsupportedMediaType,
)
from claims_api.kit.retry import PAUSES_SECONDS, Verdict, database_verdict

MAX_BODY_BYTES = 1 << 20
RETRY_AFTER = {"Retry-After": "1"}
REQUEST_ID = RequestHeader(
    "X-Request-Id",
    "Names this request in the answer's `X-Request-Id`, in problems and in our log: 1 to 64 of A-Z a-z 0-9 . _ -. "
    "Anything else is replaced by a name of ours.",
    "order-100-try-2",
)
TRACEPARENT = RequestHeader(
    "traceparent",
    "The trace this request belongs to, as W3C Trace Context 1 has it: problems and our log carry its id. Another form "
    "is passed over, and a trace begins here.",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_JSON = re.compile(rb"application/(?:[\w.+-]+\+)?json\s*(?:;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)
_ACCEPTS_JSON = re.compile(
    rb"(?:^|,)\s*(?:\*/\*|application/(?:\*|json|problem\+json))\s*(?:;(?!\s*q=0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)",
    re.IGNORECASE,
)


class Gate:
    """Gives every request its ids, one log line and its metrics, and turns whatever fails inside into a problem."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        self.public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = _folded(scope["headers"])
        request_id, trace_id = _request_id(headers), _trace_id(headers)
        scope.setdefault("state", {}).update(request_id=request_id, trace_id=trace_id)
        logs.bind(request_id, trace_id)
        started_at, status = clock.monotonic_seconds(), 0

        async def outward(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _finished(message.get("headers", ()), request_id)
                message["headers"] += scope["state"].get("rate_limit", ())  # once the caller is known
            await send(message)

        try:
            await self._guarded(scope, headers, receive, outward)
        except Exception as error:
            logs.fault(error)
            if status:
                raise
            await self.answer(scope, outward, InternalFault())
        finally:
            metrics.observe(scope, status, clock.monotonic_seconds() - started_at)
            logs.access(scope, status, clock.monotonic_seconds() - started_at)

    async def _guarded(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        try:
            _refuse_request(scope, headers)
            body = await _read_body(headers, receive)
        except Problem as problem:
            await self.answer(scope, send, problem)
            return
        if body is not None:
            await self._run(scope, body, receive, send)

    async def _run(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        """Runs the request, again when the database asks for it; nothing was sent yet, since commit comes first."""
        scope["state"]["body"] = body
        if scope["method"] != "GET":  # the same key on every try: a commit whose answer was lost never acts twice
            scope["state"]["server_key"] = secrets.token_hex(16)
        for pause in (*PAUSES_SECONDS, None):
            started = False

            async def watched(message: Message) -> None:
                nonlocal started
                started = True
                await send(message)

            try:
                await self.app(scope, _replay(body, receive), watched)
                return
            except Exception as error:
                verdict = database_verdict(error)
                if started or verdict is None:
                    raise
                metrics.database_refusals.labels(verdict).inc()
                if verdict is Verdict.RETRY and pause is not None:
                    await asyncio.sleep(pause)
                    continue
                problem = (ResourceBusy if verdict is Verdict.LOCKED else Unavailable)(headers=RETRY_AFTER)
                logs.refusal(verdict, error)
                await self.answer(scope, send, problem)
                return

    async def answer(self, scope: Scope, send: Send, problem: Problem) -> None:
        """Sends a problem document."""
        body = problem.body(self.public_url, scope["state"]["request_id"], scope["state"]["trace_id"])
        headers = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), "cache-control": "no-store"}
        pairs = [(name.lower().encode(), value.encode()) for name, value in (headers | problem.headers).items()]
        await send({"type": "http.response.start", "status": problem.status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})


def _folded(sent: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """One value per name; a header sent twice reads as a list (RFC 9110, section 5.3)."""
    found: dict[bytes, bytes] = {}
    for name, value in sent:
        found[name] = found[name] + b", " + value if name in found else value
    return found


def _refuse_request(scope: Scope, headers: dict[bytes, bytes]) -> None:
    """What no route could use, by headers and URL alone.

    Raises:
        Problem: see the classes.
    """
    if scope["query_string"]:
        _refuse_query(scope["query_string"])
    if scope["path"].startswith("/v1") and not _ACCEPTS_JSON.search(headers.get(b"accept", b"*/*")):
        raise NotAcceptable
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        raise MalformedHeader(errors=(InputError("header:Content-Length", "malformed", "Not a number of bytes."),))
    if len(length) > 12 or int(length) > MAX_BODY_BYTES:
        raise BodyTooLarge(limit_bytes=MAX_BODY_BYTES, headers={"Connection": "close"})
    has_body = int(length) > 0 or b"transfer-encoding" in headers
    if has_body and (b"content-encoding" in headers or not _JSON.fullmatch(headers.get(b"content-type", b""))):
        raise UnsupportedMediaType


def _refuse_query(sent: bytes) -> None:
    query = unquote_to_bytes(sent.replace(b"+", b" "))
    try:
        query.decode()
    except UnicodeDecodeError:
        raise InvalidRequest(errors=(InputError("query:", "not-utf-8", "The query is not UTF-8."),)) from None
    if b"\0" in query:
        raise InvalidRequest(errors=(InputError("query:", "character-not-allowed", "The query holds NUL."),))


async def _read_body(headers: dict[bytes, bytes], receive: Receive) -> bytes | None:
    """The whole body, None when the client left before its end; refuses as soon as it is too large."""
    if headers.get(b"content-length", b"0") == b"0" and b"transfer-encoding" not in headers:
        return b""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY_BYTES:
            raise BodyTooLarge(limit_bytes=MAX_BODY_BYTES, headers={"Connection": "close"})
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once more, then whatever the client does."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _finished(headers: Iterable[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    """Adds what every answer carries; an answer without an ETag is not to be stored by anybody."""
    found = list(headers)
    names = {name.lower() for name, _ in found}
    found.append((b"x-request-id", request_id.encode()))
    found.append((b"x-content-type-options", b"nosniff"))
    found.append((b"referrer-policy", b"no-referrer"))
    if b"etag" not in names and b"cache-control" not in names:
        found.append((b"cache-control", b"no-store"))
    return found


def _request_id(headers: dict[bytes, bytes]) -> str:
    sent = headers.get(b"x-request-id", b"")
    return sent.decode() if _REQUEST_ID.fullmatch(sent) else f"req_{random.getrandbits(96):024x}"


def _trace_id(headers: dict[bytes, bytes]) -> str:
    found = _TRACEPARENT.fullmatch(headers.get(b"traceparent", b""))
    return found[1].decode() if found else f"{random.getrandbits(128):032x}"
