"""Money in minor units of one currency: never a float, never converted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PLACES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS = {currency: places for places, currencies in _PLACES.items() for currency in currencies.split()}
"""Decimal places of the currencies that have not two (ISO 4217, list one, column "minor unit")."""

MAX_AMOUNT_MINOR = 2**53 - 1
"""The largest integer every reader of JSON keeps exactly (RFC 8259, section 6)."""


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum or comparison; nobody here knows a rate."""


@dataclass(frozen=True)
class Money:
    """An amount of one currency, counted in its minor units (cents, yen, fils)."""

    amount_minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount_minor - self._same(other), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount_minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount_minor <= self._same(other)

    def __str__(self) -> str:
        return f"{format_amount(self)} {self.currency}"

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.amount_minor


def exponent(currency: str) -> int:
    """The number of decimal places amounts of this currency have."""
    return EXPONENTS.get(currency, 2)


def parse_money(amount: str, currency: str) -> Money:
    """The money a decimal string means; fewer decimals than the currency has are fine, more are not.

    Raises: ValueError for a sign, an exponent, spaces, too many decimals, a currency that is no three capital
    letters, or more than `MAX_AMOUNT_MINOR`.
    """
    places = exponent(currency)
    found = re.fullmatch(r"([0-9]{1,16})(?:\.([0-9]{1,4}))?", amount)
    if not re.fullmatch(r"[A-Z]{3}", currency) or not found or len(found[2] or "") > places:
        raise ValueError("not an amount of this currency")
    amount_minor = int(found[1] + (found[2] or "").ljust(places, "0"))
    if amount_minor > MAX_AMOUNT_MINOR:
        raise ValueError("more than any claim is worth")
    return Money(amount_minor, currency)


def format_amount(money: Money) -> str:
    """The amount as a decimal string with exactly the decimals its currency has."""
    places = exponent(money.currency)
    sign = "-" if money.amount_minor < 0 else ""
    digits = str(abs(money.amount_minor)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def shares(total: Money, weights: Sequence[int]) -> tuple[Money, ...]:
    """The total split by weight so that the shares sum to it exactly (largest remainder; ties to the earlier share).

    Weights that are all zero count as equal. Raises: ValueError without weights or with a negative one.
    """
    if not weights or min(weights) < 0:
        raise ValueError("shares need weights of zero or more")
    parts = weights if sum(weights) else [1] * len(weights)
    whole = sum(parts)
    floors = [total.amount_minor * part // whole for part in parts]
    missing = total.amount_minor - sum(floors)
    by_remainder = sorted(range(len(parts)), key=lambda i: -(total.amount_minor * parts[i] % whole))
    for i in by_remainder[:missing]:
        floors[i] += 1
    return tuple(Money(amount, total.currency) for amount in floors)
