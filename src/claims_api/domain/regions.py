"""The tree of regions: blocs, countries (ISO 3166-1), subdivisions (ISO 3166-2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class RegionKind(StrEnum):
    """What a code stands for. A bloc is no place to claim in."""

    BLOC = "bloc"
    COUNTRY = "country"
    SUBDIVISION = "subdivision"


@dataclass(frozen=True, slots=True)
class Region:
    """A node of the tree. `holidays` is its own holiday table, where one is published.

    `same_as` is the country code of the same place, where ISO 3166-1 lists a subdivision as a country too: such a place
    follows its own law, never that of the country it is a part of.
    """

    code: str
    name: str
    kind: RegionKind
    parent: str | None
    holidays: str | None = None
    same_as: str | None = None
    has_subdivisions: bool = False

    @property
    def country(self) -> str | None:
        """The ISO 3166-1 code it belongs to; None for a bloc."""
        return None if self.kind is RegionKind.BLOC else self.code.partition("-")[0]


def path_of(regions: Mapping[str, Region], code: str) -> tuple[str, ...]:
    """The region and its ancestors whose law reaches it, nearest first.

    Raises: KeyError for a code that is no region.
    """
    path: list[str] = []
    next_code: str | None = code
    while next_code is not None:
        region = regions[next_code]
        path.append(next_code)
        next_code = region.same_as or region.parent
    return tuple(path)
