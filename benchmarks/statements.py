"""Statements per warm request, besides BEGIN with the tenant's setting and COMMIT; counted in this process."""

import json
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks import lookup
from benchmarks.ground import Ground, NotMeasured
from benchmarks.load import MARK, marks
from claims_api.main import create_app
from tests.support.statements import count_statements as sent_meanwhile  # the tests count with it too

MANY_LINES = 50


@dataclass(frozen=True)
class Count:
    """How many statements a request took and how many it may take."""

    request: str
    statements: int
    at_most: int


class _Counter:
    """A client of the service in this process, and what it found."""

    def __init__(self, http: httpx.AsyncClient, engine: AsyncEngine) -> None:
        self.http, self.engine = http, engine
        self.counts: list[Count] = []

    async def ask(self, what: str, at_most: int, request: httpx.Request, status: int) -> httpx.Response:
        """Sends a request and notes what it cost."""
        with sent_meanwhile(self.engine) as sent:
            answer = await self.http.send(request)
        if answer.status_code != status:
            raise NotMeasured(f"{what} answered {answer.status_code}: {answer.text}")
        self.counts.append(Count(what, len(sent), at_most))
        return answer


async def count_statements(ground: Ground, template: str) -> list[Count]:
    """The statements of each hot request.

    Raises: NotMeasured
    """
    app = create_app(ground.settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://bench") as http,
    ):
        counter = _Counter(http, app.state.database.tenants)
        for credential in (ground.tenant.shop, ground.tenant.agent):  # afterwards the keys are remembered
            await http.get("/v1/claims?limit=1", headers=_as(credential))
        await _walk(counter, ground, template)
    return counter.counts


async def _walk(counter: _Counter, ground: Ground, template: str) -> None:
    fresh, make, shop = marks(), counter.http.build_request, _as(ground.tenant.shop)
    one = json.loads(template.replace(MARK, next(fresh)))
    request = make("POST", "/v1/claims", headers=shop | _key(next(fresh)), json=one)
    filed = await counter.ask("submit, 1 line", 2, request, 201)
    many = json.loads(template.replace(MARK, next(fresh)))
    many["lines"] = [
        line | {"serial_numbers": [f"S{n}-{next(fresh)}"]} for n in range(MANY_LINES) for line in many["lines"]
    ]
    request = make("POST", "/v1/claims", headers=shop | _key(next(fresh)), json=many)
    await counter.ask(f"submit, {MANY_LINES} lines", 2, request, 201)
    path, etag = f"/v1/claims/{filed.json()['id']}", filed.headers["etag"]
    await counter.ask("read", 1, make("GET", path, headers=shop), 200)
    known = shop | {"If-None-Match": etag}
    await counter.ask("read, not changed (304)", 1, make("GET", path, headers=known), 304)
    agent = _as(ground.tenant.agent) | {"Claims-Actor": "bench"} | _key(next(fresh))
    step: dict[str, Any] = {"transition": "start_review"}
    await counter.ask("transition", 5, make("POST", f"{path}/transitions", headers=agent, json=step), 200)
    await counter.ask("read, changed since the ETag", 2, make("GET", path, headers=known), 200)
    await counter.ask("list", 1, make("GET", "/v1/claims?limit=20", headers=shop), 200)
    for what, asked in zip(("policy lookup", "policy lookup with dates"), lookup.paths(), strict=True):
        await counter.ask(what, 0, make("GET", asked, headers=shop), 200)


def _as(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}"}


def _key(mark: str) -> dict[str, str]:
    return {"Idempotency-Key": mark}
