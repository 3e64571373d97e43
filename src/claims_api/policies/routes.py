"""Regions and the policy lookup over HTTP."""

from datetime import datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from claims_api.access.actions import Caller
from claims_api.access.routes import allowed_to, signing_secret
from claims_api.access.scopes import Scope
from claims_api.kit import clock
from claims_api.kit.conditional import IfNoneMatch, answer_tagged, fresh_for, is_known, known_etags
from claims_api.kit.openapi import problems
from claims_api.kit.pagination import DEFAULT_LIMIT, CursorBook, CursorText, Limit
from claims_api.kit.problems import Problem
from claims_api.kit.strict import StrictRoute
from claims_api.policies.actions import answer as actions
from claims_api.policies.actions.answer import Rendered
from claims_api.policies.actions.asking import UnknownRelease
from claims_api.policies.actions.resolve import RegionIsABloc, UnknownRegion
from claims_api.policies.schemas import NAMES_IN, LocaleTag, PolicyAnswer, PolicyQuestion, RegionAnswer, RegionPage

router = APIRouter(prefix="/v1", tags=["policies"], route_class=StrictRoute)

Reader = Annotated[Caller, allowed_to(Scope.POLICIES_READ)]
RegionCode = Annotated[str, Path(description="A code of `GET /v1/regions`, in upper case.")]
Spoken = Annotated[LocaleTag | None, Query(description=NAMES_IN, examples=["de-DE"])]

FRESH_SECONDS = 300


def _answers(model: Any, *kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    tag = {"description": "A strong entity tag of the bytes.", "schema": {"type": "string"}}
    caching = {"description": "How long you may use it without asking again.", "schema": {"type": "string"}}
    good = {"model": model, "description": "The answer.", "headers": {"ETag": tag, "Cache-Control": caching}}
    return {200: good, 304: {"description": "What you hold still fits."}, **problems(*kinds)}


@router.get("/regions", operation_id="list_regions", summary="The regions of the world", responses=_answers(RegionPage))
async def list_regions(
    request: Request,
    who: Reader,
    limit: Annotated[Limit, Query()] = DEFAULT_LIMIT,
    cursor: Annotated[CursorText | None, Query()] = None,
    locale: Spoken = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Blocs, every country of ISO 3166-1 and every subdivision of ISO 3166-2, in the order of codes."""
    settings = request.app.state.settings
    book = CursorBook(signing_secret(request), who.tenant_id, "regions")
    found, next_cursor = await actions.list_regions(book, cursor, limit, locale)
    answer = _respond(found, if_none_match, clock.now())
    if next_cursor is not None:
        spoken = f"&locale={locale}" if locale else ""
        page = f"{settings.public_url}/v1/regions?cursor={next_cursor}&limit={limit}{spoken}"
        answer.headers["Link"] = f'<{page}>; rel="next"'
    return answer


@router.get(
    "/regions/{code}",
    operation_id="read_region",
    summary="One region",
    responses=_answers(RegionAnswer, UnknownRegion),
)
async def read_region(
    code: RegionCode, _who: Reader, locale: Spoken = None, if_none_match: IfNoneMatch = None
) -> Response:
    """Where a region stands in the tree, its languages and money, and how much of its law is established."""
    return _respond(await actions.read_region(code, locale), if_none_match, clock.now())


@router.get(
    "/policies/{region}",
    operation_id="read_policy",
    summary="What the law of a region and the standard give the customer",
    responses=_answers(PolicyAnswer, UnknownRegion, RegionIsABloc, UnknownRelease),
)
async def read_policy(
    region: RegionCode,
    _who: Reader,
    question: Annotated[PolicyQuestion, Query()],
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Every rule with its value, law, article and confidence, whose it is, and what lost against it.

    With facts of a sale it also names the guarantee of the goods and the day each period ends that starts with a day
    you gave. A fact you leave out is read in the customer's favour and listed in `assumed`; `id` hangs on resolved
    values only, so many sales share it.

    A subdivision without an entry of its own answers from its country and says `own_entry: false`. A country whose law
    is not established answers too: coverage `none`, every rule of the law `unknown`, which never means `none`, and the
    standard counts.
    """
    now = clock.now()
    return _respond(await actions.read_policy(region, question, now), if_none_match, now)


def _respond(found: Rendered, if_none_match: str | None, now: datetime) -> Response:
    is_held = is_known(found.etag, known_etags(if_none_match))
    return answer_tagged(found.etag, None if is_held else found.body, fresh_for(_seconds_to_keep(now)))


def _seconds_to_keep(now: datetime) -> int:
    """A law that begins tomorrow begins at midnight UTC, for whoever keeps answers too."""
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=now.tzinfo)
    return min(FRESH_SECONDS, int((midnight - now).total_seconds()))
