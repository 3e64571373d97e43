"""N24: every refusal is a problem document, nothing tells about the inside, and nothing is open that need not be."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI, Response
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from claims_api.access.actions import Caller
from claims_api.access.routes import UnitOfWork, allowed_to, working_with
from claims_api.access.scopes import Role, Scope
from claims_api.kit import database
from claims_api.kit.gate import MAX_BODY_BYTES
from claims_api.kit.problems import Problem, known_problems
from claims_api.kit.strict import StrictRoute
from tests.conftest import BASE, Ground, Tenant, client_of
from tests.support.app import create_test_app
from tests.support.log_lines import log_lines
from tests.support.problems import refused

PATH = "/v1/test-rows"
BODY = {"word": "kettle"}
CANARY = "canary-5f1d"
TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
Reader = Annotated[Caller, allowed_to(Scope.CLAIMS_READ)]
Worker = Annotated[UnitOfWork, working_with(Scope.CLAIMS_READ)]

faulty = APIRouter(prefix="/v1", route_class=StrictRoute, include_in_schema=False)


@faulty.get("/test-faults/code")
async def break_in_code(who: Reader) -> None:
    raise RuntimeError(CANARY)


@faulty.get("/test-faults/statement")
async def break_in_a_statement(work: Worker) -> None:
    await work.db.execute(text(f"SELECT '{CANARY}' FROM no_such_table"))


@faulty.get("/test-faults/constraint")
async def break_a_constraint(work: Worker) -> None:
    statement = text("INSERT INTO test_rows (tenant_id, id, word) VALUES (:tenant, NULL, :word)")
    await work.db.execute(statement, {"tenant": work.caller.tenant_id, "word": CANARY})


@faulty.get("/test-faults/answer")
async def break_in_the_answer(who: Reader) -> dict[str, int]:
    return {"number": CANARY}  # type: ignore[dict-item]  # the fault under test


@faulty.get("/test-faults/pool")
async def find_every_connection_taken(who: Reader) -> None:
    raise PoolTimeout(CANARY)


@faulty.get("/test-etags")
async def answer_with_etag(who: Reader) -> Response:
    return Response(b"{}", headers={"ETag": '"1"'}, media_type="application/json")


@faulty.get("/test-both")
async def read_both(who: Reader) -> None: ...


@faulty.post("/test-both")
async def write_both(who: Reader) -> None: ...


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def faulty_app(ground: Ground, owner: database.Database) -> AsyncIterator[FastAPI]:
    made = create_test_app(ground.settings)
    made.include_router(faulty)
    async with made.router.lifespan_context(made):
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def broken(faulty_app: FastAPI, tenant: Tenant) -> AsyncIterator[httpx.AsyncClient]:
    made = await tenant.key(Role.STOREFRONT)
    async with client_of(faulty_app, {"Authorization": f"Bearer {made.credential}"}) as client:
        yield client


UNKNOWN_PATHS = ["/", "/v1", "/v1/", "/v1/nothing", "/v2/claims", f"{PATH}/", "/static/docs/nothing.js", "/.env"]
UNKNOWN_PATHS += ["/static/docs/../../main.py", "/static/docs/%2e%2e/%2e%2e/conftest.py", "/favicon.ico", "/redoc"]


@pytest.mark.parametrize("path", UNKNOWN_PATHS)
async def test_404_an_unknown_path_is_a_problem(anonymous: httpx.AsyncClient, path: str) -> None:
    refused(await anonymous.get(path), 404, "not-found")


METHODS = [
    ("GET", PATH, "POST"),
    ("DELETE", PATH, "POST"),
    ("PUT", f"{PATH}/row_1", "GET"),
    ("POST", "/healthz", "GET"),
    ("TRACE", "/readyz", "GET"),
    ("BREW", "/healthz", "GET"),
    ("PATCH", "/problems/not-found", "GET"),
    ("POST", "/metrics", "GET"),
    ("DELETE", "/openapi.json", "GET"),
]


@pytest.mark.parametrize(("method", "path", "allowed"), METHODS)
async def test_405_names_the_methods_there_are(
    anonymous: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await anonymous.request(method, path)
    refused(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == allowed


async def test_405_names_the_methods_of_every_operation_on_the_path(broken: httpx.AsyncClient) -> None:
    answer = await broken.delete("/v1/test-both")
    refused(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "POST"}


NOT_JSON = ["text/html", "application/xml", "image/*", "application/json;q=0", "application/jsonx", "*", "text/*;q=0.1"]


@pytest.mark.parametrize("accept", NOT_JSON)
async def test_406_when_no_json_is_wanted(api: httpx.AsyncClient, accept: str) -> None:
    refused(await api.get(f"{PATH}/row_1", headers={"Accept": accept}), 406, "not-acceptable")


async def test_413_says_how_much_is_taken(api: httpx.AsyncClient) -> None:
    document = refused(await api.post(PATH, json={"word": "x" * MAX_BODY_BYTES}), 413, "body-too-large")
    assert document["limit_bytes"] == MAX_BODY_BYTES


NOT_OUR_TYPES = ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"]


@pytest.mark.parametrize("media_type", NOT_OUR_TYPES)
async def test_415_for_a_body_that_is_not_json(api: httpx.AsyncClient, media_type: str) -> None:
    answer = await api.post(PATH, content=b'{"word": "kettle"}', headers={"Content-Type": media_type})
    refused(answer, 415, "unsupported-media-type")


async def test_422_points_at_the_fault(api: httpx.AsyncClient) -> None:
    refused(await api.post(PATH, json={"word": 1, "count": "many"}), 422, "invalid-request", "/word", "/count")


@pytest.mark.parametrize("fault", ["code", "statement", "constraint", "answer"])
async def test_500_tells_nothing_about_the_inside(
    broken: httpx.AsyncClient, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await broken.get(f"/v1/test-faults/{fault}")
    document = refused(answer, 500, "internal-fault")
    assert document["detail"] == document["title"]
    assert CANARY not in answer.text
    assert "Traceback" not in answer.text
    assert "server" not in answer.headers
    assert "internal_fault" in [record.message for record in caplog.records], "the stack is in the log instead"


async def test_503_says_when_to_come_back(broken: httpx.AsyncClient) -> None:
    answer = await broken.get("/v1/test-faults/pool")
    refused(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert CANARY not in answer.text


async def test_503_while_draining_and_liveness_stays(ground: Ground, owner: database.Database) -> None:
    made = create_test_app(ground.settings)
    async with made.router.lifespan_context(made), client_of(made) as client:
        assert (await client.get("/readyz")).json() == {"status": "ready"}
        made.state.draining = True
        refused(await client.get("/readyz"), 503, "unavailable")
        assert (await client.get("/healthz")).json() == {"status": "alive"}


@pytest.mark.parametrize("kind", known_problems().values(), ids=known_problems().keys())
async def test_the_type_of_every_problem_resolves(anonymous: httpx.AsyncClient, kind: type[Problem]) -> None:
    shown = kind().document(BASE, "req_1", "7" * 32)
    page = (await anonymous.get(str(shown["type"]))).json()
    assert (page["code"], page["title"], page["status"]) == (kind.code, kind.title, kind.status)
    assert page["retryable"] is kind.retryable
    assert page["meaning"].endswith(".")
    assert page["way_out"].endswith(".")


async def test_no_other_origin_is_let_in(api: httpx.AsyncClient) -> None:
    origin = {"Origin": "https://evil.example"}
    asked = origin | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    answers = [
        await api.options(PATH, headers=asked),
        await api.post(PATH, json=BODY, headers=origin),
        await api.get("/healthz", headers=origin),
        await api.get("/v1/nothing", headers=origin),
    ]
    refused(answers[0], 405, "method-not-allowed")
    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_an_answer_without_etag_is_not_to_be_stored(broken: httpx.AsyncClient) -> None:
    made = await broken.post(PATH, json=BODY)
    again = [await broken.get(f"{PATH}/{made.json()['id']}"), made, await broken.get("/healthz")]
    again += [await broken.get(path) for path in ("/readyz", "/metrics", "/openapi.json", "/docs")]
    for answer in again:
        assert answer.headers["cache-control"] == "no-store", answer.url
    assert "no-store" not in (await broken.get("/v1/test-etags")).headers.get("cache-control", "")


async def test_every_answer_forbids_sniffing_and_referrers(anonymous: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/v1/nothing", "/docs", PATH, "/static/docs/swagger-ui.css"):
        answer = await anonymous.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "server" not in answer.headers


async def test_the_docs_name_no_other_host(anonymous: httpx.AsyncClient) -> None:
    page = (await anonymous.get("/docs")).text
    assert "//" not in page.replace(BASE, "").replace("<!--", "").replace("// ", "")
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert (await anonymous.get(f"/static/docs/{asset}")).status_code == 200


@pytest.mark.parametrize("fault", ["code", "statement", "constraint", "answer"])
async def test_the_stack_of_a_fault_is_logged_with_the_ids_the_caller_saw(
    broken: httpx.AsyncClient, fault: str
) -> None:
    with log_lines() as lines:
        answer = await broken.get(f"/v1/test-faults/{fault}", headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
    stack = next(line for line in lines if line["event"] == "internal_fault")
    assert (stack["request_id"], stack["trace_id"]) == (answer.headers["x-request-id"], TRACE)
    assert "Traceback" in stack["exception"]


@pytest.mark.parametrize("fault", ["constraint", "answer"])
async def test_the_row_a_fault_was_about_is_not_in_the_log(broken: httpx.AsyncClient, fault: str) -> None:
    with log_lines() as lines:
        await broken.get(f"/v1/test-faults/{fault}")
    assert [line["event"] for line in lines] == ["internal_fault", "request"]
    assert CANARY not in str(lines)
