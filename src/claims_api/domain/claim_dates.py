"""When the periods that matter to a claim end: what the law's clauses mean in days for this very purchase."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from claims_api.domain.calendars import WorkingCalendar
from claims_api.domain.day_counting import Due
from claims_api.domain.guarantees import Goods, guarantee_for, may_run_out
from claims_api.domain.policy import Policy, Rule, may_decide
from claims_api.domain.policy_dates import SaleDates, due_of, years_of
from claims_api.domain.policy_words import RuleField
from claims_api.domain.vocabulary import Ground

GUARANTEE = RuleField.STATUTORY_GUARANTEE_MONTHS

MATTERS: Mapping[Ground, tuple[RuleField, ...]] = MappingProxyType(
    {
        Ground.DEFECT: (
            GUARANTEE,
            RuleField.BURDEN_OF_PROOF_MONTHS,
            RuleField.IMMEDIATE_REJECTION_DAYS,
            RuleField.MAX_REPAIR_DAYS,
            RuleField.COMPLAINT_REPLY_DAYS,
        ),
        Ground.WITHDRAWAL: (RuleField.WITHDRAWAL_DAYS,),
        Ground.DELIVERY: (RuleField.COMPLAINT_REPLY_DAYS,),
    }
)
"""The periods a line's ground makes worth knowing; a withdrawal is a declaration, nothing about it is answered."""


@dataclass(frozen=True, slots=True)
class ClaimedGoods:
    """A line as far as its dates go. `sale` holds the line's own day of delivery."""

    position: int
    ground: Ground
    goods: Goods
    sale: SaleDates


@dataclass(frozen=True, slots=True)
class DatedRule:
    """The end of a period for some lines. `decides`: it counts by itself; else a person decides."""

    field: RuleField
    rule: Rule
    due: Due
    decides: bool
    positions: tuple[int, ...]


def claim_dates(policy: Policy, lines: Sequence[ClaimedGoods], working: WorkingCalendar) -> tuple[DatedRule, ...]:
    """Every end that can be counted, in the order of the fields; lines with the same end stand together."""
    found: dict[tuple[RuleField, Due, bool], DatedRule] = {}
    for line in lines:
        for one in _of_line(policy, line, working):
            key = (one.field, one.due, one.decides)
            known = found.get(key)
            found[key] = replace(one, positions=(*known.positions, *one.positions)) if known else one
    order = list(RuleField)
    return tuple(sorted(found.values(), key=lambda one: (order.index(one.field), one.positions)))


def years_that_matter(policy: Policy, lines: Sequence[ClaimedGoods]) -> frozenset[int]:
    """The years whose holidays can matter to these ends."""
    years: set[int] = set()
    for line in lines:
        years |= years_of((_rule(policy, line, field)[0].said for field in MATTERS[line.ground]), line.sale)
    return frozenset(years)


def _of_line(policy: Policy, line: ClaimedGoods, working: WorkingCalendar) -> list[DatedRule]:
    found = []
    for field in MATTERS[line.ground]:
        rule, decides = _rule(policy, line, field)
        due = due_of(field, rule.said, line.sale, policy.calendar, working)
        if due is not None:
            found.append(DatedRule(field, rule, due, decides and due.holidays_known, (line.position,)))
    return found


def _rule(policy: Policy, line: ClaimedGoods, field: RuleField) -> tuple[Rule, bool]:
    """What counts for the line, and whether its end counts by itself."""
    if field is not GUARANTEE:
        return policy.rules[field], may_decide(policy.rules[field])
    guarantee = guarantee_for(policy, line.goods)
    return guarantee.rule, may_run_out(guarantee)
