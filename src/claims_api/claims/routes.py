"""Claims over HTTP."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from claims_api.access.actions import Caller
from claims_api.access.routes import Transaction, UnitOfWork, allowed_to
from claims_api.access.scopes import CUSTOMER, Scope
from claims_api.claims.actions import look
from claims_api.claims.actions.look import own_claim
from claims_api.claims.actions.problems import BY_CODE, ExternalRefTaken, RoleNotAllowed, UnknownRegionSent
from claims_api.claims.actions.redraft import redraft
from claims_api.claims.actions.submit import Answered, Filer, submit
from claims_api.claims.actions.token import renew_token
from claims_api.claims.actions.transition import transition
from claims_api.claims.queries import read
from claims_api.claims.queries.find import Wanted
from claims_api.claims.schemas.answers import ClaimAnswer, TrackingAnswer
from claims_api.claims.schemas.events import EventAnswer
from claims_api.claims.schemas.filters import ClaimFilters
from claims_api.claims.schemas.submission import ClaimSubmission
from claims_api.claims.schemas.transitions import TransitionRequest
from claims_api.kit import ids
from claims_api.kit.conditional import PRIVATE, answer_tagged, known_etags
from claims_api.kit.openapi import problems
from claims_api.kit.pagination import DEFAULT_LIMIT, CursorBook, CursorText, Limit, Page, cut
from claims_api.kit.problems import (
    BodyTooLarge,
    IdempotencyKeyReused,
    InputError,
    MalformedHeader,
    MalformedJson,
    NotFound,
    PreconditionFailed,
    RequestInFlight,
    ResourceBusy,
    ScopeMissing,
    UnsupportedMediaType,
)
from claims_api.kit.strict import StrictRoute
from claims_api.policies.actions import RegionIsABloc

router = APIRouter(prefix="/v1/claims", tags=["claims"], route_class=StrictRoute)

Reads = Annotated[Caller, allowed_to(Scope.CLAIMS_READ)]
Writes = Annotated[Caller, allowed_to(Scope.CLAIMS_WRITE)]


async def may_change(who: Annotated[Caller, allowed_to()]) -> Caller:
    """Which of the two scopes a step needs is in its body; whoever has neither learns nothing about the claim.

    Raises: ScopeMissing
    """
    if not {Scope.CLAIMS_WRITE, Scope.CLAIMS_DECIDE} & who.scopes:
        raise ScopeMissing(required_scope=Scope.CLAIMS_WRITE)
    return who


Changes = Annotated[Caller, Depends(may_change)]
ETAG = re.compile(r'(?:W/)?"(\d{1,9})\.[a-z]+-[a-z]+\.[A-Za-z0-9-]+"')
SENT = (MalformedJson, MalformedHeader, BodyTooLarge, UnsupportedMediaType, ResourceBusy)
KEYED = (*SENT, IdempotencyKeyReused, RequestInFlight)
ClaimId = Annotated[str, Path(description="The claim's id, clm_ and what follows.")]
IfMatch = Annotated[str | None, Header(description="The ETag you decided on; another version answers 412.")]


async def locked_claim(claim_id: ClaimId, work: Transaction) -> UUID:
    """Locks the claim the path names before its body is judged: what does not exist has no wrong body.

    Raises: NotFound
    """
    found = own_claim(work.caller, ids.decode("clm", claim_id))
    if await read.lock_claim(work.db, work.caller.tenant_id, found) is None:
        raise NotFound
    return found


Locked = Annotated[UUID, Depends(locked_claim, scope="function")]


@router.post(
    "",
    status_code=201,
    operation_id="submit_claim",
    summary="File a claim, or save a draft",
    response_model=ClaimAnswer,
    responses=problems(UnknownRegionSent, RegionIsABloc, ExternalRefTaken, RoleNotAllowed, *KEYED),
)
async def submit_claim(who: Writes, request: Request, work: Transaction, body: ClaimSubmission) -> Response:
    """One call files a claim: facts you do not know may be left out and are read in the customer's favour.

    Send an `Idempotency-Key`, and a retry gives the first answer again; without one, `external_ref` still protects.
    """
    if who.role == CUSTOMER:
        raise RoleNotAllowed
    return _answered(await submit(_filer(request, work), body))


@router.put(
    "/{claim_id}",
    operation_id="save_draft",
    summary="Replace the content of a draft",
    response_model=ClaimAnswer,
    responses=problems(
        NotFound, UnknownRegionSent, RegionIsABloc, ExternalRefTaken, PreconditionFailed, *SENT,
        BY_CODE["transition-not-allowed"], BY_CODE["role-not-allowed"], BY_CODE["actor-required"],
    ),
)  # fmt: skip
async def save_draft(
    _who: Writes, request: Request, work: Transaction, claim: Locked, body: ClaimSubmission, if_match: IfMatch = None
) -> Response:
    """Everything of the draft is replaced; a claim that is submitted is changed by transitions only."""
    return _answered(await redraft(_filer(request, work), claim, body, _version(if_match)))


@router.get(
    "",
    operation_id="list_claims",
    summary="Claims, newest first",
    response_model=Page[ClaimAnswer],
    responses=problems(MalformedHeader),
)
async def list_claims(
    who: Reads, request: Request, work: Transaction, filters: Annotated[ClaimFilters, Query()]
) -> Response:
    """Filters add up. `promise_state` finds nothing as long as no deadlines are kept."""
    wanted = Wanted(
        statuses=look.statuses_of(filters.status, filters.awaiting),
        has_promises=filters.promise_state is not None,
        only=who.claim_id,
        **filters.model_dump(exclude={"status", "awaiting", "promise_state", "limit", "cursor"}),
    )
    book = CursorBook(_secret(request), who.tenant_id, f"claims {wanted}")
    position = book.read(filters.cursor)
    found = await look.list_claims(work.db, who, wanted, UUID(position) if position else None, filters.limit + 1)
    page, last = cut(found, filters.limit, lambda stored: str(stored.id))
    entries, hidden = look.listed(list(page), who, work.now)
    answer = Page[ClaimAnswer](data=entries, next_cursor=book.write(last) if last else None)
    return Response(
        answer.model_dump_json(exclude=hidden), media_type="application/json", headers=_next(request, answer)
    )


@router.get(
    "/{claim_id}",
    operation_id="read_claim",
    summary="One claim",
    response_model=ClaimAnswer,
    responses=problems(NotFound, MalformedHeader) | {304: {"description": "Not changed since the ETag you have."}},
)
async def read_claim(
    who: Reads,
    work: Transaction,
    claim_id: ClaimId,
    if_none_match: Annotated[str | None, Header(description="ETags you have; a match answers 304.")] = None,
    expand: Annotated[str | None, Query(pattern="^customer$", description="`customer` shows the person.")] = None,
) -> Response:
    """As the caller may see it: `allowed_transitions` are the caller's own. Polling with `If-None-Match` is cheap."""
    claim = own_claim(who, ids.decode("clm", claim_id))
    known = known_etags(if_none_match)
    seen = await look.read_claim(work.db, who, claim, work.now, known, expand is not None)
    return answer_tagged(seen.etag, seen.body)


