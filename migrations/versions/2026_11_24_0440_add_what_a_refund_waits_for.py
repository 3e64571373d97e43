"""add what a refund waits for

The release before runs on it: it neither reads the column nor has to fill it.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHECK = "ck_claim_remedies_starts_when_known"
WORDS = "'now', 'dispatched', 'received'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    # One statement, so the rows there are read once at most; all of them have nothing in the column. Validating the
    # constraint later would be the way on a big table; this one is as small as the decided claims of a young service.
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        "ALTER TABLE claim_remedies ADD COLUMN starts_when text, "
        f"ADD CONSTRAINT {CHECK} CHECK (starts_when IN ({WORDS}))"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE claim_remedies DROP COLUMN starts_when")
