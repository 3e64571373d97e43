"""How a claim ends, and how it is taken up again."""

from datetime import datetime
from typing import assert_never

from claims_api.domain.answers import Data, Decided, EventDraft, EventType, Refused
from claims_api.domain.claim import Claim
from claims_api.domain.commands import Cancel, Close, Context, EndingCommand, Reopen, Resolve, Withdraw
from claims_api.domain.standing import is_refused
from claims_api.domain.vocabulary import ActorKind, CancelReason
from claims_api.domain.windows import end_of_window
from claims_api.domain.wire import instant_text, optional, text_data

_REASONS = {ActorKind.SYSTEM: {CancelReason.DRAFT_ABANDONED}}
_STAFF_REASONS = {CancelReason.FILED_IN_ERROR, CancelReason.TEST}


def decide_ending(claim: Claim, command: EndingCommand, context: Context, now: datetime) -> Decided:
    """The claim comes to rest, or back to life."""
    match command:
        case Resolve():
            return _resolve(claim, context, now)
        case Close():
            return _close(claim, context, now)
        case Reopen():
            return _reopen(claim, command)
        case Withdraw():
            return _withdraw(context, now)
        case Cancel():
            return _cancel(claim, command, context, now)
    assert_never(command)


def _resolve(claim: Claim, context: Context, now: datetime) -> Decided:
    """Every remedy still owed is completed, then the claim is resolved: never the other way round."""
    completed = [
        EventDraft(
            EventType.REMEDY_COMPLETED,
            {"remedy_id": remedy.id, "position": remedy.position, "kind": remedy.kind.value},
        )
        for remedy in claim.open_remedies
    ]
    return (*completed, EventDraft(EventType.RESOLVED, _reopen_until(context.windows.reopen_days, context, now)))


def _close(claim: Claim, context: Context, now: datetime) -> Decided:
    """A closed claim can be reopened for a while, unless it was refused: that takes an appeal."""
    data = {"reopen_until": None} if is_refused(claim) else _reopen_until(context.windows.reopen_days, context, now)
    return (EventDraft(EventType.CLOSED, data),)


def _withdraw(context: Context, now: datetime) -> Decided:
    """The customer may change their mind back for a while."""
    return (EventDraft(EventType.WITHDRAWN, _reopen_until(context.windows.reopen_withdrawn_days, context, now)),)


def _cancel(claim: Claim, command: Cancel, context: Context, now: datetime) -> Decided:
    """The system clears away abandoned drafts, a person what was filed in error; a draft is not reopened."""
    if command.reason not in _REASONS.get(command.actor.kind, _STAFF_REASONS):
        return Refused("reason-not-allowed")
    window = _reopen_until(context.windows.reopen_days, context, now) if claim.submitted_at else {"reopen_until": None}
    return (EventDraft(EventType.CANCELLED, {"reason": command.reason.value, **window}),)


def _reopen(claim: Claim, command: Reopen) -> Decided:
    """The lines are open again; what was decided and done before stays in the history."""
    data = {"from_status": claim.status.value, "reason": optional(text_data, command.reason)}
    return (EventDraft(EventType.REOPENED, data),)


def _reopen_until(days: int, context: Context, now: datetime) -> Data:
    return {"reopen_until": instant_text(end_of_window(now, days, context.zones, calendar=context.calendar))}
