"""Reading claims: one, many, their history, and a new tracking token."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic.main import IncEx
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.access.actions import Caller
from claims_api.access.scopes import CUSTOMER
from claims_api.claims.actions.answer import claim_answer, etag_of, looker, render
from claims_api.claims.queries import find, read
from claims_api.claims.queries.find import Found, Wanted
from claims_api.claims.queries.records import StoredClaim, stored_claim
from claims_api.claims.schemas.answers import ClaimAnswer
from claims_api.claims.schemas.events import ActorAnswer, EventAnswer
from claims_api.claims.schemas.views import View, as_seen, exclusions, sees_event, shown_actor_ref, shown_data
from claims_api.domain.chain import Event
from claims_api.domain.standing import AWAITED_ITEM, awaited_in
from claims_api.domain.vocabulary import Awaiting, GoodsWith, Status
from claims_api.events.queries import events_of
from claims_api.kit import logs
from claims_api.kit.conditional import is_known
from claims_api.kit.problems import NotFound


@dataclass(frozen=True)
class Seen:
    """A claim as bytes with its entity tag; without a body it has not changed since the tag the caller knows."""

    etag: str
    body: bytes | None


async def read_claim(
    db: AsyncConnection, caller: Caller, claim_id: UUID, now: datetime, known_etags: tuple[str, ...], expand: bool
) -> Seen:
    """One claim. With a known entity tag the version is asked first, and all the rest only when it has moved on.

    Raises: NotFound
    """
    who = looker(caller, now)
    if known_etags and not expand:
        head = await read.version_of(db, caller.tenant_id, claim_id)
        if head is None:
            raise NotFound
        etag = etag_of(head.version, who, head.locale)
        if is_known(etag, known_etags):
            return Seen(etag, None)
    row = await read.claim_row(db, caller.tenant_id, claim_id, with_person=expand)
    if row is None:
        raise NotFound
    stored = stored_claim(row._mapping)
    person = row._mapping["person"] if expand else None
    if expand:
        logs.say("person_shown", claim=str(claim_id), key=str(caller.key_id), actor=caller.actor_ref)
    return Seen(etag_of(stored.claim.version, who, stored.filed.locale), render(stored, who, person=person))


async def list_claims(db: AsyncConnection, caller: Caller, wanted: Wanted, before: UUID | None, most: int) -> Found:
    """Claims, newest first."""
    return await find.find_claims(db, caller.tenant_id, wanted, before, most)


def listed(stored: list[StoredClaim], caller: Caller, now: datetime) -> tuple[list[ClaimAnswer], IncEx | None]:
    """The entries of a page and what this view leaves out of them."""
    who = looker(caller, now)
    hidden = exclusions(who.view)
    entries = [as_seen(who.view, claim_answer(each, who)) for each in stored]
    return entries, {"data": {"__all__": hidden}} if hidden else None


def statuses_of(status: Status | None, awaiting: Awaiting | None) -> frozenset[Status] | None:
    """The statuses two filters leave: whose turn it is follows from the status, and from who has the goods."""
    if awaiting is None:
        return frozenset({status}) if status else None
    theirs = {each for each in Status if any(awaited_in(each, goods).who is awaiting for goods in GoodsWith)}
    return frozenset(theirs & {status} if status else theirs)


def goods_of(awaiting: Awaiting | None) -> frozenset[GoodsWith] | None:
    """Where the goods of an awaited item are when it is this party's turn."""
    if awaiting is None:
        return None
    return frozenset(goods for goods, awaited in AWAITED_ITEM.items() if awaited.who is awaiting)


async def history(
    db: AsyncConnection, caller: Caller, claim_id: UUID, now: datetime, after: int, most: int
) -> tuple[list[EventAnswer], int | None]:
    """What happened, in order, as far as this view may know, and the `seq` to read on after when there is more.

    Raises: NotFound
    """
    view = looker(caller, now).view
    found = await events_of(db, caller.tenant_id, claim_id, after, most + 1)
    if not found and after == 0:
        raise NotFound
    page = found[:most]
    seen = [_event(event, view) for event in page if sees_event(view, event.type, event.data)]
    return seen, page[-1].seq if len(found) > most else None


def _event(event: Event, view: View) -> EventAnswer:
    return EventAnswer(
        id=event.id,
        seq=event.seq,
        type=event.type,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        actor=ActorAnswer(kind=event.actor.kind, ref=shown_actor_ref(view, event.actor)),
        data=dict(shown_data(view, event.type, event.data)),
        prev_hash=event.prev_hash,
        hash=event.hash,
    )


def own_claim(caller: Caller, claim_id: UUID | None) -> UUID:
    """The id asked for. A token opens one claim; any other, like a malformed id, does not exist.

    Raises: NotFound
    """
    if claim_id is None or (caller.role == CUSTOMER and caller.claim_id != claim_id):
        raise NotFound
    return claim_id
