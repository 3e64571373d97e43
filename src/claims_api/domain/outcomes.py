"""The decision about all lines of a claim at once: what is covered, and what is refused."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from claims_api.domain.answers import Data, Decided, EventDraft, EventType, Refused
from claims_api.domain.ceilings import ceiling, left_on_line
from claims_api.domain.claim import Claim, Refusal
from claims_api.domain.commands import (
    AcceptWithdrawal,
    Approve,
    Context,
    LineOutcome,
    LineRefusal,
    Reject,
    ReviewCommand,
    StartReview,
)
from claims_api.domain.holds import MONEY
from claims_api.domain.promises import promise
from claims_api.domain.vocabulary import ActorKind, Ground, LineDecision, RefusalReason, RemedyKind
from claims_api.domain.windows import end_of_window
from claims_api.domain.wire import instant_text, money_data, optional, refusal_data
from claims_api.domain.withdrawals import OF_DEFECTS, Finding, Sure, finding_data, period_data, withdrawal_of

COVERED = frozenset({LineDecision.COVERED_STATUTORY, LineDecision.COVERED_WARRANTY, LineDecision.GOODWILL})
UNMEASURED = MONEY - {RemedyKind.REFUND}
"""Money whose amount nobody asked for by asking for the remedy."""


def decide_review(claim: Claim, command: ReviewCommand, context: Context, now: datetime) -> Decided:
    """A claim is read, then decided line by line."""
    match command:
        case StartReview():
            return (EventDraft(EventType.REVIEW_STARTED, {}),)
        case AcceptWithdrawal():
            return _accept_withdrawal(claim, command, context, now)
        case Approve():
            return _approve(claim, command, context, now)
        case Reject():
            return _reject(claim, command, context, now)
    assert_never(command)


def _accept_withdrawal(claim: Claim, command: AcceptWithdrawal, context: Context, now: datetime) -> Decided:
    """Every line is refunded with its share of the way out (Directive 2011/83/EU, art. 13(1)).

    A person may give more than the law; software gives what is surely owed.
    """
    findings = withdrawal_of(claim, context.withdrawal, now)
    if command.actor.kind is ActorKind.SYSTEM:
        unsure = next((finding for finding in findings if not finding.is_surely_due), None)
        if unsure:
            return _at(unsure.position, Refused("needs-a-person", {"assumed": list(unsure.assumed)}))
    lines: list[Data] = []
    remedies: list[EventDraft] = []
    for finding, remedy_id in zip(findings, command.remedy_ids, strict=True):
        refund = _refund_of_withdrawal(claim, finding, remedy_id, context)
        if isinstance(refund, Refused):
            return _at(finding.position, refund)
        lines.append(_withdrawn_line(finding, refund))
        remedies.append(EventDraft(EventType.REMEDY_ACCEPTED, refund))
    return (EventDraft(EventType.WITHDRAWAL_ACCEPTED, {"lines": lines}), *remedies)


def _refund_of_withdrawal(claim: Claim, finding: Finding, remedy_id: str, context: Context) -> Data | Refused:
    """All that is left of what was paid; nothing left of a price is refused, goods that were free are not."""
    left, most = left_on_line(claim, finding.position), ceiling(claim, finding.position)
    if left and most and left.amount_minor == 0 < most.amount_minor:
        return Refused("nothing-left-to-refund")
    return {
        "remedy_id": remedy_id,
        "position": finding.position,
        "kind": RemedyKind.REFUND.value,
        "amount": optional(money_data, left),
        # The seller may wait for the goods (Directive 2011/83/EU, art. 13(3)); the standard says whether it does.
        "starts_when": optional(str, context.refund_starts_when.get(Ground.WITHDRAWAL)),
    }


def _withdrawn_line(finding: Finding, refund: Data) -> Data:
    return {
        "position": finding.position,
        "decision": LineDecision.WITHDRAWAL_ACCEPTED.value,
        "remedy": refund["kind"],
        "amount": refund["amount"],
        "finding": finding_data(finding),
    }


def _approve(claim: Claim, command: Approve, context: Context, now: datetime) -> Decided:
    """One line that cannot stand as decided refuses the whole: half a decision is none."""
    if refusal := _whole_refusal(claim, command):
        return refusal
    appeal_until = _appeal_until(context, now)
    lines: list[Data] = []
    remedies: list[EventDraft] = []
    for outcome in sorted(command.lines, key=lambda each: each.position):
        if outcome.decision not in COVERED:
            refused = _refused_line(outcome, appeal_until)
            if isinstance(refused, Refused):
                return _at(outcome.position, refused)
            lines.append(refused)
            continue
        promised = promise(claim, outcome, context)
        if isinstance(promised, Refused):
            return _at(outcome.position, promised)
        lines.append(promised.line_data())
        remedies.append(EventDraft(EventType.REMEDY_ACCEPTED, promised.remedy_data()))
    return (EventDraft(EventType.APPROVED, {"lines": lines}), *remedies)


def _reject(claim: Claim, command: Reject, context: Context, now: datetime) -> Decided:
    """Each line is refused for a reason of its own, and can be appealed until the same day."""
    if refusal := _each_line_once(claim, [line.position for line in command.lines]):
        return refusal
    if refusal := _refused_withdrawal(claim, command.lines, context, now):
        return refusal
    until = _appeal_until(context, now)
    refused = sorted(command.lines, key=lambda each: each.position)
    lines = [_refusal_line(line.position, line.refusal, until) for line in refused]
    return (EventDraft(EventType.REJECTED, {"lines": lines}),)


def _refused_withdrawal(claim: Claim, lines: Sequence[LineRefusal], context: Context, now: datetime) -> Refused | None:
    """A withdrawal is refused as late only when it surely is, and never for the state of the goods."""
    withdrawn = {finding.position: finding for finding in withdrawal_of(claim, context.withdrawal, now)}
    for line in sorted(lines, key=lambda each: each.position):
        reason, finding = line.refusal.reason, withdrawn[line.position]
        if claim.line(line.position).ground is not Ground.WITHDRAWAL:
            continue
        if reason in OF_DEFECTS:
            return _at(line.position, Refused("reason-not-allowed"))
        if reason is RefusalReason.OUT_OF_PERIOD and finding.is_in_time is not Sure.NO:
            return _at(line.position, Refused("withdrawal-in-time", period_data(finding)))
    return None


def _whole_refusal(claim: Claim, command: Approve) -> Refused | None:
    if refusal := _each_line_once(claim, [line.position for line in command.lines]):
        return refusal
    if not any(line.decision in COVERED for line in command.lines):
        return Refused("nothing-covered")
    if command.actor.kind is not ActorKind.SYSTEM:
        return None
    inexact = next((line for line in command.lines if not _is_exact(claim, line)), None)
    return _at(inexact.position, Refused("system-not-exact")) if inexact else None


def _each_line_once(claim: Claim, positions: Sequence[int]) -> Refused | None:
    wanted = {line.position for line in claim.lines}
    wrong = {
        position for position in wanted | set(positions) if position not in wanted or positions.count(position) != 1
    }
    return _at(min(wrong), Refused("each-line-once")) if wrong else None


def _is_exact(claim: Claim, outcome: LineOutcome) -> bool:
    """Whether software may decide this: all that was asked, and nothing a person would have to agree to."""
    asked = claim.line(outcome.position).requested_remedy
    is_asked = outcome.decision in COVERED and outcome.remedy is asked and asked not in UNMEASURED
    return is_asked and outcome.amount in (None, left_on_line(claim, outcome.position))


def _refused_line(outcome: LineOutcome, appeal_until: str) -> Data | Refused:
    if outcome.decision is not LineDecision.NOT_COVERED:
        return Refused("decision-not-allowed")
    if outcome.refusal is None:
        return Refused("refusal-required")
    if outcome.remedy or outcome.amount:
        return Refused("outcome-contradictory")
    return _refusal_line(outcome.position, outcome.refusal, appeal_until)


def _refusal_line(position: int, refusal: Refusal, appeal_until: str) -> Data:
    return {
        "position": position,
        "decision": LineDecision.NOT_COVERED.value,
        "refusal": refusal_data(refusal),
        "appeal_until": appeal_until,
    }


def _appeal_until(context: Context, now: datetime) -> str:
    return instant_text(end_of_window(now, context.windows.appeal_days, context.zones, calendar=context.calendar))


def _at(position: int, refused: Refused) -> Refused:
    return Refused(refused.code, {"position": position, **refused.members})
