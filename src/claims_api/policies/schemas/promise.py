"""The part of an answer that the global standard gives, and what it fills in where a law or a region is silent."""

from typing import Literal

from pydantic import BaseModel, Field

from claims_api.domain.policy_words import Confidence, Layer, Unit
from claims_api.domain.standard import (
    ContactChannel,
    CostBearer,
    DocumentCode,
    KnownFact,
    Medium,
    Requirement,
    RetentionReason,
    TermOwner,
    TermStart,
)
from claims_api.domain.vocabulary import RemedyKind


class ServiceAnswer(BaseModel):
    """Who owes what by when."""

    value: int
    unit: Unit
    starts_with: TermStart
    owed_by: TermOwner
    meaning: str = Field(description="One sentence for people.")
    layer: Layer


class DocumentAnswer(BaseModel):
    """One thing to show."""

    code: DocumentCode
    label: str
    requirement: Requirement = Field(description="`one_or_more` is of its `group`, `alternative_to` of `instead_of`.")
    media: list[Medium]
    met_by: list[KnownFact] = Field(description="It is not asked for where one of these is known.")
    group: str | None
    instead_of: DocumentCode | None


class IssueDocumentsAnswer(BaseModel):
    """What to bring for an issue, and what may come of it."""

    issue: str = Field(description="An issue code; `default` is for every other one, such as your own `x_` codes.")
    items: list[DocumentAnswer]
    fields: list[str] = Field(description="Paths into a claim (`*` is any line): good to know, never needed to file.")
    remedies: list[RemedyKind] = Field(description="Those that fit, the most sensible first. A hint: the law binds.")
    layer: Layer


class ReturnCostAnswer(BaseModel):
    """Who pays for goods to travel back."""

    bearer: CostBearer
    layer: Layer = Field(description="Whose word it is: the law's, where it names the one who pays.")
    region: str | None = Field(description="The region whose law names the one who pays; else null.")


class RetentionAnswer(BaseModel):
    """How long something is kept after a claim has ended."""

    months: int
    reason: RetentionReason
    layer: Layer


class StyleAnswer(BaseModel):
    """Tone of letters. A judgement, not law; nothing about a single person."""

    formality: Literal["formal", "neutral", "informal"]
    refusal: Literal["direct", "softened", "formal"]
    confidence: Confidence | None = Field(description="Of a judgement about the region; null for the standard's tone.")
    layer: Layer = Field(description="`standard` where the shipped data has no words for the region.")


class UsualEvidenceAnswer(BaseModel):
    """Kinds of evidence that are usual there. A judgement, not law."""

    accepted: list[Literal["paper", "photo", "video", "voice"]]
    confidence: Confidence
    layer: Layer


class ChannelsAnswer(BaseModel):
    """Where to reach a customer."""

    order: list[ContactChannel] = Field(description="In the order to try them.")
    layer: Layer


class CommunicationAnswer(BaseModel):
    """How to write to a customer there, and what to accept from one."""

    communication_style: StyleAnswer
    channels: ChannelsAnswer
    evidence_alternatives: UsualEvidenceAnswer | None
