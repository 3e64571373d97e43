"""Which migration this code needs, and whether the database has had it."""

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from claims_api.kit import logs
from claims_api.kit.database import Database

NEEDED = "0011"
"""The newest revision under `migrations/`, which is not part of the package. Revisions are numbers and only grow."""

AT = text("SELECT max(version_num) FROM alembic_version")
NO_SUCH_TABLE, NOT_ALLOWED = "42P01", "42501"


class SchemaBehind(Exception):
    """The database lacks a migration this code needs: refuse to start. The text has the way out."""


async def check(database: Database) -> None:
    """Lets a newer schema pass and says so: the release before runs on it too.

    Raises:
        SchemaBehind: never migrated, or behind.
    """
    at = await _revision(database)
    if not _is_enough(at):
        found = f"it is at {at}" if at else "it shows none to this login, which must be a member of claims_app"
        raise SchemaBehind(
            f"The database lacks migration {NEEDED}, which this code needs: {found}. Run `claims-api migrate` as its "
            "owner (CLAIMS_DATABASE_URL_DIRECT), then start again."
        )
    if at != NEEDED:
        logs.say("schema_newer", at_revision=at, needed=NEEDED)


async def is_enough(database: Database) -> bool:
    """Whether the database has had every migration this code needs."""
    return _is_enough(await _revision(database))


def _is_enough(at: str | None) -> bool:
    return at is not None and not (at.isdigit() and at < NEEDED)


async def _revision(database: Database) -> str | None:
    """None for a database without migrations, and for one older than the right to ask (0003)."""
    try:
        async with database.plain.connect() as db:
            found: str | None = (await db.execute(AT)).scalar_one()
            return found
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) in (NO_SUCH_TABLE, NOT_ALLOWED):
            return None
        raise
