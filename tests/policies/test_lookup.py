"""Regions and the policy lookup over HTTP."""

from datetime import UTC, datetime

import httpx
import pytest

from claims_api.access.scopes import Role
from claims_api.kit import clock
from tests.conftest import Tenant

TAGGED = ["/v1/policies/DE-BY", "/v1/regions/DE-BY", "/v1/regions"]


async def test_the_lookup_answers_by_the_rules_of_today(api: httpx.AsyncClient) -> None:
    clock.set_to(datetime(2026, 11, 22, 9, tzinfo=UTC))

    answer = await api.get("/v1/policies/DE-BY")

    found = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert (found["as_of"], found["path"], found["own_entry"]) == ("2026-11-22", ["DE-BY", "DE", "EU"], False)
    assert found["rules"]["statutory_guarantee_months"]["value"] == 24
    assert found["calendar"]["holidays"] == "DE-BY"


async def test_a_rule_changes_at_midnight_utc(api: httpx.AsyncClient) -> None:
    values = []
    for instant in (datetime(2026, 12, 31, 23, 59, 50, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)):
        clock.set_to(instant)
        values.append((await api.get("/v1/policies/CZ")).json()["rules"]["withdrawal_function"]["value"])
    assert values == [False, True]


@pytest.mark.parametrize("path", [*TAGGED, "/v1/regions?limit=3", "/v1/policies/DE-BY?delivered_on=2026-05-21"])
async def test_who_holds_the_answer_gets_304(api: httpx.AsyncClient, path: str) -> None:
    clock.set_to(datetime(2026, 11, 22, 9, tzinfo=UTC))
    first = await api.get(path)

    again = await api.get(path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})

    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control", "vary"):
        assert again.headers[name] == first.headers[name]
    assert not first.headers["etag"].startswith("W/")


@pytest.mark.parametrize("path", TAGGED)
async def test_an_answer_may_be_kept_by_whoever_asked_and_by_nobody_in_between(
    api: httpx.AsyncClient, path: str
) -> None:
    clock.set_to(datetime(2026, 11, 22, 9, tzinfo=UTC))
    answer = await api.get(path)
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert answer.headers["vary"] == "Authorization"


async def test_nobody_keeps_an_answer_past_the_midnight_that_may_change_the_law(api: httpx.AsyncClient) -> None:
    clock.set_to(datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    said = (await api.get("/v1/policies/CZ")).headers["cache-control"]
    seconds = int(said.removeprefix("private, max-age="))
    assert 30 <= seconds < 60


async def test_an_old_tag_gets_the_whole_answer(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/policies/DE-BY", headers={"If-None-Match": '"old"'})
    assert answer.status_code == 200


@pytest.mark.parametrize("code", ["QQ", "de-by", "DE-XX", "XK", "DE-", "D", "%20", "D" * 300])
@pytest.mark.parametrize("path", ["/v1/policies/", "/v1/regions/"])
async def test_a_code_that_is_no_region_is_404(api: httpx.AsyncClient, path: str, code: str) -> None:
    answer = await api.get(path + code)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-region")


@pytest.mark.parametrize("code", ["EU", "EEA"])
async def test_a_bloc_is_in_the_tree_but_has_no_policy(api: httpx.AsyncClient, code: str) -> None:
    region, policy = await api.get(f"/v1/regions/{code}"), await api.get(f"/v1/policies/{code}")
    assert (region.status_code, region.json()["kind"], region.json()["coverage"]) == (200, "bloc", None)
    assert (policy.status_code, policy.json()["code"]) == (422, "region-is-a-bloc")


@pytest.mark.parametrize("path", ["/v1/policies/DE?paid=1", "/v1/regions?parent=DE", "/v1/regions/DE?as_of=2026-11-22"])
async def test_an_unknown_query_parameter_is_refused(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert answer.json()["errors"][0]["code"] == "unknown-parameter"


async def test_the_tree_can_be_read_to_its_end(api: httpx.AsyncClient) -> None:
    seen: list[str] = []
    path: str | None = "/v1/regions?limit=100"
    while path:
        answer = await api.get(path)
        page = answer.json()
        seen += [region["code"] for region in page["data"]]
        path = answer.links["next"]["url"] if "next" in answer.links else None
        assert (path is None) is (page["next_cursor"] is None)
    assert seen == sorted(set(seen))
    assert len([code for code in seen if len(code) == 2]) == 249 + 1  # EU has two letters too


async def test_a_page_has_twenty_regions_unless_told(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/regions")
    assert len(answer.json()["data"]) == 20
    assert answer.links["next"]["url"].startswith("http://claims.test/v1/regions?cursor=")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=AAAA", "cursor=%F0%9F%98%80", "offset=1"])
async def test_a_bad_page_is_refused(api: httpx.AsyncClient, query: str) -> None:
    answer = await api.get(f"/v1/regions?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


async def test_a_cursor_of_another_tenant_is_none_of_ours(api: httpx.AsyncClient, other_tenant: Tenant) -> None:
    cursor = (await api.get("/v1/regions?limit=1")).json()["next_cursor"]
    async with await other_tenant.client(Role.STOREFRONT) as other:
        answer = await other.get(f"/v1/regions?limit=1&cursor={cursor}")
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/v1/policies/DE", "/v1/regions", "/v1/regions/DE"])
async def test_the_scope_is_needed(tenant: Tenant, anonymous: httpx.AsyncClient, path: str) -> None:
    assert (await anonymous.get(path)).status_code == 401
    async with await tenant.client(Role.PARTNER) as partner:
        answer = await partner.get(path)
    assert (answer.status_code, answer.json()["required_scope"]) == (403, "policies:read")


async def test_a_missing_scope_is_said_before_whether_the_region_exists(tenant: Tenant) -> None:
    async with await tenant.client(Role.PARTNER) as partner:
        assert (await partner.get("/v1/policies/QQ")).status_code == 403
