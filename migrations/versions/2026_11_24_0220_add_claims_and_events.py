"""add claims, their history and what still has to reach the feed"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"
STATUSES = (
    "'draft', 'submitted', 'under_review', 'in_remedy', 'resolved', 'rejected', 'closed', 'withdrawn', 'cancelled'"
)

TABLES = {
    "events": """
        tenant_id uuid NOT NULL,
        stream_id uuid NOT NULL,
        seq integer NOT NULL,
        id uuid NOT NULL,
        type text NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        actor_kind text NOT NULL,
        actor_ref text,
        data jsonb NOT NULL,
        prev_hash text NOT NULL,
        hash text NOT NULL,
        CONSTRAINT pk_events PRIMARY KEY (tenant_id, stream_id, seq),
        CONSTRAINT uq_events_tenant_id_id UNIQUE (tenant_id, id)""",
    "outbox": """
        tenant_id uuid NOT NULL,
        stream_id uuid NOT NULL,
        seq integer NOT NULL,
        CONSTRAINT pk_outbox PRIMARY KEY (tenant_id, stream_id, seq),
        CONSTRAINT fk_outbox_tenant_id_stream_id_seq
            FOREIGN KEY (tenant_id, stream_id, seq) REFERENCES events (tenant_id, stream_id, seq)""",
    "feed_heads": """
        tenant_id uuid NOT NULL,
        position bigint NOT NULL,
        CONSTRAINT pk_feed_heads PRIMARY KEY (tenant_id)""",
    "policy_pins": """
        tenant_id uuid NOT NULL,
        id bytea NOT NULL,
        body bytea NOT NULL,
        CONSTRAINT pk_policy_pins PRIMARY KEY (tenant_id, id)""",
    "parties": """
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        ref text,
        kind text NOT NULL,
        name text,
        email text,
        phone text,
        acts_for text,
        CONSTRAINT pk_parties PRIMARY KEY (tenant_id, id)""",
    "claims": f"""
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        number text NOT NULL,
        status text NOT NULL,
        version integer NOT NULL,
        head_hash text NOT NULL,
        token_epoch integer NOT NULL,
        customer_id uuid,
        external_ref text,
        region text,
        locale text,
        channel text,
        time_zone text,
        policy_id bytea,
        order_ref text,
        purchased_on date,
        delivered_on date,
        sold_by text,
        sales_channel text,
        shipping_minor bigint,
        shipping_currency text,
        metadata jsonb NOT NULL,
        warnings jsonb NOT NULL,
        assignee text,
        decided_by_kind text,
        decided_by_ref text,
        draft_until timestamptz,
        submitted_at timestamptz,
        reopen_until timestamptz,
        ended_at timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT pk_claims PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_claims_tenant_id_number UNIQUE (tenant_id, number),
        CONSTRAINT uq_claims_tenant_id_external_ref UNIQUE (tenant_id, external_ref),
        CONSTRAINT ck_claims_status_known CHECK (status IN ({STATUSES})),
        CONSTRAINT ck_claims_region_once_filed CHECK (status IN ('draft', 'cancelled') OR region IS NOT NULL),
        CONSTRAINT fk_claims_tenant_id_customer_id
            FOREIGN KEY (tenant_id, customer_id) REFERENCES parties (tenant_id, id),
        CONSTRAINT fk_claims_tenant_id_policy_id
            FOREIGN KEY (tenant_id, policy_id) REFERENCES policy_pins (tenant_id, id)""",
    "claim_lines": """
        tenant_id uuid NOT NULL,
        claim_id uuid NOT NULL,
        position smallint NOT NULL,
        sku text,
        name text,
        category text,
        condition text,
        expected_life_months smallint,
        serial_numbers text[] NOT NULL,
        quantity integer NOT NULL,
        delivered_on date,
        paid_minor bigint,
        paid_currency text,
        issue_code text,
        noticed_on date,
        description_id uuid,
        requested_remedy text,
        prior_repairs jsonb NOT NULL,
        decision text NOT NULL,
        refusal_reason text,
        refusal_text_id uuid,
        refusal_hash text,
        appeal_until timestamptz,
        CONSTRAINT pk_claim_lines PRIMARY KEY (tenant_id, claim_id, position),
        CONSTRAINT fk_claim_lines_tenant_id_claim_id
            FOREIGN KEY (tenant_id, claim_id) REFERENCES claims (tenant_id, id)""",
    "claim_serials": """
        tenant_id uuid NOT NULL,
        serial_number text NOT NULL,
        claim_id uuid NOT NULL,
        position smallint NOT NULL,
        CONSTRAINT pk_claim_serials PRIMARY KEY (tenant_id, serial_number, claim_id, position),
        CONSTRAINT fk_claim_serials_tenant_id_claim_id
            FOREIGN KEY (tenant_id, claim_id) REFERENCES claims (tenant_id, id)""",
    "claim_holds": """
        tenant_id uuid NOT NULL,
        claim_id uuid NOT NULL,
        id uuid NOT NULL,
        kind text NOT NULL,
        reason_id uuid,
        reason_hash text,
        duplicate_of uuid,
        opened_at timestamptz NOT NULL,
        opened_by_kind text NOT NULL,
        opened_by_ref text,
        released_at timestamptz,
        CONSTRAINT pk_claim_holds PRIMARY KEY (tenant_id, claim_id, id),
        CONSTRAINT fk_claim_holds_tenant_id_claim_id
            FOREIGN KEY (tenant_id, claim_id) REFERENCES claims (tenant_id, id)""",
    "claim_remedies": """
        tenant_id uuid NOT NULL,
        claim_id uuid NOT NULL,
        id uuid NOT NULL,
        position smallint NOT NULL,
        kind text NOT NULL,
        state text NOT NULL,
        amount_minor bigint,
        currency text,
        CONSTRAINT pk_claim_remedies PRIMARY KEY (tenant_id, claim_id, id),
        CONSTRAINT fk_claim_remedies_tenant_id_claim_id
            FOREIGN KEY (tenant_id, claim_id) REFERENCES claims (tenant_id, id)""",
    "texts": """
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        claim_id uuid NOT NULL,
        kind text NOT NULL,
        body text,
        salt bytea,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_texts PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_texts_tenant_id_claim_id
            FOREIGN KEY (tenant_id, claim_id) REFERENCES claims (tenant_id, id)""",
}
GRANTS = {
    "events": "SELECT, INSERT",  # append-only by privilege
    "outbox": "INSERT",
    "feed_heads": "SELECT",
    "policy_pins": "SELECT, INSERT",
    "claim_lines": "SELECT, INSERT, UPDATE, DELETE",
    "claim_serials": "SELECT, INSERT, DELETE",
    "texts": "SELECT, INSERT, DELETE",
}
OF_A_CLAIM = "SELECT, INSERT, UPDATE"
INDEXES = (
    "CREATE INDEX ix_parties_tenant_id_ref ON parties (tenant_id, ref)",
    "CREATE INDEX ix_claims_open ON claims (tenant_id, id) WHERE ended_at IS NULL",
    "CREATE INDEX ix_claims_open_order ON claims (tenant_id, order_ref) WHERE ended_at IS NULL",
    "CREATE INDEX ix_claim_lines_tenant_id_sku ON claim_lines (tenant_id, sku)",
    "CREATE INDEX ix_claim_serials_tenant_id_claim_id ON claim_serials (tenant_id, claim_id)",
    "CREATE INDEX ix_texts_tenant_id_claim_id ON texts (tenant_id, claim_id)",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns})" + (" WITH (fillfactor = 85)" if table == "claims" else ""))
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant_wall ON {table} USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT})"
        )
        op.execute(f"GRANT {GRANTS.get(table, OF_A_CLAIM)} ON {table} TO claims_app")
    for statement in INDEXES:
        op.execute(statement)
    # Every tenant has its feed from the day it is made. The wall binds the owner too: lifted for one insert.
    op.execute("ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE feed_heads NO FORCE ROW LEVEL SECURITY")
    op.execute("INSERT INTO feed_heads (tenant_id, position) SELECT tenant_id, 0 FROM tenants")
    op.execute("ALTER TABLE tenants FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE feed_heads FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
