"""The rules of resolution, on a small made-up world: a bloc, two members, a province and a town."""

from dataclasses import replace

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
    known_policy,
    months,
    rule,
    says,
    truth,
    world,
)

from claims_api.domain.contract import Facts, is_better, read_statement
from claims_api.domain.policy import Policy, Rule, may_decide, resolve
from claims_api.domain.policy_law import CategoryStatement, Statement
from claims_api.domain.policy_pin import canonical_json, fingerprint, plain
from claims_api.domain.policy_words import (
    Assumption,
    CategoryTest,
    Confidence,
    Coverage,
    Flag,
    RuleField,
    RuleStatus,
    StatutoryLayer,
    Unit,
)

BUSINESS = Facts(contract_on=None, is_consumer=False)
SOLD_BY_OTHER = Facts(contract_on=None, is_ours=False)


def test_the_nearest_statement_counts_and_the_others_are_the_trail() -> None:
    statute = world(
        entry("BLOC", statements={GUARANTEE: months(24)}),
        entry("AA", statements={GUARANTEE: months(36)}),
        entry("AA-P", statements={GUARANTEE: months(12)}),
    )

    found = rule(statute, "AA-T")

    assert (found.said.value, found.region) == (12, "AA-P")
    assert [(voice.region, voice.said.value) for voice in found.trail] == [("AA", 36), ("BLOC", 24)]


def test_none_stops_inheritance() -> None:
    statute = world(
        entry("BLOC", statements={GUARANTEE: months(24)}), entry("AA", statements={GUARANTEE: says(RuleStatus.NONE)})
    )
    assert rule(statute, "AA").said.status is RuleStatus.NONE


def test_a_statement_replaces_the_parent_s_as_a_whole() -> None:
    with_source = replace(months(24), source="Directive, Art. 10", note="a note", rolls=True)
    statute = world(entry("BLOC", statements={GUARANTEE: with_source}), entry("AA", statements={GUARANTEE: months(36)}))
    said = rule(statute, "AA").said
    assert (said.source, said.note, said.rolls) == (None, None, None)


@pytest.mark.parametrize("code", ["AA", "AA-P", "AA-T"])
def test_what_a_bloc_leaves_to_its_members_is_unknown_for_a_member_that_says_nothing(code: str) -> None:
    statute = world(entry("BLOC", statements={GUARANTEE: says(RuleStatus.LEFT_TO_MEMBERS)}), entry("AA"))

    found = rule(statute, code)

    assert (found.said.status, found.said.confidence) == (RuleStatus.UNKNOWN, Confidence.UNCERTAIN)
    assert found.said.note == "says left_to_members"
    assert [(voice.region, voice.said.status) for voice in found.trail] == [("BLOC", RuleStatus.LEFT_TO_MEMBERS)]


def test_a_federation_says_of_itself_that_it_leaves_a_matter_to_its_members() -> None:
    statute = world(entry("AA", statements={GUARANTEE: says(RuleStatus.LEFT_TO_MEMBERS)}))
    assert rule(statute, "AA").said.status is RuleStatus.LEFT_TO_MEMBERS
    assert rule(statute, "AA-P").said.status is RuleStatus.UNKNOWN


def test_nobody_s_word_is_unknown_and_never_none() -> None:
    found = rule(world(), "XX")
    assert (found.said.status, found.region, found.trail) == (RuleStatus.UNKNOWN, None, ())


def test_a_place_that_is_also_a_country_follows_its_own_law() -> None:
    statute = world(entry("AA", statements={GUARANTEE: months(24)}))
    assert rule(statute, "AA-X").said.status is RuleStatus.UNKNOWN


def test_ahead_of_its_day_neither_the_new_rule_nor_the_parent_s_applies() -> None:
    coming = replace(months(36), effective_from=LATER, before=says(RuleStatus.UNKNOWN))
    statute = world(entry("BLOC", statements={GUARANTEE: months(24)}), entry("AA", statements={GUARANTEE: coming}))

    found = rule(statute, "AA")

    assert (found.said.status, found.effective_from) == (RuleStatus.UNKNOWN, LATER)
    assert found.upcoming is not None
    assert found.upcoming.value == 36


def test_a_rule_without_an_older_one_is_unknown_ahead_of_its_day() -> None:
    found = read_statement(GUARANTEE, replace(months(36), effective_from=LATER), None, TODAY)
    assert found.said.status is RuleStatus.UNKNOWN
    assert found.upcoming == months(36)


