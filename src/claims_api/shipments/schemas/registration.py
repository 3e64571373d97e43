"""What is sent to register a parcel, to give it another number, and to say what was in it."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from claims_api.claims.schemas.submission import MAX_LINES
from claims_api.claims.schemas.values import (
    Chosen,
    Line100,
    Lines2000,
    MoneyInput,
    Position,
    Sent,
    Shape,
    StaffReference,
)
from claims_api.domain.shipment_words import Disposition, ReceiptOutcome, ShipmentDirection, ShipmentPurpose
from claims_api.domain.shipments import canonical_carrier, canonical_number
from claims_api.domain.standard import CostBearer

MAX_NUMBERS = 10


def _is_carrier(text: str) -> str:
    if not canonical_carrier(text):
        raise PydanticCustomError("carrier_malformed", "Name the carrier with letters or digits.")
    return text


def _is_number(text: str) -> str:
    try:
        canonical_number(text)
    except ValueError:
        rule = "Send a number of 1 to 64 Latin letters and digits; other marks are left out."
        raise PydanticCustomError("tracking_number_malformed", rule) from None
    return text


CarrierName = Annotated[Line100, AfterValidator(_is_carrier)]
TrackingNumber = Annotated[Line100, AfterValidator(_is_number)]


class TrackingNumberInput(Sent):
    """A number a carrier knows a parcel by."""

    carrier: CarrierName = Field(description="The carrier, by the name its updates will use; case does not matter.")
    number: TrackingNumber = Field(description="The number; spaces and hyphens do not matter.")


class CustomsInput(Sent):
    """What a border asks of a parcel."""

    hs_code: Annotated[
        str | None, Shape(r"[0-9]{6}([0-9]{2}([0-9]{2})?)?", 10, "hs_code_malformed", "Send 6, 8 or 10 digits.")
    ] = Field(default=None, description="The goods' code of the Harmonized System.")
    origin: Annotated[str | None, Shape("[A-Z]{2}", 2, "country_malformed", "Send two capital letters.")] = Field(
        default=None, description="The country the goods were made in, by ISO 3166-1."
    )
    value: MoneyInput | None = Field(default=None, description="What the goods are worth to the customs.")
    duty_bearer: Chosen[CostBearer] | None = Field(default=None, description="Who pays duties and taxes on the way.")


class ShipmentRegistration(Sent):
    """A leg of a claim's goods."""

    claim_id: Line100 = Field(description="The claim, clm_ and what follows.")
    direction: Chosen[ShipmentDirection] = Field(description="`inbound` comes to us, `outbound` goes to the customer.")
    purpose: Chosen[ShipmentPurpose] = Field(description="What it carries.")
    partner: StaffReference | None = Field(
        default=None, description="Whose parcel it is, by the name of the partner's keys; null for the brand's own."
    )
    tracking_numbers: list[TrackingNumberInput] = Field(
        default_factory=list, max_length=MAX_NUMBERS, description="The numbers known so far; another can follow."
    )
    positions: list[Position] | None = Field(
        default=None, min_length=1, max_length=MAX_LINES, description="The lines whose goods it carries; null for all."
    )
    customs: CustomsInput | None = Field(default=None, description="What a border asks of it.")


class ReceiptInput(Sent):
    """What was found in a parcel."""

    outcome: Chosen[ReceiptOutcome] = Field(description="What was in it.")
    disposition: Chosen[Disposition] | None = Field(default=None, description="What becomes of the goods.")
    may_be_kept: bool = Field(default=False, description="The customer agreed that the goods do not come back to them.")
    accept_partial: bool = Field(default=False, description="Go on although not all that was asked for came.")
    note: Lines2000 | None = Field(default=None, description="What was found, in words for the staff.")
