"""`claims-api ...` in this process: a real one costs a second or two to import everything."""

import os
import traceback
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner

from claims_api import cli
from claims_api.kit import logs


@dataclass(frozen=True)
class Ended:
    """What is left of a command."""

    returncode: int
    stdout: str
    stderr: str


def command(*words: str, env: dict[str, str]) -> Ended:
    """Runs a command to its end, with nothing of CLAIMS_* in its environment but what is given."""
    clean = dict.fromkeys(name for name in os.environ if name.startswith("CLAIMS_")) | env
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "set_up", lambda _level: None)  # it would take the tests' own handlers away
        done = CliRunner().invoke(cli.app, list(words), env=clean)
    stack = ""
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        stack = "".join(traceback.format_exception(done.exception))
    return Ended(done.exit_code, done.stdout, done.stderr + stack)
