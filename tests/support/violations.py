"""What must hold of every database whatever was done to the service: each experiment ends by asking the checker."""

from claims_api.kit import database
from claims_api.verify.actions.run import verify
from tests.conftest import Ground
from tests.support.verifying import found_in, told


async def nothing_is_violated(ground: Ground) -> None:
    """Whatever an experiment did to this ground, all of it holds together: the one place where all of them ask.

    Raises: AssertionError naming what does not hold, and where.
    """
    owner = database.connect(ground.owner_url, ground.settings)
    try:
        report = await verify(owner, None, told)
    finally:
        await owner.close()
    assert report.claims, "nothing was there to be checked"
    assert found_in(report) == {}
