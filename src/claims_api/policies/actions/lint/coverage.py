"""Whether the word `coverage` is what the resolved rules come to (docs/law-data.md, "Other fields of an entry")."""

from collections.abc import Collection, Iterator
from datetime import date

from claims_api.domain.contract import Facts
from claims_api.domain.policy import resolve
from claims_api.domain.policy_law import Statement
from claims_api.domain.policy_words import Confidence, Coverage, RuleStatus
from claims_api.domain.regions import RegionKind
from claims_api.policies.actions.lint.findings import Hit
from claims_api.policies.actions.lint.sources import Book, without_nulls
from claims_api.policies.queries.releases import statute_of

OPEN = (RuleStatus.UNKNOWN, RuleStatus.LEFT_TO_MEMBERS)
TOO_MANY_OPEN = 12
ENOUGH_VERIFIED = 3


def wrong_coverage(book: Book) -> Iterator[Hit]:
    """The word of every entry; a bloc has none, a territory is never covered."""
    statute = statute_of(without_nulls(book.law.rows))
    as_of = date.fromisoformat(book.law.rows["as_of"])
    for document, way, row in book.entries():
        expected: Coverage | None = Coverage.NONE
        if document is book.law:
            is_bloc = row["kind"] == RegionKind.BLOC
            rules = () if is_bloc else resolve(statute, row["code"], Facts(contract_on=as_of), as_of).rules.values()
            expected = None if is_bloc else coverage_of([rule.said for rule in rules])
        if row.get("coverage") != expected:
            sentence = (
                "a bloc is no place to claim in: remove it." if expected is None else f"it comes to `{expected}`."
            )
            yield Hit(document, (*way, "coverage"), f"`{row.get('coverage')}` is not what the rules say: {sentence}")


def coverage_of(said: Collection[Statement]) -> Coverage:
    """What the statements of the twenty fields come to."""
    numbers = [one.confidence for one in said if type(one.value) is int]
    verified = sum(one.confidence is Confidence.VERIFIED for one in said)
    is_open = sum(one.status in OPEN for one in said)
    if is_open >= TOO_MANY_OPEN or (numbers and numbers.count(Confidence.UNCERTAIN) * 2 >= len(numbers)):
        return Coverage.THIN
    if numbers and verified >= ENOUGH_VERIFIED and numbers.count(Confidence.VERIFIED) * 2 >= len(numbers):
        return Coverage.READ
    return Coverage.PARTLY_READ if verified else Coverage.WELL_KNOWN
