"""The embedded Postgres starts once, is shared by processes, and loses nothing when any of them is killed."""

import asyncio
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from claims_api.kit.embedded_postgres import EmbeddedServer, ensure_running, prepare

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
NEEDS_15 = pytest.mark.skipif(not DEBIAN_15.exists(), reason="no Postgres 15 here")
BINARIES = [pytest.param(None, id="newest"), pytest.param(DEBIAN_15, id="debian-15", marks=NEEDS_15)]
KILLS, ROWS_PER_KILL = 10, 20
# drops its rights only once everything is imported: an ordinary user may not reach root's Python
OTHER_PROCESS = """
import os, sys
from pathlib import Path
from claims_api.kit.embedded_postgres import ensure_running
data_dir, uid = Path(sys.argv[1]), int(sys.argv[2])
if uid != os.geteuid():
    os.setgroups([]); os.setgid(uid); os.setuid(uid)
server = ensure_running(data_dir)
print(server.started_here, flush=True)
sys.stdin.readline()
server.release()
"""
Starter = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A short, open folder: pytest's own temporary folders are closed to the user the server runs as under root."""
    base = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    base.chmod(0o755)
    yield base / "d"
    for pid_file in base.glob("*/cluster/postmaster.pid"):  # only a failed test leaves its server running
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGQUIT)
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data as a first start leaves it; copying it is quicker than making it again."""
    home = Path(tempfile.mkdtemp(dir="/tmp"))
    home.chmod(0o755)
    ensure_running(home).release()
    kept = tmp_path_factory.mktemp("made") / "cluster"
    shutil.move(home / "cluster", kept)
    shutil.rmtree(home)
    return kept


@pytest.fixture
def used_dir(data_dir: Path, made_once: Path) -> Path:
    """A data folder that was used before."""
    data_dir.mkdir(mode=0o711)
    subprocess.run(["/bin/cp", "-a", made_once, data_dir / "cluster"], check=True)
    return data_dir


@pytest.fixture
def start() -> Iterator[Starter]:
    """Starts another process that uses a data folder until it reads a line."""
    started: list[subprocess.Popen[str]] = []

    def start_one(data_dir: Path, uid: int = os.geteuid()) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", OTHER_PROCESS, str(data_dir), str(uid)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        return process

    yield start_one
    for process in started:
        process.kill()
        process.communicate()


def said_by(process: "subprocess.Popen[str]") -> str:
    """The next line of the process, be it a complaint."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def postmaster_pid(home: Path) -> int:
    """The server's process."""
    return int((home / "cluster" / "postmaster.pid").read_text().split()[0])


def is_alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    """Returns as soon as `condition` holds."""
    give_up_at = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < give_up_at, "waited in vain"
        time.sleep(0.002)


def ask(
    server: EmbeddedServer, sql: str, user: str = "postgres", database: str = "postgres"
) -> list[tuple[object, ...]]:
    """The rows of one statement, asked through SQLAlchemy by the server's own URL."""

    async def run() -> list[tuple[object, ...]]:
        engine = create_async_engine(server.url(user, database))
        async with engine.begin() as db:
            answer = await db.execute(text(sql))
            rows = [tuple(row) for row in answer] if answer.returns_rows else []
        await engine.dispose()
        return rows

    return asyncio.run(run())


def test_the_last_one_out_stops_the_server_whoever_started_it(used_dir: Path) -> None:
    first = ensure_running(used_dir)
    second = ensure_running(used_dir)
    pid = postmaster_pid(used_dir)

    first.release()
    first.release()  # once more changes nothing
    still_there = ask(second, "SELECT 1")
    second.release()

    assert (first.started_here, second.started_here) == (True, False)
    assert still_there == [(1,)]
    assert not is_alive(pid)
    assert not second.socket_dir.exists()


