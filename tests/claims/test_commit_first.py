"""T1: whatever is done to a claim is committed before the first byte of its answer leaves."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi import FastAPI
from sqlalchemy import event

from claims_api.access.scopes import Role, Scope
from tests.support.asgi import Exchange
from tests.support.claims import Claim, Team, kettle

REQUESTS: dict[str, tuple[str, str, Claim | None]] = {
    "file": ("POST", "", kettle()),
    "save": ("PUT", "/{id}", kettle()),
    "step": ("POST", "/{id}/transitions", {"transition": "submit"}),
    "token": ("POST", "/{id}/tracking-tokens", None),
    "read": ("GET", "/{id}", None),
    "list": ("GET", "", None),
    "history": ("GET", "/{id}/events", None),
}


@contextmanager
def commits_noted(app: FastAPI, order: list[str]) -> Iterator[None]:
    """Writes each commit into the order of things."""
    engine = app.state.database.tenants.sync_engine

    def note(_db: object) -> None:
        order.append("COMMIT")

    event.listen(engine, "commit", note)
    try:
        yield
    finally:
        event.remove(engine, "commit", note)


@pytest.mark.parametrize(("method", "rest", "body"), REQUESTS.values(), ids=REQUESTS.keys())
async def test_the_commit_comes_before_the_answer(
    app: FastAPI, team: Team, method: str, rest: str, body: Claim | None
) -> None:
    draft, made = await team.file(draft=True), await team.tenant.key(Role.STOREFRONT, frozenset(Scope))
    sent = json.dumps(body).encode() if body else b""
    headers = {"Authorization": f"Bearer {made.credential}"}
    await Exchange("/v1/claims", headers, method="GET").run(app)  # the key is proved now, in its own transaction
    order: list[str] = []
    exchange = Exchange("/v1/claims" + rest.format(id=draft["id"]), headers, method=method, body=sent)
    exchange.on_send = lambda message: order.append(message["type"])
    with commits_noted(app, order):
        await exchange.run(app)
    assert exchange.statuses in ([200], [201])
    assert order == ["COMMIT", "http.response.start", "http.response.body"]
