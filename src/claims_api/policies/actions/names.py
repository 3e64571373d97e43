"""Names of places and languages in the language asked for, from CLDR as the package `babel` has it.

The package reads the names of a language when it is first asked for (some 10 ms) and keeps them for the process.
"""

from functools import lru_cache

from babel import Locale, UnknownLocaleError

from claims_api.domain.regions import Region, RegionKind
from claims_api.policies.schemas.rendering import Names

ENGLISH = "en"
KEPT_TAGS = 1_024
SCRIPT_LETTERS = 4


@lru_cache(maxsize=KEPT_TAGS)
def locale_of(tag: str | None) -> str:
    """The tag of the language that answers to a well-formed one: itself, a near one, or English."""
    if tag is None:
        return ENGLISH
    language, *rest = tag.split("-")
    script = next((part for part in rest[:1] if len(part) == SCRIPT_LETTERS), None)
    # Without its extensions and variants a tag may still be known with script and territory.
    place = next((part for part in rest[bool(script) : 2] if len(part) in (2, 3)), None)
    nearest = ("-".join(filter(None, parts)) for parts in ((language, script, place), (language, script), (language,)))
    return next((str(found).replace("_", "-") for one in nearest if (found := _known(one))), ENGLISH)


def names_of(region: Region, languages: tuple[str, ...], locale: str) -> Names:
    """The names of a region and its languages. `locale` is one of `locale_of`."""
    return Names(locale, _place(region, locale), tuple((tag, _language(tag, locale)) for tag in languages))


def _place(region: Region, locale: str) -> str:
    """English names are those of our own data, and so are subdivisions: CLDR's are not in the package."""
    spoken = _read(locale)
    if region.kind is RegionKind.SUBDIVISION or spoken.language == ENGLISH:
        return region.name
    return spoken.territories.get(region.code) or region.name


def _language(tag: str, locale: str) -> str:
    """The name of a tag's language with its script and territory; English where the locale lacks it, else the tag."""
    for spoken in (_read(locale), _read(ENGLISH)):
        language, *rest = tag.split("-")
        name = spoken.languages.get(language)
        if name:
            parts = [spoken.scripts.get(part) or spoken.territories.get(part) or part for part in rest]
            return f"{name} ({', '.join(parts)})" if parts else str(name)
    return tag


def _known(tag: str) -> Locale | None:
    try:
        found = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
    # Some languages are there without names of their own.
    return found if found.territories and found.languages else None


def _read(locale: str) -> Locale:
    return Locale.parse(locale, sep="-")
