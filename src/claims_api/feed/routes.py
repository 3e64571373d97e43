"""The feed over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from claims_api.access.routes import UnitOfWork, signing_secret, working_with
from claims_api.access.scopes import Scope
from claims_api.claims.actions.problems import RoleNotAllowed
from claims_api.feed.actions import read_feed
from claims_api.feed.schemas import FeedPage
from claims_api.kit.openapi import problems
from claims_api.kit.pagination import DEFAULT_LIMIT, CursorBook, CursorText, Limit
from claims_api.kit.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["claims"], route_class=StrictRoute)


@router.get(
    "/events",
    operation_id="list_events",
    summary="The events of all claims",
    response_model=FeedPage,
    responses=problems(RoleNotAllowed),
)
async def list_events(
    request: Request,
    work: Annotated[UnitOfWork, working_with(Scope.CLAIMS_READ)],
    after: Annotated[
        CursorText | None, Query(description="The `next_cursor` you have; from the start without.")
    ] = None,
    limit: Annotated[Limit, Query()] = DEFAULT_LIMIT,
) -> Response:
    """Complete, each event once, in order of `seq` within a claim: keep `next_cursor` and go on from it, for years if
    you like. It is always given, also with an empty page; while it changes there may be more, so ask again at once;
    when it comes back as you sent it, wait before you ask again. Events you do not see are left out of a page."""
    settings = request.app.state.settings
    book = CursorBook(signing_secret(request), work.caller.tenant_id, "feed", parameter="after")
    found, place = await read_feed(work.db, work.caller, work.now, int(book.read(after) or 0), limit)
    answer = FeedPage(data=list(found), next_cursor=book.write(str(place)))
    url = request.url.include_query_params(after=answer.next_cursor)
    link = f'<{settings.public_url}{url.path}?{url.query}>; rel="next"'
    return Response(answer.model_dump_json(), media_type="application/json", headers={"Link": link})
