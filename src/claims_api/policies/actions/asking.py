"""A question to the lookup made whole, or refused with what would do instead."""

from datetime import date, datetime

from claims_api.domain.day_counting import add_months
from claims_api.domain.policy_dates import SaleDates, furthest_today
from claims_api.kit.problems import InputError, InvalidRequest, Problem
from claims_api.policies.actions.resolve import known_region
from claims_api.policies.queries import releases
from claims_api.policies.schemas.question import PolicyQuestion
from claims_api.policies.schemas.rendering import Asked

FIRST_DAY = date(1900, 1, 1)
MONTHS_AHEAD = 120


class UnknownRelease(Problem):
    """No release of the law tells of the day in `as_of`: the days that have one run from `earliest` to `latest`."""

    code, title, status = "unknown-release", "There is no release of the law for this day.", 422
    way_out = (
        "Leave `as_of` out for the law as known today, or take a day from `earliest` to `latest`. For an older sale "
        "send `purchased_on`: a release knows which rule its contract follows."
    )


def asked_of(region: str, question: PolicyQuestion, locale: str, now: datetime) -> Asked:
    """The whole question, with today's day in UTC where none was given.

    Raises: UnknownRegion, InvalidRequest, UnknownRelease
    """
    known_region(region)
    sale = SaleDates(question.purchased_on, question.delivered_on)
    _refuse_impossible(sale, now)
    if question.as_of is not None:
        _refuse_without_release(question.as_of, now)
    as_of = question.as_of or now.date()
    return Asked(region, as_of, question.category, question.condition, sale, locale)


def _refuse_impossible(sale: SaleDates, now: datetime) -> None:
    last_day = add_months(now.date(), MONTHS_AHEAD)
    given = {"purchased_on": sale.purchased_on, "delivered_on": sale.delivered_on}
    faults = [
        InputError(f"query:{name}", "date-out-of-range", "The date must lie between 1900 and ten years from today.")
        for name, day in given.items()
        if day is not None and not FIRST_DAY <= day <= last_day
    ]
    if sale.purchased_on and sale.delivered_on and sale.delivered_on < sale.purchased_on:
        rule = "Goods are not delivered before they are bought."
        faults.append(InputError("query:delivered_on", "delivered-before-purchase", rule))
    if faults:
        raise InvalidRequest(errors=tuple(faults))


def _refuse_without_release(as_of: date, now: datetime) -> None:
    earliest, latest = releases.shipped()[0].counts_from, furthest_today(now)
    if as_of > latest or releases.release_for(as_of) is None:
        fault = InputError("query:as_of", "unknown-release", "No release of the law tells of this day.")
        raise UnknownRelease(errors=(fault,), earliest=earliest.isoformat(), latest=latest.isoformat())
