"""What a run was asked for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """The command line, checked."""

    seconds: int
    rounds: int
    claims: int | None
    own_client: bool
