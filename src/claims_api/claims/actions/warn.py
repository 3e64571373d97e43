"""What was accepted but may be a mistake: said, never refused."""

from typing import Any
from uuid import UUID

from claims_api.claims.schemas.submission import ClaimSubmission
from claims_api.domain.policy_words import Coverage
from claims_api.policies.actions.resolve import Pinned


def warnings_of(sent: ClaimSubmission, pinned: Pinned | None, twin: UUID | None) -> list[dict[str, Any]]:
    """The warnings of a submission, each with a pointer into it."""
    found = []
    if pinned is not None:
        if pinned.policy.coverage is Coverage.NONE:
            found.append(
                _warning("statutory-position-not-established", "/region", "No law is on file for this region.")
            )
        usual = {pinned.policy.currency, *pinned.policy.other_currencies}
        for pointer, currency in _currencies(sent):
            if currency not in usual:
                found.append(_warning("currency-unusual", pointer, "This region does not use this currency."))
    if twin is not None and not sent.draft:
        found.append(twin_warning())
    return found


def twin_warning() -> dict[str, Any]:
    """What is said of a claim that seems to repeat another one."""
    return _warning("likely-duplicate", "", "An open claim looks the same; a person will compare them.")


def _currencies(sent: ClaimSubmission) -> list[tuple[str, str]]:
    found = []
    if sent.order and sent.order.shipping_paid:
        found.append(("/order/shipping_paid/currency", sent.order.shipping_paid.currency))
    for index, line in enumerate(sent.lines):
        if line.paid:
            found.append((f"/lines/{index}/paid/currency", line.paid.currency))
    return found


def _warning(code: str, pointer: str, detail: str) -> dict[str, Any]:
    return {"code": code, "pointer": pointer, "detail": detail}
