"""What can be asked of a claim, as one union over `transition`; each member takes exactly its own arguments."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, ValidationError, WrapValidator
from pydantic_core import InitErrorDetails, PydanticCustomError

from claims_api.claims.schemas.item_transitions import (
    ReceiveItemRequest,
    RecordFindingsRequest,
    ReportItemLostRequest,
    RequireItemRequest,
    WaiveItemRequest,
)
from claims_api.claims.schemas.submission import MAX_LINES
from claims_api.claims.schemas.values import (
    Chosen,
    InstantSent,
    Line100,
    Line200,
    Lines2000,
    Lines5000,
    Locale,
    MoneyInput,
    Position,
    Sent,
    StaffReference,
)
from claims_api.claims.schemas.words import ClauseSource, DecidedAs
from claims_api.domain.vocabulary import CancelReason, ConsentVia, HoldKind, RefusalReason, RemedyKind
from claims_api.kit import clock

CLOCKS_DIFFER = timedelta(minutes=5)


class ClauseInput(Sent):
    """The rule a refusal rests on."""

    source: Chosen[ClauseSource] = Field(description="Whether the law, our standard or the brand's terms say so.")
    reference: Line200 = Field(description="Where it is written, such as a law and its article.")
    text: Lines5000 | None = Field(default=None, description="The words of the clause.")


class RefusalInput(Sent):
    """Why a line is refused; the customer reads all of it."""

    reason: Chosen[RefusalReason] = Field(description="The reason, as a code.")
    clause: ClauseInput = Field(description="The rule the refusal rests on.")
    facts: list[Lines2000] = Field(min_length=1, max_length=20, description="What was found out about this line.")
    would_change: list[Lines2000] = Field(
        min_length=1, max_length=20, description="What would change the decision, such as a proof."
    )


def _has_come(at: datetime) -> datetime:
    """Judged here and not by the domain: a consent of tomorrow is no state of the claim, but a mistake in the body."""
    if at > clock.now() + CLOCKS_DIFFER:
        raise PydanticCustomError("in_the_future", "This instant has not come yet.")
    return at


class ConsentInput(Sent):
    """The customer's agreement to something they did not ask for."""

    via: Chosen[ConsentVia] = Field(description="How the customer agreed.")
    at: Annotated[InstantSent, AfterValidator(_has_come)] = Field(
        description="When the customer agreed; not in the future, but for five minutes of difference between clocks."
    )
    locale: Locale = Field(description="The language in which the customer was asked.")
    text: Lines5000 | None = Field(default=None, description="The words the customer agreed to.")


class OutcomeInput(Sent):
    """What is decided about one line."""

    position: Position = Field(description="Which line this is about.")
    decision: Chosen[DecidedAs] = Field(description="Whether the line is covered, and by what.")
    remedy: Chosen[RemedyKind] | None = Field(default=None, description="What the customer gets; needed when covered.")
    amount: MoneyInput | None = Field(default=None, description="How much money goes with the remedy.")
    consent: ConsentInput | None = Field(default=None, description="The customer's agreement, where one is needed.")
    refusal: RefusalInput | None = Field(default=None, description="Why it is refused; needed when not covered.")


class LineRefusalInput(Sent):
    """One refused line."""

    position: Position = Field(description="Which line this is about.")
    refusal: RefusalInput = Field(description="Why it is refused.")


class SubmitRequest(Sent):
    """Files the draft as it was saved last."""

    transition: Literal["submit"] = Field(description="Files the draft.")


class StartReviewRequest(Sent):
    """Takes the claim into review."""

    transition: Literal["start_review"] = Field(description="Takes the claim into review.")


class AcceptWithdrawalRequest(Sent):
    """Takes the customer's withdrawal from the contract at its word: every line is refunded."""

    transition: Literal["accept_withdrawal"] = Field(description="Refunds every line of a withdrawal.")


class ApproveRequest(Sent):
    """Decides every line, at least one of them for the customer."""

    transition: Literal["approve"] = Field(description="Decides every line, at least one for the customer.")
    lines: list[OutcomeInput] = Field(min_length=1, max_length=MAX_LINES, description="Every line of the claim once.")


class RejectRequest(Sent):
    """Refuses every line, each for its own reason."""

    transition: Literal["reject"] = Field(description="Refuses every line.")
    lines: list[LineRefusalInput] = Field(
        min_length=1, max_length=MAX_LINES, description="Every line of the claim once."
    )


