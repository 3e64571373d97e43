"""Who sees what of a claim: one table of fields, one of events, and nothing else decides it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeAlias, TypeVar

from pydantic.main import IncEx

from claims_api.claims.schemas.answers import ClaimAnswer, HoldAnswer
from claims_api.domain.answers import Data, EventType
from claims_api.domain.claim import Actor, Hold
from claims_api.domain.holds import HOLD_RULES
from claims_api.domain.vocabulary import ActorKind
from claims_api.domain.wire import records


class View(StrEnum):
    """How a claim is looked at: by the customer, by the brand's storefront, by its staff, by a partner with a leg."""

    CUSTOMER = "customer"
    STOREFRONT = "storefront"
    STAFF = "staff"
    PARTNER = "partner"


Held = TypeVar("Held", Hold, HoldAnswer)
Hidden: TypeAlias = dict[str, "Hidden | bool"]

ALL = frozenset(View)
OWN = ALL - {View.PARTNER}  # a partner learns neither the person nor the money
BRAND = frozenset({View.STOREFRONT, View.STAFF})
STAFF = frozenset({View.STAFF})

FIELDS: Mapping[str, frozenset[View]] = {
    "id": ALL,
    "number": ALL,
    "status": ALL,
    "stage": ALL,
    "version": ALL,
    "awaiting.who": ALL,
    "awaiting.action": ALL,
    "awaiting.due_at": ALL,
    "decision": ALL,
    "appeal": ALL,
    "appeal_until": ALL,
    "reopen_until": ALL,
    "external_ref": BRAND,
    "region": ALL,
    "locale": ALL,
    "channel": ALL,
    "time_zone": ALL,
    "customer.ref": BRAND,
    "customer.kind": OWN,
    # A tracking link travels in messages: whoever opens it learns no person from it.
    "customer.name": BRAND,
    "customer.email": BRAND,
    "customer.phone": BRAND,
    "customer.acts_for": BRAND,
    "order.ref": ALL,
    "order.purchased_on": ALL,
    "order.delivered_on": ALL,
    "order.sold_by": ALL,
    "order.sales_channel": ALL,
    "order.shipping_paid.amount": OWN,
    "order.shipping_paid.currency": OWN,
    "lines[].position": ALL,
    "lines[].sku": ALL,
    "lines[].name": ALL,
    "lines[].category": ALL,
    "lines[].condition": ALL,
    "lines[].expected_life_months": ALL,
    "lines[].serial_numbers": ALL,
    "lines[].quantity": ALL,
    "lines[].delivered_on": ALL,
    "lines[].paid.amount": OWN,
    "lines[].paid.currency": OWN,
    "lines[].issue.code": ALL,
    "lines[].issue.ground": ALL,
    "lines[].issue.noticed_on": ALL,
    "lines[].issue.description": ALL,
    "lines[].requested_remedy": ALL,
    "lines[].prior_repairs[].repaired_on": ALL,
    "lines[].prior_repairs[].by": ALL,
    "lines[].prior_repairs[].issue_code": ALL,
    "lines[].decision": ALL,
    "lines[].refusal.reason": ALL,
    "lines[].refusal.clause.source": ALL,
    "lines[].refusal.clause.reference": ALL,
    "lines[].refusal.clause.text": ALL,
    "lines[].refusal.facts": ALL,
    "lines[].refusal.would_change": ALL,
    "lines[].refusal.appeal_until": ALL,
    "policy.id": ALL,
    "policy.region": ALL,
    "policy.href": ALL,
    "policy.dates[].rule": ALL,
    "policy.dates[].positions": ALL,
    "policy.dates[].on": ALL,
    "policy.dates[].at": ALL,
    "policy.dates[].zone": ALL,
    "policy.dates[].counted.value": ALL,
    "policy.dates[].counted.unit": ALL,
    "policy.dates[].rolled": ALL,
    "policy.dates[].skipped[].on": ALL,
    "policy.dates[].skipped[].name": ALL,
    "policy.dates[].decides": ALL,
    "policy.dates[].layer": ALL,
    "policy.dates[].law": ALL,
    "policy.dates[].source": ALL,
    "promises": ALL,
    "documents.required": ALL,
    "holds[].id": ALL,
    "holds[].kind": ALL,
    "holds[].reason": STAFF,
    # The claim it seems to repeat may be somebody else's.
    "holds[].duplicate_of": BRAND,
    "holds[].opened_at": ALL,
    "holds[].released_at": ALL,
    "goods_with": ALL,
    "remedies[].id": ALL,
    "remedies[].position": ALL,
    "remedies[].kind": ALL,
    "remedies[].state": ALL,
    "remedies[].amount.amount": OWN,
    "remedies[].amount.currency": OWN,
    "remedies[].starts_when": ALL,
    "allowed_transitions[].transition": ALL,
    "allowed_transitions[].blocked_by": ALL,
    "warnings[].code": ALL,
    "warnings[].pointer": ALL,
    "warnings[].detail": ALL,
    "assignee": STAFF,
    "decided_by.kind": STAFF,
    "decided_by.ref": STAFF,
    "metadata": BRAND,
    "tracking.token": OWN,
    "tracking.url": OWN,
    "submitted_at": ALL,
    "ended_at": ALL,
    "created_at": ALL,
    "updated_at": ALL,
}
"""Every leaf of `ClaimAnswer`, and the views that see it; `[]` means each entry of a list."""

