"""Making, finding and revoking credentials."""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.access import queries
from claims_api.access.queries import ApiKey
from claims_api.access.scopes import DEFAULT_SCOPES, Role, Scope
from claims_api.access.tokens import TrackingToken
from claims_api.kit import clock, ids
from claims_api.kit.database import Database

KEY_PREFIX = "cak"
KEY_MEMORY_SECONDS = 4.0  # a revocation is felt within 5 s
MAX_KEYS_IN_MEMORY = 10_000
_SECRET_LENGTH = 43  # 256 bits in base64url

Found = TypeVar("Found")
OfTenant = tuple[UUID, UUID]  # the tenant first, then what is its own


class UnknownTenant(Exception):
    """There is no tenant with this id."""


@dataclass(frozen=True)
class Caller:
    """Who is calling: a proved key or token and, on writes by staff and partners, the person behind it.

    `role` is a key's role, or `customer` for a tracking token; `claim_id` is the one claim a token opens, `partner` the
    company whose parcels a partner's key is for.
    """

    tenant_id: UUID
    key_id: UUID
    role: str
    scopes: frozenset[Scope]
    actor_ref: str | None
    claim_id: UUID | None = None
    partner: str | None = None


@dataclass(frozen=True)
class NewKey:
    """A key just made. `credential` is shown once and never stored."""

    key: ApiKey
    credential: str


@dataclass(frozen=True)
class Credential:
    """What a bearer text says it is; nothing is proved yet."""

    tenant_id: UUID
    key_id: UUID
    secret: str


def parse_credential(text: str) -> Credential | None:
    """Splits `cak_<tenant and key>_<secret>`; None when the form is wrong."""
    prefix, _, rest = text.partition("_")
    names, _, secret = rest.partition("_")
    if prefix != KEY_PREFIX or len(secret) != _SECRET_LENGTH:
        return None
    pair = ids.decode_pair(names)
    return Credential(*pair, secret) if pair else None


def hash_secret(secret: str) -> bytes:
    """SHA-256: enough for a secret of 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


async def create_tenant(database: Database, name: str) -> UUID:
    """Makes a tenant and returns its id."""
    tenant_id = ids.new_uuid()
    async with database.transaction(tenant_id) as db:
        await queries.add_tenant(db, tenant_id, name, clock.now())
    return tenant_id


async def create_key(
    database: Database,
    tenant_id: UUID,
    role: Role,
    scopes: frozenset[Scope] | None,
    expires_at: datetime | None = None,
    partner: str | None = None,
) -> NewKey:
    """Makes a key with the role's default scopes, or exactly those given.

    A partner's key is for the parcels of `partner`, so that its next key sees them too; unnamed, it is a partner of its
    own.

    Raises:
        UnknownTenant: nothing was made.
    """
    secret = secrets.token_urlsafe(32)
    key = ApiKey(
        tenant_id=tenant_id,
        id=ids.new_uuid(),
        role=role,
        scopes=frozenset(DEFAULT_SCOPES[role]) if scopes is None else scopes,
        secret_hash=hash_secret(secret),
        created_at=clock.now(),
        expires_at=expires_at,
        revoked_at=None,
        partner=partner,
    )
    async with database.transaction(tenant_id) as db:
        if not await queries.has_tenant(db, tenant_id):
            raise UnknownTenant
        await queries.add_key(db, key)
    return NewKey(key, f"{KEY_PREFIX}_{ids.encode_pair(tenant_id, key.id)}_{secret}")


class KeyRing:
    """Proves credentials. Remembers keys for a few seconds, so that a warm request asks the database nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._epochs: dict[OfTenant, tuple[float, int]] = {}
        self._known: dict[OfTenant, tuple[float, ApiKey]] = {}

    async def prove(self, credential: Credential) -> ApiKey | None:
        """The live key behind the credential, or None; which of the reasons is not said."""
        key = await self._recall(self._known, (credential.tenant_id, credential.key_id), queries.find_key)
        if key is None or not hmac.compare_digest(key.secret_hash, hash_secret(credential.secret)):
            return None
        return key if key.is_live(clock.now()) else None

    async def prove_token(self, token: TrackingToken, secret: bytes) -> bool:
        """Whether we issued the token and nobody revoked it since."""
        epoch = await self._recall(self._epochs, (token.tenant_id, token.claim_id), queries.token_epoch)
        return epoch is not None and token.is_of(epoch, secret)

    async def _recall(
        self,
        memory: dict[OfTenant, tuple[float, Found]],
        name: OfTenant,
        ask: Callable[[AsyncConnection, UUID, UUID], Awaitable[Found | None]],
    ) -> Found | None:
        """What is remembered under the name, else what the database says; nothing found is not remembered."""
        known = memory.get(name)
        if known is not None and clock.monotonic_seconds() < known[0]:
            return known[1]
        asked_at = clock.monotonic_seconds()
        async with self._database.transaction(name[0]) as db:
            found = await ask(db, *name)
        if found is not None:
            if len(memory) >= MAX_KEYS_IN_MEMORY:
                memory.clear()
            memory[name] = (asked_at + KEY_MEMORY_SECONDS, found)
        return found
