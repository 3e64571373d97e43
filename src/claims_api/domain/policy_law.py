"""What one jurisdiction says: its statements field by field, and the practical facts of the place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from claims_api.domain.policy_words import (
    Category,
    CategoryTest,
    Confidence,
    CountsFrom,
    Coverage,
    Flag,
    RuleField,
    RuleStatus,
    Unit,
)
from claims_api.domain.regions import Region
from claims_api.domain.remedies import Chooser, Condition
from claims_api.domain.vocabulary import RemedyKind


@dataclass(frozen=True, slots=True)
class Law:
    """An act; `name_local` and `url` where known."""

    id: str
    name_en: str
    name_local: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the words of the law were read; `text_as_of` says how old that text is."""

    kind: str
    what: str
    official_source: str
    text_as_of: str | None


@dataclass(frozen=True, slots=True)
class LawTier:
    """Remedies that open together, in the law's order of naming; None means the hierarchy's own word counts."""

    remedies: tuple[RemedyKind, ...]
    when: Condition | None = None
    when_any: tuple[Condition, ...] = ()
    chooser: Chooser | None = None
    attempts: int | Literal["judgement"] | None = None
    conditional: bool = False
    confidence: Confidence | None = None
    except_categories: tuple[Category, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RemedyOrder:
    """The tiers of one law. `conditions_confidence` speaks of the conditions, the statement's own of the remedies."""

    tiers: tuple[LawTier, ...]
    chooser: Chooser | None
    conditions_confidence: Confidence | None


@dataclass(frozen=True, slots=True)
class Silence:
    """What silence does: for which grounds, which field has the period, and what counts as a reply in time."""

    applies_to: tuple[str, ...]
    deadline: RuleField
    reply_form: str
    reply_moment: str


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in the law's own unit."""

    value: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Statement:
    """What a law says in one field. `rolls` and `pausable` are None where it was not established."""

    status: RuleStatus
    confidence: Confidence
    value: int | bool | str | None = None
    unit: Unit | None = None
    counts_from: CountsFrom | None = None
    law: Law | None = None
    source: str | None = None
    evidence: Evidence | None = None
    flags: tuple[Flag, ...] = ()
    rolls: bool | None = None
    pausable: bool | None = None
    minimum_left_after_cure: Span | None = None
    silence: Silence | None = None
    remedies: RemedyOrder | None = None
    note: str | None = None
    effective_from: date | None = None
    before: "Statement | None" = None


@dataclass(frozen=True, slots=True)
class PriceBand:
    """A period by price, in one currency; `from` and `to` include the amount, `above` does not. Never converted."""

    currency: str
    value: int
    from_amount: int | None
    above_amount: int | None
    to_amount: int | None


@dataclass(frozen=True, slots=True)
class CategoryStatement:
    """A guarantee of another length for goods of some categories; no categories means any, and a person judges."""

    statement: Statement
    categories: tuple[Category, ...]
    test: CategoryTest
    question: str | None
    only_new: bool
    replaces_general: bool
    price_bands: tuple[PriceBand, ...]


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """Whether a period that ends on a day off rolls on, and over which days (`sat` ... `sun`, `holiday`)."""

    rolls: bool
    over: tuple[str, ...]
    source: str
    confidence: Confidence
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Authority:
    """Who helps or decides outside court and in it."""

    name: str
    kind: str
    url: str | None


@dataclass(frozen=True, slots=True)
class CommunicationStyle:
    """A judgement about tone, never law, and nothing about a single person."""

    formality: str
    refusal: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class EvidenceAlternatives:
    """Which kinds of evidence are usual; a judgement, never law."""

    accepted: tuple[str, ...]
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Entry:
    """One place's own data. None in a member means: not said here, ask the parent.

    `is_statutory` is false for territories, whose law is not established: they have no statements at all.
    """

    code: str
    is_statutory: bool
    coverage: Coverage | None
    statements: Mapping[RuleField, Statement]
    category_guarantees: tuple[CategoryStatement, ...] = ()
    period_rule: PeriodRule | None = None
    weekend: tuple[str, ...] | None = None
    weekend_disputed: bool = False
    time_zone: str | None = None
    time_zones: tuple[str, ...] = ()
    languages: tuple[str, ...] | None = None
    currency: str | None = None
    other_currencies: tuple[str, ...] = ()
    authorities: tuple[Authority, ...] | None = None
    privacy_laws: tuple[str, ...] | None = None
    privacy_confidence: Confidence | None = None
    communication_style: CommunicationStyle | None = None
    evidence_alternatives: EvidenceAlternatives | None = None
    related: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Statute:
    """One release of the law: every region of the world, and an entry for every country."""

    release: str
    regions: Mapping[str, Region]
    entries: Mapping[str, Entry]
