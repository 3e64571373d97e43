"""The decision about all lines of a claim at once: what is covered, and what is refused."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from claims_api.domain.answers import Data, Decided, EventDraft, EventType, Refused
from claims_api.domain.ceilings import left_on_line
from claims_api.domain.claim import Claim, Refusal
from claims_api.domain.commands import Approve, Context, LineOutcome, Reject, ReviewCommand, StartReview
from claims_api.domain.holds import MONEY
from claims_api.domain.promises import promise
from claims_api.domain.vocabulary import ActorKind, LineDecision, RemedyKind
from claims_api.domain.windows import end_of_window
from claims_api.domain.wire import instant_text, refusal_data

COVERED = frozenset({LineDecision.COVERED_STATUTORY, LineDecision.COVERED_WARRANTY, LineDecision.GOODWILL})
UNMEASURED = MONEY - {RemedyKind.REFUND}
"""Money whose amount nobody asked for by asking for the remedy."""


def decide_review(claim: Claim, command: ReviewCommand, context: Context, now: datetime) -> Decided:
    """A claim is read, then decided line by line."""
    match command:
        case StartReview():
            return (EventDraft(EventType.REVIEW_STARTED, {}),)
        case Approve():
            return _approve(claim, command, context, now)
        case Reject():
            return _reject(claim, command, context, now)
    assert_never(command)


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
    until = _appeal_until(context, now)
    refused = sorted(command.lines, key=lambda each: each.position)
    lines = [_refusal_line(line.position, line.refusal, until) for line in refused]
    return (EventDraft(EventType.REJECTED, {"lines": lines}),)


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
    return instant_text(end_of_window(now, context.windows.appeal_days, context.zones))


def _at(position: int, refused: Refused) -> Refused:
    return Refused(refused.code, {"position": position, **refused.members})
