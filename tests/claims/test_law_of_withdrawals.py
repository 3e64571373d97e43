"""The law a withdrawal is decided by: read from the pinned policy, with the days off of its place."""

from datetime import UTC, date, datetime

import pytest

from claims_api.access.scopes import Role
from claims_api.claims.actions.context import context_of
from claims_api.claims.actions.withdrawals import law_of, with_law, years_of
from claims_api.domain.claim import Actor, Claim, Line
from claims_api.domain.commands import AcceptWithdrawal, Reject
from claims_api.domain.contract import Facts
from claims_api.domain.policy_law import Span
from claims_api.domain.policy_words import Unit
from claims_api.domain.vocabulary import ActorKind, Status
from claims_api.domain.withdrawals import NO_LAW_OF_WITHDRAWAL, Right, WithdrawalLaw, withdrawal_of
from claims_api.policies import queries
from claims_api.policies.actions.resolve import policy_of

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SALE = Facts(date(2026, 10, 30))
AGENT = Actor(ActorKind.AGENT, "anna")
DECLARED = Claim(
    Status.UNDER_REVIEW, 2, "DE", "pty_1", (Line(1, "changed_mind", delivered_on=date(2026, 12, 20)),), None
)


def law(region: str, facts: Facts = SALE) -> WithdrawalLaw:
    return law_of(policy_of(region, TODAY, facts).policy, ("Europe/Berlin",))


@pytest.mark.parametrize(("region", "days", "act"), [("DE", 14, "bgb"), ("DE-BY", 14, "bgb"), ("TW", 7, "cpa")])
def test_a_law_says_its_period_and_may_decide(region: str, days: int, act: str) -> None:
    found = law(region)
    assert (found.right, found.span, found.law) == (Right.GIVEN, Span(days, Unit.CALENDAR_DAYS), act)
    assert found.may_decide
    assert found.is_weekend_known
    assert found.source


def test_a_law_without_the_right_a_law_nobody_knows_and_a_business_have_no_period() -> None:
    rights = (law("US"), law("GL"), law("DE", Facts(SALE.contract_on, is_consumer=False)))
    assert [each.right for each in rights] == [Right.NONE, Right.NOT_ESTABLISHED, Right.NOT_OURS]
    assert {(each.span, each.may_decide) for each in rights} == {(None, False)}


async def test_a_calendar_is_read_only_for_a_decision_about_a_withdrawal() -> None:
    policy = policy_of("DE", TODAY, SALE).policy
    context, accepting = context_of(policy, None, NOW), AcceptWithdrawal(AGENT, ("rem_1",))
    defect = Claim(Status.UNDER_REVIEW, 2, "DE", "pty_1", (Line(1, "leak"),), None)
    assert (await with_law(context, defect, Reject(AGENT, ()), policy)).withdrawal is NO_LAW_OF_WITHDRAWAL
    assert (await with_law(context, DECLARED, accepting, None)).withdrawal is NO_LAW_OF_WITHDRAWAL
    for command in (accepting, Reject(AGENT, ())):
        assert set((await with_law(context, DECLARED, command, policy)).withdrawal.calendar.tables) == {2027, 2028}


async def test_a_period_that_ends_on_new_years_day_rolls_by_the_calendar_of_its_place() -> None:
    policy = policy_of("DE", TODAY, SALE).policy
    claim = Claim(
        Status.UNDER_REVIEW, 2, "DE", "pty_1", (Line(1, "changed_mind", delivered_on=date(2026, 12, 18)),), None
    )
    context = await with_law(context_of(policy, None, NOW), claim, AcceptWithdrawal(AGENT, ("rem_1",)), policy)
    (finding,) = withdrawal_of(claim, context.withdrawal, datetime(2026, 12, 20, tzinfo=UTC))
    assert finding.last_day == date(2027, 1, 4)  # 1 January is a holiday and a Friday


def test_without_a_day_of_delivery_no_year_is_needed() -> None:
    bare = Claim(Status.UNDER_REVIEW, 2, "DE", "pty_1", (Line(1, "changed_mind"),), None)
    assert years_of(law("DE"), bare) == []
    assert years_of(law("US"), DECLARED) == []


def test_only_the_refund_of_a_withdrawal_waits_for_the_goods() -> None:
    waits = {"defect": "now", "delivery": "now", "withdrawal": "received"}
    assert queries.standard().refund_starts_when == waits
    assert context_of(None, None, NOW).refund_starts_when == waits


def test_nobody_calls_as_the_system() -> None:
    assert ActorKind.SYSTEM.value not in {role.value for role in Role}
