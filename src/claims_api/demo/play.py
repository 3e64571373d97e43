"""Plays `stories.json` against a server of its own: every fact printed is taken from an answer and checked."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import httpx

from claims_api import launch
from claims_api.access import actions
from claims_api.access.scopes import Role, Scope
from claims_api.kit import clock
from claims_api.kit.settings import Settings

START_TIMEOUT_SECONDS = 20
PATIENCE_SECONDS = 20.0  # for what the worker does meanwhile; it may still be starting
STORIES = json.loads(files("claims_api.demo").joinpath("stories.json").read_text(encoding="utf-8"))
FIRST_CALL: str = STORIES["first_call"]


class NotAsPromised(Exception):
    """An answer differs from what the story says; the text names the step and the fact."""


@dataclass
class Stage:
    """The running server, one key per part in the play, and what earlier answers left to remember."""

    http: httpx.Client
    keys: dict[str, str]
    memory: dict[str, str] = field(default_factory=dict)
    checked: int = 0


def play(settings: Settings, owner_url: str | None) -> None:
    """Plays every story, then stops the server.

    Raises:
        NotAsPromised: an answer is not what the story promises.
    """
    started_at = clock.monotonic_seconds()
    keys = asyncio.run(_cast(settings, owner_url))
    with _server(settings) as url, _worker(settings), httpx.Client(base_url=url, timeout=10) as http:
        print(f"The service listens on {url} ({clock.monotonic_seconds() - started_at:.1f} s to ready).")
        stage = Stage(http, keys)
        for story in STORIES["stories"]:
            print(f"\n== {story['title']}")
            for step in story["steps"]:
                _perform(stage, step)
    seconds = clock.monotonic_seconds() - started_at
    print(f"\nDone: {stage.checked} facts checked in {seconds:.1f} s. Everything the demo started is stopped.")


async def _cast(settings: Settings, owner_url: str | None) -> dict[str, str]:
    """A fresh tenant, and a key for every part."""
    keys: dict[str, str] = {}
    async with launch.owner_database(settings, owner_url) as database:
        tenants = {name: await actions.create_tenant(database, name) for name in STORIES["tenants"]}
        for name, part in STORIES["parts"].items():
            scopes = frozenset(Scope(word) for word in part["scopes"]) if "scopes" in part else None
            made = await actions.create_key(
                database, tenants[part["tenant"]], Role(part["role"]), scopes, partner=part.get("partner")
            )
            keys[name] = made.credential
    print(f"Made {len(tenants)} tenant(s) and {len(keys)} keys: {', '.join(keys)}.")
    return keys


@contextmanager
def _server(settings: Settings) -> Iterator[str]:
    """A service process on a free loopback port; ended by SIGTERM, so the drain is played too."""
    with _process(settings, "serve", "--port", "0", "--announce") as process:
        assert process.stdout is not None  # noqa: S101 - asked for by `_process`
        line = process.stdout.readline()
        if not line:
            raise NotAsPromised("the service did not start; its own words are above.")
        yield str(json.loads(line)["url"])


@contextmanager
def _worker(settings: Settings) -> Iterator[None]:
    """What brings events to the feed."""
    with _process(settings, "worker"):
        yield


@contextmanager
def _process(settings: Settings, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """A process of the service's own, on the stories' day, so that their dates stay true."""
    urls = {"CLAIMS_DATABASE_URL": settings.database_url, "CLAIMS_DATABASE_URL_WORKER": settings.database_url_worker}
    own = {name: url.get_secret_value() for name, url in urls.items() if url is not None}
    environment = os.environ | own | {"CLAIMS_CLOCK": STORIES["clock"], "CLAIMS_LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-m", "claims_api", *words]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(START_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _perform(stage: Stage, step: dict[str, Any]) -> None:
    """Sends one request (or the same by several parts at once), checks its facts, prints what came back."""
    if "race" in step:
        _race(stage, step)
        return
    expected = step["expect"]
    answer = _send_until(stage, step) if step.get("wait") else _send(stage, step, step.get("as"))
    _same(stage, step, "status", answer.status_code, expected["status"])
    body = answer.json() if answer.content else None
    for path, value in _filled(expected.get("facts", {}), stage.memory).items():
        _same(stage, step, path, pick(body, path), value)
    for name, value in expected.get("headers", {}).items():
        _same(stage, step, name, answer.headers.get(name), value)
    for name, path in step.get("remember", {}).items():
        found = answer.headers[path[1:]] if path.startswith("@") else pick(body, path)
        stage.memory[name] = str(found)
    shown = {name: pick(body, path) for name, path in step.get("show", {}).items()}
    words = "; ".join(f"{name}: {_text(value)}" for name, value in shown.items())
    print(f"  {answer.status_code}  {step['say']}" + (f"\n       {words}" if words else ""))

    for event in pick(body, "data") if step.get("timeline") else ():
        print(f"       {event['seq']:>2}  {event['recorded_at'][:19]}Z  {event['actor']['kind']:<9} {event['type']}")


def _send_until(stage: Stage, step: dict[str, Any]) -> httpx.Response:
    """The answer once its facts are there, or the last one when patience is over."""
    facts = _filled(step["expect"]["facts"], stage.memory)
    give_up_at = clock.monotonic_seconds() + PATIENCE_SECONDS
    while True:
        answer = _send(stage, step, step.get("as"))
        is_there = answer.is_success and all(pick(answer.json(), path) == fact for path, fact in facts.items())
        if is_there or clock.monotonic_seconds() > give_up_at:
            return answer
        time.sleep(0.05)


def _send(stage: Stage, step: dict[str, Any], part: str | None) -> httpx.Response:
    request = _filled(step["request"], stage.memory)
    headers = dict(request.get("headers", {}))
    if part is not None:
        headers["Authorization"] = f"Bearer {stage.keys.get(part) or _filled(part, stage.memory)}"
        if part in STORIES["parts"] and "actor" in STORIES["parts"][part]:
            headers["Claims-Actor"] = STORIES["parts"][part]["actor"]
    return stage.http.request(request["method"], request["path"], headers=headers, json=request.get("json"))


def _race(stage: Stage, step: dict[str, Any]) -> None:
    """The same request by several parts at the same moment; who wins is open, how many win is not."""
    with ThreadPoolExecutor(len(step["race"])) as at_once:
        answers = list(at_once.map(lambda part: _send(stage, step, part), step["race"]))
    statuses = sorted(answer.status_code for answer in answers)
    _same(stage, step, "statuses", statuses, step["expect"]["statuses"])
    print(f"  {' '.join(map(str, statuses))}  {step['say']}")
    for part, answer in zip(step["race"], answers, strict=True):
        body = answer.json()
        print(f"       {part}: {_text(body.get('title') or body['status'])}")


def pick(value: Any, path: str) -> Any:
    """The part of a JSON value at `rules.withdrawal_days.value` or `errors.0.pointer`; None where there is none."""
    for part in path.split(".") if path else ():
        if isinstance(value, list):
            value = value[int(part)] if part.isdigit() and int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def _filled(value: Any, memory: dict[str, str]) -> Any:
    """Puts remembered values in the place of `{name}`."""
    match value:
        case str():
            for name, known in memory.items():
                value = value.replace("{" + name + "}", known)
            return value
        case dict():
            return {key: _filled(item, memory) for key, item in value.items()}
        case list():
            return [_filled(item, memory) for item in value]
        case _:
            return value


def _same(stage: Stage, step: dict[str, Any], name: str, found: object, promised: object) -> None:
    if found != promised:
        raise NotAsPromised(f"{step['say']!r}: {name} is {found!r}, the story says {promised!r}.")
    stage.checked += 1


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
