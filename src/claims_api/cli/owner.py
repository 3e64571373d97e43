"""What the commands share: the owner's connections, and sentences instead of stacks."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Annotated, TypeVar
from uuid import UUID

import asyncpg
import typer
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from claims_api import launch
from claims_api.access.actions import UnknownTenant
from claims_api.kit import ids
from claims_api.kit.database import Database, UnsafeDatabaseRole
from claims_api.kit.embedded_postgres import EmbeddedPostgresError
from claims_api.kit.schema import SchemaBehind
from claims_api.kit.settings import Settings, UnsafeSettings, load_settings
from claims_api.launch import NotMigratable, complain

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of plain text.")]
TenantId = Annotated[str, typer.Option("--tenant", help="The tenant's id, ten_...")]


@contextmanager
def plain_errors(exit_code: int = 1) -> Iterator[None]:
    """Expected failures end in a sentence with the way out and this exit code, not in a stack."""
    try:
        yield
    except (UnsafeSettings, EmbeddedPostgresError, NotMigratable, UnsafeDatabaseRole, SchemaBehind) as error:
        complain(str(error))
        raise typer.Exit(exit_code) from None
    except UnknownTenant:
        complain("There is no tenant with this id. Make one with `claims-api tenants create NAME`.")
        raise typer.Exit(exit_code) from None
    except OSError as error:
        complain(f"{error}. Is the database reachable and the address free?")
        raise typer.Exit(exit_code) from None
    except CommandError as error:
        complain(f"{error}.")
        raise typer.Exit(exit_code) from None
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        said = getattr(error, "orig", None) or error  # the driver's words: the rest is SQL
        complain(f"The database refused: {said}. Is its URL right, and the schema up to date (`claims-api migrate`)?")
        raise typer.Exit(exit_code) from None


def as_owner(work: Callable[[Database], Coroutine[object, object, T]]) -> T:
    """Runs one piece of work with the owner's connections."""

    async def run(settings: Settings, owner_url: str | None) -> T:
        async with launch.owner_database(settings, owner_url) as database:
            return await work(database)

    with plain_errors(), launch.ground(load_settings()) as ground:
        return asyncio.run(run(ground.settings, ground.owner_url))


def tenant_id_of(text: str) -> UUID:
    """The tenant an id names; another text ends the command as misused."""
    tenant_id = ids.decode("ten", text)
    if tenant_id is None:
        complain("--tenant takes an id like ten_01k..., as printed by `claims-api tenants create`.")
        raise typer.Exit(2)
    return tenant_id
