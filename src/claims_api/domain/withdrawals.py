"""What the law makes of a withdrawal: a declaration can be late or excepted, it cannot be unmerited.

Source: Directive 2011/83/EU, art. 9, 11 and 16, and the laws that give the same right; docs/law-data.md, what a value
may do. What nobody said is read in the customer's favour and named in `assumed`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from claims_api.domain.answers import Data
from claims_api.domain.calendars import NO_DAYS_OFF, WorkingCalendar
from claims_api.domain.claim import Claim, Line
from claims_api.domain.day_counting import Due, Term, due
from claims_api.domain.policy_law import Span
from claims_api.domain.policy_words import Category, Unit
from claims_api.domain.vocabulary import RefusalReason, SalesChannel
from claims_api.domain.windows import RunsFor
from claims_api.domain.wire import instant_text, optional

JUDGED_CATEGORIES = frozenset({Category.PERISHABLES, Category.MEDICAL_DEVICES, Category.OTHER})
"""Goods that laws often except, and those whose category says nothing of what they are."""

OF_DEFECTS = frozenset(
    {
        RefusalReason.NOT_A_DEFECT,
        RefusalReason.WEAR_AND_TEAR,
        RefusalReason.MISUSE,
        RefusalReason.THIRD_PARTY_DAMAGE,
    }
)
"""Reasons that speak of the state of the goods: no ground to refuse somebody who need not give any."""


class Sure(StrEnum):
    """How a question is answered; `unknown` is never read against the customer."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Excepted(StrEnum):
    """Whether the goods may be of a kind the right does not cover; only a person says that they are."""

    NO = "no"
    JUDGEMENT = "judgement"


class Assumed(StrEnum):
    """What was read in the customer's favour. The policy's own assumptions come beside these."""

    DELIVERED_ON = "delivered_on"
    SALES_CHANNEL = "sales_channel"
    CATEGORY = "category"
    TIME_ZONE = "time_zone"
    DAYS_OFF = "days_off"
    SEPARATE_DELIVERY = "separate_delivery"
    PERIOD_START = "period_start"
    LAW = "law"


class Right(StrEnum):
    """What the policy says of the right to withdraw; `none`: surely no law gives it, `not_ours`: not against us."""

    GIVEN = "given"
    NONE = "none"
    NOT_OURS = "not_ours"
    NOT_ESTABLISHED = "not_established"


@dataclass(frozen=True)
class WithdrawalLaw:
    """The pinned policy's rule and what its days mean there; by default nothing is established.

    `may_decide` is false where the value may be shown and may favour the customer, but refuses nothing.
    """

    right: Right = Right.NOT_ESTABLISHED
    span: Span | None = None
    law: str | None = None
    source: str | None = None
    may_decide: bool = False
    starts_with_delivery: bool = True
    assumed: tuple[str, ...] = ()
    rolls: bool | None = None
    over: tuple[str, ...] = ()
    calendar: WorkingCalendar = NO_DAYS_OFF
    is_weekend_known: bool = False
    zones: tuple[str, ...] = ()


NO_LAW_OF_WITHDRAWAL = WithdrawalLaw()
"""Nothing is established: nobody can be late, and nothing is surely owed."""


@dataclass(frozen=True)
class Finding:
    """What was found about one line. `last_day` is the last local day of the period, in the zone of its end.

    `span`, `law` and `source` say which period that is; None where no law says one.
    """

    position: int
    span: Span | None
    law: str | None
    source: str | None
    last_day: date | None
    declared_at: datetime
    is_in_time: Sure
    is_covered_sale: Sure
    excepted: Excepted
    assumed: tuple[str, ...] = ()

    @property
    def is_surely_due(self) -> bool:
        """Whether software may say that the money is owed: nothing is left to judge or assume."""
        is_clear = self.is_in_time is Sure.YES and self.is_covered_sale is Sure.YES and self.excepted is Excepted.NO
        return is_clear and not self.assumed


def withdrawal_of(claim: Claim, law: WithdrawalLaw, now: datetime) -> tuple[Finding, ...]:
    """A finding for each line. The declaration counts from its receipt; `now` only where there was none yet."""
    declared_at = claim.submitted_at or now
    arrivals = [line.delivered_on for line in claim.lines if line.delivered_on]
    return tuple(_finding(line, law, declared_at, max(arrivals, default=None)) for line in claim.lines)


