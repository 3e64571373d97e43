"""Starting and stopping at the command line: a refusal is a sentence, a stop is an exit with 0."""

import asyncio
import json
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from claims_api import launch
from claims_api.kit import embedded_postgres
from claims_api.kit.embedded_postgres import EmbeddedServer
from tests.conftest import Ground
from tests.support.command import command
from tests.support.processes import environment, run, service

SECRET = "x" * 32


def assert_refused(env: dict[str, str], *words: str) -> None:
    """`serve` says why it will not, in plain words and without a value it was given."""
    done = command("serve", "--port", "0", env=env)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr
    assert SECRET not in done.stderr


def test_a_taken_port_is_named(ground: Ground) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("claims_api", "serve", "--port", port, env=environment(ground.settings))

    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1, port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_real_process_refuses_with_a_sentence_and_an_exit_code(ground: Ground) -> None:
    done = run(
        "claims_api",
        "serve",
        env=environment(ground.settings, CLAIMS_DATABASE_URL=ground.superuser_url, CLAIMS_PORT="0"),
    )

    assert done.returncode == 1
    assert done.stderr.startswith("CLAIMS_DATABASE_URL logs in as")


@pytest.mark.parametrize("login", ["superuser", "owner"])
def test_a_login_above_the_wall_is_refused(ground: Ground, login: str) -> None:
    url = ground.superuser_url if login == "superuser" else ground.owner_url

    assert_refused(environment(ground.settings, CLAIMS_DATABASE_URL=url), "CLAIMS_DATABASE_URL logs in as")


UNSAFE: dict[str, tuple[dict[str, str | None], str]] = {
    "no secret": ({}, "CLAIMS_SIGNING_SECRET"),
    "a short secret": ({"CLAIMS_SIGNING_SECRET": "short"}, "CLAIMS_SIGNING_SECRET"),
    "no database": ({"CLAIMS_SIGNING_SECRET": SECRET, "CLAIMS_DATABASE_URL": None}, "CLAIMS_DATABASE_URL"),
    "a clock of its own": ({"CLAIMS_SIGNING_SECRET": SECRET, "CLAIMS_CLOCK": "2026-11-22T09:00:00Z"}, "CLAIMS_CLOCK"),
    "another driver": ({"CLAIMS_SIGNING_SECRET": SECRET, "CLAIMS_DATABASE_URL": "postgresql://x/y"}, "asyncpg"),
}


@pytest.mark.parametrize("case", UNSAFE)
def test_production_refuses_what_is_unsafe_and_says_the_way_out(ground: Ground, case: str) -> None:
    given, word = UNSAFE[case]
    env = environment(ground.settings) | {"CLAIMS_ENVIRONMENT": "production"} | {n: v for n, v in given.items() if v}
    for name in [name for name, value in given.items() if value is None]:
        del env[name]

    assert_refused(env, word, "These settings cannot be used")


AWAY = {
    "nobody listens": "postgresql+asyncpg://claims_api@127.0.0.1:1/claims",
    "no socket": "postgresql+asyncpg://claims_api@/claims?host=/nowhere",
}


@pytest.mark.parametrize("case", AWAY)
def test_a_database_that_cannot_be_reached_is_said_in_a_sentence(ground: Ground, case: str) -> None:
    assert_refused(environment(ground.settings, CLAIMS_DATABASE_URL=AWAY[case]), "Is the database reachable")


@pytest.mark.parametrize("fault", ["no such login", "no such database"])
def test_a_database_that_refuses_is_quoted(ground: Ground, fault: str) -> None:
    url = ground.owner_url.replace("claims_owner@", "stranger@")
    if fault == "no such database":
        url = ground.server.url(launch.LOGIN, "nowhere")

    assert_refused(environment(ground.settings, CLAIMS_DATABASE_URL=url), "does not exist")


def test_a_command_before_the_first_migration_points_to_migrate(postgres: EmbeddedServer) -> None:
    name = f"test_{uuid4().hex[:12]}"
    asyncio.run(embedded_postgres.prepare(postgres, name, owner=launch.OWNER, logins=(launch.LOGIN,)))
    urls = {"CLAIMS_DATABASE_URL": postgres.url(launch.LOGIN, name)}
    urls |= {"CLAIMS_DATABASE_URL_DIRECT": postgres.url(launch.OWNER, name)}

    done = command("tenants", "create", "x", env=environment(None, CLAIMS_ENVIRONMENT="development", **urls))

    assert done.returncode == 1
    assert "claims-api migrate" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def data_dir() -> Iterator[Path]:
    base = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    base.chmod(0o755)
    yield base / "d"
    for pid_file in base.glob("*/cluster/postmaster.pid"):  # only a failed test leaves its server running
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGQUIT)
    shutil.rmtree(base, ignore_errors=True)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_service_that_brings_its_own_database_takes_it_along_when_it_goes(
    data_dir: Path, sent: signal.Signals
) -> None:
    env = environment(None, CLAIMS_ENVIRONMENT="development", CLAIMS_DATA_DIR=str(data_dir))

    with service(env) as running:
        ready = httpx.get(f"{running.url}/readyz", timeout=5)
        was_up = (data_dir / "cluster" / "postmaster.pid").exists()
        running.process.send_signal(sent)
        code = running.process.wait(20)

    assert (ready.status_code, was_up, code) == (200, True, 0)
    assert not (data_dir / "cluster" / "postmaster.pid").exists()


def test_problems_point_to_where_the_service_really_listens(ground: Ground) -> None:
    with service(environment(ground.settings)) as running:
        problem = httpx.get(f"{running.url}/nowhere", timeout=5).json()
        page = httpx.get(problem["type"], timeout=5)
        code = running.end()

    assert problem["type"] == f"{running.url}/problems/not-found"
    assert (page.status_code, page.json()["code"], code) == (200, "not-found", 0)


def test_the_contract_is_written_checked_and_found_different(tmp_path: Path) -> None:
    file, env = tmp_path / "openapi.json", environment(None)
    written = command("openapi", "--write", str(file), env=env)
    same = command("openapi", "--check", str(file), env=env)
    document = json.loads(file.read_text())
    file.write_text(file.read_text() + "\n")
    other = command("openapi", "--check", str(file), env=env)
    missing = command("openapi", "--check", str(tmp_path / "none.json"), env=env)

    assert [done.returncode for done in (written, same, other, missing)] == [0, 0, 1, 1]
    assert document["openapi"].startswith("3.1")
    assert "make openapi" in other.stderr
    assert not any("Traceback" in done.stderr for done in (other, missing))


def test_every_command_explains_itself() -> None:
    done = command("--help", env=environment(None))

    assert done.returncode == 0
    assert all(word in done.stdout for word in ("serve", "migrate", "tenants", "keys", "openapi", "demo"))
