"""Pinned policies read back: a claim is decided by what it was filed under, not by what holds today."""

import hashlib
from collections import OrderedDict
from functools import lru_cache

from pydantic import TypeAdapter

from claims_api.domain.policy import Policy

KEPT_POLICIES = 512
_known: OrderedDict[bytes, Policy] = OrderedDict()
"""By the hash of their content, so nothing here can become old."""


class CorruptPin(Exception):
    """The stored body of a pin does not have the hash it is known by: somebody changed it."""


def known(content_hash: bytes) -> Policy | None:
    """A policy this process has met before."""
    return _known.get(content_hash)


def remember(content_hash: bytes, policy: Policy) -> None:
    """Keeps a policy in memory, and lets go of the one that came first when there are many."""
    _known[content_hash] = policy
    if len(_known) > KEPT_POLICIES:
        _known.popitem(last=False)


def policy_from(content_hash: bytes, body: bytes) -> Policy:
    """The policy behind a pin's body, its canonical JSON; remembered from now on.

    Raises: CorruptPin
    """
    if hashlib.sha256(body).digest() != content_hash:
        raise CorruptPin
    policy = _form().validate_json(body)
    remember(content_hash, policy)
    return policy


@lru_cache(maxsize=1)
def _form() -> TypeAdapter[Policy]:
    """Made on the first use: a service whose claims are all of its own release needs none."""
    return TypeAdapter(Policy)
