"""`claims-api worker`: drains once or works on, stops when told to, and refuses a login that is not a worker's."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from claims_api import worker as background
from claims_api.access import actions
from claims_api.kit import database, ids
from claims_api.kit.embedded_postgres import EmbeddedServer
from tests.conftest import Ground, lay_ground
from tests.support.command import command
from tests.support.feeds import append, feed_of, worker_url
from tests.support.log_lines import log_lines
from tests.support.processes import ROOT, environment

LONGEST_SECONDS = 60  # nothing here is waited for any longer


@pytest.fixture
def fresh(postgres: EmbeddedServer, tmp_path: Path) -> Ground:
    return lay_ground(postgres, tmp_path)


def env_of(ground: Ground, **more: str) -> dict[str, str]:
    return environment(ground.settings, **{"CLAIMS_DATABASE_URL_WORKER": worker_url(ground)} | more)


def with_events(ground: Ground, count: int) -> UUID:
    """A tenant with so many events of one stream, none of them in the feed yet."""

    async def made() -> UUID:
        owner = database.connect(ground.owner_url, ground.settings)
        url = ground.settings.database_url
        assert url is not None
        app = database.connect(url.get_secret_value(), ground.settings)
        tenant_id = await actions.create_tenant(owner, "drained")
        async with app.transaction(tenant_id) as db:
            await append(db, tenant_id, ids.new_uuid(), count)
        await app.close()
        await owner.close()
        return tenant_id

    return asyncio.run(made())


def positions(ground: Ground, tenant_id: UUID) -> list[int]:
    async def asked() -> list[int]:
        return [position for position, _ in await feed_of(engine, tenant_id)]

    engine = create_async_engine(ground.superuser_url, poolclass=NullPool)
    return asyncio.run(asked())


def test_once_brings_everything_that_waits_to_the_feeds_and_ends(fresh: Ground) -> None:
    one, other = with_events(fresh, 1_200), with_events(fresh, 3)

    with log_lines() as told:
        done = command("worker", "--once", env=env_of(fresh))
        again = command("worker", "--once", env=env_of(fresh))

    assert (done.returncode, again.returncode, done.stderr) == (0, 0, "")
    assert positions(fresh, one) == list(range(1, 1_201))
    assert positions(fresh, other) == [1, 2, 3]
    assert [line["moved"] for line in told if line["event"] == "drained"] == [1_203, 0]


def test_once_says_when_something_could_not_be_moved(fresh: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant_id = with_events(fresh, 1)
    monkeypatch.setattr("claims_api.worker.FRUITLESS_ROUNDS", 2)

    async def block() -> None:
        async with create_async_engine(fresh.superuser_url, poolclass=NullPool).begin() as db:
            given = {"tenant": tenant_id, "stream": ids.new_uuid()}
            await db.execute(text("INSERT INTO feed VALUES (:tenant, 1, :stream, 1)"), given)

    asyncio.run(block())

    done = command("worker", "--once", env=env_of(fresh))

    assert done.returncode == 1
    assert "Not everything could be brought to the feed" in done.stderr


@pytest.mark.parametrize(
    ("login", "words"),
    [
        ("claims_api", "no member of claims_worker"),
        ("claims_owner", "CLAIMS_DATABASE_URL_WORKER logs in as"),
        ("postgres", "CLAIMS_DATABASE_URL_WORKER logs in as"),
        (None, "Set CLAIMS_DATABASE_URL_WORKER"),
    ],
)
def test_a_login_that_is_not_a_workers_is_refused(ground: Ground, login: str | None, words: str) -> None:
    env = environment(ground.settings)
    if login is not None:
        env["CLAIMS_DATABASE_URL_WORKER"] = worker_url(ground).replace("claims_worker_login@", f"{login}@")

    done = command("worker", "--once", env=env)

    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_worker_before_the_migration_points_to_migrate(fresh: Ground) -> None:
    async def put_back() -> None:
        async with create_async_engine(fresh.owner_url, poolclass=NullPool).begin() as db:
            await db.execute(text("UPDATE alembic_version SET version_num = '0003'"))

    asyncio.run(put_back())

    done = command("worker", "--once", env=env_of(fresh))

    assert done.returncode == 1
    assert "claims-api migrate" in done.stderr


@contextmanager
def working(env: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """A worker of its own process, from the moment it says that it has started."""
    process = subprocess.Popen(
        [sys.executable, "-m", "claims_api", "worker"], env=env, cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert process.stderr is not None
            assert any("worker_started" in line for line in process.stderr)
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def stopped(process: "subprocess.Popen[str]", sent: signal.Signals) -> int:
    """The exit code of a worker told to stop; prints how long that took."""
    began = monotonic()
    process.send_signal(sent)
    code = process.wait(LONGEST_SECONDS)
    print(f"stopped {monotonic() - began:.2f} s after {sent.name}")
    return code


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_pauses_stops_when_it_is_told_to(fresh: Ground, sent: signal.Signals) -> None:
    with working(env_of(fresh, CLAIMS_WORKER_POLL_SECONDS="60")) as process:
        code = stopped(process, sent)
        assert process.stderr is not None
        last = json.loads(process.stderr.readlines()[-1])

    assert (code, last["event"]) == (0, "worker_stopped")


def test_a_worker_held_up_by_the_database_cuts_its_batch_off(fresh: Ground) -> None:
    """A lock on the outbox holds its statement, for longer than the worker is waited for; the batch is rolled back."""
    tenant_id = with_events(fresh, 1)

    async def hold_and_stop() -> int:
        engine = create_async_engine(fresh.superuser_url, poolclass=NullPool)
        async with engine.begin() as db:
            await db.execute(text("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE"))
            with working(env_of(fresh)) as process:
                return await asyncio.to_thread(stopped, process, signal.SIGTERM)

    code = asyncio.run(hold_and_stop())

    assert code == 0
    assert positions(fresh, tenant_id) == []


def test_a_worker_is_given_less_than_a_second_to_end_and_as_much_to_close() -> None:
    assert background.STOP_SECONDS < 1


def test_a_worker_shows_its_metrics_where_it_is_told_to(fresh: Ground, unused_tcp_port: int) -> None:
    with working(env_of(fresh, CLAIMS_WORKER_METRICS_PORT=str(unused_tcp_port))):
        told = httpx.get(f"http://127.0.0.1:{unused_tcp_port}/metrics", timeout=LONGEST_SECONDS).text

    for name in ("claims_feed_events_total", "claims_feed_lag_seconds", "claims_feed_waiting_events"):
        assert f"\n{name} " in told
