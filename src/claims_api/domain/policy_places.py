"""Which data a region is answered from, and the practical facts of the place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from claims_api.domain.policy_law import Entry, Statute
from claims_api.domain.policy_words import Coverage
from claims_api.domain.regions import RegionKind, path_of


@dataclass(frozen=True, slots=True)
class Place:
    """A region's own path and the entries along it, nearest first; there is always one.

    Where the place has no entry, the nearest one counts whole (`acting`), with what no entry takes from another one:
    its notes, its category guarantees, its list of time zones.
    """

    code: str
    path: tuple[str, ...]
    entries: tuple[Entry, ...]

    @property
    def acting(self) -> Entry:
        """The entry the place is answered from."""
        return self.entries[0]

    @property
    def own_entry(self) -> bool:
        """The statute has an entry for the place itself."""
        return self.acting.code == self.code and self.acting.is_statutory

    def source(self, fact: str) -> Entry:
        """The nearest entry that says something about `fact`; the acting one where none does."""
        return next((entry for entry in self.entries if getattr(entry, fact) is not None), self.acting)


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """What the tree shows of a region beside its name. A bloc has no coverage: it is no place to claim in."""

    own_entry: bool
    coverage: Coverage | None
    languages: tuple[str, ...]
    currency: str | None
    other_currencies: tuple[str, ...]
    related: str | None


def place_of(statute: Statute, code: str) -> Place:
    """The place of a code.

    Raises: KeyError for a code that is no region.
    """
    path = path_of(statute.regions, code)
    return Place(code, path, tuple(statute.entries[step] for step in path if step in statute.entries))


def facts_of(statute: Statute, code: str) -> RegionFacts:
    """The facts of a region of any kind.

    Raises: KeyError for a code that is no region.
    """
    place = place_of(statute, code)
    money = place.source("currency")
    is_bloc = statute.regions[code].kind is RegionKind.BLOC
    return RegionFacts(
        own_entry=place.own_entry,
        coverage=None if is_bloc else place.acting.coverage or Coverage.NONE,
        languages=place.source("languages").languages or (),
        currency=money.currency,
        other_currencies=money.other_currencies,
        related=place.acting.related if place.acting.code == code else None,
    )


def origins_of(place: Place, facts: Sequence[str]) -> dict[str, str]:
    """The region each fact comes from; facts nobody states are left out."""
    sources = {fact: place.source(fact) for fact in facts}
    return {fact: entry.code for fact, entry in sources.items() if getattr(entry, fact) is not None}


def turning_points(place: Place) -> tuple[date, ...]:
    """The days on which the law that reaches the place changes, in order; between two of them nothing does."""
    said = [statement for entry in place.entries for statement in entry.statements.values()]
    said += [about.statement for about in place.acting.category_guarantees]
    return tuple(sorted({statement.effective_from for statement in said if statement.effective_from}))
