"""add tenants, API keys and idempotency keys"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"

GRANTS = {
    "tenants": "SELECT",
    "api_keys": "SELECT",
    "idempotency_keys": "SELECT, INSERT, UPDATE, DELETE",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'claims_app') THEN
                CREATE ROLE claims_app NOLOGIN;
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$""")
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    op.execute("GRANT USAGE ON SCHEMA public TO claims_app")
    op.execute("""
        CREATE TABLE tenants (
            tenant_id uuid NOT NULL,
            name text NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_tenants PRIMARY KEY (tenant_id)
        )""")
    op.execute("""
        CREATE TABLE api_keys (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            role text NOT NULL,
            scopes text[] NOT NULL,
            secret_hash bytea NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz,
            revoked_at timestamptz,
            CONSTRAINT pk_api_keys PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_api_keys_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
            CONSTRAINT ck_api_keys_role_known
                CHECK (role IN ('storefront', 'partner', 'agent', 'supervisor', 'admin'))
        )""")
    op.execute("""
        CREATE TABLE idempotency_keys (
            tenant_id uuid NOT NULL,
            scope bytea NOT NULL,
            fingerprint bytea NOT NULL,
            subject_id uuid,
            status smallint,
            etag text,
            body bytea,
            expires_at timestamptz NOT NULL,
            CONSTRAINT pk_idempotency_keys PRIMARY KEY (tenant_id, scope)
        )""")
    for table, rights in GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant_wall ON {table} USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT})"
        )
        op.execute(f"GRANT {rights} ON {table} TO claims_app")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP TABLE idempotency_keys")
    op.execute("DROP TABLE api_keys")
    op.execute("DROP TABLE tenants")
    op.execute("REVOKE USAGE ON SCHEMA public FROM claims_app")
