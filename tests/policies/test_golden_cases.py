"""Golden cases: the rows typed in `golden_cases.txt` are what the resolver answers."""

import re
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from claims_api.domain.contract import Facts
from claims_api.domain.guarantees import Goods, guarantee_for
from claims_api.domain.money import parse_money
from claims_api.domain.policy import Policy, Rule, Voice, resolve
from claims_api.domain.policy_law import LawTier, Statement
from claims_api.domain.policy_words import Category, Confidence, Coverage, Flag, RuleField, RuleStatus
from claims_api.domain.remedies import Condition, Within
from claims_api.policies import queries
from claims_api.policies.data import build

TODAY = date(2026, 11, 22)
TABLE = (Path(__file__).parent / "golden_cases.txt").read_text(encoding="utf-8")
FEWEST_ROWS = 120
NOTHING = "-"
FLAGS, FIELDS, DAY = "|".join(Flag), "|".join(RuleField), "mon|tue|wed|thu|fri|sat|sun"
CODE = r"[A-Z]{2}(-[A-Z0-9]{1,3})?|EEA"
SET = r"\d+ (months|calendar_days|business_days|tiers? by \w+)|true|false|consumer|seller|no|partial|yes"
RULE = rf"(({SET})( \[({FLAGS})\])*( assumed)?|none|unknown|left_to_members)"
TIER = r"(none|[a-z_,]+ when [a-z0-9_(), ]+ by (consumer|seller)( \[conditional\])?)"
EXPECTED = {
    "guarantee": RULE,
    "coverage": "|".join(Coverage),
    "own_entry": "true|false",
    "path": rf"({CODE})(,({CODE}))*",
    "weekend": rf"({DAY})(,({DAY}))*",
}
FACT = r"contract=\d{4}-\d\d-\d\d|condition=used|price=\d+[A-Z]{3}|customer=business|sold_by=other"
FACT = rf"({FACT}|category=({'|'.join(Category)}))"


class Malformed(ValueError):
    """A line of the table that cannot be read; the message begins with its number."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; every member but the number is the text of its column."""

    line: int
    region: str
    facts: str
    field: str
    expected: str
    layer: str
    winner: str
    law: str
    confidence: str
    place: str

    @property
    def given(self) -> dict[str, str]:
        return dict(word.split("=") for word in self.facts.split())


def form_of(row: Row) -> dict[str, str]:
    """The pattern of each column; what is expected depends on the field."""
    kind = row.field.partition(":")[0]
    return {
        "region": CODE,
        "facts": rf"({FACT}( {FACT})*)?",
        "field": rf"(advisory:)?({FIELDS})|tier:\d|" + "|".join(EXPECTED),
        "expected": TIER if kind == "tier" else EXPECTED.get(kind, RULE),
        "layer": f"statutory|{NOTHING}",
        "winner": f"{CODE}|{NOTHING}",
        "law": rf"{NOTHING}|([a-z0-9]+|{NOTHING}): \S.*",
        "confidence": "|".join([*Confidence, NOTHING]),
        "place": rf"(({CODE})|territories\.[A-Z]{{2}})(\.[a-z0-9_]+)*",
    }


def read_row(line: int, text: str) -> Row:
    cells = [cell.strip() for cell in text.split("|")]
    if len(cells) != len(fields(Row)) - 1:
        raise Malformed(f"line {line}: {len(cells)} columns")
    row = Row(line, *cells)
    for name, form in form_of(row).items():
        if not re.fullmatch(form, getattr(row, name)):
            raise Malformed(f"line {line}: {name} {getattr(row, name)!r}")
    if len(row.given) != len(row.facts.split()):
        raise Malformed(f"line {line}: a fact given twice")
    return row


def read_table(text: str) -> list[Row]:
    """Every row in its order. Raises: Malformed with the number of the line."""
    rows, seen = [], dict[tuple[str, str, frozenset[str]], int]()
    for line, content in enumerate(text.splitlines(), start=1):
        if not content.strip() or content.startswith("#"):
            continue
        row = read_row(line, content)
        first = seen.setdefault((row.region, row.field, frozenset(row.facts.split())), line)
        if first != line:
            raise Malformed(f"line {line}: the same case as line {first}")
        rows.append(row)
    if len(rows) < FEWEST_ROWS:
        raise Malformed(f"line {len(text.splitlines())}: only {len(rows)} rows")
    return rows


