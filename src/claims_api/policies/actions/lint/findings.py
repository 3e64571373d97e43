"""What a check says: where, which rule, and the way out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from claims_api.policies.actions.lint.sources import Book, Document, Way


class Level(StrEnum):
    """An error has to be put right; a warning is for an editor to look at."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Hit:
    """A place and a sentence about it."""

    document: Document
    way: Way
    sentence: str


CheckFunction: TypeAlias = Callable[[Book], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class Check:
    """A check by the name it is reported under. A file with an error in an earlier stage never reaches a later one."""

    name: str
    level: Level
    find: CheckFunction


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    file: str
    line: int | None
    place: str
    rule: str
    level: Level
    sentence: str

    def __str__(self) -> str:
        file = self.file if self.line is None else f"{self.file}:{self.line}"
        rule = self.rule if self.level is Level.ERROR else f"{self.rule} (warning)"
        return f"{file}: {self.place}: {rule}: {self.sentence}"


def finding_of(check: Check, hit: Hit) -> Finding:
    """The finding of a hit."""
    document = hit.document
    line, place = document.line(hit.way), document.place(hit.way)
    return Finding(document.name, line, place, check.name, check.level, hit.sentence)
