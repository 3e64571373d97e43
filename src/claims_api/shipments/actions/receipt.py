"""Recording what was in a parcel."""

from uuid import UUID

from claims_api.claims.actions.record import Words
from claims_api.claims.actions.submit import Answered, Filer, answer_again
from claims_api.claims.actions.tidings import SYSTEM, Tiding, tell
from claims_api.domain.commands import ReceiveItem
from claims_api.domain.leg_events import record_receipt
from claims_api.domain.legs import Receipt
from claims_api.kit import ids
from claims_api.shipments.actions.register import check_may_write, kept_answer, visible
from claims_api.shipments.queries import parcels
from claims_api.shipments.schemas.registration import ReceiptInput


async def receive(filer: Filer, shipment_id: UUID, sent: ReceiptInput) -> Answered:
    """The claim's history tells of it; a claim that waits for the goods goes on, if all of them came.

    Raises: NotFound, RoleNotAllowed, ActorRequired, and the domain's refusals as problems
    """
    tenant_id = filer.caller.tenant_id
    check_may_write(filer.caller)
    before = await visible(filer.db, filer.caller, shipment_id)
    if again := await answer_again(filer):
        return again
    await parcels.lock_claims_of(filer.db, tenant_id, [shipment_id])
    words = Words(tenant_id, before.claim_id, filer.now)
    note = words.keep("receipt", sent.note) if sent.note else None
    receipt, leg = Receipt(sent.outcome, sent.disposition, sent.may_be_kept), ids.encode("shp", shipment_id)
    tiding = Tiding(
        lambda claim: record_receipt(claim, leg, receipt, note),
        filer.now,
        ReceiveItem(SYSTEM, accepts_part=sent.accept_partial),
        words,
    )
    await tell(filer.db, filer.caller, {before.claim_id: [tiding]}, filer.now)
    return await kept_answer(filer, shipment_id, 200)
