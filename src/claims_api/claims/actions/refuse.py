"""The domain's refusals as problem documents."""

from typing import Any

from claims_api.claims.actions.answer import Looker, allowed
from claims_api.claims.actions.problems import BY_CODE
from claims_api.domain.answers import Json, Refused
from claims_api.domain.claim import Claim
from claims_api.domain.wire import read_instant
from claims_api.kit.problems import Problem


def refuse(refused: Refused, claim: Claim | None, who: Looker) -> Problem:
    """The problem for a refusal, with what this caller may do instead."""
    members = {name: _shown(name, value) for name, value in refused.members.items()}
    if claim is not None and refused.code != "actor-required":
        members["allowed_transitions"] = [step.model_dump(mode="json") for step in allowed(claim, who)]
    return BY_CODE[refused.code](**members)


def _shown(name: str, value: Json) -> Any:
    """Instants as the claim itself shows them; events keep all six decimals."""
    if name.endswith("until") and isinstance(value, str):
        return read_instant(value).isoformat().replace("+00:00", "Z")
    return value
