"""let the owner list tenants

The release before runs on it: the policy is the owner's alone, and the service is not the owner.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NO_TENANT = "nullif(current_setting('app.tenant_id', true), '') IS NULL"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    # Which tenants there are, for a command that then reads each of them as itself. It ends where a tenant is set.
    op.execute(f"CREATE POLICY owner_lists ON tenants FOR SELECT TO CURRENT_USER USING ({NO_TENANT})")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP POLICY owner_lists ON tenants")
