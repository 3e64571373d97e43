"""The contract only grows: what is committed is compared with the commit this work began from."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from claims_api.kit.settings import Environment, Settings
from claims_api.main import create_app
from tools.contract_breaks import breaks, undated

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = "openapi/openapi.json"
TRUNKS = ("origin/main", "main")
IF_MATCH = r'header if-match: pattern none became ^(?:\*|(?:W/)?"([0-9]{1,9})\.[a-z]+-[a-z]+\.[A-Za-z0-9-]+")$'
AGREED: dict[str, str] = {
    f"{operation}: {IF_MATCH}": "it says what was always refused (400)"
    for operation in ("PUT /v1/claims/{claim_id}", "POST /v1/claims/{claim_id}/transitions")
}
"""A break that was agreed upon: the line as the checker says it, and why. It goes again once it is in the trunk."""

HIDDEN = {"/metrics", "/openapi.json", "/docs"}  # for the operator and for people
NO_HISTORY = "no git history here (an archive, or a clone of depth 1): there is nothing to compare the contract with"


def git(*arguments: str) -> str | None:
    """What git says; None when it has nothing to say."""
    program = shutil.which("git")
    if program is None:
        return None
    done = subprocess.run([program, "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def base() -> str | None:
    """Where this work left the trunk; on the trunk itself the commit before."""
    head = git("rev-parse", "HEAD")
    for trunk in TRUNKS:
        found = git("merge-base", "HEAD", trunk)
        if found is not None and found != head:
            return found
    return git("rev-parse", "HEAD~1")


def contract_at(revision: str) -> dict[str, Any] | None:
    """None where there was no contract yet."""
    text = git("show", f"{revision}:{CONTRACT}")
    return None if text is None else json.loads(text)


@pytest.fixture
def older() -> dict[str, Any]:
    revision = base()
    contract = None if revision is None else contract_at(revision)
    if contract is None:
        pytest.skip(NO_HISTORY)
    return contract


@pytest.fixture
def committed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / CONTRACT).read_text(encoding="utf-8"))
    return found


def test_nothing_of_the_contract_is_taken_from_a_caller(older: dict[str, Any], committed: dict[str, Any]) -> None:
    assert [line for line in breaks(older, committed) if line not in AGREED] == []


def test_what_is_deprecated_in_the_contract_says_when_it_ends(committed: dict[str, Any]) -> None:
    assert undated(committed) == []


def test_the_names_of_the_contract_tell_nothing_of_the_code(committed: dict[str, Any]) -> None:
    names = committed["components"]["schemas"]

    assert [name for name in names if not re.fullmatch(r"([A-Z][a-z]+)+", name) or name.endswith("Model")] == []
    assert [name for name, schema in names.items() if schema.get("title", name) != name] == []


def test_what_is_served_is_in_the_contract_and_the_other_way_round(committed: dict[str, Any]) -> None:
    app = create_app(Settings(environment=Environment.DEVELOPMENT))
    served = {
        (path, method)
        for route in iter_route_contexts(app.routes)
        if (path := getattr(route, "path", None)) not in HIDDEN
        for method in getattr(route, "methods", None) or ()
    }

    assert served == {(path, method.upper()) for path, item in committed["paths"].items() for method in item}
