"""What the lookup may be asked, and what it answers to what it may not."""

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from claims_api.domain.contract import Facts
from claims_api.domain.policy_words import Category
from claims_api.kit import clock
from claims_api.policies.actions.resolve import policy_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST_RELEASE = "2026-11-22"
Found = dict[str, Any]


@pytest.fixture(autouse=True)
def _the_clock_is_set() -> None:
    clock.set_to(NOON)


async def ask(api: httpx.AsyncClient, region: str, **query: str) -> Found:
    answer = await api.get(f"/v1/policies/{region}", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def refused(api: httpx.AsyncClient, **query: str) -> Found:
    answer = await api.get("/v1/policies/DE", params=query)
    assert answer.status_code == 422
    return dict(answer.json())


async def test_the_answer_repeats_the_facts_it_was_asked_about(api: httpx.AsyncClient) -> None:
    facts = {
        "category": "computers",
        "condition": "used",
        "purchased_on": "2026-05-18",
        "delivered_on": "2026-05-21",
    }
    assert (await ask(api, "DE", **facts))["facts"] == facts
    assert (await ask(api, "DE"))["facts"] == dict.fromkeys(facts)


async def test_sales_on_one_side_of_every_change_share_what_a_claim_would_be_pinned_to(api: httpx.AsyncClient) -> None:
    one = await ask(api, "DE", category="computers", condition="used", delivered_on="2026-08-03", locale="de")
    other = await ask(api, "DE", category="other", condition="new", delivered_on="2026-09-03", locale="ja")
    filed = policy_of("DE", NOON.date(), Facts(contract_on=None), date(2026, 8, 3))
    assert one["id"] == other["id"] == filed.id
    older = await ask(api, "DE", delivered_on="2026-05-21")  # before the withdrawal button
    assert older["id"] != one["id"]


@pytest.mark.parametrize("category", Category)
async def test_every_category_can_be_asked_about(api: httpx.AsyncClient, category: Category) -> None:
    assert (await ask(api, "DE", category=category))["facts"]["category"] == category


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("category", "toasters"),
        ("category", ""),
        ("condition", "refurbished"),
        ("condition", "true"),
        ("purchased_on", "2026-2-30"),
        ("purchased_on", "2026-02-30"),
        ("purchased_on", "1767225600"),
        ("delivered_on", "2026-05-21T00:00:00Z"),
        ("delivered_on", "20260521"),
        ("delivered_on", "21.05.2026"),
        ("as_of", "today"),
        ("as_of", ""),
        ("locale", "de_DE"),
        ("locale", "d"),
        ("locale", "de-"),
        ("locale", "../../etc"),
        ("locale", "de" + "-aaaaa" * 6),
    ],
)
async def test_a_malformed_value_is_refused_at_its_place_and_not_repeated(
    api: httpx.AsyncClient, name: str, value: str
) -> None:
    problem = await refused(api, **{name: value})
    assert problem["code"] == "invalid-request"
    assert [error["pointer"] for error in problem["errors"]] == [f"query:{name}"]
    assert len(value) < 2 or value not in str(problem["errors"])


@pytest.mark.parametrize("name", ["purchased_on", "delivered_on"])
@pytest.mark.parametrize("day", ["1899-12-31", "2036-11-23", "9999-12-31", "0001-01-01"])
async def test_a_date_no_sale_can_have_is_refused(api: httpx.AsyncClient, name: str, day: str) -> None:
    (error,) = (await refused(api, **{name: day}))["errors"]
    assert (error["pointer"], error["code"]) == (f"query:{name}", "date-out-of-range")


@pytest.mark.parametrize("day", ["1900-01-01", "2036-11-22"])
async def test_the_first_and_the_last_date_are_answered(api: httpx.AsyncClient, day: str) -> None:
    assert (await ask(api, "DE", delivered_on=day, purchased_on=day))["facts"]["delivered_on"] == day


async def test_goods_are_not_delivered_before_they_are_bought(api: httpx.AsyncClient) -> None:
    (error,) = (await refused(api, purchased_on="2026-05-22", delivered_on="2026-05-21"))["errors"]
    assert (error["pointer"], error["code"]) == ("query:delivered_on", "delivered-before-purchase")


