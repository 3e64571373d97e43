"""What a parcel's updates add up to: hand-typed journeys, and the state each of them ends in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from claims_api.domain.shipment_fold import NOTHING_SAID, Delay, Folded, fold
from claims_api.domain.shipment_words import (
    FINAL,
    ActionRequiredBy,
    AnomalyCode,
    DelayCause,
    ProofType,
    ShipmentCondition,
    ShipmentStatus,
    Substatus,
)
from claims_api.domain.shipments import Eta, Proof, Update

START = datetime(2026, 5, 1, tzinfo=UTC)


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


def said(at: int, words: str) -> Update:
    """`status/substatus+condition~delay`, all but the status left out at will, in the hour `at`."""
    words, _, cause = words.partition("~")
    words, _, condition = words.partition("+")
    status, _, substatus = words.partition("/")
    return Update(
        carrier="swift",
        tracking_number="SW1234567890",
        occurred_at=hour(at),
        received_at=hour(at),
        status=ShipmentStatus(status),
        substatus=Substatus(substatus) if substatus else None,
        condition=ShipmentCondition(condition) if condition else None,
        delay=DelayCause(cause) if cause else None,
    )


def journey(text: str) -> list[Update]:
    """One update an hour; `=` before a word is the hour of the word before it."""
    updates: list[Update] = []
    at = 0
    for word in text.split():
        at += not word.startswith("=")
        updates.append(said(at, word.removeprefix("=")))
    return updates


def summary(folded: Folded) -> str:
    """Status and detail, condition unless ok, delay, anomalies."""
    place = f"{folded.status}/{folded.substatus}" if folded.substatus else folded.status.value
    condition = "" if folded.condition is ShipmentCondition.OK else f"+{folded.condition}"
    delay = f"~{folded.delay.cause}" if folded.delay else ""
    return " ".join([f"{place}{condition}{delay}", *(f"!{anomaly.code}" for anomaly in folded.anomalies)])


JOURNEYS = [
    # Plain journeys.
    ("", "pending"),
    ("pending", "pending"),
    ("pending/invalid_number", "pending/invalid_number"),
    ("label_created picked_up in_transit out_for_delivery delivered/door", "delivered/door"),
    ("label_created in_transit customs/processing in_transit/customs_cleared", "in_transit/customs_cleared"),
    ("in_transit available_for_pickup/post_office delivered/pickup_done", "delivered/pickup_done"),
    ("out_for_delivery delivery_attempt_failed/nobody_there out_for_delivery delivered", "delivered"),
    ("in_transit exception/address in_transit", "in_transit"),
    ("label_created cancelled", "cancelled"),
    ("in_transit destroyed", "destroyed"),
    # The newest counts, not the highest: a parcel goes back to the depot after a failed attempt.
    ("out_for_delivery in_transit/arrived_at_facility", "in_transit/arrived_at_facility"),
    # Its detail goes with the scan that said it.
    ("customs/duty_due customs", "customs"),
    # Of one instant the higher rank counts.
    ("picked_up =in_transit", "in_transit"),
    ("out_for_delivery =delivered =in_transit", "delivered"),
    ("in_transit =lost", "lost"),
    ("returning_to_sender =delivered", "returned_to_sender !delivered_while_returning"),
    # What is not understood changes no status, but may tell the condition and a delay.
    ("in_transit/departed_facility unknown", "in_transit/departed_facility"),
    ("unknown", "pending"),
    ("delivered unknown", "delivered"),
    ("in_transit unknown+damaged", "in_transit+damaged"),
    ("in_transit unknown~weather", "in_transit~weather"),
    # Finals stay.
    ("delivered in_transit", "delivered !update_after_final"),
    ("delivered out_for_delivery exception", "delivered !update_after_final !update_after_final"),
    ("delivered expired", "delivered !update_after_final"),
    ("delivered lost", "delivered !lost_after_final"),
    ("delivered destroyed", "delivered !final_after_final"),
    ("cancelled picked_up delivered", "cancelled !update_after_final !final_after_final"),
    ("destroyed in_transit", "destroyed !update_after_final"),
    ("destroyed returning_to_sender", "destroyed !update_after_final"),
    ("returned_to_sender returning_to_sender", "returned_to_sender !update_after_final"),
    ("returned_to_sender in_transit delivered", "returned_to_sender !update_after_final !final_after_final"),
    # A final said again adds its detail and loses none.
    ("delivered delivered/neighbour delivered", "delivered/neighbour"),
    # The way back, and what follows it.
    ("delivered returning_to_sender", "returning_to_sender"),
    ("delivered returning_to_sender in_transit", "in_transit"),
    ("delivered returning_to_sender in_transit returned_to_sender", "returned_to_sender"),
    ("exception/refused returning_to_sender/refused returned_to_sender", "returned_to_sender"),
    ("returning_to_sender in_transit lost", "lost"),
    # "Delivered" on the way back is back with the sender, and the detail of a delivery does not describe it.
    ("returning_to_sender in_transit delivered/door", "returned_to_sender !delivered_while_returning"),
    ("delivered returning_to_sender delivered", "returned_to_sender !delivered_while_returning"),
    # Lost and expired yield to a later scan.
    ("in_transit lost", "lost"),
    ("in_transit lost/stolen", "lost/stolen"),
    ("in_transit lost in_transit", "in_transit !found_after_lost"),
    ("in_transit lost out_for_delivery delivered", "delivered !found_after_lost"),
    ("in_transit lost returning_to_sender", "returning_to_sender !found_after_lost"),
    ("in_transit lost destroyed", "destroyed"),
    ("lost in_transit lost", "lost !found_after_lost"),
    ("in_transit expired", "expired"),
    ("in_transit expired in_transit", "in_transit"),
    ("expired lost", "lost"),
    # What nobody saw does not find a parcel.
    ("in_transit lost expired", "lost"),
    ("in_transit lost label_created pending unknown", "lost"),
    # Damage is a condition and stays; the worse one counts.
    ("in_transit+damaged out_for_delivery+ok delivered", "delivered+damaged"),
    ("delivered+partial", "delivered+partial"),
    ("in_transit+opened delivered+partial", "delivered+partial"),
    ("in_transit+partial delivered+damaged unknown+opened", "delivered+damaged"),
    ("delivered exception+damaged", "delivered+damaged !update_after_final"),
    ("delivered+ok", "delivered"),
    # A delay ends with a later normal scan.
    ("in_transit~carrier", "in_transit~carrier"),
    ("in_transit~carrier in_transit", "in_transit"),
    ("in_transit~carrier =in_transit", "in_transit~carrier"),
    ("in_transit~carrier in_transit~weather", "in_transit~weather"),
    ("in_transit~carrier exception", "exception~carrier"),
    ("in_transit~carrier delivery_attempt_failed", "delivery_attempt_failed~carrier"),
    ("in_transit~customs customs/held", "customs/held~customs"),
    ("in_transit~customs customs/processing", "customs/processing"),
    ("in_transit~carrier in_transit/misrouted", "in_transit/misrouted~carrier"),
    ("in_transit~carrier unknown", "in_transit~carrier"),
    ("in_transit~carrier delivered", "delivered"),
    ("delivered unknown~carrier", "delivered"),
    ("in_transit~carrier lost", "lost"),
    ("in_transit~carrier lost exception", "exception~carrier !found_after_lost"),
    ("in_transit~carrier in_transit exception~external", "exception~external"),
]


@pytest.mark.parametrize(("text", "expected"), JOURNEYS, ids=[text or "nothing" for text, _ in JOURNEYS])
def test_a_journey_ends_where_its_updates_say(text: str, expected: str) -> None:
    assert summary(fold(journey(text))) == expected


@pytest.mark.parametrize("text", [text for text, _ in JOURNEYS])
def test_a_journey_told_backwards_and_twice_is_the_same_journey(text: str) -> None:
    updates = journey(text)

    assert fold([*reversed(updates), *updates]) == fold(updates)


def test_there_are_seventeen_words_and_four_of_them_are_final() -> None:
    assert len(ShipmentStatus) == 17
    assert {status.value for status in FINAL} == {"delivered", "returned_to_sender", "destroyed", "cancelled"}


@pytest.mark.parametrize("final", sorted(FINAL))
@pytest.mark.parametrize("later", list(ShipmentStatus))
def test_a_final_status_is_left_only_by_a_delivered_parcel_that_turns_back(
    final: ShipmentStatus, later: ShipmentStatus
) -> None:
    folded = fold([said(1, final), said(2, later)])

    turned_back = (final, later) == (ShipmentStatus.DELIVERED, ShipmentStatus.RETURNING_TO_SENDER)
    assert folded.status is (later if turned_back else final)
    assert bool(folded.anomalies) is not (turned_back or later in (final, ShipmentStatus.UNKNOWN))


def test_nothing_said_is_a_pending_parcel() -> None:
    assert fold([]) == NOTHING_SAID


def test_a_delivery_is_dated_by_its_first_scan_and_undone_by_the_way_back() -> None:
    assert fold(journey("in_transit delivered delivered")).delivered_at == hour(2)
    assert fold(journey("in_transit delivered unknown")).delivered_at == hour(2)
    assert fold(journey("delivered returning_to_sender")).delivered_at is None
    assert fold(journey("returning_to_sender delivered")).delivered_at is None


def test_a_parcel_on_its_way_back_says_so_whatever_its_last_scan() -> None:
    assert fold(journey("delivered returning_to_sender in_transit")).is_returning
    assert not fold(journey("delivered")).is_returning


def test_the_last_update_is_the_newest_also_one_that_nobody_understands() -> None:
    assert fold(journey("in_transit unknown")).last_update_at == hour(2)


def test_a_delay_is_dated_by_its_first_word_since_the_last_normal_scan() -> None:
    late = fold(journey("in_transit~carrier in_transit in_transit~weather exception~carrier")).delay

    assert late == Delay(DelayCause.CARRIER, hour(3))


def test_an_anomaly_names_what_was_said_and_when() -> None:
    (anomaly,) = fold(journey("delivered lost")).anomalies

    assert (anomaly.code, anomaly.status, anomaly.occurred_at) == (
        AnomalyCode.LOST_AFTER_FINAL,
        ShipmentStatus.LOST,
        hour(2),
    )


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("available_for_pickup", ActionRequiredBy.RECIPIENT),
        ("available_for_pickup/post_office", ActionRequiredBy.RECIPIENT),
        ("customs/duty_due", ActionRequiredBy.RECIPIENT),
        ("customs/processing", ActionRequiredBy.NONE),
        ("label_created/pickup_failed", ActionRequiredBy.SENDER),
        ("exception", ActionRequiredBy.NONE),
        ("exception/refused", ActionRequiredBy.SENDER),
        ("exception/address in_transit", ActionRequiredBy.NONE),
        ("available_for_pickup delivered", ActionRequiredBy.NONE),
    ],
)
def test_the_state_says_whose_act_the_carrier_waits_for(text: str, who: ActionRequiredBy) -> None:
    assert fold(journey(text)).action_required_by is who


def test_an_id_used_again_for_another_thing_keeps_both_and_says_so() -> None:
    twice = [replace(update, sender_event_id="evt-1") for update in journey("in_transit delivered")]

    assert summary(fold(twice)) == "delivered !repeat_differs"


def test_an_id_used_again_for_the_same_thing_is_a_repeat() -> None:
    update = replace(said(1, "in_transit"), sender_event_id="evt-1")
    again = replace(update, received_at=hour(9))

    assert fold([update, again]) == fold([update])


def test_what_was_not_understood_at_first_is_no_other_thing() -> None:
    twice = [replace(said(1, words), sender_event_id="evt-1") for words in ("unknown", "in_transit")]

    assert summary(fold(twice)) == "in_transit"


def etas(*forecasts: Eta | None) -> Sequence[Update]:
    return [replace(said(at, "in_transit"), eta=eta) for at, eta in enumerate(forecasts)]


def test_the_newest_forecast_counts_and_the_first_promise_is_kept() -> None:
    first, second = Eta(hour(50), hour(60)), Eta(hour(70), None)

    assert fold(etas(first, second, None)).eta == Eta(hour(70), None, original=hour(50))


def test_a_promise_the_carrier_names_is_the_original() -> None:
    assert fold(etas(Eta(hour(50)), Eta(original=hour(40)))).eta == Eta(hour(50), original=hour(40))


def test_the_newest_proof_counts() -> None:
    photo, signature = Proof(ProofType.PHOTO), Proof(ProofType.SIGNATURE, signed_by="A. Neighbour")
    updates = [replace(said(at, "delivered"), proof=proof) for at, proof in enumerate((photo, signature, None))]

    assert fold(updates).proof == signature
