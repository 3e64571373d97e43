"""The dependencies that say who calls and open the transaction they work in: one a route, for each costs its share."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import Request
from fastapi.params import Depends, Security
from fastapi.security import HTTPBearer
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.access.actions import Caller, Credential, KeyRing, parse_credential
from claims_api.access.limits import Limits, Name
from claims_api.access.queries import ApiKey
from claims_api.access.scopes import CUSTOMER, TOKEN_SCOPES, Role, Scope
from claims_api.access.tokens import TrackingToken, parse_token
from claims_api.kit import clock, ids
from claims_api.kit.database import Database
from claims_api.kit.headers import RequestHeader
from claims_api.kit.idempotency import IDEMPOTENCY_KEY, RequestKey, read_key
from claims_api.kit.problems import (
    RequestInFlight,
    ResourceBusy,
    ScopeMissing,
    TooManyRequests,
    Unauthenticated,
)
from claims_api.kit.strict import refuse_unknown_query
from claims_api.kit.turns import turn

ACTOR = RequestHeader(
    "Claims-Actor",
    "The person who acts, by an opaque reference of your own; the history keeps it. Agents, supervisors and partners "
    "need it to file, to take steps, to register and to receive parcels (422 `actor-required`). 1 to 64 of A-Z a-z 0-9 "
    ". _ : -",
    "staff-ada",
    re.compile(r"[A-Za-z0-9._:-]{1,64}"),
    "Once, 1 to 64 of A-Z a-z 0-9 . _ : -",
)
LONG_WAIT_SECONDS = 10.0
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="claims_api"'}


@dataclass(frozen=True)
class UnitOfWork:
    """One request's transaction. Returning commits it before the answer leaves; raising rolls it back."""

    db: AsyncConnection
    caller: Caller
    now: datetime
    key: RequestKey | None


class _Bearer(HTTPBearer):
    """The credential's scheme, as the API's document names it; proves it, and that it may do this."""

    def __init__(self, scopes: tuple[Scope, ...], enough: Callable[[frozenset[Scope]], bool]) -> None:
        super().__init__(auto_error=False, description="An API key, `cak_...`.", scheme_name="bearer")
        self._scopes, self._is_enough = scopes, enough

    def headers_read(self, _method: str) -> tuple[RequestHeader, ...]:
        """The headers a request of this method may have beside the credential."""
        return (ACTOR,)

    async def proved(self, request: Request) -> Caller:
        """Proves the credential, then the scopes, then that no unknown query parameter came along.

        Raises:
            Unauthenticated, TooManyRequests, ScopeMissing, InvalidRequest, MalformedHeader
        """
        found = await _within_limits(request)
        if not self._is_enough(found.scopes):
            raise ScopeMissing(required_scope=next(scope for scope in self._scopes if scope not in found.scopes))
        refuse_unknown_query(request)
        actor = ACTOR.read(request)
        return found if actor is None else replace(found, actor_ref=actor)


class _CallerOf(_Bearer):
    async def __call__(self, request: Request) -> Caller:  # type: ignore[override]  # it gives the caller, not the text
        return await self.proved(request)


class _WorkOf(_Bearer):
    def __init__(
        self, scopes: tuple[Scope, ...], enough: Callable[[frozenset[Scope]], bool], in_turn: str | None = None
    ) -> None:
        super().__init__(scopes, enough)
        self._in_turn = in_turn

    def headers_read(self, method: str) -> tuple[RequestHeader, ...]:
        return (ACTOR,) if method == "GET" else (ACTOR, IDEMPOTENCY_KEY)

    async def __call__(self, request: Request) -> AsyncIterator[UnitOfWork]:  # type: ignore[override]  # likewise
        """Opens the caller's transaction; to change something, once it is this request's turn."""
        who = await self.proved(request)
        database: Database = request.app.state.database
        if request.method == "GET":
            async with database.transaction(who.tenant_id) as db:
                yield UnitOfWork(db, who, clock.now(), None)
            return
        # Callers of one role share their keys, but two customers or two companies never see each other's answers.
        key = read_key(request, who.role, str(who.claim_id) if who.claim_id else who.partner)
        async with self._turn_of(request, who, key), database.transaction(who.tenant_id) as db:
            yield UnitOfWork(db, who, clock.now(), key)

    def _turn_of(self, request: Request, who: Caller, key: RequestKey) -> AbstractAsyncContextManager[None]:
        """Whoever would wait for the same row, that of the path's claim or else that of the key, waits without one."""
        if self._in_turn:
            return turn((who.tenant_id, self._in_turn), ResourceBusy, LONG_WAIT_SECONDS)
        if request.path_params:
            return turn((who.tenant_id, *request.path_params.values()), ResourceBusy)
        return turn((who.tenant_id, key.scope), RequestInFlight)


