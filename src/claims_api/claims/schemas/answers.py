"""What is shown of a claim; which view sees which field is the table in `views`."""

from datetime import date
from typing import TypeAlias

from pydantic import Field

from claims_api.claims.schemas.line_answers import LineAnswer
from claims_api.claims.schemas.shown import Instant, MoneyAnswer, Shown, is_absent
from claims_api.claims.schemas.words import Channel, CustomerKind, SoldBy
from claims_api.domain.policy_words import Layer, RuleField, Unit
from claims_api.domain.vocabulary import (
    ActorKind,
    Appeal,
    Awaiting,
    GoodsWith,
    HoldKind,
    LineDecision,
    RemedyKind,
    RemedyState,
    SalesChannel,
    Stage,
    StartsWhen,
    Status,
    Transition,
)
from claims_api.kit.pagination import Page


class AwaitingAnswer(Shown):
    """Whose turn it is."""

    who: Awaiting = Field(description="Whose turn it is.")
    action: str | None = Field(description="What they are to do, as a code.")
    due_at: Instant | None = Field(description="By when; null while no deadline runs.")


class CustomerAnswer(Shown):
    """Who claims; the person is there only on request."""

    ref: str | None = Field(default=None, description="The brand's reference of the customer.")
    kind: CustomerKind = Field(description="Whether the customer buys as a consumer or for a business.")
    name: str | None = Field(default=None, exclude_if=is_absent, description="The name; with `expand=customer` only.")
    email: str | None = Field(default=None, exclude_if=is_absent, description="E-mail; with `expand=customer` only.")
    phone: str | None = Field(default=None, exclude_if=is_absent, description="Phone; with `expand=customer` only.")
    acts_for: str | None = Field(
        default=None,
        exclude_if=is_absent,
        description="The person or company the customer acts for; with `expand=customer` only.",
    )


class OrderAnswer(Shown):
    """The purchase the claim is about."""

    ref: str | None = Field(description="The brand's reference of the order.")
    purchased_on: date | None = Field(description="The day the contract was made.")
    delivered_on: date | None = Field(description="The day the goods arrived.")
    sold_by: SoldBy | None = Field(description="Whether we or somebody else sold the goods.")
    sales_channel: SalesChannel | None = Field(description="How the contract was made.")
    shipping_paid: MoneyAnswer | None = Field(description="What was paid for the outbound shipping.")


class CountedAnswer(Shown):
    """A length of time in the law's own unit."""

    value: int = Field(description="How many.")
    unit: Unit = Field(description="Two months are not sixty days.")


class SkippedDayAnswer(Shown):
    """A day off that was passed over."""

    on: date = Field(description="The day.")
    name: str = Field(description="The holiday in the claim's language, where its table has it, or the day (`sat`).")


class PolicyDateAnswer(Shown):
    """The end of a period that matters to the claim, counted as its law counts."""

    rule: RuleField = Field(description="The rule of the policy.")
    positions: list[int] = Field(description="The lines it is about.")
    on: date = Field(description="The local day of `zone` that ends with it.")
    at: Instant = Field(description="The instant it ends.")
    zone: str = Field(description="The time zone, IANA.")
    counted: CountedAnswer = Field(description="The length of the period.")
    rolled: bool = Field(description="Its last day was a day off.")
    skipped: list[SkippedDayAnswer] = Field(description="The days off that were passed over, in order.")
    decides: bool = Field(description="Whether the end counts by itself; else a person decides.")
    layer: Layer = Field(description="The law, or the brand's global standard.")
    law: str | None = Field(description="The id of the law in the policy.")
    source: str | None = Field(description="The act and the article.")


class PinnedPolicyAnswer(Shown):
    """The rules the claim is pinned to."""

    id: str = Field(description="The hash of the rules' content, pol_ and what follows.")
    region: str = Field(description="The region whose rules these are.")
    href: str = Field(description="Where to look the region's rules up.")
    dates: list[PolicyDateAnswer] = Field(
        description="What its periods mean in days for this claim, from submission on."
    )


class DocumentsAnswer(Shown):
    """What has to be handed in."""

    required: list[object] = Field(description="What is still needed; empty as long as documents are not asked for.")


class HoldAnswer(Shown):
    """Something the claim waits for."""

    id: str = Field(description="The id of the hold.")
    kind: HoldKind = Field(description="What has to be cleared up.")
    reason: str | None = Field(default=None, description="Why, in words for the staff; only they see it.")
    duplicate_of: str | None = Field(default=None, description="The claim this one seems to repeat.")
    opened_at: Instant = Field(description="When it began.")
    released_at: Instant | None = Field(description="When it ended; null while it stands.")


