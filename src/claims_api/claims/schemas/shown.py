"""What every answer is made of: instants in UTC, money as a decimal string."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from claims_api.domain.money import Money, format_amount


def _in_utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""Written as RFC 3339 with `Z`; a time without a zone is refused."""


def is_absent(value: object) -> bool:
    """Whether a member that is null is left out of the answer."""
    return value is None


class Shown(BaseModel):
    """What the service answers. A field some view does not see has a default, for it may be absent there."""

    model_config = ConfigDict(frozen=True)


class MoneyAnswer(Shown):
    """An amount of money."""

    amount: str = Field(description="The amount as a decimal string with the decimals of its currency.")
    currency: str = Field(description="The currency, by ISO 4217.")


def money_answer(money: Money) -> MoneyAnswer:
    """The amount as it is shown."""
    return MoneyAnswer(amount=format_amount(money), currency=money.currency)