ROWS = read_table(TABLE)
CASES = [pytest.param(row, id=f"{row.line} {row.region} {row.field} {row.facts}".strip()) for row in ROWS]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the resolver says, in the words of the table's columns."""

    expected: str
    winner: str = NOTHING
    layer: str = NOTHING
    confidence: str = NOTHING
    law_id: str = NOTHING
    source: str | None = None

    def law(self, typed: str) -> str:
        """The column as typed where it is a part of ours, else all of ours."""
        law_id, _, part = typed.partition(": ")
        is_part = bool(part) == bool(self.source) and re.search(rf"(?<!\w){re.escape(part)}(?!\w)", self.source or "")
        return typed if law_id == self.law_id and is_part else f"{self.law_id}: {self.source}"


def words_of(said: Statement) -> str:
    if said.status is not RuleStatus.SET:
        return said.status.value
    if said.remedies:
        count = len(said.remedies.tiers)
        value = f"{count} tier{'' if count == 1 else 's'} by {said.remedies.chooser}"
    else:
        value = str(said.value).lower() + (f" {said.unit}" if said.unit else "")
    return value + "".join(f" [{flag}]" for flag in said.flags)


def condition_of(condition: Condition) -> str:
    if isinstance(condition, Within):
        return f"within {condition.value} {condition.unit} of {condition.counts_from}"
    return condition.value


def tier_of(tier: LawTier, chooser: str | None) -> str:
    parts = [
        ",".join(tier.remedies) + " when",
        condition_of(tier.when) if tier.when else "",
        f"any({','.join(condition_of(one) for one in tier.when_any)})" if tier.when_any else "",
        f"except({','.join(tier.except_categories)})" if tier.except_categories else "",
        f"attempts {tier.attempts}" if tier.attempts else "",
        f"by {tier.chooser or chooser}",
        "[conditional]" if tier.conditional else "",
    ]
    return " ".join(part for part in parts if part)


def from_law(one: Rule | Voice, words: str = "", confidence: Confidence | None = None) -> Answer:
    """An answer with its origin; without one where no law speaks."""
    words = words or words_of(one.said)
    if one.region is None:
        return Answer(words)
    law_id, sure = one.said.law.id if one.said.law else NOTHING, confidence or one.said.confidence
    return Answer(words, one.region, one.layer.value, sure.value, law_id, one.said.source)


def tier_answer(policy: Policy, number: int) -> Answer:
    rule = policy.rules[RuleField.REMEDY_HIERARCHY]
    order = rule.said.remedies
    if order is None or number > len(order.tiers):
        return Answer("none")
    tier = order.tiers[number - 1]
    return from_law(rule, tier_of(tier, order.chooser), tier.confidence)


def guarantee_answer(policy: Policy, row: Row) -> Answer:
    price = row.given.get("price")
    paid = parse_money(price[:-3], price[-3:]) if price else None
    goods = Goods(Category(row.given["category"]), "condition" not in row.given, paid, expected_life_months=None)
    found = guarantee_for(policy, goods)
    return from_law(found.rule, words_of(found.rule.said) + (" assumed" if found.assumed else ""))


def answer_of(row: Row) -> Answer:
    """What the resolver says about the facts of a row."""
    contract_on = date.fromisoformat(row.given["contract"]) if "contract" in row.given else None
    facts = Facts(contract_on, is_consumer="customer" not in row.given, is_ours="sold_by" not in row.given)
    policy = resolve(queries.statute(), row.region, facts, TODAY)
    plain = {"path": ",".join(policy.path), "coverage": policy.coverage, "own_entry": str(policy.own_entry).lower()}
    match row.field.split(":"):
        case ["advisory", name]:
            voice = policy.rules[RuleField(name)].advisory
            return from_law(voice) if voice else Answer("none")
        case ["tier", number]:
            return tier_answer(policy, int(number))
        case ["guarantee"]:
            return guarantee_answer(policy, row)
        case ["weekend"]:
            return Answer(",".join(policy.calendar.weekend or ()), winner=policy.origins["weekend"])
        case [field] if field in plain:
            return Answer(plain[field])
    rule = policy.rules[RuleField(row.field)]
    return from_law(rule, words_of(rule.said) + (" assumed" if rule.assumed else ""))


