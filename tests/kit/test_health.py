"""The pages for people who met a problem, and the routes of operators."""

import httpx
import pytest

from claims_api.access.scopes import Role
from tests.conftest import Tenant
from tests.support.problems import refused


async def test_a_problem_page_names_every_status_its_code_comes_with(tenant: Tenant) -> None:
    async with await tenant.client(Role.STOREFRONT) as shop:
        of_path = refused(await shop.get("/v1/policies/XX"), 404, "unknown-region")
        of_body = (await shop.post("/v1/claims", json={"region": "XX", "draft": True})).json()
        page = (await shop.get(str(of_path["type"]))).json()
        other = (await shop.get("/problems/not-found")).json()

    assert (of_body["code"], of_body["type"]) == ("unknown-region", of_path["type"])
    assert (page["status"], page["statuses"]) == (404, [of_path["status"], of_body["status"]]) == (404, [404, 422])
    assert other["statuses"] == [404]


@pytest.mark.parametrize("code", ["not-found", "nothing-of-ours"])
async def test_a_problem_page_refuses_a_parameter_it_does_not_know(anonymous: httpx.AsyncClient, code: str) -> None:
    refused(await anonymous.get(f"/problems/{code}?verbose=1"), 422, "invalid-request", "query:?")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"])
async def test_a_probe_may_add_what_keeps_caches_away(anonymous: httpx.AsyncClient, path: str) -> None:
    assert (await anonymous.get(f"{path}?_=1764000000")).status_code == 200
