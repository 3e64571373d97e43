"""Statements in words, member by member, so that two of them can be compared and shown."""

from collections.abc import Iterator

from claims_api.domain.policy_law import CategoryStatement, LawTier, PriceBand, RemedyOrder, Statement
from claims_api.domain.policy_words import RuleStatus
from claims_api.domain.remedies import Condition, Within

VALUE = "value"
GUARANTEE = "category_guarantees"
NO_DUTY = 1_000_000_000  # days; longer than any notice duty


def members_of(said: Statement, about: CategoryStatement | None = None) -> dict[str, str]:
    """What a statement says, in words, by member; what it does not say is left out."""
    found = {VALUE: _value(said, about)}
    if said.status is not RuleStatus.UNKNOWN:
        found["confidence"] = said.confidence.value
    found |= {name: str(value).lower() for name, value in _traits(said) if value is not None}
    texts = {
        "flags": ", ".join(said.flags),
        "law": said.law.name_en if said.law else "",
        "source": said.source or "",
        "evidence": said.evidence.what if said.evidence else "",
        "note": said.note or "",
    }
    return found | {name: text for name, text in texts.items() if text}


def goods_of(about: CategoryStatement) -> str:
    """Which goods a guarantee is for: what makes it the same one in two releases."""
    goods = "+".join(about.categories) or "any"
    return f"{goods}, {about.question}" if about.question else goods


def notice_days(said: Statement) -> int | None:
    """How long a consumer may wait with a notice, in the statement's own unit; None where that is not established."""
    match said.status:
        case RuleStatus.NONE:
            return NO_DUTY
        case RuleStatus.SET if type(said.value) is int:
            return said.value
    return None


def _value(said: Statement, about: CategoryStatement | None) -> str:
    if said.status is not RuleStatus.SET:
        return said.status.value
    if about is not None and about.price_bands:
        return "; ".join(_band(one, said.unit) for one in about.price_bands)
    if said.remedies is not None:
        return _order(said.remedies)
    if isinstance(said.value, bool):
        return "yes" if said.value else "no"
    return f"{said.value} {said.unit}" if said.unit else str(said.value)


def _traits(said: Statement) -> Iterator[tuple[str, object]]:
    yield "counts_from", said.counts_from
    yield "rolls", said.rolls
    yield "pausable", said.pausable
    left = said.minimum_left_after_cure
    yield "minimum_left_after_cure", left and f"{left.value} {left.unit}"
    if said.silence is not None:
        grounds, silence = ", ".join(said.silence.applies_to), said.silence
        yield "silence", f"{grounds}; {silence.deadline}; {silence.reply_form} reply when {silence.reply_moment}"
    if said.remedies is not None:
        yield "conditions_confidence", said.remedies.conditions_confidence


def _band(band: PriceBand, unit: object) -> str:
    start = f"above {band.above_amount}" if band.from_amount is None else f"from {band.from_amount}"
    end = "" if band.to_amount is None else f" to {band.to_amount}"
    return f"{band.value} {unit} {start}{end} {band.currency}"


def _order(order: RemedyOrder) -> str:
    chooser = f" ({order.chooser} chooses)" if order.chooser else ""
    return "; then ".join(_tier(tier) for tier in order.tiers) + chooser


def _tier(tier: LawTier) -> str:
    words = ["/".join(tier.remedies)]
    if tier.when is not None:
        words.append(f"when {_condition(tier.when)}")
    if tier.when_any:
        words.append(f"{'and ' if tier.when else ''}when any of {', '.join(map(_condition, tier.when_any))}")
    if tier.attempts is not None:
        words.append(f"after {tier.attempts} attempts")
    if tier.chooser is not None:
        words.append(f"{tier.chooser} chooses")
    if tier.conditional:
        words.append("conditional")
    if tier.confidence is not None:
        words.append(tier.confidence)
    if tier.except_categories:
        words.append(f"not for {', '.join(tier.except_categories)}")
    return " ".join(words)


def _condition(condition: Condition) -> str:
    if isinstance(condition, Within):
        return f"within {condition.value} {condition.unit} of {condition.counts_from}"
    return condition.value
