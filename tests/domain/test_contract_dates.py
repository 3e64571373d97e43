"""The day of the contract chooses the side of a changed law, whatever day it is now."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from small_world import (
    BEARER,
    FUNCTION,
    GUARANTEE,
    LATER,
    REPAIR_TIME,
    TODAY,
    UNKNOWN_DAY,
    entry,
    months,
    says,
    truth,
    world,
)

from claims_api.domain.contract import Facts, read_statement
from claims_api.domain.policy import Rule, resolve
from claims_api.domain.policy_law import CategoryStatement, Statement
from claims_api.domain.policy_pin import canonical_json, fingerprint
from claims_api.domain.policy_words import Assumption, CategoryTest, Flag, RuleField, RuleStatus, Unit
from claims_api.policies import queries

START = date(2026, 7, 31)
DAY_BEFORE = START - timedelta(days=1)
EXTENSION = RuleField.GUARANTEE_EXTENSION_AFTER_REPAIR_MONTHS


def changed(newer: Statement, older: Statement | None, on: date = START) -> Statement:
    return replace(newer, effective_from=on, before=older)


def read(said: Statement, contract_on: date | None, field: RuleField = GUARANTEE, today: date = TODAY) -> Rule:
    return resolve(world(entry("AA", statements={field: said})), "AA", Facts(contract_on), today).rules[field]


@pytest.mark.parametrize(("contract_on", "months_long"), [(DAY_BEFORE, 12), (START, 24), (TODAY, 24)])
def test_the_contract_s_day_chooses_the_side(contract_on: date, months_long: int) -> None:
    found = read(changed(months(24), months(12)), contract_on)
    assert (found.said.value, found.assumed, found.effective_from) == (months_long, (), START)


def test_each_side_shows_the_other_one() -> None:
    law = changed(months(24), months(12))
    older, newer = read(law, DAY_BEFORE), read(law, START)
    assert (older.before, older.upcoming) == (None, months(24))
    assert (newer.before, newer.upcoming) == (months(12), None)


@pytest.mark.parametrize("older", [None, says(RuleStatus.UNKNOWN)])
def test_an_older_law_nobody_established_is_unknown_never_the_new_value_nor_the_parent_s(
    older: Statement | None,
) -> None:
    statute = world(
        entry("BLOC", statements={GUARANTEE: months(36)}),
        entry("AA", statements={GUARANTEE: changed(months(24), older)}),
    )
    found = resolve(statute, "AA", Facts(DAY_BEFORE), TODAY).rules[GUARANTEE]
    assert (found.said.status, found.region) == (RuleStatus.UNKNOWN, "AA")


# field, newer, older, which one counts where the day is not known
BETTER_SIDE = [
    (GUARANTEE, months(24), months(12), "newer"),
    (GUARANTEE, months(12), months(24), "older"),
    (GUARANTEE, months(24), months(24), "newer"),  # nothing between them: the one in force
    (GUARANTEE, says(RuleStatus.NONE), months(12), "older"),
    (GUARANTEE, months(24), says(RuleStatus.NONE), "newer"),
    (GUARANTEE, months(24), says(RuleStatus.UNKNOWN), "newer"),  # no comparison: the one in force
    (GUARANTEE, says(RuleStatus.UNKNOWN), months(24), "newer"),
    (GUARANTEE, months(1), replace(months(60), unit=Unit.CALENDAR_DAYS), "newer"),
    (REPAIR_TIME, months(1), months(2), "newer"),
    (REPAIR_TIME, months(2), months(1), "older"),
    (FUNCTION, truth(False), truth(True), "older"),
    (BEARER, replace(truth(True), value="consumer"), replace(truth(True), value="seller"), "older"),
    (RuleField.NOTICE_DUTY_DAYS, months(1), months(2), "newer"),  # has no simple direction
]


@pytest.mark.parametrize(("field", "newer", "older", "counts"), BETTER_SIDE)
def test_without_the_day_the_better_side_counts_and_is_assumed(
    field: RuleField, newer: Statement, older: Statement, counts: str
) -> None:
    found = read(changed(newer, older), None, field)
    assert found.said == (newer if counts == "newer" else older)
    assert found.assumed == (Assumption.CONTRACT_DATE,)


def test_no_contract_was_concluded_under_a_law_still_ahead_so_nothing_is_assumed() -> None:
    found = read(changed(months(24), months(12), on=LATER), None)
    assert (found.said, found.upcoming, found.assumed) == (months(12), months(24), ())


@pytest.mark.parametrize("contract_on", [None, DAY_BEFORE, TODAY])
def test_a_law_that_never_changed_is_never_assumed(contract_on: date | None) -> None:
    found = read(months(24), contract_on)
    assert (found.said, found.assumed) == (months(24), ())


def test_the_sides_of_a_category_s_guarantee_are_chosen_in_the_same_way() -> None:
    about = CategoryStatement(changed(months(60), months(36)), (), CategoryTest.JUDGEMENT, "q", False, False, ())
    statute = world(entry("AA", category_guarantees=(about,)))
    found = [resolve(statute, "AA", Facts(day), TODAY).category_guarantees[0].rule for day in (DAY_BEFORE, START, None)]
    assert [(one.said.value, bool(one.assumed)) for one in found] == [(36, False), (60, False), (60, True)]


# region, contract's day, value, advisory value                                             key in statutory.yaml
EXTENSIONS = [
    ("DE", DAY_BEFORE, None, None),  # EU rules, before: left_to_members
    ("DE", START, 12, None),  # EU rules, effective_from 2026-07-31
    ("FR", DAY_BEFORE, 6, None),  # FR rules; the EU had said nothing
    ("FR", START, 6, 12),  # EU rules beside FR rules
    ("PT", DAY_BEFORE, 6, None),
    ("PT", START, 6, 12),
    ("SK", DAY_BEFORE, None, None),  # SK rules, before: unknown
    ("SK", START, 12, None),  # SK rules, effective_from 2026-07-31
]


@pytest.mark.parametrize(("code", "contract_on", "value", "advisory"), EXTENSIONS)
def test_the_european_repair_extension_counts_for_contracts_from_its_day_on(
    code: str, contract_on: date, value: int | None, advisory: int | None
) -> None:
    found = resolve(queries.statute(), code, Facts(contract_on), TODAY).rules[EXTENSION]
    assert found.said.status is (RuleStatus.UNKNOWN if value is None else RuleStatus.SET)
    assert (found.said.value, found.advisory and found.advisory.said.value) == (value, advisory)


def test_advice_follows_the_contract_s_day() -> None:
    ahead = changed(months(12, Flag.DEPENDS_ON_TRANSPOSITION), says(RuleStatus.LEFT_TO_MEMBERS))
    statute = world(entry("BLOC", statements={EXTENSION: ahead}), entry("AA", statements={EXTENSION: months(6)}))
    found = [resolve(statute, "AA", Facts(day), TODAY).rules[EXTENSION].advisory for day in (DAY_BEFORE, START)]
    assert [one and one.said.value for one in found] == [None, 12]


def test_days_on_the_same_side_share_bytes_and_pin_and_the_sides_do_not() -> None:
    on = {day: resolve(queries.statute(), "SK", Facts(day), TODAY) for day in (START, TODAY, DAY_BEFORE)}
    assert canonical_json(on[START]) == canonical_json(on[TODAY])
    assert fingerprint(on[START]) == fingerprint(on[TODAY]) != fingerprint(on[DAY_BEFORE])


def test_a_contract_of_a_known_day_reads_the_same_law_on_every_day() -> None:
    law = changed(months(24), months(12), on=LATER)
    readings = {str(read_statement(GUARANTEE, law, LATER, today)) for today in (DAY_BEFORE, TODAY, LATER)}
    assert len(readings) == 1


def test_a_day_nobody_knows_and_one_that_is_known_do_not_share_a_pin_where_it_matters() -> None:
    guessed, known = (resolve(queries.statute(), "SK", facts, TODAY) for facts in (UNKNOWN_DAY, Facts(TODAY)))
    assert guessed.rules[EXTENSION].said == known.rules[EXTENSION].said
    assert fingerprint(guessed) != fingerprint(known)
