"""add the dates of a claim's policy

The release before runs on it: it neither reads the column nor has to fill it.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE claims ADD COLUMN policy_dates jsonb")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE claims DROP COLUMN policy_dates")
