"""The server's own process: launching it, and knowing it when it runs."""

import os
import signal
import socket
import struct
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

from claims_api.kit.embedded_postgres.errors import EmbeddedPostgresError, failure, last_lines
from claims_api.kit.embedded_postgres.locks import POLL_SECONDS, Lock
from claims_api.kit.embedded_postgres.places import Place

PORT = 5432  # only the ending of the socket's file name: nothing listens on the network
GHOST_SECONDS = 10.0
LOG_BYTES = 10_000_000
SSL_REQUEST = struct.pack("!ii", 8, 80877103)  # the one question Postgres answers before any login, with one byte
PID_FILE_LINES = 8  # pid, data directory, started at, port, socket folder, address, memory key, status

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_min_duration_statement": "1s",
    # people's data stays out of the log: no parameters, no DETAIL ("Key (email)=(...) already exists")
    "log_parameter_max_length": "0",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
STATEMENT_SETTINGS = {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track_utility": "off"}


def launch(place: Place, alive: Lock, programs: Path, max_connections: int, seconds: float) -> None:
    """Starts the server, which inherits `alive`, and waits until it answers.

    Raises: EmbeddedPostgresError with the end of its log when it does not.
    """
    log_path = place.home / "server.log"
    if log_path.exists() and log_path.stat().st_size > LOG_BYTES:
        log_path.replace(log_path.with_suffix(".log.1"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(log_path, flags, 0o600), "ab") as log_file:
        begins_at = os.fstat(log_file.fileno()).st_size
        child = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(place.cluster), *_options(place, programs, max_connections)],
            stdout=log_file,
            stderr=log_file,
            pass_fds=(alive.descriptor,),
            **place.account.child(),
        )
    try:
        _await_answer(place, child, seconds, log_path, begins_at)
    except BaseException:
        if child.poll() is None:
            child.send_signal(signal.SIGQUIT)
        raise
    finally:
        # collects the child whenever it ends, whoever stops it: a zombie's pid would look alive to other processes
        threading.Thread(target=child.wait, name="embedded-postgres-reaper", daemon=True).start()


def _await_answer(place: Place, child: subprocess.Popen[bytes], seconds: float, log_path: Path, begins_at: int) -> None:
    give_up_at = time.monotonic() + seconds
    while not answers(place):
        ended = child.poll() is not None
        if ended or time.monotonic() > give_up_at:
            what = "did not start" if ended else f"did not answer within {seconds:.0f} seconds"
            said = last_lines(log_path.read_bytes()[begins_at:].decode(errors="replace"))
            raise failure(f"The database server in {place.home} {what}", f"{said} (more in {log_path}).")
        time.sleep(POLL_SECONDS)


def answers(place: Place) -> bool:
    """Whether the server of this very data runs and takes connections on its socket."""
    lines = _lines(place.cluster / "postmaster.pid")
    if len(lines) < PID_FILE_LINES or not lines[0].isdecimal() or lines[7].strip() != "ready":
        return False
    if lines[1] != str(place.cluster) or lines[4] != str(place.socket_dir):
        return False
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(2)
        try:
            asking.connect(str(place.socket_dir / f".s.PGSQL.{PORT}"))
            if _listener(asking) not in (None, (int(lines[0]), place.account.uid)):
                return False
            asking.sendall(SSL_REQUEST)
            return asking.recv(1) in {b"N", b"S"}
        except OSError:
            return False


def _listener(asking: socket.socket) -> tuple[int, int] | None:
    """Process and user that listen at the other end: Linux knows, nobody can pretend. Elsewhere None."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    pid, uid, _ = struct.unpack("3i", asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return pid, uid


def recorded_pid(place: Place) -> int | None:
    """The process the data directory names as its server, dead or alive."""
    return _first_number(place.cluster / "postmaster.pid")


def runs_here(place: Place, pid: int) -> bool:
    """Whether `pid` is a server of this data: Postgres works inside its data directory. Without /proc: is alive."""
    if Path("/proc/self/cwd").exists():
        return _works_in(pid) == str(place.cluster)
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def clear_remains(place: Place) -> None:
    """Removes what a killed server left and a new one would stumble over.

    Call it only while holding the lock that the server's processes inherit.
    Raises: EmbeddedPostgresError when a server that somebody started by hand works on this data.
    """
    pid = recorded_pid(place)
    if pid is not None:
        if runs_here(place, pid):
            raise EmbeddedPostgresError(
                f"A database server that was started by hand (process {pid}) uses {place.cluster}. "
                f"Stop it with `kill -INT {pid}`, then start again."
            )
        (place.cluster / "postmaster.pid").unlink()  # after a reboot its number may be another program's
    socket_lock = place.socket_dir / f".s.PGSQL.{PORT}.lock"
    pid = _first_number(socket_lock)
    if pid is not None and Path("/proc/self/cwd").exists():
        _end_ghost(place, pid)
        works_in = _works_in(pid)
        if not (works_in and Path(works_in, "PG_VERSION").exists()):  # else data was moved away under its server
            socket_lock.unlink(missing_ok=True)


def _end_ghost(place: Place, pid: int) -> None:
    """Ends the server of a data folder that was deleted under it: for up to a minute it would keep the socket."""
    give_up_at = time.monotonic() + GHOST_SECONDS
    while _works_in(pid) == f"{place.cluster} (deleted)" and time.monotonic() < give_up_at:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
        time.sleep(POLL_SECONDS)


def _works_in(pid: int) -> str:
    """The working folder of a process; empty when it is gone or somebody else's."""
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return ""


def _first_number(path: Path) -> int | None:
    lines = _lines(path)
    return int(lines[0]) if lines and lines[0].isdecimal() else None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _options(place: Place, programs: Path, max_connections: int) -> list[str]:
    settings = SETTINGS | {
        "unix_socket_directories": str(place.socket_dir),
        "port": str(PORT),
        "max_connections": str(max_connections),
    }
    if (programs.resolve().parent / "lib" / "pg_stat_statements.so").exists():
        settings |= STATEMENT_SETTINGS
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
