"""Money is exact, of one currency, and shared without loss."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_api.domain.money import MAX_AMOUNT_MINOR, CurrencyMismatch, Money, format_amount, parse_money, shares

currencies = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])


@pytest.mark.parametrize(
    ("text", "currency", "amount_minor"),
    [
        ("129.00", "EUR", 12900),
        ("129", "EUR", 12900),
        ("129.5", "EUR", 12950),
        ("0.01", "EUR", 1),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("0.0001", "CLF", 1),
    ],
)
def test_a_decimal_string_is_read_by_the_places_of_its_currency(text: str, currency: str, amount_minor: int) -> None:
    assert parse_money(text, currency) == Money(amount_minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1.001", "EUR"),
        ("1.0", "JPY"),
        ("-1", "EUR"),
        ("+1", "EUR"),
        ("1e3", "EUR"),
        ("1,00", "EUR"),
        (" 1", "EUR"),
        ("1\n", "EUR"),
        ("", "EUR"),
        (".5", "EUR"),
        ("1.", "EUR"),
        ("NaN", "EUR"),
        ("\u0661", "EUR"),  # a digit, but not one of ours
        ("9" * 17, "EUR"),
        ("9" * 16, "EUR"),
        ("1", "eur"),
        ("1", "EURO"),
        ("1", ""),
    ],
)
def test_anything_else_is_no_amount(text: str, currency: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message echoes nothing of the input
        parse_money(text, currency)


@given(st.integers(0, MAX_AMOUNT_MINOR // 10_000), currencies)
def test_an_amount_written_is_read_back(amount_minor: int, currency: str) -> None:
    money = Money(amount_minor, currency)

    assert parse_money(format_amount(money), currency) == money


def test_a_debt_is_written_with_its_sign() -> None:
    assert str(Money(-5, "EUR")) == "-0.05 EUR"


def test_two_currencies_are_never_added_or_compared() -> None:
    for operation in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__):
        with pytest.raises(CurrencyMismatch):
            operation(Money(1, "EUR"), Money(1, "CHF"))


def test_one_currency_is_added_and_compared() -> None:
    assert Money(1, "EUR") + Money(2, "EUR") - Money(3, "EUR") == Money(0, "EUR")
    assert Money(1, "EUR") < Money(2, "EUR") <= Money(2, "EUR")


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_shares_sum_to_the_whole_and_are_off_by_less_than_one(total: int, weights: list[int]) -> None:
    parts = [share.amount_minor for share in shares(Money(total, "EUR"), weights)]

    assert sum(parts) == total
    whole = sum(weights)
    assert all(abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True) if whole)


def test_the_largest_remainder_gets_the_odd_cent_and_a_tie_goes_to_the_first() -> None:
    assert [share.amount_minor for share in shares(Money(100, "EUR"), [1, 1, 1])] == [34, 33, 33]
    assert [share.amount_minor for share in shares(Money(10, "EUR"), [1, 5])] == [2, 8]
    assert [share.amount_minor for share in shares(Money(3, "EUR"), [0, 0])] == [2, 1]


@pytest.mark.parametrize("weights", [[], [1, -1]])
def test_nothing_is_shared_among_nobody(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        shares(Money(1, "EUR"), weights)
