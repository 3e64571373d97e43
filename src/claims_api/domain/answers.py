"""What the domain answers to a command: drafts of events, or a refusal with a code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = bool | int | str | Sequence["Json"] | Mapping[str, "Json"] | None
Data: TypeAlias = Mapping[str, Json]


class EventType(StrEnum):
    """What can have happened to a claim."""

    DRAFTED = "claim.drafted"
    SUBMITTED = "claim.submitted"
    REVIEW_STARTED = "claim.review_started"
    ITEM_REQUIRED = "claim.item_required"
    ITEM_RECEIVED = "claim.item_received"
    ITEM_LOST = "claim.item_lost"
    ITEM_WAIVED = "claim.item_waived"
    FINDINGS_RECORDED = "claim.findings_recorded"
    WITHDRAWAL_ACCEPTED = "claim.withdrawal_accepted"
    APPROVED = "claim.approved"
    REJECTED = "claim.rejected"
    RESOLVED = "claim.resolved"
    CLOSED = "claim.closed"
    REOPENED = "claim.reopened"
    WITHDRAWN = "claim.withdrawn"
    CANCELLED = "claim.cancelled"
    HOLD_OPENED = "claim.hold_opened"
    HOLD_RELEASED = "claim.hold_released"
    ASSIGNED = "claim.assigned"
    NOTED = "claim.noted"
    REMEDY_ACCEPTED = "remedy.accepted"
    REMEDY_COMPLETED = "remedy.completed"
    SHIPMENT_REGISTERED = "shipment.registered"
    SHIPMENT_UPDATED = "shipment.updated"
    SHIPMENT_DELAYED = "shipment.delayed"
    SHIPMENT_DAMAGED = "shipment.damaged"
    SHIPMENT_DELIVERED = "shipment.delivered"
    SHIPMENT_LOST = "shipment.lost"
    SHIPMENT_FLAGGED = "shipment.flagged"
    SHIPMENT_RECEIPT_RECORDED = "shipment.receipt_recorded"


@dataclass(frozen=True)
class EventDraft:
    """An event before it has a place in the log; `data` holds codes, ids, positions, dates and amounts only."""

    type: EventType
    data: Data


@dataclass(frozen=True)
class Refused:
    """The command is not carried out: `code` for machines, `members` are the named facts that show a way out."""

    code: str
    members: Data = field(default_factory=dict)


Decided: TypeAlias = tuple[EventDraft, ...] | Refused
