"""Turns the built law into the domain's values. It trusts the built form: the tests check that, not the service."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

from claims_api.domain.policy_law import (
    Authority,
    CategoryStatement,
    CommunicationStyle,
    Entry,
    Evidence,
    EvidenceAlternatives,
    Law,
    LawTier,
    PeriodRule,
    PriceBand,
    RemedyOrder,
    Silence,
    Span,
    Statement,
)
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
from claims_api.domain.regions import Region, RegionKind
from claims_api.domain.remedies import Chooser, Condition, ConditionWord, Within
from claims_api.domain.vocabulary import RemedyKind

Row: TypeAlias = Mapping[str, Any]  # a JSON object of the built files

# Thousands of words: a dictionary finds one three times as fast as calling the enum.
_STATUS = {word.value: word for word in RuleStatus}
_CONFIDENCE = {word.value: word for word in Confidence}
_UNIT = {word.value: word for word in Unit}
_CONDITION = {word.value: word for word in ConditionWord}
_REMEDY = {word.value: word for word in RemedyKind}
_FLAGS = {
    "conditional": Flag.CONDITIONAL,
    "only_if_agreed": Flag.ONLY_IF_AGREED,
    "depends_on_transposition": Flag.DEPENDS_ON_TRANSPOSITION,
}
_ANY = "any"


class LawReader:
    """Reads entries; holds the tables they refer to by key."""

    def __init__(self, built: Row) -> None:
        self._evidence = {key: Evidence(**({"text_as_of": None} | row)) for key, row in built["evidence"].items()}
        self._counts_from = {field: CountsFrom(word) for field, word in built["counts_from_defaults"].items()}
        rows = {row["code"]: row for row in built["jurisdictions"]}
        self._parents = {code: row.get("parent") for code, row in rows.items()}
        self._laws = {code: {law["id"]: _law(law) for law in row["laws"]} for code, row in rows.items()}

    def entry(self, row: Row) -> Entry:
        """A jurisdiction of the statute."""
        code = row["code"]
        return _entry(
            row,
            statements={RuleField(name): self._statement(code, name, rule) for name, rule in row["rules"].items()},
            category_guarantees=tuple(self._category(code, one) for one in row.get("category_guarantees", ())),
            period_rule=self._period_rule(row.get("period_rule")),
        )

    def _statement(self, code: str, field: str, row: Row) -> Statement:
        silence, stops = row.get("reply"), row.get("stops_during_cure")
        before, starts_on = row.get("before"), row.get("effective_from")
        return Statement(
            status=_STATUS[row["status"]],
            confidence=_CONFIDENCE[row["confidence"]],
            value=row.get("value"),
            unit=_UNIT[row["unit"]] if "unit" in row else None,
            counts_from=self._start_of(field, row),
            law=self._law(code, row["law"]) if "law" in row else None,
            source=row.get("source"),
            evidence=self._evidence[row["evidence"]] if "evidence" in row else None,
            flags=_flags(row),
            rolls=row.get("rolls"),
            pausable=row.get("pausable"),
            minimum_left_after_cure=_span(stops["minimum_left"]) if stops else None,
            silence=_silence(row) if silence else None,
            remedies=_remedies(row) if "tiers" in row else None,
            note=row.get("note"),
            effective_from=date.fromisoformat(starts_on) if starts_on else None,
            before=self._statement(code, field, before) if before else None,
        )

    def _start_of(self, field: str, row: Row) -> CountsFrom | None:
        if "unit" not in row:
            return None
        return CountsFrom(row["counts_from"]) if "counts_from" in row else self._counts_from.get(field)

    def _law(self, code: str, law_id: str) -> Law:
        """A law of the entry itself, else of its nearest ancestor that has one of this id."""
        place: str | None = code
        while place is not None:
            if law_id in self._laws[place]:
                return self._laws[place][law_id]
            place = self._parents[place]
        raise KeyError(law_id)

    def _category(self, code: str, row: Row) -> CategoryStatement:
        return CategoryStatement(
            statement=self._statement(code, "statutory_guarantee_months", row),
            categories=tuple(Category(word) for word in row["categories"] if word != _ANY),
            test=CategoryTest(row["test"]),
            question=row.get("question"),
            only_new=row.get("only_new", False),
            replaces_general=row.get("replaces_general", False),
            price_bands=tuple(_price_band(band) for band in row.get("price_bands", ())),
        )

    def _period_rule(self, row: Row | None) -> PeriodRule | None:
        if row is None:
            return None
        evidence = self._evidence[row["evidence"]] if "evidence" in row else None
        confidence = _CONFIDENCE[row["confidence"]]
        return PeriodRule(row["rolls"], tuple(row["over"]), row["source"], confidence, evidence)


def territory(row: Row) -> Entry:
    """A country whose law is not established: facts of the place, no statements."""
    return _entry(row, statements={}, category_guarantees=(), period_rule=None)


def regions(built: Row) -> dict[str, Region]:
    """The whole tree by code, in the order of codes."""
    kinds = {kind.value: kind for kind in RegionKind}
    return {row[0]: Region(row[0], row[1], kinds[row[2]], *row[3:]) for row in built["regions"]}


def _entry(
    row: Row,
    statements: Mapping[RuleField, Statement],
    category_guarantees: tuple[CategoryStatement, ...],
    period_rule: PeriodRule | None,
) -> Entry:
    style, usual = row.get("communication_style"), row.get("evidence_alternatives")
    return Entry(
        code=row["code"],
        is_statutory="rules" in row,
        coverage=Coverage(row["coverage"]) if "coverage" in row else None,
        statements=statements,
        category_guarantees=category_guarantees,
        period_rule=period_rule,
        weekend=_words(row, "weekend"),
        weekend_disputed=row.get("weekend_disputed", False),
        time_zone=row.get("time_zone"),
        time_zones=_words(row, "time_zones") or (),
        languages=_words(row, "languages"),
        currency=row.get("currency"),
        other_currencies=_words(row, "other_currencies") or (),
        authorities=_authorities(row.get("authorities")),
        privacy_laws=_words(row, "privacy_laws"),
        privacy_confidence=_CONFIDENCE[row["privacy_confidence"]] if "privacy_confidence" in row else None,
        communication_style=_style(style) if style else None,
        evidence_alternatives=_usual(usual) if usual else None,
        related=row.get("related"),
        notes=row.get("notes"),
    )


def _words(row: Row, name: str) -> tuple[str, ...] | None:
    return tuple(row[name]) if name in row else None


def _authorities(rows: Sequence[Row] | None) -> tuple[Authority, ...] | None:
    return None if rows is None else tuple(Authority(row["name"], row["kind"], row.get("url")) for row in rows)


def _style(row: Row) -> CommunicationStyle:
    return CommunicationStyle(row["formality"], row["refusal"], _CONFIDENCE[row["confidence"]])


def _usual(row: Row) -> EvidenceAlternatives:
    return EvidenceAlternatives(tuple(row["accepted"]), _CONFIDENCE[row["confidence"]])


def _law(row: Row) -> Law:
    return Law(row["id"], row["name_en"], row.get("name_local"), row.get("url"))


def _flags(row: Row) -> tuple[Flag, ...]:
    found = tuple(flag for name, flag in _FLAGS.items() if row.get(name))
    return (*found, Flag.NOT_BINDING) if row.get("binding") is False else found


def _span(row: Row) -> Span:
    return Span(row["value"], _UNIT[row["unit"]])


def _silence(row: Row) -> Silence:
    reply = row["reply"]
    return Silence(tuple(row["applies_to"]), RuleField(row["deadline"]), reply["form"], reply["moment"])


def _price_band(row: Row) -> PriceBand:
    return PriceBand(row["currency"], row["value"], row.get("from"), row.get("above"), row.get("to"))


def _remedies(row: Row) -> RemedyOrder:
    conditions = row.get("conditions_confidence")
    return RemedyOrder(
        tiers=tuple(_tier(tier) for tier in row["tiers"]),
        chooser=Chooser(row["chooser"]) if "chooser" in row else None,
        conditions_confidence=_CONFIDENCE[conditions] if conditions else None,
    )


def _tier(row: Row) -> LawTier:
    return LawTier(
        remedies=tuple(_REMEDY[word] for word in row["remedies"]),
        when=_condition(row["when"]) if "when" in row else None,
        when_any=tuple(_condition(word) for word in row.get("when_any", ())),
        chooser=Chooser(row["chooser"]) if "chooser" in row else None,
        attempts=row.get("attempts"),
        conditional=row.get("conditional", False),
        confidence=_CONFIDENCE[row["confidence"]] if "confidence" in row else None,
        except_categories=tuple(Category(word) for word in row.get("except_categories", ())),
        note=row.get("note"),
    )


def _condition(word: str | Row) -> Condition:
    if isinstance(word, str):
        return _CONDITION[word]
    within = word["within"]
    return Within(within["value"], within["unit"], within["counts_from"])
