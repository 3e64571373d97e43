"""The bytes a claim is pinned to are those of a plain reading of the policy, in every place of the world."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum

from claims_api.domain.contract import Facts
from claims_api.domain.regions import RegionKind
from claims_api.policies import queries
from claims_api.policies.actions.resolve import ANY_SALE, policy_of

TODAY = date(2026, 11, 22)
SALES = (ANY_SALE, Facts(date(2011, 1, 1)), Facts(date(2026, 11, 20)))
REGIONS = queries.statute().regions
CLAIMABLE = [code for code, region in REGIONS.items() if region.kind is not RegionKind.BLOC]


def read_slowly(value: object) -> object:
    """What a pin says of a value, by the rules of its docstrings and nothing clever: each value by itself."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [read_slowly(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): read_slowly(item) for key, item in value.items()}
    assert is_dataclass(value)
    named = [(field, getattr(value, field.name)) for field in fields(value)]
    return {field.name: read_slowly(item) for field, item in named if item is not field.default}


def test_every_region_is_pinned_to_the_bytes_of_a_plain_reading_whenever_it_was_sold() -> None:
    for code in CLAIMABLE:
        for facts in SALES if REGIONS[code].kind is RegionKind.COUNTRY else SALES[:1]:
            pinned = policy_of(code, TODAY, facts)
            read = read_slowly(pinned.policy)
            slow = json.dumps(read, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            assert pinned.content_hash == hashlib.sha256(slow).digest(), code
