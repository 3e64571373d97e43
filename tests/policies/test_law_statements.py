"""The statements of the law's data: every word in them is one we know, and they hold together."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import yaml

from claims_api.domain.contract import Facts
from claims_api.domain.policy import resolve
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
from claims_api.policies import queries
from claims_api.policies.data import build

DAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
Row = dict[str, Any]


def read(name: str) -> Any:
    return yaml.safe_load((build.FOLDER / name).read_text(encoding="utf-8"))


LAW, PLACES = read("statutory.yaml"), read("territories.yaml")
JURISDICTIONS: list[Row] = LAW["jurisdictions"]
TERRITORIES: list[Row] = PLACES["territories"]
BY_CODE = {row["code"]: row for row in JURISDICTIONS}


def statements() -> Iterator[tuple[str, Row]]:
    """Every statement of the law with its place: rules, category guarantees, and the older ones inside them."""
    for row in JURISDICTIONS:
        for name, rule in row["rules"].items():
            yield f"{row['code']}.{name}", rule
        for number, one in enumerate(row.get("category_guarantees", [])):
            yield f"{row['code']}.category_guarantees.{number}", one
    for row in JURISDICTIONS:
        for name, rule in row["rules"].items():
            if "before" in rule:
                yield f"{row['code']}.{name}.before", rule["before"]


STATEMENTS = dict(statements())


def tiers() -> Iterator[Row]:
    for rule in STATEMENTS.values():
        yield from rule.get("tiers", [])


def wrong(name: str, allowed: set[str] | frozenset[str]) -> dict[str, object]:
    """The statements whose member `name` is there and not one of the words allowed."""
    return {place: rule[name] for place, rule in STATEMENTS.items() if rule.get(name, None) not in {*allowed, None}}


def test_every_rule_is_one_of_the_twenty() -> None:
    assert len(RuleField) == 20
    assert {name for row in JURISDICTIONS for name in row["rules"]} == set(RuleField)


def test_the_vocabularies_of_the_file_are_those_of_the_domain() -> None:
    pairs = {
        "status_values": RuleStatus,
        "confidence_values": Confidence,
        "unit_values": Unit,
        "counts_from_values": CountsFrom,
        "remedy_condition_values": ConditionWord,
        "category_values": Category,
        "category_test_values": CategoryTest,
    }
    assert {name: set(LAW[name]) for name in pairs} == {name: set(kind) for name, kind in pairs.items()}
    assert {*LAW["coverage_values"], *PLACES["coverage_values"]} == set(Coverage)
    assert set(LAW["remedy_values"]) <= set(RemedyKind)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("status", frozenset(RuleStatus)),
        ("confidence", frozenset(Confidence)),
        ("unit", frozenset(Unit)),
        ("counts_from", frozenset(CountsFrom)),
        ("evidence", frozenset(LAW["evidence"])),
        ("chooser", frozenset(Chooser)),
        ("conditions_confidence", frozenset(Confidence)),
        ("deadline", frozenset(RuleField)),
        ("test", frozenset(CategoryTest)),
        ("question", frozenset(LAW["category_question_values"])),
    ],
)
def test_every_word_of_a_statement_is_known(name: str, allowed: frozenset[str]) -> None:
    assert wrong(name, allowed) == {}


def test_a_value_is_there_exactly_when_the_law_sets_one() -> None:
    assert not [
        place
        for place, rule in STATEMENTS.items()
        if (rule["status"] == "set")
        is not any(rule.get(name) not in (None, []) for name in ("value", "tiers", "price_bands"))
    ]


def test_a_number_has_a_unit_and_nothing_else_has_one() -> None:
    for place, rule in STATEMENTS.items():
        is_number = type(rule.get("value")) is int or "price_bands" in rule
        assert ("unit" in rule) is is_number, place


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        *((field, int) for field in RuleField if field.endswith(("_months", "_days"))),
        *(
            (field, bool)
            for field in RuleField
            if field.endswith(("_rule", "_repair", "_function", "_silence", "_shipping"))
        ),
        (RuleField.WITHDRAWAL_RETURN_COST_BEARER, str),
        (RuleField.DATA_LOCALISATION, str),
    ],
)
def test_every_value_of_a_field_is_of_the_field_s_kind(field: RuleField, kind: type) -> None:
    values = [row["rules"][field]["value"] for row in JURISDICTIONS if field in row["rules"]]
    assert {type(value) for value in values} - {type(None)} == {kind}


def test_whatever_starts_on_a_day_says_what_was_before() -> None:
    for place, rule in STATEMENTS.items():
        if "effective_from" in rule:
            date.fromisoformat(rule["effective_from"])
            assert "before" in rule, place
        else:
            assert "before" not in rule, place


def test_every_law_id_is_a_law_of_the_entry_or_an_ancestor() -> None:
    for row in JURISDICTIONS:
        reach: set[str] = set()
        place: str | None = row["code"]
        while place:
            reach |= {law["id"] for law in BY_CODE[place]["laws"]}
            place = BY_CODE[place]["parent"]
        used = [*row["rules"].values(), *row.get("category_guarantees", [])]
        assert {rule["law"] for rule in used} - {None} <= reach, row["code"]


def test_every_piece_of_evidence_is_used_and_described() -> None:
    used = {rule.get("evidence") for rule in STATEMENTS.values()} | {
        row["period_rule"].get("evidence") for row in JURISDICTIONS if "period_rule" in row
    }
    assert used - {None} <= set(LAW["evidence"])
    assert {one["kind"] for one in LAW["evidence"].values()} == {"primary_text", "quotation", "secondary"}


def test_every_tier_has_known_remedies_and_a_condition() -> None:
    for tier in tiers():
        assert set(tier["remedies"]) <= set(LAW["remedy_values"])
        conditions = [*([tier["when"]] if "when" in tier else []), *tier.get("when_any", [])]
        assert conditions
        for condition in conditions:
            if isinstance(condition, dict):
                assert condition["within"]["unit"] in set(Unit)
                assert condition["within"]["counts_from"] in set(CountsFrom)
            else:
                assert condition in set(ConditionWord)
        assert set(tier.get("except_categories", [])) <= set(Category)
        assert tier.get("chooser", "consumer") in set(Chooser)


def test_every_category_is_known_and_any_goes_with_a_judgement_only() -> None:
    guarantees = [one for row in JURISDICTIONS for one in row.get("category_guarantees", [])]
    assert {word for one in guarantees for word in one["categories"]} <= {*Category, "any"}
    assert all(one["test"] == "judgement" for one in guarantees if "any" in one["categories"])
    assert all(("question" in one) is (one["test"] == "judgement") for one in guarantees)


def test_days_off_of_a_period_are_days_or_holidays() -> None:
    over = {day for row in JURISDICTIONS for day in row.get("period_rule", {}).get("over", [])}
    assert over <= {*DAYS, "holiday"}


def test_every_place_to_claim_in_says_how_much_is_covered() -> None:
    assert {row["coverage"] for row in JURISDICTIONS if row["kind"] != "bloc"} <= set(LAW["coverage_values"])
    assert not [row["code"] for row in JURISDICTIONS if row["kind"] == "bloc" and "coverage" in row]
    assert {(row["coverage"], row["statutory"]) for row in TERRITORIES} == {("none", "not_established")}


def coverage_of(code: str) -> str:
    """What the resolved rules come to, as docs/law-data.md defines it."""
    policy = resolve(queries.statute(), code, Facts(contract_on=None), date.fromisoformat(LAW["as_of"]))
    said = [rule.said for rule in policy.rules.values()]
    numbers = Counter(one.confidence for one in said if type(one.value) is int)
    verified = sum(one.confidence is Confidence.VERIFIED for one in said)
    is_open = sum(one.status in (RuleStatus.UNKNOWN, RuleStatus.LEFT_TO_MEMBERS) for one in said)
    if is_open >= 12 or numbers[Confidence.UNCERTAIN] * 2 >= numbers.total() > 0:
        return "thin"
    if verified >= 3 and numbers[Confidence.VERIFIED] * 2 >= numbers.total() > 0:
        return "read"
    return "partly_read" if verified else "well_known"


def test_the_coverage_of_every_entry_is_what_its_rules_come_to() -> None:
    stated = {row["code"]: row["coverage"] for row in JURISDICTIONS if row["kind"] != "bloc"}
    assert stated == {code: coverage_of(code) for code in stated}
