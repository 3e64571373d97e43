"""Rules, statements and the ends of periods in the form the answers show them."""

from dataclasses import asdict
from typing import TypeAlias

from claims_api.domain.day_counting import Due
from claims_api.domain.policy import CategoryRule, Rule, Voice, may_decide
from claims_api.domain.policy_law import LawTier, PriceBand, Statement
from claims_api.domain.policy_words import RuleField
from claims_api.domain.remedies import Condition, Within

Shown: TypeAlias = dict[str, object]


def rule_shown(field: RuleField, rule: Rule, end: Due | None = None) -> Shown:
    """What counts in a field; `end` is when the period ends, if that is known."""
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
        "advisory": rule.advisory and voice_shown(rule.advisory),
        "trail": [voice_shown(voice) for voice in rule.trail],
        "assumed": rule.assumed,
    }
    ending = {"due": due_shown(end, decides=may_decide(rule))} if end else {}
    return {**shown, **_peculiar(field, said), **ending}


def due_shown(end: Due, *, decides: bool) -> Shown:
    """The end of a period, and whether it may decide anything by itself."""
    return {**asdict(end), "decides": decides}


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


def voice_shown(voice: Voice) -> Shown:
    """A statement and whose it is."""
    return {**_statement(voice.said), "layer": voice.layer, "region": voice.region}


def category_shown(one: CategoryRule, end: Due | None = None) -> Shown:
    """A guarantee for some goods, and for which."""
    about = one.about
    shown = {
        **rule_shown(RuleField.STATUTORY_GUARANTEE_MONTHS, one.rule, end),
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
