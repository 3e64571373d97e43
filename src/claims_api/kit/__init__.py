"""The technical ground: settings, database, problems, idempotency, ids, clock, logs. It knows no business word."""
