"""Sends a request as a server hands it on, byte for byte, where a client library would tidy up first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

Headers = Iterable[tuple[bytes, bytes]]


@dataclass
class Answer:
    """What came back, and how many pieces of the body were taken."""

    messages: list[Message] = field(default_factory=list)
    pieces_taken: int = 0

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode().lower(): value.decode() for name, value in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])


async def send(
    app: ASGIApp,
    method: str,
    target: str,
    headers: Headers = (),
    pieces: Iterable[bytes] = (b"",),
    *,
    ends: bool = True,
) -> Answer:
    """One request; its body arrives in these pieces, then the client hangs up, in mid-body unless it `ends`."""
    waiting = iter(pieces)
    coming = next(waiting, None)
    found = Answer()

    async def receive() -> Message:
        nonlocal coming
        if coming is None:
            return {"type": "http.disconnect"}
        piece, coming = coming, next(waiting, None)
        found.pieces_taken += 1
        return {"type": "http.request", "body": piece, "more_body": coming is not None or not ends}

    async def take(message: Message) -> None:
        found.messages.append(message)

    await app(_scope(method, target, headers), receive, take)
    return found


def _scope(method: str, target: str, headers: Headers) -> dict[str, object]:
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"claims.test"), *headers],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
    }
