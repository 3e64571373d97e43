"""What is shown of one line of a claim: what was filed, and what was decided about it."""

from datetime import date

from pydantic import Field

from claims_api.claims.schemas.shown import Instant, MoneyAnswer, Shown
from claims_api.claims.schemas.words import ClauseSource, Condition, RepairedBy, RequestedRemedy
from claims_api.domain.policy_words import Category
from claims_api.domain.vocabulary import Ground, LineDecision, RefusalReason


class IssueAnswer(Shown):
    """What is wrong."""

    code: str | None = Field(description="What is wrong, as a code; null only in a draft.")
    ground: Ground | None = Field(description="The ground the line stands on, which follows from the code.")
    noticed_on: date | None = Field(description="The day the customer first noticed it.")
    description: str | None = Field(description="What is wrong, in the customer's words.")


class PriorRepairAnswer(Shown):
    """A repair before this claim."""

    repaired_on: date | None = Field(description="The day the repair was done.")
    by: RepairedBy = Field(description="Whether the seller or somebody else repaired it.")
    issue_code: str | None = Field(description="What was repaired, as an issue code.")


class ClauseAnswer(Shown):
    """The rule a refusal rests on."""

    source: ClauseSource = Field(description="Whether the law, our standard or the brand's terms say so.")
    reference: str = Field(description="Where it is written.")
    text: str | None = Field(description="The words of the clause.")


class RefusalAnswer(Shown):
    """Why the line was refused."""

    reason: RefusalReason = Field(description="The reason, as a code.")
    clause: ClauseAnswer | None = Field(description="The rule the refusal rests on; null once the words are erased.")
    facts: list[str] = Field(description="What was found out about this line; empty once the words are erased.")
    would_change: list[str] = Field(description="What would change the decision; empty once the words are erased.")
    appeal_until: Instant = Field(description="Until when the refusal can be appealed.")


class LineAnswer(Shown):
    """One thing claimed."""

    position: int = Field(description="The number of the line, from 1.")
    sku: str | None = Field(description="The brand's product number.")
    name: str | None = Field(description="The name of the product.")
    category: Category | None = Field(description="The product category some laws ask for.")
    condition: Condition | None = Field(description="Whether it was sold new or used.")
    expected_life_months: int | None = Field(description="How many months such a product usually lasts.")
    serial_numbers: list[str] = Field(description="The serial numbers of the units.")
    quantity: int = Field(description="How many units are claimed.")
    delivered_on: date | None = Field(description="The day this line arrived, if not with the order.")
    paid: MoneyAnswer | None = Field(description="What was paid for the whole line, tax included, after discounts.")
    issue: IssueAnswer = Field(description="What is wrong with it.")
    requested_remedy: RequestedRemedy | None = Field(description="What the customer asks for.")
    prior_repairs: list[PriorRepairAnswer] = Field(description="The repairs before this claim.")
    decision: LineDecision = Field(description="What was decided about the line.")
    refusal: RefusalAnswer | None = Field(description="Why it was refused, if it was.")
