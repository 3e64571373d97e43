"""Starts the server for a data folder, or joins the running one; the last process to let go stops it.

Three locks in the home folder decide everything, so no kill at any moment leaves a wrong belief behind:
`start.lock` is held while starting, joining or stopping; the folder itself is locked (shared) by every process that
uses the server; `server.lock` is inherited by the server's processes and is free only once the last of them is gone.
"""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

from claims_api.kit.embedded_postgres import postmaster
from claims_api.kit.embedded_postgres.binaries import chosen_for
from claims_api.kit.embedded_postgres.cluster import make_cluster
from claims_api.kit.embedded_postgres.errors import EmbeddedPostgresError, failure
from claims_api.kit.embedded_postgres.locks import POLL_SECONDS, Lock
from claims_api.kit.embedded_postgres.places import Place, check_socket_dir, make_socket_dir, place_for

START_SECONDS = 30.0
STOP_SECONDS = 20.0
TURN_SECONDS = 90.0  # how long others may take to make, start or stop before us


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server that this process uses until it calls `release`, or ends."""

    socket_dir: Path
    port: int
    data_dir: Path  # where the data really is: not the folder asked for when root's server may not enter that one
    started_here: bool
    version: str
    _place: Place = field(repr=False)
    _user: Lock = field(repr=False, compare=False)
    _used_by: int = field(repr=False, default_factory=os.getpid)

    def url(self, user: str, database: str) -> str:
        """The SQLAlchemy URL of `database` for the login `user`."""
        where = urlencode({"host": str(self.socket_dir), "port": self.port}, safe="/")
        return f"postgresql+asyncpg://{quote(user, safe='')}@/{quote(database, safe='')}?{where}"

    def release(self) -> None:
        """Says that this process is done; stops the server when no other process uses it. Blocks; may be repeated.

        Raises: EmbeddedPostgresError when the server does not stop.
        """
        if self._user.closed:
            return
        if os.getpid() != self._used_by:  # a forked child shares its parent's lock, it must not judge by it
            self._user.close()
            return
        with self._user, Lock(self.data_dir / "start.lock") as turn:
            if turn.alone_within(TURN_SECONDS) and self._user.try_alone():
                _stop(self._place)


def ensure_running(data_dir: Path, *, binaries: Path | None = None, max_connections: int = 200) -> EmbeddedServer:
    """The server of `data_dir`, made and started if need be. Blocks: from a running loop call it in a thread.

    The server outlives a process that dies without `release`; the next one joins it. Only its socket can reach it.
    Raises: EmbeddedPostgresError, whose text tells the way out.
    """
    try:
        place = place_for(data_dir)
        with Lock(place.home / "start.lock") as turn:
            if not turn.alone_within(TURN_SECONDS):
                raise EmbeddedPostgresError(
                    f"Another process has been starting or stopping the database in {place.home} for "
                    f"{TURN_SECONDS:.0f} seconds. End it, then start again."
                )
            return _in_our_turn(place, turn, binaries, max_connections)
    except OSError as error:
        raise failure(f"The embedded Postgres for {data_dir} cannot start", str(error)) from error


def _in_our_turn(place: Place, turn: Lock, binaries: Path | None, max_connections: int) -> EmbeddedServer:
    user = Lock(place.home)  # the folder itself: systemd-tmpfiles leaves a locked folder under /var/tmp alone
    try:
        user.share()
        with Lock(place.home / "server.lock") as alive:
            is_ours = _is_down(place, alive)
            if is_ours:
                _start(place, turn, alive, binaries, max_connections)
            version = alive.noted()
    except BaseException:
        user.close()
        raise
    return EmbeddedServer(place.socket_dir, postmaster.PORT, place.home, is_ours, version, place, user)


def _is_down(place: Place, alive: Lock) -> bool:
    """False when the server answers, True (holding `alive`) when none of its processes is left."""
    give_up_at = time.monotonic() + START_SECONDS
    while not alive.try_alone():
        if postmaster.answers(place):
            check_socket_dir(place)
            return False
        if time.monotonic() > give_up_at:  # neither: starting after its starter died, stopping, or orphans of a kill
            pid = postmaster.recorded_pid(place)
            raise EmbeddedPostgresError(
                f"A database server for {place.home} (process {pid}) runs but did not answer on {place.socket_dir} "
                f"within {START_SECONDS:.0f} seconds. Stop it with `kill -INT {pid}`, then start again."
            )
        time.sleep(POLL_SECONDS)
    return True


def _start(place: Place, turn: Lock, alive: Lock, binaries: Path | None, max_connections: int) -> None:
    make_socket_dir(place)
    try:
        programs, version = chosen_for(place, binaries)
        if not place.cluster.exists():
            make_cluster(place, turn, programs, version)
        postmaster.clear_remains(place)
        alive.note(version)
        postmaster.launch(place, alive, programs, max_connections, START_SECONDS)
    except BaseException:
        _tidy(place)
        raise


def _stop(place: Place) -> None:
    with Lock(place.home / "server.lock") as alive:
        for how, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, STOP_SECONDS / 4)):
            if alive.try_alone():
                break
            pid = postmaster.recorded_pid(place)
            if pid is not None and postmaster.runs_here(place, pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, how)
            if alive.alone_within(seconds):
                break
        else:
            raise EmbeddedPostgresError(
                f"The database server for {place.home} (process {postmaster.recorded_pid(place)}) does not stop. "
                "Nothing is lost if you end it with `kill -9`; the next start recovers."
            )
    _tidy(place)


def _tidy(place: Place) -> None:
    with suppress(OSError):  # somebody deleted it, or the server is still clearing it
        place.socket_dir.rmdir()
