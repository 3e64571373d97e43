"""The benchmarks that fill a database of their own still can: how fast it is then is no matter for a test."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BRIEFLY = ("--rounds", "1", "--seconds", "1", "--own-client")
RUNS = {
    "the feed": ("benchmarks", "events", *BRIEFLY, "--claims", "1000"),
    "growth": ("benchmarks", "growth", *BRIEFLY, "--claims", "1000"),
    "the checker, which finds nothing wrong": ("benchmarks.verifying", "--claims", "100"),
}


@pytest.mark.parametrize("command", RUNS.values(), ids=RUNS.keys())
def test_a_benchmark_measures_all_it_names(command: tuple[str, ...]) -> None:
    run = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    assert not re.search(r"\bnan\b", run.stdout), "something was not measured"
