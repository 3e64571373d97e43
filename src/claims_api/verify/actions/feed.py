"""The way of the events: each waits in the outbox or has one place in the feed, and the feed is complete."""

from claims_api.verify.actions.findings import Family, Kind, OfRows
from claims_api.verify.queries import misplaced

NOWHERE = Kind("event-nowhere", "An event neither waits in the outbox nor stands in the feed: nobody will hear of it.")
TWICE = Kind("event-twice", "An event has more than one place in outbox and feed together.")
GAP = Kind("feed-gap", "A position of the feed does not follow the one before it by one.")
ORDER = Kind("feed-order", "A later event of the same stream came to the feed earlier.")
HEAD = Kind("feed-head", "The tenant's counter is not at the last position of its feed.")
NO_EVENT = Kind("feed-without-event", "The feed names an event that is not in the log.")
NO_CLAIM = Kind("stream-without-claim", "Events of a stream that is neither a claim's nor the tenant's own.")

FAMILY = Family(
    "the feed: every event waits or has one place, positions without gap, in order for each claim",
    (NOWHERE, TWICE, GAP, ORDER, HEAD, NO_EVENT, NO_CLAIM),
    of_rows=(
        OfRows(NOWHERE, misplaced.NOWHERE),
        OfRows(TWICE, misplaced.TWICE),
        OfRows(GAP, misplaced.NOT_THE_NEXT),
        OfRows(ORDER, misplaced.OVERTAKEN),
        OfRows(ORDER, misplaced.LEFT_BEHIND, "it still waits"),
        OfRows(HEAD, misplaced.WRONG_HEAD),
        OfRows(NO_EVENT, misplaced.NO_EVENT),
        OfRows(NO_CLAIM, misplaced.OF_NO_CLAIM),
    ),
)
