"""How many calls a caller has, and how many bad credentials are heard before strangers are told to wait."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from datetime import datetime
from math import ceil
from typing import TypeAlias

from claims_api.access.actions import Caller
from claims_api.kit.database import Database
from claims_api.kit.problems import TooManyRequests, Unauthenticated
from claims_api.kit.rate_limit import Allowance, Bucket, Leases, Memory, Quota, Subject
from claims_api.kit.settings import Settings

BAD_OF_ALL = Quota(600, "bad-credentials")
"""Credentials that proved nothing, of all strangers together at this process; what names nobody, as many again."""
BAD_OF_A_NAME = Quota(60, "wrong-secrets")
"""Failed proofs of one key or tracking token at this process, whoever sent them."""

Name: TypeAlias = Subject | None
"""The tenant and the key or claim a credential names, proved or not; None when it names nobody."""


class Strangers:
    """Bad credentials, counted in this process alone: they cost no statement beyond the look-ups let through.

    Good calls never spend from here, so nobody closes a key by guessing at its secret. A name that was ever proved here
    is always looked at (the key ring remembers it, so a guess costs a hash) and only a wrong secret counts. The names
    nobody proved yet share the look-ups of `BAD_OF_ALL`: a key's first call in this process may meet a flood there.
    """

    def __init__(self) -> None:
        self._of_all = Bucket()
        self._failed: Memory[Hashable, Bucket] = Memory(Bucket)
        self._proved: Memory[Hashable, object] = Memory(object)

    @contextmanager
    def proving(self, name: Name, now: datetime) -> Iterator[None]:
        """Around the proof of a credential, which raises `Unauthenticated` when it fails.

        Raises: TooManyRequests
        """
        at, is_stranger = now.timestamp(), name is not None and name not in self._proved
        if is_stranger and not self._of_all.take(BAD_OF_ALL, at):
            raise self._refused(self._of_all, BAD_OF_ALL, at)
        try:
            yield
        except Unauthenticated:
            self._note_failure(name, at)
            raise
        except BaseException:
            if is_stranger:  # nothing was found out
                self._of_all.give_back(BAD_OF_ALL)
            raise
        if name is not None:
            self._proved.of(name)
            if is_stranger:
                self._of_all.give_back(BAD_OF_ALL)

    def _note_failure(self, name: Name, at: float) -> None:
        quota = BAD_OF_ALL if name is None else BAD_OF_A_NAME  # what names nobody was not looked up
        bucket = self._failed.of(name)
        if not bucket.take(quota, at):
            raise self._refused(bucket, quota, at) from None

    def _refused(self, bucket: Bucket, quota: Quota, at: float) -> TooManyRequests:
        """Says which quota is used up: the caller's own was never asked, since nobody knows yet who calls."""
        spent = Allowance(quota, False, 0, max(1, ceil(bucket.wait_seconds(quota, at))))
        headers = {name.decode(): value.decode() for name, value in spent.headers()}
        return TooManyRequests("Too many bad credentials.", headers=headers | {"Retry-After": str(spent.seconds)})


class Limits:
    """What one process knows of everybody's quota."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.strangers = Strangers() if settings.rate_limit else None
        self._of_keys = Quota(settings.rate_limit) if settings.rate_limit else None
        self._of_tokens = Quota(settings.rate_limit_token, "token") if settings.rate_limit_token else None
        self._leases = Leases(database)

    async def take(self, caller: Caller, now: datetime) -> Allowance | None:
        """One call of a proved caller, by key or, for a tracking token, by claim; None when nobody counts."""
        quota = self._of_keys if caller.claim_id is None else self._of_tokens
        return await self._leases.take((caller.tenant_id, caller.key_id), quota, now) if quota else None
