"""What the facts of a sale make of a law: which side of a change counts, and whether the law speaks against us."""

from dataclasses import dataclass, replace
from datetime import date

from claims_api.domain.policy_law import Statement
from claims_api.domain.policy_words import (
    DIRECTION,
    Assumption,
    Better,
    Confidence,
    RuleField,
    RuleStatus,
    StatutoryLayer,
)

NOT_ESTABLISHED = Statement(RuleStatus.UNKNOWN, Confidence.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the sale. `contract_on` is the day the contract was concluded; `is_ours`: we are the seller."""

    contract_on: date | None
    is_consumer: bool = True
    is_ours: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """One statement read for a contract: `said` counts; of a changed law the other side is `before` or `upcoming`."""

    said: Statement
    effective_from: date | None = None
    before: Statement | None = None
    upcoming: Statement | None = None
    assumed: tuple[Assumption, ...] = ()


def statutory_layer(facts: Facts) -> StatutoryLayer:
    """Whether consumer law speaks against us: a seller's duty towards a consumer (Directive (EU) 2019/771, Art. 2-3).

    Of two reasons why not, the sale by somebody else is named: it holds whoever the customer is.
    """
    if not facts.is_ours:
        return StatutoryLayer.SOLD_BY_OTHER
    return StatutoryLayer.APPLIES if facts.is_consumer else StatutoryLayer.BUSINESS_CUSTOMER


def read_statement(field: RuleField, statement: Statement, contract_on: date | None, today: date) -> Reading:
    """The side of a changed law that a contract stands on (docs/law-data.md, a rule: `effective_from`).

    A known day alone decides, whatever day it is now. Without one the side that is better for the consumer counts and
    is `assumed`; sides that do not compare leave it to the one in force today. A law still ahead leaves nothing to
    assume: no contract there is was concluded under it.
    """
    starts_on = statement.effective_from
    if starts_on is None:
        return Reading(statement)
    older = statement.before or NOT_ESTABLISHED
    if contract_on is not None:
        is_newer, assumed = contract_on >= starts_on, False
    elif starts_on > today:
        is_newer, assumed = False, False
    else:
        is_newer, assumed = not is_better(field, older, statement), True
    words = (Assumption.CONTRACT_DATE,) if assumed else ()
    if is_newer:
        return Reading(statement, starts_on, before=statement.before, assumed=words)
    return Reading(older, starts_on, upcoming=undated(statement), assumed=words)


def undated(statement: Statement) -> Statement:
    """The statement without the history that a rule shows beside it."""
    if statement.effective_from is None and statement.before is None:
        return statement
    return replace(statement, effective_from=None, before=None)


def is_better(field: RuleField, one: Statement, other: Statement) -> bool:
    """Whether `one` gives the consumer more than `other`; False where the two do not compare."""
    direction = DIRECTION.get(field)
    if direction is None or one.status is not RuleStatus.SET or other.status not in (RuleStatus.SET, RuleStatus.NONE):
        return False
    if other.status is RuleStatus.NONE:
        return direction not in (Better.TRUE, Better.SELLER) or _weight(direction, one) > 0
    return one.unit is other.unit and _weight(direction, one) > _weight(direction, other)


def _weight(direction: Better, statement: Statement) -> int:
    """More is better. Of words and truths the one the direction names weighs 1."""
    match direction:
        case Better.LONGER:
            return int(statement.value or 0)
        case Better.SHORTER:
            return -int(statement.value or 0)
        case Better.TRUE:
            return int(statement.value is True)
        case Better.SELLER:
            return int(statement.value == Better.SELLER.value)
