"""What holds of every parcel: however its updates are shuffled, repeated, delayed and split, it is the same parcel."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st
from test_shipments_effects import told
from test_shipments_fold import hour

from claims_api.domain.shipment_effects import EffectKind
from claims_api.domain.shipment_fold import fold
from claims_api.domain.shipment_words import (
    FINAL,
    NO_SIGHT,
    SUBSTATUSES,
    AnomalyCode,
    AttentionReason,
    DelayCause,
    ProofType,
    ShipmentCondition,
    ShipmentDirection,
    ShipmentPurpose,
    ShipmentStatus,
    worse,
)
from claims_api.domain.shipments import Eta, Proof, Update

LOST, DELIVERED = ShipmentStatus.LOST, ShipmentStatus.DELIVERED
STEPS = {EffectKind.RECEIVE_ITEM, EffectKind.REPORT_ITEM_LOST}


@st.composite
def updates(draw: st.DrawFn, statuses: st.SearchStrategy[ShipmentStatus]) -> Update:
    """Few instants, ids and codes, so that many updates meet at one instant or under one id."""
    status = draw(statuses)
    known = sorted(SUBSTATUSES[status])
    at = hour(draw(st.integers(0, 6)))
    return Update(
        carrier=draw(st.sampled_from(["swift", "post"])),
        tracking_number=draw(st.sampled_from(["SW1", "PO2"])),
        occurred_at=at,
        received_at=at + timedelta(hours=draw(st.integers(0, 100))),
        status=status,
        sender_event_id=draw(st.sampled_from([None, None, "evt-1", "evt-2"])),
        substatus=draw(st.none() | st.sampled_from(known)) if known else None,
        condition=draw(st.none() | st.sampled_from(ShipmentCondition)),
        delay=draw(st.none() | st.none() | st.sampled_from(DelayCause)),
        eta=draw(st.none() | st.builds(Eta, st.none() | st.integers(7, 9).map(hour), st.just(hour(9)))),
        proof=draw(st.none() | st.builds(Proof, st.sampled_from(ProofType))),
        raw_code=draw(st.sampled_from([None, "A1", "B2"])),
    )


any_update = updates(st.sampled_from(ShipmentStatus))
parcels = st.lists(any_update, max_size=9)


@st.composite
def tellings(draw: st.DrawFn, said: list[Update]) -> list[list[Update]]:
    """The same updates in another order, some again, all at another time, in batches of any size."""
    again = draw(st.lists(st.sampled_from(said), max_size=4)) if said else []
    shuffled = draw(st.permutations([*said, *again]))
    late = [replace(update, received_at=hour(draw(st.integers(0, 999)))) for update in shuffled]
    cuts = sorted(draw(st.lists(st.integers(0, len(late)), max_size=5)))
    return [late[start:end] for start, end in zip([0, *cuts], [*cuts, len(late)], strict=True)]


@given(st.data(), parcels)
def test_shuffled_repeated_delayed_or_split_it_is_the_same_parcel(data: st.DataObject, said: list[Update]) -> None:
    batches = data.draw(tellings(said))

    *_, told_otherwise = accumulate(batches)

    assert fold(told_otherwise) == fold(said)


@given(st.data(), parcels)
def test_every_telling_has_each_effect_once(data: st.DataObject, said: list[Update]) -> None:
    done = told(*data.draw(tellings(said)))

    steps = [effect for effect in done if effect.kind in STEPS]
    once = Counter(effect for effect in done if effect.kind is not EffectKind.DELAYED)
    assert len(steps) <= 1
    assert [effect for effect, times in once.items() if times > 1] == []


@given(st.data(), parcels)
def test_a_status_is_written_into_the_history_once(data: st.DataObject, said: list[Update]) -> None:
    direction = data.draw(st.sampled_from(ShipmentDirection))
    purpose = data.draw(st.sampled_from(ShipmentPurpose))
    done = told(*data.draw(tellings(said)), direction=direction, purpose=purpose)

    events = Counter(effect.status for effect in done if effect.status and effect.kind not in STEPS)
    attentions = Counter(effect.status for effect in done if effect.status and effect.kind is EffectKind.ATTENTION)
    assert all(times - attentions[status] <= 1 for status, times in events.items())
    assert all(times <= 1 for times in attentions.values())


@given(st.data(), parcels)
def test_an_item_that_comes_after_it_was_reported_lost_is_with_a_person(
    data: st.DataObject, said: list[Update]
) -> None:
    done = told(*data.draw(tellings(said)))

    kinds = {effect.kind for effect in done}
    if EffectKind.REPORT_ITEM_LOST in kinds and fold(said).status is DELIVERED:
        assert EffectKind.ATTENTION in kinds


@given(st.data(), parcels)
def test_damage_calls_a_person_in_every_telling(data: st.DataObject, said: list[Update]) -> None:
    reasons = [effect.reason for effect in told(*data.draw(tellings(said)))]

    is_damaged = fold(said).condition is ShipmentCondition.DAMAGED
    assert reasons.count(AttentionReason.DAMAGED) == is_damaged


@given(parcels)
def test_a_parcel_found_again_is_as_if_it_never_was_lost(said: list[Update]) -> None:
    never_lost = [update for update in said if update.status is not LOST]
    last_lost = [update.occurred_at for update in said if update.status is LOST]
    seen = [update.occurred_at for update in never_lost if update.status not in NO_SIGHT]
    if last_lost and seen and max(seen) > max(last_lost):
        one, other = fold(said), fold(never_lost)
        assert (one.status, one.substatus, one.delivered_at) == (other.status, other.substatus, other.delivered_at)


@given(parcels, st.lists(updates(st.just(ShipmentStatus.UNKNOWN)), max_size=3))
def test_what_nobody_understands_changes_no_status(said: list[Update], unknown: list[Update]) -> None:
    one, other = fold(said), fold([*said, *unknown])

    assert (one.status, one.substatus, one.delivered_at) == (other.status, other.substatus, other.delivered_at)


@given(parcels)
def test_the_state_agrees_with_itself(said: list[Update]) -> None:
    folded = fold(said)

    assert (folded.delivered_at is not None) == (folded.status is DELIVERED)
    assert folded.delay is None or folded.status not in FINAL | {LOST}
    assert folded.substatus is None or folded.substatus in SUBSTATUSES[folded.status]
    assert folded.status is not ShipmentStatus.UNKNOWN
    assert folded.last_update_at == max((update.occurred_at for update in said), default=None)


@given(parcels, any_update)
def test_a_condition_never_gets_better(said: list[Update], more: Update) -> None:
    before, after = fold(said).condition, fold([*said, more]).condition

    assert worse(before, after) is after


@given(parcels, any_update)
def test_a_final_status_survives_every_later_update_but_the_way_back(said: list[Update], more: Update) -> None:
    before, after = fold(said), fold([*said, replace(more, occurred_at=hour(7))])

    turns_back = before.status is DELIVERED and more.status is ShipmentStatus.RETURNING_TO_SENDER
    if before.status in FINAL and not turns_back:
        assert after.status is before.status
        assert set(before.anomalies) <= set(after.anomalies)


@given(parcels)
def test_every_odd_word_is_said_once_with_its_time(said: list[Update]) -> None:
    anomalies = fold(said).anomalies

    assert list(anomalies) == sorted(set(anomalies))
    assert sum(anomaly.code is AnomalyCode.FOUND_AFTER_LOST for anomaly in anomalies) <= 1
