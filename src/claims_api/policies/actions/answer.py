"""Answers about regions and their policies, rendered once and kept: the law of a release does not move."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pydantic import BaseModel

from claims_api.kit.ids import base32
from claims_api.kit.pagination import CursorBook, Page, cut
from claims_api.policies import queries
from claims_api.policies.actions.resolve import known_region, policy_of
from claims_api.policies.schemas import RegionAnswer, rendering

KEPT_ANSWERS = 256  # of some 25 kB each


@dataclass(frozen=True)
class Rendered:
    """The bytes of an answer and their strong entity tag, in quotes."""

    body: bytes
    etag: str


@lru_cache(maxsize=KEPT_ANSWERS)
def read_policy(code: str, today: date) -> Rendered:
    """The answer of the policy lookup.

    Raises: UnknownRegion, RegionIsABloc
    """
    found = policy_of(code, today)
    return _render(
        rendering.policy_answer(found.policy, queries.statute_of(queries.release_on(today)), found.id, today)
    )


def read_region(code: str) -> Rendered:
    """A node of the tree.

    Raises: UnknownRegion
    """
    return _render(rendering.region_answer(queries.statute(), known_region(code)))


def list_regions(book: CursorBook, cursor: str | None, limit: int) -> tuple[Rendered, str | None]:
    """One page of the tree in the order of codes, and the cursor of the next one.

    Raises: InvalidRequest for a cursor of another list
    """
    rows, position = cut(queries.regions_after(book.read(cursor), limit + 1), limit, lambda region: region.code)
    next_cursor = None if position is None else book.write(position)
    data = [rendering.region_answer(queries.statute(), region) for region in rows]
    return _render(Page[RegionAnswer](data=data, next_cursor=next_cursor)), next_cursor


def _render(answer: BaseModel) -> Rendered:
    body = answer.model_dump_json(exclude_unset=True, by_alias=True).encode()
    digest = hashlib.sha256(body).digest()[:16]
    return Rendered(body, f'"{base32(int.from_bytes(digest), 26)}"')
