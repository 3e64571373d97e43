"""The global standard: what the brand promises everywhere, and what it asks for in return."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from claims_api.domain.policy_law import Statement
from claims_api.domain.policy_words import RuleField, Unit
from claims_api.domain.vocabulary import Ground, RemedyKind, StartsWhen

Found = TypeVar("Found")

DEFAULT_ISSUE = "default"
"""The key of what holds for an issue the standard does not name, such as a tenant's own `x_...`."""


class ServiceTerm(StrEnum):
    """What somebody owes somebody by a time in the life of a claim."""

    ACKNOWLEDGE = "acknowledge"
    DECIDE = "decide"
    INFORM = "inform"
    INSPECT = "inspect"
    REMEDY = "remedy"
    REFUND = "refund"
    DECIDE_APPEAL = "decide_appeal"
    SHIPMENT_NEWS = "shipment_news"
    PROVIDE_INFORMATION = "provide_information"
    SEND_ITEM = "send_item"
    CHOOSE = "choose"
    APPEAL_WINDOW = "appeal_window"
    REOPEN_WINDOW = "reopen_window"
    REOPEN_WINDOW_WITHDRAWN = "reopen_window_withdrawn"
    DRAFT = "draft"


class TermOwner(StrEnum):
    """Who owes it."""

    US = "us"
    CUSTOMER = "customer"


class TermStart(StrEnum):
    """The event a term counts from."""

    SUBMITTED = "submitted"
    LAST_MESSAGE = "last_message"
    GOODS_RECEIVED = "goods_received"
    REMEDY_ACCEPTED = "remedy_accepted"
    REFUND_DUE = "refund_due"
    APPEAL_FILED = "appeal_filed"
    LAST_UPDATE = "last_update"
    INFORMATION_REQUESTED = "information_requested"
    ITEM_REQUESTED = "item_requested"
    REMEDIES_OFFERED = "remedies_offered"
    LINE_REFUSED = "line_refused"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    DRAFT_SAVED = "draft_saved"


class Medium(StrEnum):
    """How something can be shown or told."""

    PAPER = "paper"
    PHOTO = "photo"
    VIDEO = "video"
    VOICE = "voice"


class Requirement(StrEnum):
    """How much is asked: this; one at least of its group; this if at hand; or this in place of another."""

    REQUIRED = "required"
    ONE_OR_MORE = "one_or_more"
    OPTIONAL = "optional"
    ALTERNATIVE_TO = "alternative_to"


class DocumentCode(StrEnum):
    """All that may be asked for. Packaging, papers of identity and dates of birth are left out on purpose."""

    PROOF_OF_PURCHASE = "proof_of_purchase"
    BANK_STATEMENT = "bank_statement"
    DESCRIPTION = "description"
    PHOTO_OF_DEFECT = "photo_of_defect"
    VIDEO_OF_DEFECT = "video_of_defect"
    RECORDING_OF_NOISE = "recording_of_noise"
    PHOTO_OF_MESSAGE = "photo_of_message"
    PHOTO_OF_ITEM = "photo_of_item"
    PHOTO_OF_CONTENTS = "photo_of_contents"
    PHOTO_OF_SERIAL = "photo_of_serial"
    PHOTO_OF_PACKAGE = "photo_of_package"
    PHOTO_OF_SHIPPING_LABEL = "photo_of_shipping_label"


class KnownFact(StrEnum):
    """What may be known already and then meets a document; no word of it is a document's code."""

    ORDER_REF = "order_ref"
    SERIAL_NUMBER = "serial_number"
    ISSUE_DESCRIPTION = "issue_description"
    TRACKING_NUMBER = "tracking_number"
    CARRIER_REPORT = "carrier_report"
    INSPECTION_FINDINGS = "inspection_findings"


class CostBearer(StrEnum):
    """Who pays for goods to travel back."""

    SELLER = "seller"
    CONSUMER = "consumer"


class Kept(StrEnum):
    """What is kept after a claim has ended."""

    CLAIM_RECORD = "claim_record"
    MESSAGES = "messages"
    EVIDENCE = "evidence"


class RetentionReason(StrEnum):
    """Why it is kept that long."""

    LIMITATION_OF_ACTIONS = "limitation_of_actions"
    SERVICE_HISTORY = "service_history"
    DISPUTE_RESOLUTION = "dispute_resolution"


class Formality(StrEnum):
    """How a customer is addressed."""

    FORMAL = "formal"
    NEUTRAL = "neutral"
    INFORMAL = "informal"


class RefusalStyle(StrEnum):
    """How bad news is put."""

    DIRECT = "direct"
    SOFTENED = "softened"
    FORMAL = "formal"


