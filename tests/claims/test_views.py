"""Who sees what of a claim: every field and every kind of event, against a table typed by hand."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from claims_api.claims.schemas import answers, events, line_answers, shown, submission, transitions, values
from claims_api.claims.schemas.answers import ClaimAnswer, HoldAnswer
from claims_api.claims.schemas.events import EventAnswer
from claims_api.claims.schemas.shown import money_answer
from claims_api.claims.schemas.views import (
    FIELDS,
    View,
    as_seen,
    exclusions,
    sees_event,
    shown_actor_ref,
    shown_data,
    visible_holds,
)
from claims_api.claims.schemas.words import CustomerKind
from claims_api.domain.answers import Data, EventType
from claims_api.domain.claim import Actor
from claims_api.domain.money import Money
from claims_api.domain.vocabulary import ActorKind, HoldKind

NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)

SEEN_BY_ALL = """
id number status stage version awaiting.who awaiting.action awaiting.due_at decision appeal appeal_until reopen_until
region locale channel time_zone customer.kind
order.ref order.purchased_on order.delivered_on order.sold_by order.sales_channel
order.shipping_paid.amount order.shipping_paid.currency
lines[].position lines[].sku lines[].name lines[].category lines[].condition lines[].expected_life_months
lines[].serial_numbers lines[].quantity lines[].delivered_on lines[].paid.amount lines[].paid.currency
lines[].issue.code lines[].issue.ground lines[].issue.noticed_on lines[].issue.description
lines[].requested_remedy lines[].decision
lines[].prior_repairs[].repaired_on lines[].prior_repairs[].by lines[].prior_repairs[].issue_code
lines[].refusal.reason lines[].refusal.clause.source lines[].refusal.clause.reference lines[].refusal.clause.text
lines[].refusal.facts lines[].refusal.would_change lines[].refusal.appeal_until
policy.id policy.region policy.href
policy.dates[].rule policy.dates[].positions policy.dates[].on policy.dates[].at policy.dates[].zone
policy.dates[].counted.value policy.dates[].counted.unit policy.dates[].rolled
policy.dates[].skipped[].on policy.dates[].skipped[].name policy.dates[].decides
policy.dates[].layer policy.dates[].law policy.dates[].source promises documents.required
holds[].id holds[].kind holds[].opened_at holds[].released_at goods_with
remedies[].id remedies[].position remedies[].kind remedies[].state remedies[].amount.amount remedies[].amount.currency
remedies[].starts_when
allowed_transitions[].transition allowed_transitions[].blocked_by
warnings[].code warnings[].pointer warnings[].detail
tracking.token tracking.url submitted_at ended_at created_at updated_at
"""
SEEN_BY_THE_BRAND = """
external_ref customer.ref customer.name customer.email customer.phone customer.acts_for holds[].duplicate_of metadata
"""
SEEN_BY_THE_STAFF = "holds[].reason assignee decided_by.kind decided_by.ref"

HIDDEN_FROM_PARTNERS = """
customer.kind order.shipping_paid.amount order.shipping_paid.currency
lines[].paid.amount lines[].paid.currency remedies[].amount.amount remedies[].amount.currency
tracking.token tracking.url
"""

EXPECTED = {
    View.PARTNER: {*SEEN_BY_ALL.split()} - {*HIDDEN_FROM_PARTNERS.split()},
    View.CUSTOMER: {*SEEN_BY_ALL.split()},
    View.STOREFRONT: {*SEEN_BY_ALL.split(), *SEEN_BY_THE_BRAND.split()},
    View.STAFF: {*SEEN_BY_ALL.split(), *SEEN_BY_THE_BRAND.split(), *SEEN_BY_THE_STAFF.split()},
}


def leaves(annotation: Any, path: str) -> Iterator[str]:
    """The path of every leaf of a type: what is neither a model nor a list of models."""
    if get_origin(annotation) in (Union, UnionType):
        for option in get_args(annotation):
            if option is not type(None):
                yield from leaves(option, path)
    elif get_origin(annotation) is list and isinstance(get_args(annotation)[0], type(BaseModel)):
        yield from leaves(get_args(annotation)[0], f"{path}[]")
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from leaves(field.annotation, f"{path}.{name}".removeprefix("."))
    else:
        yield path


def leaves_of_json(found: object, path: str = "") -> Iterator[str]:
    """The same paths in an answer; what lies below a leaf is its value."""
    if path in FIELDS:
        yield path
    elif isinstance(found, list):
        for entry in found:
            yield from leaves_of_json(entry, f"{path}[]")
    elif isinstance(found, dict):
        for name, value in found.items():
            yield from leaves_of_json(value, f"{path}.{name}".removeprefix("."))


def held(kind: HoldKind) -> HoldAnswer:
    return HoldAnswer(id=f"hld_{kind}", kind=kind, reason="why", duplicate_of="clm_2", opened_at=NOW, released_at=None)


def full_claim() -> ClaimAnswer:
    """A claim in which nothing is missing."""
    money = {"amount": "129.00", "currency": "EUR"}
    refusal = {
        "reason": "misuse",
        "clause": {"source": "terms", "reference": "section 4", "text": "..."},
        "facts": ["bent"],
        "would_change": ["a report"],
        "appeal_until": NOW,
    }
    line = {
        "position": 1,
        "sku": "KTL-2",
        "name": "Kettle",
        "category": "small_appliances",
        "condition": "new",
        "expected_life_months": 60,
        "serial_numbers": ["SN123"],
        "quantity": 1,
        "delivered_on": date(2026, 3, 5),
        "paid": money,
        "issue": {"code": "noise", "ground": "defect", "noticed_on": date(2026, 10, 30), "description": "..."},
        "requested_remedy": "repair",
        "prior_repairs": [{"repaired_on": date(2026, 6, 1), "by": "seller", "issue_code": "noise"}],
        "decision": "not_covered",
        "refusal": refusal,
    }
    person = {"name": "Greta", "email": "greta@example.com", "phone": "+49", "acts_for": "Otto"}
    order = {"purchased_on": date(2026, 3, 2), "delivered_on": date(2026, 3, 5), "shipping_paid": money}
    remedy = {"id": "rem_1", "position": 1, "kind": "refund", "state": "accepted", "amount": money}
    remedy |= {"starts_when": "now"}
    ends = {"rule": "statutory_guarantee_months", "positions": [1], "on": date(2028, 3, 6), "at": NOW, "rolled": True}
    ends |= {"zone": "Europe/Berlin", "counted": {"value": 24, "unit": "months"}, "decides": True}
    ends |= {"skipped": [{"on": date(2028, 3, 5), "name": "sun"}], "layer": "statutory", "law": "bgb", "source": "..."}
    windows = dict.fromkeys(
        ("appeal_until", "reopen_until", "submitted_at", "ended_at", "created_at", "updated_at"), NOW
    )
    return ClaimAnswer.model_validate(
        {
            **windows,
            **{"id": "clm_1", "number": "0123456789", "status": "rejected", "stage": "declined", "version": 3},
            **{"decision": "not_covered", "appeal": "none", "external_ref": "R-1", "goods_with": "customer"},
            **{"region": "DE-BY", "locale": "de-DE", "channel": "phone", "time_zone": "Europe/Berlin"},
            "awaiting": {"who": "merchant", "action": "decide", "due_at": NOW},
            "customer": {"ref": "c-77", "kind": "consumer", **person},
            "order": {"ref": "100-42", "sold_by": "us", "sales_channel": "distance", **order},
            "lines": [line],
            "policy": {"id": "pol_1", "region": "DE-BY", "href": "/v1/policies/DE-BY", "dates": [ends]},
            **{"promises": [], "documents": {"required": []}, "holds": [held(HoldKind.DUPLICATE)]},
            "remedies": [remedy],
            "allowed_transitions": [{"transition": "close", "blocked_by": None}],
            "warnings": [{"code": "c", "pointer": "/region", "detail": "d"}],
            **{"assignee": "anna", "decided_by": {"kind": "agent", "ref": "anna"}, "metadata": {"a.b": "c"}},
            "tracking": {"token": "trk_1", "url": None},
        }
    )


def answer(claim: ClaimAnswer, view: View) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_seen(view, claim).model_dump_json(exclude=exclusions(view)))
    return found


def test_every_field_of_a_claim_has_exactly_one_row() -> None:
    found = list(leaves(ClaimAnswer, ""))

    assert sorted(found) == sorted(FIELDS)


@pytest.mark.parametrize("view", View)
def test_a_view_shows_exactly_the_fields_of_the_table_typed_by_hand(view: View) -> None:
    assert {path for path, views in FIELDS.items() if view in views} == EXPECTED[view]
    assert set(leaves_of_json(answer(full_claim(), view))) == EXPECTED[view]


@pytest.mark.parametrize("view", View)
def test_nothing_is_left_of_an_object_of_which_a_view_sees_nothing(view: View) -> None:
    assert ("decided_by" in answer(full_claim(), view)) is (view is View.STAFF)


@pytest.mark.parametrize("view", View)
def test_the_answer_of_every_view_fits_the_one_schema(view: View) -> None:
    ClaimAnswer.model_validate(answer(full_claim(), view))


def test_a_token_and_a_person_that_are_not_there_are_left_out() -> None:
    customer = answers.CustomerAnswer(ref="c-77", kind=CustomerKind.CONSUMER)

    found = answer(full_claim().model_copy(update={"tracking": None, "customer": customer}), View.STAFF)

    assert "tracking" not in found
    assert found["customer"] == {"ref": "c-77", "kind": "consumer"}


HIDDEN_HOLDS = {HoldKind.FRAUD, HoldKind.SANCTIONS}


@pytest.mark.parametrize("view", View)
def test_fraud_and_sanctions_are_the_business_of_the_staff(view: View) -> None:
    kinds = {hold.kind for hold in visible_holds(view, [held(kind) for kind in HoldKind])}

    assert kinds == (set(HoldKind) if view is View.STAFF else set(HoldKind) - HIDDEN_HOLDS)


EVENTS_SEEN_BY_THE_CUSTOMER = {
    *{"claim.drafted", "claim.submitted", "claim.review_started", "claim.approved", "claim.rejected"},
    "claim.withdrawal_accepted",
    *{"claim.resolved", "claim.closed", "claim.reopened", "claim.withdrawn", "claim.cancelled"},
    *{"claim.hold_opened", "claim.hold_released", "remedy.accepted", "remedy.completed"},
    *{"shipment.registered", "shipment.updated", "shipment.delayed", "shipment.damaged", "shipment.delivered"},
    *{"shipment.lost", "shipment.receipt_recorded"},
}
EVENTS_SEEN_BY_PARTNERS = {
    *{"claim.item_required", "claim.item_received", "claim.item_lost", "claim.item_waived"},
    "claim.findings_recorded",
}
EVENTS_SEEN_BY_THE_STAFF = {"claim.assigned", "claim.noted", "shipment.flagged"}


@pytest.mark.parametrize("view", View)
def test_a_view_shows_exactly_the_events_of_the_table_typed_by_hand(view: View) -> None:
    seen = {kind.value for kind in EventType if sees_event(view, kind, {"kind": "duplicate"})}

    outside = EVENTS_SEEN_BY_THE_CUSTOMER | EVENTS_SEEN_BY_PARTNERS
    assert set(EventType) == outside | EVENTS_SEEN_BY_THE_STAFF
    assert seen == {View.STAFF: set(EventType), View.PARTNER: EVENTS_SEEN_BY_PARTNERS}.get(view, outside)


@pytest.mark.parametrize("view", View)
@pytest.mark.parametrize("event_type", [EventType.HOLD_OPENED, EventType.HOLD_RELEASED])
@pytest.mark.parametrize("kind", [*HIDDEN_HOLDS, "a kind of tomorrow", None])
def test_the_history_of_a_hidden_hold_is_hidden_too(view: View, event_type: EventType, kind: str | None) -> None:
    assert sees_event(view, event_type, {"kind": kind}) is (view is View.STAFF)


@pytest.mark.parametrize("view", View)
def test_a_customer_does_not_learn_of_somebody_elses_claim(view: View) -> None:
    data = {"kind": "duplicate", "duplicate_of": "clm_2"}

    found = shown_data(view, EventType.HOLD_OPENED, data)

    assert found == (data if view in (View.STOREFRONT, View.STAFF) else {"kind": "duplicate"})


@pytest.mark.parametrize("view", View)
@pytest.mark.parametrize(
    ("event_type", "inner"),
    [(EventType.SHIPMENT_REGISTERED, "partner"), (EventType.SHIPMENT_RECEIPT_RECORDED, "disposition")],
)
def test_whom_the_brand_works_with_and_what_it_makes_of_goods_is_its_own_business(
    view: View, event_type: EventType, inner: str
) -> None:
    found = shown_data(view, event_type, {"shipment_id": "shp_1", inner: "word"})

    assert found.keys() == {"shipment_id"} | ({inner} if view in (View.STOREFRONT, View.STAFF) else set())


@pytest.mark.parametrize("view", View)
def test_what_the_law_made_of_a_withdrawal_is_shown_to_the_staff_only(view: View) -> None:
    line: Data = {"position": 1, "decision": "withdrawal_accepted", "remedy": "refund"}
    data: Data = {"lines": [{**line, "finding": {"excepted": "judgement"}}]}

    found = shown_data(view, EventType.WITHDRAWAL_ACCEPTED, data)

    assert found == (data if view is View.STAFF else {"lines": [line]})


@pytest.mark.parametrize("view", View)
@pytest.mark.parametrize("kind", ActorKind)
def test_a_person_of_the_staff_is_named_to_the_staff_only(view: View, kind: ActorKind) -> None:
    is_named = shown_actor_ref(view, Actor(kind, "somebody")) is not None

    assert is_named is (view is View.STAFF or kind is ActorKind.CUSTOMER)


def test_instants_are_written_in_utc_dates_as_days_and_amounts_as_text() -> None:
    in_berlin = NOW.astimezone(timezone(timedelta(hours=1)))
    claim = ClaimAnswer.model_validate({**full_claim().model_dump(), "created_at": in_berlin})

    found = answer(claim, View.STAFF)

    assert found["created_at"] == "2026-11-24T10:15:00Z"
    assert found["order"]["purchased_on"] == "2026-03-02"
    assert money_answer(Money(500, "JPY")).model_dump() == {"amount": "500", "currency": "JPY"}
    assert money_answer(Money(12_345, "KWD")).model_dump() == {"amount": "12.345", "currency": "KWD"}


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        ClaimAnswer.model_validate({**full_claim().model_dump(), "created_at": datetime(2026, 11, 24)})


MODELS: dict[str, type[BaseModel]] = {
    name: found
    for module in (values, submission, transitions, shown, line_answers, answers, events)
    for name, found in vars(module).items()
    if isinstance(found, type) and issubclass(found, BaseModel)
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_every_field_is_described_in_one_short_plain_sentence(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        description = field.description or ""
        assert description.endswith("."), name
        assert ". " not in description, name
        assert len(description) <= 110, name


def types_in(schema: object) -> Iterator[object]:
    if isinstance(schema, dict):
        yield schema.get("type")
        for part in schema.values():
            yield from types_in(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from types_in(part)


@pytest.mark.parametrize("kind", [submission.ClaimSubmission, transitions.TransitionRequest, ClaimAnswer, EventAnswer])
def test_no_number_with_decimals_is_part_of_the_contract(kind: Any) -> None:
    assert "number" not in types_in(TypeAdapter(kind).json_schema(mode="serialization"))
