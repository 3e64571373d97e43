"""Answers about regions and their policies. Those without dates are kept: the law of a release does not move."""

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from claims_api.domain.contract import Facts
from claims_api.domain.guarantees import Goods, guarantee_for
from claims_api.domain.policy_places import facts_of
from claims_api.domain.regions import Region
from claims_api.kit.ids import base32
from claims_api.kit.pagination import CursorBook, cut
from claims_api.policies import queries
from claims_api.policies.actions.asking import asked_of
from claims_api.policies.actions.dates import ends_of
from claims_api.policies.actions.names import ENGLISH, locale_of, names_of
from claims_api.policies.actions.resolve import known_region, policy_of
from claims_api.policies.schemas import PolicyQuestion, RegionAnswer, RegionPage
from claims_api.policies.schemas.question import GoodsCondition
from claims_api.policies.schemas.rendering import Asked, Found, policy_answer, region_answer

KEPT_ANSWERS = 256  # of some 50 kB each


@dataclass(frozen=True)
class Rendered:
    """The bytes of an answer and their strong entity tag, in quotes."""

    body: bytes
    etag: str


_kept: OrderedDict[Asked, Rendered] = OrderedDict()
"""The one used longest ago comes first, and goes first."""


async def read_policy(region: str, question: PolicyQuestion, now: datetime) -> Rendered:
    """The answer of the policy lookup.

    Raises: UnknownRegion, RegionIsABloc, InvalidRequest, UnknownRelease
    """
    locale = ENGLISH if question.locale is None else await asyncio.to_thread(locale_of, question.locale)
    asked = asked_of(region, question, locale, now)
    kept = _kept.pop(asked, None)
    if kept is None:
        # Milliseconds of work; some fifty with a holiday table or a language that this process has not met before.
        return await asyncio.to_thread(policy_rendered, asked)
    _kept[asked] = kept
    return kept


async def read_region(code: str, tag: str | None) -> Rendered:
    """A node of the tree, named in the language of a tag.

    Raises: UnknownRegion
    """
    return region_rendered(code, await asyncio.to_thread(locale_of, tag))


async def list_regions(
    book: CursorBook, cursor: str | None, limit: int, tag: str | None
) -> tuple[Rendered, str | None]:
    """One page of the tree in the order of codes, and the cursor of the next one.

    Raises: InvalidRequest for a cursor of another list
    """
    return page_rendered(book, cursor, limit, await asyncio.to_thread(locale_of, tag))


def policy_rendered(asked: Asked) -> Rendered:
    """The answer to a whole question; kept where no date is in it, for dates are as many as there are days.

    Raises: UnknownRegion, RegionIsABloc
    """
    sale, is_new = asked.sale, None if asked.condition is None else asked.condition is GoodsCondition.NEW
    pinned = policy_of(asked.region, asked.as_of, Facts(contract_on=sale.purchased_on), sale.delivered_on)
    policy, statute = pinned.policy, queries.statute_of(queries.release_on(asked.as_of))
    goods = Goods(asked.category, is_new, paid=None, expected_life_months=None)
    guarantee = guarantee_for(policy, goods)
    found = Found(
        pin=pinned.id,
        policy=policy,
        statute=statute,
        standard=queries.standard(),
        guarantee=guarantee,
        ends=ends_of(policy, guarantee, sale, asked.locale),
        names=names_of(statute.regions[asked.region], policy.languages, asked.locale),
    )
    rendered = _render(policy_answer(asked, found))
    if not sale.are_known:
        _keep(asked, rendered)
    return rendered


def region_rendered(code: str, locale: str = ENGLISH) -> Rendered:
    """A node of the tree. `locale` is one there are names in.

    Raises: UnknownRegion
    """
    return _render(_region(known_region(code), locale))


def page_rendered(
    book: CursorBook, cursor: str | None, limit: int, locale: str = ENGLISH
) -> tuple[Rendered, str | None]:
    """One page of the tree, and the cursor of the next one.

    Raises: InvalidRequest for a cursor of another list
    """
    rows, position = cut(queries.regions_after(book.read(cursor), limit + 1), limit, lambda region: region.code)
    next_cursor = None if position is None else book.write(position)
    data = [_region(region, locale) for region in rows]
    return _render(RegionPage(data=data, next_cursor=next_cursor)), next_cursor


def _region(region: Region, locale: str) -> RegionAnswer:
    statute = queries.statute()
    languages = tuple(facts_of(statute, region.code).languages)
    return region_answer(statute, region, names_of(region, languages, locale))


def _keep(asked: Asked, rendered: Rendered) -> None:
    _kept[asked] = rendered
    while len(_kept) > KEPT_ANSWERS:
        _kept.popitem(last=False)


def _render(answer: BaseModel) -> Rendered:
    body = answer.model_dump_json(exclude_unset=True, by_alias=True).encode()
    digest = hashlib.sha256(body).digest()[:16]
    return Rendered(body, f'"{base32(int.from_bytes(digest), 26)}"')
