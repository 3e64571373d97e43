"""Tracking: a token shows its claim as the customer sees it."""

from tests.support.claims import Team


async def test_a_token_shows_its_claim_as_the_customer_sees_it(team: Team) -> None:
    claim = await team.file(external_ref="R", metadata={"a": "b"})
    phone = await team.customer(claim)
    answer = await phone.get("/v1/track")
    assert answer.status_code == 200
    assert answer.json() == await team.read(claim, "customer")
    assert not {"external_ref", "metadata", "assignee", "decided_by", "tracking"} & answer.json().keys()
    assert answer.json()["customer"] == {"kind": "consumer"}
    assert [step["transition"] for step in answer.json()["allowed_transitions"]] == ["withdraw"]


async def test_polling_is_answered_304_until_something_happens(team: Team) -> None:
    claim = await team.file()
    phone = await team.customer(claim)
    etag = (await phone.get("/v1/track")).headers["etag"]
    assert (await phone.get("/v1/track", headers={"If-None-Match": etag})).status_code == 304
    await team.done("agent", claim, "start_review")
    moved = await phone.get("/v1/track", headers={"If-None-Match": etag})
    assert (moved.status_code, moved.json()["stage"]) == (200, "reviewing")
