"""What comes to a claim from its parcels: events of its history, and the step that follows by itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.access.actions import Caller
from claims_api.claims.actions.answer import actor_of, looker
from claims_api.claims.actions.context import context_of
from claims_api.claims.actions.record import Words, Written, changed_rows, head_of, write_on
from claims_api.claims.actions.refuse import refuse
from claims_api.claims.queries.records import StoredClaim
from claims_api.claims.queries.store_many import claims_locked, store_many
from claims_api.domain.answers import Decided, EventDraft, Refused
from claims_api.domain.chain import Event, Head, Stamp, head_after
from claims_api.domain.claim import Actor, Claim
from claims_api.domain.commands import Command
from claims_api.domain.decide import decide
from claims_api.domain.vocabulary import ActorKind

SYSTEM = Actor(ActorKind.SYSTEM)


@dataclass(frozen=True)
class Tiding:
    """Events that tell of one parcel, when that was, and the step the system tries next.

    The claim's own table decides about the step: where it is refused, the events stand alone.
    """

    told: Callable[[Claim], Decided]
    occurred_at: datetime
    then: Command | None = None
    words: Words | None = None


@dataclass
class _History:
    """A claim's history as it grows."""

    claim: Claim
    head: Head
    events: list[Event] = field(default_factory=list)

    def add(self, drafts: Sequence[EventDraft], stamp: Stamp) -> None:
        if drafts:
            written = write_on(self.claim, drafts, self.head, stamp)
            self.claim, self.head = written.claim, head_after(written.events[-1])
            self.events += written.events


async def tell(db: AsyncConnection, caller: Caller, tidings: Mapping[UUID, Iterable[Tiding]], now: datetime) -> None:
    """Writes the histories of claims on, all in one statement.

    The caller of this function holds the locks of the claims. Raises: the domain's refusals as problems
    """
    if not tidings:
        return
    changed = []
    for row, stored in await claims_locked(db, caller.tenant_id, sorted(tidings)):
        history = written_on(stored, caller, tidings[stored.id], now)
        if history.events:
            words = Words(caller.tenant_id, stored.id, now)
            words.rows += [each for tiding in tidings[stored.id] if tiding.words for each in tiding.words.rows]
            changed.append((stored, changed_rows(row, history, words)))
    if changed:
        await store_many(db, caller.tenant_id, changed)


def written_on(stored: StoredClaim, caller: Caller, tidings: Iterable[Tiding], now: datetime) -> Written:
    """The history after these tidings. Raises: the domain's refusals as problems"""
    history = _History(stored.claim, head_of(stored))
    teller = actor_of(caller, stored.claim.customer_id)
    for tiding in tidings:
        told = tiding.told(history.claim)
        if isinstance(told, Refused):
            raise refuse(told, history.claim, looker(caller, now))
        history.add(told, Stamp(teller, tiding.occurred_at, now))
        step = decide(history.claim, tiding.then, context_of(None, None, now), now) if tiding.then else ()
        history.add(() if isinstance(step, Refused) else step, Stamp(SYSTEM, now, now))
    return Written(history.claim, tuple(history.events))
