"""Domain values as event data, and event data read back."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeVar

from claims_api.domain.answers import Data, Json
from claims_api.domain.claim import Consent, Filing, Line, Refusal, TextRef
from claims_api.domain.money import Money
from claims_api.domain.vocabulary import ConsentVia, RefusalReason, RemedyKind, SalesChannel

Value = TypeVar("Value")


def instant_text(at: datetime) -> str:
    """An instant as `YYYY-MM-DDTHH:MM:SS.ffffffZ`. Raises: ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a zone")
    in_utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return in_utc.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def read_instant(text: str) -> datetime:
    """The instant `instant_text` wrote. Raises: ValueError for a text it did not write."""
    at = datetime.fromisoformat(text)
    if instant_text(at) != text:  # fromisoformat reads many another form
        raise ValueError("an instant is written as instant_text writes it")
    return at


def money_data(money: Money) -> Data:
    """An amount as data."""
    return {"amount_minor": money.amount_minor, "currency": money.currency}


def text_data(text: TextRef) -> Data:
    """A text by id and hash."""
    return {"id": text.id, "hash": text.hash}


def refusal_data(refusal: Refusal) -> Data:
    """A refusal as data."""
    return {"reason": refusal.reason.value, "words": text_data(refusal.words)}


def consent_data(consent: Consent) -> Data:
    """A consent as data."""
    return {
        "via": consent.via.value,
        "at": instant_text(consent.at),
        "locale": consent.locale,
        "text": optional(text_data, consent.text),
    }


def filing_data(filing: Filing) -> Data:
    """What was filed, as data."""
    return {
        "region": filing.region,
        "customer_id": filing.customer_id,
        "shipping_paid": optional(money_data, filing.shipping_paid),
        "lines": [line_data(line) for line in filing.lines],
    }


def line_data(line: Line) -> Data:
    """What was filed about a line; what is decided later is no part of it."""
    return {
        "position": line.position,
        "issue_code": line.issue_code,
        "sku": line.sku,
        "has_name": line.has_name,
        "category": line.category,
        "requested_remedy": optional(str, line.requested_remedy),
        "paid": optional(money_data, line.paid),
        "quantity": line.quantity,
        "cure_attempts": line.cure_attempts,
        "delivered_on": optional(date.isoformat, line.delivered_on),
        "sales_channel": optional(str, line.sales_channel),
    }


def optional(write: Callable[[Value], Json], value: Value | None) -> Json:
    """`null` for nothing, else what `write` makes of it."""
    return None if value is None else write(value)


def read_filing(data: Data) -> Filing:
    """What `filing_data` wrote."""
    shipping_paid = maybe_record(data, "shipping_paid")
    return Filing(
        region=maybe_string(data, "region"),
        customer_id=maybe_string(data, "customer_id"),
        lines=tuple(read_line(line) for line in records(data, "lines")),
        shipping_paid=read_money(shipping_paid) if shipping_paid else None,
    )


def read_line(data: Data) -> Line:
    """What `line_data` wrote."""
    asked = maybe_string(data, "requested_remedy")
    paid = maybe_record(data, "paid")
    delivered_on, channel = maybe_string(data, "delivered_on"), maybe_string(data, "sales_channel")
    return Line(
        position=integer(data, "position"),
        issue_code=maybe_string(data, "issue_code"),
        sku=maybe_string(data, "sku"),
        has_name=data["has_name"] is True,
        category=maybe_string(data, "category"),
        requested_remedy=RemedyKind(asked) if asked else None,
        paid=read_money(paid) if paid else None,
        quantity=integer(data, "quantity"),
        cure_attempts=integer(data, "cure_attempts"),
        delivered_on=date.fromisoformat(delivered_on) if delivered_on else None,
        sales_channel=SalesChannel(channel) if channel else None,
    )


def read_money(data: Data) -> Money:
    """What `money_data` wrote."""
    return Money(integer(data, "amount_minor"), string(data, "currency"))


def read_text(data: Data) -> TextRef:
    """What `text_data` wrote."""
    return TextRef(string(data, "id"), string(data, "hash"))


def read_refusal(data: Data) -> Refusal:
    """What `refusal_data` wrote."""
    return Refusal(RefusalReason(string(data, "reason")), read_text(record(data, "words")))


def read_consent(data: Data) -> Consent:
    """What `consent_data` wrote."""
    text = maybe_record(data, "text")
    return Consent(
        via=ConsentVia(string(data, "via")),
        at=read_instant(string(data, "at")),
        locale=string(data, "locale"),
        text=read_text(text) if text else None,
    )


def string(data: Data, key: str) -> str:
    """A string member. Like every reader here it raises TypeError for another type: the log is damaged then."""
    value = data[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is no string")
    return value


def maybe_string(data: Data, key: str) -> str | None:
    """A string member, or None where it is null or missing."""
    return None if data.get(key) is None else string(data, key)


def integer(data: Data, key: str) -> int:
    """An integer member; true is none."""
    value = data[key]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{key} is no integer")
    return value


def record(data: Data, key: str) -> Data:
    """An object member."""
    return _as_record(data[key])


def maybe_record(data: Data, key: str) -> Data | None:
    """An object member, or None where it is null or missing."""
    return None if data.get(key) is None else record(data, key)


def records(data: Data, key: str) -> tuple[Data, ...]:
    """A member that is a list of objects."""
    value = data[key]
    if not isinstance(value, list | tuple):
        raise TypeError(f"{key} is no list")
    return tuple(_as_record(item) for item in value)


def integers(data: Data, key: str) -> tuple[int, ...]:
    """A member that is a list of integers."""
    value = data[key]
    if not isinstance(value, list | tuple):
        raise TypeError(f"{key} is no list")
    return tuple(integer({key: item}, key) for item in value)


def maybe_instant(data: Data, key: str) -> datetime | None:
    """An instant, or None where it is null or missing."""
    text = maybe_string(data, key)
    return read_instant(text) if text else None


def _as_record(value: Json) -> Data:
    if not isinstance(value, dict):
        raise TypeError("no object where one belongs")
    return value
