"""A Postgres of a test's own, which it may stop at once and start again."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from claims_api.kit.embedded_postgres import EmbeddedServer, ensure_running


@dataclass
class Restarts:
    """The server, and every hold on it."""

    home: Path
    held: list[EmbeddedServer]

    def stop_at_once(self) -> None:
        """As `pg_ctl stop -m immediate`: no goodbye to anybody."""
        pid = int((self.held[-1].data_dir / "cluster" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)

    def start(self) -> None:
        self.held.append(ensure_running(self.home / "d"))

    def release(self) -> None:
        for server in self.held:
            server.release()


@contextmanager
def restartable_postgres() -> Iterator[Restarts]:
    """A fresh server; stopped and removed in the end."""
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
    home.chmod(0o755)
    made = Restarts(home, [])
    made.start()
    try:
        yield made
    finally:
        made.release()
        shutil.rmtree(home, ignore_errors=True)