# own value, the parent's with need of national law, whether it is shown as advice
ADVICE = [
    (GUARANTEE, months(6), months(12, Flag.DEPENDS_ON_TRANSPOSITION), True),
    (GUARANTEE, months(12), months(12, Flag.DEPENDS_ON_TRANSPOSITION), False),
    (GUARANTEE, months(6), months(12), False),  # needs no national law: the member's own law simply counts
    (GUARANTEE, says(RuleStatus.NONE), months(12, Flag.DEPENDS_ON_TRANSPOSITION), True),
    (GUARANTEE, says(RuleStatus.UNKNOWN), months(12, Flag.DEPENDS_ON_TRANSPOSITION), False),
    (FUNCTION, truth(False), truth(True, Flag.DEPENDS_ON_TRANSPOSITION), True),
    (FUNCTION, truth(True), truth(True, Flag.DEPENDS_ON_TRANSPOSITION), False),
]


@pytest.mark.parametrize(("field", "own", "parent", "is_shown"), ADVICE)
def test_a_better_value_that_needs_national_law_is_advice(
    field: RuleField, own: Statement, parent: Statement, is_shown: bool
) -> None:
    statute = world(entry("BLOC", statements={field: parent}), entry("AA", statements={field: own}))
    found = rule(statute, "AA", field)
    assert (found.advisory is not None) is is_shown
    assert found.said == own


BETTER = [
    (GUARANTEE, months(24), months(12), True),
    (GUARANTEE, months(12), months(24), False),
    (GUARANTEE, replace(months(60), unit=Unit.CALENDAR_DAYS), months(1), False),  # units do not compare
    (REPAIR_TIME, months(1), months(2), True),  # shorter is better
    (REPAIR_TIME, months(1), says(RuleStatus.NONE), True),  # any limit is better than none
    (BEARER, replace(truth(True), value="seller"), replace(truth(True), value="consumer"), True),
    (BEARER, replace(truth(True), value="consumer"), says(RuleStatus.NONE), False),
    (FUNCTION, truth(False), says(RuleStatus.NONE), False),
    (RuleField.NOTICE_DUTY_DAYS, months(2), months(1), False),  # has no simple direction
    (GUARANTEE, says(RuleStatus.NONE), months(1), False),
]


@pytest.mark.parametrize(("field", "one", "other", "expected"), BETTER)
def test_which_value_is_better_for_the_consumer(
    field: RuleField, one: Statement, other: Statement, expected: bool
) -> None:
    assert is_better(field, one, other) is expected


def test_facts_are_inherited_one_by_one_and_say_from_where() -> None:
    statute = world(
        entry("BLOC", weekend=("sat", "sun"), languages=("xx",), currency="EUR"),
        entry("AA", languages=("aa",), time_zone="Europe/Berlin", time_zones=("Europe/Berlin", "Europe/Busingen")),
        entry("AA-P", time_zone="Europe/Busingen", notes="of the province"),
    )

    found = resolve(statute, "AA-P", UNKNOWN_DAY, TODAY)

    assert found.origins == {"weekend": "BLOC", "currency": "BLOC", "languages": "AA", "time_zone": "AA-P"}
    assert (found.languages, found.calendar.time_zone, found.calendar.time_zones) == (("aa",), "Europe/Busingen", ())


def test_an_entry_takes_no_notes_and_no_category_guarantees_from_another() -> None:
    about = CategoryStatement(months(60), (), CategoryTest.JUDGEMENT, "q", False, False, ())
    statute = world(entry("AA", notes="of the country", category_guarantees=(about,)), entry("AA-P"))
    province = resolve(statute, "AA-P", UNKNOWN_DAY, TODAY)
    assert (province.notes, province.category_guarantees) == (None, ())


def test_a_place_without_an_entry_is_answered_from_the_nearest_one_as_a_whole() -> None:
    about = CategoryStatement(months(60), (), CategoryTest.JUDGEMENT, "q", False, False, ())
    statute = world(
        entry("AA-P", notes="of the province", category_guarantees=(about,), time_zones=("Europe/Berlin", "Asia/Tokyo"))
    )

    town = resolve(statute, "AA-T", UNKNOWN_DAY, TODAY)

    assert (town.own_entry, town.notes, town.calendar.holidays) == (False, "of the province", "AA-P")
    assert town.calendar.time_zones == ("Europe/Berlin", "Asia/Tokyo")
    assert [one.rule.region for one in town.category_guarantees] == ["AA-P"]


