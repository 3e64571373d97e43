"""All that is checked, in the order in which it is told."""

from claims_api.verify.actions import (
    answers,
    decisions,
    feed,
    history,
    parcels,
    pins,
    reading,
    references,
    replay,
    standing,
)

FAMILIES = (
    reading.FAMILY,
    history.FAMILY,
    feed.FAMILY,
    answers.FAMILY,
    references.FAMILY,
    decisions.FAMILY,
    standing.FAMILY,
    parcels.FAMILY,
    pins.FAMILY,
    replay.FAMILY,
)
OF_CLAIM = tuple(judge for family in FAMILIES for judge in family.of_claim)
OF_ROWS = tuple(rows for family in FAMILIES for rows in family.of_rows)
KINDS = tuple(kind for family in FAMILIES for kind in family.kinds)
