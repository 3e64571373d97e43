"""The values requests are made of: each says in a sentence what is wrong with it, and never repeats it."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Annotated, Final, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from claims_api.claims.schemas.words import IssueCode
from claims_api.domain.money import Money, exponent, parse_money

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
MAX_METADATA, MAX_METADATA_KEY = 50, 40

_CONTROL = r"\x00-\x1f\x7f-\x9f"
_CONTROL_BUT_BREAKS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # a form sends CR LF for a new line
# Space, then the first visible character: if any character could precede it, a fault at the end of a long text would
# be looked for again from each character before it.
_LINE = rf"[^\S{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*"
_LINES = rf"[^\S{_CONTROL_BUT_BREAKS}]*[^\s{_CONTROL}][^{_CONTROL_BUT_BREAKS}]*"
_OWN_ISSUE = r"x_[a-z0-9_]{1,40}"
_LANGUAGE = (
    r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
    r"(-[0-9A-WYZa-wyz](-[A-Za-z0-9]{2,8})+)*(-[xX](-[A-Za-z0-9]{1,8})+)?"
)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# The package's own list, not the machine's: what is accepted here resolves on every machine.
TIME_ZONES: Final = frozenset((files("tzdata") / "zones").read_text(encoding="ascii").split())
ZONE_RULE: Final = "Name a zone of the IANA time zone database."

Word = TypeVar("Word")
Chosen = Annotated[Word, Strict(False)]
"""A word of a closed list: JSON has no enumerations, so the text of one must do."""
Position = Annotated[int, Field(ge=1, le=32_767)]
"""A line of a claim, by its number."""


class Sent(BaseModel):
    """What a caller sends: unknown fields are refused, and no value is coerced into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True)
class Shape:
    """A text of one form; `code` and `sentence` are for whoever sent another."""

    pattern: str
    max_length: int
    code: str
    sentence: str

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        fits = re.compile(self.pattern).fullmatch

        def check(text: str) -> str:
            if not fits(text):
                raise PydanticCustomError(self.code, self.sentence)
            return text

        text = core_schema.str_schema(strict=True, max_length=self.max_length)
        return core_schema.no_info_after_validator_function(check, text)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "maxLength": self.max_length, "pattern": f"^(?:{self.pattern})$"}


def line(max_length: int) -> Shape:
    """One line of text: neither blank nor with control characters."""
    return Shape(_LINE, max_length, "text_malformed", "Write one line of text, without control characters.")


def lines(max_length: int) -> Shape:
    """Text of several lines: newlines and tabs, but no other control characters, and not blank."""
    return Shape(_LINES, max_length, "text_malformed", "Write text, without control characters but newline and tab.")


def _read_date(value: object) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise PydanticCustomError("date_malformed", "Write the date as YYYY-MM-DD.")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("date_malformed", "This day is not in the calendar.") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise PydanticCustomError("date_out_of_range", "The date must lie between 1900 and 2200.")
    return day


def _read_instant(value: object) -> datetime:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise PydanticCustomError("instant_malformed", "Write the instant as YYYY-MM-DDTHH:MM:SSZ or with an offset.")
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("instant_malformed", "This instant is not in the calendar.") from None
    if not FIRST_DAY < at.date() < LAST_DAY:
        raise PydanticCustomError("instant_out_of_range", "The instant must lie between 1900 and 2200.")
    return at.astimezone(UTC)


def _known_zone(name: str) -> str:
    if name not in TIME_ZONES:
        raise PydanticCustomError("time_zone_unknown", ZONE_RULE)
    return name


def _sound_keys(value: object) -> object:
    """Judges keys before values, for a pointer to a value would repeat its key."""
    if not isinstance(value, dict):
        return value
    if len(value) > MAX_METADATA:
        raise PydanticCustomError("metadata_too_many", f"Send at most {MAX_METADATA} keys.")
    for key in value:
        if len(key) > MAX_METADATA_KEY or not re.fullmatch(_LINE, key):
            rule = f"A key is one line of 1 to {MAX_METADATA_KEY} characters, without control characters."
            raise PydanticCustomError("metadata_key_malformed", rule)
    return value


Line100 = Annotated[str, line(100)]
Line200 = Annotated[str, line(200)]
Lines2000 = Annotated[str, lines(2000)]
Lines5000 = Annotated[str, lines(5000)]
Reference = Annotated[
    str,
    Shape(rf"[^\s{_CONTROL}]+", 100, "reference_malformed", "Send 1 to 100 visible characters without spaces."),
]
StaffReference = Annotated[
    str, Shape(r"[A-Za-z0-9._:-]{1,64}", 64, "reference_malformed", "Send 1 to 64 of A-Z a-z 0-9 . _ : -")
]
Email = Annotated[str, Shape(rf"[^@\s{_CONTROL}]+@[^@\s{_CONTROL}]+", 254, "email_malformed", "Write name@domain.")]
Phone = Annotated[str, line(40)]
RegionCode = Annotated[
    str,
    Shape(
        r"[A-Z]{2}(-[A-Z0-9]{1,3})?",
        6,
        "region_malformed",
        "Send two capital letters (ISO 3166-1), or those, a hyphen and up to three more (ISO 3166-2).",
    ),
]
Locale = Annotated[str, Shape(_LANGUAGE, 35, "locale_malformed", "Send a language tag (BCP 47).")]
TimeZone = Annotated[
    str,
    Shape(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}", 64, "time_zone_unknown", ZONE_RULE),
    AfterValidator(_known_zone),
]
IssueCodeText = Annotated[
    str,
    Shape(
        rf"{'|'.join(IssueCode)}|{_OWN_ISSUE}",
        42,
        "issue_unknown",
        "Send a code of the list, or your own: x_ and up to 40 of a-z 0-9 _",
    ),
]
Day = Annotated[date, BeforeValidator(_read_date)]
InstantSent = Annotated[
    datetime, BeforeValidator(_read_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
Metadata = Annotated[
    dict[
        str, Annotated[str, Shape(rf"[^{_CONTROL}]*", 500, "text_malformed", "Write text without control characters.")]
    ],
    BeforeValidator(_sound_keys),
    Field(
        json_schema_extra={
            "maxProperties": MAX_METADATA,
            "propertyNames": {"maxLength": MAX_METADATA_KEY, "pattern": f"^(?:{_LINE})$"},
        }
    ),
]


class MoneyInput(Sent):
    """An amount with as many decimals as its currency has, or fewer."""

    # The currency comes first because the amount is judged by its decimals.
    currency: Annotated[str, Shape("[A-Z]{3}", 3, "currency_malformed", "Send three capital letters (ISO 4217).")] = (
        Field(description="The currency, by ISO 4217.")
    )
    amount: Annotated[
        str, Shape(r"[0-9]{1,16}(\.[0-9]{1,4})?", 21, "amount_malformed", "Send digits, and a point before decimals.")
    ] = Field(description="The amount as a decimal string, zero or more.")

    @field_validator("amount")
    @classmethod
    def _fits_currency(cls, amount: str, info: ValidationInfo) -> str:
        currency = info.data.get("currency")
        if currency is None:
            return amount
        try:
            parse_money(amount, currency)
        except ValueError:
            places = exponent(currency)
            rule = f"This currency has at most {places} decimals, and there is a largest amount."
            raise PydanticCustomError("amount_malformed", rule) from None
        return amount

    def money(self) -> Money:
        """The amount in minor units."""
        return parse_money(self.amount, self.currency)
