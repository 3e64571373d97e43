"""The refusals of claims. Guards' codes come from the domain; here they get their words and their way out."""

from claims_api.kit.problems import Problem
from claims_api.policies.actions.resolve import UnknownRegion


class UnknownRegionSent(UnknownRegion):
    """The code is no region here: neither a country, nor one of its subdivisions, nor a bloc. Codes are upper case."""

    status = 422


class ExternalRefTaken(Problem):
    """Another claim of yours has this `external_ref`; `existing` names it."""

    code, title, status = "external-ref-taken", "A claim with this external_ref exists already.", 409
    way_out = "Read the claim in `existing`; to file another one, send another external_ref."


class ActorRequired(Problem):
    """Staff and partners act in person: a write by their keys names the person."""

    code, title, status = "actor-required", "The person who acts is not named.", 422
    way_out = "Send `Claims-Actor: <your reference of the person>`."


class TransitionNotAllowed(Problem):
    """From its present status the claim has no such step; `allowed_transitions` lists those it has for you."""

    code, title, status = "transition-not-allowed", "The claim cannot take this step from where it is.", 409
    way_out = "Take one of `allowed_transitions`; after a refusal the way is an appeal, until `appeal_until`."


class RoleNotAllowed(Problem):
    """The step exists, but not for this role; `allowed_transitions` lists those you may take."""

    code, title, status = "role-not-allowed", "This role may not take this step.", 403
    way_out = "Ask somebody whose role may, or take one of `allowed_transitions`."


class GuardRefused(Problem):
    """Something stands in the way of the step; the table below says what."""

    status = 409


GUARDS = {
    "draft-incomplete": ("Something required is missing.", "Add what `missing` points at, then submit."),
    "withdrawal-rests": (
        "A withdrawal is a declaration; nothing about it is approved.",
        "Use `accept_withdrawal`.",
    ),
    "grounds-mixed": (
        "A withdrawal and another ground are in one claim; they are decided by different rules.",
        "Take the claim back and file each ground as a claim of its own; `withdrawals` are the lines of the one.",
    ),
    "no-withdrawal": ("No withdrawal was declared.", "Use `approve` or `reject`."),
    "needs-a-person": ("Software accepts only a withdrawal that is surely owed.", "Let a person decide."),
    "withdrawal-in-time": (
        "It is not sure that the withdrawal came too late.",
        "Accept it; it came too late only after `last_day`, and where nothing of it is `assumed`.",
    ),
    "goods-not-with-customer": (
        "The goods of `positions` are not with the customer, nor accounted for.",
        "Register the shipment that brings them back, or record that the customer gets something else for them.",
    ),
    "item-not-arrived": ("No parcel with the goods has arrived.", "Wait for it, or record the receipt of the parcel."),
    "item-in-part": (
        "Not all that was asked for has come.",
        "Wait for the goods of `positions`, or send `accept_partial` to go on without them.",
    ),
    "receipt-missing": ("Nobody has recorded what was in the parcel.", "Record the receipt of the shipment first."),
    "return-cost-not-theirs": (
        "Law or standard do not let the customer pay for the way of the goods of `position`.",
        "Send `paid_by: seller`.",
    ),
    "no-such-line": ("The claim has no such line, or it is named twice.", "Name each of the claim's lines once."),
    "too-many-legs": ("The claim has as many shipments as it can have.", "Look at those it has."),
    "leg-not-inbound": (
        "What a customer receives is not recorded here.",
        "Record receipts of inbound shipments.",
    ),
    "window-open": ("The customer's window still runs.", "Wait until `until`."),
    "reason-not-allowed": ("This reason is not one you can give here.", "Give another reason."),
    "remedies-open": ("A remedy is still owed.", "Resolve when every remedy has ended; a person may say it has."),
    "never-submitted": ("It was a draft and never filed.", "File a new claim."),
    "appeal-instead": ("Every line was refused; reopening is not the way.", "Appeal until `appeal_until`."),
    "reopen-window-over": ("The time to reopen is over.", "File a new claim; it may name this one."),
    "hold-not-open": ("No such hold is open.", "Read the claim's `holds`."),
    "hold-already-open": ("A hold of this kind is open already.", "Release it first, or leave it."),
    "hold-fraud": ("A fraud check holds the claim.", "Release the hold when it is cleared up."),
    "hold-duplicate": ("The claim may repeat another one.", "Compare with `duplicate_of`, then release the hold."),
    "hold-chargeback": ("A chargeback holds money back.", "Release the hold when the chargeback is settled."),
    "hold-sanctions": ("A sanctions check holds money and goods back.", "Release the hold when it is cleared up."),
    "hold-legal": ("A legal hold keeps the claim open.", "Release the hold when counsel agrees."),
    "under-check": ("The claim is being checked.", "Wait; nothing is needed from you."),
    "remedy-not-asked": (
        "The customer did not ask for this remedy, and the choice is theirs.",
        "Name the remedy asked for, or record the customer's `consent`.",
    ),
    "consent-required": ("This remedy needs the customer's consent.", "Record the `consent`."),
    "remedy-required": ("A covered line needs a remedy.", "Name the `remedy`."),
    "refusal-required": ("A refused line needs its reasons.", "Send the `refusal`."),
    "outcome-contradictory": ("A line is either covered or refused.", "Send a remedy or a refusal, not both."),
    "decision-not-allowed": ("This decision cannot be taken here.", "Take another decision."),
    "each-line-once": ("Every line is decided, each once.", "Name each of the claim's lines once."),
    "nothing-covered": ("No line is covered.", "Use `reject` when every line is refused."),
    "amount-required": ("The amount is not known.", "Send the `amount`."),
    "amount-unexpected": ("This remedy has no amount.", "Leave `amount` out."),
    "amount-not-positive": ("The amount must be more than zero.", "Send a positive `amount`."),
    "amount-above-ceiling": ("More than was paid for the line cannot be given back.", "Send at most `left`."),
    "currency-mismatch": ("Amounts are never converted.", "Use the currency the line was paid in."),
    "nothing-left-to-refund": (
        "All that was paid for the line has gone back already.",
        "Refuse the line as `already_settled`.",
    ),
    "system-not-exact": ("Software approves only exactly what was asked.", "Let a person decide."),
}
"""Code -> what it means, the way out."""

BY_CODE: dict[str, type[Problem]] = {
    code: type(
        "".join(word.capitalize() for word in code.split("-")),
        (GuardRefused,),
        {"__doc__": title, "__module__": __name__, "code": code, "title": title, "way_out": way_out},
    )
    for code, (title, way_out) in GUARDS.items()
} | {kind.code: kind for kind in (ActorRequired, TransitionNotAllowed, RoleNotAllowed)}
