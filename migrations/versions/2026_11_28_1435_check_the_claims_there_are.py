"""check the claims there are against the words they may have now

In a transaction of its own: it reads every claim, and everybody else reads and writes meanwhile.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE claims VALIDATE CONSTRAINT ck_claims_goods_with_known")
    op.execute("ALTER TABLE claims VALIDATE CONSTRAINT ck_claims_status_known")


def downgrade() -> None:
    # Nothing to take back: what holds for all claims held before it was checked.
    op.execute("SET LOCAL lock_timeout = '2s'")
