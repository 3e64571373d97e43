"""The life of a claim as one table of rows: what may follow what, by whom, and under which guards."""

from dataclasses import dataclass
from datetime import datetime

from claims_api.domain.answers import Data, EventType, Refused
from claims_api.domain.claim import Claim
from claims_api.domain.guards import (
    Guard,
    appeal_members,
    goods_are_accounted_for,
    has_open_hold,
    has_receipt,
    is_complete,
    is_no_withdrawal,
    is_not_refused,
    is_of_one_logic,
    is_withdrawal,
    item_has_arrived,
    remedies_ended_for_system,
    reopen_window_runs,
    system_cancels_only_old_drafts,
    was_submitted,
    windows_are_over_for_system,
)
from claims_api.domain.holds import blocking_hold, hold_refusal
from claims_api.domain.standing import is_refused
from claims_api.domain.vocabulary import ENDED, ActorKind, Status, Transition

NOTHING = None
SAME = None
S, T, E = Status, Transition, EventType
CUSTOMER, AGENT, SUPERVISOR, SYSTEM = ActorKind.CUSTOMER, ActorKind.AGENT, ActorKind.SUPERVISOR, ActorKind.SYSTEM
PARTNER = ActorKind.PARTNER
ITEM_OPEN = (S.AWAITING_ITEM, S.UNDER_INSPECTION)
UNDECIDED = (S.SUBMITTED, S.UNDER_REVIEW, *ITEM_OPEN)
NOT_ENDED = tuple(status for status in Status if status not in ENDED)


@dataclass(frozen=True)
class Row:
    """One kind of step: from any of `sources` (NOTHING: no claim yet) to `target` (SAME: it stays where it is)."""

    transition: Transition
    sources: tuple[Status | None, ...]
    target: Status | None
    who: tuple[ActorKind, ...]
    event: EventType
    guards: tuple[Guard, ...] = ()

    def allows(self, kind: ActorKind) -> bool:
        """A supervisor may do every row of an agent."""
        return kind in self.who or (kind is SUPERVISOR and AGENT in self.who)


ROWS = (
    Row(T.DRAFT, (NOTHING, S.DRAFT), S.DRAFT, (CUSTOMER, AGENT), E.DRAFTED),
    Row(T.SUBMIT, (NOTHING, S.DRAFT), S.SUBMITTED, (CUSTOMER, AGENT), E.SUBMITTED, (is_complete,)),
    Row(T.START_REVIEW, (S.SUBMITTED,), S.UNDER_REVIEW, (AGENT, SYSTEM), E.REVIEW_STARTED),
    Row(T.REQUIRE_ITEM, (S.UNDER_REVIEW,), S.AWAITING_ITEM, (AGENT, SYSTEM), E.ITEM_REQUIRED),
    Row(
        T.RECEIVE_ITEM,
        (S.AWAITING_ITEM,),
        S.UNDER_INSPECTION,
        (PARTNER, AGENT, SYSTEM),
        E.ITEM_RECEIVED,
        (item_has_arrived,),
    ),
    # From the inspection too: a parcel that was delivered empty would leave the claim without a way on.
    Row(T.REPORT_ITEM_LOST, ITEM_OPEN, S.UNDER_REVIEW, (PARTNER, AGENT, SYSTEM), E.ITEM_LOST),
    Row(T.WAIVE_ITEM, ITEM_OPEN, S.UNDER_REVIEW, (PARTNER, AGENT, SYSTEM), E.ITEM_WAIVED),
    Row(
        T.RECORD_FINDINGS,
        (S.UNDER_INSPECTION,),
        S.UNDER_REVIEW,
        (AGENT, PARTNER),
        E.FINDINGS_RECORDED,
        (has_receipt,),
    ),
    Row(
        T.ACCEPT_WITHDRAWAL,
        (S.SUBMITTED, S.UNDER_REVIEW),
        S.IN_REMEDY,
        (AGENT, SYSTEM),
        E.WITHDRAWAL_ACCEPTED,
        (is_of_one_logic, is_withdrawal),
    ),
    Row(
        T.APPROVE,
        (S.UNDER_REVIEW,),
        S.IN_REMEDY,
        (AGENT, SUPERVISOR, SYSTEM),
        E.APPROVED,
        (is_of_one_logic, is_no_withdrawal),
    ),
    # Software may approve, only a person may refuse.
    Row(T.REJECT, (S.UNDER_REVIEW,), S.REJECTED, (AGENT, SUPERVISOR), E.REJECTED, (is_of_one_logic,)),
    Row(
        T.RESOLVE,
        (S.IN_REMEDY,),
        S.RESOLVED,
        (AGENT, SYSTEM),
        E.RESOLVED,
        (remedies_ended_for_system, goods_are_accounted_for),
    ),
    Row(
        T.CLOSE,
        (S.RESOLVED, S.REJECTED),
        S.CLOSED,
        (CUSTOMER, SYSTEM),
        E.CLOSED,
        (windows_are_over_for_system, goods_are_accounted_for),
    ),
    Row(
        T.REOPEN,
        (S.RESOLVED, S.CLOSED, S.WITHDRAWN, S.CANCELLED),
        S.UNDER_REVIEW,
        (CUSTOMER, AGENT),
        E.REOPENED,
        (was_submitted, is_not_refused, reopen_window_runs),
    ),
    Row(
        T.WITHDRAW,
        UNDECIDED,
        S.WITHDRAWN,
        (CUSTOMER,),
        E.WITHDRAWN,
        (goods_are_accounted_for,),
    ),
    Row(
        T.CANCEL,
        (S.DRAFT, *UNDECIDED),
        S.CANCELLED,
        (AGENT, SYSTEM),
        E.CANCELLED,
        (system_cancels_only_old_drafts, goods_are_accounted_for),
    ),
    Row(T.HOLD, NOT_ENDED, SAME, (AGENT, SUPERVISOR, SYSTEM), E.HOLD_OPENED),
    Row(T.RELEASE, NOT_ENDED, SAME, (AGENT, SUPERVISOR, SYSTEM), E.HOLD_RELEASED, (has_open_hold,)),
    Row(T.ASSIGN, NOT_ENDED, SAME, (AGENT, SUPERVISOR), E.ASSIGNED),
    Row(T.NOTE, NOT_ENDED, SAME, (AGENT, SUPERVISOR), E.NOTED),
)

