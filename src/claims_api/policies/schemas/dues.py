"""The end of a period in an answer."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from claims_api.domain.policy_words import Unit


class SpanAnswer(BaseModel):
    """A length of time."""

    value: int
    unit: Unit


class SkippedAnswer(BaseModel):
    """A day off that was passed over."""

    on: date
    name: str = Field(description="The holiday in the language of the answer, if its table has it, or the day (`sat`).")


class DueAnswer(BaseModel):
    """When a period ends. A day off is rolled over for the customer always, for us by the word of the law only."""

    at: datetime = Field(description="The instant, UTC. Of several zones the last one counts for the customer.")
    on: date = Field(description="The local day of `zone` that ends with it.")
    zone: str = Field(description="IANA. Where none is known it is the one in which the day ends last.")
    counted: SpanAnswer
    rolled: bool = Field(description="Its last day was a day off.")
    skipped: list[SkippedAnswer] = Field(description="The days off that were passed over, in order.")
    holidays_known: bool = Field(description="False where a holiday table that is missing could have changed the day.")
    decides: bool = Field(description="Whether the rule is sure enough for the end to count by itself; else a person.")
