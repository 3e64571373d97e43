"""A new tracking token for a claim: the epoch rises, and every earlier token ends."""

from uuid import UUID

from claims_api.access.scopes import CUSTOMER, Role
from claims_api.claims.actions.answer import TOKEN_PLACE
from claims_api.claims.actions.problems import RoleNotAllowed
from claims_api.claims.actions.submit import Answered, Filer, with_token
from claims_api.claims.queries import read
from claims_api.claims.schemas.answers import TrackingAnswer
from claims_api.kit import idempotency
from claims_api.kit.idempotency import StoredAnswer


async def renew_token(filer: Filer, claim_id: UUID) -> Answered:
    """Under the claim's lock. A replay derives the same token again, unless a newer one was made since.

    Raises: RoleNotAllowed for a token that wants another, and for a partner; IdempotencyKeyReused
    """
    if filer.caller.role in (CUSTOMER, Role.PARTNER):
        raise RoleNotAllowed
    tenant_id, key = filer.caller.tenant_id, filer.key
    stored = await idempotency.reserve(filer.db, tenant_id, key, filer.now)
    if stored:
        epoch = int(stored.etag or "0")
        return Answered(stored.status, with_token(stored.body, filer, claim_id, epoch), None, is_replay=True)
    epoch = await read.raise_epoch(filer.db, tenant_id, claim_id)
    body = TrackingAnswer(token=TOKEN_PLACE, url=None).model_dump_json().encode()
    await idempotency.keep(filer.db, tenant_id, key, StoredAnswer(key.fingerprint, 201, str(epoch), body))
    return Answered(201, with_token(body, filer, claim_id, epoch), None)
