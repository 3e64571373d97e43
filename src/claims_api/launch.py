"""Bringing the service up: the embedded Postgres when no database is given, migrations, and the server itself."""

import asyncio
import gc
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn
from alembic import command
from alembic.config import Config
from pydantic import SecretStr

from claims_api import worker
from claims_api.kit import database, embedded_postgres, logs
from claims_api.kit.database import Database
from claims_api.kit.settings import Settings
from claims_api.main import App, create_app
from claims_api.policies.queries import statute

DRAIN_TIMEOUT_SECONDS = 10
HELPERS = 2  # threads for what would hold up the loop; each one more keeps memory of its own
YOUNG_OBJECTS = 20_000  # between two collections; Python's own 700 are less than one request makes
EMBEDDED_DATABASE = "claims"
OWNER, LOGIN, WORKER_LOGIN = "claims_owner", "claims_api", "claims_worker_login"


class NotMigratable(Exception):
    """There is no migrations folder here, or no login that may change the schema; the text has the way out."""


@dataclass(frozen=True)
class Ground:
    """A reachable database: settings with its logins, and the owner's URL when there is one."""

    settings: Settings
    owner_url: str | None


@contextmanager
def ground(settings: Settings) -> Iterator[Ground]:
    """The database to work on: the one named by the settings, else the embedded one, started or joined."""
    direct = settings.database_url_direct
    if not settings.is_embedded:
        yield Ground(settings, direct.get_secret_value() if direct else None)
        return
    server = embedded_postgres.ensure_running(settings.data_dir, binaries=settings.postgres_bin)
    try:
        logins = {"logins": (LOGIN,), "workers": (WORKER_LOGIN,)}
        asyncio.run(embedded_postgres.prepare(server, EMBEDDED_DATABASE, owner=OWNER, **logins))
        urls = {
            "database_url": SecretStr(server.url(LOGIN, EMBEDDED_DATABASE)),
            "database_url_worker": SecretStr(server.url(WORKER_LOGIN, EMBEDDED_DATABASE)),
        }
        yield Ground(settings.model_copy(update=urls), server.url(OWNER, EMBEDDED_DATABASE))
    finally:
        server.release()


def migrate(owner_url: str | None, revision: str = "head") -> None:
    """Brings the schema to a revision. Two at once are safe: the second waits, then finds nothing to do.

    Raises:
        NotMigratable
    """
    if owner_url is None:
        raise NotMigratable(
            "Set CLAIMS_DATABASE_URL_DIRECT to the owner's URL; the service's own login cannot migrate."
        )
    config = Config(str(_alembic_ini()))
    config.attributes["url"] = owner_url
    if revision == "base":
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


@asynccontextmanager
async def owner_database(settings: Settings, owner_url: str | None) -> AsyncIterator[Database]:
    """The owner's connections, for the commands that make tenants and keys.

    Raises:
        NotMigratable: no owner URL is known.
    """
    if owner_url is None:
        raise NotMigratable(
            "Set CLAIMS_DATABASE_URL_DIRECT to the owner's URL; tenants and keys are made by the owner."
        )
    opened = database.connect(owner_url, settings)
    try:
        yield opened
    finally:
        await opened.close()


def listen(settings: Settings) -> socket.socket:
    """Binds the address before anything is started, so that a taken port is said at once.

    Raises:
        OSError: with the address; port 0 takes a free one.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as error:
        bound.close()
        raise OSError(f"Cannot listen on {settings.host}, port {settings.port}: {error}") from error
    return bound


def serve(
    settings: Settings,
    bound: socket.socket,
    announce: dict[str, object] | None = None,
    make_app: Callable[[Settings], App] = create_app,
    with_worker: bool = False,
) -> None:
    """Runs until SIGTERM or SIGINT, then drains. When ready it prints one JSON line with its URL, if asked to.

    `with_worker`: what `claims-api worker` does is done here too, over the worker's own connections.

    Raises:
        UnsafeDatabaseRole, SchemaBehind, or the driver's error: before anything is served.
    """
    host, port = bound.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    if "public_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"public_url": url})
    app = make_app(settings)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_TIMEOUT_SECONDS,
        timeout_keep_alive=30,
        lifespan="off",
    )
    server = _DrainingServer(config, app, settings.drain_seconds, url, announce)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_live(app, server, bound, worker.beside(settings) if with_worker else nullcontext()))


async def _live(
    app: App, server: uvicorn.Server, bound: socket.socket, beside: AbstractAsyncContextManager[None]
) -> None:
    """Opens the service around the server: uvicorn would make a stack out of a refusal to start."""
    async with app.router.lifespan_context(app), beside:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(HELPERS, "helper"))
        statute()  # now, and not in the first request
        gc.collect()
        gc.freeze()  # code and law stay as long as the process: no collection has to walk them again
        gc.set_threshold(YOUNG_OBJECTS)
        await server.serve([bound])


class _DrainingServer(uvicorn.Server):
    """Says "not ready" first, keeps serving for `drain_seconds`, then closes the door and finishes what is inside."""

    def __init__(
        self, config: uvicorn.Config, app: App, drain_seconds: float, url: str, announce: dict[str, object] | None
    ) -> None:
        super().__init__(config)
        self._app, self._drain_seconds = app, drain_seconds
        self._url, self._announce = url, announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            logs.say("listening", url=self._url)
            if self._announce is not None:
                print(json.dumps({"url": self._url} | self._announce), flush=True)

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        # not uvicorn's own: that raises the signal again at the end, and dying of it is no clean exit
        if self._app.state.draining and sig == signal.SIGINT:  # Ctrl-C once more: do not wait
            self.should_exit = self.force_exit = True
            return
        self._app.state.draining = True
        logs.say("draining", signal=signal.Signals(sig).name)
        asyncio.get_running_loop().call_later(self._drain_seconds, self._close_door)

    def _close_door(self) -> None:
        self.should_exit = True


def _alembic_ini() -> Path:
    beside_source = Path(__file__).resolve().parents[2] / "alembic.ini"
    for candidate in (Path("alembic.ini"), beside_source):
        if candidate.is_file():
            return candidate.resolve()
    raise NotMigratable(f"No alembic.ini in {Path.cwd()}: run this where the migrations are.")


def complain(text: str) -> None:
    """A plain sentence on standard error."""
    print(text, file=sys.stderr)
