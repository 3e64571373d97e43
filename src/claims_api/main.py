"""Puts the service together: routers, problems, the gate, and what lives as long as the process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import fastapi_offline
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.routing import Match

from claims_api import __version__
from claims_api.access.actions import KeyRing
from claims_api.claims import routes as claims
from claims_api.feed import routes as feed
from claims_api.kit import clock, database, health, openapi, schema
from claims_api.kit.gate import Gate
from claims_api.kit.problems import MEDIA_TYPE, InternalFault, MethodNotAllowed, NotFound, Problem
from claims_api.kit.settings import Settings
from claims_api.kit.strict import invalid_request
from claims_api.policies import routes as policies
from claims_api.shipments import routes as shipments
from claims_api.tracking import routes as tracking

App = FastAPI

DESCRIPTION = """\
After-sales claims for every market: the law and the brand's promise of a region, each value with its source.

Send `Authorization: Bearer <key>`. Every error is an RFC 9457 problem document; its `type` explains it."""
TAGS = [
    {"name": "policies", "description": "What the law of a region gives the customer."},
    {"name": "claims", "description": "File a claim, move it, read it."},
    {"name": "shipments", "description": "Parcels: register them, say what happens to them and what was in them."},
    {"name": "tracking", "description": "The customer's own view, by token."},
    {"name": "service", "description": "For operators and for people who met a problem."},
]
FEATURES: tuple[APIRouter, ...] = (claims.router, tracking.router, policies.router, shipments.router, feed.router)
EXAMPLES = tuple(
    f"{name}/examples.json" for name in ("kit", "policies/data", "claims/data", "shipments/data", "feed/data")
)


def create_app(settings: Settings) -> FastAPI:
    """The whole service, nothing opened yet; `lifespan` connects and checks."""
    app = FastAPI(
        title="claims_api",
        version=__version__,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry={"logs": False},
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.draining = False
    for router in (*FEATURES, health.router):  # the busiest first: a route is found by trying one after the other
        app.include_router(router)
    _add_docs(app)
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_middleware(Gate, public_url=settings.public_url)
    return app


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The contract, as served and as committed; built once."""
    if app.openapi_schema is None:
        package = files("claims_api")
        app.openapi_schema = openapi.build(app, [package.joinpath(name) for name in EXAMPLES])
    return app.openapi_schema


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    if settings.clock is not None:
        clock.set_to(settings.clock)
    url = settings.database_url
    assert url is not None, "the launcher gives the embedded server's URL"  # noqa: S101
    opened = database.connect(url.get_secret_value(), settings)
    try:
        await database.check_role(opened)
        await schema.check(opened)
        app.state.database = opened
        app.state.key_ring = KeyRing(opened)
        yield
    finally:
        await opened.close()


def _add_docs(app: FastAPI) -> None:
    """Swagger UI from a package's own files: no other host is asked."""
    assets = Path(fastapi_offline.__file__).parent / "static"
    app.mount("/static/docs", StaticFiles(directory=assets), name="docs-assets")

    @app.get("/openapi.json", include_in_schema=False)
    async def contract() -> JSONResponse:
        return JSONResponse(openapi_document(app))

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="claims_api",
            swagger_js_url="/static/docs/swagger-ui-bundle.js",
            swagger_css_url="/static/docs/swagger-ui.css",
            swagger_favicon_url="/static/docs/favicon.png",
        )


async def _answer_problem(request: Request, error: Exception) -> Response:
    problem = error if isinstance(error, Problem) else InternalFault()
    ids = request.state
    body = problem.body(request.app.state.settings.public_url, ids.request_id, ids.trace_id)
    return Response(body, problem.status, problem.headers, MEDIA_TYPE)


async def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    return await _answer_problem(request, invalid_request(error))


async def _answer_http(request: Request, error: Exception) -> Response:
    """Starlette's own refusals: no such path, no such method."""
    status = getattr(error, "status_code", 500)
    problem = MethodNotAllowed(headers={"Allow": _methods_here(request)}) if status == 405 else NotFound()
    return await _answer_problem(request, problem if status < 500 else InternalFault())


def _methods_here(request: Request) -> str:
    """The methods of every route at this path; Starlette names those of the first one only."""
    found: set[str] = set()
    for method in ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"):
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            found.add(method)
    return ", ".join(sorted(found))
