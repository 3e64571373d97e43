"""What a statement says: its words, its value and unit, its tiers, and what silence does."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from claims_api.domain.policy_words import (
    Category,
    CategoryTest,
    Confidence,
    CountsFrom,
    Coverage,
    RuleField,
    RuleStatus,
    Unit,
)
from claims_api.domain.remedies import Chooser, ConditionWord
from claims_api.domain.vocabulary import RemedyKind
from claims_api.policies.actions.lint.findings import Hit
from claims_api.policies.actions.lint.sources import CATEGORY_GUARANTEES, Book, Row, Said, Way

WORDS: Mapping[str, type[StrEnum]] = {
    "status": RuleStatus,
    "confidence": Confidence,
    "unit": Unit,
    "counts_from": CountsFrom,
    "chooser": Chooser,
    "conditions_confidence": Confidence,
    "deadline": RuleField,
}
PLACE_WORDS: Mapping[str, type[StrEnum]] = {"coverage": Coverage, "privacy_confidence": Confidence}
VOCABULARIES: Mapping[str, type[StrEnum]] = {
    "confidence_values": Confidence,
    "status_values": RuleStatus,
    "unit_values": Unit,
    "counts_from_values": CountsFrom,
    "remedy_condition_values": ConditionWord,
    "category_values": Category,
    "category_test_values": CategoryTest,
}
SILENCE = {"applies_to": "ground_values", "form": "reply_form_values", "moment": "reply_moment_values"}
VALUE_WORDS: Mapping[str, tuple[str, ...]] = {
    RuleField.WITHDRAWAL_RETURN_COST_BEARER: ("consumer", "seller"),
    RuleField.DATA_LOCALISATION: ("no", "partial", "yes"),
}
TRUTHS = frozenset(
    {
        RuleField.EXPECTED_LIFESPAN_RULE,
        RuleField.CLOCK_STOPS_DURING_REPAIR,
        RuleField.WITHDRAWAL_FUNCTION,
        RuleField.DEEMED_ACCEPTED_ON_SILENCE,
        RuleField.FREE_OF_CHARGE_RETURN_SHIPPING,
    }
)
JUDGEMENT = "judgement"


def unknown_words(book: Book) -> Iterator[Hit]:
    """The words of statements and places are those of the domain."""
    for said in book.statements():
        yield from (_unknown(book, (*said.way, name), said.row[name], WORDS[name]) for name in _wrong(said.row))
    for document, way, row in book.entries():
        for name in ("period_rule", "communication_style", "evidence_alternatives"):
            part = row.get(name)
            if part is not None and part["confidence"] not in set(Confidence):
                yield _unknown(book, (*way, name, "confidence"), part["confidence"], Confidence)
        for name, words in PLACE_WORDS.items():
            if row.get(name) is not None and row[name] not in set(words):
                sentence = f"`{row[name]}` is no word of this kind: take one of {', '.join(words)}."
                yield Hit(document, (*way, name), sentence)


def vocabularies(book: Book) -> Iterator[Hit]:
    """The lists of words at the head of the file are the ones the service knows."""
    for name, words in VOCABULARIES.items():
        listed = book.law.rows.get(name)
        if listed is not None and set(listed) != set(words):
            yield Hit(book.law, (name,), f"the service knows {', '.join(words)}: list exactly these.")
    for field, word in book.law.rows["counts_from_defaults"].items():
        if field not in set(RuleField) or word not in set(CountsFrom):
            sentence = f"`{field}: {word}` is no field with its start: take a field and one of {', '.join(CountsFrom)}."
            yield Hit(book.law, ("counts_from_defaults", field), sentence)


def missing_values(book: Book) -> Iterator[Hit]:
    """A value stands exactly where the law sets one; a remedy order has tiers, a price band its own value."""
    for said in book.statements():
        content = "tiers" if said.field == RuleField.REMEDY_HIERARCHY else "value"
        has_one = said.row.get(content) not in (None, [])
        if content == "value" and said.row.get("price_bands"):
            has_one = True
        is_set = said.row["status"] == RuleStatus.SET
        if is_set and not has_one:
            sentence = f"`status: set` needs `{content}`: add it, or write `unknown` or `none`."
            yield Hit(book.law, said.way, sentence)
        if not is_set and has_one:
            sentence = f"`status: {said.row['status']}` has no `{content}`: write `status: set`, or remove it."
            yield Hit(book.law, (*said.way, content), sentence)


def wrong_values(book: Book) -> Iterator[Hit]:
    """A value is of the kind its field asks for."""
    for said in book.statements():
        value = said.row.get("value")
        if value is None or said.field == RuleField.REMEDY_HIERARCHY:
            continue
        words = VALUE_WORDS.get(said.field)
        if words is not None and value not in words:
            yield Hit(book.law, (*said.way, "value"), f"`{value}` is no word of this field: take one of {words}.")
        elif words is None and type(value) is not (bool if said.field in TRUTHS else int):
            asked = "true or false" if said.field in TRUTHS else "a whole number"
            yield Hit(book.law, (*said.way, "value"), f"`{value}` is not {asked}: write it as such.")


def units(book: Book) -> Iterator[Hit]:
    """A number has a unit, and nothing else has one."""
    for said in book.statements():
        is_number = type(said.row.get("value")) is int or "price_bands" in said.row
        if is_number and "unit" not in said.row:
            yield Hit(book.law, said.way, f"a number needs a `unit`: add one of {', '.join(Unit)}.")
        if "unit" in said.row and not is_number:
            yield Hit(book.law, (*said.way, "unit"), "there is no number for this `unit`: remove it, or add the value.")


def zeros(book: Book) -> Iterator[Hit]:
    """No period is of no length, but for a notice duty in calendar days: promptly (docs/law-data.md, "A rule")."""
    for said in book.statements():
        value = said.row.get("value")
        is_promptly = said.field == RuleField.NOTICE_DUTY_DAYS and said.row.get("unit") == Unit.CALENDAR_DAYS
        if type(value) is int and (value < 0 or (value == 0 and not is_promptly)):
            sentence = f"{value} is no length of time here: write `status: none` without a value, or the right number."
            yield Hit(book.law, (*said.way, "value"), sentence)


def tiers_without_condition(book: Book) -> Iterator[Hit]:
    """A tier opens by `when`, `when_any` or both."""
    for way, tier in _tiers(book):
        if not tier.get("when") and not tier.get("when_any"):
            yield Hit(
                book.law, way, "the tier never opens: add `when` or `when_any` (`when: always` without an order)."
            )


def unknown_conditions(book: Book) -> Iterator[Hit]:
    """Conditions are words of the domain, or a period that still runs."""
    for way, tier in _tiers(book):
        places = [((*way, "when"), tier["when"])] if "when" in tier else []
        places += [((*way, "when_any", at), one) for at, one in enumerate(tier.get("when_any", ()))]
        for place, condition in places:
            if isinstance(condition, str):
                if condition not in set(ConditionWord):
                    yield _unknown(book, place, condition, ConditionWord)
                continue
            within = condition["within"]
            for name in _wrong(within):
                yield _unknown(book, (*place, "within", name), within[name], WORDS[name])
            if within["value"] <= 0:
                yield Hit(book.law, place, "`within` needs a length of time: write a number above 0.")


def unknown_remedies(book: Book) -> Iterator[Hit]:
    """Remedies of a law are those of the file's list, which are remedies of the domain."""
    listed = book.law.rows.get("remedy_values", list(RemedyKind))
    known = [word for word in listed if word in set(RemedyKind)]
    for word in set(listed) - set(known):
        yield Hit(book.law, ("remedy_values",), f"the service knows no remedy `{word}`: take it out of the list.")
    for way, tier in _tiers(book):
        for at, word in enumerate(tier["remedies"]):
            if word not in known:
                sentence = f"`{word}` is no remedy of a law: take one of {', '.join(known)}."
                yield Hit(book.law, (*way, "remedies", at), sentence)
        if not tier["remedies"]:
            yield Hit(book.law, way, "the tier opens nothing: add `remedies`, or remove the tier.")


