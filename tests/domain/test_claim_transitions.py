"""The rows of the table agree with the prose they were written from, cell by cell."""

from itertools import product
from pathlib import Path

import pytest
from stories import IN_STATUS, NOW

from claims_api.domain.transitions import ROWS, STATUS_AFTER, STATUSES, allowed_transitions, diagram, verdict
from claims_api.domain.vocabulary import ENDED, ActorKind, Status, Transition

ROLES = [
    ActorKind.CUSTOMER,
    ActorKind.AGENT,
    ActorKind.SUPERVISOR,
    ActorKind.PARTNER,
    ActorKind.SYSTEM,
    ActorKind.ADMIN,
]
MEANING = {"yes": None, "-": "transition-not-allowed", "role": "role-not-allowed"}
TYPED = [
    line.split()
    for line in (Path(__file__).parent / "verdicts.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
CELLS = [
    pytest.param(status, Transition(transition), role, MEANING.get(cell, cell), id=f"{status}-{transition}-{role}")
    for status, transition, *cells in TYPED
    for role, cell in zip(ROLES, cells, strict=True)
]


@pytest.mark.parametrize(("status", "transition", "role", "expected"), CELLS)
def test_the_verdict_is_the_one_the_prose_gives(
    status: str, transition: Transition, role: ActorKind, expected: str | None
) -> None:
    claim = None if status == "nothing" else IN_STATUS[Status(status)]().claim

    refusal = verdict(claim, transition, role, NOW)

    assert (refusal.code if refusal else None) == expected


def test_the_typed_table_has_every_status_with_every_transition_once() -> None:
    typed = [(row[0], row[1]) for row in TYPED]

    assert sorted(typed) == sorted(product(["nothing", *Status], Transition))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("status", Status)
def test_allowed_transitions_are_the_cells_this_role_may_do_or_is_kept_from_by_a_guard(
    status: Status, role: ActorKind
) -> None:
    typed = {row[1]: row[2 + ROLES.index(role)] for row in TYPED if row[0] == status}
    expected = {name: MEANING.get(cell, cell) for name, cell in typed.items() if cell not in ("-", "role")}

    allowed = allowed_transitions(IN_STATUS[status]().claim, role, NOW)

    assert {str(each.transition): each.blocked_by for each in allowed} == expected


@pytest.mark.parametrize("status", Status)
def test_a_story_told_by_commands_reaches_every_status(status: Status) -> None:
    assert IN_STATUS[status]().claim.status is status


def test_the_statuses_of_the_check_are_all_statuses() -> None:
    assert set(STATUSES) == set(Status)


def test_an_event_leads_to_one_status_only() -> None:
    assert len({row.event for row in ROWS}) == len(ROWS)
    assert {STATUS_AFTER.get(row.event) for row in ROWS} == {row.target for row in ROWS}


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_way_to_an_ended_one(status: Status) -> None:
    reached = {status}
    for _ in Status:
        reached |= {row.target for row in ROWS if row.target and reached & set(row.sources)}

    assert reached & ENDED


def test_every_status_can_be_left() -> None:
    left = {source for row in ROWS for source in row.sources if row.target and row.target is not source}

    assert set(Status) <= left


def test_the_diagram_draws_each_row_from_each_source() -> None:
    drawn = diagram().splitlines()

    assert drawn[0] == "stateDiagram-v2"
    assert "    [*] --> draft: draft" in drawn
    assert "    [*] --> submitted: submit" in drawn
    assert "    submitted --> in_remedy: accept_withdrawal" in drawn
    assert "    under_review --> in_remedy: accept_withdrawal" in drawn
    assert "    under_review --> awaiting_item: require_item" in drawn
    assert "    awaiting_item --> under_inspection: receive_item" in drawn
    assert "    under_inspection --> under_review: report_item_lost" in drawn
    assert "    rejected --> closed: close" in drawn
    assert "    cancelled --> under_review: reopen" in drawn
    assert "    closed --> [*]" in drawn
    assert len(drawn) == len(set(drawn)) == 1 + 31 + 3


def test_the_diagram_leaves_out_what_changes_no_status() -> None:
    assert not any(word in diagram() for word in ("hold", "release", "assign", "note", "draft --> draft"))