class ContactChannel(StrEnum):
    """Where we speak to a customer."""

    TRACKING_PAGE = "tracking_page"
    EMAIL = "email"
    TEXT_MESSAGE = "text_message"
    PHONE = "phone"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time somebody has; `meaning` is one sentence for people."""

    value: int
    unit: Unit
    starts_with: TermStart
    owed_by: TermOwner
    meaning: str


@dataclass(frozen=True, slots=True)
class Fact:
    """What a known fact says, and where a claim carries it (`*` is any line); None: it comes from elsewhere."""

    meaning: str
    path: str | None


@dataclass(frozen=True, slots=True)
class DocumentRule:
    """One thing to show. `group` comes with `one_or_more`, `instead_of` with `alternative_to`."""

    code: DocumentCode
    label: str
    requirement: Requirement
    media: tuple[Medium, ...]
    met_by: frozenset[KnownFact]
    group: str | None = None
    instead_of: DocumentCode | None = None


@dataclass(frozen=True, slots=True)
class ReturnCost:
    """Who bears the cost on one ground; without a `bearer` the one the law names does, else `where_law_is_silent`."""

    bearer: CostBearer | None
    where_law_is_silent: CostBearer


@dataclass(frozen=True, slots=True)
class Retention:
    """How many months after a claim's end something is kept, and why."""

    months: int
    reason: RetentionReason


@dataclass(frozen=True, slots=True)
class Tone:
    """How to speak where a region has no words of its own; `channels` in the order to try them."""

    formality: Formality
    refusal: RefusalStyle
    channels: tuple[ContactChannel, ...]


@dataclass(frozen=True, slots=True)
class GlobalStandard:
    """One release of the standard. Issues are keyed by code, with `DEFAULT_ISSUE` for every other one.

    `rules` are statements as the law makes them, so that resolution weighs both in the same way. `refund_starts_when`
    says what a refund waits for; of a ground it does not name it says nothing.
    """

    release: str
    service: Mapping[ServiceTerm, Term]
    facts: Mapping[KnownFact, Fact]
    documents: Mapping[str, tuple[DocumentRule, ...]]
    fields: Mapping[str, tuple[str, ...]]
    remedies: Mapping[str, tuple[RemedyKind, ...]]
    return_cost: Mapping[Ground, ReturnCost]
    retention: Mapping[Kept, Retention]
    tone: Tone
    rules: Mapping[RuleField, Statement]
    refund_starts_when: Mapping[Ground, StartsWhen] = field(default_factory=dict)


def documents_for(
    standard: GlobalStandard, issue_code: str, already_given: frozenset[str] = frozenset()
) -> tuple[DocumentRule, ...]:
    """What to bring for an issue, in the standard's order, without what is met already.

    `already_given` holds known facts and the codes of documents that are there; other words mean nothing. One of a
    group meets its group, an alternative meets what it stands in for, and nobody is asked for an alternative to
    what is met.
    """
    rules = _of_issue(standard.documents, issue_code)
    met = {rule.code for rule in rules if rule.code in already_given or rule.met_by & already_given}
    met |= {rule.instead_of for rule in rules if rule.instead_of and rule.code in met}
    groups = {rule.group for rule in rules if rule.group and rule.code in met}
    met |= {rule.code for rule in rules if rule.group in groups}
    return tuple(rule for rule in rules if rule.code not in met and rule.instead_of not in met)


def fields_for(
    standard: GlobalStandard, issue_code: str, already_given: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """The paths into a claim (`*` is any line) worth knowing for an issue and not given; none is needed to file."""
    return tuple(path for path in _of_issue(standard.fields, issue_code) if path not in already_given)


def remedies_for(standard: GlobalStandard, issue_code: str) -> tuple[RemedyKind, ...]:
    """The remedies that fit an issue, the most sensible first: a hint, while the law's tiers bind."""
    return _of_issue(standard.remedies, issue_code)


def return_cost_bearer(standard: GlobalStandard, ground: Ground, by_law: CostBearer | None) -> CostBearer:
    """Who pays for the goods to travel back; `by_law` is whom the law names, None where it names nobody.

    The law binds upwards: where it names the seller, the seller pays whatever the standard says.
    """
    said = standard.return_cost[ground]
    if by_law is CostBearer.SELLER:
        return CostBearer.SELLER
    return said.bearer or by_law or said.where_law_is_silent


def _of_issue(table: Mapping[str, Found], issue_code: str) -> Found:
    return table[issue_code if issue_code in table else DEFAULT_ISSUE]
