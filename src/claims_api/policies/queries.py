"""Reads the shipped law and the tree of regions; they are part of the release and live in memory."""

import json
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from claims_api.domain.policy_law import Statute
from claims_api.domain.regions import Region
from claims_api.policies.data.reading import LawReader, regions, territory


@lru_cache(maxsize=1)
def statute() -> Statute:
    """This release's law, read on the first call."""
    law = _built("statute.json")
    reader = LawReader(law)
    entries = {row["code"]: reader.entry(row) for row in law["jurisdictions"]}
    entries |= {row["code"]: territory(row) for row in law["territories"]}
    return Statute(law["release"], regions(_built("regions.json")), entries)


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
    statute.cache_clear()
    _codes.cache_clear()


@lru_cache(maxsize=1)
def _codes() -> tuple[str, ...]:
    return tuple(statute().regions)


def _built(name: str) -> Any:
    return json.loads(files("claims_api.policies.data").joinpath(name).read_bytes())
