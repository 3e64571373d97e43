"""The content of a policy as bytes, and their hash: what a claim is pinned to."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import lru_cache, partial
from typing import Any, TypeAlias

from claims_api.domain.policy import Policy

Plain: TypeAlias = "bool | int | str | list[Plain] | dict[str, Plain] | None"
Writer: TypeAlias = Callable[[Any], Plain]  # takes the values of one kind
KINDS = 128


def fingerprint(policy: Policy) -> bytes:
    """SHA-256 of the canonical JSON. Values only: no release, no day, no facts, so that claims share pins."""
    return hashlib.sha256(canonical_json(policy)).digest()


def canonical_json(policy: Policy) -> bytes:
    """Sorted keys, no spaces, UTF-8. A member at its default is left out: one added later changes no pin.

    What has no default is always there, so that the policy can be read back from it.
    """
    return json.dumps(plain(policy), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def plain(value: object) -> Plain:
    """Dataclasses as JSON values; members that stand at their default are left out.

    Raises: TypeError for a value that has no place in a policy.
    """
    kind: type = type(value)
    return _writer_of(kind)(value)


@lru_cache(maxsize=KINDS)
def _writer_of(kind: type) -> Writer:
    """How values of a kind are written: looked up for each of a policy's many values, found out once."""
    for kinds, write in _WRITERS:
        if issubclass(kind, kinds):
            return write
    if is_dataclass(kind):
        return partial(_members, tuple((field.name, field.default) for field in fields(kind)))
    raise TypeError(f"{kind.__name__} has no place in a policy")


def _members(known: tuple[tuple[str, object], ...], value: object) -> Plain:
    return {name: plain(item) for name, default in known if (item := getattr(value, name)) is not default}


_WRITERS: tuple[tuple[tuple[type, ...], Writer], ...] = (
    ((Enum,), lambda word: str(word.value)),  # before texts: a word of a StrEnum is one of them too
    ((type(None), bool, int, str), lambda value: value),
    ((date,), lambda day: day.isoformat()),
    ((tuple,), lambda items: [plain(item) for item in items]),
    ((Mapping,), lambda members: {str(key): plain(item) for key, item in members.items()}),
)
