"""The table of checks, and the report they give."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from claims_api.policies.actions.lint import categories, coverage, places, shape, sourcing, values
from claims_api.policies.actions.lint.findings import Check, Finding, Level, finding_of
from claims_api.policies.actions.lint.sources import Book, UnreadableSource, read_book
from claims_api.policies.queries.releases import FOLDER

ERROR, WARNING = Level.ERROR, Level.WARNING

STAGES: tuple[tuple[Check, ...], ...] = (
    (
        Check("duplicate-key", ERROR, shape.repeated_keys),
        Check("unknown-key", ERROR, shape.unknown_keys),
        Check("wrong-shape", ERROR, shape.wrong_shapes),
    ),
    (Check("release-mismatch", ERROR, sourcing.releases),),
    (
        Check("vocabulary", ERROR, values.vocabularies),
        Check("unknown-code", ERROR, places.unknown_codes),
        Check("unknown-reference", ERROR, places.unknown_references),
        Check("duplicate-code", ERROR, places.duplicate_codes),
        Check("unknown-parent", ERROR, places.unknown_parents),
        Check("unknown-currency", ERROR, places.unknown_currencies),
        Check("unknown-language", ERROR, places.unknown_languages),
        Check("holiday-calendar", ERROR, places.holiday_calendars),
        Check("unknown-zone", ERROR, places.unknown_zones),
        Check("zone-order", ERROR, places.zone_order),
        Check("unknown-day", ERROR, places.unknown_days),
        Check("unknown-law", ERROR, sourcing.unknown_laws),
        Check("unused-law", WARNING, sourcing.unused_laws),
        Check("unknown-evidence", ERROR, sourcing.unknown_evidence),
        Check("unused-evidence", WARNING, sourcing.unused_evidence),
        Check("verified-without-evidence", ERROR, sourcing.verified_without_evidence),
        Check("verified-by-secondary", ERROR, sourcing.verified_by_secondary),
        Check("effective-from", ERROR, sourcing.undated_before),
        Check("conditional-without-note", ERROR, sourcing.conditions_without_note),
        Check("unknown-word", ERROR, values.unknown_words),
        Check("status-and-value", ERROR, values.missing_values),
        Check("wrong-value", ERROR, values.wrong_values),
        Check("unit", ERROR, values.units),
        Check("zero", ERROR, values.zeros),
        Check("tier-without-condition", ERROR, values.tiers_without_condition),
        Check("unknown-condition", ERROR, values.unknown_conditions),
        Check("unknown-remedy", ERROR, values.unknown_remedies),
        Check("wrong-tier", ERROR, values.wrong_tiers),
        Check("silence", ERROR, values.silence_without_terms),
        Check("unknown-category", ERROR, categories.unknown_categories),
        Check("judgement-without-question", ERROR, categories.judgements_without_question),
        Check("price-bands", ERROR, categories.price_bands),
    ),
    (Check("coverage", ERROR, coverage.wrong_coverage),),
)
"""Later stages rest on earlier ones: they run only where those found no error."""


@dataclass(frozen=True, slots=True)
class Report:
    """All findings in the order of the files; `is_whole` is false where an error kept later stages from running."""

    findings: Sequence[Finding]
    is_whole: bool

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(one.level is Level.ERROR for one in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return len(self.findings) - self.errors

    def summary(self, seconds: float) -> str:
        """The last line: what was found, and how long it took."""
        rest = "" if self.is_whole else "; more is checked once these errors are gone"
        return f"{_count(self.errors, 'error')}, {_count(self.warnings, 'warning')} in {seconds:.1f} s{rest}"


def lint(folder: Path = FOLDER) -> Report:
    """What is wrong in the sources of a folder.

    Raises: UnreadableSource
    """
    book = read_book(folder)
    order = {document.name: at for at, document in enumerate(book.documents())}
    found: list[Finding] = []
    is_whole = True
    for stage in STAGES:
        is_whole = not any(one.level is Level.ERROR for one in found)
        if is_whole:
            found += _found(book, stage)
    in_order = sorted(found, key=lambda one: (order[one.file], one.line or 0, one.place, one.rule))
    return Report(in_order, is_whole)


def _found(book: Book, stage: Sequence[Check]) -> Iterator[Finding]:
    return (finding_of(check, hit) for check in stage for hit in check.find(book))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


__all__ = ["STAGES", "Report", "UnreadableSource", "lint"]
