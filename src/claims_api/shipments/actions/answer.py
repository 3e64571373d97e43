"""A stored parcel as the caller may see it."""

from claims_api.claims.actions.answer import Looker
from claims_api.claims.schemas.shown import money_answer
from claims_api.domain.shipment_fold import Folded
from claims_api.kit import ids
from claims_api.shipments.queries.records import StoredShipment
from claims_api.shipments.schemas.answers import (
    AnomalyAnswer,
    CustomsAnswer,
    DelayAnswer,
    EtaAnswer,
    ProofAnswer,
    ReceiptAnswer,
    ShipmentAnswer,
    TrackingNumberAnswer,
    exclusions,
)


def render(stored: StoredShipment, who: Looker) -> bytes:
    """The answer as bytes, without what this view does not see."""
    return shipment_answer(stored).model_dump_json(exclude=exclusions(who.view)).encode()


def shipment_answer(stored: StoredShipment) -> ShipmentAnswer:
    """Every field of the parcel; the view is applied when it is written."""
    leg, folded = stored.leg, stored.folded
    return ShipmentAnswer(
        id=leg.id,
        claim_id=ids.encode("clm", stored.claim_id),
        direction=leg.direction,
        purpose=leg.purpose,
        partner=leg.partner,
        positions=list(leg.positions),
        tracking_numbers=[TrackingNumberAnswer(carrier=each.carrier, number=each.number) for each in stored.numbers],
        status=folded.status,
        substatus=folded.substatus,
        condition=folded.condition,
        action_required_by=folded.action_required_by,
        delay=DelayAnswer(cause=folded.delay.cause, since=folded.delay.since) if folded.delay else None,
        eta=EtaAnswer(p50=folded.eta.p50, p90=folded.eta.p90, original=folded.eta.original),
        proof=_proof(folded),
        delivered_at=folded.delivered_at,
        is_returning=folded.is_returning,
        last_update_at=folded.last_update_at,
        anomalies=[
            AnomalyAnswer(code=each.code, status=each.status, occurred_at=each.occurred_at) for each in folded.anomalies
        ],
        flags=sorted(leg.flags),
        receipt=_receipt(stored),
        customs=_customs(stored),
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


def _proof(folded: Folded) -> ProofAnswer | None:
    proof = folded.proof
    return ProofAnswer(type=proof.type, url=proof.url, signed_by=proof.signed_by) if proof else None


def _receipt(stored: StoredShipment) -> ReceiptAnswer | None:
    receipt = stored.leg.receipt
    if receipt is None:
        return None
    return ReceiptAnswer(outcome=receipt.outcome, disposition=receipt.disposition, may_be_kept=receipt.may_be_kept)


def _customs(stored: StoredShipment) -> CustomsAnswer:
    customs = stored.customs
    return CustomsAnswer(
        hs_code=customs.hs_code,
        origin=customs.origin,
        value=money_answer(customs.value) if customs.value else None,
        duty_bearer=customs.duty_bearer,
    )
