"""The part of an answer that is about one sale: the facts asked about, and the guarantee of the goods."""

from datetime import date

from pydantic import BaseModel, Field

from claims_api.domain.guarantees import GuaranteeOrigin
from claims_api.domain.policy_words import Assumption, Category, CountsFrom, Layer, Question, Unit
from claims_api.policies.schemas.dues import DueAnswer
from claims_api.policies.schemas.question import GoodsCondition
from claims_api.policies.schemas.rules import Spoken, VoiceAnswer


class FactsAnswer(BaseModel):
    """What was asked about; null was not said."""

    category: Category | None
    condition: GoodsCondition | None
    purchased_on: date | None
    delivered_on: date | None


class OtherGuaranteeAnswer(VoiceAnswer):
    """A guarantee that was considered and lost."""

    origin: GuaranteeOrigin


class GuaranteeAnswer(Spoken):
    """The guarantee the law gives for the goods asked about: the general one, or one for such goods."""

    value: int | None
    unit: Unit | None
    counts_from: CountsFrom | None
    origin: GuaranteeOrigin = Field(description="The general rule, one for a category, or the one for used goods.")
    layer: Layer
    region: str | None
    assumed: list[Assumption | Question] = Field(
        description="What it takes for granted in the customer's favour: facts not given, questions not answered."
    )
    questions: list[Question] = Field(description="What a person has to answer before anything is refused.")
    open_ended: bool = Field(description="The seller may answer for as long as such goods reasonably live.")
    due: DueAnswer | None = Field(description="Null where the day it starts with was not given, or it has no length.")
    may_run_out: bool = Field(description="Whether its end may refuse anything by itself; else a person decides.")
    trail: list[OtherGuaranteeAnswer] = Field(description="What lost against it.")