def allowed_to(*scopes: Scope) -> Depends:
    """The `Caller` of a route that needs these scopes: `Annotated[Caller, allowed_to(Scope.CLAIMS_READ)]`."""
    return Security(_CallerOf(scopes, frozenset(scopes).issubset), scopes=scopes)


def working_with(*scopes: Scope, in_turn: str | None = None) -> Depends:
    """The `UnitOfWork` of a route that needs these scopes and the database; commit precedes the answer.

    `in_turn`: requests of a tenant to routes with this name go one after the other, as far as this process is asked.
    """
    return Security(_WorkOf(scopes, frozenset(scopes).issubset, in_turn), scopes=scopes, scope="function")


def working_with_any(*scopes: Scope) -> Depends:
    """The same where one of the scopes will do; which one, the body says, and its reader checks."""
    return Security(_WorkOf(scopes, lambda held: not held.isdisjoint(scopes)), scope="function")


async def _within_limits(request: Request) -> Caller:
    """The proved caller, one call poorer; a request that the database made us run again is counted once."""
    limits, now = _limits(request), clock.now()
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    claimed = _claimed(text.strip()) if scheme.lower() == "bearer" else None
    with limits.strangers.proving(_name(claimed), now) if limits.strangers else nullcontext():
        found = await _caller(request, claimed) if claimed else None
        if found is None:
            raise Unauthenticated(headers=CHALLENGE)
    if hasattr(request.state, "rate_limit"):
        return found
    if allowance := await limits.take(found, now):
        request.state.rate_limit = allowance.headers()  # the gate puts them on whatever is answered
        if not allowance.is_admitted:
            raise TooManyRequests(headers={"Retry-After": str(allowance.seconds)})
    return found


def _limits(request: Request) -> Limits:
    """The app's, made with the first call."""
    state = request.app.state
    found: Limits | None = getattr(state, "limits", None)
    if found is None or found.database is not state.database:
        found = state.limits = Limits(state.database, state.settings)
    return found


def _claimed(text: str) -> TrackingToken | Credential | None:
    """What a bearer text says it is, when it has the form of a key or a tracking token."""
    return parse_token(text) or parse_credential(text)


def _name(claimed: TrackingToken | Credential | None) -> Name:
    if claimed is None:
        return None
    return claimed.tenant_id, claimed.claim_id if isinstance(claimed, TrackingToken) else claimed.key_id


async def _caller(request: Request, claimed: TrackingToken | Credential) -> Caller | None:
    """The caller behind a key or a tracking token; None when it is not a live one."""
    ring: KeyRing = request.app.state.key_ring
    if isinstance(claimed, TrackingToken):
        if not await ring.prove_token(claimed, signing_secret(request)):
            return None
        return Caller(claimed.tenant_id, claimed.claim_id, CUSTOMER, TOKEN_SCOPES, None, claimed.claim_id)
    key = await ring.prove(claimed)
    return Caller(key.tenant_id, key.id, key.role, key.scopes, None, partner=_partner_of(key)) if key else None


def signing_secret(request: Request) -> bytes:
    """What tracking tokens and cursors are signed with."""
    secret: str = request.app.state.settings.signing_secret.get_secret_value()
    return secret.encode()


def _partner_of(key: ApiKey) -> str | None:
    """The company behind a partner's key; a key from before partners had names is one of its own."""
    return (key.partner or ids.encode("key", key.id)) if key.role is Role.PARTNER else None
