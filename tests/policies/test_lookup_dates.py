"""The days on which things end, as the lookup says them; counted by hand with a calendar on the wall."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from claims_api.kit import clock

Found = dict[str, Any]


@pytest.fixture(autouse=True)
def _the_clock_is_set() -> None:
    clock.set_to(datetime(2026, 11, 22, 12, tzinfo=UTC))


async def ask(api: httpx.AsyncClient, region: str, **query: str) -> Found:
    answer = await api.get(f"/v1/policies/{region}", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def dated(found: Found) -> set[str]:
    rules = found["rules"].items()
    return {name for name, rule in rules if name != "category_guarantees" and "due" in rule}


async def test_a_guarantee_that_ends_on_a_holiday_of_the_land_ends_the_day_after(api: httpx.AsyncClient) -> None:
    found = await ask(api, "DE-BY", delivered_on="2024-06-04", locale="de")
    due = {
        "at": "2026-06-05T22:00:00Z",
        "on": "2026-06-05",
        "zone": "Europe/Berlin",
        "counted": {"value": 24, "unit": "months"},
        "rolled": True,
        "skipped": [{"on": "2026-06-04", "name": "Fronleichnam"}],
        "holidays_known": True,
        "decides": True,
    }
    assert found["guarantee"]["due"] == found["rules"]["statutory_guarantee_months"]["due"] == due
    elsewhere = await ask(api, "DE-BE", delivered_on="2024-06-04", locale="de")
    assert elsewhere["guarantee"]["due"]["on"] == "2026-06-04"


async def test_goods_may_be_rejected_until_the_thirtieth_day(api: httpx.AsyncClient) -> None:
    rule = (await ask(api, "GB", delivered_on="2026-03-02"))["rules"]["immediate_rejection_days"]
    assert (rule["due"]["on"], rule["due"]["at"], rule["due"]["decides"]) == (
        "2026-04-01",
        "2026-04-01T23:00:00Z",
        True,
    )
    assert rule["stops_during_cure"] == {"minimum_left": {"value": 7, "unit": "calendar_days"}}


async def test_seven_days_to_withdraw_roll_over_a_sunday_and_a_feast(api: httpx.AsyncClient) -> None:
    due = (await ask(api, "TW", delivered_on="2026-09-20", locale="zh-TW"))["rules"]["withdrawal_days"]["due"]
    assert (due["counted"], due["on"]) == ({"value": 7, "unit": "calendar_days"}, "2026-09-29")
    assert due["skipped"] == [{"on": "2026-09-27", "name": "sun"}, {"on": "2026-09-28", "name": "孔子誕辰紀念日"}]


async def test_a_reply_we_owe_has_its_length_but_no_day_before_there_is_a_complaint(api: httpx.AsyncClient) -> None:
    found = await ask(api, "PL", purchased_on="2026-12-09", delivered_on="2026-12-11")
    reply = found["rules"]["complaint_reply_days"]
    assert (reply["value"], reply["unit"], reply["counts_from"]) == (14, "calendar_days", "complaint_received")
    assert "due" not in reply
    assert dated(found) == {"statutory_guarantee_months", "burden_of_proof_months", "withdrawal_days"}
    assert found["rules"]["withdrawal_days"]["due"]["on"] == "2026-12-28"  # 25 and 26 are holidays, 27 is a Sunday


async def test_without_a_day_nothing_ends(api: httpx.AsyncClient) -> None:
    found = await ask(api, "PL")
    assert dated(found) == set()
    assert found["guarantee"]["due"] is None


async def test_a_purchase_alone_ends_nothing_that_starts_with_the_delivery(api: httpx.AsyncClient) -> None:
    assert dated(await ask(api, "DE", purchased_on="2026-05-18")) == set()


async def test_where_a_country_has_several_zones_the_customers_day_ends_in_the_last(api: httpx.AsyncClient) -> None:
    whole = (await ask(api, "US", delivered_on="2026-03-02"))["rules"]["limitation_period_months"]["due"]
    state = (await ask(api, "US-CA", delivered_on="2026-03-02"))["rules"]["limitation_period_months"]["due"]
    assert (whole["zone"], whole["at"]) == ("Pacific/Honolulu", "2030-03-05T10:00:00Z")
    assert (state["zone"], state["at"]) == ("America/Los_Angeles", "2030-03-05T08:00:00Z")


async def test_a_weekend_of_friday_and_saturday_is_rolled_over(api: httpx.AsyncClient) -> None:
    found = await ask(api, "EG", delivered_on="2026-06-05")
    due = found["rules"]["withdrawal_days"]["due"]  # 14 days: Friday the 19th
    assert found["calendar"]["weekend"] == ["fri", "sat"]
    assert [day["name"] for day in due["skipped"]] == ["fri", "sat"]
    assert due["on"] == "2026-06-21"


async def test_a_place_whose_law_sets_no_period_ends_nothing_and_keeps_its_week(api: httpx.AsyncClient) -> None:
    found = await ask(api, "AE", delivered_on="2026-03-02")
    assert found["calendar"]["weekend"] == ["sat", "sun"]
    assert dated(found) == set()
    assert found["guarantee"]["value"] is None


async def test_a_territory_without_law_answers_without_a_day_and_by_the_standard(api: httpx.AsyncClient) -> None:
    found = await ask(api, "AQ", category="other", condition="new", delivered_on="2026-03-02")
    assert (found["coverage"], dated(found)) == ("none", set())
    shown = found["guarantee"]
    assert (shown["status"], shown["value"], shown["due"], shown["may_run_out"]) == ("unknown", None, None, False)
    assert found["service"]["decide"]["value"] == 5


async def test_what_counts_from_the_purchase_ends_without_a_delivery(api: httpx.AsyncClient) -> None:
    found = await ask(api, "KZ", purchased_on="2026-06-01")
    rule = found["rules"]["withdrawal_days"]
    assert (rule["counts_from"], rule["value"], rule["due"]["on"]) == ("purchase", 14, "2026-06-15")
    assert dated(found) == {"withdrawal_days"}


async def test_an_uncertain_number_has_a_day_that_decides_nothing(api: httpx.AsyncClient) -> None:
    rule = (await ask(api, "DE", delivered_on="2024-06-04"))["rules"]["used_goods_guarantee_months"]
    assert rule["flags"]
    assert (rule["due"]["on"], rule["due"]["decides"]) == ("2025-06-04", False)
