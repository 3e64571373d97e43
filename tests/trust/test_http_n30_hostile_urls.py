"""N30: no path and no query brings the service down, on any read of the contract; nothing of them is echoed."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI
from pydantic import Field

from claims_api.access.actions import Caller
from claims_api.access.routes import allowed_to
from claims_api.access.scopes import Role, Scope
from claims_api.kit import database
from claims_api.kit.settings import Environment, Settings
from claims_api.kit.strict import StrictRoute
from claims_api.main import create_app, openapi_document
from tests.conftest import Ground, Tenant, client_of
from tests.support import wire
from tests.support.app import create_test_app
from tests.support.problems import refused

PATH = "/v1/test-rows"
CANARY = "c4n4ry"

queries = APIRouter(prefix="/v1", route_class=StrictRoute, include_in_schema=False)
Writer = Annotated[Caller, allowed_to(Scope.CLAIMS_WRITE)]


@queries.get("/test-queries")
async def take_queries(
    who: Writer, limit: Annotated[int, Field(ge=1, le=100)] = 20, status: Literal["open", "closed"] | None = None
) -> None: ...


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def wider_app(ground: Ground, owner: database.Database) -> AsyncIterator[FastAPI]:
    made = create_test_app(ground.settings)
    made.include_router(queries)
    async with made.router.lifespan_context(made):
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def wider(wider_app: FastAPI, tenant: Tenant) -> AsyncIterator[httpx.AsyncClient]:
    made = await tenant.key(Role.STOREFRONT)
    async with client_of(wider_app, {"Authorization": f"Bearer {made.credential}"}) as client:
        yield client


QUERIES = {
    "limit=-1": "query:limit",
    "limit=0": "query:limit",
    "limit=101": "query:limit",
    "limit=9223372036854775807": "query:limit",
    "limit=12345678901234567890": "query:limit",
    "limit=" + "9" * 5_000: "query:limit",
    "limit=NaN": "query:limit",
    "limit=1e2": "query:limit",
    "limit=": "query:limit",
    "limit=c4n4ry": "query:limit",
    "limit=1&limit=2": "query:limit",
    "limit[]=1": "query:?",
    "LIMIT=1": "query:?",
    "offset=-1": "query:?",
    "c4n4ry=1": "query:?",
    "=c4n4ry": "query:?",
    "c4n4ry": "query:?",
    "status=c4n4ry": "query:status",
    "status=open%00": "query:",
    "status=%ed%a0%80": "query:",
    "status=%ff": "query:",
    "%00=1": "query:",
    "q=" + "c4n4ry" * 1_000: "query:?",
}


@pytest.mark.parametrize(("query", "pointer"), QUERIES.items(), ids=[query[:40] for query in QUERIES])
async def test_a_hostile_query_is_refused_by_the_name_of_its_parameter(
    wider: httpx.AsyncClient, query: str, pointer: str
) -> None:
    answer = await wider.get(f"/v1/test-queries?{query}")
    refused(answer, 422, "invalid-request", pointer)
    assert CANARY not in answer.text
    assert len(answer.content) < 4_096


async def test_a_query_within_bounds_is_taken(wider: httpx.AsyncClient) -> None:
    for query in ("", "?", "?limit=1", "?limit=100&status=open", "?status=closed", "?limit=%31"):
        assert (await wider.get(f"/v1/test-queries{query}")).status_code == 200


def _reads() -> list[tuple[str, dict[str, Any]]]:
    """Every GET of the contract, and the test app's own."""
    settings = Settings(environment=Environment.DEVELOPMENT)
    paths = openapi_document(create_app(settings))["paths"]
    return [(path, item["get"]) for path, item in paths.items() if "get" in item] + [(f"{PATH}/{{row}}", {})]


