"""The domain's values in the form the answers show."""

from dataclasses import asdict
from datetime import date
from typing import TypeAlias

from claims_api.domain.policy import CategoryRule, Policy, Rule, Voice
from claims_api.domain.policy_law import LawTier, PriceBand, Statement, Statute
from claims_api.domain.policy_places import facts_of
from claims_api.domain.policy_words import Coverage, RuleField
from claims_api.domain.regions import Region
from claims_api.domain.remedies import Condition, Within
from claims_api.policies.schemas.answers import NOT_LEGAL_ADVICE, PolicyAnswer, RegionAnswer

Shown: TypeAlias = dict[str, object]

NOT_ESTABLISHED = (
    "Statutory position not established: the brand's own standard applies, and a person checks the local law before a "
    "claim is refused."
)
INHERITED = "No entry of its own: answered from the law of {}; local law may add to it."


def region_answer(statute: Statute, region: Region) -> RegionAnswer:
    """A node of the tree with its facts."""
    own = {name: getattr(region, name) for name in ("code", "name", "kind", "parent", "country", "same_as")}
    facts = asdict(facts_of(statute, region.code))
    return RegionAnswer.model_validate({**own, **facts, "has_subdivisions": region.has_subdivisions})


def policy_answer(policy: Policy, statute: Statute, pin: str, today: date) -> PolicyAnswer:
    """The whole lookup. Dump it with `exclude_unset`: members that only some rules have are there only then."""
    calendar = asdict(policy.calendar)
    rules: Shown = {field.value: _rule(field, policy.rules[field]) for field in RuleField}
    rules["category_guarantees"] = [_category(one) for one in policy.category_guarantees]
    style, usual = policy.communication_style, policy.evidence_alternatives
    shown = {
        "id": pin,
        "name": statute.regions[policy.region].name,
        "as_of": today,
        "statutory_release": statute.release,
        "rules": rules,
        "calendar": {**calendar, "time_zones": policy.calendar.time_zones or None},
        "communication": {
            "communication_style": style and asdict(style),
            "evidence_alternatives": usual and asdict(usual),
        },
        "authorities": [asdict(authority) for authority in policy.authorities],
        "notes": _notes(policy, statute),
        "not_legal_advice": NOT_LEGAL_ADVICE,
    }
    same = PolicyAnswer.model_fields.keys() - shown.keys()
    return PolicyAnswer.model_validate({**{name: getattr(policy, name) for name in same}, **shown})


def _notes(policy: Policy, statute: Statute) -> list[str]:
    """The note of the entry, and what every reader has to know about where the answer comes from."""
    found = [policy.notes] if policy.notes else []
    if policy.coverage is Coverage.NONE:
        return [*found, NOT_ESTABLISHED]
    if policy.own_entry:
        return found
    return [*found, INHERITED.format(next(step for step in policy.path if step in statute.entries))]


def _rule(field: RuleField, rule: Rule) -> Shown:
    said = rule.said
    shown = {
        **_statement(said),
        "evidence": said.evidence and asdict(said.evidence),
        "rolls": said.rolls,
        "pausable": said.pausable,
        "layer": rule.layer,
        "region": rule.region,
        "effective_from": rule.effective_from,
        "before": rule.before and _statement(rule.before),
        "upcoming": rule.upcoming and _statement(rule.upcoming),
        "advisory": rule.advisory and _voice(rule.advisory),
        "trail": [_voice(voice) for voice in rule.trail],
        "assumed": rule.assumed,
    }
    return {**shown, **_peculiar(field, said)}


def _peculiar(field: RuleField, said: Statement) -> Shown:
    """The members that only some rules have."""
    shown: Shown = {}
    if field is RuleField.REMEDY_HIERARCHY:
        order = said.remedies
        shown |= {
            "tiers": [_tier(tier) for tier in order.tiers] if order else [],
            "chooser": order and order.chooser,
            "conditions_confidence": order and order.conditions_confidence,
        }
    if said.minimum_left_after_cure:
        shown["stops_during_cure"] = {"minimum_left": asdict(said.minimum_left_after_cure)}
    if said.silence:
        reply = {"form": said.silence.reply_form, "moment": said.silence.reply_moment}
        shown |= {"applies_to": said.silence.applies_to, "deadline": said.silence.deadline, "reply": reply}
    return shown


def _statement(said: Statement) -> Shown:
    same = ("status", "value", "unit", "counts_from", "source", "confidence", "flags", "note")
    shown: Shown = {name: getattr(said, name) for name in same}
    shown["law"] = said.law and asdict(said.law)
    return shown | ({"tiers": [_tier(tier) for tier in said.remedies.tiers]} if said.remedies else {})


def _voice(voice: Voice) -> Shown:
    return {**_statement(voice.said), "layer": voice.layer, "region": voice.region}


def _category(one: CategoryRule) -> Shown:
    about = one.about
    shown = {
        **_rule(RuleField.STATUTORY_GUARANTEE_MONTHS, one.rule),
        "categories": about.categories or ("any",),
        "test": about.test,
        "question": about.question,
        "only_new": about.only_new,
        "replaces_general": about.replaces_general,
    }
    return shown | ({"price_bands": [_band(band) for band in about.price_bands]} if about.price_bands else {})


def _band(band: PriceBand) -> Shown:
    lower = {"above": band.above_amount} if band.from_amount is None else {"from": band.from_amount}
    return {"currency": band.currency, **lower, "to": band.to_amount, "value": band.value}


def _tier(tier: LawTier) -> Shown:
    """Only what the law's data says about the tier: an absent member means the order's own."""
    shown = {
        "remedies": tier.remedies,
        "when": tier.when and _condition(tier.when),
        "when_any": [_condition(word) for word in tier.when_any] or None,
        "chooser": tier.chooser,
        "attempts": tier.attempts,
        "conditional": tier.conditional or None,
        "confidence": tier.confidence,
        "except_categories": tier.except_categories or None,
        "note": tier.note,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _condition(condition: Condition) -> object:
    return {"within": asdict(condition)} if isinstance(condition, Within) else condition
