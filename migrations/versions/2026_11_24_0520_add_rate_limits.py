"""add the calls that keys and tracking tokens have used up"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    # UNLOGGED: the row of a busy caller changes often and is worth nothing after a crash. No foreign key, so that no
    # purchase locks a tenant's or a claim's row. The free half of each page keeps the updates HOT.
    op.execute("""
        CREATE UNLOGGED TABLE rate_limits (
            tenant_id uuid NOT NULL,
            subject_id uuid NOT NULL,
            whole_at timestamptz NOT NULL,
            bought smallint NOT NULL,
            CONSTRAINT pk_rate_limits PRIMARY KEY (tenant_id, subject_id)
        ) WITH (fillfactor = 50)""")
    op.execute("ALTER TABLE rate_limits ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE rate_limits FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant_wall ON rate_limits USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limits TO claims_app")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP TABLE rate_limits")
