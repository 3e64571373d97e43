"""What the clauses of the pinned policy mean in days for one claim: counted once, when it is submitted, and kept."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from claims_api.claims.queries.records import Found
from claims_api.domain.claim import Claim, Line
from claims_api.domain.claim_dates import ClaimedGoods, DatedRule, claim_dates, years_that_matter
from claims_api.domain.guarantees import Goods
from claims_api.domain.money import Money
from claims_api.domain.policy import Policy
from claims_api.domain.policy_dates import SaleDates
from claims_api.domain.policy_words import Category
from claims_api.policies.actions.calendars import working_calendar

USED = "used"


def policy_dates(policy: Policy, row: Found, claim: Claim, now: datetime) -> list[dict[str, Any]]:
    """The ends of the periods that matter to the claim, as its row keeps them; holidays in the claim's language.

    The first claim of a country reads its holiday table, some milliseconds; later ones find it in memory.
    """
    if row["time_zone"]:
        here = replace(policy.calendar, time_zone=row["time_zone"], time_zones=())
        policy = replace(policy, calendar=here)
    sale = SaleDates(purchased_on=row["purchased_on"], claimed_at=now)
    filed = {line["position"]: line for line in row["lines"]}
    lines = [_goods(line, filed[line.position], sale) for line in claim.lines if line.issue_code]
    years = sorted(years_that_matter(policy, lines))
    working = working_calendar(policy.calendar, years, row["locale"] or "en")
    return [_kept(one) for one in claim_dates(policy, lines, working)]


def _goods(line: Line, filed: Mapping[str, Any], sale: SaleDates) -> ClaimedGoods:
    goods = Goods(
        category=Category(line.category) if line.category else None,
        is_new=None if filed["condition"] is None else filed["condition"] != USED,
        paid=Money(line.paid.amount_minor // line.quantity, line.paid.currency) if line.paid else None,
        expected_life_months=filed["expected_life_months"],
    )
    return ClaimedGoods(line.position, line.ground, goods, replace(sale, delivered_on=line.delivered_on))


def _kept(one: DatedRule) -> dict[str, Any]:
    due, said = one.due, one.rule.said
    return {
        "rule": one.field.value,
        "positions": list(one.positions),
        "on": due.on.isoformat(),
        "at": due.at.isoformat(),
        "zone": due.zone,
        "counted": {"value": due.counted.value, "unit": due.counted.unit.value},
        "rolled": due.rolled,
        "skipped": [{"on": day.on.isoformat(), "name": day.name} for day in due.skipped],
        "decides": one.decides,
        "layer": one.rule.layer.value,
        "law": said.law.id if said.law else None,
        "source": said.source,
    }
