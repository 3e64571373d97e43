"""Rows made into what is judged; a row nothing can be made of is a finding itself."""

from collections.abc import Sequence
from uuid import UUID

from claims_api.claims.queries.records import stored_claim
from claims_api.domain.chain import Event
from claims_api.domain.claim import Claim
from claims_api.domain.evolve import evolve
from claims_api.events.queries import claim_event
from claims_api.kit import ids
from claims_api.verify.actions.findings import Family, Kind, ReadClaim, Violation, Words
from claims_api.verify.actions.history import UNREADABLE as EVENT_UNREADABLE
from claims_api.verify.queries.reading import ClaimRows

CLAIM_UNREADABLE = Kind("claim-unreadable", "A claim's rows hold words that no claim here can have.")
NOT_OURS = (KeyError, TypeError, ValueError)
"""What the readers of rows and events raise on values that were never written by them."""


def read_claim(rows: ClaimRows) -> ReadClaim | Violation:
    """The claim behind its rows, or why there is none to be judged."""
    row = rows.claim
    try:
        stored = stored_claim(row)
        texts = {
            ids.encode("txt", UUID(one["id"])): _words(one["body"], row["salts"][one["id"]]) for one in row["texts"]
        }
    except NOT_OURS as error:
        return CLAIM_UNREADABLE.at(ids.encode("clm", row["id"]), type(error).__name__)
    log: list[Event] = []
    for found in rows.log:
        try:
            log.append(claim_event(found))
        except NOT_OURS as error:
            return EVENT_UNREADABLE.at(f"{ids.encode('clm', row['id'])} seq {found['seq']}", type(error).__name__)
    return ReadClaim(stored, tuple(log), states_of(log), texts)


def states_of(log: Sequence[Event]) -> tuple[Claim, ...]:
    """The claim after each event, up to the first that cannot follow."""
    states: list[Claim] = []
    claim: Claim | None = None
    for event in log:
        try:
            claim = evolve(claim, event)
        except NOT_OURS:
            break
        states.append(claim)
    return tuple(states)


def _words(body: str | None, salt: str | None) -> Words:
    return Words(body, None if salt is None else bytes.fromhex(salt))


FAMILY = Family("rows that can be read at all", (CLAIM_UNREADABLE,))
