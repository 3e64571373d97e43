"""Parcels as their carriers tell of them; what a claim was told of one is its leg, see `claims.tables`."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKeyConstraint, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from claims_api.kit.database import metadata
from claims_api.kit.tenancy import tenant_column

PLAIN = {"personal": "none"}
ERASE = {"personal": "erase"}
COMPANY = {"personal": "keep: the brand's own name of a company"}
NUMBER = {"personal": "keep: names a parcel, and no person without the carrier's books"}

shipments = Table(
    "shipments",
    metadata,
    tenant_column(),
    Column("id", Uuid, primary_key=True),
    Column("claim_id", Uuid, nullable=False),
    # The state that follows from the updates, see `domain.shipment_fold.Folded`.
    Column("status", Text, nullable=False, info=PLAIN),
    Column("substatus", Text, info=PLAIN),
    Column("condition", Text, nullable=False, info=PLAIN),
    Column("delay_cause", Text, info=PLAIN),
    Column("delayed_since", DateTime(timezone=True)),
    Column("eta_p50", DateTime(timezone=True)),
    Column("eta_p90", DateTime(timezone=True)),
    Column("eta_original", DateTime(timezone=True)),
    Column("proof_type", Text, info=PLAIN),
    Column("proof_url", Text, info=ERASE),
    Column("proof_signed_by", Text, info=ERASE),
    Column("delivered_at", DateTime(timezone=True)),
    Column("is_returning", Boolean, nullable=False),
    Column("last_update_at", DateTime(timezone=True)),
    Column("anomalies", JSONB, nullable=False, info=PLAIN),
    Column("hs_code", Text, info=PLAIN),
    Column("origin", Text, info=PLAIN),
    Column("customs_value_minor", BigInteger),
    Column("customs_currency", Text, info=PLAIN),
    Column("duty_bearer", Text, info=PLAIN),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(
        ["tenant_id", "claim_id", "id"],
        ["claim_legs.tenant_id", "claim_legs.claim_id", "claim_legs.id"],
        name="fk_shipments_tenant_id_claim_id_id",
    ),
    Index("ix_shipments_tenant_id_claim_id", "tenant_id", "claim_id"),
    postgresql_with={"fillfactor": 85},
)

# The partner stands before carrier and number: no spelling of a number leads to another one's parcel. An empty partner
# is the brand itself. A row without a shipment holds what was said of a parcel nobody has registered yet.
tracking_numbers = Table(
    "tracking_numbers",
    metadata,
    tenant_column(),
    Column("partner", Text, primary_key=True, info=COMPANY),
    Column("carrier", Text, primary_key=True, info=PLAIN),
    Column("number", Text, primary_key=True, info=NUMBER),
    Column("carrier_written", Text, nullable=False, info=PLAIN),
    Column("number_written", Text, nullable=False, info=NUMBER),
    Column("shipment_id", Uuid),
    Column("heard_at", DateTime(timezone=True)),
    ForeignKeyConstraint(["tenant_id", "shipment_id"], ["shipments.tenant_id", "shipments.id"]),
    Index("ix_tracking_numbers_tenant_id_shipment_id", "tenant_id", "shipment_id"),
)

shipment_updates = Table(
    "shipment_updates",
    metadata,
    tenant_column(),
    Column("partner", Text, primary_key=True, info=COMPANY),
    Column("carrier", Text, primary_key=True, info=PLAIN),
    Column("number", Text, primary_key=True, info=NUMBER),
    Column("dedupe_key", Text, primary_key=True, info=PLAIN),
    Column("statement_hash", Text, primary_key=True, info=PLAIN),
    Column("content_hash", Text, nullable=False, info=PLAIN),
    Column("sender_event_id", Text, info=PLAIN),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("local_time", Text, info=PLAIN),  # as it was shown: a wall clock is no instant
    Column("zone", Text, info=PLAIN),
    Column("status", Text, nullable=False, info=PLAIN),
    Column("substatus", Text, info=PLAIN),
    Column("condition", Text, info=PLAIN),
    Column("delay", Text, info=PLAIN),
    Column("eta_p50", DateTime(timezone=True)),
    Column("eta_p90", DateTime(timezone=True)),
    Column("eta_original", DateTime(timezone=True)),
    Column("proof_type", Text, info=PLAIN),
    Column("proof_url", Text, info=ERASE),
    Column("proof_signed_by", Text, info=ERASE),
    Column("location", Text, info=ERASE),
    Column("raw_code", Text, info=PLAIN),
    ForeignKeyConstraint(
        ["tenant_id", "partner", "carrier", "number"],
        [
            "tracking_numbers.tenant_id",
            "tracking_numbers.partner",
            "tracking_numbers.carrier",
            "tracking_numbers.number",
        ],
        name="fk_shipment_updates_tenant_id_partner_carrier_number",
    ),
)
