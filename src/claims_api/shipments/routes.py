"""Parcels over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from claims_api.access.routes import UnitOfWork, signing_secret, working_with
from claims_api.access.scopes import Scope
from claims_api.claims.actions.answer import looker
from claims_api.claims.actions.problems import BY_CODE, ActorRequired, RoleNotAllowed
from claims_api.claims.routes import KEYED, ClaimId, answered, filer_of, paged, reach
from claims_api.kit import ids
from claims_api.kit.database import NOBODY
from claims_api.kit.openapi import problems
from claims_api.kit.pagination import DEFAULT_LIMIT, CursorBook, CursorText, Limit, cut
from claims_api.kit.problems import NotFound
from claims_api.kit.strict import StrictRoute
from claims_api.shipments.actions import look
from claims_api.shipments.actions.answer import render, shipment_answer
from claims_api.shipments.actions.problems import TrackingNumberTaken
from claims_api.shipments.actions.receipt import receive
from claims_api.shipments.actions.register import add_number, register_shipment, visible
from claims_api.shipments.actions.update import post_updates
from claims_api.shipments.schemas.answers import ShipmentAnswer, ShipmentPage, exclusions
from claims_api.shipments.schemas.registration import ReceiptInput, ShipmentRegistration, TrackingNumberInput
from claims_api.shipments.schemas.updates import UpdateBatch, UpdatesAnswer

router = APIRouter(prefix="/v1", tags=["shipments"], route_class=StrictRoute)

Reads = Annotated[UnitOfWork, working_with(Scope.SHIPMENTS_READ)]
Writes = Annotated[UnitOfWork, working_with(Scope.SHIPMENTS_WRITE)]
# One batch of a tenant at a time in a process: two at once would only wait for each other's claims, with connections.
Batches = Annotated[UnitOfWork, working_with(Scope.SHIPMENTS_WRITE, in_turn="shipment-updates")]
ShipmentId = Annotated[str, Path(description="The shipment's id, shp_ and what follows.")]
WRITTEN = (RoleNotAllowed, ActorRequired, *KEYED)


@router.post(
    "/shipments",
    status_code=201,
    operation_id="register_shipment",
    summary="Register a leg of a claim's goods",
    response_model=ShipmentAnswer,
    responses=problems(
        TrackingNumberTaken, BY_CODE["never-submitted"], BY_CODE["no-such-line"], BY_CODE["too-many-legs"], *WRITTEN
    ),
)
async def register_leg(request: Request, work: Writes, body: ShipmentRegistration) -> Response:
    """What was said of its numbers before counts at once. A partner registers its own, on a claim it has one on."""
    return answered(await register_shipment(filer_of(request, work), body))


@router.get(
    "/shipments/{shipment_id}",
    operation_id="read_shipment",
    summary="One shipment",
    response_model=ShipmentAnswer,
    responses=problems(NotFound),
)
async def read_shipment(work: Reads, shipment_id: ShipmentId) -> Response:
    """Where it is, by everything ever said of it."""
    found = await visible(work.db, work.caller, ids.decode("shp", shipment_id))
    return Response(render(found, looker(work.caller, work.now)), media_type="application/json")


@router.post(
    "/shipments/{shipment_id}/tracking-numbers",
    status_code=201,
    operation_id="add_tracking_number",
    summary="Another number for the same parcel",
    response_model=ShipmentAnswer,
    responses=problems(NotFound, TrackingNumberTaken, *WRITTEN),
)
async def add_tracking_number(
    request: Request, work: Writes, shipment_id: ShipmentId, body: TrackingNumberInput
) -> Response:
    """For a parcel that another carrier takes over, or whose label comes later."""
    return answered(await add_number(filer_of(request, work), own_shipment(shipment_id), body))


@router.post(
    "/shipments/{shipment_id}/receipt",
    operation_id="record_receipt",
    summary="Record what was in a parcel",
    response_model=ShipmentAnswer,
    responses=problems(NotFound, BY_CODE["leg-not-inbound"], *WRITTEN),
)
async def record_what_came(request: Request, work: Writes, shipment_id: ShipmentId, body: ReceiptInput) -> Response:
    """A claim that waits for the goods goes on with it. A second receipt replaces the first; the history has both."""
    return answered(await receive(filer_of(request, work), own_shipment(shipment_id), body))


@router.post(
    "/shipment-updates",
    operation_id="post_shipment_updates",
    summary="What happened to parcels",
    response_model=UpdatesAnswer,
    responses=problems(*KEYED),
)
async def post_shipment_updates(request: Request, work: Batches, body: UpdateBatch) -> Response:
    """Doubled, late and in whatever order: a parcel's state is computed from all that was ever said of it. Each update
    has a result of its own; one that cannot be used refuses no other. One for a parcel that nobody has registered yet
    is kept for it. Words we do not know are kept and read as `unknown`."""
    return answered(await post_updates(filer_of(request, work), body))


@router.get(
    "/claims/{claim_id}/shipments",
    operation_id="list_claim_shipments",
    summary="The shipments of a claim",
    response_model=ShipmentPage,
    responses=problems(NotFound),
)
async def list_claim_shipments(
    request: Request,
    work: Reads,
    claim_id: ClaimId,
    limit: Annotated[Limit, Query()] = DEFAULT_LIMIT,
    cursor: Annotated[CursorText | None, Query()] = None,
) -> Response:
    """In the order they were registered."""
    claim, who = await reach(work, claim_id), looker(work.caller, work.now)
    book = CursorBook(signing_secret(request), work.caller.tenant_id, f"shipments {claim}")
    position = book.read(cursor)
    found = await look.shipments_of(work.db, work.caller, claim, UUID(position) if position else NOBODY, limit + 1)
    page, last = cut(found, limit, lambda stored: str(stored.id))
    answer = ShipmentPage(data=[shipment_answer(each) for each in page], next_cursor=book.write(last) if last else None)
    hidden = exclusions(who.view)
    return paged(request, answer, {"data": {"__all__": hidden}} if hidden else None)


def own_shipment(shipment_id: str) -> UUID:
    """Raises: NotFound"""
    found = ids.decode("shp", shipment_id)
    if found is None:
        raise NotFound
    return found
