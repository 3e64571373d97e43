"""One update of a parcel: whose it is, when it happened, and when two of them are the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_api.domain.shipment_words import (
    SUBSTATUSES,
    DelayCause,
    ShipmentCondition,
    ShipmentStatus,
    Substatus,
    substatus_of,
)
from claims_api.domain.shipments import (
    Eta,
    Update,
    canonical_number,
    content_hash,
    dedupe_key,
    instant_of,
    is_from_the_future,
    parcel_key,
    statement_hash,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SCAN = Update(
    carrier="DHL Express",
    tracking_number="1Z 999-AA1",
    occurred_at=NOON,
    received_at=NOON + timedelta(minutes=5),
    status=ShipmentStatus.IN_TRANSIT,
    location="Leipzig, Hub 2",
    raw_code="AR",
)

plain_numbers = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=34)
FULL_WIDTH = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
CYRILLIC = dict(zip("ABEKMHOPCTYX", "АВЕКМНОРСТУХ", strict=True))
GREEK = dict(zip("ABEZHIKMNOPTYX", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", strict=True))
ARABIC = dict(zip("0123456789", "٠١٢٣٤٥٦٧٨٩", strict=True))
SPELLINGS = [FULL_WIDTH, CYRILLIC, GREEK, ARABIC]
MARKS = ["", " ", "-", "\u00a0", "\u2011", "\u2013", "\u200b", "\u00ad", "\ufeff", "\t", ".", "/", "_", "\u0301"]


@st.composite
def spellings(draw: st.DrawFn, number: str) -> str:
    """The same number as somebody may type it, or try to hide it."""
    written = []
    for character in number:
        other = draw(st.sampled_from(SPELLINGS)).get(character, character)
        small = other.lower() if draw(st.booleans()) else other
        written.append(draw(st.sampled_from([character, other, small])) + draw(st.sampled_from(MARKS)))
    return draw(st.sampled_from(MARKS)) + "".join(written)


@given(st.data(), plain_numbers)
def test_a_number_is_one_number_however_it_is_spelled(data: st.DataObject, number: str) -> None:
    assert canonical_number(data.draw(spellings(number))) == number


@given(st.text(max_size=40))
def test_a_number_is_capitals_and_digits_or_it_is_refused(text: str) -> None:
    try:
        number = canonical_number(text)
    except ValueError:
        return

    assert number.isascii()
    assert number.isalnum()
    assert number == number.upper()
    assert canonical_number(number) == number


@given(st.data(), plain_numbers)
def test_no_spelling_of_a_number_leads_to_a_parcel_of_another_partner(data: st.DataObject, number: str) -> None:
    spelled = data.draw(spellings(number))

    assert parcel_key("partner-a", "swift", number) == parcel_key("partner-a", "SWIFT", spelled)
    assert parcel_key("partner-a", "swift", number) != parcel_key("partner-b", "swift", spelled)


@pytest.mark.parametrize(
    ("one", "other"),
    [("O0", "00"), ("1I", "11"), ("S5", "55"), ("B8", "88"), ("12", "21")],
)
def test_numbers_that_carriers_tell_apart_stay_apart(one: str, other: str) -> None:
    assert canonical_number(one) != canonical_number(other)


@pytest.mark.parametrize("text", ["", " - ", "\u200b", "1" * 65, "12漢", "Д12", "\u13aa12", "ѵ12"])
def test_what_is_no_number_is_refused_and_never_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 64"):
        canonical_number(text)


@pytest.mark.parametrize("carrier", ["dhl-express", "DHL_EXPRESS", "Dhl express", "\uff24HL Express"])
def test_a_carrier_is_one_carrier_however_it_is_written(carrier: str) -> None:
    assert parcel_key("p", carrier, "1") == parcel_key("p", "DHL Express", "1")


@pytest.mark.parametrize(
    ("local", "zone", "instant"),
    [
        (datetime(2026, 7, 1, 10), "Europe/Berlin", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        (datetime(2026, 1, 1, 10), "Europe/Berlin", datetime(2026, 1, 1, 9, tzinfo=UTC)),
        (datetime(2026, 7, 1, 10), "+05:30", datetime(2026, 7, 1, 4, 30, tzinfo=UTC)),
        (datetime(2026, 7, 1, 10), "-0330", datetime(2026, 7, 1, 13, 30, tzinfo=UTC)),
        # The hour that comes twice is the first one; the hour that never was is read with the old offset.
        (datetime(2026, 10, 25, 2, 30, fold=1), "Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 3, 29, 2, 30), "Europe/Berlin", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_wall_clock_is_read_in_its_own_zone(local: datetime, zone: str, instant: datetime) -> None:
    assert instant_of(local, zone) == instant
    assert replace(SCAN, occurred_at=instant, local_time=local, zone=zone).local_time == local


@pytest.mark.parametrize("zone", ["", "Europe", "Mars/Olympus", "../etc/passwd", "+25:00", "+5", "Europe/Berlin\0"])
def test_a_zone_nobody_knows_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="no such zone"):
        instant_of(datetime(2026, 7, 1), zone)


@pytest.mark.parametrize(
    "changes",
    [
        {"occurred_at": datetime(2026, 5, 1, 12)},
        {"received_at": datetime(2026, 5, 1, 12)},
        # A wall clock without its zone, and one taken for UTC.
        {"local_time": datetime(2026, 5, 1, 12)},
        {"local_time": datetime(2026, 5, 1, 12), "zone": "Europe/Berlin"},
        {"local_time": NOON, "zone": "Europe/Berlin"},
        {"local_time": datetime(1, 1, 1), "zone": "+05:00"},
        {"occurred_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))},
    ],
)
def test_a_wall_clock_never_passes_for_an_instant(changes: dict[str, datetime | str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each says its own
        replace(SCAN, **changes)  # type: ignore[arg-type]  # the values fit their names


def test_a_forecast_is_made_of_instants() -> None:
    with pytest.raises(ValueError, match="wall clock"):
        Eta(p50=datetime(2026, 5, 1, 12))


@pytest.mark.parametrize(("hours", "is_future"), [(-100, False), (0, False), (23, False), (24, True), (9000, True)])
def test_a_day_ahead_of_our_clock_is_the_future_and_less_is_a_wrong_zone(hours: int, is_future: bool) -> None:
    update = replace(SCAN, occurred_at=SCAN.received_at + timedelta(hours=hours))

    assert is_from_the_future(update) is is_future


@pytest.mark.parametrize(
    "repeat",
    [
        replace(SCAN, received_at=NOON + timedelta(days=3)),
        replace(SCAN, occurred_at=NOON.astimezone(timezone(timedelta(hours=2)))),
        replace(SCAN, carrier="dhl-express", tracking_number="1z999aa1"),
        replace(SCAN, location="  LEIPZIG,  Hub 2"),
        # A mended mapping is the same event read better.
        replace(SCAN, status=ShipmentStatus.CUSTOMS),
    ],
)
def test_the_same_scan_told_again_has_the_same_hash(repeat: Update) -> None:
    assert content_hash(repeat) == content_hash(SCAN)
    assert dedupe_key(repeat) == dedupe_key(SCAN)


@pytest.mark.parametrize(
    "other",
    [
        replace(SCAN, carrier="swift"),
        replace(SCAN, tracking_number="1Z999AA2"),
        replace(SCAN, occurred_at=NOON + timedelta(microseconds=1)),
        replace(SCAN, raw_code="ar"),
        replace(SCAN, raw_code=None),
        replace(SCAN, location=None),
        replace(SCAN, location="Leipzig, Hub 3"),
    ],
)
def test_another_scan_has_another_hash(other: Update) -> None:
    assert content_hash(other) != content_hash(SCAN)
    assert dedupe_key(other) != dedupe_key(SCAN)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": ShipmentStatus.DELIVERED},
        {"substatus": Substatus.MISROUTED},
        {"condition": ShipmentCondition.DAMAGED},
        {"delay": DelayCause.WEATHER},
    ],
)
def test_without_a_code_of_the_sender_our_words_tell_two_scans_apart(changes: dict[str, str]) -> None:
    wordless = replace(SCAN, raw_code=None)

    assert content_hash(replace(wordless, **changes)) != content_hash(wordless)  # type: ignore[arg-type]  # as above


def test_a_code_that_spells_our_words_is_still_theirs() -> None:
    wordless = replace(SCAN, raw_code=None)

    assert content_hash(replace(SCAN, raw_code="in_transit/None/None/None")) != content_hash(wordless)


def test_the_senders_id_counts_before_the_content_and_for_its_parcel_only() -> None:
    named = replace(SCAN, sender_event_id="evt-1")

    assert dedupe_key(named) == dedupe_key(replace(named, occurred_at=NOON + timedelta(hours=1)))
    assert dedupe_key(named) != dedupe_key(replace(named, tracking_number="1Z999AA2"))
    assert dedupe_key(named) != dedupe_key(SCAN)
    assert dedupe_key(replace(SCAN, sender_event_id="")) == dedupe_key(SCAN)


def test_a_statement_is_all_that_is_said_and_nothing_of_how_we_heard_it() -> None:
    assert statement_hash(replace(SCAN, sender_event_id="evt-1", received_at=NOON)) == statement_hash(SCAN)
    assert statement_hash(replace(SCAN, eta=Eta(NOON))) != statement_hash(replace(SCAN, eta=Eta(None, NOON)))


def test_every_detail_has_a_status_and_an_unknown_one_is_left_out() -> None:
    assert frozenset().union(*SUBSTATUSES.values()) == frozenset(Substatus)
    assert substatus_of(ShipmentStatus.CUSTOMS, "held") is Substatus.HELD
    assert substatus_of(ShipmentStatus.DELIVERED, "held") is None
    assert substatus_of(ShipmentStatus.EXCEPTION, "abducted") is None
    assert substatus_of(ShipmentStatus.PENDING, None) is None
