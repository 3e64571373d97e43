"""How a claim begins: a draft saved, a claim submitted."""

from datetime import datetime

from claims_api.domain.answers import Decided, EventDraft, EventType
from claims_api.domain.claim import Claim, Filing
from claims_api.domain.commands import Context, SaveDraft, Submit
from claims_api.domain.guards import incomplete
from claims_api.domain.vocabulary import HoldKind
from claims_api.domain.windows import end_of_window
from claims_api.domain.wire import filing_data, instant_text


def save_draft(command: SaveDraft, context: Context, now: datetime) -> Decided:
    """A draft may lack anything; every save starts its window anew, for somebody is still at it."""
    until = end_of_window(now, context.windows.draft_days, context.zones, calendar=context.calendar)
    return (EventDraft(EventType.DRAFTED, {**filing_data(command.filing), "draft_until": instant_text(until)}),)


def submit(claim: Claim | None, command: Submit, context: Context) -> Decided:
    """The claim is filed; a likely duplicate is held for a person to look at, never turned away."""
    filing = Filing(claim.region, claim.customer_id, claim.lines, claim.shipping_paid) if claim else command.filing
    if refusal := incomplete(filing):
        return refusal
    submitted = EventDraft(EventType.SUBMITTED, filing_data(filing))
    twin = context.likely_duplicate
    has_hold = claim is not None and any(hold.kind is HoldKind.DUPLICATE for hold in claim.open_holds)
    if twin is None or has_hold:
        return (submitted,)
    held = {"hold_id": twin.hold_id, "kind": HoldKind.DUPLICATE.value, "reason": None, "duplicate_of": twin.claim_id}
    return (submitted, EventDraft(EventType.HOLD_OPENED, held))
