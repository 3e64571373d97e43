"""Whatever the service writes holds: claims of every kind, before and after the relay, and while others write."""

from claims_api.kit.database import Database
from claims_api.verify.actions.run import verify
from tests.support.claims import Team
from tests.support.feeds import empty_outbox
from tests.support.verifying import found_in, of_every_kind, told


async def test_claims_of_every_kind_hold_before_and_after_their_events_reached_the_feed(
    owner: Database, worker: Database, team: Team
) -> None:
    claims = await of_every_kind(team)

    waiting = await verify(owner, team.tenant.id, told)
    moved = await empty_outbox(worker, team.tenant.id)
    placed = await verify(owner, team.tenant.id, told)

    assert (found_in(waiting), found_in(placed)) == ({}, {})
    assert (waiting.tenants, waiting.claims, waiting.events) == (1, len(claims) + 1, moved)
