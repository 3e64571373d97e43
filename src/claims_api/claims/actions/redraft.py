"""Saving a draft again: its content is replaced, its history grows."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from claims_api.claims.actions.answer import actor_of, etag_of, looker, render
from claims_api.claims.actions.context import context_of
from claims_api.claims.actions.filing import content_of
from claims_api.claims.actions.problems import ExternalRefTaken
from claims_api.claims.actions.record import Words, as_read, changed_rows, head_of, write_on
from claims_api.claims.actions.refuse import refuse
from claims_api.claims.actions.submit import Answered, Filer, check
from claims_api.claims.actions.warn import warnings_of
from claims_api.claims.queries import read, store
from claims_api.claims.queries.records import stored_claim
from claims_api.claims.schemas.submission import ClaimSubmission
from claims_api.claims.tables import claim_serials, parties
from claims_api.domain.answers import Refused
from claims_api.domain.chain import Stamp
from claims_api.domain.commands import SaveDraft
from claims_api.domain.decide import decide
from claims_api.kit import ids
from claims_api.kit.problems import NotFound, PreconditionFailed
from claims_api.kit.retry import RaceLost


async def redraft(filer: Filer, claim_id: UUID, sent: ClaimSubmission, if_match: int | None) -> Answered:
    """Replaces the content of a draft.

    Raises: PreconditionFailed, ExternalRefTaken, what `check` raises, the domain's refusals as problems; RaceLost
    """
    tenant_id = filer.caller.tenant_id
    pinned = check(sent, filer.now)
    row = await read.claim_row(filer.db, tenant_id, claim_id)
    if row is None:
        raise NotFound
    stored, who = stored_claim(row._mapping), looker(filer.caller, filer.now)
    if if_match is not None and if_match != stored.claim.version:
        raise PreconditionFailed
    if sent.external_ref and (namesake := await read.namesake(filer.db, tenant_id, sent.external_ref)) not in (
        None,
        claim_id,
    ):
        raise ExternalRefTaken(existing=ids.encode("clm", namesake))
    words = Words(tenant_id, claim_id, filer.now)
    base = {**row._mapping, "warnings": warnings_of(sent, pinned, None), "texts": []}
    content = content_of(sent, words, row._mapping["customer_id"] or ids.new_uuid(), base)
    actor = actor_of(filer.caller, content.filing.customer_id)
    context = context_of(pinned.policy if pinned else None, sent.time_zone, filer.now)
    drafts = decide(stored.claim, SaveDraft(actor, content.filing), context, filer.now)
    if isinstance(drafts, Refused):
        raise refuse(drafts, stored.claim, who)
    written = write_on(stored.claim, drafts, head_of(stored), Stamp(actor, filer.now, filer.now))
    rows = changed_rows(content.row, written, words)
    rows[parties] = [dict(content.party)] if content.party else []
    rows[claim_serials] = content.serials
    await store.forget_filed(filer.db, tenant_id, claim_id)
    try:
        await store.store_change(filer.db, tenant_id, claim_id, stored.claim.version, rows)
    except IntegrityError as error:
        raise RaceLost from error
    body = render(as_read(rows, content.row), who)
    return Answered(200, body, etag_of(written.claim.version, who, sent.locale))
