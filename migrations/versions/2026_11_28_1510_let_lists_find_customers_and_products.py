"""let lists find a customer's claims, and a product's in order"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# One that failed half way is left behind unusable and in the way of the next try: so it is dropped first.
UP = (
    "DROP INDEX CONCURRENTLY IF EXISTS ix_claims_tenant_id_customer_id",
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_claims_tenant_id_customer_id ON claims (tenant_id, customer_id)",
    "DROP INDEX CONCURRENTLY IF EXISTS ix_claim_lines_tenant_id_sku_claim_id",
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_claim_lines_tenant_id_sku_claim_id "
    "ON claim_lines (tenant_id, sku, claim_id)",
    "DROP INDEX CONCURRENTLY IF EXISTS ix_claim_lines_tenant_id_sku",  # the new one begins with it
)
DOWN = (
    "DROP INDEX CONCURRENTLY IF EXISTS ix_claim_lines_tenant_id_sku",
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_claim_lines_tenant_id_sku ON claim_lines (tenant_id, sku)",
    "DROP INDEX CONCURRENTLY IF EXISTS ix_claim_lines_tenant_id_sku_claim_id",
    "DROP INDEX CONCURRENTLY IF EXISTS ix_claims_tenant_id_customer_id",
)


def upgrade() -> None:
    _one_by_one(UP)


def downgrade() -> None:
    _one_by_one(DOWN)


def _one_by_one(statements: tuple[str, ...]) -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '2s'")
        for statement in statements:
            op.execute(statement)
        op.execute("RESET lock_timeout")