READS = _reads()
HOSTILE_WORDS = {
    "a surrogate in UTF-8": "%ed%a0%80",
    "NUL": "%00",
    "NUL in a word": "c4n4ry%00",
    "bytes that are not UTF-8": "%ff%fe",
    "half an escape": "c4n4ry%",
    "20 digits": "12345678901234567890",
    "5,000 digits": "9" * 5_000,
    "minus one": "-1",
    "2^63 - 1": "9223372036854775807",
    "NaN": "NaN",
    "1e400": "1e400",
    "an instant before year 1": "0001-01-01T00:00:00%2B14:00",
    "a date that is none": "2026-02-30",
    "SQL": "c4n4ry'%20OR%20'1'='1'--",
    "a path": "..%2f..%2f..%2fetc%2fpasswd",
    "a line break": "c4n4ry%0d%0aSet-Cookie:%20a=b",
    "markup": "%3Cscript%3Ec4n4ry%3C/script%3E",
    "an emoji": "%F0%9F%94%A7c4n4ry",
    "right to left": "%E2%80%AEc4n4ry",
    "4,000 characters": "c4n4ry" * 700,
    "a template": "%7B%7B7*7%7D%7Dc4n4ry",
}


def _refused_or_fine(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    assert CANARY not in answer.text
    assert "set-cookie" not in answer.headers
    if answer.status_code >= 400:
        assert answer.status_code in (404, 422)
        refused(answer, answer.status_code, answer.json()["code"])


@pytest_asyncio.fixture(loop_scope="session")
async def reader(tenant: Tenant) -> AsyncIterator[httpx.AsyncClient]:
    async with await tenant.client(Role.STOREFRONT, frozenset(Scope)) as client:
        yield client


@pytest.mark.parametrize("word", HOSTILE_WORDS.values(), ids=HOSTILE_WORDS.keys())
@pytest.mark.parametrize("path", [path for path, _ in READS if "{" in path])
async def test_a_hostile_word_in_a_path_is_not_found(reader: httpx.AsyncClient, path: str, word: str) -> None:
    parts = path.split("/")
    for place, part in enumerate(parts):
        if part.startswith("{"):
            answer = await reader.get("/".join([*parts[:place], word, *parts[place + 1 :]]))
            _refused_or_fine(answer)
            assert answer.status_code >= 400


@pytest.mark.parametrize("word", HOSTILE_WORDS.values(), ids=HOSTILE_WORDS.keys())
@pytest.mark.parametrize(("path", "operation"), READS, ids=[path for path, _ in READS])
async def test_a_hostile_word_in_a_query_is_refused_or_ignored(
    reader: httpx.AsyncClient, path: str, operation: dict[str, Any], word: str
) -> None:
    declared = [given["name"] for given in operation.get("parameters", []) if given["in"] == "query"]
    for query in (f"nobody_knows_this={word}", f"{word}=1", *(f"{name}={word}" for name in declared)):
        answer = await reader.get(f"{path}?{query}")
        _refused_or_fine(answer)


@pytest.mark.parametrize("path", [path for path, _ in READS if path.startswith("/v1")])
async def test_a_query_parameter_nobody_reads_is_refused(reader: httpx.AsyncClient, path: str) -> None:
    answer = await reader.get(path, params={"nobody_knows_this": CANARY})
    refused(answer, 422, "invalid-request", "query:?")


@pytest.mark.parametrize("path", [path for path, _ in READS if path.startswith("/v1")])
async def test_a_read_without_a_credential_is_refused_before_anything_else(
    anonymous: httpx.AsyncClient, path: str
) -> None:
    refused(await anonymous.get(path, params={"nobody_knows_this": CANARY}), 401, "unauthenticated")


async def test_bytes_a_client_library_would_escape_are_refused_too(app: FastAPI, tenant: Tenant) -> None:
    made = await tenant.key(Role.STOREFRONT)
    sign_in = [(b"authorization", f"Bearer {made.credential}".encode())]
    for target in (f"{PATH}/%00", f"{PATH}/%ed%a0%80", f"{PATH}/a%2fb", f"{PATH}/\x01", f"{PATH}/row_1?a\x01=%0"):
        answer = await wire.send(app, "GET", target, sign_in)
        assert answer.status in (404, 422), target
