"""What the experiments on trust share."""

from collections.abc import Iterator

import pytest

from tests.conftest import Ground, lay_ground
from tests.support.restarts import Restarts, restartable_postgres


@pytest.fixture
def restarts() -> Iterator[Restarts]:
    with restartable_postgres() as made:
        yield made


@pytest.fixture
def own_ground(restarts: Restarts) -> Ground:
    """A fresh database on the server that may be stopped."""
    return lay_ground(restarts.held[0], restarts.home)
