"""Claims for the tests of the API: filed and brought to each status over HTTP, by the roles that may."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from claims_api.access.scopes import Role, Scope
from tests.conftest import Tenant, client_of
from tests.support.legs import tell_of_parcel

Claim = dict[str, Any]

REFUSAL: Claim = {
    "reason": "misuse",
    "clause": {"source": "statutory", "reference": "BGB, section 434"},
    "facts": ["The base is bent."],
    "would_change": ["A report that it failed before."],
}
CONSENT: Claim = {"via": "phone", "at": "2026-01-05T10:00:00Z", "locale": "de-DE"}
STEPS: dict[str, Claim] = {
    "submit": {},
    "start_review": {},
    "require_item": {"paid_by": "seller"},
    "receive_item": {},
    "report_item_lost": {},
    "waive_item": {},
    "record_findings": {"findings": [{"position": 1, "grade": "used", "cause": "manufacturing"}]},
    "approve": {"lines": [{"position": 1, "decision": "covered_statutory", "remedy": "repair"}]},
    "reject": {"lines": [{"position": 1, "refusal": REFUSAL}]},
    "resolve": {},
    "close": {},
    "reopen": {},
    "withdraw": {},
    "cancel": {"reason": "filed_in_error"},
    "hold": {"kind": "recall", "reason": "This batch is looked at."},
    "release": {"hold": "hld_00000000000000000000000000", "reason": "It is cleared up."},
    "assign": {"assignee": "anna"},
    "note": {"text": "The customer calls back."},
}
"""A body for each transition that fits a claim of one kettle."""

ASKED_FOR = (("agent", "start_review"), ("agent", "require_item"))
PATHS: dict[str, tuple[tuple[str, str], ...]] = {
    "draft": (),
    "submitted": (),
    "under_review": (("agent", "start_review"),),
    "awaiting_item": ASKED_FOR,
    "under_inspection": (*ASKED_FOR, ("parcel", "delivered as_expected!"), ("agent", "receive_item")),
    "in_remedy": (("agent", "start_review"), ("agent", "approve")),
    "resolved": (("agent", "start_review"), ("agent", "approve"), ("agent", "resolve")),
    "rejected": (("agent", "start_review"), ("agent", "reject")),
    "closed": (("agent", "start_review"), ("agent", "approve"), ("agent", "resolve"), ("customer", "close")),
    "withdrawn": (("customer", "withdraw"),),
    "cancelled": (("agent", "cancel"),),
}
"""How a filed claim comes to each status: who takes which step, and what is told of the parcel with the goods."""
PARTNER = "repair.co"
"""The partner of a team's partner key."""


def line(**changes: Any) -> Claim:
    """One kettle that does not switch on."""
    return {
        "sku": "KTL-2",
        "paid": {"amount": "129.00", "currency": "EUR"},
        "issue": {"code": "does_not_switch_on"},
        "requested_remedy": "repair",
    } | changes


def kettle(**changes: Any) -> Claim:
    """What a storefront files for it."""
    return {
        "region": "DE",
        "locale": "de-DE",
        "customer": {"ref": "c-77"},
        "order": {"purchased_on": "2026-03-02", "delivered_on": "2026-03-05"},
        "lines": [line()],
    } | changes


def key() -> dict[str, str]:
    """The header of a fresh idempotency key."""
    return {"Idempotency-Key": uuid4().hex}


def allowed(claim: Claim) -> dict[str, str | None]:
    """Each step a caller may take, and what stands in its way."""
    return {step["transition"]: step["blocked_by"] for step in claim["allowed_transitions"]}


@dataclass
class Team:
    """Everybody who works on one tenant's claims, each with every scope, so that only the role decides."""

    tenant: Tenant
    stack: AsyncExitStack
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    async def of(self, role: str) -> httpx.AsyncClient:
        """The client of a role."""
        if role not in self.clients:
            partner = PARTNER if role == Role.PARTNER else None
            made = await self.tenant.client(Role(role), frozenset(Scope), partner)
            self.clients[role] = await self.stack.enter_async_context(made)
        return self.clients[role]

    async def customer(self, claim: Claim) -> httpx.AsyncClient:
        """The customer of a claim, by the token of its submission."""
        headers = {"Authorization": f"Bearer {claim['tracking']['token']}"}
        return await self.stack.enter_async_context(client_of(self.tenant.app, headers))

    async def who(self, role: str, claim: Claim) -> httpx.AsyncClient:
        """A role's client, or the claim's customer."""
        return await self.customer(claim) if role == "customer" else await self.of(role)

    async def file(self, by: str = "storefront", **changes: Any) -> Claim:
        """A claim just filed, with its token."""
        answer = await (await self.of(by)).post("/v1/claims", json=kettle(**changes), headers=key())
        assert answer.status_code == 201, answer.text
        found: Claim = answer.json()
        return found

    async def step(self, by: str, claim: Claim, transition: str, **arguments: Any) -> httpx.Response:
        """What a step of this role answers."""
        client = await self.who(by, claim)
        body = {"transition": transition} | (arguments or STEPS[transition])
        return await client.post(f"/v1/claims/{claim['id']}/transitions", json=body)

    async def done(self, by: str, claim: Claim, transition: str, **arguments: Any) -> Claim:
        """The claim after a step that must succeed."""
        answer = await self.step(by, claim, transition, **arguments)
        assert answer.status_code == 200, answer.text
        found: Claim = answer.json()
        return found

    async def brought_to(self, status: str, **changes: Any) -> Claim:
        """A claim in this status, as it was answered when it was filed."""
        as_draft: Claim = {"draft": True} if status == "draft" else {}
        claim = await self.file(**as_draft, **changes)
        for by, what in PATHS[status]:
            if by == "parcel":
                await tell_of_parcel(self.tenant, claim, what)
            else:
                await self.done(by, claim, what)
        return claim

    async def read(self, claim: Claim, by: str = "agent") -> Claim:
        """The claim as this role sees it now."""
        answer = await (await self.who(by, claim)).get(f"/v1/claims/{claim['id']}")
        assert answer.status_code == 200, answer.text
        found: Claim = answer.json()
        return found

    async def history(self, claim: Claim, by: str = "agent") -> list[Claim]:
        """Its events as this role sees them."""
        answer = await (await self.who(by, claim)).get(f"/v1/claims/{claim['id']}/events", params={"limit": "100"})
        assert answer.status_code == 200, answer.text
        found: list[Claim] = answer.json()["data"]
        return found
