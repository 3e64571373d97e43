"""A stored claim as the caller may see it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from claims_api.access.actions import Caller
from claims_api.access.scopes import CUSTOMER, Role
from claims_api.claims.queries.records import Filed, StoredClaim, word
from claims_api.claims.schemas.answers import (
    AllowedTransitionAnswer,
    AwaitingAnswer,
    ClaimAnswer,
    CustomerAnswer,
    DeciderAnswer,
    DocumentsAnswer,
    HoldAnswer,
    OrderAnswer,
    PinnedPolicyAnswer,
    PolicyDateAnswer,
    RemedyAnswer,
    TrackingAnswer,
    WarningAnswer,
)
from claims_api.claims.schemas.line_answers import IssueAnswer, LineAnswer, PriorRepairAnswer, RefusalAnswer
from claims_api.claims.schemas.shown import MoneyAnswer, money_answer
from claims_api.claims.schemas.views import View, as_seen, exclusions, visible_holds
from claims_api.claims.schemas.words import RequestedRemedy
from claims_api.domain.claim import Actor, Claim, Line, Remedy
from claims_api.domain.money import Money
from claims_api.domain.policy_words import Category
from claims_api.domain.standing import awaited, decision_of, stage_of
from claims_api.domain.transitions import allowed_transitions
from claims_api.domain.vocabulary import ActorKind, Transition
from claims_api.kit import ids

TOKEN_PLACE = "trk_derived-again"  # noqa: S105 - stands in stored answers where the token is put each time

_VIEWS: dict[str, View] = {
    CUSTOMER: View.CUSTOMER,
    Role.STOREFRONT: View.STOREFRONT,
    Role.PARTNER: View.PARTNER,
}
_ACTORS: dict[str, ActorKind] = {
    CUSTOMER: ActorKind.CUSTOMER,
    Role.STOREFRONT: ActorKind.CUSTOMER,
    Role.PARTNER: ActorKind.PARTNER,
    Role.AGENT: ActorKind.AGENT,
    Role.SUPERVISOR: ActorKind.SUPERVISOR,
    Role.ADMIN: ActorKind.ADMIN,
}


@dataclass(frozen=True)
class Looker:
    """Who looks at a claim, and when: the view, and the role its allowed transitions are for."""

    view: View
    kind: ActorKind
    role: str
    now: datetime


def looker(caller: Caller, now: datetime) -> Looker:
    """How this caller sees claims; a storefront speaks for the customer."""
    return Looker(_VIEWS.get(caller.role, View.STAFF), _ACTORS[caller.role], caller.role, now)


def actor_of(caller: Caller, customer_id: str | None) -> Actor:
    """Who acts in the events: staff by their own reference, a customer by the party's id."""
    kind = _ACTORS[caller.role]
    return Actor(kind, customer_id if kind is ActorKind.CUSTOMER else caller.actor_ref)


def etag_of(version: int, who: Looker, locale: str | None) -> str:
    """`"<version>.<view>.<locale>"`; the role is part of the view, since it decides what may be done."""
    return f'"{version}.{who.view}-{who.role}.{locale or "und"}"'


def render(stored: StoredClaim, who: Looker, tracking: TrackingAnswer | None = None, person: Any = None) -> bytes:
    """The answer as bytes, without what this view does not see."""
    answer = as_seen(who.view, claim_answer(stored, who, tracking, person))
    return answer.model_dump_json(exclude=exclusions(who.view)).encode()


