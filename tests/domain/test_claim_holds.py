"""What a hold blocks, what it leaves alone, and who learns of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from stories import (
    AGENT,
    IN_STATUS,
    KETTLE,
    NOW,
    SUPERVISOR,
    SYSTEM,
    WORDS,
    Story,
    held,
    in_remedy,
    resolved,
    submitted,
    under_review,
)

from claims_api.domain.claim import Claim
from claims_api.domain.commands import (
    OpenHold,
    ReleaseHold,
)
from claims_api.domain.holds import HOLD_RULES, hold_refusal
from claims_api.domain.transitions import allowed_transitions, verdict
from claims_api.domain.vocabulary import (
    ENDED,
    ActorKind,
    HoldKind,
    RemedyKind,
    Status,
    Transition,
)


def blocked(claim: Claim, transition: Transition, by: ActorKind) -> str | None:
    refusal = verdict(claim, transition, by, NOW)
    return refusal.code if refusal else None


BLOCKS = [
    # kind, transition it blocks, claim, by whom
    (HoldKind.FRAUD, Transition.APPROVE, under_review, ActorKind.AGENT),
    (HoldKind.DUPLICATE, Transition.APPROVE, under_review, ActorKind.AGENT),
    (HoldKind.CHARGEBACK, Transition.RESOLVE, in_remedy, ActorKind.AGENT),
    (HoldKind.SANCTIONS, Transition.RESOLVE, in_remedy, ActorKind.SUPERVISOR),
    (HoldKind.LEGAL, Transition.CLOSE, resolved, ActorKind.CUSTOMER),
]


@pytest.mark.parametrize(("kind", "transition", "begin", "by"), BLOCKS)
def test_a_hold_blocks_until_it_is_released(
    kind: HoldKind, transition: Transition, begin: Callable[[], Story], by: ActorKind
) -> None:
    story = held(begin(), kind)

    assert blocked(story.claim, transition, by) == f"hold-{kind}"
    assert blocked(story.then(ReleaseHold(AGENT, f"hld_{kind}", WORDS)).claim, transition, by) is None


@pytest.mark.parametrize("kind", HoldKind)
@pytest.mark.parametrize("status", [status for status in Status if status not in ENDED])
def test_a_hold_blocks_nothing_but_its_own_transition(kind: HoldKind, status: Status) -> None:
    claim = IN_STATUS[status]().claim
    own = {transition for blocks, transition, _, _ in BLOCKS if blocks is kind} | {Transition.RELEASE}

    before = {each for each in allowed_transitions(claim, ActorKind.AGENT, NOW) if each.transition not in own}
    after = set(allowed_transitions(held(IN_STATUS[status](), kind).claim, ActorKind.AGENT, NOW))

    assert before <= after


@pytest.mark.parametrize(
    ("kind", "remedy", "expected"),
    [
        (HoldKind.CHARGEBACK, RemedyKind.REFUND, "hold-chargeback"),
        (HoldKind.CHARGEBACK, RemedyKind.REPAIR, None),
        (HoldKind.SANCTIONS, RemedyKind.REFUND, "hold-sanctions"),
        (HoldKind.SANCTIONS, RemedyKind.REPLACEMENT, "hold-sanctions"),
        (HoldKind.SANCTIONS, RemedyKind.GUIDANCE, None),
    ],
)
def test_money_and_goods_are_held_back_only_where_they_would_go_out(
    kind: HoldKind, remedy: RemedyKind, expected: str | None
) -> None:
    story = held(in_remedy(replace(KETTLE, requested_remedy=remedy)), kind)

    assert blocked(story.claim, Transition.RESOLVE, ActorKind.AGENT) == expected


@pytest.mark.parametrize("kind", HoldKind)
@pytest.mark.parametrize("by", ActorKind)
def test_outsiders_learn_that_a_claim_is_under_check_but_not_why(kind: HoldKind, by: ActorKind) -> None:
    is_secret = kind in (HoldKind.FRAUD, HoldKind.SANCTIONS) and by in (ActorKind.CUSTOMER, ActorKind.PARTNER)

    code = hold_refusal(kind, by).code

    assert code == ("under-check" if is_secret else f"hold-{kind}".replace("_", "-"))


def test_every_kind_of_hold_has_its_rule() -> None:
    assert list(HOLD_RULES) == list(HoldKind)


def test_a_second_open_hold_of_a_kind_is_refused_and_one_of_another_kind_is_not() -> None:
    story = held(submitted(), HoldKind.LEGAL)

    assert story.refusal(OpenHold(AGENT, "hld_2", HoldKind.LEGAL, WORDS)).code == "hold-already-open"
    assert len(held(story, HoldKind.FRAUD).claim.open_holds) == 2


def test_a_released_hold_can_be_opened_again() -> None:
    story = held(submitted(), HoldKind.LEGAL).then(ReleaseHold(SUPERVISOR, "hld_legal", WORDS))

    story = story.then(OpenHold(SYSTEM, "hld_2", HoldKind.LEGAL, WORDS))

    assert [hold.is_open for hold in story.claim.holds] == [False, True]


def test_an_unknown_or_released_hold_is_not_released() -> None:
    story = held(held(submitted(), HoldKind.LEGAL), HoldKind.FRAUD).then(ReleaseHold(AGENT, "hld_legal", WORDS))

    assert story.refusal(ReleaseHold(AGENT, "hld_other", WORDS)).code == "hold-not-open"
    assert story.refusal(ReleaseHold(AGENT, "hld_legal", WORDS)).code == "hold-not-open"
