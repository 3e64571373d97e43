"""Rows of parcels turned into values and back: here and nowhere else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from claims_api.claims.queries.records import leg_of, word
from claims_api.domain.legs import Leg
from claims_api.domain.money import Money
from claims_api.domain.shipment_fold import Anomaly, Delay, Folded, place_of
from claims_api.domain.shipment_words import (
    AnomalyCode,
    DelayCause,
    ProofType,
    ShipmentCondition,
    ShipmentStatus,
    Substatus,
    action_required_by,
)
from claims_api.domain.shipments import Eta, Hashes, ParcelKey, Proof, Update
from claims_api.domain.standard import CostBearer

Json = dict[str, Any]
Found: TypeAlias = Mapping[Any, Any]
Value = TypeVar("Value")
BRAND = ""
"""The partner of parcels that the brand itself handles, where a key needs one."""


@dataclass(frozen=True)
class Customs:
    """What a border asks of a parcel."""

    hs_code: str | None = None
    origin: str | None = None
    value: Money | None = None
    duty_bearer: CostBearer | None = None


@dataclass(frozen=True)
class NumberWritten:
    """A tracking number as it was written when it was registered."""

    carrier: str
    number: str


@dataclass(frozen=True)
class StoredShipment:
    """A parcel as the database has it, with the leg that its claim knows of it."""

    tenant_id: UUID
    id: UUID
    claim_id: UUID
    leg: Leg
    folded: Folded
    numbers: tuple[NumberWritten, ...]
    customs: Customs
    created_at: datetime
    updated_at: datetime


def stored_shipment(row: Found) -> StoredShipment:
    """One row of the whole-shipment read."""
    return StoredShipment(
        tenant_id=row["tenant_id"],
        id=row["id"],
        claim_id=row["claim_id"],
        leg=leg_of(row["leg"]),
        folded=folded_of(row),
        numbers=tuple(NumberWritten(each["carrier_written"], each["number_written"]) for each in row["numbers"]),
        customs=Customs(
            hs_code=row["hs_code"],
            origin=row["origin"],
            value=_money(row["customs_value_minor"], row["customs_currency"]),
            duty_bearer=word(CostBearer, row["duty_bearer"]),
        ),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def folded_of(row: Found) -> Folded:
    """The state a parcel was folded to last."""
    status, substatus = ShipmentStatus(row["status"]), word(Substatus, row["substatus"])
    return Folded(
        status=status,
        substatus=substatus,
        condition=ShipmentCondition(row["condition"]),
        delay=Delay(DelayCause(row["delay_cause"]), row["delayed_since"]) if row["delay_cause"] else None,
        eta=Eta(row["eta_p50"], row["eta_p90"], row["eta_original"]),
        proof=_proof(row),
        delivered_at=row["delivered_at"],
        is_returning=row["is_returning"],
        last_update_at=row["last_update_at"],
        anomalies=tuple(_anomaly(each) for each in row["anomalies"]),
        action_required_by=action_required_by(status, substatus),
    )


def folded_columns(folded: Folded) -> Json:
    """The state as the columns of its shipment."""
    return {
        "status": folded.status.value,
        "substatus": _text(folded.substatus),
        "condition": folded.condition.value,
        "delay_cause": folded.delay.cause.value if folded.delay else None,
        "delayed_since": folded.delay.since if folded.delay else None,
        **_eta_columns(folded.eta),
        **_proof_columns(folded.proof),
        "delivered_at": folded.delivered_at,
        "is_returning": folded.is_returning,
        "last_update_at": folded.last_update_at,
        "anomalies": [
            {"at": each.occurred_at.isoformat(), "code": each.code.value, "status": each.status.value}
            for each in folded.anomalies
        ],
    }


def customs_columns(customs: Customs) -> Json:
    """The columns of what a border asks."""
    value = customs.value
    return {
        "hs_code": customs.hs_code,
        "origin": customs.origin,
        "customs_value_minor": value.amount_minor if value else None,
        "customs_currency": value.currency if value else None,
        "duty_bearer": _text(customs.duty_bearer),
    }


def update_columns(tenant_id: UUID, key: ParcelKey, update: Update, hashes: Hashes) -> Json:
    """An update as its row."""
    return {
        "tenant_id": tenant_id,
        "partner": key.partner,
        "carrier": key.carrier,
        "number": key.number,
        "dedupe_key": hashes.dedupe,
        "statement_hash": hashes.statement,
        "content_hash": hashes.content,
        "sender_event_id": update.sender_event_id,
        "occurred_at": update.occurred_at,
        "received_at": update.received_at,
        "local_time": update.local_time.isoformat() if update.local_time else None,
        "zone": update.zone,
        "status": update.status.value,
        "substatus": _text(update.substatus),
        "condition": _text(update.condition),
        "delay": _text(update.delay),
        **_eta_columns(update.eta or Eta()),
        **_proof_columns(update.proof),
        "location": update.location,
        "raw_code": update.raw_code,
    }


def updates_in_order(rows: Iterable[Json]) -> tuple[Update, ...]:
    """Stored updates, which are there once each, as the fold wants them.

    Without their wall clocks: the instant was settled when it was told, and the rules of a zone may change since.
    """
    placed = [(place_of(update, hashes), update) for update, hashes in map(update_of, rows)]
    return tuple(update for _, update in sorted(placed, key=lambda each: each[0]))


def update_of(row: Json) -> tuple[Update, Hashes]:
    """A stored update, and the hashes it was stored with."""
    eta = Eta(*(_instant(row[name]) for name in ("eta_p50", "eta_p90", "eta_original")))
    update = Update(
        carrier=row["carrier"],
        tracking_number=row["number"],
        occurred_at=_known_instant(row["occurred_at"]),
        received_at=_known_instant(row["received_at"]),
        status=ShipmentStatus(row["status"]),
        sender_event_id=row["sender_event_id"],
        substatus=word(Substatus, row["substatus"]),
        condition=word(ShipmentCondition, row["condition"]),
        delay=word(DelayCause, row["delay"]),
        eta=eta if eta != Eta() else None,
        proof=_proof(row),
        location=row["location"],
        raw_code=row["raw_code"],
    )
    return update, Hashes(row["content_hash"], row["dedupe_key"], row["statement_hash"])


def _proof(row: Found) -> Proof | None:
    kind = word(ProofType, row["proof_type"])
    return Proof(kind, row["proof_url"], row["proof_signed_by"]) if kind else None


def _proof_columns(proof: Proof | None) -> Json:
    return {
        "proof_type": proof.type.value if proof else None,
        "proof_url": proof.url if proof else None,
        "proof_signed_by": proof.signed_by if proof else None,
    }


def _eta_columns(eta: Eta) -> Json:
    return {"eta_p50": eta.p50, "eta_p90": eta.p90, "eta_original": eta.original}


def _anomaly(each: Json) -> Anomaly:
    return Anomaly(_known_instant(each["at"]), AnomalyCode(each["code"]), ShipmentStatus(each["status"]))


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)


def _instant(text: str | None) -> datetime | None:
    return _known_instant(text) if text else None


def _known_instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
