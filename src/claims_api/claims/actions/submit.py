"""Filing a claim: two statements, whatever the number of lines: one look-up, one store."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from claims_api.access.actions import Caller
from claims_api.access.tokens import write_token
from claims_api.claims.actions.answer import TOKEN_PLACE, actor_of, etag_of, looker, render
from claims_api.claims.actions.context import context_of, furthest_today, pin_body, pin_of
from claims_api.claims.actions.dates import policy_dates
from claims_api.claims.actions.filing import Content, content_of, sale_sent
from claims_api.claims.actions.problems import ExternalRefTaken, UnknownRegionSent
from claims_api.claims.actions.record import Words, as_read, changed_rows, write_on
from claims_api.claims.actions.refuse import refuse
from claims_api.claims.actions.warn import warnings_of
from claims_api.claims.queries import read, store
from claims_api.claims.queries.records import Found
from claims_api.claims.schemas.answers import TrackingAnswer
from claims_api.claims.schemas.submission import ClaimSubmission, date_faults
from claims_api.claims.tables import claim_serials, claims, parties, policy_pins
from claims_api.domain.answers import Refused
from claims_api.domain.chain import Head, Stamp
from claims_api.domain.commands import LikelyDuplicate, SaveDraft, Submit
from claims_api.domain.decide import decide
from claims_api.domain.guards import incomplete
from claims_api.domain.number import claim_number
from claims_api.kit import idempotency, ids
from claims_api.kit.idempotency import RequestKey, StoredAnswer
from claims_api.kit.problems import InputError, InvalidRequest
from claims_api.kit.retry import RaceLost
from claims_api.policies.actions.resolve import Pinned, UnknownRegion

NUMBER_BITS = 45
FIRST_EPOCH = 1


@dataclass(frozen=True)
class Answered:
    """What goes out: fresh, or the stored bytes again."""

    status: int
    body: bytes
    etag: str | None
    is_replay: bool = False


@dataclass(frozen=True)
class Filer:
    """Who files, when, and under which key."""

    db: AsyncConnection
    caller: Caller
    key: RequestKey  # of no use to a PUT, which is safe to repeat by itself
    now: datetime
    secret: bytes


async def submit(filer: Filer, sent: ClaimSubmission) -> Answered:
    """Files a claim or saves a draft. The stored answer, the claim and its events commit together.

    Raises: InvalidRequest, UnknownRegion, RegionIsABloc, ExternalRefTaken, IdempotencyKeyReused; RaceLost
    """
    pinned = check(sent, filer.now)
    claim_id = ids.new_uuid()
    found = await _look_up(filer, sent, claim_id, pinned)
    if found["stored_answer"]:
        return replay(stored_answer(found["stored_answer"]), filer, found["stored_answer"]["subject_id"])
    if found["namesake"] and sent.external_ref:
        raise ExternalRefTaken(existing=ids.encode("clm", found["namesake"]))
    rows, answer = _filed(filer, sent, pinned, claim_id, found["twin"])
    if pinned and not sent.draft and not found["has_pin"]:
        rows = {**rows, policy_pins: [pin_row(filer.caller.tenant_id, pinned)]}
    try:
        is_new = await store.store_new(filer.db, rows, filer.now)
    except IntegrityError as error:  # somebody took the number or the external_ref meanwhile: look again
        raise RaceLost from error
    if not is_new:  # the same key committed meanwhile: this statement waited for it, the next one sees it
        raise RaceLost
    return Answered(answer.status, with_token(answer.body, filer, claim_id), answer.etag)


def check(sent: ClaimSubmission, now: datetime) -> Pinned | None:
    """What can be said of a submission before the database is asked; the policy of its region.

    Raises: InvalidRequest, UnknownRegion, RegionIsABloc
    """
    if faults := date_faults(sent, furthest_today(now)):
        raise InvalidRequest(errors=faults)
    sale = sale_sent(sent)
    if sale is None:
        return None
    try:
        return pin_of(sale, now)
    except UnknownRegion:
        fault = InputError("/region", "unknown-region", "There is no region with this code.")
        raise UnknownRegionSent(errors=(fault,)) from None


async def _look_up(filer: Filer, sent: ClaimSubmission, claim_id: UUID, pinned: Pinned | None) -> Found:
    lines = [line for line in sent.lines if line.sku and line.issue and line.issue.code]
    given = {
        "tenant": filer.caller.tenant_id,
        "scope": filer.key.scope,
        "now": filer.now,
        "self": claim_id,
        "external_ref": sent.external_ref,
        "order_ref": sent.order.ref if sent.order else None,
        "serial_numbers": [serial for line in sent.lines for serial in line.serial_numbers],
        "sku_issues": [f"{line.sku}\t{line.issue.code}" for line in lines if line.issue],
        "pin": pinned.content_hash if pinned else None,
    }
    return (await filer.db.execute(read.BEFORE_SUBMISSION, given)).one()._mapping


def _filed(
    filer: Filer, sent: ClaimSubmission, pinned: Pinned | None, claim_id: UUID, twin: UUID | None
) -> tuple[store.Rows, StoredAnswer]:
    """All rows of a new claim, and the answer as it is kept (its token is put in each time)."""
    tenant_id = filer.caller.tenant_id
    words = Words(tenant_id, claim_id, filer.now)
    party_id = ids.new_uuid()
    content = content_of(sent, words, party_id, _base(filer, sent, claim_id, pinned, twin))
    command, context = _command(filer, sent, content, pinned, twin)
    drafts = decide(None, command, context, filer.now)
    if isinstance(drafts, Refused):
        raise refuse(drafts, None, looker(filer.caller, filer.now))
    head = Head(ids.encode("ten", tenant_id), ids.encode("clm", claim_id))
    written = write_on(None, drafts, head, Stamp(command.actor, filer.now, filer.now))
    rows = changed_rows(content.row, written, words)
    if pinned and not sent.draft:
        rows[claims][0]["policy_dates"] = policy_dates(pinned.policy, content.row, written.claim, filer.now)
    who = looker(filer.caller, filer.now)
    body = render(as_read(rows, content.row), who, TrackingAnswer(token=TOKEN_PLACE, url=None))
    answer = StoredAnswer(filer.key.fingerprint, 201, etag_of(written.claim.version, who, sent.locale), body)
    rows[idempotency.idempotency_keys] = [idempotency.answer_row(tenant_id, filer.key, answer, claim_id, filer.now)]
    rows[parties] = [dict(content.party)] if content.party else []
    rows[claim_serials] = content.serials
    return rows, answer


def _command(
    filer: Filer, sent: ClaimSubmission, content: Content, pinned: Pinned | None, twin: UUID | None
) -> tuple[Any, Any]:
    actor = actor_of(filer.caller, content.filing.customer_id)
    duplicate = LikelyDuplicate(ids.encode("clm", twin), ids.encode("hld", ids.new_uuid())) if twin else None
    context = context_of(pinned.policy if pinned else None, sent.time_zone, filer.now, duplicate)
    if sent.draft:
        return SaveDraft(actor, content.filing), context
    if missing := incomplete(content.filing):
        pointers = missing.members["missing"]
        assert isinstance(pointers, list)  # noqa: S101 - the guard's own form
        faults = (InputError(str(pointer), "required", "Needed to submit.") for pointer in pointers)
        raise InvalidRequest(errors=tuple(faults))
    return Submit(actor, content.filing), context


def _base(
    filer: Filer, sent: ClaimSubmission, claim_id: UUID, pinned: Pinned | None, twin: UUID | None
) -> dict[str, Any]:
    """The columns a filing does not set; those left empty are what the events say, see `changed_rows`."""
    return dict.fromkeys(column.name for column in claims.c) | {
        "tenant_id": filer.caller.tenant_id,
        "id": claim_id,
        "number": claim_number(secrets.randbits(NUMBER_BITS)),
        "token_epoch": FIRST_EPOCH,
        "policy_id": pinned.content_hash if pinned and not sent.draft else None,
        "warnings": warnings_of(sent, pinned, twin),
        "created_at": filer.now,
    }


def pin_row(tenant_id: UUID, pinned: Pinned) -> dict[str, object]:
    """The policy as it is kept beside the claims pinned to it."""
    return {"tenant_id": tenant_id, "id": pinned.content_hash, "body": pin_body(pinned)}


def with_token(body: bytes, filer: Filer, claim_id: UUID, epoch: int = FIRST_EPOCH) -> bytes:
    """The stored answer with its token, derived again each time; no secret is stored."""
    token = write_token(filer.caller.tenant_id, claim_id, epoch, filer.secret)
    return body.replace(TOKEN_PLACE.encode(), token.encode(), 1)


def stored_answer(found: Found) -> StoredAnswer:
    """The answer kept under a key, from the JSON it was read as."""
    body = base64.b64decode(found["body"])
    return StoredAnswer(bytes.fromhex(found["fingerprint"]), found["status"], found["etag"], body)


def replay(stored: StoredAnswer, filer: Filer, subject_id: str | None) -> Answered:
    """The first answer again. Raises: IdempotencyKeyReused"""
    again = idempotency.answer_again(stored, filer.key)
    body = with_token(again.body, filer, UUID(subject_id)) if subject_id else again.body
    return Answered(again.status, body, again.etag, is_replay=True)


async def answer_again(filer: Filer) -> Answered | None:
    """The first answer to this key, if there was one; else the key is this transaction's, and its answer is still owed.

    Raises: IdempotencyKeyReused
    """
    stored = await idempotency.reserve(filer.db, filer.caller.tenant_id, filer.key, filer.now)
    return Answered(stored.status, stored.body, None, is_replay=True) if stored else None
