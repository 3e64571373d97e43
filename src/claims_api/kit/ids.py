"""Identifiers: UUIDv7 (RFC 9562, section 5.7) inside, TypeIDs (prefix + Crockford base32, TypeID 0.3) outside."""

import re
import secrets
from uuid import UUID

from claims_api.kit import clock

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]  # ten bits at a time
_CROCKFORD = re.compile(f"[{_ALPHABET}]+")
_TO_PYTHONS = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_PAIR_LENGTH = 52  # 260 bits hold the 256 of two UUIDs
_LENGTH = 26  # 130 bits hold the 128 of a UUID; the first character is therefore 0..7


def new_uuid() -> UUID:
    """A UUIDv7 of this moment: 48 bits of milliseconds, then 74 random bits."""
    milliseconds = int(clock.now().timestamp() * 1000)
    random_bits = secrets.randbits(74)
    high, low = random_bits >> 62, random_bits & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def encode(prefix: str, value: UUID) -> str:
    """`clm` and a UUID give `clm_01k...`."""
    return f"{prefix}_{base32(value.int, _LENGTH)}"


def decode(prefix: str, text: str) -> UUID | None:
    """The UUID of a TypeID of this kind; None when malformed, which answers like an unknown one."""
    head, separator, body = text.partition("_")
    if head != prefix or not separator or len(body) != _LENGTH or body[0] > "7":
        return None
    number = unbase32(body)
    return None if number is None else UUID(int=number)


def encode_pair(first: UUID, second: UUID) -> str:
    """Two UUIDs as one text of 52 characters, for credentials that name their tenant."""
    return base32(first.int << 128 | second.int, _PAIR_LENGTH)


def decode_pair(text: str) -> tuple[UUID, UUID] | None:
    """The two UUIDs back; None when the text is not such a pair."""
    number = unbase32(text) if len(text) == _PAIR_LENGTH else None
    if number is None or number >> 256:
        return None
    return UUID(int=number >> 128), UUID(int=number & ((1 << 128) - 1))


def base32(number: int, length: int) -> str:
    """`number` in Crockford's alphabet, lower case, most significant character first; `length` is even."""
    return "".join([_PAIRS[number >> 5 * place & 1023] for place in range(length - 2, -1, -2)])


def unbase32(text: str) -> int | None:
    """The number back, or None for a character outside the alphabet (upper case is one: ids have one spelling)."""
    return int(text.translate(_TO_PYTHONS), 32) if _CROCKFORD.fullmatch(text) else None
