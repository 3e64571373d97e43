"""How much money may go back on a line: what was paid for it, and its share of the outbound shipping."""

from claims_api.domain.claim import Claim
from claims_api.domain.money import Money, shares
from claims_api.domain.vocabulary import RemedyKind

COUNTED = frozenset({RemedyKind.REFUND, RemedyKind.PRICE_REDUCTION})
"""Remedies that give the price back; a reimbursement pays another bill and has its own limit."""


def ceiling(claim: Claim, position: int) -> Money | None:
    """The most that may go back on a line, or None where its price is not known."""
    paid, shipping = claim.line(position).paid, claim.shipping_paid
    if paid is None or shipping is None or shipping.currency != paid.currency:
        return paid
    prices = {
        line.position: line.paid.amount_minor
        for line in claim.lines
        if line.paid and line.paid.currency == shipping.currency
    }
    split = dict(zip(prices, shares(shipping, list(prices.values())), strict=True))
    return paid + split[position]


def left_on_line(claim: Claim, position: int) -> Money | None:
    """The ceiling less what was promised or paid already, also before a reopening; None without a price."""
    left = ceiling(claim, position)
    for remedy in claim.remedies:
        if left and remedy.amount and remedy.position == position and remedy.kind in COUNTED:
            left = left - remedy.amount
    return left
