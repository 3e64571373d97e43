"""The floor for submissions: pgbench storing the rows that one submission stores, as the service's own login."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from uuid import UUID

from sqlalchemy import Table

from benchmarks.copies import Naming, Stored, is_uuid, names_of, values_of
from benchmarks.ground import Ground, NotMeasured
from benchmarks.load import CONNECTIONS, PATIENCE_SECONDS
from claims_api import launch
from claims_api.kit.embedded_postgres import find_binaries

SHARED = "policy_pins"
KEYS = "idempotency_keys"
OWN = {("claims", "number"): "left(n.mark, 12)", (KEYS, "scope"): "sha256(CAST(n.mark AS bytea))"}
_TPS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_FAILED = re.compile(r"^number of failed transactions: (\d+)", re.MULTILINE)


def find_pgbench() -> str | None:
    """The one beside the server's programs, else the system's."""
    beside = find_binaries() / "pgbench"
    return str(beside) if beside.is_file() else shutil.which("pgbench")


def script_of(stored: Stored, tenant_id: UUID, mark: str, server_version: str) -> str:
    """A pgbench script that stores the same rows under new ids: three round trips, one data-modifying statement."""
    known = _ids(stored, tenant_id)
    renamed = {value: f"n.{name}" for value, name in known.items()}
    naming = Naming("n.mark", renamed.get, OWN)
    fresh_id = "uuidv7()" if int(server_version.split(".")[0]) >= 18 else "gen_random_uuid()"  # the service's are v7
    made = [f"{fresh_id} AS u{number}" for number in range(len(known))]
    made.append("replace(CAST(gen_random_uuid() AS text), '-', '') AS mark")
    keys = next(table for table in stored if table.name == KEYS)
    parts = [f"n AS MATERIALIZED (SELECT {', '.join(made)})"]
    for table in (keys, *(table for table in stored if table is not keys)):
        parts.append(_insert(table, stored[table], naming, mark))
    return "\n".join(
        (
            "\\startpipeline",  # the service sends these two in one go as well
            "BEGIN;",
            f"SET LOCAL app.tenant_id = '{tenant_id}';",
            "\\endpipeline",
            f"WITH {', '.join(parts)} SELECT scope FROM in_{KEYS};",  # noqa: S608 - quoted
            "COMMIT;",
        )
    )


def _insert(table: Table, rows: list[dict[str, str | None]], naming: Naming, mark: str) -> str:
    source = "n" if table.name == KEYS else f"n, in_{KEYS}"
    given = [values_of(table, row, naming, mark) for row in rows]
    selects = " UNION ALL ".join(f"SELECT {values} FROM {source}" for values in given)  # noqa: S608 - quoted
    end = {KEYS: " RETURNING scope", SHARED: " ON CONFLICT DO NOTHING"}.get(table.name, "")
    return f"in_{table.name} AS (INSERT INTO {table.name} ({names_of(table)}) {selects}{end})"


def _ids(stored: Stored, tenant_id: UUID) -> dict[str, str]:
    """Every id among the rows but the tenant's, and the name of what replaces it."""
    found: dict[str, str] = {}
    for rows in stored.values():
        for value in (value for row in rows for value in row.values()):
            if value and value != str(tenant_id) and is_uuid(value):
                found.setdefault(value, f"u{len(found)}")
    return found


def transactions_per_second(program: str, ground: Ground, script: str, seconds: float) -> float:
    """One run with as many connections as the service's clients have.

    Raises: NotMeasured
    """
    where = ["-h", str(ground.server.socket_dir), "-p", str(ground.server.port), "-U", launch.LOGIN]
    sized = ["-c", str(CONNECTIONS), "-j", "2", "-T", str(max(1, round(seconds))), "-M", "prepared", "-n"]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".sql") as file:
        file.write(script)
        file.flush()
        run = subprocess.run(
            [program, *where, *sized, "-f", str(Path(file.name)), launch.EMBEDDED_DATABASE],
            env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
            capture_output=True,
            text=True,
            timeout=seconds + PATIENCE_SECONDS,
            check=False,
        )
    found, failed = _TPS.search(run.stdout), _FAILED.search(run.stdout)
    if run.returncode != 0 or found is None or (failed is not None and int(failed[1])):
        raise NotMeasured(f"pgbench failed: {run.stderr.strip()[-500:]}")
    return float(found[1])
