"""The rows of a filed claim, and SQL that writes the same rows again under new ids."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Column, Table, Text, cast, literal, select
from sqlalchemy.dialects import postgresql

from claims_api.kit.database import Database, metadata

MADE_BEFORE = {"tenants", "api_keys", "feed_heads"}
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped

Stored = dict[Table, list[dict[str, str | None]]]


@dataclass(frozen=True)
class Naming:
    """SQL for what a copy must have of its own."""

    mark: str  # 32 characters of hexadecimal, in place of the mark the claim was filed with
    fresh_id: Callable[[str], str | None]  # for an id; None keeps it
    columns: Mapping[tuple[str, str], str]  # for (table, column)


async def rows_of(database: Database, tenant_id: UUID) -> Stored:
    """All rows the tenant has, as Postgres writes them: those of a claim when it filed one and nothing else."""
    found: Stored = {}
    async with database.transaction(tenant_id) as db:
        for table in metadata.sorted_tables:
            if table.name in MADE_BEFORE or "tenant_id" not in table.c:
                continue
            asked = select(*(cast(column, Text).label(column.name) for column in table.c))
            asked = asked.where(table.c.tenant_id == literal(tenant_id))
            rows = [dict(row) for row in (await db.execute(asked)).mappings()]
            if rows:
                found[table] = [{str(name): value for name, value in row.items()} for row in rows]
    return found


def names_of(table: Table) -> str:
    """Its columns, as an INSERT lists them."""
    return ", ".join(column.name for column in table.c)


def values_of(table: Table, row: dict[str, str | None], naming: Naming, mark: str) -> str:
    """The row's values, as a SELECT lists them; `mark` is the one the claim was filed with. All of it is quoted."""
    return ", ".join(_value(column, row[column.name], naming, mark) for column in table.c)


def _value(column: Column[object], value: str | None, naming: Naming, mark: str) -> str:
    """The value as it was, but ids, marks and what else is unique made anew."""
    said = naming.columns.get((column.table.name, column.name))
    if said is None and value is not None and is_uuid(value):
        said = naming.fresh_id(value)
    if said is None and value is not None:
        said = quoted(value)
        said = f"replace({said}, '{mark}', {naming.mark})" if mark in value else said
    return f"CAST({said or 'NULL'} AS {column.type.compile(dialect=_DIALECT)})"


def quoted(value: str) -> str:
    """A literal; pgbench would take `:word` in it for one of its variables."""
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return "E'" + escaped.replace(":", "\\x3a") + "'"


def is_uuid(value: str) -> bool:
    """Whether it is an id as Postgres writes it."""
    try:
        return len(value) == 36 and str(UUID(value)) == value
    except ValueError:
        return False
