"""Reads the shipped law, the standard and the tree of regions; they are part of the release and live in memory."""

import json
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from claims_api.domain.policy_law import Statute
from claims_api.domain.regions import Region
from claims_api.domain.standard import GlobalStandard
from claims_api.policies.data.reading import LawReader, regions, territory
from claims_api.policies.data.standard_reading import global_standard
from claims_api.policies.queries.releases import Release, read_built, release_for, shipped


def statute() -> Statute:
    """The newest release of the law, read on the first call."""
    return statute_of(shipped()[-1])


def release_on(day: date) -> Release:
    """The release that counted on a day; the first one for every day before it."""
    return release_for(day) or shipped()[0]


@lru_cache(maxsize=4)
def statute_of(release: Release) -> Statute:
    """The law of a release on today's tree of regions, read on the first call."""
    law = read_built(release.file)
    reader = LawReader(law)
    entries = {row["code"]: reader.entry(row) for row in law["jurisdictions"]}
    entries |= {row["code"]: territory(row) for row in law["territories"]}
    return Statute(release.name, regions(_built("regions.json")), entries)


@lru_cache(maxsize=1)
def standard() -> GlobalStandard:
    """This release's global standard, read on the first call."""
    return global_standard(_built("standard.json"))


def region(code: str) -> Region | None:
    """The region of this code, None where it is no region; codes are upper case."""
    return statute().regions.get(code)


def regions_after(code: str | None, limit: int) -> Sequence[Region]:
    """Up to `limit` regions in the order of codes, from the first one after `code`."""
    codes = _codes()
    start = 0 if code is None else bisect_right(codes, code)
    return [statute().regions[found] for found in codes[start : start + limit]]


def forget() -> None:
    """The next call reads the files again: for the builder, which has just written them."""
    for remembered in (statute_of, standard, _codes, shipped):
        remembered.cache_clear()


@lru_cache(maxsize=1)
def _codes() -> tuple[str, ...]:
    return tuple(statute().regions)


def _built(name: str) -> Any:
    return json.loads(files("claims_api.policies.data").joinpath(name).read_bytes())
