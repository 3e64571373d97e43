"""A command's outcome as rows: the claim after its events, the events themselves, and the words they point at."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from claims_api.claims.queries.records import Found, StoredClaim, stored_claim
from claims_api.claims.queries.store import Rows
from claims_api.claims.tables import claim_holds, claim_legs, claim_lines, claim_remedies, claims, texts
from claims_api.domain.answers import EventDraft
from claims_api.domain.chain import Event, Head, Stamp, head_after, salted_hash, seal
from claims_api.domain.claim import Claim, Hold, Line, Remedy, TextRef
from claims_api.domain.evolve import evolve
from claims_api.domain.legs import Leg
from claims_api.domain.money import Money
from claims_api.events.tables import events, outbox
from claims_api.kit import ids
from claims_api.kit.database import plain

SALT_BYTES = 16
PLAIN = (UUID, date, bytes)  # what a row holds and JSON has no form for


@dataclass
class Words:
    """The free texts of one command; each gets an id and a salted hash before the domain sees it."""

    tenant_id: UUID
    claim_id: UUID
    now: datetime
    rows: list[dict[str, object]] = field(default_factory=list)

    def keep(self, kind: str, body: str) -> TextRef:
        """Takes a text in and gives the reference that may stand in an event."""
        text_id, salt = ids.new_uuid(), secrets.token_bytes(SALT_BYTES)
        row = {"tenant_id": self.tenant_id, "id": text_id, "claim_id": self.claim_id, "kind": kind}
        self.rows.append(row | {"body": body, "salt": salt, "created_at": self.now})
        return TextRef(ids.encode("txt", text_id), salted_hash(body, salt))


@dataclass(frozen=True)
class Written:
    """A history one command longer."""

    claim: Claim
    events: tuple[Event, ...]

    @property
    def head_hash(self) -> str:
        return self.events[-1].hash


def write_on(claim: Claim | None, drafts: Iterable[EventDraft], head: Head, stamp: Stamp) -> Written:
    """Seals the drafts behind `head` and lets the claim evolve over them: the stored state is the fold of its log."""
    written: list[Event] = []
    for draft in drafts:
        event = seal(draft, ids.encode("evt", ids.new_uuid()), head, stamp)
        written.append(event)
        claim = evolve(claim, event)
        head = head_after(event)
    if claim is None:
        raise ValueError("a command that changes nothing writes no history")
    return Written(claim, tuple(written))


def changed_rows(row: Found, written: Written, words: Words) -> dict[Any, list[dict[str, Any]]]:
    """All rows of a claim after a command, from the row that was read (or the content that was filed)."""
    claim, key = written.claim, {"tenant_id": words.tenant_id, "claim_id": words.claim_id}
    base = {column.name: row[column.name] for column in claims.c}
    lines = {line["position"]: line for line in row["lines"]}
    return {
        claims: [base | claim_columns(claim) | {"head_hash": written.head_hash, "updated_at": words.now}],
        claim_lines: [lines[line.position] | key | line_columns(line) for line in claim.lines],
        claim_holds: [key | hold_columns(hold) for hold in claim.holds],
        claim_remedies: [key | remedy_columns(remedy) for remedy in claim.remedies],
        claim_legs: [key | leg_columns(leg) for leg in claim.legs],
        texts: words.rows,
        events: [event_columns(words.tenant_id, words.claim_id, event) for event in written.events],
        outbox: [{"tenant_id": words.tenant_id, "stream_id": words.claim_id, "seq": e.seq} for e in written.events],
    }


def as_read(rows: Rows, row: Found) -> StoredClaim:
    """The claim as the next read will find it, so that a write answers exactly what a read answers."""
    known = [*row["texts"], *_as_json_has_them(rows[texts])]
    children = {
        "lines": _as_json_has_them(rows[claim_lines]),
        "holds": _as_json_has_them(rows[claim_holds]),
        "remedies": _as_json_has_them(rows[claim_remedies]),
        "legs": _as_json_has_them(rows[claim_legs]),
        "texts": known,
        "customer": row["customer"],
    }
    return stored_claim({**rows[claims][0], **children})


def _as_json_has_them(rows: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    return [{name: plain(value) if isinstance(value, PLAIN) else value for name, value in row.items()} for row in rows]


def claim_columns(claim: Claim) -> dict[str, object]:
    """What events change on the claim's own row."""
    decider = claim.decided_by
    return {
        "status": claim.status.value,
        "goods_with": claim.goods_with.value,
        "version": claim.version,
        "region": claim.region,
        **_money("shipping_minor", "shipping_currency", claim.shipping_paid),
        "assignee": claim.assignee,
        "decided_by_kind": decider.kind.value if decider else None,
        "decided_by_ref": decider.ref if decider else None,
        "draft_until": claim.draft_until,
        "submitted_at": claim.submitted_at,
        "reopen_until": claim.reopen_until,
        "ended_at": claim.ended_at,
    }


