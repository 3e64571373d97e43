"""What can be asked of a claim, as values: who asks, and with which arguments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from claims_api.domain.calendars import NO_DAYS_OFF, WorkingCalendar
from claims_api.domain.claim import Actor, Consent, Filing, Refusal, TextRef
from claims_api.domain.item_words import FaultCause, ItemGrade
from claims_api.domain.money import Money
from claims_api.domain.remedies import Tier
from claims_api.domain.standard import CostBearer
from claims_api.domain.vocabulary import (
    CancelReason,
    Ground,
    HoldKind,
    LineDecision,
    RemedyKind,
    StartsWhen,
    Transition,
)
from claims_api.domain.withdrawals import NO_LAW_OF_WITHDRAWAL, WithdrawalLaw


@dataclass(frozen=True)
class Windows:
    """How long things stay open, in calendar days."""

    appeal_days: int
    draft_days: int
    reopen_days: int
    reopen_withdrawn_days: int


@dataclass(frozen=True)
class LikelyDuplicate:
    """An open claim this one seems to repeat, and the id for the hold that says so."""

    claim_id: str
    hold_id: str


@dataclass(frozen=True)
class Context:
    """What a decision needs beyond the claim: windows, the zones and days they may end on, the law's tiers, a twin.

    `withdrawal` is filled in where a line is a withdrawal; `refund_starts_when` is the standard's word by ground, and
    `return_cost` says by ground who pays for goods to travel back.
    """

    windows: Windows
    zones: tuple[str, ...]
    tiers: tuple[Tier, ...] = ()
    likely_duplicate: LikelyDuplicate | None = None
    withdrawal: WithdrawalLaw = NO_LAW_OF_WITHDRAWAL
    refund_starts_when: Mapping[Ground, StartsWhen] = field(default_factory=dict)
    calendar: WorkingCalendar = NO_DAYS_OFF
    return_cost: Mapping[Ground, CostBearer] = field(default_factory=dict)


@dataclass(frozen=True)
class LineOutcome:
    """What is decided about one line; `remedy_id` is the fresh id its remedy gets, if it gets one."""

    position: int
    decision: LineDecision
    remedy_id: str
    remedy: RemedyKind | None = None
    amount: Money | None = None
    consent: Consent | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Asked:
    """What every command has: somebody who asks."""

    actor: Actor


@dataclass(frozen=True)
class SaveDraft(Asked):
    """Keep what was typed so far; each save replaces the last."""

    transition: ClassVar[Transition] = Transition.DRAFT
    filing: Filing


@dataclass(frozen=True)
class Submit(Asked):
    """File the claim: `filing` when there is no draft, else the draft as it was saved last."""

    transition: ClassVar[Transition] = Transition.SUBMIT
    filing: Filing = field(default_factory=Filing)


@dataclass(frozen=True)
class StartReview(Asked):
    """Somebody begins to read it."""

    transition: ClassVar[Transition] = Transition.START_REVIEW


@dataclass(frozen=True)
class RequireItem(Asked):
    """Ask for the goods of some lines (none named: of all); `paid_by` says who pays for their way."""

    transition: ClassVar[Transition] = Transition.REQUIRE_ITEM
    paid_by: CostBearer
    positions: tuple[int, ...] = ()


@dataclass(frozen=True)
class ReceiveItem(Asked):
    """The goods are here; with `accepts_part` also when not all of them are."""

    transition: ClassVar[Transition] = Transition.RECEIVE_ITEM
    accepts_part: bool = False


@dataclass(frozen=True)
class ReportItemLost(Asked):
    """The goods will not arrive; that never costs the customer the claim."""

    transition: ClassVar[Transition] = Transition.REPORT_ITEM_LOST


@dataclass(frozen=True)
class WaiveItem(Asked):
    """It goes on without the goods."""

    transition: ClassVar[Transition] = Transition.WAIVE_ITEM


@dataclass(frozen=True)
class ItemFinding:
    """What an inspection found out about the goods of one line; `fault` is an issue's code, if there is a fault."""

    position: int
    grade: ItemGrade
    cause: FaultCause
    fault: str | None = None
    words: TextRef | None = None


@dataclass(frozen=True)
class RecordFindings(Asked):
    """The goods were looked at."""

    transition: ClassVar[Transition] = Transition.RECORD_FINDINGS
    findings: tuple[ItemFinding, ...]


@dataclass(frozen=True)
class AcceptWithdrawal(Asked):
    """Take the customer at their word; `remedy_ids` are fresh, one for each line in order."""

    transition: ClassVar[Transition] = Transition.ACCEPT_WITHDRAWAL
    remedy_ids: tuple[str, ...]


@dataclass(frozen=True)
class Approve(Asked):
    """Decide every line, at least one of them for the customer."""

    transition: ClassVar[Transition] = Transition.APPROVE
    lines: tuple[LineOutcome, ...]


@dataclass(frozen=True)
class LineRefusal:
    """One refused line."""

    position: int
    refusal: Refusal


@dataclass(frozen=True)
class Reject(Asked):
    """Refuse every line, each for its own reason."""

    transition: ClassVar[Transition] = Transition.REJECT
    lines: tuple[LineRefusal, ...]


@dataclass(frozen=True)
class Resolve(Asked):
    """Everything promised is done."""

    transition: ClassVar[Transition] = Transition.RESOLVE


@dataclass(frozen=True)
class Close(Asked):
    """The work is over."""

    transition: ClassVar[Transition] = Transition.CLOSE


@dataclass(frozen=True)
class Reopen(Asked):
    """It is not over after all."""

    transition: ClassVar[Transition] = Transition.REOPEN
    reason: TextRef | None = None


@dataclass(frozen=True)
class Withdraw(Asked):
    """The customer takes the claim back (not the purchase: that is a line's ground)."""

    transition: ClassVar[Transition] = Transition.WITHDRAW


@dataclass(frozen=True)
class Cancel(Asked):
    """The claim should not be here."""

    transition: ClassVar[Transition] = Transition.CANCEL
    reason: CancelReason


@dataclass(frozen=True)
class OpenHold(Asked):
    """Something has to be cleared up first; `hold_id` is fresh."""

    transition: ClassVar[Transition] = Transition.HOLD
    hold_id: str
    kind: HoldKind
    reason: TextRef


@dataclass(frozen=True)
class ReleaseHold(Asked):
    """It is cleared up."""

    transition: ClassVar[Transition] = Transition.RELEASE
    hold_id: str
    reason: TextRef


@dataclass(frozen=True)
class Assign(Asked):
    """Give the claim to a person, or (None) back to the queue."""

    transition: ClassVar[Transition] = Transition.ASSIGN
    assignee: str | None


@dataclass(frozen=True)
class Note(Asked):
    """Something for the staff to remember."""

    transition: ClassVar[Transition] = Transition.NOTE
    text: TextRef


ItemCommand: TypeAlias = RequireItem | ReceiveItem | ReportItemLost | WaiveItem | RecordFindings
ReviewCommand: TypeAlias = StartReview | AcceptWithdrawal | Approve | Reject
EndingCommand: TypeAlias = Resolve | Close | Reopen | Withdraw | Cancel
DeskCommand: TypeAlias = OpenHold | ReleaseHold | Assign | Note
Command: TypeAlias = SaveDraft | Submit | ItemCommand | ReviewCommand | EndingCommand | DeskCommand
