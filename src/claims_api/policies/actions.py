"""Answers about regions and their policies, rendered once and kept: the law of a release does not move."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pydantic import BaseModel

from claims_api.domain.contract import Facts
from claims_api.domain.policy import Policy, resolve
from claims_api.domain.policy_pin import fingerprint
from claims_api.domain.regions import Region, RegionKind
from claims_api.kit.ids import base32
from claims_api.kit.pagination import CursorBook, Page, cut
from claims_api.kit.problems import Problem
from claims_api.policies import pins, queries
from claims_api.policies.schemas import RegionAnswer, rendering

PIN_PREFIX, PIN_LENGTH = "pol_", 52  # 256 bits in base32
KEPT_ANSWERS = 256  # of some 25 kB each


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


@dataclass(frozen=True)
class Rendered:
    """The bytes of an answer and their strong entity tag, in quotes."""

    body: bytes
    etag: str


@lru_cache(maxsize=KEPT_ANSWERS)
def policy_of(code: str, today: date) -> Pinned:
    """The policy of a region for a sale to a consumer of which no more is known, by the rules of `today`.

    Raises: UnknownRegion, RegionIsABloc
    """
    if _known(code).kind is RegionKind.BLOC:
        raise RegionIsABloc
    policy = resolve(queries.statute(), code, Facts(contract_on=None), today)
    content_hash = fingerprint(policy)
    pins.remember(content_hash, policy)
    return Pinned(PIN_PREFIX + base32(int.from_bytes(content_hash), PIN_LENGTH), content_hash, policy)


@lru_cache(maxsize=KEPT_ANSWERS)
def read_policy(code: str, today: date) -> Rendered:
    """The answer of the policy lookup.

    Raises: UnknownRegion, RegionIsABloc
    """
    found = policy_of(code, today)
    return _render(rendering.policy_answer(found.policy, queries.statute(), found.id, today))


def read_region(code: str) -> Rendered:
    """A node of the tree.

    Raises: UnknownRegion
    """
    return _render(rendering.region_answer(queries.statute(), _known(code)))


def list_regions(book: CursorBook, cursor: str | None, limit: int) -> tuple[Rendered, str | None]:
    """One page of the tree in the order of codes, and the cursor of the next one.

    Raises: InvalidRequest for a cursor of another list
    """
    rows, position = cut(queries.regions_after(book.read(cursor), limit + 1), limit, lambda region: region.code)
    next_cursor = None if position is None else book.write(position)
    data = [rendering.region_answer(queries.statute(), region) for region in rows]
    return _render(Page[RegionAnswer](data=data, next_cursor=next_cursor)), next_cursor


def _known(code: str) -> Region:
    found = queries.region(code)
    if found is None:
        raise UnknownRegion
    return found


def _render(answer: BaseModel) -> Rendered:
    body = answer.model_dump_json(exclude_unset=True, by_alias=True).encode()
    digest = hashlib.sha256(body).digest()[:16]
    return Rendered(body, f'"{base32(int.from_bytes(digest), 26)}"')
