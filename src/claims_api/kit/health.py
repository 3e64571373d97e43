"""Operators' routes: alive, ready, metrics; and the page behind every problem's `type`."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from claims_api.kit import metrics, schema
from claims_api.kit.database import Database
from claims_api.kit.openapi import problems
from claims_api.kit.problems import InvalidRequest, NotFound, Unavailable, known_problems, statuses_of
from claims_api.kit.strict import StrictRoute, refuse_unknown_query

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
    statuses: list[int] = Field(description="Every status it comes with: what a path names may be 404, in a body 422.")
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
    """For readiness probes: false while draining, while the database lacks a migration this code needs, and within two
    seconds of losing it."""
    state = request.app.state
    if not state.draining and await _database_serves(state.database):
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
    responses=problems(NotFound, InvalidRequest, public=True),
    dependencies=[Depends(refuse_unknown_query)],
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
        statuses=statuses_of(kind),
        meaning=" ".join((kind.__doc__ or "").split()),
        way_out=kind.way_out,
        retryable=kind.retryable,
    )


async def _database_serves(database: Database) -> bool:
    try:
        async with asyncio.timeout(READY_WITHIN_SECONDS):
            return await schema.is_enough(database)
    except (SQLAlchemyError, OSError, TimeoutError):
        return False
