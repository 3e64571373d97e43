"""Regions and the policy lookup over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response

from claims_api.access.actions import Caller
from claims_api.access.routes import allowed_to
from claims_api.access.scopes import Scope
from claims_api.kit import clock
from claims_api.kit.conditional import answer_tagged, is_known, known_etags
from claims_api.kit.openapi import problems
from claims_api.kit.pagination import DEFAULT_LIMIT, CursorBook, CursorText, Limit, Page
from claims_api.kit.problems import Problem
from claims_api.kit.strict import StrictRoute
from claims_api.policies.actions import answer as actions
from claims_api.policies.actions.answer import Rendered
from claims_api.policies.actions.resolve import RegionIsABloc, UnknownRegion
from claims_api.policies.schemas import PolicyAnswer, RegionAnswer

router = APIRouter(prefix="/v1", tags=["policies"], route_class=StrictRoute)

Reader = Annotated[Caller, allowed_to(Scope.POLICIES_READ)]
RegionCode = Annotated[str, Path(description="A code of `GET /v1/regions`, in upper case.")]
KnownTag = Annotated[str | None, Header(description="ETags you hold: one that still fits is answered with 304.")]


def _answers(model: Any, *kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    tag = {"description": "A strong entity tag of the bytes.", "schema": {"type": "string"}}
    good = {"model": model, "description": "The answer.", "headers": {"ETag": tag}}
    return {200: good, 304: {"description": "What you hold still fits."}, **problems(*kinds)}


@router.get(
    "/regions", operation_id="list_regions", summary="The regions of the world", responses=_answers(Page[RegionAnswer])
)
async def list_regions(
    request: Request,
    who: Reader,
    limit: Annotated[Limit, Query()] = DEFAULT_LIMIT,
    cursor: Annotated[CursorText | None, Query()] = None,
    if_none_match: KnownTag = None,
) -> Response:
    """Blocs, every country of ISO 3166-1 and every subdivision of ISO 3166-2, in the order of codes."""
    settings = request.app.state.settings
    book = CursorBook(settings.signing_secret.get_secret_value().encode(), who.tenant_id, "regions")
    found, next_cursor = actions.list_regions(book, cursor, limit)
    answer = _respond(found, if_none_match)
    if next_cursor is not None:
        answer.headers["Link"] = f'<{settings.public_url}/v1/regions?cursor={next_cursor}&limit={limit}>; rel="next"'
    return answer


@router.get(
    "/regions/{code}",
    operation_id="read_region",
    summary="One region",
    responses=_answers(RegionAnswer, UnknownRegion),
)
async def read_region(code: RegionCode, _who: Reader, if_none_match: KnownTag = None) -> Response:
    """Where a region stands in the tree, its languages and money, and how much of its law is established."""
    return _respond(actions.read_region(code), if_none_match)


@router.get(
    "/policies/{region}",
    operation_id="read_policy",
    summary="What the law of a region gives the customer",
    responses=_answers(PolicyAnswer, UnknownRegion, RegionIsABloc),
)
async def read_policy(region: RegionCode, _who: Reader, if_none_match: KnownTag = None) -> Response:
    """Every rule in force today with its value, law, article and confidence, whose it is, and what lost against it.

    A subdivision without an entry of its own answers from its country and says `own_entry: false`. A country whose law
    is not established answers too: coverage `none`, every rule `unknown`, which never means `none`.
    """
    return _respond(actions.read_policy(region, clock.now().date()), if_none_match)


def _respond(found: Rendered, if_none_match: str | None) -> Response:
    is_held = is_known(found.etag, known_etags(if_none_match))
    return answer_tagged(found.etag, None if is_held else found.body)
