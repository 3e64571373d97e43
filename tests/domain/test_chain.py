"""There is one way to write an event down, and one hash of it."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from stories import CUSTOMER, NOW

from claims_api.domain.answers import EventDraft, EventType, Json
from claims_api.domain.chain import Head, Stamp, canonical_json, head_after, salted_hash, seal
from claims_api.domain.wire import instant_text, read_instant


def test_canonical_json_is_sorted_tight_and_plain_utf_8() -> None:
    value: Json = {"b": [1, True, None, EventType.NOTED], "a": {"ü": "é"}}

    assert canonical_json(value) == '{"a":{"ü":"é"},"b":[1,true,null,"claim.noted"]}'.encode()


@pytest.mark.parametrize("value", [1.0, float("nan"), b"x", NOW, {1: "x"}, {"x": [1.5]}, {"x"}])
def test_nothing_inexact_or_foreign_is_written(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)  # type: ignore[arg-type]  # that is the point


def test_an_instant_is_written_in_utc_to_the_microsecond() -> None:
    at = datetime(2026, 11, 24, 1, 2, 3, 40, tzinfo=timezone(timedelta(hours=1)))

    assert instant_text(at) == "2026-11-24T00:02:03.000040Z"
    assert read_instant(instant_text(at)) == at
    with pytest.raises(ValueError, match="zone"):
        instant_text(datetime(2026, 1, 1))


@pytest.mark.parametrize(
    "text",
    ["2026-11-24", "2026-11-24T00:02:03Z", "2026-11-24T00:02:03.000040", "2026-11-24T01:02:03.000040+01:00", "soon"],
)
def test_an_instant_written_otherwise_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"instant|isoformat"):
        read_instant(text)


def test_the_hash_of_an_event_never_changes_with_the_code() -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)

    event = seal(
        EventDraft(EventType.NOTED, {"text": "txt_1"}), "evt_1", Head("ten_1", "clm_1"), Stamp(CUSTOMER, at, at)
    )

    written = (
        '{"actor":{"kind":"customer","ref":"party-1"},"data":{"text":"txt_1"},"id":"evt_1",'
        '"occurred_at":"2026-11-24T00:00:00.000000Z","prev_hash":"' + "0" * 64 + '",'
        '"recorded_at":"2026-11-24T00:00:00.000000Z","seq":1,"stream_id":"clm_1","tenant_id":"ten_1",'
        '"type":"claim.noted"}'
    )
    assert event.hash == hashlib.sha256(written.encode()).hexdigest()


def test_an_event_follows_the_one_before() -> None:
    draft, stamp = EventDraft(EventType.NOTED, {}), Stamp(CUSTOMER, NOW, NOW)
    first = seal(draft, "evt_1", Head("ten_1", "clm_1"), stamp)

    second = seal(draft, "evt_2", head_after(first), stamp)

    assert (second.seq, second.prev_hash) == (2, first.hash)


def test_the_same_words_hash_differently_under_another_salt() -> None:
    assert salted_hash("words", b"a") != salted_hash("words", b"b")
    assert salted_hash("words", b"a") == salted_hash("words", b"a")
    assert len(salted_hash("", b"")) == 64
