"""Reading the feed in the view of whoever asks."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.access.actions import Caller
from claims_api.access.scopes import CUSTOMER, Role
from claims_api.claims.actions.answer import looker
from claims_api.claims.actions.problems import RoleNotAllowed
from claims_api.claims.schemas.events import ActorAnswer
from claims_api.claims.schemas.views import View, sees_event, shown_actor_ref, shown_data
from claims_api.domain.chain import Event
from claims_api.events.queries import feed_after
from claims_api.feed.schemas import FeedEventAnswer
from claims_api.kit import ids

OUTSIDERS = frozenset({CUSTOMER, Role.PARTNER})
"""A token opens one claim, a partner's key its own shipments: neither is the brand."""


async def read_feed(
    db: AsyncConnection, caller: Caller, now: datetime, after: int, most: int
) -> tuple[Sequence[FeedEventAnswer], int]:
    """What happened since, as far as this view may know, and the place to go on from.

    The place moves past what this view does not see, so a page may be shorter than `most` with more to come.
    Raises: RoleNotAllowed
    """
    if caller.role in OUTSIDERS:
        raise RoleNotAllowed
    view = looker(caller, now).view
    found = await feed_after(db, caller.tenant_id, after, most)
    own_stream = ids.encode("clm", caller.tenant_id)  # what is about the brand itself stands under its own id
    seen = [
        _answer(placed.event, view, own_stream)
        for placed in found
        if sees_event(view, placed.event.type, placed.event.data)
    ]
    return seen, found[-1].position if found else after


def _answer(event: Event, view: View, own_stream: str) -> FeedEventAnswer:
    return FeedEventAnswer(
        id=event.id,
        claim_id=None if event.stream_id == own_stream else event.stream_id,
        seq=event.seq,
        type=event.type,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        actor=ActorAnswer(kind=event.actor.kind, ref=shown_actor_ref(view, event.actor)),
        data=dict(shown_data(view, event.type, event.data)),
        prev_hash=event.prev_hash,
        hash=event.hash,
    )
