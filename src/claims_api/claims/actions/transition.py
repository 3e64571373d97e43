"""A step of a claim: lock, read, decide, store. Three statements, whatever the step."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from claims_api.access.actions import Caller
from claims_api.access.scopes import Role, Scope
from claims_api.claims.actions.answer import Looker, actor_of, etag_of, looker, render
from claims_api.claims.actions.commands import command_of
from claims_api.claims.actions.context import context_of, pin_of, pinned_policy, sale_of
from claims_api.claims.actions.dates import policy_dates
from claims_api.claims.actions.record import Words, as_read, changed_rows, head_of, write_on
from claims_api.claims.actions.refuse import refuse
from claims_api.claims.actions.submit import Answered, Filer, pin_row, replay, stored_answer
from claims_api.claims.actions.warn import twin_warning
from claims_api.claims.actions.withdrawals import with_law
from claims_api.claims.queries import read, store
from claims_api.claims.queries.records import Found, StoredClaim, stored_claim
from claims_api.claims.schemas.transitions import AnyTransition, SubmitRequest
from claims_api.claims.tables import claims, policy_pins
from claims_api.domain.answers import Refused
from claims_api.domain.chain import Stamp
from claims_api.domain.commands import Command, LikelyDuplicate
from claims_api.domain.decide import decide
from claims_api.domain.policy import Policy
from claims_api.domain.transitions import ROWS
from claims_api.domain.vocabulary import ActorKind, Transition
from claims_api.kit import idempotency, ids
from claims_api.kit.idempotency import StoredAnswer
from claims_api.kit.problems import PreconditionFailed, ScopeMissing
from claims_api.policies.actions.resolve import Pinned


@dataclass(frozen=True)
class Locked:
    """A claim under its lock, as the row it was read from."""

    row: Found
    stored: StoredClaim
    answer: Found | None
    twin: UUID | None = None


async def transition(filer: Filer, claim_id: UUID, sent: AnyTransition, if_match: int | None) -> Answered:
    """Takes one step, or gives the first answer to its key again.

    Raises: PreconditionFailed, and the domain's refusals as problems
    """
    needed = scope_of(Transition(sent.transition), filer.caller)
    if needed not in filer.caller.scopes:
        raise ScopeMissing(required_scope=needed)
    locked = await _read_locked(filer, claim_id, sent)
    if locked.answer:
        return replay(stored_answer(locked.answer), filer, None)
    if if_match is not None and if_match != locked.stored.claim.version:
        raise PreconditionFailed
    who = looker(filer.caller, filer.now)
    words = Words(filer.caller.tenant_id, claim_id, filer.now)
    actor = actor_of(filer.caller, locked.stored.claim.customer_id)
    command = command_of(sent, actor, words, locked.stored.claim)
    return await carry_out(filer, locked, command, words, who)


async def carry_out(filer: Filer, locked: Locked, command: Command, words: Words, who: Looker) -> Answered:
    """Asks the domain, then stores the change with its events and the answer under its key."""
    stored, before = locked.stored, locked.stored.claim
    pinned, policy = await _policies(filer, stored)
    twin = LikelyDuplicate(ids.encode("clm", locked.twin), ids.encode("hld", ids.new_uuid())) if locked.twin else None
    context = await with_law(context_of(policy, stored.filed.time_zone, filer.now, twin), before, command, policy)
    drafts = decide(before, command, context, filer.now)
    if isinstance(drafts, Refused):
        raise refuse(drafts, before, who)
    written = write_on(before, drafts, head_of(stored), Stamp(command.actor, filer.now, filer.now))
    rows = changed_rows(locked.row, written, words)
    if command.transition is Transition.SUBMIT and pinned:
        _pin(rows, filer, pinned)
        rows[claims][0]["policy_dates"] = policy_dates(pinned.policy, locked.row, written.claim, filer.now)
    if twin:
        rows[claims][0]["warnings"] = [*stored.warnings, twin_warning()]
    body = render(as_read(rows, locked.row), who)
    answer = StoredAnswer(filer.key.fingerprint, 200, etag_of(written.claim.version, who, stored.filed.locale), body)
    kept = idempotency.answer_row(filer.caller.tenant_id, filer.key, answer, stored.id, filer.now)
    rows[idempotency.idempotency_keys] = [kept]
    await store.store_change(filer.db, filer.caller.tenant_id, stored.id, before.version, rows)
    return Answered(answer.status, answer.body, answer.etag)


async def _policies(filer: Filer, stored: StoredClaim) -> tuple[Pinned | None, Policy | None]:
    """What the claim is decided by: its pin, which stays, or for a draft what it would be pinned to now."""
    if stored.policy_id is not None:
        return None, await pinned_policy(filer.db, stored.tenant_id, stored.policy_id)
    if stored.claim.region is None:
        return None, None
    filed = stored.filed
    delivered = (_day(line["delivered_on"]) for line in filed.lines.values())
    sale = sale_of(stored.claim.region, filed.customer["kind"] if filed.customer else None, filed, delivered)
    pinned = pin_of(sale, filer.now)
    return pinned, pinned.policy


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


async def _read_locked(filer: Filer, claim_id: UUID, sent: AnyTransition) -> Locked:
    """Reads the claim under the lock the route took, and the answer its key may have already."""
    given = {"tenant": filer.caller.tenant_id, "claim": claim_id, "scope": filer.key.scope, "now": filer.now}
    row = (await filer.db.execute(read.LOCKED_CLAIM, given)).one()._mapping
    twin = await read.twin_of(filer.db, row) if isinstance(sent, SubmitRequest) else None
    return Locked(row, stored_claim(row), row["stored_answer"], twin)


def scope_of(step: Transition, caller: Caller) -> Scope:
    """A partner's steps need `shipments:write`, one a customer may take `claims:write`, all others `claims:decide`."""
    if caller.role == Role.PARTNER:
        return Scope.SHIPMENTS_WRITE
    of_customers = any(row.transition is step and ActorKind.CUSTOMER in row.who for row in ROWS)
    return Scope.CLAIMS_WRITE if of_customers else Scope.CLAIMS_DECIDE


def _pin(rows: dict[Any, list[dict[str, Any]]], filer: Filer, pinned: Pinned) -> None:
    rows[policy_pins] = [pin_row(filer.caller.tenant_id, pinned)]
    rows[claims][0]["policy_id"] = pinned.content_hash