async def test_a_parameter_given_twice_is_refused(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/policies/DE?condition=new&condition=used")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "given-twice")


async def test_an_unknown_region_is_said_before_what_is_wrong_with_the_dates(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/policies/QQ?purchased_on=2026-05-22&delivered_on=2026-05-21")
    assert answer.status_code == 404


@pytest.mark.parametrize("day", [FIRST_RELEASE, "2026-11-23"])
async def test_a_day_of_a_release_is_answered_also_where_it_has_begun_only_elsewhere(
    api: httpx.AsyncClient, day: str
) -> None:
    found = await ask(api, "DE", as_of=day)
    assert (found["as_of"], found["statutory_release"]) == (day, "2026.11")


@pytest.mark.parametrize("day", ["2026-11-21", "1900-01-01", "0001-01-01", "2026-11-24", "9999-12-31"])
async def test_a_day_before_the_first_release_or_ahead_has_a_plain_way_out(api: httpx.AsyncClient, day: str) -> None:
    problem = await refused(api, as_of=day)
    assert (problem["code"], problem["earliest"], problem["latest"]) == ("unknown-release", FIRST_RELEASE, "2026-11-23")
    assert [error["pointer"] for error in problem["errors"]] == ["query:as_of"]


@pytest.mark.parametrize(
    ("bought", "presumed_months"), [("2026-02-28", 6), ("2026-03-01", 12)], ids=["the eve", "the first day"]
)
async def test_the_contract_chooses_the_side_of_a_changed_law(
    api: httpx.AsyncClient, bought: str, presumed_months: int
) -> None:
    rule = (await ask(api, "LI", purchased_on=bought))["rules"]["burden_of_proof_months"]
    assert (rule["value"], rule["assumed"], rule["effective_from"]) == (presumed_months, [], "2026-03-01")


async def test_without_a_contract_the_better_side_is_assumed_and_said_to_be(api: httpx.AsyncClient) -> None:
    rule = (await ask(api, "LI"))["rules"]["burden_of_proof_months"]
    assert (rule["value"], rule["assumed"]) == (12, ["contract_date"])


@pytest.mark.parametrize(("bought", "status"), [("2026-07-30", "unknown"), ("2026-07-31", "set")])
async def test_the_years_more_after_a_repair_are_those_of_the_contract(
    api: httpx.AsyncClient, bought: str, status: str
) -> None:
    rules = (await ask(api, "SK", purchased_on=bought))["rules"]
    assert rules["guarantee_extension_after_repair_months"]["status"] == status


async def test_goods_whose_price_is_not_known_have_the_longest_band_and_nothing_is_refused_on_it(
    api: httpx.AsyncClient,
) -> None:
    found = (await ask(api, "HU", category="small_appliances", condition="new", delivered_on="2026-03-02"))["guarantee"]
    assert (found["value"], found["origin"], found["may_run_out"]) == (36, "category", False)
    assert "price" in found["assumed"]
    assert found["questions"] == ["on_the_official_list_of_durable_goods"]
    assert (found["due"]["on"], found["due"]["decides"]) == ("2029-03-02", False)
    assert [(other["origin"], other["value"]) for other in found["trail"]] == [("general", 24)]


async def test_a_number_for_used_goods_that_does_not_decide_is_shown_and_the_general_one_counts(
    api: httpx.AsyncClient,
) -> None:
    found = (await ask(api, "ES", condition="used"))["guarantee"]
    assert (found["value"], found["origin"], found["assumed"]) == (36, "general", [])
    assert [(other["origin"], other["value"]) for other in found["trail"]] == [("used", 12)]


async def test_a_guarantee_by_category_is_that_of_new_goods_of_a_contract_since(api: httpx.AsyncClient) -> None:
    newer = (await ask(api, "CA-QC", category="televisions", condition="new", purchased_on="2026-10-05"))["guarantee"]
    older = (await ask(api, "CA-QC", category="televisions", condition="new", purchased_on="2026-10-04"))["guarantee"]
    assert (newer["value"], newer["origin"]) == (48, "category")
    assert older["value"] is None


async def test_every_parameter_is_described_and_its_examples_are_answered_together(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    operation = (await anonymous.get("/openapi.json")).json()["paths"]["/v1/policies/{region}"]["get"]
    asked = [one for one in operation["parameters"] if one["in"] == "query"]
    assert {one["name"] for one in asked} == {
        "category",
        "condition",
        "purchased_on",
        "delivered_on",
        "as_of",
        "locale",
    }
    assert all(one["description"] for one in asked)
    found = await ask(api, "DE", **{one["name"]: one["schema"]["examples"][0] for one in asked})
    assert (found["as_of"], found["locale"]) == ("2026-11-22", "de-DE")
    assert "unknown-release" in operation["responses"]["422"]["content"]["application/problem+json"]["examples"]
