"""What every tenant table shares: its first column, and the row-level security a migration puts on it."""

from sqlalchemy import Column, Uuid

TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"  # a released setting reads back as ''


def tenant_column() -> Column[object]:
    """`tenant_id`, first in every primary key, unique key and index."""
    return Column("tenant_id", Uuid, primary_key=True, nullable=False)


def row_security(table: str) -> tuple[str, ...]:
    """The statements that put the wall around one table; FORCE binds its owner too."""
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant_wall ON {table} USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT})",
    )
