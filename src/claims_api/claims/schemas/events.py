"""What is shown of a claim's history."""

from pydantic import Field

from claims_api.claims.schemas.shown import Instant, Shown
from claims_api.domain.answers import EventType
from claims_api.domain.vocabulary import ActorKind
from claims_api.kit.pagination import Page


class ActorAnswer(Shown):
    """Who acted."""

    kind: ActorKind = Field(description="In which role.")
    ref: str | None = Field(description="Who it was: a person of the staff, shown to the staff only, or the customer.")


class EventAnswer(Shown):
    """One thing that happened."""

    id: str = Field(description="The id of the event.")
    seq: int = Field(description="Its place in the claim's history, from 1; a gap is an event not shown here.")
    type: EventType = Field(description="What happened.")
    occurred_at: Instant = Field(description="When it happened.")
    recorded_at: Instant = Field(description="When it was written down.")
    actor: ActorAnswer = Field(description="Who did it.")
    data: dict[str, object] = Field(description="What it was about: codes, ids, positions, dates and amounts only.")
    prev_hash: str = Field(description="The hash of the event before it, 64 zeros for the first.")
    hash: str = Field(description="The SHA-256 of the event as it is stored, with the hash before it.")


class EventPage(Page[EventAnswer]):
    """One page of a claim's history."""
