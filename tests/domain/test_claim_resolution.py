"""A claim is resolved when nothing is owed any more."""

from dataclasses import replace

from stories import AGENT, KETTLE, NOW, SYSTEM, TOASTER, covered, in_remedy, under_review

from claims_api.domain.commands import Approve, Resolve
from claims_api.domain.transitions import verdict
from claims_api.domain.vocabulary import ActorKind, RemedyState, Transition


def test_resolving_completes_what_is_owed_before_it_resolves() -> None:
    story = under_review(KETTLE, TOASTER).then(Approve(AGENT, (covered(KETTLE), covered(TOASTER))))

    events = story.then(Resolve(AGENT)).events[-3:]

    assert [event.type for event in events] == ["remedy.completed", "remedy.completed", "claim.resolved"]


def test_software_does_not_resolve_while_a_remedy_is_owed() -> None:
    assert in_remedy().refusal(Resolve(SYSTEM)).code == "remedies-open"


def test_software_resolves_once_every_remedy_has_ended() -> None:
    claim = in_remedy().claim
    ended = tuple(replace(remedy, state=RemedyState.COMPLETED) for remedy in claim.remedies)

    assert verdict(replace(claim, remedies=ended), Transition.RESOLVE, ActorKind.SYSTEM, NOW) is None
