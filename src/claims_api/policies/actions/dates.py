"""The ends of a policy's periods for one sale, counted on the holiday tables of its place."""

from claims_api.domain.guarantees import Guarantee
from claims_api.domain.policy import Policy
from claims_api.domain.policy_dates import SaleDates, due_of, dues_of, years_of
from claims_api.domain.policy_words import RuleField
from claims_api.policies.actions.calendars import working_calendar
from claims_api.policies.schemas.rendering import Ends

GENERAL = RuleField.STATUTORY_GUARANTEE_MONTHS


def ends_of(policy: Policy, guarantee: Guarantee, sale: SaleDates, language: str) -> Ends:
    """When everything ends that starts with a day of the sale; nothing where no day is known.

    Slow on the first use of a holiday table (some 50 ms): not for the event loop.
    """
    by_category = tuple(one.rule.said for one in policy.category_guarantees)
    if not sale.are_known:
        return Ends({}, (None,) * len(by_category), None)
    place, said = policy.calendar, guarantee.rule.said
    periods = (*(rule.said for rule in policy.rules.values()), *by_category, said)
    working = working_calendar(place, sorted(years_of(periods, sale)), language)
    return Ends(
        rules=dict(dues_of(policy, sale, working)),
        by_category=tuple(due_of(GENERAL, one, sale, place, working) for one in by_category),
        guarantee=due_of(GENERAL, said, sale, place, working),
    )
