"""One covered line: may it get this remedy, and how much money goes with it."""

from dataclasses import dataclass

from claims_api.domain.answers import Data, Refused
from claims_api.domain.ceilings import COUNTED, left_on_line
from claims_api.domain.claim import Claim, Line
from claims_api.domain.commands import Context, LineOutcome
from claims_api.domain.holds import MONEY
from claims_api.domain.money import Money
from claims_api.domain.remedies import cure_attempts, sellers_choice
from claims_api.domain.vocabulary import Ground, RemedyKind, StartsWhen
from claims_api.domain.wire import consent_data, money_data, optional

NEED_CONSENT = frozenset({RemedyKind.PRICE_REDUCTION, RemedyKind.STORE_CREDIT})
"""Less than the goods in order: never without the customer's recorded agreement, not even when asked for."""
PRICED = COUNTED | {RemedyKind.STORE_CREDIT}
"""Remedies measured by the price, so in its currency."""


@dataclass(frozen=True)
class Promise:
    """A remedy for a covered line, its money, and what a person judged by choosing it for the customer."""

    outcome: LineOutcome
    remedy: RemedyKind
    amount: Money | None
    starts_when: StartsWhen | None
    judged: frozenset[str]

    def remedy_data(self) -> Data:
        """The remedy by itself."""
        return {
            "remedy_id": self.outcome.remedy_id,
            "position": self.outcome.position,
            "kind": self.remedy.value,
            "amount": optional(money_data, self.amount),
            "starts_when": optional(str, self.starts_when),
        }

    def line_data(self) -> Data:
        """The decision about the line."""
        return {
            "position": self.outcome.position,
            "decision": self.outcome.decision.value,
            "remedy": self.remedy.value,
            "amount": optional(money_data, self.amount),
            "consent": optional(consent_data, self.outcome.consent),
            "judged": sorted(self.judged),
        }


def promise(claim: Claim, outcome: LineOutcome, context: Context) -> Promise | Refused:
    """What a covered line gets, or why it may not get that."""
    if outcome.refusal is not None:
        return Refused("outcome-contradictory")
    if outcome.remedy is None:
        return Refused("remedy-required")
    judged = _judged(claim, outcome, outcome.remedy, context)
    if isinstance(judged, Refused):
        return judged
    amount = _amount(claim, outcome, outcome.remedy)
    if isinstance(amount, Refused):
        return amount
    return Promise(outcome, outcome.remedy, amount, _starts_when(claim, outcome, context), judged)


def _judged(claim: Claim, outcome: LineOutcome, remedy: RemedyKind, context: Context) -> frozenset[str] | Refused:
    """Only what the customer asked for or agreed to, unless the law lets the seller choose."""
    line = claim.line(outcome.position)
    if outcome.consent is not None:
        return frozenset()
    if remedy in NEED_CONSENT:
        return Refused("consent-required")
    if remedy is line.requested_remedy:
        return frozenset()
    judged = _chosen_by_seller(claim, line, remedy, context)
    return Refused("remedy-not-asked") if judged is None else judged


def _chosen_by_seller(claim: Claim, line: Line, remedy: RemedyKind, context: Context) -> frozenset[str] | None:
    # Remedy order is the law of defects; a delivery problem gives the seller no choice.
    if line.ground is not Ground.DEFECT:
        return None
    return sellers_choice(context.tiers, remedy, line.category, cure_attempts(claim, line))


def _amount(claim: Claim, outcome: LineOutcome, remedy: RemedyKind) -> Money | Refused | None:
    if remedy not in MONEY:
        return Refused("amount-unexpected") if outcome.amount else None
    left = left_on_line(claim, outcome.position)
    amount = outcome.amount or (left if remedy is RemedyKind.REFUND else None)
    if amount is None:
        return Refused("amount-required")
    if left and remedy in PRICED and left.currency != amount.currency:
        return Refused("currency-mismatch")
    if outcome.amount and outcome.amount.amount_minor <= 0:
        return Refused("amount-not-positive")
    return _within_ceiling(amount, left) if remedy in COUNTED and left else amount


def _starts_when(claim: Claim, outcome: LineOutcome, context: Context) -> StartsWhen | None:
    """What a refund waits for, by the standard; nothing is said of other remedies."""
    ground = claim.line(outcome.position).ground
    return context.refund_starts_when.get(ground) if outcome.remedy is RemedyKind.REFUND else None


def _within_ceiling(amount: Money, left: Money) -> Money | Refused:
    # A default of nothing is above it too: all of the price has gone back already.
    if left < amount or amount.amount_minor == 0:
        return Refused("amount-above-ceiling", {"left": money_data(left)})
    return amount
