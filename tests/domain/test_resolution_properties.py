"""What holds of every region's resolution, whatever the facts: drawn over the shipped law."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from claims_api.domain.contract import Facts, is_better
from claims_api.domain.guarantees import Goods, guarantee_for, may_run_out
from claims_api.domain.money import Money
from claims_api.domain.policy import Policy, law_under, may_decide, resolve
from claims_api.domain.policy_law import Entry, Statement
from claims_api.domain.policy_pin import canonical_json, fingerprint
from claims_api.domain.policy_words import (
    DIRECTION,
    Better,
    Category,
    Confidence,
    Layer,
    Question,
    RuleField,
    RuleStatus,
    StatutoryLayer,
)
from claims_api.domain.regions import RegionKind, path_of
from claims_api.policies import queries

STATUTE = queries.statute()
PLACES = sorted(code for code, region in STATUTE.regions.items() if region.kind is not RegionKind.BLOC)
STATED = sorted(set(STATUTE.entries) & set(PLACES))
TODAY = date(2026, 11, 22)

codes = st.one_of(st.sampled_from(STATED), st.sampled_from(PLACES))
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
facts = st.builds(Facts, contract_on=st.none() | days, is_consumer=st.booleans(), is_ours=st.booleans())
sales_to_consumers = st.builds(Facts, contract_on=st.none() | days)
questions = st.frozensets(st.sampled_from(Question))
goods = st.builds(
    Goods,
    category=st.none() | st.sampled_from(Category),
    is_new=st.none() | st.booleans(),
    paid=st.none() | st.builds(Money, st.integers(0, 10**9), st.sampled_from(["HUF", "EUR", "JPY"])),
    expected_life_months=st.none() | st.integers(0, 600),
    confirmed=questions,
)


def promise(field: RuleField) -> st.SearchStrategy[Statement]:
    """A promise of the standard: a made-up value in a unit the field is known to have, or a no."""
    stated = (entry.statements.get(field) for entry in STATUTE.entries.values())
    units = sorted({one.unit for one in stated if one is not None and one.unit is not None})
    values: Mapping[Better, st.SearchStrategy[int | bool | str]] = {
        Better.TRUE: st.booleans(),
        Better.SELLER: st.sampled_from(["seller", "consumer"]),
    }
    value = values.get(DIRECTION[field], st.integers(0, 100)) if field in DIRECTION else st.integers(0, 100)
    status = st.sampled_from([RuleStatus.SET, RuleStatus.SET, RuleStatus.NONE])
    return st.builds(
        Statement, status, st.just(Confidence.WELL_KNOWN), value, st.sampled_from(units) if units else st.none()
    )


standards = st.fixed_dictionaries({}, optional={field: promise(field) for field in RuleField})


@cache
def without_word(code: str) -> Policy:
    """The policy of a place in a world where the statute has an entry for it that says nothing in any field."""
    silent = Entry(code, is_statutory=True, coverage=None, statements={})
    return resolve(replace(STATUTE, entries={**STATUTE.entries, code: silent}), code, Facts(TODAY), TODAY)


PARTS = [code for code in PLACES if code not in STATED and STATUTE.regions[code].parent in STATED]
MEMBERS = [code for code in STATED if STATUTE.regions[code].parent]


@given(st.sampled_from(PARTS), facts, days)
def test_a_part_without_a_word_of_its_own_has_the_values_of_the_whole(code: str, sale: Facts, today: date) -> None:
    region = STATUTE.regions[code]
    whole = region.same_as or region.parent
    assert whole is not None
    part, parent = resolve(STATUTE, code, sale, today), resolve(STATUTE, whole, sale, today)
    for field in RuleField:
        mine, theirs = part.rules[field], parent.rules[field]
        if theirs.said.status is RuleStatus.LEFT_TO_MEMBERS:
            assert mine.said.status is RuleStatus.UNKNOWN
        else:
            assert mine == theirs
    assert part.category_guarantees == parent.category_guarantees


@given(st.sampled_from(MEMBERS))
def test_a_place_that_says_nothing_reads_its_parent_and_never_what_the_parent_leaves_open(code: str) -> None:
    parents = [STATUTE.entries[step] for step in without_word(code).path[1:] if step in STATUTE.entries]
    for field, rule in without_word(code).rules.items():
        heard = next((entry.code for entry in parents if field in entry.statements), None)
        assert rule.region == heard
        assert rule.said.status is not RuleStatus.LEFT_TO_MEMBERS


@given(codes, facts, days, standards)
def test_the_same_inputs_give_the_same_bytes(
    code: str, sale: Facts, today: date, standard: Mapping[RuleField, Statement]
) -> None:
    one, other = (resolve(STATUTE, code, replace(sale), today, dict(standard)) for _ in range(2))
    assert one == other
    assert canonical_json(one) == canonical_json(other)
    assert fingerprint(one) == fingerprint(other)


@given(codes, days, days, days)
def test_where_the_contract_s_day_is_known_the_day_of_asking_changes_nothing(
    code: str, contract_on: date, today: date, another: date
) -> None:
    one, other = (resolve(STATUTE, code, Facts(contract_on), day) for day in (today, another))
    assert canonical_json(one) == canonical_json(other)


@given(codes, days, st.integers(0, 2000))
def test_contracts_with_no_change_of_law_between_them_share_a_pin(code: str, contract_on: date, later: int) -> None:
    law = [STATUTE.entries[step] for step in path_of(STATUTE.regions, code) if step in STATUTE.entries]
    said = [one for entry in law for one in entry.statements.values()]
    said += [one.statement for entry in law for one in entry.category_guarantees]
    other = contract_on + timedelta(days=later)
    if not any(one.effective_from and contract_on < one.effective_from <= other for one in said):
        pins = {fingerprint(resolve(STATUTE, code, Facts(day), TODAY)) for day in (contract_on, other)}
        assert len(pins) == 1


@given(codes, facts, days, standards)
def test_what_is_not_established_never_becomes_a_no(
    code: str, sale: Facts, today: date, standard: Mapping[RuleField, Statement]
) -> None:
    lawful, whole = (resolve(STATUTE, code, sale, today, given) for given in ({}, standard))
    for field, rule in whole.rules.items():
        law = lawful.rules[field].said
        if rule.said.status is RuleStatus.NONE:
            assert law.status is RuleStatus.NONE
        if law.status in (RuleStatus.UNKNOWN, RuleStatus.LEFT_TO_MEMBERS):
            assert rule.said.status in (law.status, RuleStatus.SET)
            assert not may_decide(rule)


@given(codes, facts, days)
def test_only_a_consumer_we_sold_to_has_a_law_against_us(code: str, sale: Facts, today: date) -> None:
    found, lawful = resolve(STATUTE, code, sale, today), resolve(STATUTE, code, Facts(sale.contract_on), today)
    if found.statutory_layer is StatutoryLayer.APPLIES:
        assert found == lawful
        return
    spoken = {(rule.said.status, rule.region, rule.advisory, rule.trail) for rule in found.rules.values()}
    assert spoken == {(RuleStatus.UNKNOWN, None, None, ())}
    assert found.category_guarantees == ()
    by_law = replace(found, rules=lawful.rules, category_guarantees=lawful.category_guarantees)
    assert replace(by_law, statutory_layer=StatutoryLayer.APPLIES) == lawful


@given(codes, facts, days, standards)
def test_what_is_assumed_uncertain_flagged_or_not_set_decides_nothing(
    code: str, sale: Facts, today: date, standard: Mapping[RuleField, Statement]
) -> None:
    for rule in resolve(STATUTE, code, sale, today, standard).rules.values():
        said = rule.said
        is_weak = rule.assumed or said.flags or said.confidence is Confidence.UNCERTAIN
        if is_weak or said.status is not RuleStatus.SET:
            assert not may_decide(rule)


@given(codes, sales_to_consumers, days, standards)
def test_the_standard_never_takes_away_what_the_law_gives(
    code: str, sale: Facts, today: date, standard: Mapping[RuleField, Statement]
) -> None:
    lawful, whole = (resolve(STATUTE, code, sale, today, given) for given in ({}, standard))
    for field, rule in whole.rules.items():
        law = lawful.rules[field]
        assert not is_better(field, law.said, rule.said)
        if rule.layer is Layer.STATUTORY:
            assert rule.said == law.said
        else:
            assert field in DIRECTION
            assert law_under(rule).status in (law.said.status, RuleStatus.LEFT_TO_MEMBERS)


@given(codes, days)
def test_without_the_contract_s_day_the_answer_is_never_worse_than_on_any_day_up_to_today(
    code: str, contract_on: date
) -> None:
    guessed = resolve(STATUTE, code, Facts(None), TODAY)
    known = resolve(STATUTE, code, Facts(min(contract_on, TODAY)), TODAY)
    for field, rule in guessed.rules.items():
        assert not is_better(field, known.rules[field].said, rule.said)
        if not rule.assumed:
            assert known.rules[field].said == rule.said


@given(codes, facts, days, goods)
def test_a_guarantee_that_may_run_out_rests_on_nothing_open(code: str, sale: Facts, today: date, what: Goods) -> None:
    policy = resolve(STATUTE, code, sale, today)
    found = guarantee_for(policy, what)
    assert found == guarantee_for(policy, what)
    if may_run_out(found):
        assert may_decide(found.rule)
        assert (found.assumed, found.questions, found.open_ended) == ((), (), False)
    assert {one for one in found.assumed if isinstance(one, Question)} - what.confirmed <= set(found.questions)


@given(codes, days, goods, st.sampled_from(Category), st.booleans(), st.integers(0, 10**9))
def test_to_know_more_never_lengthens_a_guarantee(
    code: str, contract_on: date, what: Goods, category: Category, is_new: bool, forints: int
) -> None:
    policy = resolve(STATUTE, code, Facts(contract_on), TODAY)
    known = replace(
        what,
        category=what.category or category,
        is_new=is_new if what.is_new is None else what.is_new,
        paid=what.paid or Money(forints, "HUF"),
    )
    guessed, told = guarantee_for(policy, what), guarantee_for(policy, known)
    if guessed.rule.said.unit is told.rule.said.unit:
        assert int(told.rule.said.value or 0) <= int(guessed.rule.said.value or 0)
    if not guessed.assumed and told.rule.said != guessed.rule.said:
        assert told.rule.said.value == guessed.rule.said.value


@settings(max_examples=300)
@given(st.integers(1, 400), st.dates(date(1970, 1, 1), date(2090, 1, 1)))
def test_a_number_of_months_is_compared_as_what_it_can_be_on_some_day(months: int, start: date) -> None:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    end = first + timedelta(days=min(start.day, (following - first).days) - 1)
    average = months * 487 // 16
    assert average - 3 <= (end - start).days <= average + 4
