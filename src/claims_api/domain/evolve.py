"""The state of a claim as the sum of its events: nothing here decides, everything is in the event."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias

from claims_api.domain.answers import Data, EventType
from claims_api.domain.chain import Event
from claims_api.domain.claim import Claim, Hold, Line, Remedy
from claims_api.domain.leg_events import LEG_EVENTS, changed_legs
from claims_api.domain.transitions import STATUS_AFTER
from claims_api.domain.vocabulary import (
    ENDED,
    HoldKind,
    LineDecision,
    RemedyKind,
    RemedyState,
    StartsWhen,
    Status,
)
from claims_api.domain.wire import (
    integer,
    integers,
    maybe_instant,
    maybe_record,
    maybe_string,
    read_filing,
    read_money,
    read_refusal,
    read_text,
    records,
    string,
)

Change: TypeAlias = Callable[[Claim, Event], Claim]


def evolve(claim: Claim | None, event: Event) -> Claim:
    """The claim after one more event. Raises: ValueError for a history that does not begin with a filing."""
    if event.type in (EventType.DRAFTED, EventType.SUBMITTED):
        changed = _filed(claim, event)
    elif claim is None:
        raise ValueError("a history begins with claim.drafted or claim.submitted")
    else:
        changed = _CHANGES[event.type](claim, event)
    status = STATUS_AFTER.get(event.type) or changed.status
    ended_at = (changed.ended_at or event.occurred_at) if status in ENDED else None
    return replace(changed, status=status, version=event.seq, ended_at=ended_at)


def fold(events: Iterable[Event]) -> Claim | None:
    """The claim a whole history tells of, or None for an empty one."""
    claim = None
    for event in events:
        claim = evolve(claim, event)
    return claim


def _filed(claim: Claim | None, event: Event) -> Claim:
    filing = read_filing(event.data)
    # Holds, notes and the assignee of a draft outlive what is typed into it.
    before = claim or Claim(Status.DRAFT, 0, None, None, (), None)
    is_submitted = event.type is EventType.SUBMITTED
    return replace(
        before,
        region=filing.region,
        customer_id=filing.customer_id,
        lines=filing.lines,
        shipping_paid=filing.shipping_paid,
        draft_until=maybe_instant(event.data, "draft_until"),
        submitted_at=event.occurred_at if is_submitted else None,
    )


def _decided(claim: Claim, event: Event) -> Claim:
    decided = {integer(line, "position"): line for line in records(event.data, "lines")}
    lines = tuple(_decided_line(line, decided[line.position]) for line in claim.lines)
    return replace(claim, lines=lines, decided_by=event.actor)


def _decided_line(line: Line, data: Data) -> Line:
    refusal = maybe_record(data, "refusal")
    return replace(
        line,
        decision=LineDecision(string(data, "decision")),
        refusal=read_refusal(refusal) if refusal else None,
        appeal_until=maybe_instant(data, "appeal_until"),
    )


def _remedy_accepted(claim: Claim, event: Event) -> Claim:
    amount, starts_when = maybe_record(event.data, "amount"), maybe_string(event.data, "starts_when")
    remedy = Remedy(
        id=string(event.data, "remedy_id"),
        position=integer(event.data, "position"),
        kind=RemedyKind(string(event.data, "kind")),
        state=RemedyState.ACCEPTED,
        amount=read_money(amount) if amount else None,
        starts_when=StartsWhen(starts_when) if starts_when else None,
    )
    return replace(claim, remedies=(*claim.remedies, remedy))


def _remedy_completed(claim: Claim, event: Event) -> Claim:
    remedy_id = string(event.data, "remedy_id")
    remedies = (
        replace(remedy, state=RemedyState.COMPLETED) if remedy.id == remedy_id else remedy for remedy in claim.remedies
    )
    return replace(claim, remedies=tuple(remedies))


def _rested(claim: Claim, event: Event) -> Claim:
    return replace(claim, reopen_until=maybe_instant(event.data, "reopen_until"))


def _reopened(claim: Claim, _event: Event) -> Claim:
    return replace(claim, lines=tuple(map(_undecided, claim.lines)), decided_by=None, reopen_until=None)


def _undecided(line: Line) -> Line:
    return replace(line, decision=LineDecision.PENDING, refusal=None, appeal_until=None, is_awaited=False)


def _hold_opened(claim: Claim, event: Event) -> Claim:
    reason = maybe_record(event.data, "reason")
    hold = Hold(
        id=string(event.data, "hold_id"),
        kind=HoldKind(string(event.data, "kind")),
        reason=read_text(reason) if reason else None,
        duplicate_of=maybe_string(event.data, "duplicate_of"),
        opened_at=event.occurred_at,
        opened_by=event.actor,
    )
    return replace(claim, holds=(*claim.holds, hold))


def _hold_released(claim: Claim, event: Event) -> Claim:
    hold_id = string(event.data, "hold_id")
    holds = (replace(hold, released_at=event.occurred_at) if hold.id == hold_id else hold for hold in claim.holds)
    return replace(claim, holds=tuple(holds))


def _assigned(claim: Claim, event: Event) -> Claim:
    return replace(claim, assignee=maybe_string(event.data, "assignee"))


def _item_required(claim: Claim, event: Event) -> Claim:
    return _awaiting(claim, frozenset(integers(event.data, "positions")))


def _item_settled(claim: Claim, _event: Event) -> Claim:
    return _awaiting(claim, frozenset())


def _awaiting(claim: Claim, positions: frozenset[int]) -> Claim:
    return replace(claim, lines=tuple(replace(line, is_awaited=line.position in positions) for line in claim.lines))


def _leg_changed(claim: Claim, event: Event) -> Claim:
    return replace(claim, legs=changed_legs(claim.legs, event.type, event.data))


def _as_before(claim: Claim, _event: Event) -> Claim:
    return claim


_CHANGES: dict[EventType, Change] = {
    EventType.REVIEW_STARTED: _as_before,
    EventType.ITEM_REQUIRED: _item_required,
    EventType.ITEM_RECEIVED: _as_before,
    EventType.ITEM_LOST: _item_settled,
    EventType.ITEM_WAIVED: _item_settled,
    EventType.FINDINGS_RECORDED: _item_settled,
    EventType.WITHDRAWAL_ACCEPTED: _decided,
    EventType.APPROVED: _decided,
    EventType.REJECTED: _decided,
    EventType.REMEDY_ACCEPTED: _remedy_accepted,
    EventType.REMEDY_COMPLETED: _remedy_completed,
    EventType.RESOLVED: _rested,
    EventType.CLOSED: _rested,
    EventType.WITHDRAWN: _rested,
    EventType.CANCELLED: _rested,
    EventType.REOPENED: _reopened,
    EventType.HOLD_OPENED: _hold_opened,
    EventType.HOLD_RELEASED: _hold_released,
    EventType.ASSIGNED: _assigned,
    EventType.NOTED: _as_before,
    **dict.fromkeys(LEG_EVENTS, _leg_changed),
}
