"""A claim shows what the clauses of its policy mean in days, from its submission on."""

from datetime import UTC, date, datetime

import httpx

from claims_api.kit import clock
from tests.support.claims import Team, kettle, key, line

SUBMITTED_AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
ORDER = {"purchased_on": "2026-03-02", "delivered_on": "2026-03-05"}


def on(claim: dict[str, dict[str, list[dict[str, str]]]], rule: str) -> str:
    (found,) = (each["on"] for each in claim["policy"]["dates"] if each["rule"] == rule)
    return found


async def test_the_law_s_reply_is_a_date_the_customer_sees(team: Team) -> None:
    clock.set_to(SUBMITTED_AT)
    claim = await team.file(region="PL", locale="pl-PL", order=ORDER)
    assert on(claim, "complaint_reply_days") == "2026-12-08"
    token: httpx.AsyncClient = await team.customer(claim)
    assert (await token.get("/v1/track")).json()["policy"]["dates"] == claim["policy"]["dates"]


async def test_a_draft_has_no_dates_until_it_is_submitted(team: Team) -> None:
    clock.set_to(SUBMITTED_AT)
    draft = await team.file(draft=True, order=ORDER)
    assert draft["policy"] is None or draft["policy"]["dates"] == []
    filed = await team.done("storefront", draft, "submit")
    assert on(filed, "statutory_guarantee_months") == "2028-03-06"
    assert (await team.read(filed))["policy"]["dates"] == filed["policy"]["dates"]


async def test_dates_stay_what_they_were_however_late_a_step_is_taken(team: Team) -> None:
    clock.set_to(SUBMITTED_AT)
    claim = await team.file(order=ORDER)
    clock.set_to(datetime(2026, 12, 20, 9, tzinfo=UTC))
    assert (await team.done("agent", claim, "start_review"))["policy"]["dates"] == claim["policy"]["dates"]


async def test_a_holiday_is_named_in_the_claim_s_language(team: Team) -> None:
    """14 days from 23 December end on Epiphany, which Bavaria keeps."""
    clock.set_to(datetime(2026, 12, 28, 9, tzinfo=UTC))
    order = {"purchased_on": "2026-12-20", "delivered_on": "2026-12-23", "sales_channel": "distance"}
    lines = [line(issue={"code": "changed_mind"}, requested_remedy="refund")]
    claim = await team.file(region="DE-BY", order=order, lines=lines)
    (withdrawal,) = claim["policy"]["dates"]
    assert (withdrawal["rule"], withdrawal["on"]) == ("withdrawal_days", "2027-01-07")
    assert withdrawal["skipped"] == [{"on": "2027-01-06", "name": "Heilige Drei Könige"}]


async def test_the_claim_s_own_zone_counts_before_the_country_s(team: Team) -> None:
    clock.set_to(SUBMITTED_AT)
    ends = [
        each["at"]
        for zone in (None, "Atlantic/Canary")
        for each in (await team.file(region="ES", order=ORDER, time_zone=zone))["policy"]["dates"]
        if each["rule"] == "statutory_guarantee_months"
    ]
    assert ends[0] <= ends[1]
    assert ends[1].startswith("2029-03-0")


async def test_fifty_lines_of_one_kind_say_each_end_once(team: Team) -> None:
    clock.set_to(SUBMITTED_AT)
    client = await team.of("storefront")
    answer = await client.post("/v1/claims", json=kettle(order=ORDER, lines=[line()] * 50), headers=key())
    guarantees = [one for one in answer.json()["policy"]["dates"] if one["rule"] == "statutory_guarantee_months"]
    assert [one["positions"] for one in guarantees] == [list(range(1, 51))]
    assert date.fromisoformat(guarantees[0]["on"]) > SUBMITTED_AT.date()


async def test_a_window_of_the_customer_never_ends_on_a_day_off(team: Team) -> None:
    """30 days from 25 November end on Christmas Day; Boxing Day and a Sunday follow."""
    clock.set_to(datetime(2026, 11, 25, 9, tzinfo=UTC))
    claim = await team.brought_to("rejected")
    assert (await team.read(claim))["appeal_until"] == "2026-12-28T23:00:00Z"
