"""What a parcel does to its claim, and that it does it once."""

from itertools import accumulate, pairwise

import pytest
from test_shipments_fold import journey

from claims_api.domain.shipment_effects import (
    EffectKind,
    ShipmentEffect,
    acted_after,
    effects,
)
from claims_api.domain.shipment_fold import NOTHING_SAID, fold
from claims_api.domain.shipment_words import AttentionReason, ShipmentDirection, ShipmentPurpose, ShipmentStatus
from claims_api.domain.shipments import Update

INBOUND, OUTBOUND = ShipmentDirection.INBOUND, ShipmentDirection.OUTBOUND
RETURN = ShipmentPurpose.RETURN


def brief(effect: ShipmentEffect) -> str:
    return f"{effect.kind}:{effect.reason}" if effect.reason else effect.kind.value


def told(
    *batches: list[Update],
    direction: ShipmentDirection = INBOUND,
    purpose: ShipmentPurpose = RETURN,
) -> list[ShipmentEffect]:
    """All effects of batches that come one after the other."""
    done: list[ShipmentEffect] = []
    states = [NOTHING_SAID, *map(fold, accumulate(batches))]
    acted: frozenset[ShipmentStatus] = frozenset()
    for before, after in pairwise(states):
        now = effects(before, after, direction, purpose, acted)
        acted = acted_after(acted, now)
        done.extend(now)
    return done


def one_by_one(text: str, direction: ShipmentDirection = INBOUND, purpose: ShipmentPurpose = RETURN) -> str:
    """The effects of a journey that is told update by update."""
    return " ".join(map(brief, told(*([update] for update in journey(text)), direction=direction, purpose=purpose)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pending", ""),
        ("label_created in_transit", "updated updated"),
        ("in_transit delivered", "updated delivered receive_item"),
        ("in_transit lost", "updated lost report_item_lost"),
        ("in_transit destroyed", "updated updated report_item_lost"),
        ("in_transit+damaged delivered", "updated damaged attention:damaged delivered receive_item"),
        ("in_transit delivered+partial", "updated delivered receive_item attention:partial"),
        ("in_transit in_transit~carrier", "updated delayed"),
        # A status comes once, however often the parcel goes back to it.
        ("in_transit customs in_transit customs", "updated updated"),
        ("delivered delivered", "delivered receive_item"),
        # A label nobody used, and a parcel that went back to the customer: somebody has to ask.
        ("label_created cancelled", "updated updated attention:not_coming"),
        ("in_transit returning_to_sender returned_to_sender", "updated updated updated attention:not_coming"),
        # Lost and found: the claim moved on without the item, so a person decides and never a second step.
        (
            "lost in_transit delivered",
            "lost report_item_lost updated attention:found delivered attention:contradiction",
        ),
        (
            "in_transit lost in_transit delivered",
            "updated lost report_item_lost updated:found attention:found delivered attention:contradiction",
        ),
        ("lost in_transit lost in_transit", "lost report_item_lost updated attention:found"),
        # Here, and then said to be gone.
        ("delivered lost", "delivered receive_item attention:contradiction"),
        ("delivered lost exception lost", "delivered receive_item attention:contradiction attention:found"),
        ("delivered returning_to_sender lost", "delivered receive_item updated lost attention:contradiction"),
        # A cancelled label that was used: the rules keep it cancelled, a person sees that it came.
        ("cancelled picked_up delivered", "updated attention:not_coming attention:contradiction"),
    ],
)
def test_an_inbound_return_moves_its_claim_once(text: str, expected: str) -> None:
    assert one_by_one(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in_transit delivered", "updated delivered"),
        ("in_transit lost", "updated lost"),
        ("in_transit+damaged delivered", "updated damaged delivered"),
        ("in_transit~weather delivered", "updated delayed delivered"),
        ("in_transit lost in_transit delivered", "updated lost updated:found delivered"),
        ("in_transit returned_to_sender", "updated updated"),
    ],
)
@pytest.mark.parametrize("purpose", list(ShipmentPurpose))
def test_an_outbound_leg_writes_history_and_moves_nothing(text: str, expected: str, purpose: ShipmentPurpose) -> None:
    assert one_by_one(text, OUTBOUND, purpose) == expected


@pytest.mark.parametrize("purpose", sorted(set(ShipmentPurpose) - {RETURN}))
def test_only_the_goods_of_the_claim_move_it(purpose: ShipmentPurpose) -> None:
    assert one_by_one("in_transit delivered", INBOUND, purpose) == "updated delivered"


def test_a_loss_that_was_undone_before_we_heard_of_it_never_was() -> None:
    assert [brief(effect) for effect in told(journey("in_transit lost in_transit delivered"))] == [
        "delivered",
        "receive_item",
    ]


def test_a_scan_that_comes_late_undoes_nothing() -> None:
    first, lost, seen = journey("in_transit lost out_for_delivery")

    assert [brief(effect) for effect in told([first, seen], [lost])] == ["updated"]


def test_a_state_that_did_not_change_means_nothing() -> None:
    state = fold(journey("in_transit~carrier lost delivered+damaged lost"))

    assert effects(state, state, INBOUND, RETURN) == ()


def test_what_was_acted_upon_is_not_done_again() -> None:
    delivered, acted = fold(journey("delivered")), frozenset({ShipmentStatus.DELIVERED})

    assert effects(NOTHING_SAID, delivered, INBOUND, RETURN, acted) == ()


def test_only_effects_of_a_status_count_as_acted_upon() -> None:
    done = [ShipmentEffect(EffectKind.DELAYED), ShipmentEffect(EffectKind.LOST, ShipmentStatus.LOST)]

    assert acted_after(frozenset(), done) == {ShipmentStatus.LOST}
    assert {reason.value for reason in AttentionReason} == {
        "damaged",
        "partial",
        "found",
        "not_coming",
        "contradiction",
    }
