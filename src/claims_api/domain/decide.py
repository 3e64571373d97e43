"""The decider: from a claim, a command and the moment to the events that follow, or to a refusal."""

from datetime import datetime

from claims_api.domain.answers import Decided, Refused
from claims_api.domain.claim import Claim
from claims_api.domain.commands import (
    Command,
    Context,
    DeskCommand,
    EndingCommand,
    ItemCommand,
    ReviewCommand,
    SaveDraft,
    Submit,
)
from claims_api.domain.desk import decide_at_desk
from claims_api.domain.ending import decide_ending
from claims_api.domain.filing import save_draft, submit
from claims_api.domain.items import decide_item
from claims_api.domain.outcomes import decide_review
from claims_api.domain.transitions import verdict
from claims_api.domain.vocabulary import ActorKind

NAMED_STAFF = frozenset({ActorKind.AGENT, ActorKind.SUPERVISOR, ActorKind.PARTNER})
"""Those whose acts a person answers for, so the person is named."""


def decide(claim: Claim | None, command: Command, context: Context, now: datetime) -> Decided:
    """The events of a command in order, or the first refusal; the state afterwards is `evolve` over these events."""
    if command.actor.kind in NAMED_STAFF and command.actor.ref is None:
        return Refused("actor-required")
    if refusal := verdict(claim, command.transition, command.actor.kind, now):
        return refusal
    if isinstance(command, SaveDraft):
        return save_draft(command, context, now)
    if isinstance(command, Submit):
        return submit(claim, command, context)
    if claim is None:
        raise AssertionError("rows from nothing are filings, and those were answered above")
    return _decide_filed(claim, command, context, now)


def _decide_filed(
    claim: Claim, command: ItemCommand | ReviewCommand | EndingCommand | DeskCommand, context: Context, now: datetime
) -> Decided:
    if isinstance(command, ReviewCommand):
        return decide_review(claim, command, context, now)
    if isinstance(command, EndingCommand):
        return decide_ending(claim, command, context, now)
    if isinstance(command, ItemCommand):
        return decide_item(claim, command, context)
    return decide_at_desk(claim, command)