def wrong_tiers(book: Book) -> Iterator[Hit]:
    """The other words of a tier: who chooses, how sure, after how many attempts, not for which goods."""
    for way, tier in _tiers(book):
        yield from (_unknown(book, (*way, name), tier[name], WORDS[name]) for name in _wrong(tier))
        for at, word in enumerate(tier.get("except_categories", ())):
            if word not in set(Category):
                yield _unknown(book, (*way, "except_categories", at), word, Category)
        attempts = tier.get("attempts", 1)
        if attempts != JUDGEMENT and (isinstance(attempts, str) or attempts < 1):
            yield Hit(
                book.law, (*way, "attempts"), f"`{attempts}` is no number of repairs: write 1 or more, or judgement."
            )


def silence_without_terms(book: Book) -> Iterator[Hit]:
    """Silence that accepts says for which grounds, by when, and what counts as a reply."""
    for said in book.statements():
        if said.field != RuleField.DEEMED_ACCEPTED_ON_SILENCE or said.row.get("value") is not True:
            continue
        for name in ("applies_to", "deadline", "reply"):
            if not said.row.get(name):
                yield Hit(book.law, (*said.way, "value"), f"silence that accepts needs `{name}`: add it.")
        yield from _wrong_silence(book, said)


def _wrong_silence(book: Book, said: Said) -> Iterator[Hit]:
    reply = said.row.get("reply", {})
    used = [(("applies_to", at), "applies_to", word) for at, word in enumerate(said.row.get("applies_to", ()))]
    used += [(("reply", name), name, word) for name, word in reply.items()]
    for step, name, word in used:
        known = book.law.rows.get(SILENCE[name])
        if known is not None and word not in known:
            yield Hit(
                book.law, (*said.way, *step), f"`{word}` is unknown here: take one of {', '.join(map(str, known))}."
            )


def _tiers(book: Book) -> Iterator[tuple[Way, Row]]:
    for said in book.statements():
        if said.field != CATEGORY_GUARANTEES:
            yield from (((*said.way, "tiers", at), tier) for at, tier in enumerate(said.row.get("tiers", ())))


def _wrong(row: Row) -> list[str]:
    return [name for name, words in WORDS.items() if row.get(name) is not None and row[name] not in set(words)]


def _unknown(book: Book, way: Way, word: object, words: type[StrEnum]) -> Hit:
    return Hit(book.law, way, f"`{word}` is no word of this kind: take one of {', '.join(words)}.")
