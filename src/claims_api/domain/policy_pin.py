"""The content of a policy as bytes, and their hash: what a claim is pinned to."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from datetime import date
from enum import Enum
from typing import TypeAlias

from claims_api.domain.policy import Policy

Plain: TypeAlias = "bool | int | str | list[Plain] | dict[str, Plain] | None"


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
    match value:
        case Enum():
            return str(value.value)
        case None | bool() | int() | str():
            return value
        case date():
            return value.isoformat()
        case tuple():
            return [plain(item) for item in value]
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
    if is_dataclass(value):
        named = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: plain(item) for field, item in named if not _says_nothing(field, item)}
    raise TypeError(f"{type(value).__name__} has no place in a policy")


def _says_nothing(field: "Field[object]", value: object) -> bool:
    return value is field.default
