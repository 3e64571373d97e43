"""The rules of the house, so that nobody has to remember them: sizes, imports, forbidden names, the contract."""

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
from sqlalchemy import ARRAY, JSON, Column, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB

import claims_api.main
from claims_api.access.scopes import Scope
from claims_api.kit.database import metadata
from claims_api.kit.openapi import text_of
from claims_api.kit.problems import MEDIA_TYPE, Problem
from claims_api.kit.settings import Environment, Settings

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "claims_api"
MAX_FILE_LINES, MAX_FUNCTION_LINES = 300, 40
FILES = sorted([*SOURCE.rglob("*.py"), *(ROOT / "migrations").rglob("*.py")])
SOURCES = [file for file in FILES if SOURCE in file.parents]
NAMES = [str(file.relative_to(ROOT)) for file in FILES]
DOCUMENT = claims_api.main.openapi_document(claims_api.main.create_app(Settings(environment=Environment.DEVELOPMENT)))
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
Operation = dict[str, Any]


def functions_of(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def tracked() -> list[Path]:
    """What is in the repository, or would be after the next commit."""
    git = shutil.which("git")
    assert git is not None
    asked = [git, "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_a_file_is_read_in_one_sitting(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("file", SOURCES, ids=[str(file.relative_to(SOURCE)) for file in SOURCES])
def test_a_function_fits_on_a_screen(file: Path) -> None:
    lines = {function.name: (function.end_lineno or 0) - function.lineno + 1 for function in functions_of(file)}
    assert {name: count for name, count in lines.items() if count > MAX_FUNCTION_LINES} == {}


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_a_module_says_in_its_first_line_what_it_is_for(file: Path) -> None:
    said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    assert said
    assert said.splitlines()[0].strip()


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_nothing_is_imported_inside_a_function(file: Path) -> None:
    inside = [node for function in functions_of(file) for node in ast.walk(function)]
    assert not [node.lineno for node in inside if isinstance(node, ast.Import | ast.ImportFrom)]


def test_no_module_is_named_after_nothing() -> None:
    forbidden = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc", "core"}
    assert not [name for name, file in zip(NAMES, FILES, strict=True) if file.stem in forbidden]


def region_codes() -> frozenset[str]:
    """Every code of the shipped regions, as the service knows them."""
    text = (SOURCE / "policies" / "data" / "regions.json").read_text(encoding="utf-8")
    return frozenset(row[0] for row in json.loads(text)["regions"])


def texts_of(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every text in the code, also the pieces of f-strings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node


NO_REGIONS = {("places.py", "TZ")}  # POSIX's variable for the time zone


def test_no_region_is_named_in_python_outside_data() -> None:
    codes = region_codes()
    assert len(codes) > 200
    named = [
        f"{name}:{text.lineno} {text.value!r}"
        for name, file in zip(NAMES, FILES, strict=True)
        if "data" not in file.parts
        for text in texts_of(ast.parse(file.read_text(encoding="utf-8")))
        if text.value in codes and (file.name, text.value) not in NO_REGIONS
    ]
    assert named == []


def holds_content(column: Column[Any]) -> bool:
    """Text, JSON, lists of them, and bytes that are not a hash: what may hold something about a person."""
    if isinstance(column.type, LargeBinary):
        return not column.name.endswith(("hash", "sha256", "fingerprint", "scope"))
    return isinstance(column.type, String | JSON | JSONB | ARRAY)


def test_every_column_with_content_says_whether_it_is_personal() -> None:
    silent = [
        f"{table.name}.{column.name}: {column.info.get('personal')!r}"
        for table in metadata.tables.values()
        for column in table.columns
        if holds_content(column) and not re.fullmatch(r"none|erase|keep: \S.{9,}", str(column.info.get("personal", "")))
    ]
    assert silent == []


def test_every_tenant_table_begins_with_its_tenant() -> None:
    for table in metadata.tables.values():
        assert next(iter(table.primary_key)).name == "tenant_id", table.name


# Built from parts, so that this file does not name them itself.
DOT = "."
REGISTRIES = [
    DOT.join(parts)
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("deb", "debian", "org"),
        ("registry", "yarnpkg", "com"),
        ("archive", "ubuntu", "com"),
    )
]
HOMES = re.compile("|".join([r"(?<![\w.])/" + "home" + r"/[a-z]\w+/", "/" + "Users" + r"/\w", r"[A-Z]:\\" + "Users"]))


def needles() -> list[re.Pattern[str]]:
    here = [] if len(ROOT.parts) < 3 else [re.escape(str(ROOT) + "/")]
    return [HOMES, re.compile("|".join([*map(re.escape, REGISTRIES), *here]))]


def test_no_tracked_file_names_a_registry_or_a_developers_machine() -> None:
    found = []
    for file in tracked():
        text = file.read_bytes().decode("utf-8", "replace")
        found += [f"{file.relative_to(ROOT)}: {hit[0]}" for needle in needles() for hit in needle.finditer(text)]
    assert found == []


def test_imports_point_one_way() -> None:
    asked = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    ended = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", ended.stdout), ended.stdout


def test_the_committed_contract_is_the_one_served() -> None:
    committed = ROOT / "openapi" / "openapi.json"
    assert committed.read_text(encoding="utf-8") == text_of(DOCUMENT), "run `make openapi`"


def test_the_contract_is_openapi_3_1_and_names_each_operation_once() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)
    for operation in OPERATIONS.values():
        assert set(operation["tags"]) <= {tag["name"] for tag in DOCUMENT["tags"]}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_an_operation_explains_itself(operation: Operation) -> None:
    for member in ("summary", "description", "operationId"):
        assert operation[member].strip(), member
    assert len(operation["tags"]) == 1
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation["operationId"])
    for parameter in operation.get("parameters", []):
        assert '"description": "' in json.dumps(parameter), parameter["name"]


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_an_operation_names_the_scope_it_needs(operation: Operation) -> None:
    if operation["tags"] == ["service"]:
        assert "security" not in operation
        return
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert operation["security"]
    for entry in operation["security"]:
        for scheme, scopes in entry.items():
            assert scheme in schemes
            assert scopes
            assert set(scopes) <= set(Scope)


