"""Which keys a source has, and of which kind: a key nobody reads is a value that never counts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from claims_api.domain.policy_words import RuleField
from claims_api.policies.actions.lint.findings import Hit
from claims_api.policies.actions.lint.sources import CATEGORY_GUARANTEES, Book, Document, Way


@dataclass(frozen=True, slots=True)
class Plain:
    """Text, number, truth or null; `kinds` are Python's."""

    kinds: tuple[type, ...]
    called: str


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list with items of one kind."""

    item: "Kind"


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping with keys of its own and values of one kind."""

    item: "Kind"


@dataclass(frozen=True, slots=True)
class Shape:
    """A mapping with known keys."""

    needed: Mapping[str, "Kind"]
    allowed: Mapping[str, "Kind"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Either:
    """One of several kinds: the first of the same YAML sort (mapping, list, plain) is meant."""

    kinds: tuple["Kind", ...]


Kind: TypeAlias = Plain | ListOf | MapOf | Shape | Either
Problem: TypeAlias = tuple[Way, str]

NULL = type(None)
TEXT, MAYBE_TEXT = Plain((str,), "a text"), Plain((str, NULL), "a text or null")
NUMBER, MAYBE_NUMBER = Plain((int,), "a whole number"), Plain((int, NULL), "a whole number or null")
TRUTH = Plain((bool,), "true or false")
VALUE = Plain((int, bool, str, NULL), "a number, a truth, a word or null")
WORDS = ListOf(TEXT)

SPAN = Shape({"value": NUMBER, "unit": TEXT})
CONDITION = Either((TEXT, Shape({"within": Shape({"value": NUMBER, "unit": TEXT, "counts_from": TEXT})})))
TIER = Shape(
    {"remedies": WORDS},
    {
        "when": CONDITION,
        "when_any": ListOf(CONDITION),
        "chooser": TEXT,
        "attempts": Plain((int, str), "a whole number or `judgement`"),
        "conditional": TRUTH,
        "confidence": TEXT,
        "except_categories": WORDS,
        "note": TEXT,
    },
)
STATED: dict[str, Kind] = {
    "value": VALUE,
    "unit": TEXT,
    "law": MAYBE_TEXT,
    "source": MAYBE_TEXT,
    "evidence": TEXT,
    "note": MAYBE_TEXT,
    "counts_from": TEXT,
    "rolls": TRUTH,
    "pausable": TRUTH,
    "stops_during_cure": Shape({"minimum_left": SPAN}),
    "conditional": TRUTH,
    "only_if_agreed": TRUTH,
    "depends_on_transposition": TRUTH,
    "binding": TRUTH,
    "applies_to": WORDS,
    "deadline": TEXT,
    "reply": Shape({"form": TEXT, "moment": TEXT}),
    "tiers": ListOf(TIER),
    "chooser": MAYBE_TEXT,
    "conditions_confidence": TEXT,
}
BEFORE = Shape({"status": TEXT, "confidence": TEXT}, STATED | {"effective_from": TEXT})
RULE = Shape({"status": TEXT, "confidence": TEXT}, STATED | {"effective_from": TEXT, "before": BEFORE})
BAND = Shape({"currency": TEXT, "value": NUMBER}, {"from": NUMBER, "above": NUMBER, "to": MAYBE_NUMBER})
CATEGORY_RULE = Shape(
    {**RULE.needed, "categories": WORDS, "test": TEXT},
    {**RULE.allowed, "question": TEXT, "only_new": TRUTH, "replaces_general": TRUTH, "price_bands": ListOf(BAND)},
)
HOLIDAYS = Either((Shape({"country": TEXT, "subdivision": MAYBE_TEXT}), Plain((NULL,), "null")))
LAW_ROW = Shape({"id": TEXT, "name_en": TEXT}, {"name_local": MAYBE_TEXT, "url": MAYBE_TEXT})
EVIDENCE = Shape({"kind": TEXT, "what": TEXT, "official_source": TEXT}, {"text_as_of": MAYBE_TEXT})
PLACE: dict[str, Kind] = {
    "weekend": WORDS,
    "time_zone": MAYBE_TEXT,
    "time_zones": WORDS,
    "holiday_calendar": HOLIDAYS,
    "languages": WORDS,
    "currency": MAYBE_TEXT,
    "other_currencies": WORDS,
    "coverage": TEXT,
    "privacy_laws": Either((WORDS, Plain((NULL,), "null"))),
}
JURISDICTION = Shape(
    {
        "code": TEXT,
        "name": TEXT,
        "kind": TEXT,
        "parent": MAYBE_TEXT,
        "laws": ListOf(LAW_ROW),
        "rules": Shape({}, {str(one): RULE for one in RuleField}),
    },
    PLACE
    | {
        "iso_3166": MAYBE_TEXT,
        CATEGORY_GUARANTEES: ListOf(CATEGORY_RULE),
        "period_rule": Shape(
            {"rolls": TRUTH, "over": WORDS, "source": TEXT, "confidence": TEXT}, {"evidence": TEXT, "note": TEXT}
        ),
        "authorities": ListOf(Shape({"name": TEXT, "kind": TEXT}, {"url": MAYBE_TEXT})),
        "communication_style": Shape({"formality": TEXT, "refusal": TEXT, "confidence": TEXT}),
        "evidence_alternatives": Shape({"accepted": WORDS, "confidence": TEXT}),
        "notes": MAYBE_TEXT,
    },
)
TERRITORY = Shape(
    {"code": TEXT, "name": TEXT, "coverage": TEXT, "statutory": TEXT},
    PLACE
    | {"related": MAYBE_TEXT, "weekend_source": TEXT, "weekend_disputed": TRUTH, "privacy_confidence": MAYBE_TEXT},
)
HEAD: dict[str, Kind] = {"schema": TEXT, "schema_version": NUMBER}
LISTED = ListOf(Plain((str, bool), "a word"))
VOCABULARIES = ("remedy", "confidence", "status", "coverage", "unit", "counts_from", "remedy_condition", "category")
MORE_VOCABULARIES = ("category_test", "category_question", "rolls", "pausable", "ground", "reply_form", "reply_moment")
LAW_FILE = Shape(
    {
        "release": TEXT,
        "as_of": TEXT,
        "evidence": MapOf(EVIDENCE),
        "counts_from_defaults": MapOf(TEXT),
        "jurisdictions": ListOf(JURISDICTION),
    },
    HEAD | {f"{word}_values": LISTED for word in (*VOCABULARIES, *MORE_VOCABULARIES)},
)
TERRITORIES_FILE = Shape(
    {"release": TEXT, "as_of": TEXT, "territories": ListOf(TERRITORY)},
    HEAD | {f"{word}_values": LISTED for word in ("coverage", "statutory", "weekend_source", "privacy_confidence")},
)
SHARED_FILE = Shape({"same_as": MapOf(TEXT)}, HEAD)


def unknown_keys(book: Book) -> Iterator[Hit]:
    """Keys that nothing reads. The standard has a reader of its own, which refuses them itself."""
    return _hits(book, is_about_keys=True)


def wrong_shapes(book: Book) -> Iterator[Hit]:
    """Keys that are missing, and values of another kind than their key has."""
    return _hits(book, is_about_keys=False)


def repeated_keys(book: Book) -> Iterator[Hit]:
    """Keys written twice in one mapping."""
    for document in book.documents():
        for way in document.repeated:
            yield Hit(document, way, f"`{way[-1]}` stands here twice and the later one wins: keep one of them.")


def _hits(book: Book, is_about_keys: bool) -> Iterator[Hit]:
    shapes: list[tuple[Document, Shape]] = [
        (book.law, LAW_FILE),
        (book.territories, TERRITORIES_FILE),
        (book.shared, SHARED_FILE),
    ]
    for document, shape in shapes:
        found = _unknown(document.rows, shape, ()) if is_about_keys else _wrong(document.rows, shape, ())
        yield from (Hit(document, way, sentence) for way, sentence in found)


def _unknown(value: object, kind: Kind, way: Way) -> Iterator[Problem]:
    kind = _meant(value, kind)
    if isinstance(kind, Shape) and isinstance(value, dict):
        known = {**kind.needed, **kind.allowed}
        for key in value:
            if key not in known:
                choice = ", ".join(sorted(known))
                yield (*way, key), f"nothing reads `{key}`: remove it, or take one of {choice}."
    for step, child, its_kind in _children(value, kind):
        yield from _unknown(child, its_kind, (*way, step))


def _wrong(value: object, kind: Kind, way: Way) -> Iterator[Problem]:
    kind = _meant(value, kind)
    if isinstance(kind, Plain):
        if type(value) not in kind.kinds:
            yield way, f"{value!r} is not {kind.called}: write it so (a day or a code in quotes)."
        return
    if isinstance(kind, Either) or not isinstance(value, list if isinstance(kind, ListOf) else dict):
        yield way, f"{value!r} is not {'a list' if isinstance(kind, ListOf) else 'a mapping'}: write it as one."
        return
    if isinstance(kind, Shape) and isinstance(value, dict):
        for key in kind.needed:
            if key not in value:
                yield (*way, key), f"`{key}` is missing: add it."
    for step, child, its_kind in _children(value, kind):
        yield from _wrong(child, its_kind, (*way, step))


def _meant(value: object, kind: Kind) -> Kind:
    """Of several kinds the one that fits the value's YAML sort."""
    if not isinstance(kind, Either):
        return kind
    sorts: dict[type, type | tuple[type, ...]] = {dict: (Shape, MapOf), list: ListOf}
    return next((one for one in kind.kinds if isinstance(one, sorts.get(type(value), Plain))), kind.kinds[0])


def _children(value: object, kind: Kind) -> Iterator[tuple[str | int, object, Kind]]:
    if isinstance(kind, ListOf) and isinstance(value, list):
        yield from ((at, item, kind.item) for at, item in enumerate(value))
    elif isinstance(kind, MapOf) and isinstance(value, dict):
        yield from ((key, item, kind.item) for key, item in value.items())
    elif isinstance(kind, Shape) and isinstance(value, dict):
        known = {**kind.needed, **kind.allowed}
        yield from ((key, item, known[key]) for key, item in value.items() if key in known)
