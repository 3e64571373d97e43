"""A network that loses answers: forwards HTTP/1.1 to a server and hangs up once the server has answered."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx

LONGEST_SECONDS = 10  # nothing here waits longer for anybody
GONE = (asyncio.IncompleteReadError, ConnectionError, TimeoutError)


@dataclass(frozen=True)
class Message:
    """One request or answer as it travels, whole."""

    head: bytes
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header, or None."""
        for row in self.head.decode("latin-1").split("\r\n")[1:]:
            given, _, value = row.partition(":")
            if given.lower() == name.lower():
                return value.strip()
        return None


@dataclass
class CuttingProxy:
    """Loses the first answer to each Idempotency-Key, somewhere before its last byte; lets all others through."""

    server: httpx.URL
    chance: random.Random
    url: str = ""
    lost: dict[str, Message] = field(default_factory=dict)

    async def serve(self, client_reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        """One connection of a client, request after request."""
        reader, server = await asyncio.open_connection(self.server.host, self.server.port)
        try:
            with suppress(*GONE):
                while await self._forward(client_reader, client, reader, server):
                    pass
        finally:
            server.close()
            client.close()

    async def _forward(
        self,
        client_reader: asyncio.StreamReader,
        client: asyncio.StreamWriter,
        reader: asyncio.StreamReader,
        server: asyncio.StreamWriter,
    ) -> bool:
        """One request and its answer; False when the client's connection was cut."""
        request = await _read(client_reader)
        server.write(request.head + request.body)
        answer = await _read(reader)
        sent, key = answer.head + answer.body, request.header("Idempotency-Key")
        if key is None or key in self.lost:
            client.write(sent)
            await client.drain()
            return True
        self.lost[key] = answer
        client.write(sent[: self.chance.randrange(len(sent))])
        await client.drain()
        client.transport.abort()  # a reset, as when a machine on the way dies
        return False


async def _read(stream: asyncio.StreamReader) -> Message:
    """The next message; it names its length, as the service and the client here always do."""
    async with asyncio.timeout(LONGEST_SECONDS):
        head = await stream.readuntil(b"\r\n\r\n")
        length = Message(head, b"").header("Content-Length")
        return Message(head, await stream.readexactly(int(length or 0)))


@asynccontextmanager
async def cutting_proxy(server: str, seed: int = 0) -> AsyncIterator[CuttingProxy]:
    """A proxy before a running server, on a free port; where it cuts follows from the seed."""
    proxy = CuttingProxy(httpx.URL(server), random.Random(seed))  # noqa: S311 - no secret
    listening = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    async with listening:
        proxy.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield proxy
