"""The policy of a region for one sale, from memory: the law of a release and the standard do not move."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from claims_api.domain.contract import Facts
from claims_api.domain.policy import Policy, resolve
from claims_api.domain.policy_pin import fingerprint
from claims_api.domain.policy_places import place_of, turning_points
from claims_api.domain.regions import Region, RegionKind
from claims_api.kit.ids import base32
from claims_api.kit.problems import Problem
from claims_api.policies import queries
from claims_api.policies.actions import pins
from claims_api.policies.queries.releases import Release

PIN_PREFIX, PIN_LENGTH = "pol_", 52  # 256 bits in base32
KEPT_POLICIES = 1_024
ANY_SALE = Facts(contract_on=None)
"""A consumer bought it of us, nobody said when."""


class UnknownRegion(Problem):
    """The code is no region here: neither a country, nor one of its subdivisions, nor a bloc. Codes are upper case."""

    code, title, status = "unknown-region", "There is no region with this code.", 404
    way_out = "Take a code from GET /v1/regions: ISO 3166-1 or 3166-2 in upper case."


class RegionIsABloc(Problem):
    """A bloc of countries is no place to claim in, so it has no policy of its own; its members have."""

    code, title, status = "region-is-a-bloc", "A bloc is no place to claim in.", 422
    way_out = "Ask for the country, or its subdivision, where the customer lives."


@dataclass(frozen=True)
class Pinned:
    """A policy and what a claim is pinned to: `id` is `pol_` and the hash, `content_hash` its 32 bytes."""

    id: str
    content_hash: bytes
    policy: Policy
    release: str


def policy_of(code: str, as_of: date, facts: Facts = ANY_SALE, delivered_on: date | None = None) -> Pinned:
    """The policy of a region for a sale, by the release of the law that counted on the day `as_of`.

    Goods delivered before the law changed were bought before it too: without a contract date `delivered_on` may tell.
    Raises: UnknownRegion, RegionIsABloc
    """
    if known_region(code).kind is RegionKind.BLOC:
        raise RegionIsABloc
    release = queries.release_on(as_of)
    turns = _turning_points(release, code)
    if facts.contract_on is not None:
        return _resolved(release, code, replace(facts, contract_on=_side(turns, facts.contract_on)), date.min)
    return _resolved(release, code, facts, _side(turns, min(as_of, delivered_on or as_of)))


@lru_cache(maxsize=KEPT_POLICIES)
def _resolved(release: Release, code: str, facts: Facts, today: date) -> Pinned:
    policy = resolve(queries.statute_of(release), code, facts, today, queries.standard().rules)
    content_hash = fingerprint(policy)
    pins.remember(content_hash, policy)
    return Pinned(PIN_PREFIX + base32(int.from_bytes(content_hash), PIN_LENGTH), content_hash, policy, release.name)


@lru_cache(maxsize=KEPT_POLICIES)
def _turning_points(release: Release, code: str) -> tuple[date, ...]:
    return turning_points(place_of(queries.statute_of(release), code))


def known_region(code: str) -> Region:
    """The region of a code.

    Raises: UnknownRegion
    """
    found = queries.region(code)
    if found is None:
        raise UnknownRegion
    return found


def _side(turns: tuple[date, ...], day: date) -> date:
    """The day of the last change before or on `day`: all days until the next one stand on the same side of the law."""
    at = bisect_right(turns, day)
    return turns[at - 1] if at else date.min