def finding_data(finding: Finding) -> Data:
    """A finding as event data: codes, dates and numbers only, so the citation of the law is left out."""
    span = finding.span
    return {
        "period": {"value": span.value, "unit": span.unit.value, "law": finding.law} if span else None,
        "last_day": optional(date.isoformat, finding.last_day),
        "declared_at": instant_text(finding.declared_at),
        "is_in_time": finding.is_in_time.value,
        "is_covered_sale": finding.is_covered_sale.value,
        "excepted": finding.excepted.value,
        "assumed": list(finding.assumed),
    }


def period_data(finding: Finding) -> Data:
    """What speaks against calling a withdrawal late: the last day, the law that says so, and what was assumed."""
    return {
        "is_in_time": finding.is_in_time.value,
        "last_day": optional(date.isoformat, finding.last_day),
        "law": finding.law,
        "source": finding.source,
        "assumed": list(finding.assumed),
    }


def _finding(line: Line, law: WithdrawalLaw, declared_at: datetime, last_arrival: date | None) -> Finding:
    ends = _ends(law, line.delivered_on)
    end = max(ends, key=lambda each: each.at, default=None)
    is_in_time, doubts = _in_time(law, ends, declared_at, last_arrival)
    unsaid = {
        Assumed.DELIVERED_ON: line.delivered_on is None and law.span is not None,
        Assumed.SALES_CHANNEL: line.sales_channel is None,
        Assumed.CATEGORY: line.category is None,
    }
    return Finding(
        position=line.position,
        span=law.span,
        law=law.law,
        source=law.source,
        last_day=end.on if end else None,
        declared_at=declared_at,
        is_in_time=is_in_time,
        is_covered_sale=_covered(line, law),
        excepted=Excepted.JUDGEMENT if line.category in JUDGED_CATEGORIES else Excepted.NO,
        assumed=_words([fact for fact, is_unsaid in unsaid.items() if is_unsaid], doubts, law.assumed),
    )


def _ends(law: WithdrawalLaw, delivered_on: date | None) -> tuple[Due, ...]:
    """When the period ends in each zone it may end in; hours would need the instant of the delivery."""
    if law.span is None or delivered_on is None or law.span.unit is Unit.HOURS:
        return ()
    term = Term(law.span, RunsFor.CUSTOMER, law.rolls, law.over)
    return tuple(due(delivered_on, term, law.calendar, (zone,)) for zone in law.zones)


def _in_time(
    law: WithdrawalLaw, ends: tuple[Due, ...], declared_at: datetime, last_arrival: date | None
) -> tuple[Sure, list[Assumed]]:
    """The answer, and the doubts that made it better for the customer."""
    if not ends:
        return Sure.UNKNOWN, []
    if any(declared_at < end.at for end in ends):
        doubts = {
            Assumed.TIME_ZONE: any(declared_at >= end.at for end in ends),
            Assumed.PERIOD_START: not law.starts_with_delivery,
            Assumed.LAW: _is_doubtful(law),
        }
        return Sure.YES, [doubt for doubt, is_there in doubts.items() if is_there]
    doubts = {
        Assumed.DAYS_OFF: not (law.is_weekend_known and all(end.holidays_known for end in ends)),
        # Several goods of one order: the period starts with the last of them (Directive 2011/83/EU, art. 9(2)(b)).
        Assumed.SEPARATE_DELIVERY: any(declared_at < end.at for end in _ends(law, last_arrival)),
        Assumed.LAW: _is_doubtful(law),
    }
    found = [doubt for doubt, is_there in doubts.items() if is_there]
    return (Sure.UNKNOWN if found or not law.may_decide else Sure.NO), found


def _is_doubtful(law: WithdrawalLaw) -> bool:
    """A value that decides nothing by itself, for another reason than a fact nobody gave."""
    return not law.may_decide and not law.assumed


def _covered(line: Line, law: WithdrawalLaw) -> Sure:
    """Whether the law gives the right in such a sale: away from a shop, against us."""
    if law.right is Right.NOT_OURS or line.sales_channel is SalesChannel.IN_STORE:
        return Sure.NO
    if line.sales_channel is None:
        return Sure.UNKNOWN
    if law.right is Right.NONE:
        # Laws without a general right often give one at the customer's door.
        return Sure.NO if line.sales_channel is SalesChannel.DISTANCE else Sure.UNKNOWN
    return Sure.YES


def _words(unsaid: Iterable[Assumed], doubts: Iterable[Assumed], of_the_policy: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(word.value for word in (*unsaid, *doubts)), *of_the_policy]))
