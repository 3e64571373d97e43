"""add each tenant's feed, and the worker that fills it"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"
NO_TENANT = "nullif(current_setting('app.tenant_id', true), '') IS NULL"
WORKER_RIGHTS = {
    "alembic_version": "SELECT",
    "outbox": "SELECT, DELETE",
    "feed": "INSERT",  # append-only by privilege
    "feed_heads": "SELECT, UPDATE (position)",
    "events": "SELECT (tenant_id, stream_id, seq, recorded_at)",  # how late the feed is, nothing of what happened
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'claims_worker') THEN
                CREATE ROLE claims_worker NOLOGIN;
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$""")
    # No foreign key to events: the rows come from outbox, which has one, and nobody may take an event away. A second
    # one would lock, and so write, every event once more.
    op.execute("""
        CREATE TABLE feed (
            tenant_id uuid NOT NULL,
            position bigint NOT NULL,
            stream_id uuid NOT NULL,
            seq integer NOT NULL,
            CONSTRAINT pk_feed PRIMARY KEY (tenant_id, position),
            CONSTRAINT uq_feed_tenant_id_stream_id_seq UNIQUE (tenant_id, stream_id, seq)
        )""")
    op.execute("ALTER TABLE feed ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE feed FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_wall ON feed USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT})")
    op.execute("GRANT SELECT ON feed TO claims_app")
    op.execute("GRANT USAGE ON SCHEMA public TO claims_worker")
    for table, rights in WORKER_RIGHTS.items():
        op.execute(f"GRANT {rights} ON {table} TO claims_worker")
    # The one look across tenants: who has something waiting. It ends where a tenant is set.
    op.execute(f"CREATE POLICY worker_finds ON outbox FOR SELECT TO claims_worker USING ({NO_TENANT})")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP POLICY worker_finds ON outbox")
    # Nothing is lost: what had reached the feed waits again. The wall binds the owner too: lifted for two statements.
    for table in ("outbox", "feed", "feed_heads"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("INSERT INTO outbox (tenant_id, stream_id, seq) SELECT tenant_id, stream_id, seq FROM feed")
    op.execute("UPDATE feed_heads SET position = 0")
    # Deferred checks of the rows just stored would keep the table from being altered.
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in ("outbox", "feed_heads"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute("DROP TABLE feed")
    for table, rights in WORKER_RIGHTS.items():
        if table != "feed":
            op.execute(f"REVOKE {rights} ON {table} FROM claims_worker")
    op.execute("REVOKE USAGE ON SCHEMA public FROM claims_worker")
