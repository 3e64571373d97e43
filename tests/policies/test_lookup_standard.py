"""What the global standard adds to an answer."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from claims_api.domain.standard import DEFAULT_ISSUE, ServiceTerm
from claims_api.kit import clock
from claims_api.policies import queries

Found = dict[str, Any]


@pytest.fixture(autouse=True)
def _the_clock_is_set() -> None:
    clock.set_to(datetime(2026, 11, 22, 12, tzinfo=UTC))


async def ask(api: httpx.AsyncClient, region: str) -> Found:
    return dict((await api.get(f"/v1/policies/{region}")).json())


async def test_every_term_says_who_owes_it_from_when_and_by_whose_word(api: httpx.AsyncClient) -> None:
    found = await ask(api, "DE")
    assert found["service"].keys() == set(ServiceTerm)
    assert found["service"]["acknowledge"] == {
        "value": 1,
        "unit": "business_days",
        "starts_with": "submitted",
        "owed_by": "us",
        "meaning": queries.standard().service[ServiceTerm.ACKNOWLEDGE].meaning,
        "layer": "standard",
    }
    assert found["standard_release"] == queries.standard().release


async def test_every_issue_says_what_to_bring_and_there_is_one_for_all_others(api: httpx.AsyncClient) -> None:
    listed = {one["issue"]: one for one in (await ask(api, "JP"))["documents"]}
    assert listed.keys() == set(queries.standard().documents)
    assert DEFAULT_ISSUE in listed
    receipt, statement, *_ = listed["does_not_switch_on"]["items"]
    assert (receipt["code"], receipt["requirement"], receipt["met_by"]) == (
        "proof_of_purchase",
        "required",
        ["order_ref"],
    )
    assert (receipt["group"], receipt["instead_of"]) == (None, None)
    assert (statement["requirement"], statement["instead_of"]) == ("alternative_to", "proof_of_purchase")
    assert listed["does_not_switch_on"]["remedies"][0] == "guidance"
    assert "/order/ref" in listed["does_not_switch_on"]["fields"]


async def test_who_pays_for_the_way_back_is_said_by_ground_with_whose_word_it_is(api: httpx.AsyncClient) -> None:
    german, nowhere = (await ask(api, "DE"))["return_cost"], (await ask(api, "AQ"))["return_cost"]
    assert german["withdrawal"] == {"bearer": "consumer", "layer": "statutory", "region": "EU"}
    assert (german["defect"]["bearer"], german["defect"]["layer"]) == ("seller", "statutory")
    ours = {"bearer": "seller", "layer": "standard", "region": None}
    assert nowhere == {"defect": ours, "withdrawal": ours, "delivery": ours}


async def test_a_region_without_words_of_its_own_is_spoken_to_in_the_standards_tone(api: httpx.AsyncClient) -> None:
    german, nowhere = (await ask(api, "DE"))["communication"], (await ask(api, "AQ"))["communication"]
    assert german["communication_style"]["layer"] == "statutory"
    assert nowhere["communication_style"] == {
        "formality": "formal",
        "refusal": "softened",
        "confidence": None,
        "layer": "standard",
    }
    assert german["channels"] == nowhere["channels"]


async def test_what_is_kept_says_how_long_and_why(api: httpx.AsyncClient) -> None:
    kept = (await ask(api, "DE"))["retention"]
    assert kept["evidence"] == {"months": 12, "reason": "dispute_resolution", "layer": "standard"}


async def test_the_law_speaks_against_a_seller_and_the_brand_has_no_warranty_yet(api: httpx.AsyncClient) -> None:
    found = await ask(api, "DE")
    assert (found["statutory_layer"], found["warranty"]) == ("applies", None)
