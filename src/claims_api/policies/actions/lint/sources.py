"""The YAML files of the law with the line of every part, so that a finding can say where it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

Row: TypeAlias = Mapping[str, Any]  # a mapping of a YAML file
Way: TypeAlias = tuple[str | int, ...]  # keys and positions from the top of a file down to one of its parts

LAW, TERRITORIES, SHARED, STANDARD = "statutory.yaml", "territories.yaml", "shared_codes.yaml", "standard.yaml"
CATEGORY_GUARANTEES = "category_guarantees"
_NAMES = ("code", "id")  # what a row of a list is called by


class UnreadableSource(Exception):
    """A source that is not there or is no YAML mapping; the text says where and what to do."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file: what it says, the line of each part, and the keys written twice (else the later one wins)."""

    name: str
    rows: Row
    lines: Mapping[Way, int]
    repeated: Sequence[Way]

    def line(self, way: Way) -> int | None:
        """The line of a part; that of the nearest part around it where the part itself is missing."""
        return next((self.lines[way[:end]] for end in range(len(way), -1, -1) if way[:end] in self.lines), None)

    def place(self, way: Way) -> str:
        """The way in words: a row of a list goes by its code or id, the list of all entries is left out."""
        words: list[str] = []
        part: Any = self.rows
        for step in way:
            part = _child(part, step)
            named = next((part[name] for name in _NAMES if isinstance(part, dict) and name in part), None)
            words.append(str(step if isinstance(step, str) or named is None else named))
        is_entry = len(way) > 1 and isinstance(way[1], int)
        return ".".join(words[1:] if is_entry else words) or "(the file)"


@dataclass(frozen=True, slots=True)
class Said:
    """A statement of the law: a rule, a guarantee of a category, or what counted before one of them."""

    way: Way
    row: Row
    field: str
    code: str


@dataclass(frozen=True, slots=True)
class Book:
    """All sources of one release; the standard may be missing."""

    folder: Path
    law: Document
    territories: Document
    shared: Document
    standard: Document | None

    def documents(self) -> list[Document]:
        """The files that are there."""
        return [one for one in (self.law, self.territories, self.shared, self.standard) if one is not None]

    def jurisdictions(self) -> Iterator[tuple[Way, Row]]:
        """The entries with law, in the order of the file."""
        return ((("jurisdictions", at), row) for at, row in enumerate(self.law.rows["jurisdictions"]))

    def entries(self) -> Iterator[tuple[Document, Way, Row]]:
        """Every entry of both files."""
        for way, row in self.jurisdictions():
            yield self.law, way, row
        for at, row in enumerate(self.territories.rows["territories"]):
            yield self.territories, ("territories", at), row

    def statements(self) -> Iterator[Said]:
        """Every statement, an older one right after its own."""
        for way, row in self.jurisdictions():
            for field, rule in row["rules"].items():
                yield from _with_before((*way, "rules", field), rule, field, row["code"])
            for at, one in enumerate(row.get(CATEGORY_GUARANTEES, ())):
                yield from _with_before((*way, CATEGORY_GUARANTEES, at), one, CATEGORY_GUARANTEES, row["code"])

    def path(self, code: str | None) -> list[Row]:
        """The entry of a code and its ancestors, nearest first; a loop is walked once."""
        by_code = {row["code"]: row for _, row in self.jurisdictions()}
        found: list[Row] = []
        while code in by_code and by_code[code] not in found:
            found.append(by_code[code])
            code = by_code[code]["parent"]
        return found


def read_book(folder: Path) -> Book:
    """The sources of a folder.

    Raises: UnreadableSource
    """
    law, territories, shared = (read_document(folder / name) for name in (LAW, TERRITORIES, SHARED))
    standard = read_document(folder / STANDARD) if (folder / STANDARD).is_file() else None
    return Book(folder, law, territories, shared, standard)


def read_document(path: Path) -> Document:
    """One file.

    Raises: UnreadableSource
    """
    try:
        loader = yaml.SafeLoader if not yaml.__with_libyaml__ else yaml.CSafeLoader
        text = loader(path.read_text(encoding="utf-8"))
        node = text.get_single_node()
        rows = None if node is None else text.construct_document(node)
    except OSError as error:
        raise UnreadableSource(f"{path} cannot be read ({error.strerror}): name a folder with {LAW}.") from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        said = " ".join(str(error).split())
        raise UnreadableSource(f"{path} is no YAML: {said}. Put the place it names in order first.") from None
    if not isinstance(rows, dict) or node is None:
        raise UnreadableSource(f"{path} holds no mapping: it has to start with its members, like `release: ...`.")
    lines: dict[Way, int] = {}
    repeated: list[Way] = []
    _walk(node, (), lines, repeated)
    return Document(path.name, rows, lines, repeated)


def without_nulls(value: Any) -> Any:
    """Null says what absence says, as in the built form."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def _walk(node: yaml.Node, way: Way, lines: dict[Way, int], repeated: list[Way]) -> None:
    lines.setdefault(way, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            step = (*way, key.value)
            if step in lines:
                repeated.append(step)
            lines[step] = key.start_mark.line + 1
            _walk(value, step, lines, repeated)
    elif isinstance(node, yaml.SequenceNode):
        for at, item in enumerate(node.value):
            _walk(item, (*way, at), lines, repeated)


def _child(part: Any, step: str | int) -> Any:
    if isinstance(part, dict):
        return part.get(step)
    is_there = isinstance(part, list) and isinstance(step, int) and step < len(part)
    return part[step] if is_there else None


def _with_before(way: Way, row: Row, field: str, code: str) -> Iterator[Said]:
    yield Said(way, row, field, code)
    if row.get("before") is not None:
        yield Said((*way, "before"), row["before"], field, code)