def test_a_bloc_has_no_policy() -> None:
    with pytest.raises(ValueError, match="bloc"):
        resolve(world(entry("BLOC")), "BLOC", UNKNOWN_DAY, TODAY)


def test_a_code_that_is_no_region_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        resolve(world(), "QQ", UNKNOWN_DAY, TODAY)


# facts of the sale, what they make of the statutory layer
LAYERS = [
    (UNKNOWN_DAY, StatutoryLayer.APPLIES),
    (BUSINESS, StatutoryLayer.BUSINESS_CUSTOMER),
    (SOLD_BY_OTHER, StatutoryLayer.SOLD_BY_OTHER),
    (Facts(None, is_consumer=False, is_ours=False), StatutoryLayer.SOLD_BY_OTHER),  # whoever the customer is
]


@pytest.mark.parametrize(("facts", "layer"), LAYERS)
def test_consumer_law_speaks_against_us_only_where_we_sold_to_a_consumer(facts: Facts, layer: StatutoryLayer) -> None:
    about = CategoryStatement(months(60), (), CategoryTest.JUDGEMENT, "q", False, False, ())
    stated = entry("AA", statements={GUARANTEE: months(24)}, category_guarantees=(about,), languages=("aa",))

    found = resolve(world(stated), "AA", facts, TODAY)

    applies = layer is StatutoryLayer.APPLIES
    assert found.statutory_layer is layer
    assert (found.rules[GUARANTEE].region, found.rules[GUARANTEE].said.value) == (
        ("AA", 24) if applies else (None, None)
    )
    assert len(found.category_guarantees) == int(applies)
    assert (found.languages, found.coverage, found.calendar.holidays) == (("aa",), Coverage.READ, "AA")


DECIDES = [
    (Rule(months(24)), True),
    (Rule(truth(False)), True),
    (Rule(replace(months(24), confidence=Confidence.UNCERTAIN)), False),
    *((Rule(months(24, flag)), False) for flag in Flag),
    *((Rule(says(status)), False) for status in RuleStatus if status is not RuleStatus.SET),
    (Rule(months(24), assumed=(Assumption.CONTRACT_DATE,)), False),
]


@pytest.mark.parametrize(("one", "expected"), DECIDES)
def test_only_a_sure_value_that_is_not_assumed_may_decide(one: Rule, expected: bool) -> None:
    assert may_decide(one) is expected


def test_the_same_values_have_the_same_bytes_and_the_same_pin() -> None:
    assert canonical_json(known_policy()) == canonical_json(known_policy())
    assert fingerprint(known_policy()) == fingerprint(known_policy())
    assert len(fingerprint(known_policy())) == 32


def test_the_day_and_the_release_are_no_part_of_the_pin() -> None:
    statute = world(entry("AA", statements={GUARANTEE: months(24)}))
    another = resolve(replace(statute, release="later"), "AA", UNKNOWN_DAY, LATER)
    assert fingerprint(resolve(statute, "AA", UNKNOWN_DAY, TODAY)) == fingerprint(another)


def assumed_guarantee() -> Rule:
    return replace(known_policy().rules[GUARANTEE], assumed=(Assumption.CONTRACT_DATE,))


@pytest.mark.parametrize(
    "other",
    [
        replace(known_policy(), region="AA-P"),
        replace(known_policy(), currency="EUR"),
        replace(known_policy(), statutory_layer=StatutoryLayer.SOLD_BY_OTHER),
        replace(known_policy(), rules={**known_policy().rules, GUARANTEE: assumed_guarantee()}),
        replace(known_policy(), rules={**known_policy().rules, GUARANTEE: Rule(months(25))}),
        replace(known_policy(), rules={**known_policy().rules, GUARANTEE: Rule(replace(months(24), rolls=False))}),
    ],
)
def test_another_value_has_another_pin(other: Policy) -> None:
    assert fingerprint(other) != fingerprint(known_policy())


def test_false_and_nought_say_something_absence_does_not() -> None:
    said = Statement(RuleStatus.SET, Confidence.VERIFIED, 0, Unit.CALENDAR_DAYS, rolls=False)
    assert plain(said) == {
        "status": "set",
        "confidence": "verified",
        "value": 0,
        "unit": "calendar_days",
        "rolls": False,
    }


def test_a_float_has_no_place_in_a_policy() -> None:
    with pytest.raises(TypeError, match="float"):
        plain(1.5)
