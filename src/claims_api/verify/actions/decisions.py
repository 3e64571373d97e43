"""What was decided: refusals with their reasons, money under its ceiling, a person behind it, remedies ended."""

import json
from collections.abc import Iterator

from claims_api.domain.ceilings import COUNTED, left_on_line
from claims_api.domain.claim import Line
from claims_api.domain.money import CurrencyMismatch
from claims_api.domain.vocabulary import ActorKind, LineDecision, Status
from claims_api.verify.actions.findings import Family, Kind, ReadClaim, Violation

REFUSAL = Kind("refusal-incomplete", "A refused line lacks its reason, the words with the clause, or the appeal's end.")
BY_SOFTWARE = Kind("refused-by-software", "Only a person may refuse.")
NO_DECIDER = Kind("decider-missing", "A claim is decided and nobody decided it, or the other way round.")
CEILING = Kind("above-ceiling", "More money goes back on a line than was paid for it.")
REMEDY_OPEN = Kind("remedy-open", "A claim is resolved while a remedy is still owed.")


def refusals_are_reasoned(read: ReadClaim) -> Iterator[Violation]:
    """Each refused line has a reason, the clause it rests on, and a day until which it can be appealed."""
    for line in read.stored.claim.lines:
        if line.decision is LineDecision.NOT_COVERED and (missing := list(_missing(line, read))):
            yield REFUSAL.at(f"{read.id} line {line.position}", ", ".join(missing))


def _missing(line: Line, read: ReadClaim) -> Iterator[str]:
    if line.appeal_until is None:
        yield "appeal_until"
    if line.refusal is None:
        yield "refusal"
        return
    words = read.texts.get(line.refusal.words.id)
    if words is None:
        yield "words"
    elif words.body is not None and not _has_clause(words.body):  # erased words had one once
        yield "clause"


def _has_clause(body: str) -> bool:
    try:
        clause = json.loads(body)["clause"]
        return bool(clause["source"] and clause["reference"])
    except (KeyError, TypeError, ValueError):
        return False


def deciders_are_recorded(read: ReadClaim) -> Iterator[Violation]:
    """Whoever decided is named, and software refuses nobody."""
    claim = read.stored.claim
    decisions = {line.decision for line in claim.lines}
    if bool(decisions - {LineDecision.PENDING}) is not (claim.decided_by is not None):
        yield NO_DECIDER.at(read.id)
    if LineDecision.NOT_COVERED in decisions and claim.decided_by and claim.decided_by.kind is ActorKind.SYSTEM:
        yield BY_SOFTWARE.at(read.id)


def money_is_under_its_ceiling(read: ReadClaim) -> Iterator[Violation]:
    """All that was ever promised on a line together, also before it was reopened."""
    claim = read.stored.claim
    positions = {remedy.position for remedy in claim.remedies if remedy.amount and remedy.kind in COUNTED}
    for position in sorted(positions & {line.position for line in claim.lines}):
        try:
            left = left_on_line(claim, position)
        except CurrencyMismatch:
            yield CEILING.at(f"{read.id} line {position}", "in another currency than was paid")
            continue
        if left and left.amount_minor < 0:
            yield CEILING.at(f"{read.id} line {position}", f"by {-left.amount_minor} minor units")


def resolved_means_done(read: ReadClaim) -> Iterator[Violation]:
    """Nothing is owed any more on a claim that says so."""
    claim = read.stored.claim
    if claim.status is Status.RESOLVED:
        for remedy in claim.open_remedies:
            yield REMEDY_OPEN.at(f"{read.id} {remedy.id}")


FAMILY = Family(
    "decisions: refusals with reason, clause and appeal window, money under its ceiling, somebody behind each",
    (REFUSAL, BY_SOFTWARE, NO_DECIDER, CEILING, REMEDY_OPEN),
    of_claim=(refusals_are_reasoned, deciders_are_recorded, money_is_under_its_ceiling, resolved_means_done),
)