def line_columns(line: Line) -> dict[str, object]:
    """What events change on a line."""
    words = line.refusal.words if line.refusal else None
    return {
        "is_awaited": line.is_awaited,
        "decision": line.decision.value,
        "refusal_reason": line.refusal.reason.value if line.refusal else None,
        **_text("refusal_text_id", "refusal_hash", words),
        "appeal_until": line.appeal_until,
    }


def hold_columns(hold: Hold) -> dict[str, object]:
    return {
        "id": ids.decode("hld", hold.id),
        "kind": hold.kind.value,
        **_text("reason_id", "reason_hash", hold.reason),
        "duplicate_of": ids.decode("clm", hold.duplicate_of) if hold.duplicate_of else None,
        "opened_at": hold.opened_at,
        "opened_by_kind": hold.opened_by.kind.value,
        "opened_by_ref": hold.opened_by.ref,
        "released_at": hold.released_at,
    }


def remedy_columns(remedy: Remedy) -> dict[str, object]:
    return {
        "id": ids.decode("rem", remedy.id),
        "position": remedy.position,
        "kind": remedy.kind.value,
        "state": remedy.state.value,
        **_money("amount_minor", "currency", remedy.amount),
        "starts_when": remedy.starts_when.value if remedy.starts_when else None,
    }


def leg_columns(leg: Leg) -> dict[str, object]:
    receipt = leg.receipt
    return {
        "id": ids.decode("shp", leg.id),
        "direction": leg.direction.value,
        "purpose": leg.purpose.value,
        "partner": leg.partner,
        "positions": list(leg.positions),
        "status": leg.status.value,
        "condition": leg.condition.value,
        "acted": sorted(leg.acted),
        "flags": sorted(leg.flags),
        "receipt_outcome": receipt.outcome.value if receipt else None,
        "disposition": receipt.disposition.value if receipt and receipt.disposition else None,
        "may_be_kept": receipt.may_be_kept if receipt else None,
    }


def event_columns(tenant_id: UUID, stream_id: UUID, event: Event) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "stream_id": stream_id,
        "seq": event.seq,
        "id": ids.decode("evt", event.id),
        "type": event.type.value,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "actor_kind": event.actor.kind.value,
        "actor_ref": event.actor.ref,
        "data": event.data,
        "prev_hash": event.prev_hash,
        "hash": event.hash,
    }


def _money(minor: str, currency: str, money: Money | None) -> dict[str, object]:
    return {minor: money.amount_minor if money else None, currency: money.currency if money else None}


def _text(text_id: str, text_hash: str, text: TextRef | None) -> dict[str, object]:
    found: UUID | None = ids.decode("txt", text.id) if text else None
    return {text_id: found, text_hash: text.hash if text else None}


def head_of(stored: StoredClaim) -> Head:
    """Where the claim's stream ends."""
    tenant, claim = ids.encode("ten", stored.tenant_id), ids.encode("clm", stored.id)
    return Head(tenant, claim, stored.claim.version, stored.head_hash)
