"""Rows travel to Postgres as one JSON document, the parameter `rows`, whatever their number."""

from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, Table, TableValuedAlias, bindparam, column, func, literal_column
from sqlalchemy.dialects.postgresql import JSONB, insert


def sent(table: Table) -> TableValuedAlias:
    """The rows for a table, from the document."""
    return sent_as(table.name, *(column(c.name, c.type) for c in table.c))


def sent_as(name: str, *columns: ColumnElement[Any]) -> TableValuedAlias:
    """The rows that stand under a name in the document."""
    return (
        func.jsonb_to_recordset(bindparam("rows", type_=JSONB).op("->")(literal_column(f"'{name}'")))
        .table_valued(*columns)
        .render_derived(name=f"r_{name}", with_types=True)
    )


def stored(table: Table, rows: Select[Any], *, replaces: bool = False) -> CTE:
    """Stores rows that have all columns of the table; with `replaces` also over a row of the same key."""
    new = insert(table).from_select([c.name for c in table.c], rows)
    if not replaces:
        return new.cte(f"in_{table.name}")
    changed = {c.name: new.excluded[c.name] for c in table.c if not c.primary_key}
    return new.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed).cte(f"in_{table.name}")