STATUSES = tuple(status for status in Status if any(row.target is status for row in ROWS))
"""Every status a claim can have, for the CHECK of its column."""

HELD_AS = {T.ACCEPT_WITHDRAWAL: T.APPROVE}
"""Accepting promises money as approving does, so the same holds stand in its way."""

STATUS_AFTER = {row.event: row.target for row in ROWS if row.target}


@dataclass(frozen=True)
class AllowedTransition:
    """A step this caller's rows allow from here; `blocked_by` is the code of the guard in the way."""

    transition: Transition
    blocked_by: str | None


def verdict(claim: Claim | None, transition: Transition, by: ActorKind, now: datetime) -> Refused | None:
    """Nothing when the step may be taken, else the first refusal: no such row, not this role, then the guards.

    What depends on the arguments of the command comes after this.
    """
    row = _row(transition, claim.status if claim else NOTHING)
    if row is None:
        return Refused("transition-not-allowed", _way_out(claim, transition))
    if not row.allows(by):
        return Refused("role-not-allowed")
    return _first_refusal(row, claim, by, now) if claim else None


def allowed_transitions(claim: Claim, by: ActorKind, now: datetime) -> tuple[AllowedTransition, ...]:
    """What this kind of caller may do now, in the order of the rows, from the very rows that enforce it."""
    allowed = []
    for row in ROWS:
        if claim.status in row.sources and row.allows(by):
            refusal = _first_refusal(row, claim, by, now)
            allowed.append(AllowedTransition(row.transition, refusal.code if refusal else None))
    return tuple(allowed)


def diagram() -> str:
    """The rows as a Mermaid state diagram; steps that leave the status alone are not drawn."""
    lines = ["stateDiagram-v2"]
    for row in ROWS:
        for source in row.sources:
            if row.target and row.target is not source:
                lines.append(f"    {source or '[*]'} --> {row.target}: {row.transition}")
    lines += [f"    {status} --> [*]" for status in Status if status in ENDED]
    return "\n".join(lines) + "\n"


def _row(transition: Transition, status: Status | None) -> Row | None:
    return next((row for row in ROWS if row.transition is transition and status in row.sources), None)


def _first_refusal(row: Row, claim: Claim, by: ActorKind, now: datetime) -> Refused | None:
    for guard in row.guards:
        if refusal := guard(claim, by, now):
            return refusal
    kind = blocking_hold(claim, HELD_AS.get(row.transition, row.transition))
    return hold_refusal(kind, by) if kind else None


def _way_out(claim: Claim | None, transition: Transition) -> Data:
    if claim and transition is Transition.REOPEN and is_refused(claim):
        return appeal_members(claim)
    return {}
