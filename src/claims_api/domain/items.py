"""The goods a claim is about: asked for, received, given up, looked at."""

from collections.abc import Iterable
from typing import assert_never

from claims_api.domain.answers import Decided, EventDraft, EventType, Json, Refused
from claims_api.domain.claim import Claim
from claims_api.domain.commands import (
    Context,
    ItemCommand,
    ItemFinding,
    ReceiveItem,
    RecordFindings,
    ReportItemLost,
    RequireItem,
    WaiveItem,
)
from claims_api.domain.legs import IN_PART, Leg, returns_of
from claims_api.domain.standard import CostBearer
from claims_api.domain.wire import optional, text_data


def decide_item(claim: Claim, command: ItemCommand, context: Context) -> Decided:
    """Where the goods are and what they are like is settled before the claim is."""
    match command:
        case RequireItem():
            return _require(claim, command, context)
        case ReceiveItem():
            return _receive(claim, command)
        case ReportItemLost():
            return (EventDraft(EventType.ITEM_LOST, {"positions": _awaited(claim)}),)
        case WaiveItem():
            return (EventDraft(EventType.ITEM_WAIVED, {"positions": _awaited(claim)}),)
        case RecordFindings():
            return _findings(claim, command)
    assert_never(command)


def _require(claim: Claim, command: RequireItem, context: Context) -> Decided:
    """Whom law or standard spare the cost is not asked to pay for the way (as in Directive (EU) 2019/771, art. 14)."""
    asked = sorted(command.positions or (line.position for line in claim.lines))
    if refusal := _each_is_a_line_once(claim, asked):
        return refusal
    for position in asked:
        bearer = context.return_cost.get(claim.line(position).ground)
        if command.paid_by is CostBearer.CONSUMER and bearer is not CostBearer.CONSUMER:
            return Refused("return-cost-not-theirs", {"position": position})
    return (EventDraft(EventType.ITEM_REQUIRED, {"positions": asked, "paid_by": command.paid_by.value}),)


def _receive(claim: Claim, command: ReceiveItem) -> Decided:
    """All that was asked for, or what a person accepts in its place."""
    awaited = _awaited(claim)
    missing = [position for position in awaited if not _has_come(returns_of(claim.legs, position))]
    if missing and not command.accepts_part:
        return Refused("item-in-part", {"positions": missing})
    returns = (leg for position in awaited for leg in returns_of(claim.legs, position))
    arrived = sorted({leg.id for leg in returns if leg.has_arrived})
    data: dict[str, Json] = {"positions": awaited, "missing": missing, "shipments": arrived}
    return (EventDraft(EventType.ITEM_RECEIVED, data),)


def _findings(claim: Claim, command: RecordFindings) -> Decided:
    """Each line at most once; what was not looked at is left out."""
    if refusal := _each_is_a_line_once(claim, [finding.position for finding in command.findings]):
        return refusal
    found: list[Json] = [_finding_data(finding) for finding in sorted(command.findings, key=lambda each: each.position)]
    return (EventDraft(EventType.FINDINGS_RECORDED, {"findings": found}),)


def _finding_data(finding: ItemFinding) -> Json:
    return {
        "position": finding.position,
        "grade": finding.grade.value,
        "fault": finding.fault,
        "cause": finding.cause.value,
        "words": optional(text_data, finding.words),
    }


def _has_come(legs: Iterable[Leg]) -> bool:
    """Whether one of these legs brought the goods, and nobody found only a part of them."""
    return any(leg.has_arrived and not (leg.receipt and leg.receipt.outcome in IN_PART) for leg in legs)


def _awaited(claim: Claim) -> list[int]:
    return [line.position for line in claim.lines if line.is_awaited]


def _each_is_a_line_once(claim: Claim, positions: list[int]) -> Refused | None:
    known = {line.position for line in claim.lines}
    wrong = [position for position in positions if position not in known or positions.count(position) > 1]
    return Refused("no-such-line", {"position": wrong[0]}) if wrong else None
