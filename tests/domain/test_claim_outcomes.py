"""What may be decided about the lines of a claim, and what each of them gets."""

from dataclasses import replace

import pytest
from stories import (
    AGENT,
    CONSENT,
    CONTEXT,
    IN_30_DAYS,
    KETTLE,
    REFUSAL,
    SUPERVISOR,
    SYSTEM,
    TOASTER,
    covered,
    in_remedy,
    refused,
    rejected,
    resolved,
    under_review,
)

from claims_api.domain.answers import Refused
from claims_api.domain.claim import Actor, Line
from claims_api.domain.commands import Approve, LineOutcome, LineRefusal, Reject, Reopen, Resolve
from claims_api.domain.money import Money
from claims_api.domain.remedies import Chooser, ConditionWord, Tier, cure_attempts
from claims_api.domain.vocabulary import LineDecision, RemedyKind, Status
from claims_api.domain.wire import records

UNPRICED = replace(KETTLE, paid=None)
UNASKED = replace(KETTLE, requested_remedy=None)


def refusal_of(line: Line, outcome: LineOutcome, actor: Actor = AGENT) -> Refused:
    return under_review(line).refusal(Approve(actor, (outcome,)))


def at_1(code: str, **members: object) -> Refused:
    return Refused(code, {"position": 1, **members})  # type: ignore[dict-item]  # only JSON is passed


def test_what_was_asked_is_approved_and_promised() -> None:
    story = under_review().then(Approve(AGENT, (covered(KETTLE),)))

    assert story.claim.status is Status.IN_REMEDY
    assert story.claim.decided_by == AGENT
    assert [event.type for event in story.events[-2:]] == ["claim.approved", "remedy.accepted"]
    assert [(remedy.id, remedy.kind, remedy.amount) for remedy in story.claim.remedies] == [
        ("rem_1", "refund", Money(12900, "EUR"))
    ]


@pytest.mark.parametrize(
    ("outcomes", "position"),
    [
        ((covered(KETTLE),), 2),  # one is missing
        ((covered(KETTLE), covered(KETTLE), covered(TOASTER)), 1),  # one is named twice
        ((covered(KETTLE), covered(TOASTER), covered(KETTLE, position=3)), 3),  # one is not on the claim
    ],
)
def test_a_decision_names_each_line_once(outcomes: tuple[LineOutcome, ...], position: int) -> None:
    story = under_review(KETTLE, TOASTER)
    refusals = tuple(LineRefusal(outcome.position, REFUSAL) for outcome in outcomes)

    assert story.refusal(Approve(AGENT, outcomes)) == Refused("each-line-once", {"position": position})
    assert story.refusal(Reject(AGENT, refusals)) == Refused("each-line-once", {"position": position})


def test_refusing_every_line_is_no_approval() -> None:
    assert under_review().refusal(Approve(AGENT, (refused(KETTLE),))) == Refused("nothing-covered")


def test_a_mixed_decision_covers_one_line_and_refuses_the_other() -> None:
    claim = under_review(KETTLE, TOASTER).then(Approve(AGENT, (refused(KETTLE), covered(TOASTER)))).claim

    assert [line.decision for line in claim.lines] == ["not_covered", "covered_statutory"]
    assert (claim.line(1).refusal, claim.line(1).appeal_until) == (REFUSAL, IN_30_DAYS)
    assert (claim.line(2).refusal, claim.line(2).appeal_until) == (None, None)


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (refused(KETTLE), None),
        (replace(refused(KETTLE), refusal=None), "refusal-required"),
        (replace(refused(KETTLE), remedy=RemedyKind.REPAIR), "outcome-contradictory"),
        (replace(refused(KETTLE), amount=Money(1, "EUR")), "outcome-contradictory"),
        (replace(refused(KETTLE), decision=LineDecision.PENDING), "decision-not-allowed"),
        (replace(refused(KETTLE), decision=LineDecision.WITHDRAWAL_ACCEPTED), "decision-not-allowed"),
        (covered(KETTLE, refusal=REFUSAL), "outcome-contradictory"),
        (covered(KETTLE, remedy=None), "remedy-required"),
    ],
)
def test_an_outcome_says_one_thing(outcome: LineOutcome, code: str | None) -> None:
    answer = under_review(KETTLE, TOASTER).ask(Approve(AGENT, (outcome, covered(TOASTER))))

    assert (answer if isinstance(answer, Refused) else None) == (at_1(code) if code else None)


def test_every_refused_line_of_a_rejection_can_be_appealed() -> None:
    claim = rejected(KETTLE, TOASTER).claim

    assert claim.status is Status.REJECTED
    assert [(line.decision, line.refusal, line.appeal_until) for line in claim.lines] == [
        ("not_covered", REFUSAL, IN_30_DAYS)
    ] * 2
    assert (claim.decided_by, claim.ended_at) == (AGENT, None)


