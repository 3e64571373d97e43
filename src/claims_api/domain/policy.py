"""The policy of a region for one sale: what its law says, where each value comes from, and what lost against it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from claims_api.domain.contract import (
    NOT_ESTABLISHED,
    Facts,
    Reading,
    is_better,
    read_statement,
    statutory_layer,
    undated,
)
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
    Assumption,
    Confidence,
    Coverage,
    Flag,
    Layer,
    RuleField,
    RuleStatus,
    StatutoryLayer,
)
from claims_api.domain.regions import RegionKind

NO_STANDARD: Mapping[RuleField, Statement] = MappingProxyType({})
NOT_SET_BY_LAW = Statement(RuleStatus.NONE, Confidence.UNCERTAIN)
OPEN = (RuleStatus.UNKNOWN, RuleStatus.LEFT_TO_MEMBERS)
"""What sets no floor: the law was not established."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A statement and whose it is. The standard is of no region: it is one promise for every market."""

    layer: Layer
    region: str | None
    said: Statement


@dataclass(frozen=True, slots=True)
class Rule:
    """The statement that counts for the sale. `region` is None where no law said anything, or the standard counts.

    `before` counts for contracts from before `effective_from`; where it counts here, `upcoming` is the newer one.
    `assumed` names the facts nobody gave that it hangs on: it may favour the consumer, and decides nothing else.
    `advisory` is a better value of an ancestor that still needs national law; it decides nothing.
    `trail` holds what lost: the standard's word or the law's against it, what nearer statements replaced, and a bloc's
    word that it leaves the matter to its members.
    """

    said: Statement
    layer: Layer = Layer.STATUTORY
    region: str | None = None
    effective_from: date | None = None
    before: Statement | None = None
    upcoming: Statement | None = None
    advisory: Voice | None = None
    trail: tuple[Voice, ...] = ()
    assumed: tuple[Assumption, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """A guarantee of another length, as it counts for the sale; `about` says for which goods."""

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
    """Everything resolved for one region and sale. `origins` names the region each practical fact comes from.

    Where the statutory layer does not apply, every rule of it is unknown and there is no guarantee by category.
    """

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
    statutory_layer: StatutoryLayer = StatutoryLayer.APPLIES


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


def resolve(
    statute: Statute,
    code: str,
    facts: Facts,
    today: date,
    standard: Mapping[RuleField, Statement] = NO_STANDARD,
) -> Policy:
    """The policy of a country or subdivision for one sale. `today` matters only where the contract's day is unknown.

    `standard` is the brand's own promise: it counts where it is better than the law, or the law is not established.
    Raises: KeyError for a code that is no region, ValueError for a bloc (no place to claim in).
    """
    if statute.regions[code].kind is RegionKind.BLOC:
        raise ValueError("a bloc has no policy of its own")
    place = place_of(statute, code)
    acting = place.acting
    privacy, money = place.source("privacy_laws"), place.source("currency")
    layer = statutory_layer(facts)
    rules, by_category = _law_of(place, facts, today) if layer is StatutoryLayer.APPLIES else (_NO_LAW, ())
    return Policy(
        region=code,
        path=place.path,
        own_entry=place.own_entry,
        coverage=acting.coverage or Coverage.NONE,
        rules={field: _with_standard(field, rules[field], standard.get(field)) for field in RuleField},
        category_guarantees=by_category,
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
        statutory_layer=layer,
    )


def may_decide(rule: Rule) -> bool:
    """Whether the rule may refuse, expire or time anything; else a person decides.

    Source: docs/law-data.md, what a value may do. A promise of the standard may only where the law under it is itself
    established: a law in doubt might give more than the promise.
    """
    law = law_under(rule)
    is_established = law.status not in OPEN and _is_sure(law)
    return is_established and rule.said.status is RuleStatus.SET and _is_sure(rule.said) and not rule.assumed


def law_under(rule: Rule) -> Statement:
    """What the law says in the rule's field, also where the standard promises more."""
    if rule.layer is Layer.STATUTORY:
        return rule.said
    return next((voice.said for voice in rule.trail if voice.layer is Layer.STATUTORY), NOT_ESTABLISHED)


def _is_sure(said: Statement) -> bool:
    return said.confidence is not Confidence.UNCERTAIN and not said.flags


_NO_LAW: Mapping[RuleField, Rule] = MappingProxyType(dict.fromkeys(RuleField, Rule(NOT_ESTABLISHED)))


def _law_of(place: Place, facts: Facts, today: date) -> tuple[Mapping[RuleField, Rule], tuple[CategoryRule, ...]]:
    rules = {field: _resolve_rule(field, place, facts.contract_on, today) for field in RuleField}
    acting, general = place.acting, RuleField.STATUTORY_GUARANTEE_MONTHS
    said = [(about, about.statement) for about in acting.category_guarantees]
    read = [(about, read_statement(general, one, facts.contract_on, today)) for about, one in said]
    return rules, tuple(CategoryRule(_rule_of(reading, acting.code), about) for about, reading in read)


def _resolve_rule(field: RuleField, place: Place, contract_on: date | None, today: date) -> Rule:
    speaking = [entry for entry in place.entries if field in entry.statements]
    if not speaking:
        return _NO_LAW[field]
    readings = [read_statement(field, entry.statements[field], contract_on, today) for entry in speaking]
    winner, *lost = (
        Voice(Layer.STATUTORY, entry.code, reading.said) for entry, reading in zip(speaking, readings, strict=True)
    )
    rule = _rule_of(readings[0], speaking[0].code, tuple(lost))
    if winner.said.status is RuleStatus.LEFT_TO_MEMBERS and winner.region != place.code:
        said = replace(winner.said, status=RuleStatus.UNKNOWN, confidence=Confidence.UNCERTAIN)
        return replace(rule, said=undated(said), trail=(winner, *lost))
    better = (voice for voice in lost if _needs_transposition(voice.said) and is_better(field, voice.said, winner.said))
    advisory = next(better, None)
    return replace(rule, advisory=advisory) if advisory else rule


def _rule_of(reading: Reading, region: str, trail: tuple[Voice, ...] = ()) -> Rule:
    return Rule(
        said=undated(reading.said),
        region=region,
        effective_from=reading.effective_from,
        before=reading.before,
        upcoming=reading.upcoming,
        trail=trail,
        assumed=reading.assumed,
    )


def _with_standard(field: RuleField, rule: Rule, promised: Statement | None) -> Rule:
    """The better of the law's rule and the standard's statement, with the other in the trail.

    Source: docs/law-data.md, layers. What does not compare by itself stays the law's alone. An assumption in
    the law stays one in the standard above it: on the other side of a change the law might give more.
    """
    if promised is None or field not in DIRECTION:
        return rule
    voice = Voice(Layer.STANDARD, None, promised)
    # A "no" of the standard's is no promise: above an open law it would read unknown as none.
    beside = NOT_SET_BY_LAW if rule.said.status in OPEN else rule.said
    if not is_better(field, promised, beside):
        return replace(rule, trail=(voice, *rule.trail))
    own = Voice(Layer.STATUTORY, rule.region, rule.said)
    is_heard = rule.region is None or any(one.region == rule.region for one in rule.trail)
    trail = rule.trail if is_heard else (own, *rule.trail)
    advisory = rule.advisory if rule.advisory and is_better(field, rule.advisory.said, promised) else None
    return Rule(promised, Layer.STANDARD, advisory=advisory, trail=trail, assumed=rule.assumed)


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
