"""Names in the language asked for."""

from datetime import UTC, datetime

import httpx
import pytest

from claims_api.kit import clock
from claims_api.policies.actions.names import locale_of


@pytest.fixture(autouse=True)
def _the_clock_is_set() -> None:
    clock.set_to(datetime(2026, 11, 22, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("locale", "spoken", "name", "language"),
    [
        ("de", "de", "Japan", "Japanisch (Japan)"),
        ("ja", "ja", "日本", "日本語 (日本)"),
        ("ar", "ar", "اليابان", "اليابانية (اليابان)"),
        ("fr-CA", "fr-CA", "Japon", "japonais (Japon)"),
        ("en-GB", "en-GB", "Japan", "Japanese (Japan)"),
        ("tlh", "en", "Japan", "Japanese (Japan)"),
    ],
)
async def test_a_country_and_its_languages_are_named_in_the_language(
    api: httpx.AsyncClient, locale: str, spoken: str, name: str, language: str
) -> None:
    for path in ("/v1/policies/JP", "/v1/regions/JP"):
        found = (await api.get(path, params={"locale": locale})).json()
        assert (found["locale"], found["name"]) == (spoken, name)
        assert found["language_names"] == [{"tag": "ja-JP", "name": language}]


async def test_without_a_language_names_are_english(api: httpx.AsyncClient) -> None:
    found = (await api.get("/v1/regions/DE")).json()
    assert (found["locale"], found["name"]) == ("en", "Germany")
    assert found["language_names"] == [{"tag": "de-DE", "name": "German (Germany)"}]


async def test_a_subdivision_keeps_the_name_of_the_data(api: httpx.AsyncClient) -> None:
    found = (await api.get("/v1/policies/DE-BY?locale=ja")).json()
    assert (found["locale"], found["name"]) == ("ja", "Bayern")


async def test_a_page_of_the_tree_is_named_in_the_language_and_so_is_the_next(api: httpx.AsyncClient) -> None:
    first = await api.get("/v1/regions?limit=2&locale=de")
    second = await api.get(first.links["next"]["url"])
    assert [region["name"] for region in first.json()["data"]] == ["Andorra", "Canillo"]
    assert {region["locale"] for region in second.json()["data"]} == {"de"}


async def test_holidays_are_named_in_the_language_of_the_answer(api: httpx.AsyncClient) -> None:
    names = []
    for query in ("", "&locale=de", "&locale=tlh", "&locale=th"):
        found = (await api.get(f"/v1/policies/DE-BY?delivered_on=2026-05-21{query}")).json()
        names.append(found["rules"]["withdrawal_days"]["due"]["skipped"][0]["name"])
    assert names == ["Corpus Christi", "Fronleichnam", "Corpus Christi", "วันสมโภชพระคริสตวรกาย"]


@pytest.mark.parametrize(
    ("tag", "spoken"),
    [
        ("DE-de", "de-DE"),
        ("zh-TW", "zh-Hant-TW"),  # never the other script
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("sr-Latn-RS", "sr-Latn-RS"),
        ("de-u-co-phonebk", "de"),
        ("de-1996", "de"),
        ("de-ZZ", "de-DE"),
        ("es-419", "es-419"),
        ("tlh", "en"),
        ("mul", "en"),
        ("xx-YY", "en"),
        (None, "en"),
    ],
)
def test_the_nearest_language_there_are_names_in_answers(tag: str | None, spoken: str) -> None:
    assert locale_of(tag) == spoken
