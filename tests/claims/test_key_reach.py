"""N3: how far an idempotency key reaches: one path, one day."""

from datetime import timedelta

import pytest

from claims_api.kit import clock
from tests.support.claims import STEPS, Team, kettle, key


async def test_one_key_on_two_claims_is_two_steps(team: Team) -> None:
    agent, headers = await team.of("agent"), {"Idempotency-Key": "the-same"}
    for claim in (await team.file(), await team.file()):
        body = {"transition": "note"} | STEPS["note"]
        answer = await agent.post(f"/v1/claims/{claim['id']}/transitions", json=body, headers=headers)
        assert (answer.status_code, answer.json()["id"], answer.json()["version"]) == (200, claim["id"], 2)
        assert "idempotent-replayed" not in answer.headers


async def test_one_key_on_two_tenants_is_two_claims(team: Team, other_team: Team) -> None:
    headers = key()
    filed = [
        await (await each.of("storefront")).post("/v1/claims", json=kettle(), headers=headers)
        for each in (team, other_team)
    ]
    assert [answer.status_code for answer in filed] == [201, 201]
    assert len({answer.json()["id"] for answer in filed}) == 2


@pytest.mark.parametrize("kind", ["a filing", "a step", "a token"])
async def test_a_retry_is_known_until_the_last_second_of_a_day(team: Team, kind: str) -> None:
    claim, headers = await team.file(), key()
    role, path, body = {
        "a filing": ("storefront", "/v1/claims", kettle()),
        "a step": ("agent", f"/v1/claims/{claim['id']}/transitions", {"transition": "note"} | STEPS["note"]),
        "a token": ("storefront", f"/v1/claims/{claim['id']}/tracking-tokens", None),
    }[kind]
    client = await team.of(role)
    first = await client.post(path, json=body, headers=headers)
    clock.set_to(clock.now() + timedelta(hours=24, seconds=-1))
    again = await client.post(path, json=body, headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    clock.set_to(clock.now() + timedelta(seconds=2))
    anew = await client.post(path, json=body, headers=headers)
    assert (anew.status_code, anew.content == first.content) == (first.status_code, False)
    assert "idempotent-replayed" not in anew.headers