def differences(row: Row, answer: Answer) -> dict[str, tuple[str, str]]:
    """The columns where the row and the answer differ, with both."""
    ours = {name: getattr(answer, name) for name in ("expected", "layer", "winner", "confidence")}
    ours["law"] = answer.law(row.law)
    return {name: (getattr(row, name), our) for name, our in ours.items() if getattr(row, name) != our}


@pytest.mark.parametrize("row", CASES)
def test_the_resolver_answers_what_the_row_says(row: Row) -> None:
    assert differences(row, answer_of(row)) == {}


# column, a text typed there, and what a slip makes of it
SLIPS = [
    ("expected", "24 months", "36 months"),
    ("expected", "14 calendar_days", "14 business_days"),
    ("expected", "12 months [only_if_agreed]", "12 months"),
    ("expected", "true assumed", "true"),
    ("expected", "repair,replacement when always by consumer", "repair,replacement when always by seller"),
    ("layer", "statutory", NOTHING),
    ("winner", "DE", "EU"),
    ("law", "bgb: § 438(1) no. 3", "sgd: § 438(1) no. 3"),
    ("law", "bgb: § 438(1) no. 3", "bgb: § 439"),
    ("confidence", "verified", "well_known"),
]


@pytest.mark.parametrize(("column", "typed", "slip"), SLIPS)
def test_a_slip_in_a_copy_of_the_table_is_found(column: str, typed: str, slip: str) -> None:
    row = next(row for row in ROWS if getattr(row, column) == typed)
    lines = TABLE.splitlines()
    cells = lines[row.line - 1].split("|")
    cells[[one.name for one in fields(Row)].index(column) - 1] = f" {slip} "
    lines[row.line - 1] = "|".join(cells)

    (copied,) = (one for one in read_table("\n".join(lines)) if one.line == row.line)
    assert list(differences(copied, answer_of(copied))) == [column]


MALFORMED = [
    ("| verified", "verified"),
    ("DE |", "Germany |"),
    ("contract=", "bought="),
    ("contract=2026-06-18", "contract=2026-06-18 contract=2026-06-19"),
    ("withdrawal_function ", "withdrawal_button "),
    ("24 months", "24"),
    ("| statutory |", "| brand |"),
    ("bgb: §", "§"),
    ("| verified", "| sure"),
    ("| DE.rules.burden_of_proof_months", "| page 12"),
]


@pytest.mark.parametrize(("typed", "slip"), MALFORMED)
def test_a_malformed_row_is_refused_with_its_number(typed: str, slip: str) -> None:
    lines = TABLE.splitlines()
    row = next(row for row in ROWS if typed in lines[row.line - 1])
    lines[row.line - 1] = lines[row.line - 1].replace(typed, slip)

    with pytest.raises(Malformed, match=f"^line {row.line}: "):
        read_table("\n".join(lines))


def test_a_case_typed_twice_is_refused() -> None:
    with pytest.raises(Malformed, match=f": the same case as line {ROWS[0].line}$"):
        read_table(TABLE + TABLE.splitlines()[ROWS[0].line - 1])


def test_a_table_with_too_few_rows_is_refused() -> None:
    with pytest.raises(Malformed, match=f"only {FEWEST_ROWS - 1} rows"):
        read_table("\n".join(TABLE.splitlines()[: ROWS[FEWEST_ROWS - 1].line - 1]))


def test_every_field_and_every_flag_is_in_the_table() -> None:
    assert {row.field for row in ROWS} >= set(RuleField)
    assert {flag for flag in Flag if any(f"[{flag}]" in row.expected for row in ROWS)} == set(Flag)
    assert {status for row in ROWS for status in RuleStatus if row.expected == status} >= set(RuleStatus) - {"set"}


def test_every_row_names_its_place_in_the_data() -> None:
    law, places = (yaml.safe_load((build.FOLDER / f"{name}.yaml").read_text()) for name in ("statutory", "territories"))
    tree: dict[str, Any] = {row["code"]: row for row in law["jurisdictions"]}
    tree["territories"] = {row["code"]: row for row in places["territories"]}
    for row in ROWS:
        told: Any = tree
        for step in row.place.split("."):
            told = told[int(step) if isinstance(told, list) else step]
        if row.law != NOTHING and "status" in told:
            there = Answer(row.expected, law_id=told.get("law") or NOTHING, source=told.get("source"))
            assert there.law(row.law) == row.law, row.line
