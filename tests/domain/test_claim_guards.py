"""Each guard lets the good case through and stops the bad one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from stories import (
    AGENT,
    CONTEXT,
    CUSTOMER,
    FILING,
    IN_14_DAYS,
    IN_30_DAYS,
    IN_STATUS,
    KETTLE,
    NOW,
    SUPERVISOR,
    SYSTEM,
    TOASTER,
    WORDS,
    Story,
    cancelled,
    closed,
    covered,
    drafted,
    held,
    refused,
    rejected,
    resolved,
    submitted,
    under_review,
    withdrawn,
)

from claims_api.domain.answers import Refused
from claims_api.domain.claim import Actor, Filing, Line
from claims_api.domain.commands import (
    Approve,
    Assign,
    Cancel,
    Close,
    LikelyDuplicate,
    Note,
    Reject,
    Reopen,
    Resolve,
    SaveDraft,
    StartReview,
    Submit,
    Withdraw,
)
from claims_api.domain.vocabulary import (
    ActorKind,
    CancelReason,
    HoldKind,
    Status,
)

JUST_BEFORE = timedelta(microseconds=-1)


# --- who asks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ActorKind.AGENT, ActorKind.SUPERVISOR, ActorKind.PARTNER])
def test_staff_without_a_name_decide_nothing(kind: ActorKind) -> None:
    assert submitted().refusal(StartReview(Actor(kind))) == Refused("actor-required")


def test_a_nameless_system_may_act() -> None:
    assert submitted().then(StartReview(SYSTEM)).claim.status is Status.UNDER_REVIEW


def test_no_row_from_here_is_said_before_the_role_is_looked_at() -> None:
    assert drafted().refusal(Approve(CUSTOMER, ())).code == "transition-not-allowed"


def test_the_role_is_looked_at_before_the_guards() -> None:
    story = held(under_review(), HoldKind.FRAUD)

    assert story.refusal(Approve(CUSTOMER, ())).code == "role-not-allowed"


# --- draft and submit ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filing", "missing"),
    [
        (replace(FILING, region=None), ["/region"]),
        (replace(FILING, customer_id=None), ["/customer/ref"]),
        (replace(FILING, lines=()), ["/lines"]),
        (replace(FILING, lines=(replace(KETTLE, issue_code=None),)), ["/lines/0/issue/code"]),
        (replace(FILING, lines=(KETTLE, replace(TOASTER, sku=None))), ["/lines/1/sku"]),
        (Filing(), ["/region", "/customer/ref", "/lines"]),
    ],
)
def test_an_incomplete_draft_is_kept_but_not_submitted(filing: Filing, missing: list[str]) -> None:
    expected = Refused("draft-incomplete", {"missing": missing})

    assert drafted(filing).refusal(Submit(CUSTOMER)) == expected
    assert Story().refusal(Submit(CUSTOMER, filing)) == expected


def test_a_name_does_for_a_sku() -> None:
    line = replace(KETTLE, sku=None, has_name=True)

    assert drafted(replace(FILING, lines=(line,))).then(Submit(CUSTOMER)).claim.status is Status.SUBMITTED


def test_a_draft_is_replaced_by_each_save_and_its_window_begins_anew() -> None:
    later = NOW + timedelta(days=1)
    story = drafted().then(SaveDraft(CUSTOMER, replace(FILING, region="FR")), at=later)

    assert (story.claim.region, story.claim.version) == ("FR", 2)
    assert story.claim.draft_until == IN_30_DAYS + timedelta(days=1)


def test_a_draft_is_submitted_as_it_was_saved() -> None:
    claim = drafted().then(Submit(CUSTOMER)).claim

    assert (claim.lines, claim.submitted_at, claim.draft_until) == (FILING.lines, NOW, None)


@pytest.mark.parametrize("begin", [Story, drafted])
def test_a_likely_duplicate_is_held_not_refused(begin: Callable[[], Story]) -> None:
    context = replace(CONTEXT, likely_duplicate=LikelyDuplicate("clm_0", "hld_1"))

    story = begin().then(Submit(CUSTOMER, FILING), context=context)

    (hold,) = story.claim.open_holds
    assert (hold.kind, hold.duplicate_of, hold.reason) == (HoldKind.DUPLICATE, "clm_0", None)
    assert [event.type for event in story.events[-2:]] == ["claim.submitted", "claim.hold_opened"]


def test_a_draft_held_as_a_duplicate_already_is_held_once() -> None:
    context = replace(CONTEXT, likely_duplicate=LikelyDuplicate("clm_0", "hld_1"))

    story = held(drafted(), HoldKind.DUPLICATE).then(Submit(CUSTOMER), context=context)

    assert len(story.claim.holds) == 1


# --- close --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begin", [resolved, rejected])
def test_the_system_closes_only_after_the_window(begin: Callable[[], Story]) -> None:
    assert begin().refusal(Close(SYSTEM), at=IN_30_DAYS + JUST_BEFORE).code == "window-open"
    assert begin().then(Close(SYSTEM), at=IN_30_DAYS).claim.status is Status.CLOSED


def test_the_system_waits_for_the_appeal_of_a_line_refused_beside_a_covered_one() -> None:
    long_appeal = replace(CONTEXT, windows=replace(CONTEXT.windows, appeal_days=60))
    story = under_review(KETTLE, TOASTER).then(Approve(AGENT, (covered(KETTLE), refused(TOASTER))), context=long_appeal)

    story = story.then(Resolve(AGENT))

    assert story.refusal(Close(SYSTEM), at=IN_30_DAYS + timedelta(days=29)).code == "window-open"
    assert story.then(Close(SYSTEM), at=IN_30_DAYS + timedelta(days=30)).claim.ended_at


@pytest.mark.parametrize("begin", [resolved, rejected])
def test_the_customer_closes_at_once(begin: Callable[[], Story]) -> None:
    assert begin().then(Close(CUSTOMER)).claim.ended_at == NOW


# --- cancel -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SUBMITTED, Status.UNDER_REVIEW, Status.AWAITING_ITEM])
@pytest.mark.parametrize("reason", [CancelReason.FILED_IN_ERROR, CancelReason.TEST])
@pytest.mark.parametrize("actor", [AGENT, SUPERVISOR])
def test_staff_cancel_what_should_not_be_here(status: Status, reason: CancelReason, actor: Actor) -> None:
    assert IN_STATUS[status]().then(Cancel(actor, reason)).claim.ended_at == NOW


def test_staff_do_not_call_a_draft_abandoned() -> None:
    assert drafted().refusal(Cancel(AGENT, CancelReason.DRAFT_ABANDONED)).code == "reason-not-allowed"


def test_the_system_cancels_a_draft_after_its_window_and_for_this_reason_only() -> None:
    abandoned = Cancel(SYSTEM, CancelReason.DRAFT_ABANDONED)

    assert drafted().refusal(abandoned, at=IN_30_DAYS + JUST_BEFORE).code == "window-open"
    assert drafted().refusal(Cancel(SYSTEM, CancelReason.TEST), at=IN_30_DAYS).code == "reason-not-allowed"
    assert drafted().then(abandoned, at=IN_30_DAYS).claim.status is Status.CANCELLED


@pytest.mark.parametrize(
    "status", [Status.SUBMITTED, Status.UNDER_REVIEW, Status.AWAITING_ITEM, Status.UNDER_INSPECTION]
)
def test_the_system_cancels_nothing_that_was_filed(status: Status) -> None:
    story = IN_STATUS[status]()

    assert story.refusal(Cancel(SYSTEM, CancelReason.DRAFT_ABANDONED)).code == "reason-not-allowed"


# --- reopen -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begin", "until"),
    [(resolved, IN_30_DAYS), (closed, IN_30_DAYS), (cancelled, IN_30_DAYS), (withdrawn, IN_14_DAYS)],
)
def test_a_claim_is_reopened_inside_its_window_only(begin: Callable[[], Story], until: datetime) -> None:
    story = begin()
    assert story.claim.reopen_until == until

    reopened = story.then(Reopen(CUSTOMER), at=until + JUST_BEFORE).claim
    too_late = story.refusal(Reopen(CUSTOMER), at=until)

    assert (reopened.status, reopened.ended_at, reopened.reopen_until) == (Status.UNDER_REVIEW, None, None)
    assert too_late.code == "reopen-window-over"


def test_a_reopened_claim_is_decided_anew_and_keeps_what_was_completed() -> None:
    story = under_review(KETTLE, TOASTER).then(Approve(AGENT, (covered(KETTLE), refused(TOASTER))))

    claim = story.then(Resolve(AGENT)).then(Reopen(CUSTOMER, WORDS)).claim

    assert {line.decision for line in claim.lines} == {"pending"}
    assert (claim.appeal_until, claim.decided_by) == (None, None)
    assert [remedy.state for remedy in claim.remedies] == ["completed"]


def test_a_refused_claim_points_to_its_appeal_when_somebody_would_reopen_it() -> None:
    until = {"appeal_until": "2026-12-24T23:00:00.000000Z"}

    assert rejected().refusal(Reopen(CUSTOMER)) == Refused("transition-not-allowed", until)
    refused_and_closed = rejected().then(Close(CUSTOMER))
    assert refused_and_closed.refusal(Reopen(CUSTOMER)) == Refused("appeal-instead", until)
    assert refused_and_closed.claim.reopen_until is None


def test_a_cancelled_draft_is_not_reopened_into_review() -> None:
    story = drafted().then(Cancel(AGENT, CancelReason.TEST))

    assert story.refusal(Reopen(CUSTOMER)) == Refused("never-submitted")
    assert story.claim.reopen_until is None


# --- the desk -----------------------------------------------------------------------------------------------------


def test_a_claim_is_assigned_and_handed_back() -> None:
    story = submitted().then(Assign(AGENT, "bob"))

    assert story.claim.assignee == "bob"
    assert story.then(Assign(SUPERVISOR, None)).claim.assignee is None


def test_a_note_raises_the_version_and_changes_nothing_else() -> None:
    before = submitted().claim

    assert submitted().then(Note(AGENT, WORDS)).claim == replace(before, version=2)


def test_withdrawing_a_claim_ends_it() -> None:
    assert under_review().then(Withdraw(CUSTOMER)).claim.ended_at == NOW


def test_a_line_that_is_no_defect_of_any_known_code_is_one_all_the_same() -> None:
    assert Line(1, issue_code="x_smells").ground == "defect"


def test_a_rejection_must_name_its_lines() -> None:
    assert under_review().refusal(Reject(AGENT, ())) == Refused("each-line-once", {"position": 1})
