"""N30: a fault inside a union is pointed at by its place in the body, without the names of branches or the value."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, ConfigDict, Field

from claims_api.access.actions import Caller
from claims_api.access.routes import allowed_to
from claims_api.access.scopes import Role, Scope
from claims_api.kit import database
from claims_api.kit.strict import StrictRoute
from tests.conftest import Ground, Tenant, client_of
from tests.support.app import create_test_app
from tests.support.problems import pointers_of, refused

CANARY = "c4n4ry"


class Approve(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    transition: Literal["approve"]
    lines: list[int]


class Hold(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    transition: Literal["hold"]
    kind: Literal["payment", "fraud"]
    until: int | str | None = None


class Envelope(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    step: Annotated[Approve | Hold, Field(discriminator="transition")]


unions = APIRouter(prefix="/v1", route_class=StrictRoute, include_in_schema=False)
Writer = Annotated[Caller, allowed_to(Scope.CLAIMS_WRITE)]


@unions.post("/test-unions")
async def take_union(who: Writer, body: Annotated[Approve | Hold, Field(discriminator="transition")]) -> None: ...


@unions.post("/test-unions/inside")
async def take_union_inside(who: Writer, body: Envelope) -> None: ...


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def wider_app(ground: Ground, owner: database.Database) -> AsyncIterator[FastAPI]:
    made = create_test_app(ground.settings)
    made.include_router(unions)
    async with made.router.lifespan_context(made):
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def wider(wider_app: FastAPI, tenant: Tenant) -> AsyncIterator[httpx.AsyncClient]:
    made = await tenant.key(Role.STOREFRONT)
    async with client_of(wider_app, {"Authorization": f"Bearer {made.credential}"}) as client:
        yield client


UNIONS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown branch": ({"transition": CANARY}, "/transition"),
    "no branch": ({"kind": CANARY}, "/transition"),
    "a branch of another type": ({"transition": 7}, "/transition"),
    "a fault inside a branch": ({"transition": "approve", "lines": [1, CANARY]}, "/lines/1"),
    "missing inside a branch": ({"transition": "approve"}, "/lines"),
    "unknown inside a branch": ({"transition": "approve", "lines": [], "kind": CANARY}, "/kind"),
    "a field with the branch's name": ({"transition": "hold", "kind": "fraud", "hold": CANARY}, "/hold"),
    "not one of the choices": ({"transition": "hold", "kind": CANARY}, "/kind"),
}


@pytest.mark.parametrize(("body", "pointer"), UNIONS.values(), ids=UNIONS.keys())
async def test_a_union_points_into_the_body_and_not_at_its_branches(
    wider: httpx.AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    flat = await wider.post("/v1/test-unions", json=body)
    refused(flat, 422, "invalid-request", pointer)
    inside = await wider.post("/v1/test-unions/inside", json={"step": body})
    refused(inside, 422, "invalid-request", f"/step{pointer}")
    assert CANARY not in flat.text + inside.text


async def test_every_branch_of_a_plain_union_points_at_the_one_place(wider: httpx.AsyncClient) -> None:
    body = {"transition": "hold", "kind": "fraud", "until": {"a": CANARY}}
    answer = await wider.post("/v1/test-unions", json=body)
    assert set(pointers_of(refused(answer, 422, "invalid-request"))) == {"/until"}
    assert CANARY not in answer.text
