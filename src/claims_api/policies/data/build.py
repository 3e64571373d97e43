"""Builds the form the service loads (JSON) from the form people edit (YAML) and the ISO lists.

Needs the extra `data`; run `claims-api policies build` after every change of a YAML file. The service never imports it.
"""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import holidays
import pycountry
import yaml

from claims_api.kit.pagination import CursorBook
from claims_api.policies import actions, queries

FOLDER = Path(__file__).parent
Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"
Document: TypeAlias = dict[str, Json]


def build(folder: Path = FOLDER) -> dict[str, str]:
    """The law and the tree of regions as the service loads them: text by file name; nothing is written."""
    law, territories = _read(folder / "statutory.yaml"), _read(folder / "territories.yaml")
    shared = _read(folder / "shared_codes.yaml")["same_as"]
    return {
        "statute.json": _lines(_statute(law, territories)),
        "regions.json": _lines(_regions(law, territories, shared)),
    }


def build_examples(folder: Path = FOLDER) -> dict[str, str]:
    """The examples of the API's document, answered by the service from the built law, on the release's own day."""
    asked = _read(folder / "examples.yaml")
    page, region, policy = (_row(asked[name]) for name in ("list_regions", "read_region", "read_policy"))
    today = date.fromisoformat(str(_read(folder / "statutory.yaml")["as_of"]))
    book = CursorBook(b"example", UUID(int=0), "regions")
    limit = page["limit"]
    found, _ = actions.list_regions(book, book.write(str(page["after"])), limit if isinstance(limit, int) else 1)
    answers = {
        "list_regions": found,
        "read_region": actions.read_region(str(region["code"])),
        "read_policy": actions.read_policy(str(policy["region"]), today),
    }
    document: Document = {name: {"response": {"200": json.loads(one.body)}} for name, one in answers.items()}
    return {"examples.json": json.dumps(document, ensure_ascii=False, indent=1) + "\n"}


def main() -> None:
    """Writes the built files beside their sources and says which changed."""
    for step in (build, build_examples):
        for name, text in step().items():
            path = FOLDER / name
            is_changed = not path.exists() or path.read_text(encoding="utf-8") != text
            path.write_text(text, encoding="utf-8")
            print(f"{name}: {'written' if is_changed else 'unchanged'}")
        queries.forget()


def _statute(law: Document, territories: Document) -> Document:
    """The law without vocabularies, names and tree; the two releases are one."""
    if law["release"] != territories["release"]:
        raise ValueError("statutory.yaml and territories.yaml are of different releases")
    kept = ("release", "as_of", "counts_from_defaults", "evidence")
    return {
        **{name: law[name] for name in kept},
        "jurisdictions": [_without_nulls(entry) for entry in _rows(law["jurisdictions"])],
        "territories": [_without_nulls(entry) for entry in _rows(territories["territories"])],
    }


def _regions(law: Document, territories: Document, shared: Json) -> Document:
    """Blocs and countries from the law's files, subdivisions from ISO 3166-2 (the law's name of a place comes first).

    A row has the members of `Region`, in their order.
    """
    entries = [*_rows(law["jurisdictions"]), *_rows(territories["territories"])]
    named = {str(entry["code"]): entry["name"] for entry in entries}
    published = holidays.list_supported_countries(include_aliases=False)
    own = _row(shared)
    found: dict[str, list[Json]] = {}
    for entry in entries:
        code, kind = str(entry["code"]), entry.get("kind", "country")
        table = code if entry.get("holiday_calendar") else None
        found[code] = [code, entry["name"], kind, entry.get("parent"), table, None]
    for one in pycountry.subdivisions:
        table = one.code if one.code.partition("-")[2] in published.get(one.country_code, ()) else None
        parent = one.parent_code or one.country_code
        found[one.code] = [one.code, named.get(one.code, one.name), "subdivision", parent, table, own.get(one.code)]
    parents = {row[3] for code, row in found.items() if "-" in code}
    return {"regions": [[*found[code], code in parents] for code in sorted(found)]}


def _read(path: Path) -> Document:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return _row(document)


def _row(value: Json) -> Document:
    if not isinstance(value, dict):
        raise TypeError("a mapping is needed here")
    return value


def _rows(value: Json) -> Iterable[Document]:
    if not isinstance(value, list):
        raise TypeError("a list is needed here")
    return [_row(item) for item in value]


def _without_nulls(value: Json) -> Json:
    """Null says what absence says, in everything the service loads."""
    match value:
        case dict():
            return {name: _without_nulls(item) for name, item in value.items() if item is not None}
        case list():
            return [_without_nulls(item) for item in value]
    return value


def _lines(document: Document) -> str:
    """One entry a line, so that a change of one region is one line of a diff."""
    parts = [f"{json.dumps(name)}: {_part(value)}" for name, value in document.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _part(value: Json) -> str:
    match value:
        case list():
            return "[\n" + ",\n".join(_compact(item) for item in value) + "\n]"
        case dict():
            return "{\n" + ",\n".join(f"{json.dumps(name)}: {_compact(item)}" for name, item in value.items()) + "\n}"
    return _compact(value)


def _compact(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main()
