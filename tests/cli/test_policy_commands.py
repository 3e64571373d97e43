"""The law is checked and compared at the command line, with a sentence and an exit code for whatever cannot be done."""

import builtins
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from claims_api.policies.queries.releases import FOLDER, shipped
from tests.support.command import Ended, command

RUNNING = shipped()[-1].name
SOURCES = ("statutory.yaml", "territories.yaml", "shared_codes.yaml")


def policies(*words: str) -> Ended:
    return command("policies", *words, env={})


def assert_refused(done: Ended, code: int, *words: str) -> None:
    """A sentence on standard error and nothing else."""
    assert (done.returncode, done.stdout) == (code, "")
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the law as people edit it."""
    for name in SOURCES:
        shutil.copy(FOLDER / name, tmp_path)
    return tmp_path


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_shipped_law_passes_and_the_count_comes_last() -> None:
    done = policies("lint")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("0 errors, ")


def test_a_mistake_in_another_folder_ends_with_1_and_its_line(sources: Path) -> None:
    edit(sources / "territories.yaml", "currency: AFN", "currency: AFX")

    done = policies("lint", str(sources))

    assert done.returncode == 1
    assert "territories.yaml:" in done.stdout
    assert "unknown-currency: `AFX` is no currency" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 error, ")


def test_a_folder_without_law_is_refused(tmp_path: Path) -> None:
    assert_refused(policies("lint", str(tmp_path)), 1, "statutory.yaml cannot be read", "name a folder")


def test_what_is_no_yaml_is_refused(sources: Path) -> None:
    (sources / "shared_codes.yaml").write_text("same_as: [", encoding="utf-8")

    assert_refused(policies("lint", str(sources)), 1, "shared_codes.yaml is no YAML")


@pytest.mark.parametrize("words", [("lint",), ("diff", RUNNING, str(FOLDER / "statutory.yaml")), ("build",)])
def test_without_the_data_extra_it_says_what_is_missing(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without_yaml(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> object:
        if name == "yaml":
            raise ModuleNotFoundError("No module named 'yaml'", name="yaml")
        return real(name, globals, locals, fromlist, level)

    loaded = ("claims_api.policies.actions.lint", "claims_api.policies.data.build")
    for name in [one for one in sys.modules if one.startswith(loaded)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without_yaml)

    assert_refused(policies(*words), 1, "No module named 'yaml'", "`data` extra")


def test_the_running_release_goes_by_its_name_and_by_its_folder_and_files() -> None:
    for place in (FOLDER, FOLDER / "statute.json", FOLDER / "statutory.yaml"):
        done = policies("diff", RUNNING, str(place))

        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"{RUNNING} -> {RUNNING}\n\nNo rule changed.\n"


def test_an_edited_law_is_compared_with_the_shipped_one_the_same_way_twice(sources: Path) -> None:
    law = sources / "statutory.yaml"
    edit(law, "withdrawal_days: {status: set, value: 14,", "withdrawal_days: {status: set, value: 21,")

    first, second = (policies("diff", RUNNING, str(sources)) for _ in range(2))

    assert first == second
    assert first.returncode == 0
    assert "14 calendar_days -> 21 calendar_days  better" in first.stdout


def test_json_is_one_object_and_a_region_narrows_it(sources: Path) -> None:
    edit(
        sources / "statutory.yaml",
        "withdrawal_days: {status: set, value: 14,",
        "withdrawal_days: {status: set, value: 21,",
    )

    told = json.loads(policies("diff", RUNNING, str(sources), "--json", "--region", "EU").stdout)
    elsewhere = json.loads(policies("diff", RUNNING, str(sources), "--json", "--region", "JP").stdout)

    assert [(one["region"], one["field"]) for one in told["changes"]] == [("EU", "withdrawal_days")]
    assert elsewhere["changes"] == []


def test_a_release_nobody_knows_is_refused_with_those_that_are(tmp_path: Path) -> None:
    for place in ("1999.01", str(tmp_path), str(tmp_path / "none.json")):
        assert_refused(policies("diff", RUNNING, place), 2, place, RUNNING)


NO_LAW = {
    "nothing in it": ("statute.json", "{}"),
    "no JSON": ("statute.json", "["),
    "another kind of JSON": ("statute.json", "[]"),
    "no YAML": ("statutory.yaml", "a: ["),
    "rules in words": (
        "statutory.yaml",
        "{evidence: {}, counts_from_defaults: {}, jurisdictions: [{code: DE, laws: x}]}",
    ),
    "its own parent": ("statute.json", '{"jurisdictions": [{"code": "DE", "parent": "DE"}]}'),
    "no such parent": ("statute.json", '{"jurisdictions": [{"code": "DE", "parent": "EU"}]}'),
}


@pytest.mark.parametrize(("name", "text"), NO_LAW.values(), ids=NO_LAW)
def test_a_file_that_is_no_law_is_refused(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")

    assert_refused(policies("diff", RUNNING, str(tmp_path)), 2, name)


def test_a_region_without_law_of_its_own_is_refused() -> None:
    assert_refused(policies("diff", RUNNING, RUNNING, "--region", "DE-BY"), 2, "DE-BY has no law of its own")
