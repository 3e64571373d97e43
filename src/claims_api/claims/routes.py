"""Claims over HTTP."""

import re
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic.main import IncEx

from claims_api.access.routes import UnitOfWork, signing_secret, working_with, working_with_any
from claims_api.access.scopes import CUSTOMER, Scope
from claims_api.claims.actions import look
from claims_api.claims.actions.look import own_claim
from claims_api.claims.actions.problems import (
    BY_CODE,
    ActorRequired,
    ExternalRefTaken,
    RoleNotAllowed,
    UnknownRegionSent,
)
from claims_api.claims.actions.redraft import redraft
from claims_api.claims.actions.submit import Answered, Filer, submit
from claims_api.claims.actions.token import renew_token
from claims_api.claims.actions.transition import transition
from claims_api.claims.queries import read
from claims_api.claims.queries.find import Wanted
from claims_api.claims.schemas.answers import ClaimAnswer, ClaimPage, TrackingAnswer
from claims_api.claims.schemas.events import EventPage
from claims_api.claims.schemas.filters import ClaimFilters
from claims_api.claims.schemas.submission import ClaimSubmission
from claims_api.claims.schemas.transitions import TransitionRequest
from claims_api.kit import ids
from claims_api.kit.conditional import PRIVATE, IfNoneMatch, answer_tagged, known_etags
from claims_api.kit.openapi import problems
from claims_api.kit.pagination import DEFAULT_LIMIT, CursorBook, CursorText, Limit, Page, cut
from claims_api.kit.problems import (
    BodyTooLarge,
    IdempotencyKeyReused,
    InputError,
    InvalidRequest,
    MalformedHeader,
    MalformedJson,
    NotFound,
    PreconditionFailed,
    RequestInFlight,
    ResourceBusy,
    UnsupportedMediaType,
)
from claims_api.kit.strict import StrictRoute
from claims_api.policies.actions.resolve import RegionIsABloc

router = APIRouter(prefix="/v1/claims", tags=["claims"], route_class=StrictRoute)

Reads = Annotated[UnitOfWork, working_with(Scope.CLAIMS_READ)]
Writes = Annotated[UnitOfWork, working_with(Scope.CLAIMS_WRITE)]
STEP_SCOPES = (Scope.CLAIMS_WRITE, Scope.CLAIMS_DECIDE, Scope.SHIPMENTS_WRITE)
Steps = Annotated[UnitOfWork, working_with_any(*STEP_SCOPES)]
ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})\.[a-z]+-[a-z]+\.[A-Za-z0-9-]+"')
SENT = (MalformedJson, BodyTooLarge, UnsupportedMediaType, ResourceBusy)
KEYED = (*SENT, IdempotencyKeyReused, RequestInFlight)
ClaimId = Annotated[str, Path(description="The claim's id, clm_ and what follows.")]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The claim's ETag you decided on: another version answers 412. Without it, or `*`, any will do.",
        json_schema_extra={"pattern": rf"^(?:\*|{ETAG.pattern})$", "examples": ['"3.staff-agent.en-GB"']},
    ),
]


NOT_FOR_PARTNERS = frozenset({"external_ref", "customer_ref", "assignee"})
"""Filters that would tell a partner what its view of a claim leaves out."""


@dataclass(frozen=True)
class Locked:
    """The claim the path names, locked before the body is judged: what does not exist has no wrong body."""

    claim_id: UUID
    work: UnitOfWork


async def lock_to_write(claim_id: ClaimId, work: Writes) -> Locked:
    """Raises: NotFound"""
    return await _lock(claim_id, work)


async def lock_to_step(claim_id: ClaimId, work: Steps) -> Locked:
    """Raises: NotFound"""
    return await _lock(claim_id, work)


async def _lock(claim_id: str, work: UnitOfWork) -> Locked:
    found = await reach(work, claim_id)
    if await read.lock_claim(work.db, work.caller.tenant_id, found) is None:
        raise NotFound
    return Locked(found, work)


