"""The dependencies that say who calls and open the transaction they work in: one a route, for each costs its share."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import Request
from fastapi.params import Depends, Security
from fastapi.security import HTTPBearer
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.access.actions import Caller, KeyRing, parse_credential
from claims_api.access.scopes import CUSTOMER, TOKEN_SCOPES, Scope
from claims_api.access.tokens import parse_token
from claims_api.kit import clock
from claims_api.kit.database import Database
from claims_api.kit.idempotency import RequestKey, read_key
from claims_api.kit.problems import (
    InputError,
    MalformedHeader,
    RequestInFlight,
    ResourceBusy,
    ScopeMissing,
    Unauthenticated,
)
from claims_api.kit.strict import refuse_unknown_query
from claims_api.kit.turns import turn

ACTOR = re.compile(r"[A-Za-z0-9._:-]{1,64}")
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

    async def proved(self, request: Request) -> Caller:
        """Proves the credential, then the scopes, then that no unknown query parameter came along.

        Raises:
            Unauthenticated, ScopeMissing, InvalidRequest, MalformedHeader
        """
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        found = await _caller(request, text.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            raise Unauthenticated(headers=CHALLENGE)
        if not self._is_enough(found.scopes):
            raise ScopeMissing(required_scope=next(scope for scope in self._scopes if scope not in found.scopes))
        refuse_unknown_query(request)
        actor = _actor(request)
        return found if actor is None else replace(found, actor_ref=actor)


class _CallerOf(_Bearer):
    async def __call__(self, request: Request) -> Caller:  # type: ignore[override]  # it gives the caller, not the text
        return await self.proved(request)


class _WorkOf(_Bearer):
    async def __call__(self, request: Request) -> AsyncIterator[UnitOfWork]:  # type: ignore[override]  # likewise
        """Opens the caller's transaction; to change something, once it is this request's turn."""
        who = await self.proved(request)
        database: Database = request.app.state.database
        if request.method == "GET":
            async with database.transaction(who.tenant_id) as db:
                yield UnitOfWork(db, who, clock.now(), None)
            return
        key = read_key(request, who.role, str(who.claim_id) if who.claim_id else None)
        async with _turn_of(request, who, key), database.transaction(who.tenant_id) as db:
            yield UnitOfWork(db, who, clock.now(), key)


def _turn_of(request: Request, who: Caller, key: RequestKey) -> AbstractAsyncContextManager[None]:
    """Whoever would wait for the same row, that of the path's claim or else that of the key, waits without one."""
    if request.path_params:
        return turn((who.tenant_id, *request.path_params.values()), ResourceBusy)
    return turn((who.tenant_id, key.scope), RequestInFlight)


def allowed_to(*scopes: Scope) -> Depends:
    """The `Caller` of a route that needs these scopes: `Annotated[Caller, allowed_to(Scope.CLAIMS_READ)]`."""
    return Security(_CallerOf(scopes, frozenset(scopes).issubset), scopes=scopes)


def working_with(*scopes: Scope) -> Depends:
    """The `UnitOfWork` of a route that needs these scopes and the database; commit precedes the answer."""
    return Security(_WorkOf(scopes, frozenset(scopes).issubset), scopes=scopes, scope="function")


def working_with_any(*scopes: Scope) -> Depends:
    """The same where one of the scopes will do; which one, the body says, and its reader checks."""
    return Security(_WorkOf(scopes, lambda held: not held.isdisjoint(scopes)), scope="function")


async def _caller(request: Request, text: str) -> Caller | None:
    """The caller behind a key or a tracking token; None when it is neither, or not a live one."""
    ring: KeyRing = request.app.state.key_ring
    if token := parse_token(text):
        secret = request.app.state.settings.signing_secret.get_secret_value().encode()
        if not await ring.prove_token(token, secret):
            return None
        return Caller(token.tenant_id, token.claim_id, CUSTOMER, TOKEN_SCOPES, None, token.claim_id)
    credential = parse_credential(text)
    key = await ring.prove(credential) if credential else None
    return Caller(key.tenant_id, key.id, key.role, key.scopes, None) if key else None


def _actor(request: Request) -> str | None:
    sent = request.headers.getlist("claims-actor")
    if not sent:
        return None
    if len(sent) != 1 or not ACTOR.fullmatch(sent[0]):
        form = "Once, 1 to 64 of A-Z a-z 0-9 . _ : -"
        raise MalformedHeader(errors=(InputError("header:Claims-Actor", "malformed", form),))
    return sent[0]
