"""The closed lists of words a claim is described with; every value is public contract: never renamed, only added."""

from enum import StrEnum


class Status(StrEnum):
    """Where the work on a claim stands; changed by transitions only."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    AWAITING_ITEM = "awaiting_item"
    UNDER_INSPECTION = "under_inspection"
    IN_REMEDY = "in_remedy"
    RESOLVED = "resolved"
    REJECTED = "rejected"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


ENDED = frozenset({Status.CLOSED, Status.WITHDRAWN, Status.CANCELLED})
"""The work is over, though it can be reopened; `rejected` and `resolved` still wait for their windows."""


class Transition(StrEnum):
    """What can be done to a claim."""

    DRAFT = "draft"
    SUBMIT = "submit"
    START_REVIEW = "start_review"
    REQUIRE_ITEM = "require_item"
    RECEIVE_ITEM = "receive_item"
    REPORT_ITEM_LOST = "report_item_lost"
    WAIVE_ITEM = "waive_item"
    RECORD_FINDINGS = "record_findings"
    ACCEPT_WITHDRAWAL = "accept_withdrawal"
    APPROVE = "approve"
    REJECT = "reject"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    HOLD = "hold"
    RELEASE = "release"
    ASSIGN = "assign"
    NOTE = "note"


class ActorKind(StrEnum):
    """Who acts; an `admin` acts on the tenant's own settings and on no claim."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    PARTNER = "partner"
    SYSTEM = "system"
    ADMIN = "admin"


class Ground(StrEnum):
    """Three grounds, three logics: burden of proof and remedy order belong to `defect` only."""

    DEFECT = "defect"
    WITHDRAWAL = "withdrawal"
    DELIVERY = "delivery"


class LineDecision(StrEnum):
    """What was decided about a line, or (the best of them) about the claim."""

    PENDING = "pending"
    COVERED_STATUTORY = "covered_statutory"
    COVERED_WARRANTY = "covered_warranty"
    WITHDRAWAL_ACCEPTED = "withdrawal_accepted"
    GOODWILL = "goodwill"
    NOT_COVERED = "not_covered"


class Appeal(StrEnum):
    """Whether a refusal is being looked at again by somebody else; nobody can file an appeal yet."""

    NONE = "none"
    FILED = "filed"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    PARTIALLY_OVERTURNED = "partially_overturned"
    WITHDRAWN = "withdrawn"


class HoldKind(StrEnum):
    """Why a claim, or a part of what may happen to it, stands still."""

    FRAUD = "fraud"
    DUPLICATE = "duplicate"
    CHARGEBACK = "chargeback"
    SANCTIONS = "sanctions"
    LEGAL = "legal"
    RECALL = "recall"
    PARTNER_OUTAGE = "partner_outage"
    PRIVACY_REQUEST = "privacy_request"


class RemedyKind(StrEnum):
    """What a customer can be given."""

    REPAIR = "repair"
    REPLACEMENT = "replacement"
    RESHIPMENT = "reshipment"
    PARTS = "parts"
    REFUND = "refund"
    PRICE_REDUCTION = "price_reduction"
    REIMBURSEMENT = "reimbursement"
    STORE_CREDIT = "store_credit"
    FIELD_SERVICE = "field_service"
    GUIDANCE = "guidance"


class RemedyState(StrEnum):
    """How far a promised remedy has come."""

    ACCEPTED = "accepted"
    COMPLETED = "completed"


class StartsWhen(StrEnum):
    """What a remedy waits for: nothing, the customer's goods on their way, or the goods with us."""

    NOW = "now"
    DISPATCHED = "dispatched"
    RECEIVED = "received"


class SalesChannel(StrEnum):
    """How the contract was made; the right to withdraw hangs on it."""

    DISTANCE = "distance"
    IN_STORE = "in_store"
    OFF_PREMISES = "off_premises"


class RefusalReason(StrEnum):
    """Why a line is refused."""

    OUT_OF_PERIOD = "out_of_period"
    NOT_A_DEFECT = "not_a_defect"
    WEAR_AND_TEAR = "wear_and_tear"
    MISUSE = "misuse"
    THIRD_PARTY_DAMAGE = "third_party_damage"
    EXCLUDED_BY_TERMS = "excluded_by_terms"
    NOT_OUR_SALE = "not_our_sale"
    PROOF_MISSING = "proof_missing"
    ALREADY_SETTLED = "already_settled"
    OTHER = "other"


class CancelReason(StrEnum):
    """Why a claim is taken off the desk without a decision."""

    DRAFT_ABANDONED = "draft_abandoned"
    FILED_IN_ERROR = "filed_in_error"
    TEST = "test"


class ConsentVia(StrEnum):
    """How the customer agreed."""

    TOKEN = "token"  # noqa: S105 - the word, no secret
    STOREFRONT = "storefront"
    PHONE = "phone"


class Awaiting(StrEnum):
    """Whose turn it is."""

    NONE = "none"
    CUSTOMER = "customer"
    MERCHANT = "merchant"
    PARTNER = "partner"
    CARRIER = "carrier"
    INSPECTOR = "inspector"
    SUPPLIER = "supplier"
    AUTHORITY = "authority"


class Stage(StrEnum):
    """Where a claim stands, in the customer's words."""

    RECEIVED = "received"
    REVIEWING = "reviewing"
    YOUR_TURN = "your_turn"
    FIXING = "fixing"
    DONE = "done"
    DECLINED = "declined"


class GoodsWith(StrEnum):
    """Who has the goods."""

    CUSTOMER = "customer"
    CARRIER = "carrier"
    US = "us"
    NOBODY = "nobody"


_GROUNDS = {
    "changed_mind": Ground.WITHDRAWAL,
    "damaged_in_transit": Ground.DELIVERY,
    "lost_in_transit": Ground.DELIVERY,
    "wrong_item": Ground.DELIVERY,
    "missing_parts": Ground.DELIVERY,
}


def ground_of(issue_code: str | None) -> Ground:
    """The ground an issue stands on; every other code, a tenant's own `x_...` too, is a defect."""
    return _GROUNDS.get(issue_code or "", Ground.DEFECT)
