"""Even somebody who can compute the hashes cannot change a log without its end telling."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias

import pytest
from stories import AGENT, CUSTOMER, NOW

from claims_api.domain.answers import EventDraft, EventType
from claims_api.domain.chain import Event, Fault, Head, Stamp, check_chain, head_after, seal

LENGTH = 8
Log: TypeAlias = list[Event]


def sealed(event: Event, head: Head) -> Event:
    """What the event says, in its place behind `head`, with the hashes that belong there."""
    stamp = Stamp(event.actor, event.occurred_at, event.recorded_at)
    return seal(EventDraft(event.type, event.data), event.id, head, stamp)


def written(events: Sequence[Event]) -> Log:
    """These events as one unbroken chain."""
    head, log = Head("ten_1", "clm_1"), []
    for event in events:
        log.append(sealed(event, head))
        head = head_after(log[-1])
    return log


def a_log() -> Log:
    stamp = Stamp(CUSTOMER, NOW, NOW)
    one = seal(EventDraft(EventType.NOTED, {"text": "txt_1"}), "evt_0", Head("ten_1", "clm_1"), stamp)
    return written([replace(one, id=f"evt_{n}", data={"text": f"txt_{n}"}) for n in range(LENGTH)])


SAID: dict[str, Callable[[Event], Event]] = {
    "its id": lambda event: replace(event, id="evt_x"),
    "its type": lambda event: replace(event, type=EventType.WITHDRAWN),
    "its data": lambda event: replace(event, data={"text": "txt_x"}),
    "when it happened": lambda event: replace(event, occurred_at=event.occurred_at + timedelta(microseconds=1)),
    "when it was written down": lambda event: replace(event, recorded_at=event.recorded_at - timedelta(microseconds=1)),
    "who did it": lambda event: replace(event, actor=AGENT),
}
PLACED: dict[str, Callable[[Event], Event]] = {
    "its tenant": lambda event: replace(event, tenant_id="ten_2"),
    "its claim": lambda event: replace(event, stream_id="clm_2"),
    "its seq": lambda event: replace(event, seq=event.seq + 1),
    "the hash before it": lambda event: replace(event, prev_hash="f" * 64),
    "its hash": lambda event: replace(event, hash="f" * 64),
}
EDITS = SAID | PLACED  # what an event says, and where it stands: sealing it again makes the latter anew


@pytest.mark.parametrize("place", range(LENGTH))
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_each_field_of_each_event_is_in_its_hash(edit: Callable[[Event], Event], place: int) -> None:
    log = a_log()
    head_hash = log[-1].hash
    assert check_chain(log, head_hash) == ()

    log[place] = edit(log[place])

    faults = check_chain(log, head_hash)
    assert faults[0].seq == log[place].seq


@pytest.mark.parametrize("place", range(LENGTH - 1))
@pytest.mark.parametrize("edit", SAID.values(), ids=SAID.keys())
def test_an_event_sealed_again_alone_is_found_by_the_next_one(edit: Callable[[Event], Event], place: int) -> None:
    log = a_log()
    head_hash, old = log[-1].hash, log[place]

    log[place] = sealed(edit(old), Head(old.tenant_id, old.stream_id, old.seq - 1, old.prev_hash))

    assert check_chain(log, head_hash) == (Fault(place + 2, "link-broken"),)


def test_a_seq_left_out_by_whoever_wrote_the_log_is_found() -> None:
    first, second = a_log()[:2]
    late = sealed(second, replace(head_after(first), seq=first.seq + 1))

    assert check_chain([first, late], late.hash) == (Fault(3, "seq-gap"),)


def forged(log: Log, chance: random.Random) -> Log:
    """Another history, changed somewhere at random and sealed again to its end."""
    place, other = chance.sample(range(LENGTH), 2)
    kind = chance.choice([*SAID, "out", "in", "swap", "tail"])
    match kind:
        case "out":
            changed = [event for event in log if event is not log[place]]
        case "in":
            changed = [*log[:place], replace(log[other], id="evt_x"), *log[place:]]
        case "swap":
            changed = [*log]
            changed[place], changed[other] = log[other], log[place]
        case "tail":
            changed = log[:place]
        case _:
            changed = [SAID[kind](event) if event is log[place] else event for event in log]
    return written(changed)


def test_a_hundred_histories_sealed_again_in_a_hundred_are_found_by_the_end_they_lack() -> None:
    chance, log = random.Random(18), a_log()  # noqa: S311 - no secret
    head_hash = log[-1].hash

    found = [check_chain(forged(log, chance), head_hash) for _ in range(100)]

    assert [faults[0].code for faults in found if faults] == ["tail-cut"] * 100
