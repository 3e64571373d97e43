"""Builds the form the service loads (JSON) from the form people edit (YAML) and the ISO lists.

Needs the extra `data`; run `claims-api policies build` after every change of a YAML file. The service never imports it.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import holidays
import jsonschema  # type: ignore[import-untyped]  # ships no types
import pycountry
import yaml

from claims_api.kit.pagination import CursorBook
from claims_api.policies import queries
from claims_api.policies.actions import answer
from claims_api.policies.actions.asking import asked_of
from claims_api.policies.actions.names import locale_of
from claims_api.policies.schemas import PolicyQuestion

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


def build_standard(folder: Path = FOLDER) -> dict[str, str]:
    """The global standard as the service loads it: checked against its schema, sets written out.

    Raises: ValueError with one line for each mistake.
    """
    standard = _read(folder / "standard.yaml")
    schema = json.loads((folder / "standard.schema.json").read_text(encoding="utf-8"))
    if mistakes := _against_schema(standard, schema) or _loose_ends(standard):
        raise ValueError("\n".join(f"standard.yaml: {mistake}" for mistake in mistakes))
    return {"standard.json": _lines(_standard(standard))}


def build_examples(folder: Path = FOLDER) -> dict[str, str]:
    """The examples of the API's document, answered by the service from the built law, on the release's own day."""
    asked = _read(folder / "examples.yaml")
    page, region, policy = (_row(asked[name]) for name in ("list_regions", "read_region", "read_policy"))
    today = date.fromisoformat(str(_read(folder / "statutory.yaml")["as_of"]))
    question = PolicyQuestion.model_validate({name: said for name, said in policy.items() if name != "region"})
    book = CursorBook(b"example", UUID(int=0), "regions")
    limit = page["limit"]
    found, _ = answer.page_rendered(book, book.write(str(page["after"])), limit if isinstance(limit, int) else 1)
    noon = datetime.combine(today, time(12), tzinfo=UTC)
    whole = asked_of(str(policy["region"]), question, locale_of(question.locale), noon)
    answers = {
        "list_regions": found,
        "read_region": answer.region_rendered(str(region["code"])),
        "read_policy": answer.policy_rendered(whole),
    }
    document: Document = {name: {"response": {"200": json.loads(one.body)}} for name, one in answers.items()}
    return {"examples.json": json.dumps(document, ensure_ascii=False, indent=1) + "\n"}


def main() -> None:
    """Writes the built files beside their sources and says which changed."""
    for step in (build, build_standard, build_examples):
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


def _standard(standard: Document) -> Document:
    """The standard with each issue's sets written out."""
    asked, wanted = (_row(standard[name]) for name in ("document_sets", "field_sets"))
    issues: Document = {
        code: {
            "documents": _joined(asked, issue["documents"]),
            "fields": _joined(wanted, issue["fields"]),
            "remedies": issue["remedies"],
        }
        for code, issue in _named_rows(standard["issues"])
    }
    kept = ("release", "service", "facts", "document_kinds", "return_cost", "retention", "tone", "rules")
    return {**{name: standard[name] for name in kept}, "issues": issues}


def _against_schema(standard: Document, schema: Document) -> list[str]:
    found = jsonschema.Draft202012Validator(schema).iter_errors(standard)
    return sorted(f"{'.'.join(map(str, error.absolute_path)) or 'the file'}: {error.message}" for error in found)


def _loose_ends(standard: Document) -> list[str]:
    """What a schema cannot see: a set that is not there, a thing asked twice, an alternative to nothing."""
    issues = list(_named_rows(standard["issues"]))
    missing = [
        f"issues.{code}.{kind}: there is no set {name!r} in {sets}"
        for code, issue in issues
        for kind, sets in (("documents", "document_sets"), ("fields", "field_sets"))
        for name in _texts(issue[kind])
        if name not in _row(standard[sets])
    ]
    return missing or [
        f"issues.{code}.{kind}: {contradiction}"
        for code, issue in issues
        for kind, sets in (("documents", "document_sets"), ("fields", "field_sets"))
        for contradiction in _contradictions(_joined(_row(standard[sets]), issue[kind]))
    ]


def _contradictions(asked: Sequence[Json]) -> Iterable[str]:
    """Of documents (rows) or of fields (paths)."""
    named = [one["code"] if isinstance(one, dict) else one for one in asked]
    replaceable = {str(one["code"]) for one in asked if isinstance(one, dict) and "instead_of" not in one}
    for one, name in zip(asked, named, strict=True):
        if named.count(name) > 1:
            yield f"{name!r} is asked for more than once"
        if isinstance(one, dict) and one.get("instead_of") not in {None, *replaceable}:
            yield f"{name!r} is an alternative to {one['instead_of']!r}, which is not asked for itself"


def _joined(sets: Document, names: Json) -> list[Json]:
    return [item for name in _texts(names) for item in _list(sets[name])]


def _read(path: Path) -> Document:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return _row(document)


def _row(value: Json) -> Document:
    if not isinstance(value, dict):
        raise TypeError("a mapping is needed here")
    return value


def _rows(value: Json) -> Iterable[Document]:
    return [_row(item) for item in _list(value)]


def _named_rows(value: Json) -> Iterable[tuple[str, Document]]:
    return [(name, _row(item)) for name, item in _row(value).items()]


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError("a list is needed here")
    return value


def _texts(value: Json) -> list[str]:
    return [str(item) for item in _list(value)]


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
