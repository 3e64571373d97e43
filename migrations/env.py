"""Runs migrations as the owner of the schema, one process at a time; or writes them out and asks no database."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import claims_api.main  # noqa: F401 - every table of the service
from claims_api.kit.database import metadata

ONE_AT_A_TIME = 0x636C61696D73  # "claims"


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def write() -> None:
    """For `--sql`: the statements as they would be sent."""
    context.configure(dialect_name="postgresql", transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    engine = create_async_engine(context.config.attributes["url"], poolclass=NullPool, hide_parameters=True)
    async with engine.connect() as db:
        await db.execute(text(f"SELECT pg_advisory_lock({ONE_AT_A_TIME})"))
        await db.commit()
        await db.run_sync(run)
    await engine.dispose()


if context.is_offline_mode():
    write()
else:
    asyncio.run(main())
