"""Which releases of the law are shipped, and from which day each counts.

The running release is `data/statute.json`. An older one stays as it was built, in `data/releases/RELEASE/statute.json`.
Each file says itself what it is called and since when it counts (its `as_of`), so no list beside them can disagree.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from claims_api.domain.policy_law import Statute
from claims_api.domain.regions import Region, RegionKind
from claims_api.policies.data.reading import LawReader, territory

Row: TypeAlias = Mapping[str, Any]  # a JSON object of a built file

FOLDER = Path(__file__).parents[1] / "data"
BUILT, KEPT = "statute.json", "releases"


class ReleasesDisagree(Exception):
    """Two shipped releases with one name, or one day; the text names them."""


@dataclass(frozen=True, slots=True)
class Release:
    """An edition of the law. It counts from the first day to the eve of the next release."""

    name: str
    counts_from: date
    file: Path


@lru_cache(maxsize=8)
def shipped(folder: Path = FOLDER) -> tuple[Release, ...]:
    """Every release of the folder, oldest first.

    Raises: ReleasesDisagree, OSError where the running release is not built
    """
    every = (_release(folder / BUILT), *kept_releases(folder))
    found = sorted(every, key=lambda one: (one.counts_from, one.name))
    for name in ("name", "counts_from"):
        said = [str(getattr(one, name)) for one in found]
        twice = sorted({one for one in said if said.count(one) > 1})
        if twice:
            raise ReleasesDisagree(f"two shipped releases have the same {name}: {', '.join(twice)}")
    return tuple(found)


def kept_releases(folder: Path = FOLDER) -> tuple[Release, ...]:
    """The releases before the running one, by the names of their folders."""
    return tuple(_release(file) for file in sorted((folder / KEPT).glob(f"*/{BUILT}")))


def release_for(day: date, folder: Path = FOLDER) -> Release | None:
    """The release that counted on a day; None before the first one, when nothing was established."""
    known = shipped(folder)
    at = bisect_right([one.counts_from for one in known], day)
    return known[at - 1] if at else None


def read_built(file: Path) -> Row:
    """A built release as it stands in its file."""
    built: Row = json.loads(file.read_bytes())
    return built


def statute_of(built: Row) -> Statute:
    """The law of a built release, on a tree of its own entries alone: subdivisions without one are not in it.

    Raises: ValueError, KeyError, TypeError or AttributeError for what is no built release
    """
    jurisdictions, places = built["jurisdictions"], built.get("territories", ())
    _climb({row["code"]: row.get("parent") for row in jurisdictions})
    reader = LawReader(built)
    entries = {row["code"]: reader.entry(row) for row in jurisdictions}
    entries |= {row["code"]: territory(row) for row in places}
    return Statute(built["release"], {one.code: one for one in _regions([*jurisdictions, *places])}, entries)


def _climb(parents: Mapping[str, str | None]) -> None:
    """Refuses parents that are not there, or lead in a circle: whoever follows them would never arrive."""
    for code in parents:
        seen, above = {code}, parents[code]
        while above is not None:
            if above in seen or above not in parents:
                raise ValueError(f"{above} cannot be above {code}")
            seen.add(above)
            above = parents[above]


def _release(file: Path) -> Release:
    built = read_built(file)
    return Release(built["release"], date.fromisoformat(built["as_of"]), file)


def _regions(rows: Iterable[Row]) -> Iterable[Region]:
    for row in rows:
        kind = RegionKind(row.get("kind", RegionKind.COUNTRY))
        table = row["code"] if row.get("holiday_calendar") else None
        yield Region(row["code"], row["name"], kind, row.get("parent"), table)