class RemedyAnswer(Shown):
    """One thing promised."""

    id: str = Field(description="The id of the remedy.")
    position: int = Field(description="Which line it is for.")
    kind: RemedyKind = Field(description="What the customer gets.")
    state: RemedyState = Field(description="How far it has come.")
    amount: MoneyAnswer | None = Field(description="How much money goes with it.")
    starts_when: StartsWhen | None = Field(description="What a refund waits for; null for other remedies.")


class AllowedTransitionAnswer(Shown):
    """A step the caller's role may take from here."""

    transition: Transition = Field(description="The step.")
    blocked_by: str | None = Field(description="The code of what stands in the way; null when nothing does.")


class WarningAnswer(Shown):
    """Something accepted that may be a mistake."""

    code: str = Field(description="What was noticed, as a code.")
    pointer: str = Field(description="Where in the submission, by RFC 6901.")
    detail: str = Field(description="What was noticed, in a sentence.")


class DeciderAnswer(Shown):
    """Who decided."""

    kind: ActorKind = Field(description="In which role.")
    ref: str | None = Field(description="The brand's reference of the person.")


class TrackingAnswer(Shown):
    """What lets a customer follow their claim."""

    token: str = Field(description="A Bearer credential for this one claim, trk_ and what follows.")
    url: str | None = Field(description="The page for the customer; null as long as there is none.")


class ClaimAnswer(Shown):
    """A claim, as the caller may see it."""

    id: str = Field(description="The id of the claim.")
    number: str = Field(description="The number to read out on the phone.")
    status: Status = Field(description="Where the work stands.")
    stage: Stage = Field(description="Where the claim stands, in the customer's words.")
    version: int = Field(description="Rises with everything that happens; compared by `If-Match`.")
    awaiting: AwaitingAnswer = Field(description="Whose turn it is.")
    decision: LineDecision = Field(description="The best for the customer among the lines once all are decided.")
    appeal: Appeal = Field(description="Whether a refusal is being looked at again.")
    appeal_until: Instant | None = Field(description="The last instant any refused line can be appealed.")
    reopen_until: Instant | None = Field(description="Until when a settled claim can be taken up again.")
    external_ref: str | None = Field(default=None, description="The brand's reference of the claim.")
    region: str | None = Field(description="Where the customer lives; null only in a draft.")
    locale: str | None = Field(description="The language the customer reads.")
    channel: Channel | None = Field(description="Where the customer came in.")
    time_zone: str | None = Field(description="The customer's time zone, by its IANA name.")
    customer: CustomerAnswer | None = Field(description="Who claims; null only in a draft, and to partners.")
    order: OrderAnswer = Field(description="The purchase the claim is about.")
    lines: list[LineAnswer] = Field(description="What is claimed.")
    policy: PinnedPolicyAnswer | None = Field(
        description="The rules the claim is pinned to; null before it is submitted."
    )
    promises: list[object] = Field(description="What we owe by when; empty as long as no deadlines are kept here.")
    documents: DocumentsAnswer = Field(description="What has to be handed in.")
    holds: list[HoldAnswer] = Field(description="What the claim waits or waited for.")
    goods_with: GoodsWith = Field(description="Who has the goods.")
    remedies: list[RemedyAnswer] = Field(description="What was promised.")
    allowed_transitions: list[AllowedTransitionAnswer] = Field(description="What this caller may do now.")
    warnings: list[WarningAnswer] = Field(description="What was accepted but may be a mistake.")
    assignee: str | None = Field(default=None, description="The brand's reference of the person at work on it.")
    decided_by: DeciderAnswer | None = Field(default=None, description="Who decided it.")
    metadata: dict[str, str] = Field(default_factory=dict, description="The caller's own keys and values.")
    tracking: TrackingAnswer | None = Field(
        default=None, exclude_if=is_absent, description="The tracking token; in the answer to a submission only."
    )
    submitted_at: Instant | None = Field(description="When it was filed; null in a draft.")
    ended_at: Instant | None = Field(description="When the work ended; null while it goes on.")
    created_at: Instant = Field(description="When it was first saved.")
    updated_at: Instant = Field(description="When something last happened to it.")


class ClaimPage(Page[ClaimAnswer]):
    """One page of claims."""


ClaimListEntry: TypeAlias = ClaimAnswer
"""A list shows claims as a read does."""
