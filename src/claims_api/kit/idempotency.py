"""Idempotency: the key row commits in the same transaction as its effect, so a retry never acts twice."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fastapi import Request
from sqlalchemy import Column, DateTime, LargeBinary, SmallInteger, Table, Text, Uuid, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.kit import metrics
from claims_api.kit.database import metadata
from claims_api.kit.headers import RequestHeader
from claims_api.kit.problems import IdempotencyKeyReused
from claims_api.kit.tenancy import tenant_column

KEPT_FOR = timedelta(hours=24)
_QUOTED = re.compile(r'"((?:[!#-\[\]-~]|\\["\\]){1,255})"')  # an RFC 9651 string without spaces
IDEMPOTENCY_KEY = RequestHeader(
    "Idempotency-Key",
    "Makes it safe to send a `POST` again: for 24 hours the same key with the same request gets the first answer, with "
    "`Idempotent-Replayed: true`; with another request, 422. A key belongs to its path and to who sends it. 1 to 255 "
    "visible ASCII characters, bare or in double quotes. A `PUT` is safe without: of its key the form is checked only.",
    "order-100-42",
    re.compile(rf'(?!""$)[!-~]{{1,255}}|{_QUOTED.pattern}'),
    "Once, 1 to 255 visible ASCII characters, bare or in double quotes.",
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    tenant_column(),
    Column("scope", LargeBinary, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("subject_id", Uuid),
    Column("status", SmallInteger),
    Column("etag", Text, info={"personal": "none"}),
    Column("body", LargeBinary, info={"personal": "erase"}),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True)
class RequestKey:
    """What makes two requests the same try (`scope`) and the same request (`fingerprint`); SHA-256 each."""

    scope: bytes
    fingerprint: bytes


@dataclass(frozen=True)
class StoredAnswer:
    """The first answer to a key."""

    fingerprint: bytes
    status: int
    etag: str | None
    body: bytes


def read_key(request: Request, role: str, subject: str | None) -> RequestKey:
    """The key of a POST: the client's, else one of our own making in a name space no client reaches.

    Raises:
        MalformedHeader: not 1 to 255 visible ASCII characters, bare or quoted; or sent twice.
    """
    sent = IDEMPOTENCY_KEY.read(request)
    name = ("server", request.state.server_key) if sent is None else ("client", _unquoted(sent))
    parts = (*name, role, subject or "", request.method, request.scope["path"])
    scope = hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in (text.encode() for text in parts)))
    return RequestKey(scope.digest(), hashlib.sha256(request.state.body).digest())


def _unquoted(sent: str) -> str:
    found = _QUOTED.fullmatch(sent)
    return re.sub(r"\\(.)", r"\1", found[1]) if found else sent


_given = insert(idempotency_keys).values(
    {column.name: bindparam(f"key__{column.name}", type_=column.type) for column in idempotency_keys.c}
)
RESERVE = _given.on_conflict_do_update(  # a row past its time counts as absent
    index_elements=["tenant_id", "scope"],
    set_={column.name: _given.excluded[column.name] for column in idempotency_keys.c if not column.primary_key},
    where=idempotency_keys.c.expires_at <= bindparam("key__now", type_=DateTime(timezone=True)),
).returning(idempotency_keys.c.scope)
STORED = select(idempotency_keys).where(
    idempotency_keys.c.tenant_id == bindparam("tenant"), idempotency_keys.c.scope == bindparam("scope")
)
KEEP = (
    update(idempotency_keys)
    .where(idempotency_keys.c.tenant_id == bindparam("tenant"), idempotency_keys.c.scope == bindparam("of_scope"))
    .values(status=bindparam("new_status"), etag=bindparam("new_etag"), body=bindparam("new_body"))
)


def key_row(tenant_id: UUID, key: RequestKey, now: datetime) -> dict[str, object]:
    """The parameters of `RESERVE`, answer still missing."""
    return {
        "key__tenant_id": tenant_id,
        "key__scope": key.scope,
        "key__fingerprint": key.fingerprint,
        "key__subject_id": None,
        "key__status": None,
        "key__etag": None,
        "key__body": None,
        "key__expires_at": now + KEPT_FOR,
        "key__now": now,
    }


def answer_row(
    tenant_id: UUID, key: RequestKey, answer: StoredAnswer, subject_id: UUID, now: datetime
) -> dict[str, object]:
    """A key with its answer, stored in one go with the effect; `subject_id` names whom the answer is about."""
    return {
        "tenant_id": tenant_id,
        "scope": key.scope,
        "fingerprint": key.fingerprint,
        "subject_id": subject_id,
        "status": answer.status,
        "etag": answer.etag,
        "body": answer.body,
        "expires_at": now + KEPT_FOR,
    }


async def reserve(db: AsyncConnection, tenant_id: UUID, key: RequestKey, now: datetime) -> StoredAnswer | None:
    """Takes the key for this transaction, or finds the answer it already has. Waits for one in flight elsewhere.

    Raises:
        IdempotencyKeyReused: it belongs to another request.
    """
    if (await db.execute(RESERVE, key_row(tenant_id, key, now))).first() is not None:
        return None
    row = (await db.execute(STORED, {"tenant": tenant_id, "scope": key.scope})).one()
    return answer_again(StoredAnswer(row.fingerprint, row.status, row.etag, row.body), key)


async def keep(db: AsyncConnection, tenant_id: UUID, key: RequestKey, answer: StoredAnswer) -> None:
    """Stores the answer beside the effect, in the same transaction."""
    values = {"new_status": answer.status, "new_etag": answer.etag, "new_body": answer.body}
    await db.execute(KEEP, {"tenant": tenant_id, "of_scope": key.scope} | values)


def answer_again(stored: StoredAnswer, key: RequestKey) -> StoredAnswer:
    """The stored answer, when it belongs to this request.

    Raises:
        IdempotencyKeyReused
    """
    if stored.fingerprint != key.fingerprint:
        raise IdempotencyKeyReused
    metrics.replays.inc()
    return stored
