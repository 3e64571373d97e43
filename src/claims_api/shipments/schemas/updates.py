"""A batch of updates: each is judged by itself, so that one mistake refuses one update."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, WrapValidator
from pydantic_core import PydanticCustomError

from claims_api.claims.schemas.shown import Shown
from claims_api.claims.schemas.values import FIRST_DAY, LAST_DAY, InstantSent, Line100, Line200, Sent, Shape
from claims_api.domain.shipment_words import ProofType
from claims_api.shipments.schemas.registration import CarrierName, TrackingNumber
from claims_api.shipments.schemas.words import UpdateResult

MAX_UPDATES = 500
_CLOCK = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?")


def _wall_clock(value: object) -> datetime:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise PydanticCustomError("local_time_malformed", "Write it as YYYY-MM-DDTHH:MM:SS, without a zone.")
    try:
        shown = datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("local_time_malformed", "This time is not in the calendar.") from None
    if not FIRST_DAY < shown.date() < LAST_DAY:
        raise PydanticCustomError("local_time_out_of_range", "The time must lie between 1900 and 2200.")
    return shown


LocalTime = Annotated[
    datetime,
    BeforeValidator(_wall_clock),
    WithJsonSchema({"type": "string", "maxLength": 29, "pattern": f"^(?:{_CLOCK.pattern})$"}),
]
# People click on it: an address of any other kind could be a script.
WebAddress = Annotated[
    str, Shape(r"https?://[^\s\x00-\x1f\x7f-\x9f]+", 2000, "url_malformed", "Send an address of http or https.")
]


class Heard(BaseModel):
    """What a partner sends: a member we do not know is no mistake, and is left out."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, hide_input_in_errors=True)


class EtaHeard(Heard):
    """When it should arrive."""

    p50: InstantSent | None = Field(default=None, description="As likely as not by then.")
    p90: InstantSent | None = Field(default=None, description="Almost surely by then.")
    original: InstantSent | None = Field(default=None, description="As it was first promised.")


class ProofHeard(Heard):
    """How the handing over is shown."""

    type: Annotated[ProofType, Field(strict=False)] = Field(description="What kind of proof it is.")
    url: WebAddress | None = Field(default=None, description="Where it can be seen.")
    signed_by: Line200 | None = Field(default=None, description="Who signed.")


class UpdateHeard(Heard):
    """One thing said about a parcel. A word we do not know is kept and read as `unknown`, never refused."""

    carrier: CarrierName = Field(description="The carrier, as it was registered; case does not matter.")
    tracking_number: TrackingNumber = Field(description="The number; spaces and hyphens do not matter.")
    status: Line100 = Field(description="One of our words for where it is; another is kept and read as `unknown`.")
    substatus: Line100 | None = Field(default=None, description="The detail below the status.")
    occurred_at: InstantSent | None = Field(
        default=None, description="When it happened; or else `local_time` and `zone`."
    )
    local_time: LocalTime | None = Field(default=None, description="What the clock on the wall showed.")
    zone: Line100 | None = Field(default=None, description="Where that clock hangs: an IANA name, or +02:00.")
    event_id: Line200 | None = Field(
        default=None, description="Your own id of this scan; not that of a message with several scans."
    )
    raw_code: Line200 | None = Field(default=None, description="The carrier's own code.")
    location: Line200 | None = Field(default=None, description="Where it was seen.")
    condition: Line100 | None = Field(default=None, description="What the goods look like, in our words.")
    delay: Line100 | None = Field(default=None, description="It is late: why.")
    eta: EtaHeard | None = Field(default=None, description="When it should arrive.")
    proof: ProofHeard | None = Field(default=None, description="How the handing over is shown.")


# Described as an update and taken as it comes: each is judged by itself later, so that a fault refuses it alone.
AsSent = Annotated[UpdateHeard, WrapValidator(lambda sent, _judge: sent)]


class UpdateBatch(Sent):
    """Up to 500 updates; a mistake in one refuses that one."""

    updates: list[AsSent] = Field(min_length=1, max_length=MAX_UPDATES, description="The updates, in whatever order.")


class UpdateAnswer(Shown):
    """What became of one update."""

    index: int = Field(description="Its place in what you sent, from 0.")
    result: UpdateResult = Field(
        description="`accepted`; `duplicate`: we knew it; `unmatched`: kept until somebody registers the parcel; "
        "`rejected`: never kept."
    )
    shipment_id: str | None = Field(default=None, description="The parcel, where one is registered.")
    reason: str | None = Field(default=None, description="Why it was rejected, as a code.")
    pointer: str | None = Field(default=None, description="Where the fault is, by RFC 6901.")
    detail: str | None = Field(default=None, description="The fault in a sentence.")


class UpdatesAnswer(Shown):
    """One result for each update, in their order."""

    results: list[UpdateAnswer]
