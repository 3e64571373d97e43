"""N30: a consent of tomorrow was not given; clocks that differ by a little are no reason to refuse one."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from claims_api.access.scopes import Role
from claims_api.kit import clock
from tests.conftest import Tenant
from tests.support.problems import refused

SUBMISSION = {
    "region": "DE-BY",
    "customer": {"ref": "c-77"},
    "lines": [{"sku": "KTL-2", "issue": {"code": "does_not_switch_on"}, "requested_remedy": "repair"}],
}
NOW = datetime.fromisoformat("2026-11-22T12:00:00+00:00")


async def approve(tenant: Tenant, at: datetime) -> httpx.Response:
    """An approval that rests on a consent given at this instant."""
    async with await tenant.client(Role.STOREFRONT) as shop, await tenant.client(Role.AGENT) as agent:
        steps = f"/v1/claims/{(await shop.post('/v1/claims', json=SUBMISSION)).json()['id']}/transitions"
        assert (await agent.post(steps, json={"transition": "start_review"})).status_code == 200
        consent = {"via": "phone", "at": at.isoformat(), "locale": "de-DE"}
        line: dict[str, Any] = {"position": 1, "decision": "covered_statutory", "remedy": "replacement"}
        return await agent.post(steps, json={"transition": "approve", "lines": [line | {"consent": consent}]})


@pytest.mark.parametrize("ahead", [timedelta(minutes=5, seconds=30), timedelta(days=400)])
async def test_a_consent_in_the_future_is_pointed_at(tenant: Tenant, ahead: timedelta) -> None:
    clock.set_to(NOW)

    document = refused(await approve(tenant, NOW + ahead), 422, "invalid-request", "/lines/0/consent/at")

    fault = {"pointer": "/lines/0/consent/at", "code": "in-the-future", "detail": "This instant has not come yet."}
    assert document["errors"] == [fault]


@pytest.mark.parametrize("ahead", [timedelta(minutes=4), timedelta(0), timedelta(days=-30)])
async def test_a_consent_of_now_or_before_stands(tenant: Tenant, ahead: timedelta) -> None:
    clock.set_to(NOW)

    answer = await approve(tenant, NOW + ahead)

    assert (answer.status_code, answer.json()["status"]) == (200, "in_remedy"), answer.text
