"""Server processes, and what they cost: CPU time and memory as Linux counts them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from benchmarks.ground import NotMeasured
from benchmarks.memory import resident_mb
from claims_api.kit.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
END_SECONDS = 20
SERVICE = ("claims_api", "serve", "--port", "0", "--announce")
BARE = ("benchmarks.bare",)
_TICKS = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12  # utime and stime in /proc/PID/stat, counted from the field behind the name


@dataclass(frozen=True)
class Worker:
    """A running server: one process, one event loop."""

    url: str
    pid: int

    def cpu_seconds(self) -> float:
        """CPU time of all its threads so far, in user mode and in the kernel; in steps of 10 ms."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS

    def memory_mb(self) -> float:
        """Resident memory, in megabytes of 10^6 bytes."""
        return resident_mb(str(self.pid))


@contextmanager
def worker(
    command: tuple[str, ...], settings: Settings, changed: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Worker]:
    """`python -m command` from the moment it listens; its log lines are written as ever, and thrown away.

    `changed`: settings of its own, by the names of their variables.

    Raises: NotMeasured when it does not start.
    """
    url = settings.database_url
    assert url is not None
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLAIMS_")}
    own = {"CLAIMS_ENVIRONMENT": settings.environment.value, "CLAIMS_DATABASE_URL": url.get_secret_value()}
    own |= {"CLAIMS_RATE_LIMIT": "0", "CLAIMS_RATE_LIMIT_TOKEN": "0"}  # one key sends it all
    own |= changed
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        env=kept | own,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        if not said:
            raise NotMeasured(f"`python -m {' '.join(command)}` did not start.")
        yield Worker(str(json.loads(said)["url"]), process.pid)
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
