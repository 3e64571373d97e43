"""What is shown of a parcel, and to whom: one table of fields decides it."""

from collections.abc import Mapping

from pydantic import Field
from pydantic.main import IncEx

from claims_api.claims.schemas.shown import Instant, MoneyAnswer, Shown
from claims_api.claims.schemas.views import View
from claims_api.domain.shipment_words import (
    ActionRequiredBy,
    AnomalyCode,
    AttentionReason,
    DelayCause,
    Disposition,
    ProofType,
    ReceiptOutcome,
    ShipmentCondition,
    ShipmentDirection,
    ShipmentPurpose,
    ShipmentStatus,
    Substatus,
)
from claims_api.domain.standard import CostBearer
from claims_api.kit.pagination import Page


class TrackingNumberAnswer(Shown):
    """A number a carrier knows the parcel by."""

    carrier: str = Field(description="The carrier.")
    number: str = Field(description="The number as it was registered.")


class DelayAnswer(Shown):
    """It is late."""

    cause: DelayCause = Field(description="Why.")
    since: Instant = Field(description="Since when that is known.")


class EtaAnswer(Shown):
    """When it should arrive."""

    p50: Instant | None = Field(description="As likely as not by then.")
    p90: Instant | None = Field(description="Almost surely by then.")
    original: Instant | None = Field(description="As it was first promised.")


class ProofAnswer(Shown):
    """How the handing over is shown."""

    type: ProofType = Field(description="What kind of proof it is.")
    url: str | None = Field(default=None, description="Where it can be seen.")
    signed_by: str | None = Field(default=None, description="Who signed.")


class AnomalyAnswer(Shown):
    """Something said of the parcel that does not fit."""

    code: AnomalyCode = Field(description="What does not fit.")
    status: ShipmentStatus = Field(description="The status that was said.")
    occurred_at: Instant = Field(description="When that was.")


class ReceiptAnswer(Shown):
    """What was found in it."""

    outcome: ReceiptOutcome = Field(description="What was in it.")
    disposition: Disposition | None = Field(default=None, description="What becomes of the goods.")
    may_be_kept: bool = Field(description="The customer agreed that the goods do not come back to them.")


class CustomsAnswer(Shown):
    """What a border asks of it."""

    hs_code: str | None = Field(description="The goods' code of the Harmonized System.")
    origin: str | None = Field(description="The country the goods were made in.")
    value: MoneyAnswer | None = Field(default=None, description="What the goods are worth to the customs.")
    duty_bearer: CostBearer | None = Field(description="Who pays duties and taxes on the way.")


class ShipmentAnswer(Shown):
    """One leg of a claim's goods, as everything ever said of it makes it."""

    id: str = Field(description="The id of the shipment.")
    claim_id: str = Field(description="The claim whose goods it carries.")
    direction: ShipmentDirection = Field(description="`inbound` comes to us, `outbound` goes to the customer.")
    purpose: ShipmentPurpose = Field(description="What it carries.")
    partner: str | None = Field(default=None, description="Whose parcel it is; null for the brand's own.")
    positions: list[int] = Field(description="The lines whose goods it carries; none named: all.")
    tracking_numbers: list[TrackingNumberAnswer] = Field(description="The numbers it is known by.")
    status: ShipmentStatus = Field(description="Where it is.")
    substatus: Substatus | None = Field(description="The detail below the status.")
    condition: ShipmentCondition = Field(description="The worst that was said of the goods.")
    action_required_by: ActionRequiredBy = Field(description="Whose act the carrier waits for.")
    delay: DelayAnswer | None = Field(description="Whether it is late.")
    eta: EtaAnswer = Field(description="When it should arrive.")
    proof: ProofAnswer | None = Field(description="How the handing over is shown.")
    delivered_at: Instant | None = Field(description="When it was handed over; null while it is not.")
    is_returning: bool = Field(description="It turned back to its sender.")
    last_update_at: Instant | None = Field(description="When the newest thing said of it happened.")
    anomalies: list[AnomalyAnswer] = Field(default_factory=list, description="What was said and does not fit.")
    flags: list[AttentionReason] = Field(default_factory=list, description="Why a person has to look at it.")
    receipt: ReceiptAnswer | None = Field(description="What was found in it, once somebody looked.")
    customs: CustomsAnswer = Field(description="What a border asks of it.")
    created_at: Instant = Field(description="When it was registered.")
    updated_at: Instant = Field(description="When it last changed.")


class ShipmentPage(Page[ShipmentAnswer]):
    """One page of shipments."""


_BRAND = frozenset({View.STOREFRONT, View.STAFF})
_TRADE = _BRAND | {View.PARTNER}
HIDDEN: Mapping[str, frozenset[View]] = {
    "partner": _TRADE,
    "proof.url": _TRADE,
    "proof.signed_by": _TRADE,
    "anomalies": _TRADE,
    "flags": frozenset({View.STAFF}),
    "receipt.disposition": _TRADE,
    "customs.value": _TRADE,
}
"""What not every view sees of a parcel, and the views that do."""


def exclusions(view: View) -> IncEx | None:
    """What `model_dump_json(exclude=...)` leaves out of a `ShipmentAnswer` in this view."""
    hidden: dict[str, bool | dict[str, bool]] = {}
    for path, views in HIDDEN.items():
        outer, _, inner = path.partition(".")
        if view in views:
            continue
        if not inner:
            hidden[outer] = True
        elif isinstance(below := hidden.setdefault(outer, {}), dict):
            below[inner] = True
    return hidden or None
