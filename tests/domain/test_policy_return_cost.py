"""Who pays for goods to travel back."""

from dataclasses import replace

import pytest
from small_world import BEARER, known_policy

from claims_api.domain.policy import Rule
from claims_api.domain.policy_law import Statement
from claims_api.domain.policy_return_cost import ReturnCostOf, return_cost_of
from claims_api.domain.policy_words import Confidence, Flag, Layer, RuleField, RuleStatus
from claims_api.domain.standard import CostBearer
from claims_api.domain.vocabulary import Ground
from claims_api.policies import queries

SELLER, CONSUMER = CostBearer.SELLER, CostBearer.CONSUMER
OURS = ReturnCostOf(SELLER, Layer.STANDARD, None)
VERIFIED, UNCERTAIN = Confidence.VERIFIED, Confidence.UNCERTAIN
FREE = RuleField.FREE_OF_CHARGE_RETURN_SHIPPING


def cost(ground: Ground, field: RuleField, said: Statement, layer: Layer = Layer.STATUTORY) -> ReturnCostOf:
    known = known_policy()
    region = "AA" if layer is Layer.STATUTORY else None
    policy = replace(known, rules={**known.rules, field: Rule(said, layer, region)})
    return return_cost_of(policy, queries.standard(), ground)


def named(bearer: CostBearer, confidence: Confidence = VERIFIED, *flags: Flag) -> Statement:
    return Statement(RuleStatus.SET, confidence, bearer.value, flags=flags)


@pytest.mark.parametrize("bearer", CostBearer)
def test_for_a_withdrawal_the_one_the_law_names_pays(bearer: CostBearer) -> None:
    found = cost(Ground.WITHDRAWAL, BEARER, named(bearer))
    assert found == ReturnCostOf(bearer, Layer.STATUTORY, "AA")


@pytest.mark.parametrize(
    "said",
    [
        named(CONSUMER, UNCERTAIN),
        named(CONSUMER, VERIFIED, Flag.CONDITIONAL),
        Statement(RuleStatus.UNKNOWN, UNCERTAIN),
        Statement(RuleStatus.NONE, VERIFIED),
    ],
    ids=["uncertain", "conditional", "unknown", "none"],
)
def test_a_consumer_never_pays_on_a_law_that_is_not_sure(said: Statement) -> None:
    assert cost(Ground.WITHDRAWAL, BEARER, said) == OURS


def test_a_law_that_is_not_sure_may_name_the_seller() -> None:
    found = cost(Ground.WITHDRAWAL, BEARER, named(SELLER, UNCERTAIN))
    assert found == ReturnCostOf(SELLER, Layer.STATUTORY, "AA")


def test_for_a_defect_the_law_or_the_standard_has_the_seller_pay() -> None:
    free = Statement(RuleStatus.SET, VERIFIED, value=True)
    assert cost(Ground.DEFECT, FREE, free) == ReturnCostOf(SELLER, Layer.STATUTORY, "AA")
    assert cost(Ground.DEFECT, FREE, free, Layer.STANDARD) == OURS
    assert cost(Ground.DEFECT, FREE, replace(free, value=False)) == OURS


def test_for_a_delivery_gone_wrong_the_standard_speaks() -> None:
    assert cost(Ground.DELIVERY, BEARER, named(CONSUMER)) == OURS
