"""Tenants and their API keys. A key's secret is never stored, only its SHA-256 (it is high-entropy)."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKeyConstraint, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from claims_api.access.scopes import Role
from claims_api.kit.database import metadata
from claims_api.kit.tenancy import tenant_column

tenants = Table(
    "tenants",
    metadata,
    tenant_column(),
    Column("name", Text, nullable=False, info={"personal": "none"}),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    tenant_column(),
    Column("id", Uuid, primary_key=True),
    Column("role", Text, nullable=False, info={"personal": "none"}),
    Column("scopes", ARRAY(Text), nullable=False, info={"personal": "none"}),
    Column("partner", Text, info={"personal": "keep: the brand's own name of a company"}),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    CheckConstraint("role IN (" + ", ".join(f"'{role}'" for role in Role) + ")", name="role_known"),
    ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
)
