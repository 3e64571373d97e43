"""The words of the checker: kinds of violations, the rows that show them, and what a claim is judged by."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Executable

from claims_api.claims.queries.records import StoredClaim
from claims_api.domain.chain import Event
from claims_api.domain.claim import Claim
from claims_api.domain.policy import Policy
from claims_api.kit import ids

SPELLED = {"stream_id": "clm", "claim_id": "clm", "subject_id": "clm", "duplicate_of": "clm", "description_id": "txt"}


@dataclass(frozen=True)
class Kind:
    """One thing that can fail to hold: `code` is for machines and never renamed, `says` is what is wrong then."""

    code: str
    says: str

    def at(self, row: str, detail: str = "") -> "Violation":
        """The violation a row shows; `detail` has codes, numbers and names of fields, never what a person wrote."""
        return Violation(self, row, detail)


@dataclass(frozen=True)
class Violation:
    """A row for which something does not hold."""

    kind: Kind
    row: str
    detail: str = ""


@dataclass(frozen=True)
class Words:
    """A free text with its salt; both are None once it is erased."""

    body: str | None
    salt: bytes | None


@dataclass(frozen=True)
class ReadClaim:
    """A claim as it is stored, its log, and the states the log tells of: `states[n]` is the one after `log[n]`.

    There are fewer states than events where an event cannot follow what came before it. `policy` is the pinned one,
    read where the log has a decision only.
    """

    stored: StoredClaim
    log: tuple[Event, ...]
    states: tuple[Claim, ...]
    texts: Mapping[str, Words]
    policy: Policy | None = None

    @property
    def id(self) -> str:
        """The claim's id as the API writes it."""
        return ids.encode("clm", self.stored.id)

    def place(self, event: Event) -> str:
        """An event of the log as it is named to people."""
        return f"{self.id} seq {event.seq}"


OfClaim: TypeAlias = Callable[[ReadClaim], Iterable[Violation]]
"""Judges one claim by what was read of it; pure."""


@dataclass(frozen=True)
class OfRows:
    """Each row the statement finds is a violation of a kind."""

    kind: Kind
    statement: Executable
    detail: str = ""

    def violation(self, row: Mapping[Any, Any]) -> Violation:
        """The row found, by its names and values: keys and numbers only, for that is what the statements ask for."""
        named = (f"{name} {_spelled(name, value)}" for name, value in row.items())
        return self.kind.at(", ".join(named), self.detail)


@dataclass(frozen=True)
class Family:
    """Facts that belong together: `about` says in a few words which."""

    about: str
    kinds: tuple[Kind, ...]
    of_claim: tuple[OfClaim, ...] = ()
    of_rows: tuple[OfRows, ...] = ()


def _spelled(name: str, value: object) -> str:
    if isinstance(value, UUID):
        return ids.encode(SPELLED[name], value) if name in SPELLED else str(value)
    return value.hex() if isinstance(value, bytes) else str(value)
