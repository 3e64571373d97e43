"""The places: their codes and parents, money and languages, holidays and time zones, and how much is covered."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

import holidays
import pycountry
from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies

from claims_api.domain.regions import RegionKind
from claims_api.policies.actions.lint.findings import Hit
from claims_api.policies.actions.lint.sources import Book, Way

ABOVE = {RegionKind.SUBDIVISION: RegionKind.COUNTRY, RegionKind.COUNTRY: RegionKind.BLOC, RegionKind.BLOC: None}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAY = "holiday"


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(one.alpha_2 for one in pycountry.countries)


@lru_cache(maxsize=1)
def _subdivisions() -> frozenset[str]:
    return frozenset(one.code for one in pycountry.subdivisions)


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies()) & {one.alpha_3 for one in pycountry.currencies}


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # it walks the whole database each time


def unknown_codes(book: Book) -> Iterator[Hit]:
    """Countries are of ISO 3166-1, subdivisions of ISO 3166-2; a bloc has a code of neither."""
    known = {RegionKind.COUNTRY: _countries(), RegionKind.SUBDIVISION: _subdivisions()}
    for document, way, row in book.entries():
        kind, code = row.get("kind", RegionKind.COUNTRY), row["code"]
        if kind not in set(RegionKind):
            yield Hit(document, (*way, "kind"), f"`{kind}` is no kind: take one of {', '.join(RegionKind)}.")
        elif kind == RegionKind.BLOC and code in _countries() | _subdivisions():
            yield Hit(document, (*way, "code"), f"`{code}` is a code of ISO 3166: a bloc needs one of its own.")
        elif kind != RegionKind.BLOC and code not in known[RegionKind(kind)]:
            yield Hit(document, (*way, "code"), f"`{code}` is no {kind} of ISO 3166: look the code up and correct it.")


def unknown_references(book: Book) -> Iterator[Hit]:
    """The codes an entry repeats or points at, and the places with two codes."""
    for document, way, row in book.entries():
        code = None if row.get("kind") == RegionKind.BLOC else row["code"]
        if row.get("iso_3166", code) != code:
            yield Hit(document, (*way, "iso_3166"), "this is the code again, null for a bloc: write it so.")
        if row.get("related") is not None and row["related"] not in _countries():
            yield Hit(document, (*way, "related"), f"`{row['related']}` is no country of ISO 3166-1: correct it.")
    for own, country in book.shared.rows["same_as"].items():
        if own not in _subdivisions() or country not in _countries():
            sentence = f"`{own}: {country}` is no subdivision and its country code: look both up in ISO 3166."
            yield Hit(book.shared, ("same_as", own), sentence)


def duplicate_codes(book: Book) -> Iterator[Hit]:
    """A code has one entry, in one of the two files."""
    first: dict[str, str] = {}
    for document, way, row in book.entries():
        if row["code"] in first:
            sentence = f"`{row['code']}` already has an entry at {first[row['code']]}: delete one of the two."
            yield Hit(document, (*way, "code"), sentence)
        else:
            first[row["code"]] = f"{document.name}:{document.line(way)}"


def unknown_parents(book: Book) -> Iterator[Hit]:
    """A parent is an entry of the kind above, and nobody is an ancestor of itself."""
    by_code = {row["code"]: row for _, row in book.jurisdictions()}
    for way, row in book.jurisdictions():
        parent, place = row["parent"], (*way, "parent")
        if parent is None:
            continue
        if parent not in by_code:
            yield Hit(book.law, place, f"`{parent}` has no entry with law: add one, or write null.")
        elif row["code"] in {above["code"] for above in book.path(parent)}:
            yield Hit(book.law, place, f"`{row['code']}` is its own ancestor: write the parent that is above it.")
        elif by_code[parent]["kind"] != (above_kind := ABOVE.get(row["kind"])):
            sentence = (
                f"`{parent}` is a {by_code[parent]['kind']}: above a {row['kind']} stands {above_kind or 'nothing'}."
            )
            yield Hit(book.law, place, sentence)


def unknown_currencies(book: Book) -> Iterator[Hit]:
    """Currencies are of ISO 4217, in use or known to CLDR."""
    for document, way, row in book.entries():
        listed: list[tuple[Way, str | None]] = [(("currency",), row.get("currency"))]
        listed += [(("other_currencies", at), one) for at, one in enumerate(row.get("other_currencies", ()))]
        for step, money in listed:
            if money is not None and money not in _currencies():
                yield Hit(document, (*way, *step), f"`{money}` is no currency of ISO 4217: correct the code.")


def unknown_languages(book: Book) -> Iterator[Hit]:
    """Languages are tags of BCP 47."""
    for document, way, row in book.entries():
        for at, tag in enumerate(row.get("languages", ())):
            if not _is_language(tag):
                sentence = f"`{tag}` is no language tag: write it as language-COUNTRY (BCP 47)."
                yield Hit(document, (*way, "languages", at), sentence)


def holiday_calendars(book: Book) -> Iterator[Hit]:
    """Every place with law has its own published table; a territory may say that there is none."""
    published = holidays.list_supported_countries(include_aliases=False)
    for document, way, row in book.entries():
        table, place = row.get("holiday_calendar"), (*way, "holiday_calendar")
        if table is None:
            if document is book.law and row["kind"] != RegionKind.BLOC:
                yield Hit(document, place, "there is no holiday calendar: add its country and subdivision.")
            continue
        country, subdivision = table["country"], table["subdivision"]
        own = country if subdivision is None else f"{country}-{subdivision}"
        if country not in published or (subdivision is not None and subdivision not in published[country]):
            yield Hit(document, place, f"no table is published for `{own}`: take one that `holidays` knows.")
        elif own != row["code"]:
            yield Hit(document, place, f"the table of `{own}` is not the place's own: write that of `{row['code']}`.")


def unknown_zones(book: Book) -> Iterator[Hit]:
    """Zones are of the IANA database; a place with law has one of its own or of an ancestor."""
    for document, way, row in book.entries():
        listed: list[tuple[Way, str | None]] = [(("time_zone",), row.get("time_zone"))]
        listed += [(("time_zones", at), zone) for at, zone in enumerate(row.get("time_zones", ()))]
        for step, zone in listed:
            if zone is not None and zone not in _zones():
                yield Hit(document, (*way, *step), f"`{zone}` is no zone of the IANA database: correct the name.")
        is_place = document is book.law and row["kind"] != RegionKind.BLOC
        if is_place and not any(one.get("time_zone") for one in book.path(row["code"])):
            yield Hit(document, (*way, "time_zone"), "no time zone here or above: add the main one.")


def zone_order(book: Book) -> Iterator[Hit]:
    """Of several zones, the main one among them, the easternmost comes first: by standard offset, then by longitude."""
    for document, way, row in book.entries():
        zones, main = row.get("time_zones"), row.get("time_zone")
        if zones is None or not set(zones) <= _zones():
            continue
        place = (*way, "time_zones")
        if main is not None and main not in zones:
            yield Hit(document, place, f"the main zone `{main}` is not among them: add it.")
        in_order = sorted(zones, key=lambda zone: _eastness(zone, book.law.rows["as_of"]), reverse=True)
        if zones != in_order:
            yield Hit(document, place, f"easternmost first is [{', '.join(in_order)}]: put them in this order.")


def unknown_days(book: Book) -> Iterator[Hit]:
    """Weekends and days off are days of the week; a day off may also be a holiday."""
    for document, way, row in book.entries():
        listed: list[tuple[Way, str, tuple[str, ...]]] = []
        listed += [((*way, "weekend", at), day, DAYS) for at, day in enumerate(row.get("weekend", ()))]
        over = row.get("period_rule", {}).get("over", ())
        listed += [((*way, "period_rule", "over", at), day, (*DAYS, HOLIDAY)) for at, day in enumerate(over)]
        for place, day, known in listed:
            if day not in known:
                yield Hit(document, place, f"`{day}` is no day: take one of {', '.join(known)}.")


def _is_language(tag: str) -> bool:
    language, *rest = tag.split("-")
    try:
        Locale.parse(tag, sep="-")
    except UnknownLocaleError:  # Babel knows the locales of CLDR only; the parts may be right all the same
        if len(language) not in (2, 3):
            return False
        known = pycountry.languages.get(**{f"alpha_{len(language)}": language})
        return known is not None and set(rest) <= _countries() | {one.alpha_4 for one in pycountry.scripts}
    except ValueError:
        return False
    return True


def _eastness(zone: str, as_of: str) -> tuple[timedelta, float]:
    """The standard offset in the year of the release, and the longitude where the database gives one."""
    year, place = date.fromisoformat(as_of).year, ZoneInfo(zone)
    moments = [datetime(year, month, 15, tzinfo=place) for month in (1, 7)]
    offsets = [(one.utcoffset() or timedelta()) - (one.dst() or timedelta()) for one in moments]
    return max(offsets), _longitudes().get(zone, 0.0)


@lru_cache(maxsize=1)
def _longitudes() -> dict[str, float]:
    """Longitudes of the principal places (`zone.tab`: ±DDDMM or ±DDDMMSS after the latitude), in degrees."""
    text = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return {row[2]: _degrees(row[1]) for row in rows}


def _degrees(position: str) -> float:
    at = max(position.rfind("+"), position.rfind("-"))
    digits = position[at + 1 :].ljust(7, "0")
    whole = int(digits[:3]) + int(digits[3:5]) / 60 + int(digits[5:7]) / 3600
    return -whole if position[at] == "-" else whole
