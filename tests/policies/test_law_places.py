"""The places of the law's data: every code, currency, language, zone and calendar is one; the built form is fresh."""

from itertools import pairwise
from typing import Any
from zoneinfo import available_timezones

import holidays
import pycountry
import pytest
import yaml
from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies

from claims_api.domain.regions import RegionKind
from claims_api.policies import queries
from claims_api.policies.data import build

DAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
Row = dict[str, Any]


def read(name: str) -> Any:
    return yaml.safe_load((build.FOLDER / name).read_text(encoding="utf-8"))


LAW, PLACES = read("statutory.yaml"), read("territories.yaml")
JURISDICTIONS: list[Row] = LAW["jurisdictions"]
TERRITORIES: list[Row] = PLACES["territories"]
EVERY: list[Row] = [*JURISDICTIONS, *TERRITORIES]
COUNTRIES = {country.alpha_2 for country in pycountry.countries}
SUBDIVISIONS = {one.code for one in pycountry.subdivisions}


def codes(rows: list[Row]) -> list[str]:
    return [row["code"] for row in rows]


@pytest.mark.parametrize("name", ["statute.json", "regions.json"])
def test_the_built_form_is_what_a_fresh_build_gives(name: str) -> None:
    assert (build.FOLDER / name).read_text(encoding="utf-8") == build.build()[name]


def test_the_examples_are_what_the_service_answers() -> None:
    assert (build.FOLDER / "examples.json").read_text(encoding="utf-8") == build.build_examples()["examples.json"]


def test_the_two_files_together_have_every_country_once() -> None:
    countries = [row["code"] for row in JURISDICTIONS if row["kind"] == "country"] + codes(TERRITORIES)
    assert len(countries) == len(set(countries)) == 249
    assert set(countries) == COUNTRIES


def test_every_code_is_a_code() -> None:
    assert {row["code"] for row in JURISDICTIONS if row["kind"] == "bloc"} == {"EU", "EEA"}
    assert {row["code"] for row in JURISDICTIONS if row["kind"] == "subdivision"} <= SUBDIVISIONS
    assert len(codes(EVERY)) == len(set(codes(EVERY)))
    assert {row["related"] for row in TERRITORIES} - {None} <= COUNTRIES


def test_every_parent_is_an_entry_of_the_kind_above() -> None:
    kinds = {row["code"]: row["kind"] for row in JURISDICTIONS}
    above = {"subdivision": "country", "country": "bloc"}
    assert not [row["code"] for row in JURISDICTIONS if row["parent"] and kinds[row["parent"]] != above[row["kind"]]]


def test_places_with_two_codes_are_a_subdivision_and_a_country() -> None:
    shared = read("shared_codes.yaml")["same_as"]
    assert set(shared) <= SUBDIVISIONS
    assert set(shared.values()) <= COUNTRIES


def test_every_subdivision_that_ends_in_the_code_of_a_territory_of_its_country_is_listed_as_one_place() -> None:
    twins = {f"{row['related']}-{row['code']}" for row in TERRITORIES if row["related"]} & SUBDIVISIONS
    assert twins <= set(read("shared_codes.yaml")["same_as"])


def test_every_currency_is_one() -> None:
    listed = {row.get("currency") for row in EVERY} | {one for row in EVERY for one in row.get("other_currencies", [])}
    guarantees = [one for row in JURISDICTIONS for one in row.get("category_guarantees", [])]
    bands = {band["currency"] for one in guarantees for band in one.get("price_bands", [])}
    assert (listed | bands) - {None} <= list_currencies() & {one.alpha_3 for one in pycountry.currencies}


def test_every_language_is_one() -> None:
    tags = {tag for row in EVERY for tag in row.get("languages") or []}
    unknown = set()
    for tag in tags:
        language, *rest = tag.split("-")
        try:
            Locale.parse(tag, sep="-")
        except UnknownLocaleError:  # Babel knows the locales of CLDR only; the parts may be right all the same
            known = pycountry.languages.get(**{f"alpha_{len(language)}": language})
            if known is None or not set(rest) <= COUNTRIES | {one.alpha_4 for one in pycountry.scripts}:
                unknown.add(tag)
    assert unknown == set()


def test_every_time_zone_is_one() -> None:
    zones = {zone for row in EVERY for zone in [row.get("time_zone"), *row.get("time_zones", [])]}
    assert zones - {None} <= available_timezones()


def test_the_main_time_zone_is_among_several() -> None:
    assert not [
        row["code"]
        for row in EVERY
        if row.get("time_zone") and row["time_zone"] not in row.get("time_zones", [row["time_zone"]])
    ]


def test_every_weekend_has_days() -> None:
    assert {day for row in EVERY for day in row.get("weekend", [])} <= DAYS


def test_every_holiday_table_is_published_and_is_the_place_s_own() -> None:
    published = holidays.list_supported_countries(include_aliases=False)
    for row in EVERY:
        if table := row.get("holiday_calendar"):
            country, subdivision = table["country"], table["subdivision"]
            assert country in published
            assert subdivision is None or subdivision in published[country]
            assert row["code"] == "-".join(filter(None, (country, subdivision)))


def test_the_tree_has_every_country_and_subdivision_of_iso_3166_and_two_blocs() -> None:
    regions = queries.statute().regions
    kinds = {kind: {code for code, one in regions.items() if one.kind is kind} for kind in RegionKind}
    assert kinds == {
        RegionKind.BLOC: {"EU", "EEA"},
        RegionKind.COUNTRY: COUNTRIES,
        RegionKind.SUBDIVISION: SUBDIVISIONS,
    }


def test_every_region_hangs_on_one_of_its_own_country() -> None:
    regions = queries.statute().regions
    for region in regions.values():
        if region.kind is RegionKind.SUBDIVISION:
            assert region.parent is not None
            assert regions[region.parent].country == region.country == region.code[:2]


def test_the_regions_are_in_the_order_of_their_codes() -> None:
    assert all(one < other for one, other in pairwise(queries.statute().regions))