def problem_kinds() -> list[type[Problem]]:
    """Every problem the service can answer."""
    found: list[type[Problem]] = []
    waiting: list[type[Problem]] = [Problem]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        waiting += kinds
        found += kinds
    return [kind for kind in found if hasattr(kind, "code")]  # a class above others may leave it to them


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_an_operation_lists_the_problems_it_can_answer(operation: Operation) -> None:
    expected = {"500"} if operation["tags"] == ["service"] else {"401", "403", "406", "422", "429", "500", "503"}
    assert expected <= operation["responses"].keys()
    for status, answer in operation["responses"].items():
        if int(status) < 400:
            continue
        for code, example in answer["content"][MEDIA_TYPE]["examples"].items():
            # a code of a path (404) can be one of a body too (422)
            assert (code, int(status)) in {(kind.code, kind.status) for kind in problem_kinds()}
            assert example["value"]["code"] == code


def contents_of(operation: Operation) -> Iterator[tuple[str, Operation]]:
    """Every body of an operation, with where it stands."""
    if "requestBody" in operation:
        yield from ((f"request {media}", content) for media, content in operation["requestBody"]["content"].items())
    for status, answer in operation["responses"].items():
        yield from ((f"{status} {media}", content) for media, content in answer.get("content", {}).items())


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_every_body_has_an_example_that_fits_its_schema(operation: Operation) -> None:
    for place, content in contents_of(operation):
        examples = [example["value"] for example in content.get("examples", {}).values()]
        examples += [content["example"]] if "example" in content else []
        assert examples, place
        schema = content["schema"] | {"components": DOCUMENT["components"]}
        validator = jsonschema.Draft202012Validator(schema)
        for example in examples:
            assert [error.message for error in validator.iter_errors(example)] == [], place


def test_no_two_problems_declare_the_same_code() -> None:
    codes = [kind.code for kind in problem_kinds() if "code" in vars(kind)]
    assert sorted(codes) == sorted(set(codes)), "a code has one page; a subclass may answer it with another status"


def test_every_reference_of_the_contract_leads_somewhere() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DOCUMENT)))
    assert named == set(schemas), "all there, none left over"
