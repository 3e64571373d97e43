"""A submission as rows and as the facts the rules read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from claims_api.claims.actions.context import Sale, sale_of
from claims_api.claims.actions.record import Words
from claims_api.claims.queries.records import Found, cure_attempts
from claims_api.claims.schemas.submission import ClaimSubmission, CustomerSubmission, LineSubmission, OrderSubmission
from claims_api.claims.schemas.values import MoneyInput
from claims_api.domain.claim import Filing, Line
from claims_api.domain.vocabulary import LineDecision, RemedyKind
from claims_api.kit import ids


@dataclass(frozen=True)
class Content:
    """What was filed: the facts for the domain, and rows in the form in which a read finds them."""

    filing: Filing
    row: Mapping[str, Any]
    party: Mapping[str, object] | None
    serials: list[dict[str, object]]


def sale_sent(sent: ClaimSubmission) -> Sale | None:
    """The sale a submission speaks of; None where a draft does not say where."""
    if sent.region is None:
        return None
    kind = sent.customer.kind if sent.customer else None
    return sale_of(sent.region, kind, sent.order or OrderSubmission(), (line.delivered_on for line in sent.lines))


def content_of(sent: ClaimSubmission, words: Words, party_id: UUID, base: Found) -> Content:
    """`base` holds the columns the filing does not set (ids, number, epoch, when created)."""
    customer, order = sent.customer, sent.order or OrderSubmission()
    has_reference = customer is not None and customer.ref is not None
    lines = [_line_row(words, position, line) for position, line in enumerate(sent.lines, start=1)]
    filing = Filing(
        region=sent.region,
        customer_id=ids.encode("pty", party_id) if has_reference else None,
        lines=tuple(_line(row, line, order) for row, line in zip(lines, sent.lines, strict=True)),
        shipping_paid=order.shipping_paid.money() if order.shipping_paid else None,
    )
    row = {
        **base,
        "customer_id": party_id if customer else None,
        "external_ref": sent.external_ref,
        "locale": sent.locale,
        "channel": sent.channel,
        "time_zone": sent.time_zone,
        "order_ref": order.ref,
        "purchased_on": order.purchased_on,
        "delivered_on": order.delivered_on,
        "sold_by": order.sold_by,
        "sales_channel": order.sales_channel,
        "metadata": dict(sent.metadata),
        "lines": lines,
        "texts": base.get("texts", []),
        "customer": {"ref": customer.ref, "kind": customer.kind} if customer else None,
    }
    party = _party(words.tenant_id, party_id, customer) if customer else None
    return Content(filing, row, party, _serials(words, sent))


def _party(tenant_id: UUID, party_id: UUID, customer: CustomerSubmission) -> dict[str, object]:
    return {"tenant_id": tenant_id, "id": party_id, **customer.model_dump(mode="json")}


def _line_row(words: Words, position: int, line: LineSubmission) -> dict[str, Any]:
    issue = line.issue
    description = words.keep("description", issue.description) if issue and issue.description else None
    return {
        "position": position,
        "sku": line.sku,
        "name": line.name,
        "category": line.category,
        "condition": line.condition,
        "expected_life_months": line.expected_life_months,
        "serial_numbers": line.serial_numbers,
        "quantity": line.quantity,
        "delivered_on": line.delivered_on,
        **_paid(line.paid),
        "issue_code": issue.code if issue else None,
        "noticed_on": issue.noticed_on if issue else None,
        "description_id": ids.decode("txt", description.id) if description else None,
        "requested_remedy": line.requested_remedy,
        "prior_repairs": [repair.model_dump(mode="json") for repair in line.prior_repairs],
        "decision": LineDecision.PENDING.value,
    }


def _paid(paid: MoneyInput | None) -> dict[str, object]:
    money = paid.money() if paid else None
    return {"paid_minor": money.amount_minor if money else None, "paid_currency": money.currency if money else None}


def _line(row: Mapping[str, Any], line: LineSubmission, order: OrderSubmission) -> Line:
    return Line(
        position=row["position"],
        issue_code=row["issue_code"],
        sku=line.sku,
        has_name=line.name is not None,
        category=line.category,
        requested_remedy=RemedyKind(line.requested_remedy) if line.requested_remedy else None,
        paid=line.paid.money() if line.paid else None,
        quantity=line.quantity,
        cure_attempts=cure_attempts(row["prior_repairs"]),
        delivered_on=line.delivered_on or order.delivered_on,
        sales_channel=order.sales_channel,
    )


def _serials(words: Words, sent: ClaimSubmission) -> list[dict[str, object]]:
    key = {"tenant_id": words.tenant_id, "claim_id": words.claim_id}
    return [
        key | {"serial_number": serial, "position": position}
        for position, line in enumerate(sent.lines, start=1)
        for serial in dict.fromkeys(line.serial_numbers)
    ]
