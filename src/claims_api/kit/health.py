"""Operators' routes: alive, ready, metrics; and the page behind every problem's `type`."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from claims_api.kit import metrics
from claims_api.kit.database import Database
from claims_api.kit.openapi import problems
from claims_api.kit.problems import NotFound, Unavailable, known_problems
from claims_api.kit.strict import StrictRoute

READY_WITHIN_SECONDS = 1.0

router = APIRouter(tags=["service"], route_class=StrictRoute)


class Health(BaseModel):
    """The process lives. It says nothing about the database."""

    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """The service takes traffic."""

    status: Literal["ready"] = "ready"


class ProblemPage(BaseModel):
    """What a problem means and the way out."""

    code: str
    title: str
    status: int
    meaning: str
    way_out: str
    retryable: bool = Field(description="The same request, unchanged, may succeed later.")


@router.get("/healthz", operation_id="check_health", summary="Is the process alive?", responses=problems(public=True))
async def check_health() -> Health:
    """For liveness probes: it answers as long as the event loop runs, whatever the database does."""
    return Health()


@router.get(
    "/readyz",
    operation_id="check_readiness",
    summary="May traffic come here?",
    responses=problems(Unavailable, public=True),
)
async def check_readiness(request: Request) -> Readiness:
    """For readiness probes: false while draining, and within two seconds of losing the database."""
    state = request.app.state
    if not state.draining and await _database_answers(state.database):
        metrics.ready.set(1)
        return Readiness()
    metrics.ready.set(0)
    raise Unavailable(headers={"Retry-After": "1"})


@router.get("/metrics", operation_id="read_metrics", summary="Prometheus metrics", include_in_schema=False)
async def read_metrics() -> Response:
    """The process's own counters, in the Prometheus text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get(
    "/problems/{code}",
    operation_id="explain_problem",
    summary="What a problem means and the way out",
    responses=problems(NotFound, public=True),
)
async def explain_problem(
    code: Annotated[str, Path(description="The `code` of a problem document.")],
) -> ProblemPage:
    """The `type` of every problem document points here."""
    kind = known_problems().get(code)
    if kind is None:
        raise NotFound
    return ProblemPage(
        code=kind.code,
        title=kind.title,
        status=kind.status,
        meaning=" ".join((kind.__doc__ or "").split()),
        way_out=kind.way_out,
        retryable=kind.retryable,
    )


async def _database_answers(database: Database) -> bool:
    try:
        async with asyncio.timeout(READY_WITHIN_SECONDS), database.plain.connect() as db:
            await db.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError):
        return False
    return True
