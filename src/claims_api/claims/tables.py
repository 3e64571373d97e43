"""A claim and what it owns. People live in `parties`, free text in `texts`; everything else points at them."""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from claims_api.domain.transitions import STATUSES
from claims_api.domain.vocabulary import GoodsWith, StartsWhen
from claims_api.kit.database import metadata
from claims_api.kit.tenancy import tenant_column

PLAIN = {"personal": "none"}
ERASE = {"personal": "erase"}


def _one_of(column: str, values: Sequence[str]) -> str:
    return f"{column} IN (" + ", ".join(f"'{value}'" for value in values) + ")"


policy_pins = Table(
    "policy_pins",
    metadata,
    tenant_column(),
    Column("id", LargeBinary, primary_key=True, info=PLAIN),
    Column("body", LargeBinary, nullable=False, info=PLAIN),
)

parties = Table(
    "parties",
    metadata,
    tenant_column(),
    Column("id", Uuid, primary_key=True),
    Column("ref", Text, info={"personal": "keep: the brand's own pseudonym, the handle of an erasure"}),
    Column("kind", Text, nullable=False, info=PLAIN),
    Column("name", Text, info=ERASE),
    Column("email", Text, info=ERASE),
    Column("phone", Text, info=ERASE),
    Column("acts_for", Text, info=ERASE),
    Index("ix_parties_tenant_id_ref", "tenant_id", "ref"),
)

