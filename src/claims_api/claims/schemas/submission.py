"""What a customer files; a draft may leave anything out, and what is there must be right."""

from datetime import date

from pydantic import Field

from claims_api.claims.schemas.values import (
    Chosen,
    Day,
    Email,
    IssueCodeText,
    Line100,
    Line200,
    Lines5000,
    Locale,
    Metadata,
    MoneyInput,
    Phone,
    Reference,
    RegionCode,
    Sent,
    TimeZone,
)
from claims_api.claims.schemas.words import (
    Channel,
    Condition,
    CustomerKind,
    RepairedBy,
    RequestedRemedy,
    SoldBy,
)
from claims_api.domain.policy_words import Category
from claims_api.domain.vocabulary import SalesChannel
from claims_api.kit.problems import InputError

MAX_LINES = 100


class CustomerSubmission(Sent):
    """Who claims."""

    ref: Reference | None = Field(default=None, description="Your own reference of the customer; needed to submit.")
    kind: Chosen[CustomerKind] = Field(
        default=CustomerKind.CONSUMER, description="Whether the customer buys as a consumer or for a business."
    )
    name: Line200 | None = Field(default=None, description="The name to address the customer by.")
    email: Email | None = Field(default=None, description="Where e-mail reaches the customer.")
    phone: Phone | None = Field(default=None, description="Where calls and texts reach the customer.")
    acts_for: Line200 | None = Field(default=None, description="The person or company the customer acts for.")


class OrderSubmission(Sent):
    """The purchase the claim is about."""

    ref: Line100 | None = Field(default=None, description="Your own reference of the order.")
    purchased_on: Day | None = Field(default=None, description="The day the contract was made.")
    delivered_on: Day | None = Field(default=None, description="The day the goods arrived.")
    sold_by: Chosen[SoldBy] | None = Field(default=None, description="Whether we or somebody else sold the goods.")
    sales_channel: Chosen[SalesChannel] | None = Field(default=None, description="How the contract was made.")
    shipping_paid: MoneyInput | None = Field(default=None, description="What was paid for the outbound shipping.")


class IssueSubmission(Sent):
    """What is wrong."""

    code: IssueCodeText | None = Field(
        default=None, description="What is wrong, as a code of the list or your own x_ code; needed to submit."
    )
    noticed_on: Day | None = Field(default=None, description="The day the customer first noticed it.")
    description: Lines5000 | None = Field(default=None, description="What is wrong, in the customer's words.")


class PriorRepairSubmission(Sent):
    """A repair before this claim."""

    repaired_on: Day | None = Field(default=None, description="The day the repair was done.")
    by: Chosen[RepairedBy] = Field(description="Whether the seller or somebody else repaired it.")
    issue_code: IssueCodeText | None = Field(default=None, description="What was repaired, as an issue code.")


class LineSubmission(Sent):
    """One thing claimed."""

    sku: Line100 | None = Field(default=None, description="Your own product number; sku or name is needed to submit.")
    name: Line200 | None = Field(default=None, description="The name of the product.")
    category: Chosen[Category] | None = Field(default=None, description="The product category some laws ask for.")
    condition: Chosen[Condition] | None = Field(default=None, description="Whether it was sold new or used.")
    expected_life_months: int | None = Field(
        default=None, ge=1, le=1200, description="How many months such a product usually lasts."
    )
    serial_numbers: list[Line100] = Field(
        default_factory=list, max_length=50, description="The serial numbers of the units."
    )
    quantity: int = Field(default=1, ge=1, le=10_000, description="How many units are claimed.")
    delivered_on: Day | None = Field(default=None, description="The day this line arrived, if not with the order.")
    paid: MoneyInput | None = Field(
        default=None, description="What was paid for the whole line, tax included, after discounts."
    )
    issue: IssueSubmission | None = Field(default=None, description="What is wrong with it.")
    requested_remedy: Chosen[RequestedRemedy] | None = Field(default=None, description="What the customer asks for.")
    prior_repairs: list[PriorRepairSubmission] = Field(
        default_factory=list, max_length=20, description="The repairs before this claim."
    )


class ClaimSubmission(Sent):
    """A claim as it is filed, or the content of a draft."""

    draft: bool = Field(default=False, description="Save it without submitting; any field may still be missing.")
    external_ref: Line100 | None = Field(
        default=None, description="Your own reference of the claim, unique among your claims."
    )
    region: RegionCode | None = Field(default=None, description="Where the customer lives; needed to submit.")
    locale: Locale | None = Field(default=None, description="The language the customer reads.")
    channel: Chosen[Channel] | None = Field(default=None, description="Where the customer came in.")
    time_zone: TimeZone | None = Field(default=None, description="The customer's time zone, by its IANA name.")
    customer: CustomerSubmission | None = Field(default=None, description="Who claims.")
    order: OrderSubmission | None = Field(default=None, description="The purchase the claim is about.")
    lines: list[LineSubmission] = Field(
        default_factory=list, max_length=MAX_LINES, description="What is claimed; one line is needed to submit."
    )
    metadata: Metadata = Field(default_factory=dict, description="Your own keys and values; they mean nothing here.")


def date_faults(submission: ClaimSubmission, today_furthest: date) -> tuple[InputError, ...]:
    """Dates in the wrong order or in the future; `today_furthest` is the day where it is latest (UTC+14).

    A fault may be noticed before delivery (a parcel that never came), so it is compared with the purchase only.
    """
    purchased_on = submission.order.purchased_on if submission.order else None
    faults = []
    for pointer, day, follows_purchase in _dates(submission):
        if day > today_furthest:
            faults.append(InputError(pointer, "in-the-future", "This day has not begun anywhere yet."))
        elif follows_purchase and purchased_on and day < purchased_on:
            faults.append(InputError(pointer, "before-purchase", "This day lies before the purchase."))
    return tuple(faults)


def _dates(submission: ClaimSubmission) -> list[tuple[str, date, bool]]:
    """Each date there is, with its pointer and whether it cannot lie before the purchase."""
    order = submission.order or OrderSubmission()
    found = [("/order/purchased_on", order.purchased_on, False), ("/order/delivered_on", order.delivered_on, True)]
    for index, line in enumerate(submission.lines):
        noticed_on = line.issue.noticed_on if line.issue else None
        found.append((f"/lines/{index}/delivered_on", line.delivered_on, True))
        found.append((f"/lines/{index}/issue/noticed_on", noticed_on, True))
        for place, repair in enumerate(line.prior_repairs):
            # Used goods may have been repaired before they were sold.
            found.append((f"/lines/{index}/prior_repairs/{place}/repaired_on", repair.repaired_on, False))
    return [(pointer, day, follows) for pointer, day, follows in found if day]
