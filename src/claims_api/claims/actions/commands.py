"""A requested step as the domain's command; its free texts are taken in on the way."""

import json
from collections.abc import Callable, Sequence
from typing import assert_never

from claims_api.claims.actions.record import Words
from claims_api.claims.schemas.item_transitions import (
    ItemFindingInput,
    ReceiveItemRequest,
    RecordFindingsRequest,
    ReportItemLostRequest,
    RequireItemRequest,
    WaiveItemRequest,
)
from claims_api.claims.schemas.transitions import (
    AcceptWithdrawalRequest,
    AnyTransition,
    ApproveRequest,
    AssignRequest,
    CancelRequest,
    CloseRequest,
    ConsentInput,
    HoldRequest,
    NoteRequest,
    OutcomeInput,
    RefusalInput,
    RejectRequest,
    ReleaseRequest,
    ReopenRequest,
    ResolveRequest,
    StartReviewRequest,
    SubmitRequest,
    WithdrawRequest,
)
from claims_api.domain.claim import Actor, Claim, Consent, Refusal
from claims_api.domain.commands import (
    AcceptWithdrawal,
    Approve,
    Assign,
    Cancel,
    Close,
    Command,
    ItemFinding,
    LineOutcome,
    LineRefusal,
    Note,
    OpenHold,
    ReceiveItem,
    RecordFindings,
    Reject,
    ReleaseHold,
    Reopen,
    ReportItemLost,
    RequireItem,
    Resolve,
    StartReview,
    Submit,
    WaiveItem,
    Withdraw,
)
from claims_api.domain.vocabulary import LineDecision
from claims_api.kit import ids

BARE: dict[type[AnyTransition], Callable[[Actor], Command]] = {
    SubmitRequest: Submit,
    StartReviewRequest: StartReview,
    ReportItemLostRequest: ReportItemLost,
    WaiveItemRequest: WaiveItem,
    ResolveRequest: Resolve,
    CloseRequest: Close,
    WithdrawRequest: Withdraw,
}
"""The steps that take no arguments."""


def command_of(sent: AnyTransition, actor: Actor, words: Words, claim: Claim) -> Command:
    """The command a request stands for."""
    if bare := BARE.get(type(sent)):
        return bare(actor)
    if isinstance(sent, HoldRequest | ReleaseRequest | AssignRequest | NoteRequest):
        return _desk_command(sent, actor, words)
    if isinstance(sent, RequireItemRequest | ReceiveItemRequest | RecordFindingsRequest):
        return _item_command(sent, actor, words)
    if isinstance(sent, AcceptWithdrawalRequest | ApproveRequest | RejectRequest):
        return _decision(sent, actor, words, claim)
    match sent:
        case ReopenRequest():
            return Reopen(actor, words.keep("reopen", sent.reason) if sent.reason else None)
        case CancelRequest():
            return Cancel(actor, sent.reason)
    raise TypeError(f"{type(sent).__name__} has no command")


def _decision(
    sent: AcceptWithdrawalRequest | ApproveRequest | RejectRequest, actor: Actor, words: Words, claim: Claim
) -> Command:
    match sent:
        case AcceptWithdrawalRequest():
            return AcceptWithdrawal(actor, _remedy_ids(len(claim.lines)))
        case ApproveRequest():
            return Approve(actor, _outcomes(sent.lines, words))
        case RejectRequest():
            return Reject(actor, tuple(LineRefusal(r.position, _refusal(r.refusal, words)) for r in sent.lines))
    assert_never(sent)


def _item_command(
    sent: RequireItemRequest | ReceiveItemRequest | RecordFindingsRequest, actor: Actor, words: Words
) -> Command:
    match sent:
        case RequireItemRequest():
            return RequireItem(actor, sent.paid_by, tuple(sent.positions or ()))
        case ReceiveItemRequest():
            return ReceiveItem(actor, sent.accept_partial)
        case RecordFindingsRequest():
            return RecordFindings(actor, tuple(_finding(finding, words) for finding in sent.findings))
    assert_never(sent)


def _desk_command(
    sent: HoldRequest | ReleaseRequest | AssignRequest | NoteRequest, actor: Actor, words: Words
) -> Command:
    match sent:
        case HoldRequest():
            return OpenHold(actor, ids.encode("hld", ids.new_uuid()), sent.kind, words.keep("hold", sent.reason))
        case ReleaseRequest():
            return ReleaseHold(actor, sent.hold, words.keep("release", sent.reason))
        case AssignRequest():
            return Assign(actor, sent.assignee)
        case NoteRequest():
            return Note(actor, words.keep("note", sent.text))
    assert_never(sent)


def _outcomes(sent: Sequence[OutcomeInput], words: Words) -> tuple[LineOutcome, ...]:
    """In order of their lines."""
    lines = sorted(sent, key=lambda line: line.position)
    return tuple(_outcome(line, each, words) for line, each in zip(lines, _remedy_ids(len(lines)), strict=True))


def _remedy_ids(lines: int) -> tuple[str, ...]:
    """Fresh ids in the order of their lines: a read sorts by them, the events by the lines."""
    return tuple(sorted(ids.encode("rem", ids.new_uuid()) for _ in range(lines)))


def _outcome(line: OutcomeInput, remedy_id: str, words: Words) -> LineOutcome:
    return LineOutcome(
        position=line.position,
        decision=LineDecision(line.decision),
        remedy_id=remedy_id,
        remedy=line.remedy,
        amount=line.amount.money() if line.amount else None,
        consent=_consent(line.consent, words) if line.consent else None,
        refusal=_refusal(line.refusal, words) if line.refusal else None,
    )


def _consent(sent: ConsentInput, words: Words) -> Consent:
    return Consent(sent.via, sent.at, sent.locale, words.keep("consent", sent.text) if sent.text else None)


def _refusal(sent: RefusalInput, words: Words) -> Refusal:
    """The words of a refusal are one text: erased together, hashed together."""
    said = sent.model_dump(mode="json", include={"clause", "facts", "would_change"})
    return Refusal(sent.reason, words.keep("refusal", json.dumps(said, ensure_ascii=False)))


def _finding(sent: ItemFindingInput, words: Words) -> ItemFinding:
    note = words.keep("finding", sent.note) if sent.note else None
    return ItemFinding(sent.position, sent.grade, sent.cause, sent.fault, note)
