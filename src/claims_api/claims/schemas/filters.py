"""The filters of the list of claims."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from claims_api.domain.vocabulary import Awaiting, Status
from claims_api.kit.pagination import DEFAULT_LIMIT, CursorText, Limit


class PromiseState(StrEnum):
    """How a promise stands."""

    OPEN = "open"
    PAUSED = "paused"
    AT_RISK = "at_risk"
    KEPT = "kept"
    BROKEN = "broken"
    EXCUSED = "excused"


class ClaimFilters(BaseModel):
    """Query parameters; filters add up."""

    model_config = ConfigDict(frozen=True)

    status: Status | None = Field(default=None, description="Only those in this status.")
    awaiting: Awaiting | None = Field(default=None, description="Only those that wait for this party.")
    region: str | None = Field(default=None, max_length=6, description="Only those of this region, exactly.")
    external_ref: str | None = Field(default=None, max_length=100, description="The one with your own reference.")
    customer_ref: str | None = Field(default=None, max_length=100, description="Only those of this customer.")
    sku: str | None = Field(default=None, max_length=100, description="Only those with a line of this product.")
    serial_number: str | None = Field(default=None, max_length=100, description="Only those about this very unit.")
    promise_state: PromiseState | None = Field(default=None, description="Only those with a promise in this state.")
    assignee: str | None = Field(default=None, max_length=64, description="Only those given to this person.")
    limit: Limit = DEFAULT_LIMIT
    cursor: CursorText | None = None
