"""Load over HTTP: wrk when it is installed, else a client of our own that costs more of the machine."""

import asyncio
import json
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import uvloop

from benchmarks.ground import NotMeasured

CONNECTIONS = 32
MARK = "@mark@"
PATIENCE_SECONDS = 30
MOST_REFUSED = 0.05
SCRIPT = Path(__file__).with_name("wrk.lua")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """What is sent again and again. With a body it is a POST, and each one gets a mark of its own in body and key."""

    url: str
    headers: dict[str, str]
    body: str | None = None


@dataclass(frozen=True)
class Answers:
    """How many good ones came in how long, and how many were refused (503 under overload, say) or lost."""

    count: int
    seconds: float
    refused: int


Load: TypeAlias = Callable[[Request, float], Answers]


def chosen_load(wants_own: bool, connections: int = CONNECTIONS) -> tuple[str, Load]:
    """The load to use and its name in words."""
    wrk = None if wants_own else shutil.which("wrk")
    if wrk is not None:
        return "wrk", lambda request, seconds: _by_wrk(wrk, connections, request, seconds)
    why = "asked for" if wants_own else "wrk is not installed"
    return f"our own client ({why}; it takes CPU from the server and Postgres)", partial(_by_ourselves, connections)


def marks() -> Iterator[str]:
    """32 characters each, different in every run."""
    begin = secrets.token_hex(8)
    return (f"{begin}{number:016d}" for number in count())


def _by_wrk(wrk: str, connections: int, request: Request, seconds: float) -> Answers:
    headers = [part for name, value in request.headers.items() for part in ("-H", f"{name}: {value}")]
    sized = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", str(SCRIPT)]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as body:
        body.write(request.body or "")
        body.flush()
        own = ["--", body.name, secrets.token_hex(8)] if request.body is not None else []
        run = subprocess.run(
            [wrk, *sized, *headers, request.url, *own],
            capture_output=True,
            text=True,
            timeout=seconds + PATIENCE_SECONDS,
            check=False,
        )
    if run.returncode != 0:
        raise NotMeasured(f"wrk failed: {run.stderr.strip() or run.stdout.strip()}")
    said = json.loads(run.stdout.strip().splitlines()[-1])
    return _judged(request, Answers(said["answers"] - said["failed"], said["seconds"], said["failed"]))


def _judged(request: Request, answers: Answers) -> Answers:
    """What was refused is not counted; when it is much, nothing is measured."""
    if answers.count == 0 or answers.refused > MOST_REFUSED * answers.count:
        raise NotMeasured(f"{request.url}: {answers.refused} requests failed, {answers.count} did not.")
    return answers


def _by_ourselves(connections: int, request: Request, seconds: float) -> Answers:
    return uvloop.run(_together(connections, request, seconds))


async def _together(connections: int, request: Request, seconds: float) -> Answers:
    fresh = marks()
    began = time.perf_counter()
    async with asyncio.timeout(seconds + PATIENCE_SECONDS):
        found = await asyncio.gather(*(_one(request, fresh, began + seconds) for _ in range(connections)))
    good, refused = sum(each[0] for each in found), sum(each[1] for each in found)
    return _judged(request, Answers(good, time.perf_counter() - began, refused))


async def _one(request: Request, fresh: Iterator[str], until: float) -> tuple[int, int]:
    """One connection, one request after the other: how many were answered well, and how many were not."""
    place = urlsplit(request.url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    good = refused = 0
    try:
        while time.perf_counter() < until:
            writer.write(_bytes(request, fresh))
            head = await reader.readuntil(b"\r\n\r\n")
            if length := _LENGTH.search(head):
                await reader.readexactly(int(length[1]))
            is_good = head[9:10] in (b"2", b"3")
            good, refused = good + is_good, refused + (not is_good)
    finally:
        writer.close()
    return good, refused


def _bytes(request: Request, fresh: Iterator[str]) -> bytes:
    place = urlsplit(request.url)
    headers, body, method = dict(request.headers), "", "GET"
    if request.body is not None:
        mark = next(fresh)
        method, body = "POST", request.body.replace(MARK, mark)
        headers |= {"Idempotency-Key": mark, "Content-Length": str(len(body.encode()))}
    asked = place.path + (f"?{place.query}" if place.query else "")
    lines = [f"{method} {asked} HTTP/1.1", f"Host: {place.netloc}", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
