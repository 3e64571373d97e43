"""The answers of the policy routes."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from claims_api.domain.policy_words import Confidence, Coverage, StatutoryLayer
from claims_api.domain.regions import RegionKind
from claims_api.domain.standard import Kept, ServiceTerm
from claims_api.domain.vocabulary import Ground
from claims_api.kit.pagination import Page
from claims_api.policies.schemas.promise import (
    CommunicationAnswer,
    IssueDocumentsAnswer,
    RetentionAnswer,
    ReturnCostAnswer,
    ServiceAnswer,
)
from claims_api.policies.schemas.rules import EvidenceAnswer, RulesAnswer
from claims_api.policies.schemas.sale import FactsAnswer, GuaranteeAnswer

NOT_LEGAL_ADVICE = (
    "Not legal advice: a research summary for consumer sales of goods, not reviewed by a lawyer of each jurisdiction. "
    "Use it so that nobody promises less than the law; never as the only reason to refuse a claim."
)


class LanguageAnswer(BaseModel):
    """A language and its name."""

    tag: str = Field(description="BCP 47.")
    name: str


class RegionAnswer(BaseModel):
    """A node of the tree of regions."""

    code: str = Field(description="ISO 3166-1 alpha-2, ISO 3166-2, or the code of a bloc; upper case.")
    name: str = Field(description="In the language of `locale`; of a subdivision, as ISO 3166-2 has it.")
    locale: str = Field(description="BCP 47: the language the names are in.")
    kind: RegionKind
    parent: str | None = Field(description="The region it is part of; null at the top.")
    country: str | None = Field(description="Null for a bloc.")
    same_as: str | None = Field(description="The country code of the same place; its law counts, not the parent's.")
    languages: list[str] = Field(description="BCP 47.")
    language_names: list[LanguageAnswer]
    currency: str | None = Field(description="ISO 4217; null where there is none of its own.")
    other_currencies: list[str]
    coverage: Coverage | None = Field(description="How much of its law is established; null for a bloc.")
    own_entry: bool = Field(description="The statute has an entry for the region itself.")
    has_subdivisions: bool
    related: str | None = Field(description="The country a territory belongs to: a hint for people, never inherited.")


class RegionPage(Page[RegionAnswer]):
    """One page of regions."""


class PeriodRuleAnswer(BaseModel):
    """Whether a period that ends on a day off ends on the next day that is not one."""

    rolls: bool
    over: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]]
    source: str
    confidence: Confidence
    evidence: EvidenceAnswer | None


class CalendarAnswer(BaseModel):
    """Days and hours of the place."""

    weekend: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] | None
    weekend_disputed: bool = Field(description="Two published sources differ about the weekend.")
    holidays: str | None = Field(description="The code of the holiday table; null where none is published.")
    time_zone: str | None = Field(description="IANA; the main one. Null where there is none.")
    time_zones: list[str] | None = Field(description="All of them, easternmost first, where the place has several.")
    period_rule: PeriodRuleAnswer | None


class AuthorityAnswer(BaseModel):
    """Who helps or decides."""

    name: str
    kind: Literal[
        "regulator", "adr", "ombudsman", "mediation", "tribunal", "court", "advice", "cross_border_adr_support"
    ]
    url: str | None


class PolicyAnswer(BaseModel):
    """What the law of a region and the standard give the customer, each value with its source."""

    id: str = Field(
        pattern="^pol_[0-9a-hjkmnp-tv-z]{52}$",
        description="The hash of the resolved values: same, same id. Neither `facts` nor dates made of them are in it.",
    )
    region: str
    name: str = Field(description="In the language of `locale`; of a subdivision, as ISO 3166-2 has it.")
    locale: str = Field(description="BCP 47: the language of the names of places, languages and holidays.")
    path: list[str] = Field(description="The region and those it inherits from, nearest first.")
    own_entry: bool = Field(
        description="False where the law of an ancestor answers; a subdivision's own may add to it."
    )
    as_of: date = Field(description="The day whose release of the law answers; today in UTC unless one was asked for.")
    facts: FactsAnswer
    statutory_release: str
    standard_release: str
    statutory_layer: StatutoryLayer = Field(description="Whether consumer law speaks against the seller in the sale.")
    coverage: Coverage = Field(description="How much is established; `thin` and `none` are no basis for decisions.")
    rules: RulesAnswer
    guarantee: GuaranteeAnswer
    warranty: None = Field(description="The brand's own warranty: there is none yet.")
    service: dict[ServiceTerm, ServiceAnswer] = Field(description="By the name of the term.")
    documents: list[IssueDocumentsAnswer] = Field(description="For every issue code, and `default`.")
    return_cost: dict[Ground, ReturnCostAnswer] = Field(description="By ground.")
    retention: dict[Kept, RetentionAnswer] = Field(description="By what is kept.")
    calendar: CalendarAnswer
    communication: CommunicationAnswer
    authorities: list[AuthorityAnswer]
    privacy_laws: list[str] | None = Field(description="Null: not established, never that there is none.")
    privacy_confidence: Confidence | None
    languages: list[str]
    language_names: list[LanguageAnswer]
    currency: str | None
    other_currencies: list[str]
    notes: list[str]
    origins: dict[str, str] = Field(description="The region each fact outside `rules` comes from.")
    not_legal_advice: str
