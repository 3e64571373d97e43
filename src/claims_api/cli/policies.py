"""`claims-api policies ...`: build, check and compare the shipped law."""

import runpy
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from claims_api.domain.policy_law import Statute
from claims_api.policies.actions import diff_report
from claims_api.policies.actions.diff import NoLawThere, compare
from claims_api.policies.queries.releases import BUILT, FOLDER, ReleasesDisagree, Row, read_built, shipped, statute_of

if TYPE_CHECKING:
    from claims_api.policies.actions.lint.checks import Report

SOURCE = "statutory.yaml"
EXTRA = frozenset({"yaml", "pycountry"})

policies = typer.Typer(no_args_is_help=True, help="The shipped law.")


class NoSuchRelease(Exception):
    """A name that is no shipped release and no path to one, or a path to something else; the text says what is."""


@policies.command("build")
def build_policies() -> None:
    """Builds what the service loads from the YAML that people edit (needs the `data` extra)."""
    try:
        runpy.run_module("claims_api.policies.data.build", run_name="__main__")
    except ModuleNotFoundError as error:
        _complain(f"{error}: this needs the `data` extra, as `make` installs it.")
        raise typer.Exit(1) from None


@policies.command("lint")
def lint_policies(
    folder: Annotated[Path, typer.Argument(help="Where the YAML files are.", show_default="the shipped law")] = FOLDER,
) -> None:
    """Checks the YAML that people edit; exit 1 when there is an error (needs the `data` extra)."""
    start = time.perf_counter()
    with _data_extra():
        checks = import_module("claims_api.policies.actions.lint.checks")
        try:
            report: Report = checks.lint(folder)
        except checks.UnreadableSource as error:
            _complain(str(error))
            raise typer.Exit(1) from None
    for finding in report.findings:
        print(finding)
    print(report.summary(time.perf_counter() - start))
    if report.errors:
        raise typer.Exit(1)


@policies.command("diff")
def diff_policies(
    old: Annotated[str, typer.Argument(help="A shipped release, or a folder or file with a built or edited one.")],
    new: Annotated[str, typer.Argument(help="The same, for the newer one.")],
    region: Annotated[str | None, typer.Option(help="Only this region.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> None:
    """Says what changed for the consumer between two releases of the law."""
    try:
        difference = compare(_statute(old), _statute(new), region)
    except (NoSuchRelease, ReleasesDisagree) as error:
        _complain(f"{error}")
        raise typer.Exit(2) from None
    except NoLawThere:
        _complain(f"{region} has no law of its own in either release: ask for the country or bloc above it.")
        raise typer.Exit(2) from None
    print(diff_report.as_json(difference) if as_json else diff_report.as_text(difference))


def _statute(name: str) -> Statute:
    """The law of a release by its name, else by a path.

    Raises: NoSuchRelease
    """
    known = {release.name: release.file for release in shipped()}
    file = known.get(name) or _file(Path(name))
    if file is None:
        choice = ", ".join(known)
        raise NoSuchRelease(
            f"There is no release `{name}`: take one of {choice}, or a folder or file with {BUILT} or {SOURCE}."
        )
    try:
        return statute_of(read_built(file) if file.suffix == ".json" else _edited(file))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NoSuchRelease(f"{file} cannot be read as law ({error!r}): see `claims-api policies lint`.") from None


def _file(path: Path) -> Path | None:
    if path.is_dir():
        return next((path / name for name in (BUILT, SOURCE) if (path / name).is_file()), None)
    return path if path.is_file() else None


def _edited(file: Path) -> Row:
    """A release in the form that people edit, with the territories beside it."""
    with _data_extra():
        sources = import_module("claims_api.policies.actions.lint.sources")
        try:
            law = sources.read_document(file).rows
            beside = file.with_name(sources.TERRITORIES)
            places = sources.read_document(beside).rows["territories"] if beside.is_file() else []
            edited: Row = sources.without_nulls({**law, "territories": places})
        except sources.UnreadableSource as error:
            raise NoSuchRelease(str(error)) from None
    return edited


@contextmanager
def _data_extra() -> Iterator[None]:
    """A missing package of the extra ends in a sentence."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in EXTRA:
            raise
        _complain(f"{error}: this needs the `data` extra, as `make` installs it.")
        raise typer.Exit(1) from None


def _complain(text: str) -> None:
    typer.echo(text, err=True)
