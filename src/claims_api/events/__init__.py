"""The append-only log: history, webhooks, live tracking and KPIs all read it."""
