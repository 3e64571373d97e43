"""What the lookup says of every region of the world, as bytes."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from claims_api.domain.policy_dates import SaleDates
from claims_api.domain.policy_words import Category, RuleField
from claims_api.domain.regions import RegionKind
from claims_api.policies import queries
from claims_api.policies.actions import answer
from claims_api.policies.actions.resolve import policy_of
from claims_api.policies.data import build
from claims_api.policies.schemas import PolicyAnswer, PolicyQuestion, RegionAnswer
from claims_api.policies.schemas.question import GoodsCondition
from claims_api.policies.schemas.rendering import Asked

TODAY = date(2026, 11, 22)
LARGEST_ANSWER_BYTES = 90_000
REGIONS = queries.statute().regions
COUNTRIES = [code for code, region in REGIONS.items() if region.kind is RegionKind.COUNTRY]
SUBDIVISIONS = [code for code, region in REGIONS.items() if region.kind is RegionKind.SUBDIVISION]


WITH_ALL_FACTS = Asked(
    "",
    TODAY,
    Category.SMALL_APPLIANCES,
    GoodsCondition.USED,
    SaleDates(purchased_on=date(2026, 5, 18), delivered_on=date(2026, 5, 21)),
    "ar",
)


def body_of(code: str, day: date = TODAY) -> bytes:
    return answer.policy_rendered(Asked(code, day)).body


@pytest.mark.parametrize("asked", [Asked("", TODAY), WITH_ALL_FACTS], ids=["no facts", "all facts"])
@pytest.mark.parametrize("code", COUNTRIES)
def test_every_country_answers_and_the_bytes_are_those_of_the_model(code: str, asked: Asked) -> None:
    body = answer.policy_rendered(replace(asked, region=code)).body
    shown = PolicyAnswer.model_validate_json(body)
    assert shown.model_dump_json(exclude_unset=True, by_alias=True).encode() == body
    assert len(body) < LARGEST_ANSWER_BYTES


def test_every_subdivision_answers_from_somewhere_and_says_whether_it_is_its_own() -> None:
    entries = queries.statute().entries
    for code in SUBDIVISIONS:
        policy = policy_of(code, TODAY).policy
        assert policy.path[0] == code
        assert policy.own_entry is (code in entries)
        assert set(policy.rules) == set(RuleField)


def test_every_region_is_in_the_tree_as_the_model_says() -> None:
    for code in REGIONS:
        body = answer.region_rendered(code).body
        assert RegionAnswer.model_validate_json(body).model_dump_json().encode() == body


def test_every_answer_shows_the_twenty_rules_and_the_category_guarantees() -> None:
    shown = json.loads(body_of("GP"))["rules"]
    assert set(shown) == {*RuleField, "category_guarantees"}


def test_what_is_not_established_is_unknown_and_says_who_decides_instead() -> None:
    shown = json.loads(body_of("GP"))
    rules = [rule for name, rule in shown["rules"].items() if name != "category_guarantees"]
    assert {rule["status"] for rule in rules if rule["layer"] == "statutory"} == {"unknown"}
    assert {rule["layer"] for rule in rules} == {"statutory", "standard"}
    assert (shown["coverage"], shown["own_entry"]) == ("none", False)
    assert shown["notes"][0].startswith("Statutory position not established")


@pytest.mark.parametrize(("code", "law"), [("DE-BY", "DE"), ("FR-01", "FR"), ("GB-GLG", "GB-SCT"), ("CN-HK", "HK")])
def test_a_place_without_an_entry_names_the_law_that_answers(code: str, law: str) -> None:
    notes = json.loads(body_of(code))["notes"]
    assert notes[-1] == f"No entry of its own: answered from the law of {law}; local law may add to it."


def test_the_order_of_remedies_has_the_shape_of_the_contract() -> None:
    order = json.loads(body_of("DE-BY"))["rules"]["remedy_hierarchy"]
    reasons = ["cure_failed", "repair_time_passed", "seller_refused", "major_failure"]
    assert order["tiers"] == [
        {"remedies": ["repair", "replacement"], "when": "always"},
        {"remedies": ["price_reduction"], "when_any": reasons},
        {"remedies": ["refund"], "when": "not_minor", "when_any": reasons},
    ]
    assert (order["status"], order["chooser"], order["region"]) == ("set", "consumer", "DE")


def test_members_only_some_rules_have_are_there_only_then() -> None:
    rules = json.loads(body_of("GB"))["rules"]
    stops = {"minimum_left": {"value": 7, "unit": "calendar_days"}}
    assert rules["immediate_rejection_days"]["stops_during_cure"] == stops
    assert "stops_during_cure" not in rules["withdrawal_days"]


def test_a_price_band_keeps_the_words_of_the_law() -> None:
    (found,) = json.loads(body_of("HU"))["rules"]["category_guarantees"]
    assert found["price_bands"] == [
        {"currency": "HUF", "from": 10000, "to": 250000, "value": 24},
        {"currency": "HUF", "above": 250000, "to": None, "value": 36},
    ]


def test_the_same_values_have_the_same_pin_on_another_day_but_another_entity_tag() -> None:
    one, other = (policy_of("DE-BY", day).id for day in (TODAY, date(2026, 11, 23)))
    assert one == other
    tags = {answer.policy_rendered(Asked("DE-BY", day)).etag for day in (TODAY, date(2026, 11, 23))}
    assert len(tags) == 2


def test_the_pin_is_the_hash_in_base32() -> None:
    pinned = policy_of("DE-BY", TODAY)
    assert (len(pinned.content_hash), len(pinned.id)) == (32, len("pol_") + 52)


def test_no_two_places_share_a_pin() -> None:
    pins = {code: policy_of(code, TODAY).id for code in COUNTRIES}
    assert len(set(pins.values())) == len(pins)


@pytest.mark.parametrize("operation", ["list_regions", "read_region", "read_policy"])
def test_every_operation_has_its_example(operation: str) -> None:
    examples = json.loads((build.FOLDER / "examples.json").read_text(encoding="utf-8"))
    assert examples[operation]["response"]["200"]


@pytest.mark.parametrize("locale", ["en", "de"])
def test_answers_without_dates_are_kept_up_to_a_bound_and_answers_with_dates_are_not(locale: str) -> None:
    dated = replace(WITH_ALL_FACTS, region="DE-BY", locale=locale)
    assert answer.policy_rendered(dated) is not answer.policy_rendered(dated)
    assert dated not in answer._kept
    for code in SUBDIVISIONS[: answer.KEPT_ANSWERS + 1]:
        answer._keep(Asked(code, TODAY, locale=locale), answer.Rendered(b"", ""))
    assert len(answer._kept) == answer.KEPT_ANSWERS
    assert Asked(SUBDIVISIONS[0], TODAY, locale=locale) not in answer._kept
    answer._kept.clear()


async def test_the_answer_used_longest_ago_goes_first() -> None:
    question, noon = PolicyQuestion(), datetime(2026, 11, 22, 12, tzinfo=UTC)
    answer._kept.clear()
    first = await answer.read_policy("DE", question, noon)
    await answer.read_policy("FR", question, noon)
    assert await answer.read_policy("DE", question, noon) is first
    assert [asked.region for asked in answer._kept] == ["FR", "DE"]


def test_the_service_needs_neither_yaml_nor_the_iso_lists_and_no_holiday_table_without_a_date() -> None:
    code = (
        "import sys, datetime; from claims_api.policies import routes, queries; "
        "from claims_api.policies.actions import answer; from claims_api.policies.schemas.rendering import Asked; "
        "answer.policy_rendered(Asked(next(iter(queries.statute().entries.keys() - {'EU', 'EEA'})), "
        "datetime.date(2026, 11, 22))); loaded = sys.modules.keys(); print({'yaml', 'pycountry'} & loaded, "
        "len([one for one in loaded if one.startswith('holidays.countries.')]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set() 0"
