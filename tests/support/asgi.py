"""Talks to an app without a client between: what is sent, in which order, and what a client's leaving does."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import FastAPI
from starlette.types import Message

Listener = Callable[[Message], None]


@dataclass
class Exchange:
    """One request as the server sees it."""

    path: str
    headers: dict[str, str]
    method: str = "POST"
    body: bytes = b""
    breaks_off: bool = False  # the client is gone in the middle of its body
    sent: list[Message] = field(default_factory=list)
    on_send: Listener | None = None

    @property
    def statuses(self) -> list[int]:
        return [message["status"] for message in self.sent if message["type"] == "http.response.start"]

    async def run(self, app: FastAPI) -> None:
        """Runs the request to its end."""
        given = False

        async def receive() -> Message:
            nonlocal given
            if given:
                return {"type": "http.disconnect"}
            given = True
            body = self.body[:-1] if self.breaks_off else self.body
            return {"type": "http.request", "body": body, "more_body": self.breaks_off}

        async def send(message: Message) -> None:
            if self.on_send is not None:
                self.on_send(message)
            self.sent.append(message)

        await app(self._scope(), receive, send)

    def _scope(self) -> dict[str, object]:
        lines = {"content-length": str(len(self.body)), "content-type": "application/json"} | self.headers
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in lines.items()],
            "client": ("127.0.0.1", 1),
            "server": ("claims.test", 80),
        }


def storing(word: str, headers: dict[str, str]) -> Exchange:
    """A `POST /v1/test-rows`."""
    return Exchange("/v1/test-rows", headers, body=json.dumps({"word": word}).encode())
