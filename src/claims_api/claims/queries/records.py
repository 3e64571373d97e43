"""Rows turned into the domain's values and back: here and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from claims_api.claims.schemas.words import Channel, SoldBy
from claims_api.domain.claim import Actor, Claim, Hold, Line, Refusal, Remedy, TextRef
from claims_api.domain.legs import Leg, Receipt
from claims_api.domain.money import Money
from claims_api.domain.shipment_words import (
    AttentionReason,
    Disposition,
    ReceiptOutcome,
    ShipmentCondition,
    ShipmentDirection,
    ShipmentPurpose,
    ShipmentStatus,
)
from claims_api.domain.vocabulary import (
    ActorKind,
    HoldKind,
    LineDecision,
    RefusalReason,
    RemedyKind,
    RemedyState,
    SalesChannel,
    StartsWhen,
    Status,
)
from claims_api.kit import ids

Json = dict[str, Any]
Found: TypeAlias = Mapping[Any, Any]
"""A row by the names of its columns, as read or as it will be read."""
Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class StoredClaim:
    """A claim as the database has it: the domain's value, and what was filed that no rule reads."""

    tenant_id: UUID
    id: UUID
    number: str
    claim: Claim
    head_hash: str
    token_epoch: int
    filed: "Filed"
    warnings: list[Json]
    policy_id: bytes | None
    policy_dates: list[Json]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Filed:
    """The content of a claim beyond the rules' facts; `lines` by position, `texts` by id."""

    external_ref: str | None
    locale: str | None
    channel: Channel | None
    time_zone: str | None
    customer: Json | None
    order_ref: str | None
    purchased_on: date | None
    delivered_on: date | None
    sold_by: SoldBy | None
    sales_channel: SalesChannel | None
    metadata: Json
    lines: dict[int, Json]
    texts: dict[str, str | None]


def stored_claim(row: Found) -> StoredClaim:
    """One row of the whole-claim read."""
    return StoredClaim(
        tenant_id=row["tenant_id"],
        id=row["id"],
        number=row["number"],
        claim=_claim(row),
        head_hash=row["head_hash"],
        token_epoch=row["token_epoch"],
        filed=_filed(row),
        warnings=row["warnings"],
        policy_id=row["policy_id"],
        policy_dates=row["policy_dates"] or [],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _claim(row: Found) -> Claim:
    decider = row["decided_by_kind"]
    return Claim(
        status=Status(row["status"]),
        version=row["version"],
        region=row["region"],
        customer_id=_customer_id(row),
        lines=tuple(_line(line, row) for line in row["lines"]),
        shipping_paid=_money(row["shipping_minor"], row["shipping_currency"]),
        holds=tuple(_hold(hold) for hold in row["holds"]),
        remedies=tuple(_remedy(remedy) for remedy in row["remedies"]),
        legs=tuple(leg_of(leg) for leg in row["legs"]),
        assignee=row["assignee"],
        decided_by=Actor(ActorKind(decider), row["decided_by_ref"]) if decider else None,
        draft_until=row["draft_until"],
        submitted_at=row["submitted_at"],
        reopen_until=row["reopen_until"],
        ended_at=row["ended_at"],
    )


def _customer_id(row: Found) -> str | None:
    """The party's id once the customer has a reference; a draft may know a name only."""
    return ids.encode("pty", row["customer_id"]) if row["customer"] and row["customer"]["ref"] else None


def _line(line: Json, order: Found) -> Line:
    reason = line["refusal_reason"]
    words = _text_ref(line["refusal_text_id"], line["refusal_hash"])
    return Line(
        position=line["position"],
        issue_code=line["issue_code"],
        sku=line["sku"],
        has_name=line["name"] is not None,
        category=line["category"],
        requested_remedy=RemedyKind(line["requested_remedy"]) if line["requested_remedy"] else None,
        paid=_money(line["paid_minor"], line["paid_currency"]),
        quantity=line["quantity"],
        cure_attempts=cure_attempts(line["prior_repairs"]),
        delivered_on=_day(line["delivered_on"]) or order["delivered_on"],
        sales_channel=word(SalesChannel, order["sales_channel"]),
        is_awaited=line["is_awaited"],
        decision=LineDecision(line["decision"]),
        refusal=Refusal(RefusalReason(reason), words) if reason and words else None,
        appeal_until=_instant(line["appeal_until"]),
    )


def cure_attempts(prior_repairs: list[Json]) -> int:
    """How often the seller tried before; other people's repairs are no attempts of ours."""
    return sum(1 for repair in prior_repairs if repair["by"] == "seller")


def _hold(hold: Json) -> Hold:
    opened_at = _instant(hold["opened_at"])
    assert opened_at is not None  # noqa: S101 - NOT NULL
    return Hold(
        id=ids.encode("hld", UUID(hold["id"])),
        kind=HoldKind(hold["kind"]),
        reason=_text_ref(hold["reason_id"], hold["reason_hash"]),
        duplicate_of=ids.encode("clm", UUID(hold["duplicate_of"])) if hold["duplicate_of"] else None,
        opened_at=opened_at,
        opened_by=Actor(ActorKind(hold["opened_by_kind"]), hold["opened_by_ref"]),
        released_at=_instant(hold["released_at"]),
    )


def _remedy(remedy: Json) -> Remedy:
    return Remedy(
        id=ids.encode("rem", UUID(remedy["id"])),
        position=remedy["position"],
        kind=RemedyKind(remedy["kind"]),
        state=RemedyState(remedy["state"]),
        amount=_money(remedy["amount_minor"], remedy["currency"]),
        starts_when=word(StartsWhen, remedy["starts_when"]),
    )


def leg_of(leg: Json) -> Leg:
    """One leg of a claim, from its row as JSON."""
    return Leg(
        id=ids.encode("shp", UUID(leg["id"])),
        direction=ShipmentDirection(leg["direction"]),
        purpose=ShipmentPurpose(leg["purpose"]),
        partner=leg["partner"],
        positions=tuple(leg["positions"]),
        status=ShipmentStatus(leg["status"]),
        condition=ShipmentCondition(leg["condition"]),
        acted=frozenset(map(ShipmentStatus, leg["acted"])),
        flags=frozenset(map(AttentionReason, leg["flags"])),
        receipt=_receipt(leg),
    )


def _receipt(leg: Json) -> Receipt | None:
    if leg["receipt_outcome"] is None:
        return None
    return Receipt(
        ReceiptOutcome(leg["receipt_outcome"]), word(Disposition, leg["disposition"]), leg["may_be_kept"] is True
    )


def _filed(row: Found) -> Filed:
    return Filed(
        external_ref=row["external_ref"],
        locale=row["locale"],
        channel=word(Channel, row["channel"]),
        time_zone=row["time_zone"],
        customer=row["customer"],
        order_ref=row["order_ref"],
        purchased_on=row["purchased_on"],
        delivered_on=row["delivered_on"],
        sold_by=word(SoldBy, row["sold_by"]),
        sales_channel=word(SalesChannel, row["sales_channel"]),
        metadata=row["metadata"],
        lines={line["position"]: line for line in row["lines"]},
        texts={ids.encode("txt", UUID(text["id"])): text["body"] for text in row["texts"]},
    )


def word(kind: type[Word], text: str | None) -> Word | None:
    """The word of a closed list, or None."""
    return None if text is None else kind(text)


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)


def _text_ref(text_id: str | None, text_hash: str | None) -> TextRef | None:
    return TextRef(ids.encode("txt", UUID(text_id)), text_hash) if text_id and text_hash else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
