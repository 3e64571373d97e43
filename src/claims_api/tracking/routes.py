"""Tracking: the customer's view, opened by a token."""

from typing import Annotated

from fastapi import APIRouter, Response

from claims_api.access.routes import UnitOfWork, working_with
from claims_api.access.scopes import Scope
from claims_api.claims.actions import look
from claims_api.claims.actions.look import own_claim
from claims_api.claims.schemas.answers import ClaimAnswer
from claims_api.kit.conditional import IfNoneMatch, answer_tagged, known_etags
from claims_api.kit.openapi import problems
from claims_api.kit.problems import NotFound
from claims_api.kit.strict import StrictRoute

router = APIRouter(prefix="/v1", tags=["tracking"], route_class=StrictRoute)


@router.get(
    "/track",
    operation_id="track_claim",
    summary="Where is my claim?",
    response_model=ClaimAnswer,
    responses=problems(NotFound) | {304: {"description": "Not changed since the ETag you have."}},
)
async def track_claim(
    work: Annotated[UnitOfWork, working_with(Scope.CLAIMS_READ)],
    if_none_match: IfNoneMatch = None,
) -> Response:
    """With a tracking token as Bearer credential: where the claim is, whose turn it is, what the customer may do.

    A key is no token: it opens no claim here (404).
    """
    claim = own_claim(work.caller, work.caller.claim_id)
    seen = await look.read_claim(work.db, work.caller, claim, work.now, known_etags(if_none_match), expand=False)
    return answer_tagged(seen.etag, seen.body)
