"""Parcels for the tests of the API: registered by staff, told of by partners, over HTTP."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from claims_api.access import actions
from claims_api.access.scopes import Role
from tests.conftest import client_of
from tests.support.claims import Claim, Team, key

Parcel = dict[str, Any]
START = datetime(2026, 11, 2, 8, tzinfo=UTC)


def number() -> str:
    """A tracking number nobody has."""
    return f"SW{uuid4().hex[:12].upper()}"


def said(tracking_number: str, status: str, hour: int = 0, **more: Any) -> Parcel:
    """One update, so many hours after the start."""
    at = (START + timedelta(hours=hour)).isoformat().replace("+00:00", "Z")
    return {"carrier": "Swift", "tracking_number": tracking_number, "status": status, "occurred_at": at} | more


@dataclass
class Depot:
    """A team with its partners, each behind a key of its own name."""

    team: Team
    partners: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    async def partner(self, name: str = "swift") -> httpx.AsyncClient:
        """The client of a partner, with the scopes a partner has by itself."""
        if name not in self.partners:
            tenant = self.team.tenant
            made = await actions.create_key(tenant.owner, tenant.id, Role.PARTNER, None, partner=name)
            headers = {"Authorization": f"Bearer {made.credential}", "Claims-Actor": f"{name}-1"}
            self.partners[name] = await self.team.stack.enter_async_context(client_of(tenant.app, headers))
        return self.partners[name]

    async def register(self, claim: Claim, *numbers: str, partner: str | None = "swift", **more: Any) -> Parcel:
        """An inbound return of a claim, registered by an agent."""
        answer = await self.try_register(claim, *numbers, partner=partner, **more)
        assert answer.status_code == 201, answer.text
        found: Parcel = answer.json()
        return found

    async def try_register(
        self, claim: Claim, *numbers: str, partner: str | None = "swift", by: str = "agent", **more: Any
    ) -> httpx.Response:
        """What the registration answers."""
        body = {
            "claim_id": claim["id"],
            "direction": "inbound",
            "purpose": "return",
            "partner": partner,
            "tracking_numbers": [{"carrier": "Swift", "number": each} for each in numbers],
        } | more
        return await (await self.team.of(by)).post("/v1/shipments", json=body, headers=key())

    async def tell(self, *updates: Parcel, partner: str = "swift") -> list[Parcel]:
        """A partner posts a batch; the results."""
        answer = await (await self.partner(partner)).post("/v1/shipment-updates", json={"updates": list(updates)})
        assert answer.status_code == 200, answer.text
        found: list[Parcel] = answer.json()["results"]
        return found

    async def receipt(self, parcel: Parcel, outcome: str, partner: str | None = None, **more: Any) -> httpx.Response:
        """Somebody records what was in a parcel."""
        client = await (self.partner(partner) if partner else self.team.of("agent"))
        body = {"outcome": outcome} | more
        return await client.post(f"/v1/shipments/{parcel['id']}/receipt", json=body, headers=key())

    async def read(self, parcel: Parcel, by: str = "agent") -> Parcel:
        """The parcel as a role sees it now."""
        answer = await (await self.team.of(by)).get(f"/v1/shipments/{parcel['id']}")
        assert answer.status_code == 200, answer.text
        found: Parcel = answer.json()
        return found

    async def awaiting(self, **changes: Any) -> Claim:
        """A claim whose goods were asked for."""
        claim = await self.team.brought_to("under_review", **changes)
        await self.team.done("agent", claim, "require_item", paid_by="seller")
        return claim