# --- software -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        (KETTLE, covered(KETTLE, remedy=RemedyKind.REPAIR)),  # something else
        (KETTLE, covered(KETTLE, remedy=RemedyKind.REPAIR, consent=CONSENT)),  # even if agreed
        (KETTLE, covered(KETTLE, amount=Money(12899, "EUR"))),  # less than all
        (UNPRICED, covered(UNPRICED, amount=Money(12900, "EUR"))),  # a sum nobody knows
        (UNASKED, covered(UNASKED)),  # nothing was asked
        (
            replace(KETTLE, requested_remedy=RemedyKind.PRICE_REDUCTION),
            covered(KETTLE, remedy=RemedyKind.PRICE_REDUCTION, amount=Money(12900, "EUR"), consent=CONSENT),
        ),
    ],
)
def test_software_gives_exactly_what_was_asked_or_leaves_it_to_a_person(line: Line, outcome: LineOutcome) -> None:
    if outcome.remedy is None:
        assert refusal_of(line, outcome, SYSTEM).code in ("system-not-exact", "remedy-required")
    else:
        assert refusal_of(line, outcome, SYSTEM) == at_1("system-not-exact")


def test_software_approves_what_was_asked() -> None:
    outcomes = (covered(KETTLE, amount=Money(12900, "EUR")), covered(TOASTER))

    assert under_review(KETTLE, TOASTER).then(Approve(SYSTEM, outcomes)).claim.status is Status.IN_REMEDY


def test_software_refuses_no_line_and_no_claim() -> None:
    story = under_review(KETTLE, TOASTER)

    assert story.refusal(Approve(SYSTEM, (refused(KETTLE), covered(TOASTER)))) == at_1("system-not-exact")
    assert story.refusal(Reject(SYSTEM, ())).code == "role-not-allowed"


# --- what was asked, agreed, or the seller's to choose ------------------------------------------------------------


def test_something_else_needs_the_customers_agreement() -> None:
    assert refusal_of(KETTLE, covered(KETTLE, remedy=RemedyKind.REPAIR)) == at_1("remedy-not-asked")
    assert refusal_of(UNASKED, covered(KETTLE)) == at_1("remedy-not-asked")

    agreed = under_review().then(Approve(AGENT, (covered(KETTLE, remedy=RemedyKind.REPAIR, consent=CONSENT),)))

    assert agreed.claim.remedies[0].kind is RemedyKind.REPAIR


@pytest.mark.parametrize("kind", [RemedyKind.PRICE_REDUCTION, RemedyKind.STORE_CREDIT])
def test_less_than_the_goods_in_order_needs_consent_even_when_asked_for(kind: RemedyKind) -> None:
    line = replace(KETTLE, requested_remedy=kind)
    outcome = covered(line, amount=Money(100, "EUR"))

    assert refusal_of(line, outcome) == at_1("consent-required")
    assert under_review(line).then(Approve(AGENT, (replace(outcome, consent=CONSENT),)))


SELLER_REPAIRS = Tier(frozenset({RemedyKind.REPAIR}), Chooser.SELLER, when=ConditionWord.ALWAYS)
CUSTOMER_REJECTS = Tier(frozenset({RemedyKind.REFUND}), Chooser.CONSUMER, when=ConditionWord.MAJOR_FAILURE)


def test_the_seller_chooses_where_the_law_lets_it_and_the_judgement_is_recorded() -> None:
    context = replace(CONTEXT, tiers=(SELLER_REPAIRS, CUSTOMER_REJECTS))

    story = under_review(UNASKED).then(Approve(AGENT, (covered(KETTLE, remedy=RemedyKind.REPAIR),)), context=context)

    (line,) = records(story.events[-2].data, "lines")
    assert line["judged"] == ["major_failure"]


def test_the_order_of_remedies_is_for_defects_and_gives_no_choice_in_a_delivery_problem() -> None:
    context = replace(CONTEXT, tiers=(SELLER_REPAIRS,))
    story = under_review(replace(UNASKED, issue_code="wrong_item"))

    assert story.refusal(Approve(AGENT, (covered(KETTLE, remedy=RemedyKind.REPAIR),)), context=context) == at_1(
        "remedy-not-asked"
    )


