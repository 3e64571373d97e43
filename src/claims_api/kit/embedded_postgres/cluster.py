"""Making the data directory of the server, whole or not at all."""

import os
import shutil
import subprocess
from pathlib import Path

from claims_api.kit.embedded_postgres.binaries import major_of
from claims_api.kit.embedded_postgres.errors import failure, last_lines
from claims_api.kit.embedded_postgres.locks import Lock
from claims_api.kit.embedded_postgres.places import Place

SUPERUSER = "postgres"
FIRST_WITH_BUILTIN_LOCALE = 17
INITDB_SECONDS = 60


def make_cluster(place: Place, turn: Lock, programs: Path, version: str) -> None:
    """Makes the data directory beside its place and renames it when it is complete and on disk.

    initdb inherits `turn`, so that nobody starts over while the child of a killed process still writes.
    """
    unfinished = place.cluster.with_name("cluster.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    place.account.take(unfinished)
    try:
        run = subprocess.run(
            [str(programs / "initdb"), "-D", str(unfinished), *_options(version)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=(turn.descriptor,),
            timeout=INITDB_SECONDS,
            check=False,
            **place.account.child(),
        )
    except subprocess.TimeoutExpired as error:
        raise failure(f"Making the database in {place.home} takes too long", str(error)) from error
    if run.returncode != 0:
        raise failure(f"The database in {place.home} cannot be made", last_lines(run.stdout))
    unfinished.rename(place.cluster)
    _keep_on_disk(place.home)


def _options(version: str) -> list[str]:
    # trust: the socket's folder lets in only the account that owns the data (and root), who need no login to read it
    options = [f"--username={SUPERUSER}", "--encoding=UTF8", "--data-checksums", "--auth-local=trust"]
    options += ["--auth-host=reject", "--no-instructions"]
    if major_of(version) >= FIRST_WITH_BUILTIN_LOCALE:
        return [*options, "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [*options, "--locale=C.UTF-8"]


def _keep_on_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