def claim_answer(
    stored: StoredClaim, who: Looker, tracking: TrackingAnswer | None = None, person: Any = None
) -> ClaimAnswer:
    """Every field of the claim; the view is applied when it is written."""
    claim, filed = stored.claim, stored.filed
    return ClaimAnswer(
        id=ids.encode("clm", stored.id),
        number=stored.number,
        status=claim.status,
        stage=stage_of(claim),
        version=claim.version,
        awaiting=_awaiting(claim),
        decision=decision_of(claim),
        appeal=claim.appeal,
        appeal_until=claim.appeal_until,
        reopen_until=claim.reopen_until,
        region=claim.region,
        **_as_filed(filed),
        customer=_customer(filed, person),
        order=_order(claim, filed),
        lines=[_line(line, filed) for line in claim.lines],
        policy=_policy(stored),
        promises=[],
        documents=DocumentsAnswer(required=[]),
        holds=visible_holds(who.view, [_hold(hold, filed) for hold in claim.holds]),
        goods_with=claim.goods_with,
        remedies=[_remedy(remedy) for remedy in claim.remedies],
        allowed_transitions=allowed(claim, who),
        warnings=[WarningAnswer(**warning) for warning in stored.warnings],
        assignee=claim.assignee,
        decided_by=_decider(claim),
        tracking=tracking,
        submitted_at=claim.submitted_at,
        ended_at=claim.ended_at,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


def allowed(claim: Claim, who: Looker) -> list[AllowedTransitionAnswer]:
    """What this caller may ask of `POST .../transitions`; a draft is saved again by PUT, which is no such step."""
    return [
        AllowedTransitionAnswer(transition=step.transition, blocked_by=step.blocked_by)
        for step in allowed_transitions(claim, who.kind, who.now)
        if step.transition is not Transition.DRAFT
    ]


def _as_filed(filed: Filed) -> dict[str, Any]:
    """What is shown just as it was filed."""
    return {name: getattr(filed, name) for name in ("external_ref", "locale", "channel", "time_zone", "metadata")}


def _awaiting(claim: Claim) -> AwaitingAnswer:
    turn = awaited(claim)
    return AwaitingAnswer(who=turn.who, action=turn.action, due_at=None)


def _decider(claim: Claim) -> DeciderAnswer | None:
    return DeciderAnswer(kind=claim.decided_by.kind, ref=claim.decided_by.ref) if claim.decided_by else None


def _remedy(remedy: Remedy) -> RemedyAnswer:
    return RemedyAnswer(
        id=remedy.id,
        position=remedy.position,
        kind=remedy.kind,
        state=remedy.state,
        amount=_amount(remedy.amount),
        starts_when=remedy.starts_when,
    )


def _customer(filed: Filed, person: Any) -> CustomerAnswer | None:
    return CustomerAnswer(**(person or filed.customer)) if filed.customer else None


def _order(claim: Claim, filed: Filed) -> OrderAnswer:
    return OrderAnswer(
        ref=filed.order_ref,
        purchased_on=filed.purchased_on,
        delivered_on=filed.delivered_on,
        sold_by=filed.sold_by,
        sales_channel=filed.sales_channel,
        shipping_paid=_amount(claim.shipping_paid),
    )


def _line(line: Line, filed: Filed) -> LineAnswer:
    row = filed.lines[line.position]
    words = filed.texts.get(ids.encode("txt", UUID(str(row["description_id"])))) if row["description_id"] else None
    issue = IssueAnswer(
        code=line.issue_code,
        ground=line.ground if line.issue_code else None,
        noticed_on=row["noticed_on"],
        description=words,
    )
    return LineAnswer(
        position=line.position,
        sku=line.sku,
        name=row["name"],
        category=word(Category, line.category),
        condition=row["condition"],
        expected_life_months=row["expected_life_months"],
        serial_numbers=row["serial_numbers"],
        quantity=line.quantity,
        delivered_on=row["delivered_on"],
        paid=_amount(line.paid),
        issue=issue,
        requested_remedy=word(RequestedRemedy, line.requested_remedy),
        prior_repairs=[PriorRepairAnswer(**repair) for repair in row["prior_repairs"]],
        decision=line.decision,
        refusal=_refusal(line, filed),
    )


def _refusal(line: Line, filed: Filed) -> RefusalAnswer | None:
    """The refusal with its words, which are one JSON text; without them once they are erased."""
    if line.refusal is None or line.appeal_until is None:
        return None
    body = filed.texts.get(line.refusal.words.id)
    words = json.loads(body) if body else {"clause": None, "facts": [], "would_change": []}
    return RefusalAnswer(reason=line.refusal.reason, appeal_until=line.appeal_until, **words)


def _policy(stored: StoredClaim) -> PinnedPolicyAnswer | None:
    if stored.policy_id is None or stored.claim.region is None:
        return None
    pin = "pol_" + ids.base32(int.from_bytes(stored.policy_id), 52)
    dates = [PolicyDateAnswer(**each) for each in stored.policy_dates]
    href = f"/v1/policies/{stored.claim.region}"
    return PinnedPolicyAnswer(id=pin, region=stored.claim.region, href=href, dates=dates)


def _hold(hold: Any, filed: Filed) -> HoldAnswer:
    return HoldAnswer(
        id=hold.id,
        kind=hold.kind,
        reason=filed.texts.get(hold.reason.id) if hold.reason else None,
        duplicate_of=hold.duplicate_of,
        opened_at=hold.opened_at,
        released_at=hold.released_at,
    )


def _amount(money: Money | None) -> MoneyAnswer | None:
    return money_answer(money) if money else None
