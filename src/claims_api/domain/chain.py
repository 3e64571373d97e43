"""The hash chain of a stream: every event holds the hash of the one before, so no edit goes unseen."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from claims_api.domain.answers import Data, EventDraft, EventType, Json
from claims_api.domain.claim import Actor
from claims_api.domain.wire import instant_text

FIRST_PREV_HASH = "0" * 64
SCALARS = frozenset({str, int, bool, type(None)})

_written = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True)
class Event:
    """One thing that happened, in its place in the log: `data` is never free text."""

    id: str
    tenant_id: str
    stream_id: str
    seq: int
    type: EventType
    occurred_at: datetime
    recorded_at: datetime
    actor: Actor
    data: Data
    prev_hash: str
    hash: str


@dataclass(frozen=True)
class Head:
    """Where a stream ends: the `seq` and hash of its last event, or 0 and 64 zeros before the first."""

    tenant_id: str
    stream_id: str
    seq: int = 0
    hash: str = FIRST_PREV_HASH


@dataclass(frozen=True)
class Stamp:
    """Who did it, when it happened and when we wrote it down."""

    actor: Actor
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class Fault:
    """A place where the chain does not hold: `seq-gap`, `link-broken`, `hash-wrong` or `tail-cut`."""

    seq: int
    code: str


def seal(draft: EventDraft, event_id: str, head: Head, stamp: Stamp) -> Event:
    """The draft as the next event of its stream."""
    event = Event(
        id=event_id,
        tenant_id=head.tenant_id,
        stream_id=head.stream_id,
        seq=head.seq + 1,
        type=draft.type,
        occurred_at=stamp.occurred_at,
        recorded_at=stamp.recorded_at,
        actor=stamp.actor,
        data=draft.data,
        prev_hash=head.hash,
        hash="",
    )
    return replace(event, hash=_hash_over(event))


def head_after(event: Event) -> Head:
    """Where the stream ends once this event is written."""
    return Head(event.tenant_id, event.stream_id, event.seq, event.hash)


def check_chain(events: Sequence[Event], head_hash: str) -> tuple[Fault, ...]:
    """Every place where a whole stream, from its first event to `head_hash`, is not as it was written."""
    faults, prev_hash = [], FIRST_PREV_HASH
    for expected, event in enumerate(events, start=1):
        if event.seq != expected:
            faults.append(Fault(event.seq, "seq-gap"))
        if event.prev_hash != prev_hash:
            faults.append(Fault(event.seq, "link-broken"))
        if event.hash != _hash_over(event):
            faults.append(Fault(event.seq, "hash-wrong"))
        prev_hash = event.hash
    if prev_hash != head_hash:
        faults.append(Fault(len(events), "tail-cut"))
    return tuple(faults)


def hash_of(fields: Mapping[str, Json]) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(fields)).hexdigest()


def canonical_json(value: Json) -> bytes:
    """The one way to write a value: sorted keys, no spaces, UTF-8. Raises: TypeError for anything like a float."""
    return _written(value if _is_plain(value) else _plain(value)).encode()


def salted_hash(text: str, salt: bytes) -> str:
    """HMAC-SHA-256 (RFC 2104) of a text under its salt: with the salt erased, nobody can guess the words back."""
    return hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()


def _hash_over(event: Event) -> str:
    """The hash of all of an event but its hash."""
    recorded_at = instant_text(event.recorded_at)
    return hash_of(
        {
            "id": event.id,
            "tenant_id": event.tenant_id,
            "stream_id": event.stream_id,
            "seq": event.seq,
            "type": event.type.value,
            "occurred_at": recorded_at if event.occurred_at == event.recorded_at else instant_text(event.occurred_at),
            "recorded_at": recorded_at,
            "actor": {"kind": event.actor.kind.value, "ref": event.actor.ref},
            "data": event.data,
            "prev_hash": event.prev_hash,
        }
    )


def _is_plain(value: Json) -> bool:
    """Whether a value is made of what JSON has and nothing else, as data read from the log is: no copy is needed."""
    if type(value) is dict:
        return all(type(key) is str and (type(item) in SCALARS or _is_plain(item)) for key, item in value.items())
    if type(value) is list:
        return all(type(item) in SCALARS or _is_plain(item) for item in value)
    return type(value) in SCALARS


def _plain(value: Json) -> Json:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no place in an event")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError("a key of an event's data is a string")
    return key
