"""What is shown of a tenant's feed."""

from pydantic import BaseModel, Field

from claims_api.claims.schemas.events import EventAnswer


class FeedEventAnswer(EventAnswer):
    """One thing that happened, and to which claim."""

    claim_id: str | None = Field(description="The id of the claim; null for what is about no claim.")


class FeedPage(BaseModel):
    """A piece of the feed and the place to go on from."""

    data: list[FeedEventAnswer]
    next_cursor: str = Field(
        description="Pass it as `after` to read on; always given. The same as you sent: there is nothing more yet."
    )
