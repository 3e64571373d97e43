"""Where a claim stands: what was decided, whose turn it is, and the customer's word for it."""

from dataclasses import dataclass
from typing import assert_never

from claims_api.domain.claim import Claim
from claims_api.domain.vocabulary import Awaiting, GoodsWith, LineDecision, Stage, Status

BEST_FIRST = (
    LineDecision.COVERED_STATUTORY,
    LineDecision.COVERED_WARRANTY,
    LineDecision.WITHDRAWAL_ACCEPTED,
    LineDecision.GOODWILL,
    LineDecision.NOT_COVERED,
)


@dataclass(frozen=True)
class Awaited:
    """Whose turn it is, and what they are to do."""

    who: Awaiting
    action: str | None = None


AWAITED = dict.fromkeys(Status, Awaited(Awaiting.NONE)) | {
    Status.DRAFT: Awaited(Awaiting.CUSTOMER, "submit"),
    Status.SUBMITTED: Awaited(Awaiting.MERCHANT, "start_review"),
    Status.UNDER_REVIEW: Awaited(Awaiting.MERCHANT, "decide"),
    Status.UNDER_INSPECTION: Awaited(Awaiting.INSPECTOR, "record_findings"),
    Status.IN_REMEDY: Awaited(Awaiting.MERCHANT, "complete_remedies"),
}
AWAITED_ITEM = {
    GoodsWith.CUSTOMER: Awaited(Awaiting.CUSTOMER, "send_item"),
    GoodsWith.CARRIER: Awaited(Awaiting.CARRIER, "deliver_item"),
    GoodsWith.US: Awaited(Awaiting.MERCHANT, "receive_item"),
    GoodsWith.NOBODY: Awaited(Awaiting.MERCHANT, "report_item_lost"),
}
"""Whose turn it is while we wait for the goods: it goes with the goods."""


def decision_of(claim: Claim) -> LineDecision:
    """The best for the customer among the lines once all are decided, `pending` before."""
    decisions = {line.decision for line in claim.lines}
    if LineDecision.PENDING in decisions:
        return LineDecision.PENDING
    return next((best for best in BEST_FIRST if best in decisions), LineDecision.PENDING)


def is_refused(claim: Claim) -> bool:
    """Whether every line was refused, so that only an appeal can change it."""
    return decision_of(claim) is LineDecision.NOT_COVERED


def awaited(claim: Claim) -> Awaited:
    """Whose turn it is; nobody's once the claim is settled."""
    return awaited_in(claim.status, claim.goods_with)


def awaited_in(status: Status, goods: GoodsWith) -> Awaited:
    """Whose turn it is in a status, by who has the goods."""
    return AWAITED_ITEM[goods] if status is Status.AWAITING_ITEM else AWAITED[status]


def stage_of(claim: Claim) -> Stage:
    """The customer's word for where the claim is."""
    match claim.status:
        case Status.DRAFT:
            return Stage.YOUR_TURN
        case Status.SUBMITTED:
            return Stage.RECEIVED
        case Status.AWAITING_ITEM if claim.goods_with is GoodsWith.CUSTOMER:
            return Stage.YOUR_TURN
        case Status.UNDER_REVIEW | Status.AWAITING_ITEM | Status.UNDER_INSPECTION:
            return Stage.REVIEWING
        case Status.IN_REMEDY:
            return Stage.FIXING
        case Status.REJECTED:
            return Stage.DECLINED
        case Status.RESOLVED | Status.CLOSED | Status.WITHDRAWN | Status.CANCELLED:
            return Stage.DECLINED if is_refused(claim) else Stage.DONE
    assert_never(claim.status)
