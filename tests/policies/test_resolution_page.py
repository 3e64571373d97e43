"""The tables of docs/how-a-policy-is-resolved.md are what the service answers."""

from datetime import date
from pathlib import Path

import pytest

from claims_api.domain.contract import Facts
from claims_api.domain.guarantees import Goods, guarantee_for, may_run_out
from claims_api.domain.policy import Voice, may_decide
from claims_api.domain.policy_law import Statement
from claims_api.domain.policy_words import Category, RuleField, RuleStatus
from claims_api.policies.actions.resolve import policy_of

PAGE = (Path(__file__).parents[2] / "docs/how-a-policy-is-resolved.md").read_text(encoding="utf-8")
TODAY = date(2026, 11, 24)
GOODS_BOUGHT_ON = date(2026, 11, 1)
IS_NEW = {"new": True, "used": False, "not known": None}
Row = tuple[str, ...]


def rows(*header: str) -> list[Row]:
    """The rows of every table with this header."""
    lines = [tuple(cell.strip(" `") for cell in line.strip("|").split("|")) for line in PAGE.splitlines()]
    found: list[Row] = []
    for at, line in enumerate(lines):
        if line == header:
            rest = lines[at + 2 :]
            found += rest[: next(n for n, row in enumerate(rest) if len(row) != len(header))]
    return found


RULES = rows("asked", "field", "answer", "from", "lost", "may decide")
GUARANTEES = rows("asked", "goods", "guarantee", "origin", "hangs on", "may run out")
PLACES = rows("asked", "path", "own entry", "coverage", "holidays")


def yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def listed(words: list[str], between: str = ", ") -> str:
    return between.join(words) or "-"


def amount(said: Statement) -> str:
    if said.status is not RuleStatus.SET:
        return said.status.value
    return str(said.value).lower() + (f" {said.unit}" if said.unit else "")


def voice(one: Voice) -> str:
    return f"{one.region or one.layer}: {listed([amount(one.said), *one.said.flags])}"


@pytest.mark.parametrize("row", RULES, ids=" ".join)
def test_a_rule_on_the_page_is_the_one_the_service_resolves(row: Row) -> None:
    code, _, day = row[0].partition(", ")
    facts = Facts(date.fromisoformat(day) if day else None)
    rule = policy_of(code, TODAY, facts).policy.rules[RuleField(row[1])]
    answer = [amount(rule.said), *rule.said.flags, *(["assumed"] if rule.assumed else [])]
    if rule.advisory:
        answer.append(f"advisory {rule.advisory.region}: {amount(rule.advisory.said)}")
    lost = listed([voice(one) for one in rule.trail], "; ")
    assert row[2:] == (listed(answer), rule.region or rule.layer.value, lost, yes(may_decide(rule)))


@pytest.mark.parametrize("row", GUARANTEES, ids=" ".join)
def test_a_guarantee_on_the_page_is_the_one_the_goods_get(row: Row) -> None:
    category, _, condition = row[1].partition(", ")
    goods = Goods(Category(category), IS_NEW[condition], paid=None, expected_life_months=None)
    found = guarantee_for(policy_of(row[0], TODAY, Facts(GOODS_BOUGHT_ON)).policy, goods)
    doubts = dict.fromkeys([*found.assumed, *found.questions])
    assert row[2:] == (amount(found.rule.said), found.origin, listed(list(doubts)), yes(may_run_out(found)))


@pytest.mark.parametrize("row", PLACES, ids=" ".join)
def test_a_place_on_the_page_is_answered_from_there(row: Row) -> None:
    policy = policy_of(row[0], TODAY).policy
    found = (listed(list(policy.path)), yes(policy.own_entry), policy.coverage.value, policy.calendar.holidays)
    assert row[1:] == found


def test_contracts_on_one_side_of_every_change_share_a_pin() -> None:
    first, last, after = (policy_of("FR", TODAY, Facts(date(2026, *day))).id for day in ((6, 19), (7, 30), (7, 31)))
    assert first == last != after


def test_the_page_has_its_tables() -> None:
    assert [len(found) for found in (RULES, GUARANTEES, PLACES)] == [18, 7, 5]
