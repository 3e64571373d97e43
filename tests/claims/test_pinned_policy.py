"""A claim is decided by the policy it was filed under (T9), whatever the law of its region says meanwhile."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert, update

from claims_api.claims.tables import claims, policy_pins
from claims_api.domain.policy import Policy
from claims_api.domain.policy_law import LawTier, RemedyOrder
from claims_api.domain.policy_pin import canonical_json
from claims_api.domain.policy_words import Confidence, RuleField
from claims_api.domain.regions import RegionKind
from claims_api.domain.remedies import Chooser, ConditionWord
from claims_api.domain.vocabulary import RemedyKind
from claims_api.kit import database, ids
from claims_api.policies import queries
from claims_api.policies.actions import pins
from claims_api.policies.actions.resolve import policy_of
from tests.support.claims import Claim, Team
from tests.support.problems import refused
from tests.support.statements import count_statements

TODAY = date(2026, 11, 24)
REPLACED = {"lines": [{"position": 1, "decision": "covered_statutory", "remedy": "replacement"}]}


def sellers_pick(policy: Policy) -> Policy:
    """The same law, but the seller would choose the cure."""
    both = (RemedyKind.REPAIR, RemedyKind.REPLACEMENT)
    tiers = (LawTier(both, when=ConditionWord.ALWAYS, chooser=Chooser.SELLER),)
    rule = policy.rules[RuleField.REMEDY_HIERARCHY]
    order = RemedyOrder(tiers, Chooser.SELLER, Confidence.VERIFIED)
    told = replace(rule, said=replace(rule.said, remedies=order))
    return replace(policy, rules={**policy.rules, RuleField.REMEDY_HIERARCHY: told})


async def pin(owner: database.Database, team: Team, claim: Claim, body: bytes, content_hash: bytes) -> None:
    """Lets the claim have been filed under another policy."""
    tenant_id = team.tenant.id
    async with owner.transaction(tenant_id) as db:
        await db.execute(insert(policy_pins).values(tenant_id=tenant_id, id=content_hash, body=body))
        mine = (claims.c.tenant_id == tenant_id, claims.c.id == ids.decode("clm", claim["id"]))
        await db.execute(update(claims).where(*mine).values(policy_id=content_hash))


async def test_a_claim_is_decided_by_its_pin_and_not_by_what_holds_today(
    owner: database.Database, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "_known", type(pins._known)())
    today, earlier = await team.brought_to("under_review"), await team.brought_to("under_review")
    body = canonical_json(sellers_pick(policy_of("DE", TODAY).policy))
    await pin(owner, team, earlier, body, hashlib.sha256(body).digest())
    refused(await team.step("agent", today, "approve", **REPLACED), 409, "remedy-not-asked")
    found = await team.done("agent", earlier, "approve", **REPLACED)
    assert found["remedies"][0]["kind"] == "replacement"


async def test_a_pin_is_read_once_by_a_process(owner: database.Database, team: Team) -> None:
    claim = await team.brought_to("under_review")
    policy = sellers_pick(policy_of("FR", TODAY).policy)
    body = canonical_json(policy)
    await pin(owner, team, claim, body, hashlib.sha256(body).digest())
    with count_statements(team.tenant.app.state.database.tenants) as first:
        await team.done("agent", claim, "note")
    with count_statements(team.tenant.app.state.database.tenants) as later:
        await team.done("agent", claim, "note")
    assert len(first) == len(later) + 1 <= 5


async def test_a_pin_that_was_changed_decides_nothing(owner: database.Database, team: Team) -> None:
    claim = await team.brought_to("under_review")
    await pin(owner, team, claim, b'{"region":"DE"}', hashlib.sha256(b"something else").digest())
    refused(await team.step("agent", claim, "note"), 500, "internal-fault")
    assert (await team.read(claim))["status"] == "under_review"


def test_every_policy_reads_back_from_its_pin_as_it_was() -> None:
    places = [code for code, region in queries.statute().regions.items() if region.kind is not RegionKind.BLOC]
    for code in places:
        pinned = policy_of(code, TODAY)
        assert pins.policy_from(pinned.content_hash, canonical_json(pinned.policy)) == pinned.policy, code
    assert len(places) > 5_000
