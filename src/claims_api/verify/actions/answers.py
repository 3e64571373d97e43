"""The answers kept for retries: each is whole, is about something that exists, and made it once."""

from claims_api.claims.tables import claims
from claims_api.verify.actions.findings import Family, Kind, OfRows
from claims_api.verify.queries import misplaced

EFFECTS = (claims,)
"""Where that what an answer is about can be found, by its `id`."""

NO_EFFECT = Kind("answer-without-effect", "An answer is kept about something that does not exist.")
FILED_TWICE = Kind("filed-twice", "Two keys hold the answer that made the same claim.")
IN_HALF = Kind("answer-in-half", "A kept answer has a status without a body, or a body without a status.")

FAMILY = Family(
    "the answers kept for retries: whole, about something that exists, made once",
    (NO_EFFECT, FILED_TWICE, IN_HALF),
    of_rows=(
        OfRows(NO_EFFECT, misplaced.about_nothing(EFFECTS)),
        OfRows(FILED_TWICE, misplaced.FILED_TWICE),
        OfRows(IN_HALF, misplaced.ANSWERED_IN_HALF),
    ),
)