def test_a_repair_that_did_not_last_counts_as_an_attempt_once_the_claim_is_reopened() -> None:
    rejects_after_repair = replace(CUSTOMER_REJECTS, when=ConditionWord.CURE_FAILED)
    context = replace(CONTEXT, tiers=(SELLER_REPAIRS, rejects_after_repair))
    repair = Approve(AGENT, (covered(KETTLE, remedy=RemedyKind.REPAIR),))
    story = under_review(UNASKED).then(repair, context=context)

    again = story.then(Resolve(AGENT)).then(Reopen(AGENT))

    assert again.refusal(repair, context=context) == at_1("remedy-not-asked")


def test_only_a_cure_that_was_carried_out_is_an_attempt() -> None:
    line = replace(TOASTER, position=1, cure_attempts=1)

    assert cure_attempts(in_remedy(line).claim, line) == 1
    assert cure_attempts(resolved(line).claim, line) == 2
    assert cure_attempts(resolved(KETTLE).claim, KETTLE) == 0


# --- money --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "changes", "code"),
    [
        (KETTLE, {"amount": Money(12900, "EUR")}, None),
        (KETTLE, {"amount": Money(12901, "EUR")}, "amount-above-ceiling"),
        (KETTLE, {"amount": Money(0, "EUR")}, "amount-not-positive"),
        (KETTLE, {"amount": Money(-1, "EUR")}, "amount-not-positive"),
        (KETTLE, {"amount": Money(100, "CHF")}, "currency-mismatch"),
        (UNPRICED, {}, "amount-required"),
        (UNPRICED, {"amount": Money(100, "CHF")}, None),
        (replace(KETTLE, paid=Money(0, "EUR")), {}, "amount-above-ceiling"),
        (KETTLE, {"remedy": RemedyKind.PRICE_REDUCTION, "consent": CONSENT}, "amount-required"),
        (KETTLE, {"remedy": RemedyKind.STORE_CREDIT, "consent": CONSENT}, "amount-required"),
        (KETTLE, {"remedy": RemedyKind.REIMBURSEMENT, "consent": CONSENT}, "amount-required"),
        (
            KETTLE,
            {"remedy": RemedyKind.PRICE_REDUCTION, "consent": CONSENT, "amount": Money(12901, "EUR")},
            "amount-above-ceiling",
        ),
        (
            KETTLE,
            {"remedy": RemedyKind.STORE_CREDIT, "consent": CONSENT, "amount": Money(1, "CHF")},
            "currency-mismatch",
        ),
        # Postage is another bill: its own limit, its own currency.
        (KETTLE, {"remedy": RemedyKind.REIMBURSEMENT, "consent": CONSENT, "amount": Money(99999, "CHF")}, None),
        (
            KETTLE,
            {"remedy": RemedyKind.REPAIR, "consent": CONSENT, "amount": Money(1, "EUR")},
            "amount-unexpected",
        ),
    ],
)
def test_money_is_named_when_it_must_be_and_stays_below_the_ceiling(
    line: Line, changes: dict[str, object], code: str | None
) -> None:
    answer = under_review(line).ask(Approve(SUPERVISOR, (covered(line, **changes),)))

    assert (answer.code if isinstance(answer, Refused) else None) == code


def test_the_ceiling_has_the_lines_share_of_the_shipping() -> None:
    story = under_review(KETTLE, TOASTER, shipping_paid=Money(490, "EUR"))
    outcomes = (covered(KETTLE), covered(TOASTER, remedy=RemedyKind.REFUND, consent=CONSENT))

    amounts = [remedy.amount for remedy in story.then(Approve(AGENT, outcomes)).claim.remedies]

    assert amounts == [Money(12900 + 353, "EUR"), Money(5000 + 137, "EUR")]


def test_shipping_in_another_currency_is_never_converted_into_the_ceiling() -> None:
    story = under_review(KETTLE, shipping_paid=Money(490, "CHF"))

    assert story.then(Approve(AGENT, (covered(KETTLE),))).claim.remedies[0].amount == Money(12900, "EUR")


def test_money_that_went_back_before_a_reopening_counts() -> None:
    story = under_review().then(Approve(AGENT, (covered(KETTLE, amount=Money(12000, "EUR")),)))
    story = story.then(Resolve(AGENT)).then(Reopen(AGENT))

    too_much = story.refusal(Approve(AGENT, (covered(KETTLE, amount=Money(901, "EUR")),)))
    rest = story.then(Approve(AGENT, (covered(KETTLE, remedy_id="rem_9"),)))

    left = {"amount_minor": 900, "currency": "EUR"}
    assert too_much == at_1("amount-above-ceiling", left=left)
    assert rest.claim.remedies[-1].amount == Money(900, "EUR")


def test_a_line_paid_back_in_full_gets_no_second_refund() -> None:
    story = resolved().then(Reopen(AGENT))

    assert story.refusal(Approve(AGENT, (covered(KETTLE),))).code == "amount-above-ceiling"
