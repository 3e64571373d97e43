"""When the periods of a policy end for one sale: whose time each is, what it starts with, and where its day ends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from types import MappingProxyType

from claims_api.domain.calendars import WorkingCalendar
from claims_api.domain.day_counting import Due, Term, due, years_to_know
from claims_api.domain.policy import Calendar, Policy
from claims_api.domain.policy_law import Span, Statement
from claims_api.domain.policy_words import CountsFrom, RuleField, RuleStatus, Unit
from claims_api.domain.windows import RunsFor

WHOSE: Mapping[RuleField, RunsFor] = MappingProxyType(
    {
        RuleField.STATUTORY_GUARANTEE_MONTHS: RunsFor.CUSTOMER,
        RuleField.USED_GOODS_GUARANTEE_MONTHS: RunsFor.CUSTOMER,
        RuleField.BURDEN_OF_PROOF_MONTHS: RunsFor.CUSTOMER,
        RuleField.GUARANTEE_EXTENSION_AFTER_REPAIR_MONTHS: RunsFor.CUSTOMER,
        RuleField.IMMEDIATE_REJECTION_DAYS: RunsFor.CUSTOMER,
        RuleField.WITHDRAWAL_DAYS: RunsFor.CUSTOMER,
        RuleField.NOTICE_DUTY_DAYS: RunsFor.CUSTOMER,
        RuleField.SPARE_PARTS_MONTHS: RunsFor.CUSTOMER,
        RuleField.LIMITATION_PERIOD_MONTHS: RunsFor.CUSTOMER,
        RuleField.MAX_REPAIR_DAYS: RunsFor.US,
        RuleField.COMPLAINT_REPLY_DAYS: RunsFor.US,
        RuleField.REFUND_DAYS: RunsFor.US,
    }
)
"""Whose time a period is: ours where the seller has to act within it, else the customer's, for whom later is better.

Source: docs/law-data.md, the fields (what is better for the consumer), and docs/calendars.md, a last day that is a day
off. A notice duty binds the customer, so it is his or her time too.
"""

ENDS_LAST = "Etc/GMT+12"
"""The zone in which a day ends last: where no zone is known the customer's time ends there."""

_FURTHEST = timezone(timedelta(hours=14))


@dataclass(frozen=True, slots=True)
class SaleDates:
    """The days of a sale on which periods start, and the instant a claim about it came in; None is not known."""

    purchased_on: date | None = None
    delivered_on: date | None = None
    claimed_at: datetime | None = None

    @property
    def are_known(self) -> bool:
        """At least one of them is."""
        return any(one is not None for one in (self.purchased_on, self.delivered_on, self.claimed_at))


def started(said: Statement, sale: SaleDates) -> date | datetime | None:
    """When a period starts, None where it starts with something that is no part of a sale or claim, or not known.

    A claim is the complaint, and the request of a remedy, from the instant it came in.
    """
    match said.counts_from:
        case CountsFrom.DELIVERY:
            return sale.delivered_on
        case CountsFrom.PURCHASE:
            return sale.purchased_on
        case CountsFrom.COMPLAINT_RECEIVED | CountsFrom.REQUEST:
            return sale.claimed_at
    return None


def due_of(field: RuleField, said: Statement, sale: SaleDates, place: Calendar, working: WorkingCalendar) -> Due | None:
    """The end of a period for a sale; None where it has no length, no known start, or, being ours, no known zone.

    Source: docs/calendars.md. The customer's periods always roll over days off, ours only by the word of the law.
    """
    span, start = _span_of(said), started(said, sale)
    if span is None or start is None:
        return None
    runs_for = WHOSE[field]
    zones = zones_of(place, runs_for)
    if not zones:
        return None
    over = place.period_rule.over if place.period_rule else ()
    return due(start, Term(span, runs_for, said.rolls, over), working, zones)


def dues_of(policy: Policy, sale: SaleDates, working: WorkingCalendar) -> Mapping[RuleField, Due]:
    """The end of every period of the policy that starts with a known day of the sale, in the order of the fields."""
    found: dict[RuleField, Due] = {}
    for field in (one for one in RuleField if one in WHOSE):
        end = due_of(field, policy.rules[field].said, sale, policy.calendar, working)
        if end is not None:
            found[field] = end
    return found


def zones_of(place: Calendar, runs_for: RunsFor) -> tuple[str, ...]:
    """The zones in which a period may end; of several the end is chosen by whose it is. None known: none for ours."""
    known = place.time_zones or ((place.time_zone,) if place.time_zone else ())
    return known or ((ENDS_LAST,) if runs_for is RunsFor.CUSTOMER else ())


def years_of(periods: Iterable[Statement], sale: SaleDates) -> frozenset[int]:
    """The years whose holidays can matter to these periods of a sale."""
    return frozenset(
        year
        for said in periods
        if (span := _span_of(said)) is not None and (start := started(said, sale)) is not None
        for year in years_to_know(start, span)
    )


def furthest_today(now: datetime) -> date:
    """The date where the day is furthest ahead (UTC+14): no day after it has begun anywhere."""
    return now.astimezone(_FURTHEST).date()


def _span_of(said: Statement) -> Span | None:
    """The length of a period. One by price has none of its own, and hours need an instant to start from."""
    if said.status is not RuleStatus.SET or said.unit is None or said.unit is Unit.HOURS:
        return None
    return Span(said.value, said.unit) if type(said.value) is int else None
