"""Who has the goods: a table of what parcels went through, and what holds whatever they go through."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import (
    KETTLE,
    NOW,
    SYSTEM,
    TOASTER,
    Story,
    agreed,
    awaiting_item,
    in_remedy,
    return_leg,
    said,
    sent,
    whatever_is_said,
)

from claims_api.domain.claim import Claim
from claims_api.domain.evolve import evolve, fold
from claims_api.domain.leg_events import register, told
from claims_api.domain.legs import Leg, Receipt, goods_with, has_way_back, places, returns_of
from claims_api.domain.shipment_effects import EffectKind, ShipmentEffect
from claims_api.domain.shipment_fold import Delay, Folded
from claims_api.domain.shipment_words import (
    AttentionReason,
    DelayCause,
    Disposition,
    ReceiptOutcome,
    ShipmentCondition,
    ShipmentDirection,
    ShipmentPurpose,
    ShipmentStatus,
)
from claims_api.domain.vocabulary import GoodsWith

WORDS = [*ShipmentStatus, *ReceiptOutcome]


def told_of(text: str, story: Story | None = None) -> Claim:
    """A claim of two lines after parcels in the order of their registration, `purpose@positions: words`, by semicolon.

    A word is what its carrier says; with an exclamation mark, what was found when it was opened.
    """
    story = story or awaiting_item(KETTLE, TOASTER)
    for number, parcel in enumerate(filter(None, text.split(";")), 1):
        name, _, words = parcel.partition(":")
        purpose, _, positions = name.strip().partition("@")
        leg = Leg(
            id=f"shp_{number}",
            direction=ShipmentDirection.INBOUND if purpose == "return" else ShipmentDirection.OUTBOUND,
            purpose=ShipmentPurpose(purpose),
            positions=tuple(map(int, positions.split(","))) if positions else (),
        )
        story = sent(story, leg, *(_word(word) for word in words.split()))
    return story.claim


def _word(text: str) -> ShipmentStatus | ReceiptOutcome:
    return ReceiptOutcome(text[:-1]) if text.endswith("!") else ShipmentStatus(text)


@pytest.mark.parametrize(
    ("parcels", "first", "second", "shown"),
    [
        ("", "customer", "customer", "customer"),
        # One parcel with both lines, on its way to us.
        ("return:", "customer", "customer", "customer"),
        ("return: label_created", "customer", "customer", "customer"),
        ("return: in_transit", "carrier", "carrier", "carrier"),
        ("return: in_transit exception", "carrier", "carrier", "carrier"),
        ("return: in_transit returning_to_sender", "carrier", "carrier", "carrier"),
        ("return: in_transit delivered", "us", "us", "us"),
        ("return: in_transit lost", "nobody", "nobody", "nobody"),
        ("return: in_transit destroyed", "nobody", "nobody", "nobody"),
        ("return: lost in_transit", "carrier", "carrier", "carrier"),  # found
        ("return: in_transit returned_to_sender", "customer", "customer", "customer"),
        ("return: label_created cancelled", "customer", "customer", "customer"),
        # A carrier that says no more of a label nobody used, and of a parcel it had.
        ("return: label_created expired", "customer", "customer", "customer"),
        ("return: picked_up expired", "carrier", "carrier", "carrier"),
        ("return: picked_up expired delivered", "us", "us", "us"),
        # What was found in it outweighs what its carrier says, before and after.
        ("return: delivered as_expected!", "us", "us", "us"),
        ("return: delivered damaged!", "us", "us", "us"),
        ("return: delivered partial!", "us", "us", "us"),
        ("return: delivered missing_parts!", "us", "us", "us"),
        ("return: in_transit as_expected!", "us", "us", "us"),
        ("return: as_expected! in_transit lost", "us", "us", "us"),
        ("return: delivered empty_box!", "nobody", "nobody", "nobody"),
        ("return: delivered not_received!", "nobody", "nobody", "nobody"),
        ("return: not_received! delivered", "nobody", "nobody", "nobody"),
        # It is not what was asked for, and it is the customer's all the same.
        ("return: delivered wrong_item!", "us", "us", "us"),
        # Parcels with a line each: the line farthest from the customer is shown, and goods with us are the farthest.
        ("return@1: in_transit", "carrier", "customer", "carrier"),
        ("return@1: in_transit; return@2: delivered", "carrier", "us", "us"),
        ("return@1: lost; return@2: in_transit", "nobody", "carrier", "nobody"),
        ("return@1: lost; return@2: delivered", "nobody", "us", "us"),
        # Two parcels with one line: the one that went back, or never went, brings the other one to nobody.
        ("return: delivered; return: in_transit returned_to_sender", "us", "us", "us"),
        ("return: delivered; return: label_created cancelled", "us", "us", "us"),
        ("return: delivered; return: in_transit", "carrier", "carrier", "carrier"),
        # Back to the customer.
        ("return: delivered; repair_return:", "us", "us", "us"),
        ("return: delivered; repair_return: in_transit", "carrier", "carrier", "carrier"),
        ("return: delivered; repair_return: delivered", "customer", "customer", "customer"),
        ("return: delivered; repair_return@2: delivered", "us", "customer", "us"),
        ("return: delivered; repair_return: in_transit returned_to_sender", "us", "us", "us"),
        ("return: delivered; repair_return: in_transit lost", "nobody", "nobody", "nobody"),
        ("return: delivered; repair_return: cancelled", "us", "us", "us"),
        ("return: delivered; repair_return: delivered; return: in_transit", "carrier", "carrier", "carrier"),
        ("return: delivered; repair_return: delivered; return: delivered", "us", "us", "us"),
        # Other things travel without the goods.
        ("replacement: delivered", "customer", "customer", "customer"),
        ("loan: in_transit", "customer", "customer", "customer"),
        ("parts: lost", "customer", "customer", "customer"),
        ("reshipment: destroyed", "customer", "customer", "customer"),
        ("return: delivered; replacement: delivered; loan: delivered; parts: in_transit", "us", "us", "us"),
    ],
)
def test_the_goods_are_where_the_legs_of_their_line_left_them(
    parcels: str, first: str, second: str, shown: str
) -> None:
    claim = told_of(parcels)

    assert dict(places(claim.legs, (1, 2))) == {1: first, 2: second}
    assert claim.goods_with == shown


def test_a_loan_that_comes_back_to_us_moves_no_goods() -> None:
    loan = Leg(id="shp_1", direction=ShipmentDirection.INBOUND, purpose=ShipmentPurpose.LOAN)

    claim = sent(awaiting_item(), loan, ShipmentStatus.DELIVERED).claim

    assert claim.goods_with is GoodsWith.CUSTOMER


@pytest.mark.parametrize(
    ("parcels", "expected"),
    [
        ("return: delivered", False),
        ("return: delivered; repair_return:", True),
        ("return: delivered; repair_return: in_transit", True),
        ("return: delivered; repair_return: in_transit expired", True),
        ("return: delivered; repair_return: delivered", True),
        ("return: delivered; repair_return: label_created expired", False),
        ("return: delivered; repair_return: cancelled", False),
        ("return: delivered; repair_return: in_transit lost", False),
        ("return: delivered; repair_return: in_transit destroyed", False),
        ("return: delivered; repair_return: in_transit returned_to_sender", False),
        ("return: delivered; repair_return: cancelled; repair_return:", True),
        ("return: delivered; repair_return@2: in_transit", False),
        ("return: delivered; replacement: in_transit", False),
        ("return: in_transit; repair_return:", True),
        # The way back of an earlier round brings nothing back now.
        ("return: delivered; repair_return: delivered; return: delivered", False),
        ("return: delivered; repair_return: delivered; return: delivered; repair_return:", True),
        ("return: delivered; repair_return: in_transit; return: label_created", True),
    ],
)
def test_goods_have_a_way_back_while_a_leg_brings_them(parcels: str, expected: bool) -> None:
    assert has_way_back(told_of(parcels).legs, 1) is expected


@pytest.mark.parametrize(
    ("parcels", "expected"),
    [
        ("return: delivered", "shp_1"),
        ("return@2: delivered", ""),
        ("return:; return: delivered", "shp_1 shp_2"),
        ("return: delivered; repair_return: in_transit", "shp_1"),
        ("return: delivered; repair_return: delivered", ""),
        ("return: delivered; repair_return: delivered; return:", "shp_3"),
        ("replacement: delivered", ""),
    ],
)
def test_the_returns_of_a_line_are_those_since_the_customer_had_it_last(parcels: str, expected: str) -> None:
    assert [leg.id for leg in returns_of(told_of(parcels).legs, 1)] == expected.split()


def test_a_claim_without_lines_has_its_goods_with_the_customer() -> None:
    assert goods_with((), ()) is GoodsWith.CUSTOMER


# --- what the events say, and no more -------------------------------------------------------------------------------


def test_a_leg_is_known_as_it_was_registered() -> None:
    leg = replace(return_leg("shp_1", 2), partner="dhl")

    claim = sent(awaiting_item(KETTLE, TOASTER), leg).claim

    assert claim.legs == (leg,)
    assert claim.leg("shp_1") == leg
    with pytest.raises(KeyError):
        claim.leg("shp_2")


def test_legs_stand_in_the_order_of_their_ids_as_a_table_has_them() -> None:
    claim = sent(sent(awaiting_item(), return_leg("shp_2")), return_leg("shp_1")).claim

    assert [leg.id for leg in claim.legs] == ["shp_1", "shp_2"]


def test_what_is_said_of_one_parcel_leaves_the_others_alone() -> None:
    claim = told_of("return@1: in_transit; return@2:")

    assert [leg.status for leg in claim.legs] == ["in_transit", "pending"]
    assert [leg.acted for leg in claim.legs] == [{"in_transit"}, frozenset()]


def test_each_effect_is_told_as_the_event_of_its_kind_and_the_steps_are_the_claims_own() -> None:
    folded = Folded(
        status=ShipmentStatus.DELIVERED,
        condition=ShipmentCondition.DAMAGED,
        delay=Delay(DelayCause.WEATHER, NOW),
    )

    drafts = told("shp_1", [ShipmentEffect(kind) for kind in EffectKind if kind is not EffectKind.ATTENTION], folded)

    assert [draft.type for draft in drafts] == [
        "shipment.updated",
        "shipment.delayed",
        "shipment.damaged",
        "shipment.delivered",
        "shipment.lost",
    ]
    assert drafts[0].data == {
        "shipment_id": "shp_1",
        "status": "delivered",
        "substatus": None,
        "condition": "damaged",
        "delay": "weather",
        "acted": None,
        "reason": None,
    }


def test_a_flag_calls_for_a_person_until_the_receipt_is_recorded_and_changes_no_status() -> None:
    story = sent(awaiting_item(), return_leg(), ShipmentStatus.IN_TRANSIT)
    effect = ShipmentEffect(EffectKind.ATTENTION, ShipmentStatus.LOST, AttentionReason.CONTRADICTION)
    flagged = story.told(told("shp_1", (effect,), Folded(status=ShipmentStatus.DELIVERED)), SYSTEM, NOW)

    leg = flagged.claim.leg("shp_1")

    assert leg.flags == {AttentionReason.CONTRADICTION}
    assert leg.status is ShipmentStatus.IN_TRANSIT
    assert leg.acted == {ShipmentStatus.IN_TRANSIT, ShipmentStatus.LOST}
    assert said(flagged, "shp_1", ReceiptOutcome.DAMAGED).claim.leg("shp_1").flags == frozenset()


def test_a_receipt_is_known_as_it_was_recorded_and_a_later_one_takes_its_place() -> None:
    found = Receipt(ReceiptOutcome.DAMAGED, Disposition.SCRAP, may_be_kept=True)
    story = sent(awaiting_item(), return_leg(), ReceiptOutcome.NOT_RECEIVED)

    assert said(story, "shp_1", found).claim.leg("shp_1").receipt == found


# --- whatever is said, in whatever order ----------------------------------------------------------------------------


@st.composite
def parcels(draw: st.DrawFn) -> Story:
    """Any parcels of a claim of two lines, with anything said of them, interleaved."""
    story, known = in_remedy(KETTLE, TOASTER), list[str]()
    for _ in range(draw(st.integers(0, 12))):
        if not known or draw(st.integers(0, 3)) == 0:
            leg = Leg(
                id=f"shp_{len(known)}",
                direction=draw(st.sampled_from(ShipmentDirection)),
                purpose=draw(st.sampled_from(ShipmentPurpose)),
                partner=draw(st.sampled_from([None, "dhl"])),
                positions=draw(st.sampled_from([(), (1,), (2,), (1, 2)])),
            )
            known.append(leg.id)
            story = story.told(agreed(register(story.claim, leg)), SYSTEM, NOW)
        else:
            story = whatever_is_said(story, draw(st.sampled_from(known)), draw(st.sampled_from(WORDS)))
    return story


@given(parcels())
def test_the_history_tells_what_was_known_after_each_event(story: Story) -> None:
    claim: Claim | None = None
    for event in story.events:
        claim = evolve(claim, event)

    assert fold(story.events) == claim


@given(parcels())
def test_somebody_or_nobody_has_the_goods_of_every_line_and_one_of_these_places_is_shown(story: Story) -> None:
    claim = story.claim

    found = places(claim.legs, (1, 2))

    assert found.keys() == {1, 2}
    assert claim.goods_with in found.values()


@given(parcels(), st.sampled_from(ShipmentPurpose), st.sampled_from(ShipmentDirection), st.sampled_from(WORDS))
def test_a_parcel_with_other_things_changes_nothing_about_the_goods(
    story: Story, purpose: ShipmentPurpose, direction: ShipmentDirection, word: ShipmentStatus | ReceiptOutcome
) -> None:
    leg = Leg(id="shp_99", direction=direction, purpose=purpose)

    after = whatever_is_said(sent(story, leg), leg.id, word).claim

    carries_them = (direction, purpose) in (
        (ShipmentDirection.INBOUND, ShipmentPurpose.RETURN),
        (ShipmentDirection.OUTBOUND, ShipmentPurpose.REPAIR_RETURN),
    )
    if not carries_them:
        assert places(after.legs, (1, 2)) == places(story.claim.legs, (1, 2))


@given(parcels())
def test_goods_without_a_leg_are_with_the_customer(story: Story) -> None:
    for position, place in places(story.claim.legs, (1, 2)).items():
        if not any(leg.carries(position) for leg in story.claim.legs):
            assert place is GoodsWith.CUSTOMER
