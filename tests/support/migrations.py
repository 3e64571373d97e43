"""Databases on their way up and down, and the service on one of them; for tests that change a schema."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import uuid4

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from claims_api.access import actions
from claims_api.kit import database
from claims_api.kit.database import metadata
from claims_api.main import create_app
from tests.conftest import Ground, Tenant
from tests.support.claims import PATHS, Team, line

ROOT = Path(__file__).resolve().parents[2]
LATER = frozenset({"awaiting_item", "under_inspection"})
"""Statuses whose claims keep the schema that knows of them: it does not go down (a test of its own)."""
INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"


def alembic_config(owner_url: str, also_in: Path | None = None) -> Config:
    """As the service has it; with one more folder of migrations, if asked for."""
    config = Config(ROOT / "alembic.ini", attributes={"url": owner_url})
    if also_in is not None:
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", f"{ROOT / 'migrations' / 'versions'}\n{also_in}")
    return config


def revisions() -> list[str]:
    """Every revision, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(alembic_config("")).walk_revisions()]


def down(owner_url: str, to: str) -> None:
    """Takes a database back to an older revision."""
    command.downgrade(alembic_config(owner_url), to)


def imagine_next(folder: Path, owner_url: str, statements: Sequence[str], in_transaction: bool = True) -> Config:
    """Writes the migration that comes after the newest one, from the template; `alembic upgrade` then knows it."""
    config = alembic_config(owner_url, folder)
    revision = f"{int(revisions()[0]) + 1:04}"
    made = command.revision(config, "imagine it", rev_id=revision, version_path=str(folder))
    assert isinstance(made, Script)
    file, indent = Path(made.path), "    " if in_transaction else "        "
    body = f"\n{indent}".join(f"op.execute({statement!r})" for statement in statements)
    if not in_transaction:
        body = f"with op.get_context().autocommit_block():\n{indent}{body}"
    file.write_text(file.read_text(encoding="utf-8").replace("pass", body, 1), encoding="utf-8")
    return config


async def differences(url: str) -> list[object]:
    """What `alembic check` would say."""

    def compared(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))

    async with create_async_engine(url, poolclass=NullPool).connect() as db:
        return await db.run_sync(compared)


@asynccontextmanager
async def at_work(ground: Ground) -> AsyncIterator[Team]:
    """The service as it is, on a database of the test's own, and everybody who works with one tenant of it."""
    owner = database.connect(ground.owner_url, ground.settings)
    app = create_app(ground.settings)
    async with AsyncExitStack() as stack, app.router.lifespan_context(app):
        stack.push_async_callback(owner.close)
        yield Team(Tenant(app, owner, await actions.create_tenant(owner, "a brand")), stack)


async def live(team: Team, but: frozenset[str] = frozenset()) -> list[str]:
    """One claim of every status (but these), and one that is held: rows in every table a claim has. Their ids."""
    known = [status for status in PATHS if status not in but]
    claims = [await team.brought_to(status, lines=[line(serial_numbers=[uuid4().hex])]) for status in known]
    claims.append(await team.done("agent", await team.brought_to("under_review"), "hold"))
    return [claim["id"] for claim in claims]


if __name__ == "__main__":  # Alembic's context is one per process: for two at once there have to be two
    command.upgrade(alembic_config(sys.argv[1], Path(sys.argv[2])), "head")
