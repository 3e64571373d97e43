"""Runs migrations as the owner of the schema, one process at a time; or writes them out and asks no database."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

import claims_api.main  # noqa: F401 - every table of the service
from claims_api.kit.database import metadata

ONE_AT_A_TIME = 0x636C61696D73  # "claims"
TAKE_TURN = text(f"SELECT pg_try_advisory_lock({ONE_AT_A_TIME})")
LOOK_AGAIN_SECONDS = 0.2


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def write() -> None:
    """For `--sql`: the statements as they would be sent."""
    context.configure(dialect_name="postgresql", transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def has_turn(db: AsyncConnection) -> bool:
    taken: bool = (await db.execute(TAKE_TURN)).scalar_one()
    await db.commit()
    return taken


async def main() -> None:
    engine = create_async_engine(context.config.attributes["url"], poolclass=NullPool, hide_parameters=True)
    async with engine.connect() as db:
        # Asked again and again: whoever waited inside a statement would keep a snapshot, for whose end CREATE INDEX
        # CONCURRENTLY waits in turn: a deadlock.
        while not await has_turn(db):  # noqa: ASYNC110 - whose turn it is, another process knows
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        await db.run_sync(run)
    await engine.dispose()


if context.is_offline_mode():
    write()
else:
    asyncio.run(main())
