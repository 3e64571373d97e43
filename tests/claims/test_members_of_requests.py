"""N21 to the last object: whatever is sent, none of its objects takes a member that is the server's."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.support.claims import CONSENT, REFUSAL, STEPS, Claim, Team, kettle, line
from tests.support.problems import refused

EUR = {"amount": "4.90", "currency": "EUR"}
FULL = kettle(
    external_ref="R",
    customer={"ref": "c-77", "kind": "consumer", "name": "Greta"},
    order={"ref": "O", "purchased_on": "2026-03-02", "shipping_paid": EUR},
    lines=[line(prior_repairs=[{"by": "seller"}], issue={"code": "leak", "description": "It drips."})],
)
COVERED: Claim = {"position": 1, "decision": "goodwill", "remedy": "refund", "amount": EUR, "consent": CONSENT}
REFUSED: Claim = {"position": 2, "decision": "not_covered", "refusal": REFUSAL}
TAKEN = STEPS | {"approve": {"lines": [COVERED, REFUSED]}}
WRITES: dict[str, tuple[str, str, Claim]] = {
    "a filing": ("POST", "", FULL),
    "a new draft": ("POST", "", FULL | {"draft": True}),
    "a draft saved again": ("PUT", "/{id}", FULL),
} | {step: ("POST", "/{id}/transitions", {"transition": step} | TAKEN[step]) for step in TAKEN}
SERVERS = ("id", "tenant_id", "claim_id", "number", "status", "version", "ground", "appeal_until", "created_at")
"""What the server answers or stores, and no object of any request has."""


def objects(body: Any, pointer: str = "") -> Iterator[str]:
    """The JSON pointer of each object in a body."""
    if isinstance(body, dict):
        yield pointer
    pairs = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in pairs:
        yield from objects(value, f"{pointer}/{name}")


def with_member(body: Claim, pointer: str, name: str) -> Claim:
    """The body with one member more in one of its objects."""
    changed = deepcopy(body)
    place: Any = changed
    for step in pointer.split("/")[1:]:
        place = place[int(step) if isinstance(place, list) else step]
    place[name] = "c4n4ry"
    return changed


@pytest.mark.parametrize(("method", "rest", "body"), WRITES.values(), ids=WRITES.keys())
async def test_no_object_of_a_request_takes_what_is_the_servers(
    team: Team, method: str, rest: str, body: Claim
) -> None:
    draft = await team.file(draft=True)
    client, path = await team.of("agent"), "/v1/claims" + rest.format(id=draft["id"])
    for pointer in objects(body):
        for name in SERVERS:
            answer = await client.request(method, path, json=with_member(body, pointer, name))
            refused(answer, 422, "invalid-request", f"{pointer}/{name}")
            assert "c4n4ry" not in answer.text
    assert [claim["version"] for claim in (await client.get("/v1/claims")).json()["data"]] == [1]
