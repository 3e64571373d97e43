"""What can be asked of the goods a claim is about."""

from typing import Literal

from pydantic import Field

from claims_api.claims.schemas.submission import MAX_LINES
from claims_api.claims.schemas.values import Chosen, IssueCodeText, Lines2000, Position, Sent
from claims_api.domain.item_words import FaultCause, ItemGrade
from claims_api.domain.standard import CostBearer


class RequireItemRequest(Sent):
    """Asks the customer to send the goods."""

    transition: Literal["require_item"] = Field(description="Asks the customer to send the goods.")
    paid_by: Chosen[CostBearer] = Field(
        description="Who pays for their way; `consumer` only where law and standard do not name the seller."
    )
    positions: list[Position] | None = Field(
        default=None, min_length=1, max_length=MAX_LINES, description="The lines whose goods are needed; null for all."
    )


class ReceiveItemRequest(Sent):
    """Says that the goods are here."""

    transition: Literal["receive_item"] = Field(description="Says that the goods are here.")
    accept_partial: bool = Field(default=False, description="Go on although not all that was asked for came.")


class ReportItemLostRequest(Sent):
    """Says that the goods will not arrive; the claim goes on without them."""

    transition: Literal["report_item_lost"] = Field(description="Says that the goods will not arrive.")


class WaiveItemRequest(Sent):
    """Goes on without the goods."""

    transition: Literal["waive_item"] = Field(description="Goes on without the goods.")


class ItemFindingInput(Sent):
    """What was found out about the goods of one line."""

    position: Position = Field(description="Which line this is about.")
    grade: Chosen[ItemGrade] = Field(description="In which state the goods were found.")
    cause: Chosen[FaultCause] = Field(description="Where the fault comes from, as far as one can tell.")
    fault: IssueCodeText | None = Field(
        default=None, description="The fault found, as an issue code or your own x_ code; null where there is none."
    )
    note: Lines2000 | None = Field(default=None, description="What was found, in words.")


class RecordFindingsRequest(Sent):
    """Records what an inspection found out."""

    transition: Literal["record_findings"] = Field(description="Records what an inspection found out.")
    findings: list[ItemFindingInput] = Field(
        min_length=1, max_length=MAX_LINES, description="Each line that was looked at, once."
    )
