"""Who pays for goods to travel back: what the law names and the standard promises, put together for one policy."""

from dataclasses import dataclass

from claims_api.domain.policy import Policy, Rule, may_decide
from claims_api.domain.policy_words import Layer, RuleField, RuleStatus
from claims_api.domain.standard import CostBearer, GlobalStandard, return_cost_bearer
from claims_api.domain.vocabulary import Ground


@dataclass(frozen=True, slots=True)
class ReturnCostOf:
    """Who pays on one ground, and whose word it is; `region` is None for the standard's."""

    bearer: CostBearer
    layer: Layer
    region: str | None


def return_cost_of(policy: Policy, standard: GlobalStandard, ground: Ground) -> ReturnCostOf:
    """Who pays on a ground. Source: docs/law-data.md (two fields speak of it) and docs/global-standard.md."""
    rule, by_law = _named_by_law(policy, ground)
    bearer = return_cost_bearer(standard, ground, by_law)
    if rule is None or bearer is not by_law:
        return ReturnCostOf(bearer, Layer.STANDARD, None)
    return ReturnCostOf(bearer, rule.layer, rule.region)


def _named_by_law(policy: Policy, ground: Ground) -> tuple[Rule | None, CostBearer | None]:
    """Whom the law names. A law that is not sure may name the seller, never the consumer: it would cost them money."""
    match ground:
        case Ground.DEFECT:
            rule = policy.rules[RuleField.FREE_OF_CHARGE_RETURN_SHIPPING]
            is_seller = rule.said.value is True and rule.layer is Layer.STATUTORY
            return (rule, CostBearer.SELLER) if is_seller else (None, None)
        case Ground.WITHDRAWAL:
            rule = policy.rules[RuleField.WITHDRAWAL_RETURN_COST_BEARER]
            if rule.said.status is not RuleStatus.SET:
                return None, None
            named = CostBearer(str(rule.said.value))
            return (rule, named) if named is CostBearer.SELLER or may_decide(rule) else (None, None)
        case Ground.DELIVERY:
            return None, None