_NULL_TO_PARTNERS = ("customer.", "order.shipping_paid.", "lines[].paid.", "remedies[].amount.")
"""What `as_seen` leaves as null and not out."""

STAFF_EVENTS = frozenset({EventType.NOTED, EventType.ASSIGNED, EventType.SHIPMENT_FLAGGED})
PARTNER_EVENTS = frozenset(
    {
        EventType.ITEM_REQUIRED,
        EventType.ITEM_RECEIVED,
        EventType.ITEM_LOST,
        EventType.ITEM_WAIVED,
        EventType.FINDINGS_RECORDED,
    }
)
"""What a partner with a leg of a claim has to know of its history; its own parcels it reads as such."""
_HIDDEN_IN: Mapping[EventType, Mapping[str, frozenset[View]]] = {
    EventType.HOLD_OPENED: {"duplicate_of": BRAND},
    EventType.SHIPMENT_REGISTERED: {"partner": BRAND},
    EventType.SHIPMENT_RECEIPT_RECORDED: {"disposition": BRAND},
}
"""Members of an event's data that only these views see."""
_VISIBLE_HOLDS = frozenset(kind.value for kind, rule in HOLD_RULES.items() if not rule.is_hidden)


def exclusions(view: View) -> IncEx | None:
    """What `model_dump_json(exclude=...)` leaves out of a `ClaimAnswer` in this view; None when nothing is."""
    return _EXCLUSIONS[view]


def as_seen(view: View, answer: ClaimAnswer) -> ClaimAnswer:
    """The answer with null where its contract asks for a member that this view does not see."""
    if view is not View.PARTNER:
        return answer
    return answer.model_copy(
        update={
            "customer": None,
            "order": answer.order.model_copy(update={"shipping_paid": None}),
            "lines": [line.model_copy(update={"paid": None}) for line in answer.lines],
            "remedies": [remedy.model_copy(update={"amount": None}) for remedy in answer.remedies],
        }
    )


def visible_holds(view: View, holds: Iterable[Held]) -> list[Held]:
    """The holds this view may know of: fraud and sanctions are the staff's business."""
    return [hold for hold in holds if view is View.STAFF or hold.kind.value in _VISIBLE_HOLDS]


def sees_event(view: View, event_type: EventType, data: Data) -> bool:
    """Whether an event is in this view's history; a hold of a kind unknown here counts as hidden."""
    if view is View.STAFF:
        return True
    if view is View.PARTNER:
        return event_type in PARTNER_EVENTS
    if event_type in (EventType.HOLD_OPENED, EventType.HOLD_RELEASED):
        return data.get("kind") in _VISIBLE_HOLDS
    return event_type not in STAFF_EVENTS


def shown_data(view: View, event_type: EventType, data: Data) -> Data:
    """The data of an event this view sees, without what the fields of the claim hide from it too."""
    if event_type is EventType.WITHDRAWAL_ACCEPTED and view is not View.STAFF:
        return {**data, "lines": [_without_finding(line) for line in records(data, "lines")]}
    seen_by = _HIDDEN_IN.get(event_type, {})
    return {key: value for key, value in data.items() if view in seen_by.get(key, ALL)} if seen_by else data


def _without_finding(line: Data) -> Data:
    """What the law made of a withdrawal, and what a person has to judge about it, is the staff's business."""
    return {key: value for key, value in line.items() if key != "finding"}


def shown_actor_ref(view: View, actor: Actor) -> str | None:
    """Who acted: a person of the staff is named to the staff only, a customer is a customer to everybody."""
    return actor.ref if view is View.STAFF or actor.kind is ActorKind.CUSTOMER else None


def _hidden_below(rows: list[tuple[list[str], bool]]) -> Hidden | bool:
    """True where nothing of a branch is seen, else what of it is hidden; each row has its steps and whether it is."""
    if not any(seen for _, seen in rows):
        return True
    found: Hidden = {}
    for first in dict.fromkeys(steps[0] for steps, _ in rows if steps):
        below = _hidden_below([(steps[1:], seen) for steps, seen in rows if steps[0] == first])
        if below:
            found[first] = below
    return found


def _exclusions(view: View) -> IncEx | None:
    nulled = _NULL_TO_PARTNERS if view is View.PARTNER else ()
    rows = [
        (path.replace("[]", ".__all__").split("."), view in views or path.startswith(nulled))
        for path, views in FIELDS.items()
    ]
    hidden = _hidden_below(rows)
    return None if isinstance(hidden, bool) else hidden or None


_EXCLUSIONS = {view: _exclusions(view) for view in View}
