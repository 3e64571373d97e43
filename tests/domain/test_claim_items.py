"""The goods a claim is about: asked for, received, given up, looked at; and nothing ends while they are elsewhere."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from stories import (
    AGENT,
    CONSENT,
    CONTEXT,
    CUSTOMER,
    KETTLE,
    PARTNER,
    SYSTEM,
    TOASTER,
    WORDS,
    Story,
    awaiting_item,
    covered,
    rejected,
    return_leg,
    said,
    sent,
    under_inspection,
    under_review,
    way_back,
)

from claims_api.domain.answers import EventDraft, EventType, Refused
from claims_api.domain.claim import Actor
from claims_api.domain.commands import (
    Approve,
    Cancel,
    Close,
    Command,
    ItemFinding,
    ReceiveItem,
    RecordFindings,
    Reopen,
    ReportItemLost,
    RequireItem,
    Resolve,
    WaiveItem,
    Withdraw,
)
from claims_api.domain.item_words import FaultCause, ItemGrade
from claims_api.domain.legs import Receipt
from claims_api.domain.money import Money
from claims_api.domain.shipment_words import ReceiptOutcome, ShipmentStatus
from claims_api.domain.standard import CostBearer
from claims_api.domain.vocabulary import CancelReason, Ground, LineDecision, RemedyKind, Status

DELIVERED, IN_TRANSIT = ShipmentStatus.DELIVERED, ShipmentStatus.IN_TRANSIT
AS_EXPECTED = ReceiptOutcome.AS_EXPECTED
FINDING = ItemFinding(1, ItemGrade.USED, FaultCause.MANUFACTURING, "does_not_switch_on", WORDS)


def last(story: Story) -> EventDraft:
    """What was written last, without its place in the chain."""
    return EventDraft(story.events[-1].type, story.events[-1].data)


def awaited(story: Story) -> list[int]:
    return [line.position for line in story.claim.lines if line.is_awaited]


# --- asked for ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("named", "asked"), [((), [1, 2]), ((2,), [2]), ((2, 1), [1, 2])])
def test_the_goods_of_the_lines_named_are_asked_for_and_of_all_when_none_is(
    named: tuple[int, ...], asked: list[int]
) -> None:
    story = under_review(KETTLE, TOASTER).then(RequireItem(AGENT, CostBearer.SELLER, named))

    assert last(story) == EventDraft(EventType.ITEM_REQUIRED, {"positions": asked, "paid_by": "seller"})
    assert (story.claim.status, awaited(story)) == (Status.AWAITING_ITEM, asked)


@pytest.mark.parametrize(("named", "position"), [((3,), 3), ((1, 1), 1), ((0,), 0)])
def test_only_lines_of_the_claim_are_asked_for_and_each_once(named: tuple[int, ...], position: int) -> None:
    refusal = under_review(KETTLE).refusal(RequireItem(AGENT, CostBearer.SELLER, named))

    assert refusal == Refused("no-such-line", {"position": position})


@pytest.mark.parametrize(
    ("bearer", "code"),
    [
        ({}, "return-cost-not-theirs"),  # nobody knows the law: in the customer's favour
        ({Ground.DEFECT: CostBearer.SELLER}, "return-cost-not-theirs"),
        ({Ground.WITHDRAWAL: CostBearer.CONSUMER}, "return-cost-not-theirs"),  # another ground than the line's
        ({Ground.DEFECT: CostBearer.CONSUMER}, None),
    ],
)
def test_the_customer_pays_for_the_way_only_where_law_or_standard_say_so(
    bearer: dict[Ground, CostBearer], code: str | None
) -> None:
    context = replace(CONTEXT, return_cost=bearer)

    answer = under_review().ask(RequireItem(AGENT, CostBearer.CONSUMER), context=context)

    assert (answer.code if isinstance(answer, Refused) else None) == code


@pytest.mark.parametrize("bearer", CostBearer)
def test_the_seller_may_always_pay(bearer: CostBearer) -> None:
    context = replace(CONTEXT, return_cost={Ground.DEFECT: bearer})

    assert not isinstance(under_review().ask(RequireItem(AGENT, CostBearer.SELLER), context=context), Refused)


# --- received -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "item-not-arrived"),
        ((IN_TRANSIT,), "item-not-arrived"),
        ((DELIVERED, ReceiptOutcome.EMPTY_BOX), "item-not-arrived"),
        ((DELIVERED, ReceiptOutcome.NOT_RECEIVED), "item-not-arrived"),
        ((DELIVERED,), None),
        ((AS_EXPECTED,), None),  # opened before the carrier said that it came
        ((DELIVERED, ReceiptOutcome.DAMAGED), None),
        ((DELIVERED, ReceiptOutcome.PARTIAL), "item-in-part"),
        ((DELIVERED, ReceiptOutcome.MISSING_PARTS), "item-in-part"),
        ((DELIVERED, ReceiptOutcome.WRONG_ITEM), "item-in-part"),
    ],
)
@pytest.mark.parametrize("actor", [PARTNER, AGENT, SYSTEM])
def test_goods_are_received_once_a_parcel_came_with_all_of_them(
    words: tuple[ShipmentStatus | ReceiptOutcome, ...], code: str | None, actor: Actor
) -> None:
    answer = sent(awaiting_item(), return_leg(), *words).ask(ReceiveItem(actor))

    assert (answer.code if isinstance(answer, Refused) else None) == code


def test_a_part_of_the_goods_is_received_only_where_somebody_accepts_it() -> None:
    story = sent(awaiting_item(KETTLE, TOASTER), return_leg("shp_1", 1), DELIVERED)

    accepted = story.then(ReceiveItem(AGENT, accepts_part=True))

    assert story.refusal(ReceiveItem(AGENT)) == Refused("item-in-part", {"positions": [2]})
    assert last(accepted).data == {"positions": [1, 2], "missing": [2], "shipments": ["shp_1"]}


def test_only_the_goods_that_were_asked_for_have_to_come() -> None:
    story = under_review(KETTLE, TOASTER).then(RequireItem(AGENT, CostBearer.SELLER, (2,)))
    story = sent(story, return_leg("shp_1", 1), DELIVERED)

    assert story.refusal(ReceiveItem(AGENT)).code == "item-not-arrived"
    story = sent(story, return_leg("shp_2", 2), DELIVERED).then(ReceiveItem(AGENT))
    assert last(story).data == {"positions": [2], "missing": [], "shipments": ["shp_2"]}


def test_a_parcel_of_an_earlier_round_is_not_received_again() -> None:
    story = sent(under_inspection().then(RecordFindings(AGENT, (FINDING,))), way_back(), DELIVERED)
    again = story.then(RequireItem(AGENT, CostBearer.SELLER))

    assert again.refusal(ReceiveItem(AGENT)).code == "item-not-arrived"
    again = sent(again, return_leg("shp_3"), DELIVERED).then(ReceiveItem(AGENT))
    assert last(again).data["shipments"] == ["shp_3"]
    assert again.refusal(RecordFindings(AGENT, (FINDING,))) == Refused("receipt-missing")


# --- given up -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", [PARTNER, AGENT, SYSTEM])
@pytest.mark.parametrize(
    ("command", "event"), [(ReportItemLost, EventType.ITEM_LOST), (WaiveItem, EventType.ITEM_WAIVED)]
)
@pytest.mark.parametrize("begin", [awaiting_item, under_inspection])
def test_a_claim_goes_on_without_the_goods_and_says_of_which_lines(
    begin: Callable[..., Story], command: Callable[[Actor], Command], event: EventType, actor: Actor
) -> None:
    story = begin(KETTLE, TOASTER).then(command(actor))

    assert last(story) == EventDraft(event, {"positions": [1, 2]})
    assert (story.claim.status, awaited(story)) == (Status.UNDER_REVIEW, [])


def test_a_parcel_that_was_empty_leads_back_to_the_review_and_costs_the_customer_nothing() -> None:
    story = sent(awaiting_item(), return_leg(), DELIVERED).then(ReceiveItem(SYSTEM))
    story = said(story, "shp_1", ReceiptOutcome.EMPTY_BOX)

    assert story.refusal(RecordFindings(PARTNER, (FINDING,))) == Refused("receipt-missing")
    story = story.then(ReportItemLost(PARTNER))
    assert story.then(Approve(AGENT, (covered(KETTLE),))).claim.status is Status.IN_REMEDY


# --- looked at ------------------------------------------------------------------------------------------------------


def test_nobody_has_looked_at_what_nobody_recorded_as_received() -> None:
    story = sent(awaiting_item(), return_leg(), DELIVERED).then(ReceiveItem(SYSTEM))

    assert story.refusal(RecordFindings(AGENT, (FINDING,))) == Refused("receipt-missing")
    assert said(story, "shp_1", AS_EXPECTED).then(RecordFindings(AGENT, (FINDING,)))


def test_findings_are_told_by_line_with_their_words_outside_of_the_event() -> None:
    second = ItemFinding(2, ItemGrade.LIKE_NEW, FaultCause.NO_FAULT_FOUND)

    story = under_inspection(KETTLE, TOASTER).then(RecordFindings(PARTNER, (second, FINDING)))

    words = {"id": WORDS.id, "hash": WORDS.hash}
    assert last(story).data == {
        "findings": [
            {"position": 1, "grade": "used", "fault": "does_not_switch_on", "cause": "manufacturing", "words": words},
            {"position": 2, "grade": "like_new", "fault": None, "cause": "no_fault_found", "words": None},
        ]
    }
    assert (story.claim.status, awaited(story)) == (Status.UNDER_REVIEW, [])


@pytest.mark.parametrize(("positions", "wrong"), [((1, 1), 1), ((2,), 2), ((1, 7), 7)])
def test_findings_are_about_lines_of_the_claim_each_once(positions: tuple[int, ...], wrong: int) -> None:
    findings = tuple(replace(FINDING, position=position) for position in positions)

    assert under_inspection().refusal(RecordFindings(AGENT, findings)) == Refused("no-such-line", {"position": wrong})


# --- nothing rests or ends while the customer's goods are elsewhere -------------------------------------------------


RESTING: dict[str, tuple[Callable[[], Story], Command]] = {
    "withdraw": (under_review, Withdraw(CUSTOMER)),
    "cancel": (under_review, Cancel(AGENT, CancelReason.FILED_IN_ERROR)),
    "close": (rejected, Close(CUSTOMER)),
    "resolve": (lambda: decided(RemedyKind.REPAIR), Resolve(AGENT)),
}


def decided(kind: RemedyKind) -> Story:
    """A claim in remedy of this kind, agreed to."""
    changes: dict[str, object] = {"remedy": kind, "consent": CONSENT}
    if kind in (RemedyKind.PRICE_REDUCTION, RemedyKind.REIMBURSEMENT, RemedyKind.STORE_CREDIT):
        changes["amount"] = Money(100, "EUR")
    return under_review().then(Approve(AGENT, (covered(KETTLE, **changes),)))


def outcome(story: Story, command: Command) -> object:
    answer = story.ask(command)
    return answer if isinstance(answer, Refused) else "allowed"


OPEN = Refused("goods-not-with-customer", {"positions": [1]})


@pytest.mark.parametrize("resting", RESTING)
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "allowed"),
        ((ShipmentStatus.LABEL_CREATED,), "allowed"),
        ((IN_TRANSIT,), OPEN),
        ((DELIVERED,), OPEN),
        ((ShipmentStatus.LOST,), OPEN),
        ((DELIVERED, ReceiptOutcome.EMPTY_BOX), OPEN),
        ((IN_TRANSIT, ShipmentStatus.RETURNED_TO_SENDER), "allowed"),
        ((DELIVERED, AS_EXPECTED), OPEN),
        ((DELIVERED, Receipt(AS_EXPECTED, may_be_kept=True)), "allowed"),
    ],
)
def test_goods_that_are_elsewhere_keep_a_claim_open(
    resting: str, words: tuple[ShipmentStatus | ReceiptOutcome | Receipt, ...], expected: object
) -> None:
    begin, command = RESTING[resting]

    assert outcome(sent(begin(), return_leg(), *words), command) == expected


@pytest.mark.parametrize("resting", RESTING)
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "allowed"),
        ((IN_TRANSIT,), "allowed"),
        ((DELIVERED,), "allowed"),
        ((ShipmentStatus.LOST,), OPEN),
        ((ShipmentStatus.CANCELLED,), OPEN),
    ],
)
def test_goods_that_are_with_us_may_end_a_claim_while_a_leg_brings_them_back(
    resting: str, words: tuple[ShipmentStatus, ...], expected: object
) -> None:
    begin, command = RESTING[resting]

    assert outcome(sent(sent(begin(), return_leg(), DELIVERED), way_back(), *words), command) == expected


@pytest.mark.parametrize("kind", RemedyKind)
@pytest.mark.parametrize(
    ("words", "where"), [((IN_TRANSIT,), "carrier"), ((DELIVERED,), "us"), ((ShipmentStatus.LOST,), "nobody")]
)
def test_goods_given_up_in_exchange_are_accounted_for_once_they_are_no_longer_on_their_way(
    kind: RemedyKind, words: tuple[ShipmentStatus, ...], where: str
) -> None:
    story = sent(decided(kind), return_leg(), *words)

    exchanged = kind in ("refund", "replacement", "store_credit") and where != "carrier"
    assert story.claim.goods_with == where
    assert outcome(story, Resolve(AGENT)) == ("allowed" if exchanged else OPEN)


def test_a_remedy_for_one_line_does_not_account_for_the_goods_of_another() -> None:
    repaired = covered(TOASTER, decision=LineDecision.COVERED_STATUTORY)
    story = under_review(KETTLE, TOASTER).then(Approve(AGENT, (covered(KETTLE), repaired)))
    story = sent(story, return_leg(), DELIVERED)

    assert outcome(story, Resolve(AGENT)) == Refused("goods-not-with-customer", {"positions": [2]})


def test_the_way_back_of_an_earlier_round_does_not_account_for_goods_that_came_again() -> None:
    story = sent(sent(decided(RemedyKind.REPAIR), return_leg(), DELIVERED), way_back(), DELIVERED)
    story = story.then(Resolve(AGENT)).then(Reopen(CUSTOMER))
    again = sent(story, return_leg("shp_3"), DELIVERED)

    assert outcome(story, Withdraw(CUSTOMER)) == "allowed"
    assert outcome(again, Withdraw(CUSTOMER)) == OPEN


def test_a_reopened_claim_waits_for_nothing() -> None:
    story = awaiting_item().then(Withdraw(CUSTOMER)).then(Reopen(CUSTOMER))

    assert (story.claim.status, awaited(story)) == (Status.UNDER_REVIEW, [])


def test_a_parcel_of_a_claim_that_rests_is_known_and_wakes_nobody() -> None:
    story = sent(rejected(), return_leg(), DELIVERED)

    assert (story.claim.status, story.claim.goods_with) == (Status.REJECTED, "us")
