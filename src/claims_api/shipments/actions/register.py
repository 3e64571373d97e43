"""Registering a parcel, and giving it another number; what was said of the number before counts at once."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.access.actions import Caller
from claims_api.access.scopes import Role
from claims_api.claims.actions.answer import looker
from claims_api.claims.actions.problems import ActorRequired, RoleNotAllowed
from claims_api.claims.actions.submit import Answered, Filer, answer_again
from claims_api.claims.actions.tidings import Tiding, tell
from claims_api.claims.queries import read
from claims_api.domain.leg_events import register
from claims_api.domain.legs import Leg
from claims_api.domain.shipment_fold import NOTHING_SAID
from claims_api.domain.shipments import ParcelKey, parcel_key
from claims_api.kit import idempotency, ids
from claims_api.kit.idempotency import StoredAnswer
from claims_api.kit.problems import InputError, InvalidRequest, NotFound
from claims_api.shipments.actions.answer import render
from claims_api.shipments.actions.problems import TrackingNumberTaken
from claims_api.shipments.actions.refold import refold
from claims_api.shipments.queries import parcels
from claims_api.shipments.queries.records import BRAND, Customs, StoredShipment
from claims_api.shipments.schemas.registration import CustomsInput, ShipmentRegistration, TrackingNumberInput

Written = Mapping[ParcelKey, tuple[str, str]]
IN_PERSON = frozenset({Role.AGENT, Role.SUPERVISOR, Role.PARTNER})


async def register_shipment(filer: Filer, sent: ShipmentRegistration) -> Answered:
    """Numbers are locked before the claim, as everywhere.

    Raises: RoleNotAllowed, ActorRequired, InvalidRequest, TrackingNumberTaken, and the domain's refusals as problems
    """
    caller = filer.caller
    check_may_write(caller)
    claim_id = ids.decode("clm", sent.claim_id)
    if again := await answer_again(filer):
        return again
    if caller.partner is not None and sent.partner not in (None, caller.partner):
        fault = InputError("/partner", "not-yours", "Your key registers your own parcels; leave this out.")
        raise InvalidRequest(errors=(fault,))
    partner = caller.partner or sent.partner
    written = _written(partner, sent.tracking_numbers)
    heard = await parcels.hear(filer.db, caller.tenant_id, written, None)
    if taken := next((each.shipment_id for each in heard.values() if each.shipment_id), None):
        raise TrackingNumberTaken(existing=ids.encode("shp", taken))
    if claim_id is None or not await _lock(filer.db, caller, claim_id):
        fault = InputError("/claim_id", "unknown-claim", "There is no claim with this id.")
        raise InvalidRequest(errors=(fault,))
    shipment_id = ids.new_uuid()
    leg = Leg(
        id=ids.encode("shp", shipment_id),
        direction=sent.direction,
        purpose=sent.purpose,
        partner=partner,
        positions=tuple(sorted(set(sent.positions or ()))),
    )
    await tell(filer.db, caller, {claim_id: [Tiding(lambda claim: register(claim, leg), filer.now)]}, filer.now)
    key = {"tenant_id": caller.tenant_id, "id": shipment_id, "claim_id": claim_id}
    await parcels.add_shipment(filer.db, key, NOTHING_SAID, _customs(sent.customs), filer.now)
    await parcels.link(filer.db, caller.tenant_id, shipment_id, written)
    if written:
        await refold(filer.db, caller, [shipment_id], filer.now)
    return await kept_answer(filer, shipment_id, 201)


async def add_number(filer: Filer, shipment_id: UUID, sent: TrackingNumberInput) -> Answered:
    """Another carrier took the parcel over, or its label came later.

    Raises: NotFound, RoleNotAllowed, ActorRequired, TrackingNumberTaken
    """
    caller = filer.caller
    check_may_write(caller)
    before = await visible(filer.db, caller, shipment_id)
    if again := await answer_again(filer):
        return again
    written = _written(before.leg.partner, [sent])
    (heard,) = (await parcels.hear(filer.db, caller.tenant_id, written, None)).values()
    if heard.shipment_id not in (None, shipment_id):
        raise TrackingNumberTaken(existing=ids.encode("shp", heard.shipment_id))
    await parcels.lock_claims_of(filer.db, caller.tenant_id, [shipment_id])
    await parcels.link(filer.db, caller.tenant_id, shipment_id, written)
    await refold(filer.db, caller, [shipment_id], filer.now)
    return await kept_answer(filer, shipment_id, 201)


async def visible(db: AsyncConnection, caller: Caller, shipment_id: UUID | None) -> StoredShipment:
    """The parcel, if this caller may know that there is one: a token its claim's, a partner its own.

    Raises: NotFound
    """
    found = await parcels.find_shipment(db, caller.tenant_id, shipment_id) if shipment_id else None
    if found is None or caller.claim_id not in (None, found.claim_id):
        raise NotFound
    if caller.partner is not None and found.leg.partner != caller.partner:
        raise NotFound
    return found


async def kept_answer(filer: Filer, shipment_id: UUID, status: int) -> Answered:
    """The parcel as it is now, kept under the request's key."""
    after = await visible(filer.db, filer.caller, shipment_id)
    body = render(after, looker(filer.caller, filer.now))
    answer = StoredAnswer(filer.key.fingerprint, status, None, body)
    await idempotency.keep(filer.db, filer.caller.tenant_id, filer.key, answer)
    return Answered(status, body, None)


def check_may_write(caller: Caller) -> None:
    """Raises: RoleNotAllowed for an admin, ActorRequired for staff and partners who do not say who they are."""
    if caller.role == Role.ADMIN:
        raise RoleNotAllowed
    if caller.role in IN_PERSON and caller.actor_ref is None:
        raise ActorRequired


async def _lock(db: AsyncConnection, caller: Caller, claim_id: UUID) -> bool:
    """Locks the claim; False when there is none, or none on which this partner has a leg."""
    if caller.partner is not None and not await read.has_leg(db, caller.tenant_id, claim_id, caller.partner):
        return False
    return await read.lock_claim(db, caller.tenant_id, claim_id) is not None


def _written(partner: str | None, sent: list[TrackingNumberInput]) -> Written:
    return {parcel_key(partner or BRAND, each.carrier, each.number): (each.carrier, each.number) for each in sent}


def _customs(sent: CustomsInput | None) -> Customs:
    if sent is None:
        return Customs()
    return Customs(sent.hs_code, sent.origin, sent.value.money() if sent.value else None, sent.duty_bearer)
