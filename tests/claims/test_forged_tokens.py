"""N20: of a tracking token every part is signed, so a real one is of no use for anything but its own claim."""

import pytest

from claims_api.kit import ids
from tests.conftest import client_of
from tests.support.claims import Claim, Team
from tests.support.problems import refused


def parts_of(claim: Claim) -> tuple[str, str]:
    """What a claim's token names, and the signature on it."""
    _, names, mac = claim["tracking"]["token"].split("_", 2)
    return names, mac


async def refuses(team: Team, token: str) -> None:
    async with client_of(team.tenant.app, {"Authorization": f"Bearer {token}"}) as phone:
        refused(await phone.get("/v1/track"), 401, "unauthenticated")


async def test_the_signature_of_one_claim_is_none_of_another_even_of_the_same_tenant(team: Team) -> None:
    mine, neighbours = await team.file(), await team.file()
    for claim in (mine, neighbours):
        assert (await (await team.customer(claim)).get("/v1/track")).status_code == 200
    await refuses(team, f"trk_{parts_of(neighbours)[0]}_{parts_of(mine)[1]}")


@pytest.mark.parametrize("is_known", [True, False])
async def test_the_signature_under_one_tenant_is_none_under_another(
    team: Team, other_team: Team, is_known: bool
) -> None:
    mine = await team.file()
    if is_known:  # its epoch is remembered then, by the claim
        assert (await (await team.customer(mine)).get("/v1/track")).status_code == 200
    claim_id = ids.decode("clm", mine["id"])
    assert claim_id is not None
    await refuses(team, f"trk_{ids.encode_pair(other_team.tenant.id, claim_id)}_{parts_of(mine)[1]}")
