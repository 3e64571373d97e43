"""What the pinned policy says of a withdrawal, with the days off of its place."""

import asyncio
from dataclasses import replace

from claims_api.domain.claim import Claim
from claims_api.domain.commands import AcceptWithdrawal, Command, Context, Reject
from claims_api.domain.day_counting import years_to_know
from claims_api.domain.policy import Policy, Rule, may_decide
from claims_api.domain.policy_law import Span
from claims_api.domain.policy_words import Confidence, CountsFrom, RuleField, RuleStatus, StatutoryLayer
from claims_api.domain.vocabulary import Ground
from claims_api.domain.withdrawals import Right, WithdrawalLaw
from claims_api.policies.actions.calendars import working_calendar


async def with_law(context: Context, claim: Claim, command: Command, policy: Policy | None) -> Context:
    """The context, and for a decision about a withdrawal its law; no other step pays for a calendar."""
    if policy is None or not is_about_withdrawal(claim, command):
        return context
    # The table of a country is loaded when it is first asked for: not on the loop, which others wait for.
    return replace(context, withdrawal=await asyncio.to_thread(law_with_days, policy, claim, context.zones))


def is_about_withdrawal(claim: Claim, command: Command) -> bool:
    """Whether the law of withdrawals has a say in a command."""
    is_about = any(line.ground is Ground.WITHDRAWAL for line in claim.lines)
    return is_about and isinstance(command, AcceptWithdrawal | Reject)


def law_with_days(policy: Policy, claim: Claim, zones: tuple[str, ...]) -> WithdrawalLaw:
    """The policy's rule with the days off that the periods of the claim's lines can end among."""
    law = law_of(policy, zones)
    years = years_of(law, claim)
    return replace(law, calendar=working_calendar(policy.calendar, years)) if years else law


def law_of(policy: Policy, zones: tuple[str, ...]) -> WithdrawalLaw:
    """The policy's rule as the domain reads it, still without days off."""
    rule, place = policy.rules[RuleField.WITHDRAWAL_DAYS], policy.calendar
    said = rule.said
    return WithdrawalLaw(
        right=_right(policy, rule),
        span=_span(rule),
        law=said.law.id if said.law else None,
        source=said.source,
        may_decide=may_decide(rule),
        starts_with_delivery=said.counts_from in (None, CountsFrom.DELIVERY),
        assumed=tuple(word.value for word in rule.assumed),
        rolls=said.rolls,
        over=place.period_rule.over if place.period_rule else (),
        is_weekend_known=place.weekend is not None and not place.weekend_disputed,
        zones=zones,
    )


def years_of(law: WithdrawalLaw, claim: Claim) -> list[int]:
    """The years whose holidays the periods of the claim's lines can end among."""
    if law.span is None:
        return []
    arrivals = {line.delivered_on for line in claim.lines if line.delivered_on}
    return sorted({year for day in arrivals for year in years_to_know(day, law.span)})


def _span(rule: Rule) -> Span | None:
    said = rule.said
    if said.status is not RuleStatus.SET or said.unit is None or not isinstance(said.value, int):
        return None
    return Span(said.value, said.unit)


def _right(policy: Policy, rule: Rule) -> Right:
    """A `none` in doubt is no `none`: it would be read against the customer."""
    if policy.statutory_layer is not StatutoryLayer.APPLIES:
        return Right.NOT_OURS
    if rule.said.status is RuleStatus.SET:
        return Right.GIVEN
    is_sure = rule.said.confidence is not Confidence.UNCERTAIN and not rule.said.flags and not rule.assumed
    return Right.NONE if rule.said.status is RuleStatus.NONE and is_sure else Right.NOT_ESTABLISHED
