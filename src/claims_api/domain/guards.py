"""What must hold before a transition, as far as it does not depend on the command's arguments."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeAlias

from claims_api.domain.answers import Data, Refused
from claims_api.domain.claim import Claim, Filing
from claims_api.domain.legs import Leg, has_way_back, places, returns_of
from claims_api.domain.standing import is_refused
from claims_api.domain.vocabulary import ActorKind, GoodsWith, Ground, RemedyKind, Status
from claims_api.domain.wire import instant_text, optional

Guard: TypeAlias = Callable[[Claim, ActorKind, datetime], Refused | None]

IN_EXCHANGE = frozenset({RemedyKind.REFUND, RemedyKind.REPLACEMENT, RemedyKind.STORE_CREDIT})
"""Remedies that leave the goods with the seller: who is paid back or has another one does not keep the first."""


def is_complete(claim: Claim, _by: ActorKind, _now: datetime) -> Refused | None:
    """A draft can be submitted once nothing required is missing."""
    return incomplete(Filing(claim.region, claim.customer_id, claim.lines))


def is_of_one_logic(claim: Claim, _by: ActorKind, _now: datetime) -> Refused | None:
    """A withdrawal takes back the contract that a defect or a delivery is claimed under: one claim cannot be both."""
    withdrawn = _withdrawn(claim)
    is_mixed = 0 < len(withdrawn) < len(claim.lines)
    return Refused("grounds-mixed", {"withdrawals": withdrawn}) if is_mixed else None


def is_no_withdrawal(claim: Claim, _by: ActorKind, _now: datetime) -> Refused | None:
    """A withdrawal is a declaration: nothing about it is approved (Directive 2011/83/EU, art. 9 and 11)."""
    withdrawn = _withdrawn(claim)
    return Refused("withdrawal-rests", {"position": withdrawn[0]}) if withdrawn else None


def is_withdrawal(claim: Claim, _by: ActorKind, _now: datetime) -> Refused | None:
    """Only who declared a withdrawal can be taken at their word."""
    return None if len(_withdrawn(claim)) == len(claim.lines) else Refused("no-withdrawal")


def goods_are_accounted_for(claim: Claim, _by: ActorKind, _now: datetime) -> Refused | None:
    """Nothing rests or ends while the customer's goods are elsewhere, unless they come back or were given up.

    Goods are given up for a refund or another item, or with the customer's recorded agreement.
    """
    where = places(claim.legs, (line.position for line in claim.lines))
    open_ones = [position for position, place in where.items() if not _is_accounted_for(claim, position, place)]
    return Refused("goods-not-with-customer", {"positions": open_ones}) if open_ones else None


def item_has_arrived(claim: Claim, _by: ActorKind, _now: datetime) -> Refused | None:
    """Goods are received once a parcel with them was delivered or opened; whether all came, the decision asks."""
    return None if any(leg.has_arrived for leg in _awaited(claim)) else Refused("item-not-arrived")


def has_receipt(claim: Claim, _by: ActorKind, _now: datetime) -> Refused | None:
    """What nobody recorded as received nobody has looked at."""
    is_open = any(leg.receipt and leg.has_arrived for leg in _awaited(claim))
    return None if is_open else Refused("receipt-missing")


def windows_are_over_for_system(claim: Claim, by: ActorKind, now: datetime) -> Refused | None:
    """The customer may close at any time; the system only when no window to reopen or appeal runs any more."""
    until = max((end for end in (claim.reopen_until, claim.appeal_until) if end), default=None)
    return _window_open(until) if by is ActorKind.SYSTEM and until and now < until else None


def system_cancels_only_old_drafts(claim: Claim, by: ActorKind, now: datetime) -> Refused | None:
    """The system clears away drafts nobody came back to; it has no reason to cancel anything else."""
    if by is not ActorKind.SYSTEM:
        return None
    if claim.status is not Status.DRAFT:
        return Refused("reason-not-allowed")
    return _window_open(claim.draft_until) if claim.draft_until and now < claim.draft_until else None


def remedies_ended_for_system(claim: Claim, by: ActorKind, _now: datetime) -> Refused | None:
    """A person who resolves says that what was owed is done; software may not say so while it is owed."""
    return Refused("remedies-open") if by is ActorKind.SYSTEM and claim.open_remedies else None


def was_submitted(claim: Claim, _by: ActorKind, _now: datetime) -> Refused | None:
    """A cancelled draft was never filed: there is nothing to review; the customer files anew."""
    return None if claim.submitted_at else Refused("never-submitted")


def is_not_refused(claim: Claim, _by: ActorKind, _now: datetime) -> Refused | None:
    """After a refusal only an appeal reopens, and somebody else decides it."""
    return Refused("appeal-instead", appeal_members(claim)) if is_refused(claim) else None


def reopen_window_runs(claim: Claim, _by: ActorKind, now: datetime) -> Refused | None:
    """A settled claim can be taken up again until its window ends."""
    if claim.reopen_until and now < claim.reopen_until:
        return None
    return Refused("reopen-window-over", {"reopen_until": optional(instant_text, claim.reopen_until)})


def has_open_hold(claim: Claim, _by: ActorKind, _now: datetime) -> Refused | None:
    """Only what is held can be released."""
    return None if claim.open_holds else Refused("hold-not-open")


def incomplete(filing: Filing) -> Refused | None:
    """`draft-incomplete` with JSON pointers to what is missing, or nothing."""
    missing: list[str] = []
    if not filing.region:
        missing.append("/region")
    if not filing.customer_id:
        missing.append("/customer/ref")
    if not filing.lines:
        missing.append("/lines")
    for index, line in enumerate(filing.lines):
        if not line.issue_code:
            missing.append(f"/lines/{index}/issue/code")
        if not line.sku and not line.has_name:
            missing.append(f"/lines/{index}/sku")
    return Refused("draft-incomplete", {"missing": missing}) if missing else None


def appeal_members(claim: Claim) -> Data:
    """Until when a refused line can be appealed: the way out where reopening is none."""
    return {"appeal_until": optional(instant_text, claim.appeal_until)}


def _awaited(claim: Claim) -> Iterable[Leg]:
    """The legs with the goods we asked for."""
    return (leg for line in claim.lines if line.is_awaited for leg in returns_of(claim.legs, line.position))


def _is_accounted_for(claim: Claim, position: int, place: GoodsWith) -> bool:
    if place is GoodsWith.CUSTOMER or has_way_back(claim.legs, position):
        return True
    if place is not GoodsWith.CARRIER and any(
        remedy.position == position and remedy.kind in IN_EXCHANGE for remedy in claim.remedies
    ):
        return True
    receipts = (leg.receipt for leg in returns_of(claim.legs, position))
    return place is GoodsWith.US and any(receipt.may_be_kept for receipt in receipts if receipt)


def _withdrawn(claim: Claim) -> list[int]:
    return [line.position for line in claim.lines if line.ground is Ground.WITHDRAWAL]


def _window_open(until: datetime | None) -> Refused:
    return Refused("window-open", {"until": optional(instant_text, until)})
