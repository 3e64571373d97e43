"""Decisions made again: from the claim as it was, the pinned policy and what the log says was asked.

The log holds a command's outcome, not the command. What a person chose is taken from it and so proves nothing by
itself: which lines are covered and by what, the amount of an approved remedy, reasons, consents, ids. What follows from
that is computed anew and compared: whether the decision was allowed at all, what a person judged, the money of a
withdrawal and its findings, the remedies promised, and every window.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from claims_api.claims.actions.context import context_of
from claims_api.claims.actions.withdrawals import is_about_withdrawal, law_with_days
from claims_api.domain.answers import Data, EventDraft, EventType, Refused
from claims_api.domain.chain import Event
from claims_api.domain.claim import Claim
from claims_api.domain.commands import AcceptWithdrawal, Approve, Command, Context, LineOutcome, LineRefusal, Reject
from claims_api.domain.decide import decide
from claims_api.domain.policy import Policy
from claims_api.domain.vocabulary import LineDecision, RemedyKind
from claims_api.domain.wire import (
    integer,
    maybe_record,
    maybe_string,
    read_consent,
    read_money,
    read_refusal,
    record,
    records,
    string,
)
from claims_api.verify.actions.comparing import differences
from claims_api.verify.actions.findings import Family, Kind, ReadClaim, Violation

REFUSED = Kind("decision-not-allowed", "A recorded decision is refused when it is made again.")
DIFFERS = Kind("decision-differs", "A recorded decision comes out otherwise when it is made again.")
WINDOW = Kind("window-differs", "A recorded decision is the same, but a window or a wait of it comes out otherwise.")
UNREADABLE = Kind("decision-unreadable", "A recorded decision says too little to be made again.")

DECISIONS = frozenset({EventType.APPROVED, EventType.REJECTED, EventType.WITHDRAWAL_ACCEPTED})
SHIPPED = ("appeal_until", "starts_when", "last_day")
"""Members that hang on the standard and the holiday tables of this release, which no claim is pinned to."""


def is_decided_the_same_again(read: ReadClaim) -> Iterator[Violation]:
    """Every decision in the log, made again on the state before it."""
    if read.policy is None:
        return  # said elsewhere: its pin is missing or unreadable
    for place, event in enumerate(read.log[: len(read.states)]):
        if event.type in DECISIONS and place > 0:
            yield from _again(read, read.policy, place)


def _again(read: ReadClaim, policy: Policy, place: int) -> Iterator[Violation]:
    event, before = read.log[place], read.states[place - 1]
    recorded = tuple(EventDraft(one.type, one.data) for one in read.log[place : _end(read.log, place)])
    try:
        command = _command(event, [draft.data for draft in recorded[1:]])
        context = _context(policy, read.stored.filed.time_zone, before, command, event)
        decided = decide(before, command, context, event.recorded_at)
    except (KeyError, TypeError, ValueError) as error:
        yield UNREADABLE.at(read.place(event), type(error).__name__)
        return
    if isinstance(decided, Refused):
        yield REFUSED.at(read.place(event), decided.code)
    elif paths := list(differences(decided, recorded)):
        kind = WINDOW if all(path.endswith(SHIPPED) for path in paths) else DIFFERS
        yield kind.at(read.place(event), ", ".join(paths))


def _end(log: Sequence[Event], place: int) -> int:
    """Where the events of the decision at `place` end: it is followed by the remedies it promised."""
    end = place + 1
    while end < len(log) and log[end].type is EventType.REMEDY_ACCEPTED:
        end += 1
    return end


def _command(event: Event, promised: Sequence[Data]) -> Command:
    """The command behind a decision. Raises: KeyError, TypeError, ValueError"""
    lines = records(event.data, "lines")
    if event.type is EventType.REJECTED:
        refused = (LineRefusal(integer(line, "position"), read_refusal(record(line, "refusal"))) for line in lines)
        return Reject(event.actor, tuple(refused))
    if event.type is EventType.WITHDRAWAL_ACCEPTED:
        return AcceptWithdrawal(event.actor, tuple(string(remedy, "remedy_id") for remedy in promised))
    remedy_ids = {integer(remedy, "position"): string(remedy, "remedy_id") for remedy in promised}
    return Approve(event.actor, tuple(_outcome(line, remedy_ids.get(integer(line, "position"), "")) for line in lines))


def _outcome(line: Data, remedy_id: str) -> LineOutcome:
    remedy, amount = maybe_string(line, "remedy"), maybe_record(line, "amount")
    consent, refusal = maybe_record(line, "consent"), maybe_record(line, "refusal")
    return LineOutcome(
        position=integer(line, "position"),
        decision=LineDecision(string(line, "decision")),
        remedy_id=remedy_id,
        remedy=RemedyKind(remedy) if remedy else None,
        amount=read_money(amount) if amount else None,
        consent=read_consent(consent) if consent else None,
        refusal=read_refusal(refusal) if refusal else None,
    )


def _context(policy: Policy, time_zone: str | None, before: Claim, command: Command, event: Event) -> Context:
    context = context_of(policy, time_zone, event.recorded_at)
    if not is_about_withdrawal(before, command):
        return context
    return replace(context, withdrawal=law_with_days(policy, before, context.zones))


FAMILY = Family(
    "decisions made again from the log and the pinned policy, with the same outcome",
    (REFUSED, DIFFERS, WINDOW, UNREADABLE),
    of_claim=(is_decided_the_same_again,),
)
