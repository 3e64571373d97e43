"""What somebody with the owner's powers may do to what is stored, and what the checker calls it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """Statements on a claim (`:claim`, its tenant `:tenant`), and the codes of what is found after them."""

    claim: str
    statements: tuple[str, ...]
    codes: set[str]


def case(claim: str, *codes: str, sql: str | tuple[str, ...]) -> Case:
    return Case(claim, (sql,) if isinstance(sql, str) else sql, set(codes))


LOG = "FROM events WHERE tenant_id = :tenant AND stream_id = :claim"
EVENT = "UPDATE events SET {} WHERE tenant_id = :tenant AND stream_id = :claim AND seq = {}"
CLAIM = "UPDATE claims SET {} WHERE tenant_id = :tenant AND id = :claim"
LINE = "UPDATE claim_lines SET {} WHERE tenant_id = :tenant AND claim_id = :claim AND position = {}"
HOLD = "UPDATE claim_holds SET {} WHERE tenant_id = :tenant AND claim_id = :claim"
REMEDY = "UPDATE claim_remedies SET {} WHERE tenant_id = :tenant AND claim_id = :claim"
TEXT = "UPDATE texts SET {} WHERE tenant_id = :tenant AND claim_id = :claim"
ANSWER = "UPDATE idempotency_keys SET {} WHERE tenant_id = :tenant AND subject_id = :claim AND status = 201"
FEED = "feed WHERE tenant_id = :tenant AND stream_id = :claim AND seq = {}"
PARCEL = "UPDATE shipments SET {} WHERE tenant_id = :tenant AND claim_id = :claim"
UPDATE = """UPDATE shipment_updates SET {} WHERE tenant_id = :tenant AND (carrier, number) IN (
    SELECT n.carrier, n.number FROM tracking_numbers n JOIN shipments s ON s.tenant_id = n.tenant_id
    AND s.id = n.shipment_id WHERE s.tenant_id = :tenant AND s.claim_id = :claim) AND status = 'delivered'"""
PIN = "UPDATE policy_pins SET {} WHERE tenant_id = :tenant AND id = (SELECT policy_id FROM claims WHERE id = :claim)"
DECIDED = "data = jsonb_set(data, '{{lines,0,{}}}', '{}')"
SWAP = ((5, 99), (7, 5), (99, 7))
NOBODY = "00000000-0000-7000-8000-000000000001"

CASES = {
    # the log
    "a word of an event's data": case("resolved", "hash-wrong", sql=EVENT.format("""data = data || '{"x": 1}'""", 2)),
    "a number in it that no event can have": case(
        "resolved", "event-unreadable", sql=EVENT.format("""data = data || '{"x": 1.5}'""", 2)
    ),
    "an event of a type nobody knows": case("resolved", "event-unreadable", sql=EVENT.format("type = 'claim.x'", 2)),
    "an event that cannot follow": case("closed", "hash-wrong", "event-unreadable", sql=EVENT.format("data = '{}'", 5)),
    "the hash before an event": case(
        "resolved", "link-broken", "hash-wrong", sql=EVENT.format("prev_hash = repeat('a', 64)", 2)
    ),
    "an event moved on": case(
        "resolved",
        *("seq-gap", "hash-wrong", "state-differs", "event-nowhere", "feed-without-event"),
        sql=EVENT.format("seq = 9", 6),
    ),
    "the tail cut": case(
        "resolved",
        *("tail-cut", "state-differs", "times-differ", "feed-without-event"),
        sql=f"DELETE {LOG} AND seq > 4",
    ),
    "the whole log gone": case("resolved", "tail-cut", "state-differs", "feed-without-event", sql=f"DELETE {LOG}"),
    "another head": case("resolved", "tail-cut", sql=CLAIM.format("head_hash = repeat('a', 64)")),
    "when a claim was changed": case(
        "resolved", "times-differ", sql=CLAIM.format("updated_at = updated_at + interval '1 s'")
    ),
    # the state
    "a claim's status": case("resolved", "state-differs", sql=CLAIM.format("status = 'in_remedy'")),
    "a claim's version": case("resolved", "state-differs", sql=CLAIM.format("version = 7")),
    "a line's decision": case("in_remedy", "state-differs", sql=LINE.format("decision = 'goodwill'", 1)),
    "a line's price": case("in_remedy", "state-differs", sql=LINE.format("paid_minor = 12901", 1)),
    "a line more": case(
        "in_remedy",
        "state-differs",
        sql="""INSERT INTO claim_lines
                   (tenant_id, claim_id, position, serial_numbers, quantity, prior_repairs, decision)
               VALUES (:tenant, :claim, 2, '{}', 1, '[]', 'goodwill')""",
    ),
    "a hold gone": case("looked_after", "state-differs", sql="DELETE FROM claim_holds WHERE claim_id = :claim"),
    "a hold's kind": case("looked_after", "state-differs", sql=HOLD.format("kind = 'legal'")),
    "a remedy's amount raised": case(
        "mixed", "state-differs", "above-ceiling", sql=REMEDY.format("amount_minor = 12901")
    ),
    "a remedy in another currency": case(
        "mixed", "state-differs", "above-ceiling", sql=REMEDY.format("currency = 'USD'")
    ),
    "a remedy owed again": case("resolved", "state-differs", "remedy-open", sql=REMEDY.format("state = 'accepted'")),
    "a word no claim has": case("resolved", "claim-unreadable", sql=LINE.format("decision = 'perhaps'", 1)),
    # decisions
    "a refusal's reason gone": case(
        "rejected", "state-differs", "refusal-incomplete", sql=LINE.format("refusal_reason = NULL", 1)
    ),
    "no end of its appeal": case(
        "rejected", "state-differs", "refusal-incomplete", sql=LINE.format("appeal_until = NULL", 1)
    ),
    "a refusal without a clause": case(
        "rejected", "text-changed", "refusal-incomplete", sql=TEXT.format("""body = '{"facts": []}'""")
    ),
    "nobody decided": case(
        "rejected",
        "state-differs",
        "decider-missing",
        sql=CLAIM.format("decided_by_kind = NULL"),
    ),
    "software refused": case(
        "rejected", "state-differs", "refused-by-software", sql=CLAIM.format("decided_by_kind = 'system'")
    ),
    # where it stands
    "ended without an end": case("closed", "state-differs", "ended-at-wrong", sql=CLAIM.format("ended_at = NULL")),
    "an end of an open claim": case("draft", "state-differs", "ended-at-wrong", sql=CLAIM.format("ended_at = now()")),
    "a line's position": case("looked_after", "state-differs", "positions-wrong", sql=LINE.format("position = 3", 1)),
    "a number nobody could read out": case("draft", "number-wrong", sql=CLAIM.format("number = '0000000001'")),
    "a draft that was submitted": case(
        "draft", "state-differs", "submitted-at-wrong", "pin-missing", sql=CLAIM.format("submitted_at = now()")
    ),
    # pins
    "a byte of a pin": case(
        "rejected",
        "pin-changed",
        sql=PIN.format("body = set_byte(body, 100, 255 - get_byte(body, 100))"),
    ),
    "a claim without its pin": case("rejected", "pin-missing", sql=CLAIM.format("policy_id = NULL")),
    # what rows point at
    "a pin gone": case(
        "redrafted",
        "parent-missing",
        sql="DELETE FROM policy_pins WHERE id = (SELECT policy_id FROM claims WHERE id = :claim)",
    ),
    "a party gone": case(
        "redrafted",
        *("parent-missing", "state-differs"),
        sql="DELETE FROM parties WHERE id = (SELECT customer_id FROM claims WHERE id = :claim)",
    ),
    "a remedy of no line": case("in_remedy", "state-differs", "parent-missing", sql=REMEDY.format("position = 4")),
    "the twin of nobody": case(
        "looked_after",
        *("state-differs", "parent-missing"),
        sql=HOLD.format(f"duplicate_of = '{NOBODY}'") + " AND duplicate_of IS NOT NULL",
    ),
    "a serial number nobody filed": case(
        "mixed", "serials-differ", sql="UPDATE claim_serials SET serial_number = 'SN-3' WHERE serial_number = 'SN-2'"
    ),
    "a serial number not to be found": case(
        "mixed", "serials-differ", sql="DELETE FROM claim_serials WHERE claim_id = :claim AND serial_number = 'SN-1'"
    ),
    "a text changed": case("looked_after", "text-changed", sql=TEXT.format("body = 'Never.'") + " AND kind = 'note'"),
    "a text gone": case(
        "looked_after", "text-missing", sql="DELETE FROM texts WHERE claim_id = :claim AND kind = 'note'"
    ),
    "a description gone": case("redrafted", "text-missing", sql="DELETE FROM texts WHERE claim_id = :claim"),
    "a text erased in half": case(
        "looked_after", "text-in-half", sql=TEXT.format("salt = NULL") + " AND kind = 'note'"
    ),
    # the feed
    "an event that waits nowhere": case(
        "submitted", "event-nowhere", sql="DELETE FROM outbox WHERE stream_id = :claim"
    ),
    "an event taken from the feed": case("submitted", "event-nowhere", "feed-gap", sql=f"DELETE FROM {FEED.format(1)}"),
    "an event that waits again": case("closed", "event-twice", sql="INSERT INTO outbox VALUES (:tenant, :claim, 7)"),
    "an event that waits behind a later one": case(
        "closed",
        *("event-twice", "feed-order"),
        sql="INSERT INTO outbox VALUES (:tenant, :claim, 1)",
    ),
    "a position left out": case(
        "closed",
        *("feed-gap", "feed-head"),
        sql="""UPDATE feed SET position = position + 1 WHERE tenant_id = :tenant
               AND position = (SELECT max(position) FROM feed WHERE tenant_id = :tenant)""",
    ),
    "a position given twice": case(
        "closed",
        "feed-gap",
        sql=(
            "ALTER TABLE feed DROP CONSTRAINT pk_feed",
            "UPDATE feed SET position = 1 WHERE tenant_id = :tenant AND position = 2",
        ),
    ),
    "two of a claim's in the wrong order": case(
        "closed",
        "feed-order",
        sql=tuple(f"UPDATE feed SET seq = {to} WHERE stream_id = :claim AND seq = {of}" for of, to in SWAP),
    ),
    "a counter too high": case(
        "closed", "feed-head", sql="UPDATE feed_heads SET position = position + 1 WHERE tenant_id = :tenant"
    ),
    "no counter": case("closed", "feed-head", sql="DELETE FROM feed_heads WHERE tenant_id = :tenant"),
    "an entry of the feed about nothing": case(
        "closed",
        *("feed-without-event", "feed-head"),
        sql="""INSERT INTO feed SELECT :tenant, max(position) + 1, :claim, 99 FROM feed WHERE tenant_id = :tenant""",
    ),
    "a log of no claim": case(
        "draft",
        *("stream-without-claim", "event-nowhere", "feed-without-event", "tail-cut", "state-differs"),
        sql=f"UPDATE events SET stream_id = '{NOBODY}' WHERE stream_id = :claim",
    ),
    # the answers kept for retries
    "an answer about somebody else's claim": case(
        "closed", "answer-without-effect", sql=ANSWER.format(f"subject_id = '{NOBODY}'")
    ),
    "a claim made twice": case(
        "closed",
        "filed-twice",
        sql="UPDATE idempotency_keys SET status = 201 WHERE subject_id = :claim",
    ),
    "an answer without its body": case("closed", "answer-in-half", sql=ANSWER.format("body = NULL")),
    # parcels
    "where a parcel is": case("sent_back", "parcel-differs", sql=PARCEL.format("status = 'in_transit'")),
    "what was odd about it": case(
        "sent_back",
        "parcel-differs",
        sql=PARCEL.format("""anomalies = '[{"at": "2026-11-02T08:00:00+00:00", "code": "repeat_differs",
                                            "status": "lost"}]'"""),
    ),
    "what was said of it": case("sent_back", "update-changed", sql=UPDATE.format("location = 'Nuremberg'")),
    "when it was": case("sent_back", "update-changed", "parcel-differs", sql=UPDATE.format("occurred_at = now()")),
    "an update gone": case(
        "sent_back",
        "parcel-differs",
        sql="DELETE FROM shipment_updates WHERE tenant_id = :tenant AND status = 'delivered'",
    ),
    "a status told of twice": case(
        "sent_back",
        *("hash-wrong", "told-twice"),
        sql="""UPDATE events SET data = data || '{"acted": "delivered"}' WHERE tenant_id = :tenant
               AND stream_id = :claim AND type = 'shipment.registered'""",
    ),
    "what the customer got for the goods": case(
        "sent_back",
        *("hash-wrong", "state-differs", "goods-unaccounted", "decision-differs"),
        sql="""UPDATE events SET data = data || '{"kind": "repair"}' WHERE tenant_id = :tenant
               AND stream_id = :claim AND type = 'remedy.accepted'""",
    ),
    # decisions made again
    "what was judged": case(
        "in_remedy", "hash-wrong", "decision-differs", sql=EVENT.format(DECIDED.format("judged", '["x"]'), 3)
    ),
    "a window in a decision": case(
        "rejected",
        *("hash-wrong", "state-differs", "window-differs"),
        sql=EVENT.format(DECIDED.format("appeal_until", '"2030-01-01T00:00:00.000000Z"'), 3),
    ),
    "a finding of a withdrawal": case(
        "withdrawal",
        "hash-wrong",
        "decision-differs",
        sql=EVENT.format(DECIDED.format("finding,is_in_time", '"yes"'), 2),
    ),
    "who decided": case(
        "rejected",
        *("hash-wrong", "state-differs", "decision-not-allowed"),
        sql=EVENT.format("actor_kind = 'system'", 3),
    ),
    "a decision that says too little": case(
        "rejected",
        *("hash-wrong", "state-differs", "decision-unreadable"),
        sql=EVENT.format("data = data #- '{lines,0,refusal}'", 3),
    ),
    "another pin of the same tenant": case(
        "withdrawal",
        "decision-differs",
        sql="""UPDATE claims SET policy_id = (SELECT policy_id FROM claims WHERE tenant_id = :tenant AND region = 'FR')
               WHERE id = :claim""",
    ),
}
