"""What each kind of hold blocks, and who may know of it."""

from dataclasses import dataclass

from claims_api.domain.answers import Refused
from claims_api.domain.claim import Claim
from claims_api.domain.vocabulary import ActorKind, HoldKind, RemedyKind, Transition

MONEY = frozenset(
    {RemedyKind.REFUND, RemedyKind.PRICE_REDUCTION, RemedyKind.REIMBURSEMENT, RemedyKind.STORE_CREDIT},
)
GOODS = frozenset({RemedyKind.REPAIR, RemedyKind.REPLACEMENT, RemedyKind.RESHIPMENT, RemedyKind.PARTS})
OUTSIDERS = frozenset({ActorKind.CUSTOMER, ActorKind.PARTNER})
"""Those who learn that a claim is under check, not why."""


@dataclass(frozen=True)
class HoldRule:
    """The transition a hold blocks; with `going_out` only while such a remedy is still owed."""

    blocks: Transition | None = None
    going_out: frozenset[RemedyKind] | None = None
    is_hidden: bool = False


HOLD_RULES = {
    HoldKind.FRAUD: HoldRule(blocks=Transition.APPROVE, is_hidden=True),
    HoldKind.DUPLICATE: HoldRule(blocks=Transition.APPROVE),
    HoldKind.CHARGEBACK: HoldRule(blocks=Transition.RESOLVE, going_out=MONEY),
    HoldKind.SANCTIONS: HoldRule(blocks=Transition.RESOLVE, going_out=MONEY | GOODS, is_hidden=True),
    HoldKind.LEGAL: HoldRule(blocks=Transition.CLOSE),
    HoldKind.RECALL: HoldRule(),
    HoldKind.PARTNER_OUTAGE: HoldRule(),
    HoldKind.PRIVACY_REQUEST: HoldRule(),
}
"""A hold of the last three blocks nothing: it informs."""


def blocking_hold(claim: Claim, transition: Transition) -> HoldKind | None:
    """The first open hold, in the order of the rules, that stands in the way."""
    kinds = {hold.kind for hold in claim.open_holds}
    owed = {remedy.kind for remedy in claim.open_remedies}
    for kind, rule in HOLD_RULES.items():
        applies = rule.going_out is None or bool(rule.going_out & owed)
        if kind in kinds and rule.blocks is transition and applies:
            return kind
    return None


def hold_refusal(kind: HoldKind, seen_by: ActorKind) -> Refused:
    """The refusal a hold means; whoever may not know of a hidden hold reads `under-check`."""
    if HOLD_RULES[kind].is_hidden and seen_by in OUTSIDERS:
        return Refused("under-check")
    return Refused(f"hold-{kind.value.replace('_', '-')}")