@router.post(
    "/{claim_id}/transitions",
    operation_id="transition_claim",
    summary="Take a step",
    response_model=ClaimAnswer,
    responses=problems(NotFound, PreconditionFailed, *KEYED, *BY_CODE.values()),
    openapi_extra={"security": [{"bearer": [Scope.CLAIMS_WRITE.value]}, {"bearer": [Scope.CLAIMS_DECIDE.value]}]},
)
async def transition_claim(
    _who: Changes,
    request: Request,
    work: Transaction,
    claim: Locked,
    body: TransitionRequest,
    if_match: IfMatch = None,
) -> Response:
    """Which steps there are for you is in `allowed_transitions`. A customer's steps need `claims:write`, a staff
    step `claims:decide`. A refused step says why, and what is allowed instead."""
    return _answered(await transition(_filer(request, work), claim, body, _version(if_match)))


@router.get(
    "/{claim_id}/events",
    operation_id="list_claim_events",
    summary="The history of a claim",
    response_model=Page[EventAnswer],
    responses=problems(NotFound),
)
async def list_claim_events(
    who: Reads,
    request: Request,
    work: Transaction,
    claim_id: ClaimId,
    limit: Annotated[Limit, Query()] = DEFAULT_LIMIT,
    cursor: Annotated[CursorText | None, Query()] = None,
) -> Response:
    """In order of `seq`; a gap is an event this caller does not see. The hashes chain the whole history."""
    claim = own_claim(who, ids.decode("clm", claim_id))
    book = CursorBook(_secret(request), who.tenant_id, f"events {claim}")
    after = int(book.read(cursor) or 0)
    found, last_seq = await look.history(work.db, who, claim, work.now, after, limit)
    answer = Page[EventAnswer](data=found, next_cursor=book.write(str(last_seq)) if last_seq else None)
    return Response(answer.model_dump_json(), media_type="application/json", headers=_next(request, answer))


@router.post(
    "/{claim_id}/tracking-tokens",
    status_code=201,
    operation_id="create_tracking_token",
    summary="A new tracking token; the old ones end",
    response_model=TrackingAnswer,
    responses=problems(NotFound, RoleNotAllowed, *KEYED),
)
async def create_tracking_token(_who: Writes, request: Request, work: Transaction, claim: Locked) -> Response:
    """For a customer who lost the link, or whose link got into other hands."""
    return _answered(await renew_token(_filer(request, work), claim))


def _filer(request: Request, work: UnitOfWork) -> Filer:
    assert work.key is not None  # noqa: S101 - only a GET has none
    return Filer(work.db, work.caller, work.key, work.now, _secret(request))


def _secret(request: Request) -> bytes:
    secret: str = request.app.state.settings.signing_secret.get_secret_value()
    return secret.encode()


def _answered(answer: Answered) -> Response:
    headers = PRIVATE | {"ETag": answer.etag} if answer.etag else {}
    if answer.is_replay:
        headers = headers | {"Idempotent-Replayed": "true"}
    return Response(answer.body, answer.status, headers, "application/json")


def _version(if_match: str | None) -> int | None:
    """The version in an entity tag of ours; `*` asks for none in particular.

    Raises: MalformedHeader
    """
    if if_match is None or if_match.strip() == "*":
        return None
    found = ETAG.fullmatch(if_match.strip())
    if found is None:
        fault = InputError("header:If-Match", "malformed", "Send the ETag of a claim as you read it.")
        raise MalformedHeader(errors=(fault,))
    return int(found[1])


def _next(request: Request, page: Page[ClaimAnswer] | Page[EventAnswer]) -> dict[str, str]:
    """The `Link` to the next page, with the same filters."""
    if page.next_cursor is None:
        return {}
    url = request.url.include_query_params(cursor=page.next_cursor)
    return {"Link": f'<{request.app.state.settings.public_url}{url.path}?{url.query}>; rel="next"'}
