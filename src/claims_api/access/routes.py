"""The dependencies that say who calls and open the transaction they work in."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer, SecurityScopes
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.access.actions import Caller, KeyRing, parse_credential
from claims_api.access.scopes import CUSTOMER, TOKEN_SCOPES, Scope
from claims_api.access.tokens import parse_token
from claims_api.kit import clock
from claims_api.kit.database import Database
from claims_api.kit.idempotency import RequestKey, read_key, turn
from claims_api.kit.problems import InputError, MalformedHeader, ScopeMissing, Unauthenticated
from claims_api.kit.strict import refuse_unknown_query

ACTOR = re.compile(r"[A-Za-z0-9._:-]{1,64}")
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="claims_api"'}

bearer = HTTPBearer(auto_error=False, description="An API key, `cak_...`.", scheme_name="bearer")


@dataclass(frozen=True)
class UnitOfWork:
    """One request's transaction. Returning commits it before the answer leaves; raising rolls it back."""

    db: AsyncConnection
    caller: Caller
    now: datetime
    key: RequestKey | None


async def caller(
    request: Request, security: SecurityScopes, _documented: Annotated[object, Depends(bearer)] = None
) -> Caller:
    """Proves the credential, then the scopes, then that no unknown query parameter came along.

    Raises:
        Unauthenticated, ScopeMissing, InvalidRequest, MalformedHeader
    """
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    found = await _proved(request, text.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise Unauthenticated(headers=CHALLENGE)
    for scope in security.scopes:
        if scope not in found.scopes:
            raise ScopeMissing(required_scope=scope)
    refuse_unknown_query(request)
    request.state.caller = found = replace(found, actor_ref=_actor(request))
    return found


async def _proved(request: Request, text: str) -> Caller | None:
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


async def unit_of_work(request: Request) -> AsyncIterator[UnitOfWork]:
    """Opens the caller's transaction; listed after `caller`, with `scope="function"`: commit precedes the answer.

    A POST takes its turn first: of several with the same idempotency key one per process holds a connection.
    """
    who: Caller = request.state.caller
    database: Database = request.app.state.database
    subject = str(who.claim_id) if who.claim_id else None
    key = None if request.method == "GET" else read_key(request, who.role, subject)
    async with turn(who.tenant_id, key), database.transaction(who.tenant_id) as db:
        yield UnitOfWork(db, who, clock.now(), key)


Transaction = Annotated[UnitOfWork, Depends(unit_of_work, scope="function")]


def allowed_to(*scopes: Scope) -> object:
    """The `Caller` of a route that needs these scopes: `Annotated[Caller, allowed_to(Scope.CLAIMS_READ)]`."""
    return Security(caller, scopes=list(scopes))


def _actor(request: Request) -> str | None:
    sent = request.headers.getlist("claims-actor")
    if not sent:
        return None
    if len(sent) != 1 or not ACTOR.fullmatch(sent[0]):
        form = "Once, 1 to 64 of A-Z a-z 0-9 . _ : -"
        raise MalformedHeader(errors=(InputError("header:Claims-Actor", "malformed", form),))
    return sent[0]
