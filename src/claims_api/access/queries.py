"""Statements on tenants and keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Uuid, bindparam, column, func, insert, select, table, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.access.scopes import Role, Scope
from claims_api.access.tables import api_keys, tenants
from claims_api.events.tables import feed_heads


@dataclass(frozen=True)
class ApiKey:
    """A stored key, without its secret."""

    tenant_id: UUID
    id: UUID
    role: Role
    scopes: frozenset[Scope]
    secret_hash: bytes
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    partner: str | None = None

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


ONE_KEY = select(api_keys).where(api_keys.c.tenant_id == bindparam("tenant"), api_keys.c.id == bindparam("key"))
KEYS = select(api_keys).where(api_keys.c.tenant_id == bindparam("tenant")).order_by(api_keys.c.id)
# The one look across tenants here; the owner's policy exists for it, and shows nothing while a tenant is set.
TENANTS = (
    select(tenants.c.tenant_id)
    .where(tenants.c.tenant_id > bindparam("after"))
    .order_by(tenants.c.tenant_id)
    .limit(bindparam("most"))
)
MAY_LIST = text("""
    SELECT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)
        OR EXISTS (SELECT FROM pg_policy p, unnest(p.polroles) AS of_role
                   WHERE p.polrelid = 'tenants'::regclass AND p.polname = 'owner_lists'
                     AND pg_has_role(current_user, of_role, 'USAGE'))""")
HAS_TENANT = select(tenants.c.tenant_id).where(tenants.c.tenant_id == bindparam("tenant"))
_claims = table("claims", column("tenant_id", Uuid), column("id", Uuid), column("token_epoch"))
TOKEN_EPOCH = select(_claims.c.token_epoch).where(
    _claims.c.tenant_id == bindparam("tenant"), _claims.c.id == bindparam("claim")
)
REVOKE = (
    update(api_keys)
    .where(api_keys.c.tenant_id == bindparam("tenant"), api_keys.c.id == bindparam("key"))
    .values(revoked_at=func.coalesce(api_keys.c.revoked_at, bindparam("now")))
)


async def find_key(db: AsyncConnection, tenant_id: UUID, key_id: UUID) -> ApiKey | None:
    row = (await db.execute(ONE_KEY, {"tenant": tenant_id, "key": key_id})).one_or_none()
    return None if row is None else _key(row)


async def list_keys(db: AsyncConnection, tenant_id: UUID) -> Sequence[ApiKey]:
    return [_key(row) for row in await db.execute(KEYS, {"tenant": tenant_id})]


async def may_list_tenants(db: AsyncConnection) -> bool:
    """Whether `tenants_after` shows this login all there are; any other login sees none, and is not told so."""
    found: bool = (await db.execute(MAY_LIST)).scalar_one()
    return found


async def tenants_after(db: AsyncConnection, after: UUID, most: int) -> Sequence[UUID]:
    """Up to `most` tenants by id, from the one after `after`; the transaction must have no tenant."""
    return list((await db.execute(TENANTS, {"after": after, "most": most})).scalars())


async def has_tenant(db: AsyncConnection, tenant_id: UUID) -> bool:
    return (await db.execute(HAS_TENANT, {"tenant": tenant_id})).first() is not None


async def token_epoch(db: AsyncConnection, tenant_id: UUID, claim_id: UUID) -> int | None:
    """The epoch a claim's tokens must have; None when there is no such claim."""
    return (await db.execute(TOKEN_EPOCH, {"tenant": tenant_id, "claim": claim_id})).scalar_one_or_none()


async def add_tenant(db: AsyncConnection, tenant_id: UUID, name: str, now: datetime) -> None:
    """A tenant has its feed from the day it is made."""
    await db.execute(insert(tenants), {"tenant_id": tenant_id, "name": name, "created_at": now})
    await db.execute(insert(feed_heads), {"tenant_id": tenant_id, "position": 0})


async def add_key(db: AsyncConnection, key: ApiKey) -> None:
    values = vars(key) | {"scopes": sorted(key.scopes)}
    await db.execute(insert(api_keys), values)


async def revoke_key(db: AsyncConnection, tenant_id: UUID, key_id: UUID, now: datetime) -> bool:
    """False when the tenant has no such key. Revoking twice keeps the first instant."""
    return (await db.execute(REVOKE, {"tenant": tenant_id, "key": key_id, "now": now})).rowcount == 1


def _key(row: Row[tuple[object, ...]]) -> ApiKey:
    values = dict(row._mapping)
    scopes = frozenset(Scope(scope) for scope in values.pop("scopes"))
    return ApiKey(**values | {"role": Role(values["role"]), "scopes": scopes})
