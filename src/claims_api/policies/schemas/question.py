"""What the lookup may be asked: the parameters of the query, each with a sentence for whoever sent another."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from claims_api.domain.policy_words import Category

LONGEST_TAG = 35
NAMES_IN = "BCP 47: the language of names. Where there are none in it, a near one or English; `locale` says which."
LANGUAGE = (
    r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
    r"(-[0-9A-WYZa-wyz](-[A-Za-z0-9]{2,8})+)*(-[xX](-[A-Za-z0-9]{1,8})+)?"
)
"""A well-formed tag (RFC 5646, section 2.1), without the irregular ones of old."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TAG = re.compile(LANGUAGE)


class GoodsCondition(StrEnum):
    """How goods were sold."""

    NEW = "new"
    USED = "used"


def _read_date(value: object) -> date:
    # Pydantic itself would also take a number of seconds for a day.
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise PydanticCustomError("date_malformed", "Write the date as YYYY-MM-DD.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("date_malformed", "This day is not in the calendar.") from None


def _well_formed(tag: str) -> str:
    if len(tag) > LONGEST_TAG or not _TAG.fullmatch(tag):
        raise PydanticCustomError("locale_malformed", "Send a language tag (BCP 47).")
    return tag


Day = Annotated[date, BeforeValidator(_read_date), WithJsonSchema({"type": "string", "format": "date"})]
LocaleTag = Annotated[
    str,
    AfterValidator(_well_formed),
    WithJsonSchema({"type": "string", "maxLength": LONGEST_TAG, "pattern": f"^(?:{LANGUAGE})$"}),
]


class PolicyQuestion(BaseModel):
    """Query parameters of the lookup. What is left out is read in the customer's favour, and the answer says so."""

    model_config = ConfigDict(frozen=True)

    category: Category | None = Field(default=None, description="What the goods are.", examples=["small_appliances"])
    condition: GoodsCondition | None = Field(default=None, description="How they were sold.", examples=["new"])
    purchased_on: Day | None = Field(
        default=None,
        description="The day of the contract: it chooses the rule where a law has changed, and starts some periods. "
        "From 1900 to ten years ahead.",
        examples=["2026-05-18"],
    )
    delivered_on: Day | None = Field(
        default=None,
        description="The day the goods arrived, not before they were bought: most periods start with it. "
        "From 1900 to ten years ahead.",
        examples=["2026-05-21"],
    )
    as_of: Day | None = Field(
        default=None,
        description="The day whose knowledge of the law to answer from: it chooses the release. Else today, in UTC.",
        examples=["2026-11-22"],
    )
    locale: LocaleTag | None = Field(default=None, description=NAMES_IN, examples=["de-DE"])
