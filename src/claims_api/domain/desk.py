"""What staff do around a claim without moving it: holds, assignment, notes."""

from typing import assert_never

from claims_api.domain.answers import Decided, EventDraft, EventType, Refused
from claims_api.domain.claim import Claim
from claims_api.domain.commands import Assign, DeskCommand, Note, OpenHold, ReleaseHold
from claims_api.domain.wire import text_data


def decide_at_desk(claim: Claim, command: DeskCommand) -> Decided:
    """The claim stays where it is."""
    match command:
        case OpenHold():
            return _hold(claim, command)
        case ReleaseHold():
            return _release(claim, command)
        case Assign():
            return (EventDraft(EventType.ASSIGNED, {"assignee": command.assignee}),)
        case Note():
            return (EventDraft(EventType.NOTED, {"text": text_data(command.text)}),)
    assert_never(command)


def _hold(claim: Claim, command: OpenHold) -> Decided:
    """One open hold of a kind is enough: a second one would only have to be released twice."""
    for held in claim.open_holds:
        if held.kind is command.kind:
            return Refused("hold-already-open", {"hold_id": held.id})
    data = {"hold_id": command.hold_id, "kind": command.kind.value, "reason": text_data(command.reason)}
    return (EventDraft(EventType.HOLD_OPENED, {**data, "duplicate_of": None}),)


def _release(claim: Claim, command: ReleaseHold) -> Decided:
    """What was held goes on, and the log says why."""
    for held in claim.open_holds:
        if held.id == command.hold_id:
            data = {"hold_id": held.id, "kind": held.kind.value, "reason": text_data(command.reason)}
            return (EventDraft(EventType.HOLD_RELEASED, data),)
    return Refused("hold-not-open")
