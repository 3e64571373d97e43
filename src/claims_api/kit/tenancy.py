"""What every tenant table shares: its first column."""

from sqlalchemy import Column, Uuid


def tenant_column() -> Column[object]:
    """`tenant_id`, first in every primary key, unique key and index."""
    return Column("tenant_id", Uuid, primary_key=True, nullable=False)
