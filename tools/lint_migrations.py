"""Writes every migration out as SQL and lets squawk judge each by itself; needs no database.

One file for all would hide faults: a lock timeout set once, or a table made once, counts for the whole file.
"""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory

ROOT = Path(__file__).resolve().parents[1]


def written_out(way: Literal["up", "down"] = "up") -> dict[str, str]:
    """What each migration sends, in its transaction, by the name of its file."""
    every = ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).walk_revisions()
    return {Path(each.path).with_suffix(".sql").name: _sql(each, way) for each in every}


def _sql(migration: Script, way: Literal["up", "down"]) -> str:
    written = StringIO()
    config = Config(ROOT / "alembic.ini", output_buffer=written)
    before = migration.down_revision or "base"
    if way == "up":
        command.upgrade(config, f"{before}:{migration.revision}", sql=True)
    else:
        command.downgrade(config, f"{migration.revision}:{before}", sql=True)
    _, marker, statements = written.getvalue().partition("-- Running")
    return f"BEGIN;\n\n{marker}{statements}"  # without what Alembic puts before the first: a table of its own


def judge(migrations: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """What squawk says about them; its exit code is 0 when it says nothing."""
    squawk = str(Path(sys.executable).with_name("squawk"))
    with tempfile.TemporaryDirectory() as folder:
        for name, sql in migrations.items():
            (Path(folder) / name).write_text(sql, encoding="utf-8")
        asked = [squawk, "--config", str(ROOT / ".squawk.toml"), *sorted(migrations)]
        return subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)


def main() -> int:
    judged = judge(written_out())
    print(judged.stdout.strip(), judged.stderr.strip(), sep="\n", end="")
    return judged.returncode


if __name__ == "__main__":
    sys.exit(main())
