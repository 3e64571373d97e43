"""A claim number survives being read out and typed in again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_api.domain.number import ALPHABET, BITS, claim_number, is_valid_number, normalise_number

numbers = st.integers(0, 2**BITS - 1).map(claim_number)


def test_a_number_is_ten_characters_of_the_alphabet() -> None:
    assert claim_number(0) == "0000000000"
    assert claim_number(2**BITS - 1)[:9] == "ZZZZZZZZZ"


@pytest.mark.parametrize("bits", [-1, 2**BITS])
def test_other_than_45_bits_make_no_number(bits: int) -> None:
    with pytest.raises(ValueError, match="45 bits"):
        claim_number(bits)


@given(numbers)
def test_a_number_is_valid_however_it_is_typed(number: str) -> None:
    typed = f"{number[:5]}-{number[5:]}".lower().replace("0", "o").replace("1", "l")

    assert is_valid_number(number)
    assert is_valid_number(typed)
    assert normalise_number(typed) == number


@given(numbers)
def test_every_single_wrong_character_is_found(number: str) -> None:
    for place in range(10):
        for other in ALPHABET.replace(number[place], ""):
            assert not is_valid_number(number[:place] + other + number[place + 1 :])


@given(numbers)
def test_every_swap_of_neighbours_is_found_but_of_the_first_and_last_letter(number: str) -> None:
    for place in range(9):
        one, two = number[place], number[place + 1]
        if one != two and {one, two} != {"0", "Z"}:
            assert not is_valid_number(number[:place] + two + one + number[place + 2 :])


@pytest.mark.parametrize("text", ["", "000000000", "00000000000", "U000000000", "00000 00000", "\u0131000000000"])
def test_anything_else_is_no_number(text: str) -> None:
    assert not is_valid_number(text)
