"""What rows point at: parents of the same tenant, serial numbers that were filed, texts that say what was hashed."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from claims_api.domain.answers import Data
from claims_api.domain.chain import salted_hash
from claims_api.kit import ids
from claims_api.kit.database import metadata
from claims_api.verify.actions.findings import Family, Kind, OfRows, ReadClaim, Violation, Words
from claims_api.verify.queries import misplaced

NO_PARENT = Kind("parent-missing", "A row belongs to one that the tenant does not have.")
SERIALS = Kind("serials-differ", "The serial numbers a claim is found by are not those of its lines.")
NO_TEXT = Kind("text-missing", "A text is named that is not there.")
TEXT_CHANGED = Kind("text-changed", "A text is not the one whose hash the log has.")
TEXT_IN_HALF = Kind(
    "text-in-half", "Of a text only the words or only the salt are left: it can be neither read nor proved."
)


def texts_are_the_named_ones(read: ReadClaim) -> Iterator[Violation]:
    """Every text an event names is there and has its hash, unless it was erased: words and salt together."""
    for event in read.log:
        for text_id, text_hash in named_texts(event.data):
            kind = _fault(read.texts.get(text_id), text_hash)
            if kind:
                yield kind.at(read.place(event), text_id)


def descriptions_are_there(read: ReadClaim) -> Iterator[Violation]:
    """What was said of a line is no event's, so the line alone names it."""
    for position, line in read.stored.filed.lines.items():
        if line["description_id"] and ids.encode("txt", UUID(line["description_id"])) not in read.texts:
            yield NO_TEXT.at(f"{read.id} line {position}", "description")


def named_texts(data: Data) -> Iterator[tuple[str, str]]:
    """Every text by id and hash, wherever in the data it stands."""
    waiting: list[Any] = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            text_id, text_hash = value.get("id"), value.get("hash")
            if isinstance(text_id, str) and isinstance(text_hash, str):
                yield text_id, text_hash
            value = value.values()
        waiting += [item for item in value if isinstance(item, dict | list)]


def _fault(words: Words | None, text_hash: str) -> Kind | None:
    if words is None:
        return NO_TEXT
    if words.body is None and words.salt is None:
        return None  # erased
    if words.body is None or words.salt is None:
        return TEXT_IN_HALF
    return None if salted_hash(words.body, words.salt) == text_hash else TEXT_CHANGED


FAMILY = Family(
    "references: parents of the same tenant, serial numbers, texts that exist and have the hash their event says",
    (NO_PARENT, SERIALS, NO_TEXT, TEXT_CHANGED, TEXT_IN_HALF),
    of_claim=(texts_are_the_named_ones, descriptions_are_there),
    of_rows=(
        *(
            OfRows(NO_PARENT, misplaced.without_parent(one), f"{one.child.name}, of {one.parent.name}")
            for one in misplaced.references(metadata)
        ),
        OfRows(SERIALS, misplaced.SERIALS),
    ),
)