async def reach(work: UnitOfWork, claim_id: str) -> UUID:
    """The claim the path names, if this caller may know that there is one.

    Raises: NotFound
    """
    found = own_claim(work.caller, ids.decode("clm", claim_id))
    partner = work.caller.partner
    if partner is not None and not await read.has_leg(work.db, work.caller.tenant_id, found, partner):
        raise NotFound
    return found


LockedToWrite = Annotated[Locked, Depends(lock_to_write, scope="function")]
LockedToStep = Annotated[Locked, Depends(lock_to_step, scope="function")]


@router.post(
    "",
    status_code=201,
    operation_id="submit_claim",
    summary="File a claim, or save a draft",
    response_model=ClaimAnswer,
    responses=problems(UnknownRegionSent, RegionIsABloc, ExternalRefTaken, RoleNotAllowed, ActorRequired, *KEYED),
)
async def submit_claim(request: Request, work: Writes, body: ClaimSubmission) -> Response:
    """One call files a claim: facts you do not know may be left out and are read in the customer's favour.

    Send an `Idempotency-Key`, and a retry gives the first answer again; without one, `external_ref` still protects.
    """
    if work.caller.role == CUSTOMER:
        raise RoleNotAllowed
    return answered(await submit(filer_of(request, work), body))


@router.put(
    "/{claim_id}",
    operation_id="save_draft",
    summary="Replace the content of a draft",
    response_model=ClaimAnswer,
    responses=problems(
        NotFound, UnknownRegionSent, RegionIsABloc, ExternalRefTaken, PreconditionFailed, *SENT,
        BY_CODE["transition-not-allowed"], RoleNotAllowed, ActorRequired,
    ),
)  # fmt: skip
async def save_draft(
    request: Request, locked: LockedToWrite, body: ClaimSubmission, if_match: IfMatch = None
) -> Response:
    """Everything of the draft is replaced; a claim that is submitted is changed by transitions only."""
    return answered(await redraft(filer_of(request, locked.work), locked.claim_id, body, _version(if_match)))


@router.get(
    "",
    operation_id="list_claims",
    summary="Claims, newest first",
    response_model=ClaimPage,
    responses=problems(),
)
async def list_claims(request: Request, work: Reads, filters: Annotated[ClaimFilters, Query()]) -> Response:
    """Filters add up. A page of a filtered list may be shorter than `limit`, even empty, with more to come: go on until
    `next_cursor` is null. `promise_state` finds nothing as long as no deadlines are kept."""
    who = work.caller
    if who.partner is not None and (hidden_facts := filters.model_fields_set & NOT_FOR_PARTNERS):
        said = "A partner's list is not filtered by what a partner does not see."
        raise InvalidRequest(
            errors=tuple(InputError(f"query:{name}", "not-seen", said) for name in sorted(hidden_facts))
        )
    wanted = Wanted(
        statuses=look.statuses_of(filters.status, filters.awaiting),
        awaited_goods=look.goods_of(filters.awaiting),
        partner=who.partner,
        has_promises=filters.promise_state is not None,
        only=who.claim_id,
        **filters.model_dump(exclude={"status", "awaiting", "promise_state", "limit", "cursor"}),
    )
    book = CursorBook(signing_secret(request), who.tenant_id, f"claims {wanted.name}")
    position = book.read(filters.cursor)
    found = await look.list_claims(work.db, who, wanted, UUID(position) if position else None, filters.limit + 1)
    page, last = cut(found.claims, filters.limit, lambda stored: str(stored.id))
    if last is None and found.looked_to is not None:  # not full, and older claims were not looked at
        last = str(found.looked_to)
    entries, hidden = look.listed(list(page), who, work.now)
    return paged(request, ClaimPage(data=entries, next_cursor=book.write(last) if last else None), hidden)