@pytest.mark.parametrize("binaries", BINARIES)
def test_a_new_database_is_durable_private_and_keeps_its_data(data_dir: Path, binaries: Path | None) -> None:
    wanted = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "listen_addresses": "",  # no network at all
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "max_connections": "37",
        "log_parameter_max_length": "0",  # no personal data in the log
        "log_error_verbosity": "terse",
    }
    server = ensure_running(data_dir, binaries=binaries, max_connections=37)
    asyncio.run(prepare(server, "claims"))

    found = {name: ask(server, f"SHOW {name}")[0][0] for name in wanted}
    is_private = server.socket_dir.stat().st_mode & 0o077 == 0
    is_apart = os.getsid(postmaster_pid(data_dir)) == postmaster_pid(data_dir)  # Ctrl-C does not reach it
    ask(server, "CREATE TABLE kept AS SELECT 'Ünïcode' AS word", "claims_owner", "claims")
    server.release()
    again = ensure_running(data_dir)  # finds the programs that fit the data by itself
    kept = ask(again, "SELECT upper(word) FROM kept", "claims_owner", "claims")
    again.release()

    assert found == wanted
    assert (is_private, is_apart) == (True, True)
    assert kept == [("ÜNÏCODE",)]
    assert again.version == server.version


def test_processes_that_start_at_once_end_with_one_server(data_dir: Path, start: Starter) -> None:
    group = [start(data_dir) for _ in range(4)]
    started_here = [said_by(process) for process in group]
    pid = postmaster_pid(data_dir)

    for process in group:
        process.communicate("done\n")

    assert sorted(started_here) == ["False", "False", "False", "True"]
    assert [process.returncode for process in group] == [0, 0, 0, 0]
    assert not is_alive(pid)


async def write(server: EmbeddedServer, stored: set[int]) -> None:
    """Inserts number after number, whatever happens to the server, and notes those that were acknowledged."""
    numbers = itertools.count()
    while True:
        try:
            db = await asyncpg.connect(host=str(server.socket_dir), port=server.port, user="postgres")
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(0.002)  # the server is away
            continue
        try:
            for number in numbers:
                await db.execute("INSERT INTO numbers VALUES ($1)", number)
                stored.add(number)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            pass  # asyncpg names the loss of its server in all these ways
        finally:
            db.terminate()


def test_no_acknowledged_row_is_lost_when_the_server_is_killed_again_and_again(used_dir: Path) -> None:
    stored: set[int] = set()
    servers = [ensure_running(used_dir)]
    ask(servers[0], "CREATE TABLE numbers (number int)")

    def kill() -> None:
        for _ in range(KILLS):
            wait_until(lambda: len(stored) >= len(servers) * ROWS_PER_KILL)
            os.kill(postmaster_pid(used_dir), signal.SIGKILL)
            servers.append(ensure_running(used_dir))

    async def kill_under_a_writer() -> None:
        writer = asyncio.create_task(write(servers[0], stored))
        await asyncio.to_thread(kill)
        writer.cancel()
        await asyncio.wait([writer])

    asyncio.run(kill_under_a_writer())
    found = {number for (number,) in ask(servers[-1], "SELECT number FROM numbers")}
    for server in servers:
        server.release()

    assert [server.started_here for server in servers] == [True] * (KILLS + 1)
    assert len(stored) >= KILLS * ROWS_PER_KILL
    assert stored - found == set()


def test_the_next_process_joins_the_server_of_one_that_was_killed(used_dir: Path, start: Starter) -> None:
    starter = start(used_dir)
    said = said_by(starter)
    pid = postmaster_pid(used_dir)
    starter.kill()
    starter.wait()

    server = ensure_running(used_dir)
    pid_now = postmaster_pid(used_dir)
    server.release()

    assert (said, server.started_here, pid_now) == ("True", False, pid)
    wait_until(lambda: not is_alive(pid))


@pytest.mark.parametrize("moment", ["cluster.new/global", "cluster/PG_VERSION", "cluster/postmaster.pid"])
def test_a_start_that_was_killed_half_way_is_finished_by_the_next(data_dir: Path, start: Starter, moment: str) -> None:
    starter = start(data_dir)
    wait_until((data_dir / moment).exists)
    starter.kill()

    server = ensure_running(data_dir)
    rows = ask(server, "SELECT 1")
    server.release()

    assert rows == [(1,)]
    assert not (data_dir / "cluster.new").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_runs_it_as_themselves(data_dir: Path, start: Starter) -> None:
    uid = pwd.getpwnam("nobody").pw_uid
    data_dir.mkdir()
    os.chown(data_dir, uid, uid)

    process = start(data_dir, uid)
    said = said_by(process)
    pid = postmaster_pid(data_dir)
    owner = Path(f"/proc/{pid}").stat().st_uid
    process.communicate("done\n")

    assert (said, owner, process.returncode, is_alive(pid)) == ("True", uid, 0, False)