class ResolveRequest(Sent):
    """Completes what was promised."""

    transition: Literal["resolve"] = Field(description="Completes what was promised.")


class CloseRequest(Sent):
    """Ends the work on the claim."""

    transition: Literal["close"] = Field(description="Ends the work on the claim.")


class ReopenRequest(Sent):
    """Takes a settled claim up again."""

    transition: Literal["reopen"] = Field(description="Takes a settled claim up again.")
    reason: Lines2000 | None = Field(default=None, description="Why it is not over.")


class WithdrawRequest(Sent):
    """Takes the claim back, not the purchase."""

    transition: Literal["withdraw"] = Field(description="Takes the claim back.")


class CancelRequest(Sent):
    """Takes the claim off the desk without a decision."""

    transition: Literal["cancel"] = Field(description="Takes the claim off the desk without a decision.")
    reason: Chosen[CancelReason] = Field(description="Why it should not be here.")


class HoldRequest(Sent):
    """Makes the claim wait until something is cleared up."""

    transition: Literal["hold"] = Field(description="Makes the claim wait.")
    kind: Chosen[HoldKind] = Field(description="What has to be cleared up.")
    reason: Lines2000 = Field(description="Why, in words for the staff.")


class ReleaseRequest(Sent):
    """Lets a held claim go on."""

    transition: Literal["release"] = Field(description="Lets a held claim go on.")
    # No form is asked of the id: a malformed one answers like an unknown one.
    hold: Line100 = Field(description="The id of the hold, hld_ and what follows.")
    reason: Lines2000 = Field(description="Why it may go on, in words for the staff.")


class AssignRequest(Sent):
    """Gives the claim to a person, or back to the queue."""

    transition: Literal["assign"] = Field(description="Gives the claim to a person.")
    assignee: StaffReference | None = Field(description="Your own reference of the person; null puts it back.")


class NoteRequest(Sent):
    """Keeps something in mind; only the staff reads it."""

    transition: Literal["note"] = Field(description="Keeps a note for the staff.")
    text: Lines5000 = Field(description="What to remember.")


AnyTransition: TypeAlias = (
    SubmitRequest
    | StartReviewRequest
    | RequireItemRequest
    | ReceiveItemRequest
    | ReportItemLostRequest
    | WaiveItemRequest
    | RecordFindingsRequest
    | AcceptWithdrawalRequest
    | ApproveRequest
    | RejectRequest
    | ResolveRequest
    | CloseRequest
    | ReopenRequest
    | WithdrawRequest
    | CancelRequest
    | HoldRequest
    | ReleaseRequest
    | AssignRequest
    | NoteRequest
)

REQUESTS: dict[str, type[AnyTransition]] = {
    "submit": SubmitRequest,
    "start_review": StartReviewRequest,
    "require_item": RequireItemRequest,
    "receive_item": ReceiveItemRequest,
    "report_item_lost": ReportItemLostRequest,
    "waive_item": WaiveItemRequest,
    "record_findings": RecordFindingsRequest,
    "accept_withdrawal": AcceptWithdrawalRequest,
    "approve": ApproveRequest,
    "reject": RejectRequest,
    "resolve": ResolveRequest,
    "close": CloseRequest,
    "reopen": ReopenRequest,
    "withdraw": WithdrawRequest,
    "cancel": CancelRequest,
    "hold": HoldRequest,
    "release": ReleaseRequest,
    "assign": AssignRequest,
    "note": NoteRequest,
}


def _of_its_name(value: object, _union: object) -> AnyTransition:
    """The member `transition` names.

    Pydantic's own choice would put the name into every pointer and repeat an unknown one in its sentence.
    """
    if not isinstance(value, dict):
        raise PydanticCustomError("model_type", "Send a JSON object.")
    name = value.get("transition")
    if isinstance(name, str) and name in REQUESTS:
        return REQUESTS[name].model_validate(value)
    unknown = PydanticCustomError("transition_unknown", f"Send one of {', '.join(REQUESTS)}.")
    fault = unknown if "transition" in value else "missing"
    found = InitErrorDetails(type=fault, loc=("transition",), input=None)
    raise ValidationError.from_exception_data("TransitionRequest", [found], hide_input=True)


# `Field(discriminator=...)` will not do: FastAPI would take it out and apply it after the validator.
TransitionRequest = Annotated[AnyTransition, Discriminator("transition"), WrapValidator(_of_its_name)]
