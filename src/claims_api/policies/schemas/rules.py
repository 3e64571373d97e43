"""The rules of an answer: one shape for each kind of value."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from claims_api.domain.policy_words import (
    Assumption,
    Category,
    CategoryTest,
    Confidence,
    CountsFrom,
    Flag,
    Layer,
    RuleField,
    RuleStatus,
    Unit,
)
from claims_api.domain.remedies import Chooser, ConditionWord
from claims_api.domain.vocabulary import RemedyKind
from claims_api.policies.schemas.dues import DueAnswer, SpanAnswer


class LawAnswer(BaseModel):
    """An act."""

    id: str
    name_en: str
    name_local: str | None
    url: str | None


class EvidenceAnswer(BaseModel):
    """Where the words of the law were read."""

    kind: str = Field(description="`primary_text`, `quotation`, or `secondary` (not the law itself).")
    what: str
    official_source: str
    text_as_of: str | None = Field(description="How old the text is that was read; null where it does not say.")


class WithinAnswer(BaseModel):
    """A period that still runs on the day the consumer asks."""

    value: int
    unit: Unit
    counts_from: CountsFrom


class WithinCondition(BaseModel):
    """The condition that a period still runs."""

    within: WithinAnswer


class TierAnswer(BaseModel):
    """Open when `when` holds and one word of `when_any` does, as far as they are there. Open tiers add up."""

    remedies: list[RemedyKind]
    when: ConditionWord | WithinCondition | None = None
    when_any: list[ConditionWord | WithinCondition] | None = None
    chooser: Chooser | None = Field(default=None, description="Who picks inside this tier; else the order's chooser.")
    attempts: int | Literal["judgement"] | None = Field(default=None, description="Failed cures needed; else 1.")
    conditional: bool | None = Field(default=None, description="Only under the condition in the note.")
    confidence: Confidence | None = Field(default=None, description="Of this tier; else the rule's.")
    except_categories: list[Category] | None = Field(default=None, description="Not open for these, to software.")
    note: str | None = None


class Spoken(BaseModel):
    """What a law says, where, and how sure we are of it."""

    status: RuleStatus = Field(description="`unknown` is not established, and never the same as `none`.")
    law: LawAnswer | None
    source: str | None = Field(description="The act and the article.")
    confidence: Confidence
    flags: list[Flag] = Field(description="With any flag a value informs and may favour the consumer, no more.")
    note: str | None = Field(description="For people; software does not decide from it.")


class StatementAnswer(Spoken):
    """A statement beside the one that counts."""

    value: int | bool | str | None
    unit: Unit | None
    counts_from: CountsFrom | None
    tiers: list[TierAnswer] | None = Field(default=None, description="In place of a value, for the order of remedies.")


class VoiceAnswer(StatementAnswer):
    """A statement and whose it is."""

    layer: Layer
    region: str | None = Field(description="Null for the standard: one promise for every market.")


class RuleAnswer(Spoken):
    """What counts today. With status `unknown`, `source` and `note` say what is known about the gap."""

    layer: Layer
    region: str | None = Field(description="The region whose law speaks; null where none does, or the standard.")
    evidence: EvidenceAnswer | None
    effective_from: date | None = Field(description="Contracts from this day on follow the rule, older ones `before`.")
    before: StatementAnswer | None
    upcoming: StatementAnswer | None = Field(description="What counts from `effective_from` on, not here.")
    advisory: VoiceAnswer | None = Field(description="A better value that still needs national law. Decides nothing.")
    trail: list[VoiceAnswer] = Field(description="What lost against this, nearest first.")
    assumed: list[Assumption] = Field(description="Facts not given, read in the customer's favour. Refuses nothing.")


class CureStop(BaseModel):
    """The period stands still while the goods are repaired or replaced; at least this much is left afterwards."""

    minimum_left: SpanAnswer


class PeriodAnswer(RuleAnswer):
    """A length of time. Its unit is the law's: two months are not sixty days."""

    value: int | None
    unit: Unit | None
    counts_from: CountsFrom | None
    rolls: bool | None = Field(description="Ends on the next working day when its last day is off; null: unknown.")
    pausable: bool | None = Field(description="Stands still for a reason in the note; null: unknown.")
    stops_during_cure: CureStop | None = None
    due: DueAnswer | None = Field(default=None, description="There where the day it starts with was given.")


class TruthAnswer(RuleAnswer):
    """A yes or a no."""

    value: bool | None


class CostBearerAnswer(RuleAnswer):
    """Who pays."""

    value: Literal["consumer", "seller"] | None


class LocalisationAnswer(RuleAnswer):
    """Whether personal data must stay in the country."""

    value: Literal["no", "partial", "yes"] | None


class ReplyAnswer(BaseModel):
    """What counts as a reply in time."""

    form: Literal["durable_medium", "written", "any"]
    moment: Literal["sent", "received", "unknown"]


class SilenceAnswer(TruthAnswer):
    """Whether no reply in time means acceptance, and then: of what, by when, and what a reply is."""

    applies_to: list[Literal["defect", "delivery"]] | None = None
    deadline: RuleField | None = Field(default=None, description="The rule with the period.")
    reply: ReplyAnswer | None = None


class RemedyOrderAnswer(RuleAnswer):
    """The remedies in the law's order. It binds the seller, not the consumer."""

    tiers: list[TierAnswer]
    chooser: Chooser | None
    conditions_confidence: Confidence | None = Field(description="Of the conditions; `confidence` is of the remedies.")


class PriceBandAnswer(BaseModel):
    """A period by price. Amounts are in whole units of the currency and never converted."""

    currency: str
    from_: int | None = Field(default=None, alias="from", description="This amount or more.")
    above: int | None = Field(default=None, description="More than this amount.")
    to: int | None = Field(description="Up to this amount, included; null is open.")
    value: int


class CategoryGuaranteeAnswer(PeriodAnswer):
    """A guarantee of another length for some goods; of several the longest counts."""

    categories: list[Category | Literal["any"]]
    test: CategoryTest = Field(description="`category`: the code decides; `judgement`: a person answers `question`.")
    question: str | None
    only_new: bool
    replaces_general: bool = Field(description="Stands in place of the general period even where it is shorter.")
    price_bands: list[PriceBandAnswer] | None = Field(default=None, description="In place of `value`.")


class RulesAnswer(BaseModel):
    """Every rule of the law, known or not."""

    statutory_guarantee_months: PeriodAnswer
    used_goods_guarantee_months: PeriodAnswer
    category_guarantees: list[CategoryGuaranteeAnswer]
    expected_lifespan_rule: TruthAnswer
    burden_of_proof_months: PeriodAnswer
    guarantee_extension_after_repair_months: PeriodAnswer
    clock_stops_during_repair: TruthAnswer
    immediate_rejection_days: PeriodAnswer
    withdrawal_days: PeriodAnswer
    withdrawal_return_cost_bearer: CostBearerAnswer
    withdrawal_function: TruthAnswer
    notice_duty_days: PeriodAnswer
    remedy_hierarchy: RemedyOrderAnswer
    max_repair_days: PeriodAnswer
    complaint_reply_days: PeriodAnswer
    deemed_accepted_on_silence: SilenceAnswer
    free_of_charge_return_shipping: TruthAnswer
    refund_days: PeriodAnswer
    spare_parts_months: PeriodAnswer
    limitation_period_months: PeriodAnswer
    data_localisation: LocalisationAnswer
