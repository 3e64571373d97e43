"""The number of a claim, for people to read out: ten characters, the last one checks the others.

Alphabet: Crockford's base32 (no I, L, O, U). Check character: the Luhn mod N algorithm with N = 32, which finds
every single wrong character and all swaps of neighbours but one pair.
"""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 45
_BASE = len(ALPHABET)
_LENGTH = 10
_MISREAD = str.maketrans("OIL", "011", "-")


def claim_number(random_bits: int) -> str:
    """The number made of 45 random bits. Raises: ValueError for more bits than that."""
    if not 0 <= random_bits < 2**BITS:
        raise ValueError(f"a claim number holds {BITS} bits")
    digits = [random_bits >> shift & 31 for shift in range(BITS - 5, -1, -5)]
    check = -_luhn_sum(digits, first_factor=2) % _BASE
    return "".join(ALPHABET[digit] for digit in [*digits, check])


def normalise_number(text: str) -> str:
    """A number as we write it, from what a person typed: capitals, O for 0, I and L for 1, hyphens."""
    return text.upper().translate(_MISREAD)


def is_valid_number(text: str) -> bool:
    """Whether a typed number can be one of ours."""
    # Some letters outside ASCII become an ASCII one as a capital: they are no characters of ours.
    number = normalise_number(text) if text.isascii() else ""
    if len(number) != _LENGTH or any(character not in ALPHABET for character in number):
        return False
    return _luhn_sum([ALPHABET.index(character) for character in number], first_factor=1) % _BASE == 0


def _luhn_sum(digits: list[int], first_factor: int) -> int:
    total, factor = 0, first_factor
    for digit in reversed(digits):
        product = digit * factor
        total += product // _BASE + product % _BASE
        factor = 3 - factor
    return total