claims = Table(
    "claims",
    metadata,
    tenant_column(),
    Column("id", Uuid, primary_key=True),
    Column("number", Text, nullable=False, info=PLAIN),
    Column("status", Text, nullable=False, info=PLAIN),
    Column("goods_with", Text, nullable=False, info=PLAIN, server_default=GoodsWith.CUSTOMER.value),
    Column("version", Integer, nullable=False),
    Column("head_hash", Text, nullable=False, info=PLAIN),
    Column("token_epoch", Integer, nullable=False),
    Column("customer_id", Uuid),
    Column("external_ref", Text, info={"personal": "keep: the brand's own reference"}),
    Column("region", Text, info=PLAIN),
    Column("locale", Text, info=PLAIN),
    Column("channel", Text, info=PLAIN),
    Column("time_zone", Text, info=PLAIN),
    Column("policy_id", LargeBinary, info=PLAIN),
    Column("policy_dates", JSONB, info=PLAIN),
    Column("order_ref", Text, info={"personal": "keep: the brand's own reference"}),
    Column("purchased_on", Date),
    Column("delivered_on", Date),
    Column("sold_by", Text, info=PLAIN),
    Column("sales_channel", Text, info=PLAIN),
    Column("shipping_minor", BigInteger),
    Column("shipping_currency", Text, info=PLAIN),
    Column("metadata", JSONB, nullable=False, info=ERASE),
    Column("warnings", JSONB, nullable=False, info=PLAIN),
    Column("assignee", Text, info={"personal": "keep: staff's opaque reference"}),
    Column("decided_by_kind", Text, info=PLAIN),
    Column("decided_by_ref", Text, info={"personal": "keep: staff's opaque reference"}),
    Column("draft_until", DateTime(timezone=True)),
    Column("submitted_at", DateTime(timezone=True)),
    Column("reopen_until", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    CheckConstraint(_one_of("status", STATUSES), name="status_known"),
    CheckConstraint(_one_of("goods_with", list(GoodsWith)), name="goods_with_known"),
    CheckConstraint("status IN ('draft', 'cancelled') OR region IS NOT NULL", name="region_once_filed"),
    ForeignKeyConstraint(["tenant_id", "customer_id"], ["parties.tenant_id", "parties.id"]),
    ForeignKeyConstraint(["tenant_id", "policy_id"], ["policy_pins.tenant_id", "policy_pins.id"]),
    UniqueConstraint("tenant_id", "number"),
    UniqueConstraint("tenant_id", "external_ref"),
    Index("ix_claims_tenant_id_customer_id", "tenant_id", "customer_id"),
    Index("ix_claims_open", "tenant_id", "id", postgresql_where=text("ended_at IS NULL")),
    Index("ix_claims_open_order", "tenant_id", "order_ref", postgresql_where=text("ended_at IS NULL")),
    postgresql_with={"fillfactor": 85},
)

claim_lines = Table(
    "claim_lines",
    metadata,
    tenant_column(),
    Column("claim_id", Uuid, primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("sku", Text, info=PLAIN),
    Column("name", Text, info=PLAIN),
    Column("category", Text, info=PLAIN),
    Column("condition", Text, info=PLAIN),
    Column("expected_life_months", SmallInteger),
    Column("serial_numbers", ARRAY(Text), nullable=False, info=PLAIN),
    Column("quantity", Integer, nullable=False),
    Column("delivered_on", Date),
    Column("paid_minor", BigInteger),
    Column("paid_currency", Text, info=PLAIN),
    Column("issue_code", Text, info=PLAIN),
    Column("noticed_on", Date),
    Column("description_id", Uuid),
    Column("requested_remedy", Text, info=PLAIN),
    Column("prior_repairs", JSONB, nullable=False, info=PLAIN),
    Column("is_awaited", Boolean, nullable=False, server_default=false()),
    Column("decision", Text, nullable=False, info=PLAIN),
    Column("refusal_reason", Text, info=PLAIN),
    Column("refusal_text_id", Uuid),
    Column("refusal_hash", Text, info=PLAIN),
    Column("appeal_until", DateTime(timezone=True)),
    ForeignKeyConstraint(["tenant_id", "claim_id"], ["claims.tenant_id", "claims.id"]),
    Index("ix_claim_lines_tenant_id_sku_claim_id", "tenant_id", "sku", "claim_id"),
)

# Looked up by equality: under row-level security an index on the array could not be used (&& is not leakproof).
claim_serials = Table(
    "claim_serials",
    metadata,
    tenant_column(),
    Column("serial_number", Text, primary_key=True, info=PLAIN),
    Column("claim_id", Uuid, primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    ForeignKeyConstraint(["tenant_id", "claim_id"], ["claims.tenant_id", "claims.id"]),
    Index("ix_claim_serials_tenant_id_claim_id", "tenant_id", "claim_id"),
)

claim_holds = Table(
    "claim_holds",
    metadata,
    tenant_column(),
    Column("claim_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False, info=PLAIN),
    Column("reason_id", Uuid),
    Column("reason_hash", Text, info=PLAIN),
    Column("duplicate_of", Uuid),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("opened_by_kind", Text, nullable=False, info=PLAIN),
    Column("opened_by_ref", Text, info={"personal": "keep: staff's opaque reference or the party's id"}),
    Column("released_at", DateTime(timezone=True)),
    ForeignKeyConstraint(["tenant_id", "claim_id"], ["claims.tenant_id", "claims.id"]),
)

claim_remedies = Table(
    "claim_remedies",
    metadata,
    tenant_column(),
    Column("claim_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("position", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False, info=PLAIN),
    Column("state", Text, nullable=False, info=PLAIN),
    Column("amount_minor", BigInteger),
    Column("currency", Text, info=PLAIN),
    Column("starts_when", Text, info=PLAIN),
    CheckConstraint(_one_of("starts_when", list(StartsWhen)), name="starts_when_known"),
    ForeignKeyConstraint(["tenant_id", "claim_id"], ["claims.tenant_id", "claims.id"]),
)

claim_legs = Table(
    "claim_legs",
    metadata,
    tenant_column(),
    Column("claim_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("direction", Text, nullable=False, info=PLAIN),
    Column("purpose", Text, nullable=False, info=PLAIN),
    Column("partner", Text, info={"personal": "keep: the brand's own name of a company"}),
    Column("positions", ARRAY(SmallInteger), nullable=False, info=PLAIN),
    Column("status", Text, nullable=False, info=PLAIN),
    Column("condition", Text, nullable=False, info=PLAIN),
    Column("acted", ARRAY(Text), nullable=False, info=PLAIN),
    Column("flags", ARRAY(Text), nullable=False, info=PLAIN),
    Column("receipt_outcome", Text, info=PLAIN),
    Column("disposition", Text, info=PLAIN),
    Column("may_be_kept", Boolean),
    ForeignKeyConstraint(["tenant_id", "claim_id"], ["claims.tenant_id", "claims.id"]),
    Index("ix_claim_legs_tenant_id_partner_claim_id", "tenant_id", "partner", "claim_id"),
)

texts = Table(
    "texts",
    metadata,
    tenant_column(),
    Column("id", Uuid, primary_key=True),
    Column("claim_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False, info=PLAIN),
    Column("body", Text, info=ERASE),
    Column("salt", LargeBinary, info=ERASE),
    Column("created_at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["tenant_id", "claim_id"], ["claims.tenant_id", "claims.id"]),
    Index("ix_texts_tenant_id_claim_id", "tenant_id", "claim_id"),
)
