"""The policy of a region: what its law says today, where each value comes from, and what lost against it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from claims_api.domain.policy_law import (
    Authority,
    CategoryStatement,
    CommunicationStyle,
    EvidenceAlternatives,
    PeriodRule,
    Statement,
    Statute,
)
from claims_api.domain.policy_places import Place, origins_of, place_of
from claims_api.domain.policy_words import (
    DIRECTION,
    Better,
    Confidence,
    Coverage,
    Flag,
    Layer,
    RuleField,
    RuleStatus,
)
from claims_api.domain.regions import RegionKind

NOT_ESTABLISHED = Statement(RuleStatus.UNKNOWN, Confidence.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Voice:
    """A statement and whose it is."""

    layer: Layer
    region: str
    said: Statement


@dataclass(frozen=True, slots=True)
class Rule:
    """The statement that counts today. `region` is None where nobody said anything.

    `before` counted until `effective_from`; ahead of that day it is what counts, and `upcoming` is what comes.
    `advisory` is a better value of an ancestor that still needs national law; it decides nothing.
    `trail` holds what nearer statements replaced, and a bloc's word that it leaves the matter to its members.
    """

    said: Statement
    layer: Layer = Layer.STATUTORY
    region: str | None = None
    effective_from: date | None = None
    before: Statement | None = None
    upcoming: Statement | None = None
    advisory: Voice | None = None
    trail: tuple[Voice, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """A guarantee of another length, as it counts today; `about` says for which goods."""

    rule: Rule
    about: CategoryStatement


@dataclass(frozen=True, slots=True)
class Calendar:
    """What days and hours mean there. `time_zones` lists all of them where a place has several."""

    weekend: tuple[str, ...] | None
    weekend_disputed: bool
    holidays: str | None
    time_zone: str | None
    time_zones: tuple[str, ...]
    period_rule: PeriodRule | None


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything resolved for one region. `origins` names the region each practical fact comes from."""

    region: str
    path: tuple[str, ...]
    own_entry: bool
    coverage: Coverage
    rules: Mapping[RuleField, Rule]
    category_guarantees: tuple[CategoryRule, ...]
    calendar: Calendar
    communication_style: CommunicationStyle | None
    evidence_alternatives: EvidenceAlternatives | None
    authorities: tuple[Authority, ...]
    privacy_laws: tuple[str, ...] | None
    privacy_confidence: Confidence | None
    languages: tuple[str, ...]
    currency: str | None
    other_currencies: tuple[str, ...]
    notes: str | None
    origins: Mapping[str, str]


INHERITED_FACTS = (
    "weekend",
    "time_zone",
    "period_rule",
    "languages",
    "currency",
    "authorities",
    "privacy_laws",
    "communication_style",
    "evidence_alternatives",
)


def resolve(statute: Statute, code: str, today: date) -> Policy:
    """The policy of a country or subdivision by the rules in force `today`.

    Raises: KeyError for a code that is no region, ValueError for a bloc (no place to claim in).
    """
    if statute.regions[code].kind is RegionKind.BLOC:
        raise ValueError("a bloc has no policy of its own")
    place = place_of(statute, code)
    acting = place.acting
    privacy, money = place.source("privacy_laws"), place.source("currency")
    return Policy(
        region=code,
        path=place.path,
        own_entry=place.own_entry,
        coverage=acting.coverage or Coverage.NONE,
        rules={field: _resolve_rule(field, place, today) for field in RuleField},
        category_guarantees=tuple(_category_rule(one, acting.code, today) for one in acting.category_guarantees),
        calendar=_calendar(statute, place),
        communication_style=place.source("communication_style").communication_style,
        evidence_alternatives=place.source("evidence_alternatives").evidence_alternatives,
        authorities=place.source("authorities").authorities or (),
        privacy_laws=privacy.privacy_laws,
        privacy_confidence=privacy.privacy_confidence,
        languages=place.source("languages").languages or (),
        currency=money.currency,
        other_currencies=money.other_currencies,
        notes=acting.notes,
        origins=origins_of(place, INHERITED_FACTS),
    )


def is_better(field: RuleField, one: Statement, other: Statement) -> bool:
    """Whether `one` gives the consumer more than `other`; False where the two do not compare."""
    direction = DIRECTION.get(field)
    if direction is None or one.status is not RuleStatus.SET or other.status not in (RuleStatus.SET, RuleStatus.NONE):
        return False
    if other.status is RuleStatus.NONE:
        return direction not in (Better.TRUE, Better.SELLER) or _weight(direction, one) > 0
    return one.unit is other.unit and _weight(direction, one) > _weight(direction, other)


def in_force(statement: Statement, today: date) -> tuple[Statement, Statement | None]:
    """The statement that counts on `today`, and the one that comes after it, if one is known to come."""
    if statement.effective_from is None or statement.effective_from <= today:
        return statement, None
    return statement.before or NOT_ESTABLISHED, statement


def _resolve_rule(field: RuleField, place: Place, today: date) -> Rule:
    speaking = [entry for entry in place.entries if field in entry.statements]
    if not speaking:
        return Rule(NOT_ESTABLISHED)
    voices = [Voice(Layer.STATUTORY, entry.code, in_force(entry.statements[field], today)[0]) for entry in speaking]
    winner, lost = voices[0], voices[1:]
    rule = _dated(speaking[0].statements[field], winner.region, today)
    if winner.said.status is RuleStatus.LEFT_TO_MEMBERS and winner.region != place.code:
        said = replace(winner.said, status=RuleStatus.UNKNOWN, confidence=Confidence.UNCERTAIN)
        return replace(rule, said=said, trail=(winner, *lost))
    better = (voice for voice in lost if _needs_transposition(voice.said) and is_better(field, voice.said, winner.said))
    return replace(rule, advisory=next(better, None), trail=tuple(lost))


def _dated(statement: Statement, region: str, today: date) -> Rule:
    said, upcoming = in_force(statement, today)
    return Rule(
        said=replace(said, effective_from=None, before=None),
        region=region,
        effective_from=statement.effective_from,
        before=None if upcoming else statement.before,
        upcoming=upcoming and replace(upcoming, effective_from=None, before=None),
    )


def _category_rule(about: CategoryStatement, region: str, today: date) -> CategoryRule:
    return CategoryRule(_dated(about.statement, region, today), about)


def _calendar(statute: Statute, place: Place) -> Calendar:
    published = (statute.regions[step].holidays for step in place.path)
    week = place.source("weekend")
    return Calendar(
        weekend=week.weekend,
        weekend_disputed=week.weekend_disputed,
        holidays=next(filter(None, published), None),
        time_zone=place.source("time_zone").time_zone,
        time_zones=place.acting.time_zones,
        period_rule=place.source("period_rule").period_rule,
    )


def _needs_transposition(said: Statement) -> bool:
    return Flag.DEPENDS_ON_TRANSPOSITION in said.flags


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
