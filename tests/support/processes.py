"""The service as real processes: what a test starts it also ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from claims_api.kit.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SERVE = ("claims_api", "serve", "--port", "0", "--announce")
SERVE_TEST_APP = ("tests.support.serve_test_app",)


@dataclass(frozen=True)
class Service:
    """A running service and where it listens."""

    url: str
    process: "subprocess.Popen[str]"

    def end(self) -> int:
        """Asks it to stop, waits, and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def environment(settings: Settings | None, **more: str) -> dict[str, str]:
    """The environment of a process: nothing of CLAIMS_* but what is given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CLAIMS_")}
    clean |= {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    if settings is not None:
        url = settings.database_url
        assert isinstance(url, SecretStr)
        clean |= {"CLAIMS_ENVIRONMENT": "development", "CLAIMS_DATABASE_URL": url.get_secret_value()}
        clean |= {"CLAIMS_RATE_LIMIT": str(settings.rate_limit)}
        clean |= {"CLAIMS_RATE_LIMIT_TOKEN": str(settings.rate_limit_token)}
    return clean | more


def run(*arguments: str, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Runs `python -m ...` to its end."""
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def service(env: dict[str, str], command: tuple[str, ...] = SERVE, log: int = subprocess.DEVNULL) -> Iterator[Service]:
    """A service on a free port, from the moment it takes requests; what it logs goes to the file descriptor `log`."""
    arguments = [sys.executable, "-m", *command]
    process = subprocess.Popen(
        arguments,
        env=env | {"CLAIMS_PORT": "0"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said, f"it ended with {process.wait()} before it listened"
            yield Service(json.loads(said)["url"], process)
        finally:
            if process.poll() is None:
                process.kill()
