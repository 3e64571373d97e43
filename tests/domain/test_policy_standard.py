"""The brand's standard over the law: the better one counts, field by field, and the other stays in the trail."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from small_world import BEARER, FUNCTION, GUARANTEE, REPAIR_TIME, TODAY, UNKNOWN_DAY, entry, months, says, truth, world

from claims_api.domain.contract import Facts
from claims_api.domain.policy import Rule, may_decide, resolve
from claims_api.domain.policy_law import Statement, Statute
from claims_api.domain.policy_pin import fingerprint
from claims_api.domain.policy_words import Assumption, Confidence, Flag, Layer, RuleField, RuleStatus, Unit

UNKNOWN, LEFT, NONE = RuleStatus.UNKNOWN, RuleStatus.LEFT_TO_MEMBERS, RuleStatus.NONE
EVEN_NEVER = (RuleField.REMEDY_HIERARCHY, RuleField.NOTICE_DUTY_DAYS, RuleField.DATA_LOCALISATION)


def bearer(who: str) -> Statement:
    return replace(truth(True), value=who)


def under(statute: Statute, standard: Mapping[RuleField, Statement], code: str = "AA") -> Mapping[RuleField, Rule]:
    return resolve(statute, code, UNKNOWN_DAY, TODAY, standard).rules


# field, the law's word, the standard's, whose counts
WINNERS = [
    (GUARANTEE, months(24), months(36), Layer.STANDARD),
    (GUARANTEE, months(24), months(24), Layer.STATUTORY),  # equal: the law
    (GUARANTEE, months(36), months(24), Layer.STATUTORY),
    (GUARANTEE, months(36, Flag.CONDITIONAL), months(24), Layer.STATUTORY),
    (GUARANTEE, says(NONE), months(24), Layer.STANDARD),
    (GUARANTEE, says(UNKNOWN), months(24), Layer.STANDARD),
    (GUARANTEE, says(LEFT), months(24), Layer.STANDARD),
    (GUARANTEE, months(1), replace(months(60), unit=Unit.CALENDAR_DAYS), Layer.STATUTORY),  # units do not compare
    (REPAIR_TIME, months(2), months(1), Layer.STANDARD),  # shorter is better
    (REPAIR_TIME, months(1), months(2), Layer.STATUTORY),
    (REPAIR_TIME, says(UNKNOWN), months(2), Layer.STANDARD),
    (BEARER, bearer("consumer"), bearer("seller"), Layer.STANDARD),
    (BEARER, bearer("seller"), bearer("consumer"), Layer.STATUTORY),
    (FUNCTION, truth(False), truth(True), Layer.STANDARD),
    (FUNCTION, says(UNKNOWN), truth(True), Layer.STANDARD),
    (FUNCTION, says(UNKNOWN), truth(False), Layer.STATUTORY),  # a no is no promise: unknown stays unknown
    (GUARANTEE, months(24), says(NONE), Layer.STATUTORY),
    (GUARANTEE, says(UNKNOWN), says(NONE), Layer.STATUTORY),
]


@pytest.mark.parametrize(("field", "law", "standard", "layer"), WINNERS)
def test_the_better_one_counts_and_the_other_is_in_the_trail(
    field: RuleField, law: Statement, standard: Statement, layer: Layer
) -> None:
    found = under(world(entry("AA", statements={field: law})), {field: standard})[field]

    promise_counts = layer is Layer.STANDARD
    assert (found.layer, found.said) == (layer, standard if promise_counts else law)
    assert found.region == (None if promise_counts else "AA")
    lost = [(voice.layer, voice.region, voice.said) for voice in found.trail]
    assert lost == [(Layer.STATUTORY, "AA", law) if promise_counts else (Layer.STANDARD, None, standard)]


@pytest.mark.parametrize("field", EVEN_NEVER)
def test_the_standard_has_no_say_where_values_do_not_compare(field: RuleField) -> None:
    for law in (months(1), says(UNKNOWN), says(NONE)):
        statute = world(entry("AA", statements={field: law}))
        assert under(statute, {field: months(2)})[field] == under(statute, {})[field]


def test_a_place_without_any_law_rests_on_the_standard_which_then_refuses_nothing() -> None:
    found = under(world(), {GUARANTEE: months(24)}, "XX")[GUARANTEE]
    assert (found.said, found.layer, found.trail) == (months(24), Layer.STANDARD, ())
    assert not may_decide(found)


def test_what_the_law_leaves_to_members_stands_once_in_the_trail_of_a_promise() -> None:
    statute = world(entry("BLOC", statements={GUARANTEE: says(LEFT)}), entry("AA"))
    found = under(statute, {GUARANTEE: months(24)})[GUARANTEE]
    assert [(voice.region, voice.said.status) for voice in found.trail] == [("BLOC", LEFT)]


# what the law says under a better promise, whether the promise may end anything
GROUNDS = [
    (months(24), True),
    (says(NONE), True),
    (says(UNKNOWN), False),
    (says(LEFT), False),
    (replace(months(24), confidence=Confidence.UNCERTAIN), False),
    (months(24, Flag.CONDITIONAL), False),
]


@pytest.mark.parametrize(("law", "expected"), GROUNDS)
def test_a_promise_decides_only_above_a_law_that_is_established(law: Statement, expected: bool) -> None:
    found = under(world(entry("AA", statements={GUARANTEE: law})), {GUARANTEE: months(36)})[GUARANTEE]
    assert (found.layer, may_decide(found)) == (Layer.STANDARD, expected)


def test_a_promise_above_an_assumed_law_is_assumed_too() -> None:
    law = replace(months(12), effective_from=date(2026, 1, 1), before=says(UNKNOWN))
    found = under(world(entry("AA", statements={GUARANTEE: law})), {GUARANTEE: months(24)})[GUARANTEE]
    assert (found.layer, found.assumed, may_decide(found)) == (Layer.STANDARD, (Assumption.CONTRACT_DATE,), False)


@pytest.mark.parametrize(("promised", "is_shown"), [(9, True), (12, False), (24, False)])
def test_advice_stays_beside_a_promise_only_while_it_is_better(promised: int, is_shown: bool) -> None:
    statute = world(
        entry("BLOC", statements={GUARANTEE: months(12, Flag.DEPENDS_ON_TRANSPOSITION)}),
        entry("AA", statements={GUARANTEE: months(6)}),
    )
    found = under(statute, {GUARANTEE: months(promised)})[GUARANTEE]
    assert (found.layer, found.advisory is not None) == (Layer.STANDARD, is_shown)


def test_a_business_customer_has_the_promise_only_and_nothing_of_the_law_beside_it() -> None:
    statute = world(entry("AA", statements={GUARANTEE: months(24)}))
    found = resolve(statute, "AA", Facts(None, is_consumer=False), TODAY, {GUARANTEE: months(12)}).rules[GUARANTEE]
    assert (found.said, found.layer, found.trail) == (months(12), Layer.STANDARD, ())


def test_another_promise_is_another_pin() -> None:
    statute = world(entry("AA", statements={GUARANTEE: months(24)}))
    pins = {fingerprint(resolve(statute, "AA", UNKNOWN_DAY, TODAY, {GUARANTEE: months(n)})) for n in (12, 24, 36)}
    assert len(pins) == 3