@router.get(
    "/{claim_id}",
    operation_id="read_claim",
    summary="One claim",
    response_model=ClaimAnswer,
    responses=problems(NotFound, RoleNotAllowed) | {304: {"description": "Not changed since the ETag you have."}},
)
async def read_claim(
    work: Reads,
    claim_id: ClaimId,
    if_none_match: IfNoneMatch = None,
    expand: Annotated[str | None, Query(pattern="^customer$", description="`customer` shows the person.")] = None,
) -> Response:
    """As the caller may see it: `allowed_transitions` are the caller's own. Polling with `If-None-Match` is cheap."""
    claim = await reach(work, claim_id)
    if expand is not None and work.caller.partner is not None:
        raise RoleNotAllowed
    known = known_etags(if_none_match)
    seen = await look.read_claim(work.db, work.caller, claim, work.now, known, expand is not None)
    return answer_tagged(seen.etag, seen.body)


@router.post(
    "/{claim_id}/transitions",
    operation_id="transition_claim",
    summary="Take a step",
    response_model=ClaimAnswer,
    responses=problems(NotFound, PreconditionFailed, *KEYED, *BY_CODE.values()),
    openapi_extra={"security": [{"bearer": [scope.value]} for scope in STEP_SCOPES]},
)
async def transition_claim(
    request: Request, locked: LockedToStep, body: TransitionRequest, if_match: IfMatch = None
) -> Response:
    """Which steps there are for you is in `allowed_transitions`. A customer's steps need `claims:write`, a staff
    step `claims:decide`, a partner's `shipments:write` and a shipment of theirs. A refused step says why, and what is
    allowed instead."""
    return answered(await transition(filer_of(request, locked.work), locked.claim_id, body, _version(if_match)))


@router.get(
    "/{claim_id}/events",
    operation_id="list_claim_events",
    summary="The history of a claim",
    response_model=EventPage,
    responses=problems(NotFound),
)
async def list_claim_events(
    request: Request,
    work: Reads,
    claim_id: ClaimId,
    limit: Annotated[Limit, Query()] = DEFAULT_LIMIT,
    cursor: Annotated[CursorText | None, Query()] = None,
) -> Response:
    """In order of `seq`; a gap is an event this caller does not see. The hashes chain the whole history."""
    claim = await reach(work, claim_id)
    book = CursorBook(signing_secret(request), work.caller.tenant_id, f"events {claim}")
    after = int(book.read(cursor) or 0)
    found, last_seq = await look.history(work.db, work.caller, claim, work.now, after, limit)
    return paged(request, EventPage(data=found, next_cursor=book.write(str(last_seq)) if last_seq else None))


@router.post(
    "/{claim_id}/tracking-tokens",
    status_code=201,
    operation_id="create_tracking_token",
    summary="A new tracking token; the old ones end",
    response_model=TrackingAnswer,
    responses=problems(NotFound, RoleNotAllowed, *KEYED),
)
async def create_tracking_token(request: Request, locked: LockedToWrite) -> Response:
    """For a customer who lost the link, or whose link got into other hands."""
    return answered(await renew_token(filer_of(request, locked.work), locked.claim_id))


def filer_of(request: Request, work: UnitOfWork) -> Filer:
    """Who writes, under which key."""
    assert work.key is not None  # noqa: S101 - only a GET has none
    return Filer(work.db, work.caller, work.key, work.now, signing_secret(request))


def answered(answer: Answered) -> Response:
    """The answer to a write, fresh or again."""
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


def paged(request: Request, page: Page[Any], hidden: IncEx | None = None) -> Response:
    """A page without what is hidden, and the `Link` to the next one, with the same filters."""
    headers = {}
    if page.next_cursor is not None:
        url = request.url.include_query_params(cursor=page.next_cursor)
        headers["Link"] = f'<{request.app.state.settings.public_url}{url.path}?{url.query}>; rel="next"'
    return Response(page.model_dump_json(exclude=hidden), media_type="application/json", headers=headers)
