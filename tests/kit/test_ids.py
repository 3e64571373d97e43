"""Ids: UUIDv7 inside, TypeIDs outside, one spelling each."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_api.kit import clock, ids

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
UUIDS = st.uuids(version=None) | st.integers(0, 2**128 - 1).map(lambda number: UUID(int=number))

# from the TypeID specification, spec/valid.yml
VECTORS = {
    "nil": ("00000000-0000-0000-0000-000000000000", "00000000000000000000000000"),
    "one": ("00000000-0000-0000-0000-000000000001", "00000000000000000000000001"),
    "ten": ("00000000-0000-0000-0000-00000000000a", "0000000000000000000000000a"),
    "sixteen": ("00000000-0000-0000-0000-000000000010", "0000000000000000000000000g"),
    "thirty-two": ("00000000-0000-0000-0000-000000000020", "00000000000000000000000010"),
    "the largest": ("ffffffff-ffff-ffff-ffff-ffffffffffff", "7zzzzzzzzzzzzzzzzzzzzzzzzz"),
    "the whole alphabet": ("0110c853-1d09-52d8-d73e-1194e95b5f19", "0123456789abcdefghjkmnpqrs"),
    "a UUIDv7": ("01890a5d-ac96-774b-bcce-b302099a8057", "01h455vb4pex5vsknk084sn02q"),
}


@pytest.mark.parametrize(("uuid", "text"), VECTORS.values(), ids=VECTORS.keys())
def test_the_vectors_of_the_specification_hold(uuid: str, text: str) -> None:
    assert ids.encode("clm", UUID(uuid)) == f"clm_{text}"
    assert ids.decode("clm", f"clm_{text}") == UUID(uuid)


@given(UUIDS)
def test_every_uuid_reads_back(value: UUID) -> None:
    text = ids.encode("clm", value)
    assert len(text) == 30
    assert ids.decode("clm", text) == value


@given(UUIDS, UUIDS)
def test_texts_sort_as_their_uuids(one: UUID, two: UUID) -> None:
    assert (ids.encode("clm", one) < ids.encode("clm", two)) == (one < two)


GOOD = "01h455vb4pex5vsknk084sn02q"
REFUSED = {
    "another prefix": f"shp_{GOOD}",
    "a longer prefix": f"clmx_{GOOD}",
    "a shorter prefix": f"cl_{GOOD}",
    "a prefix in upper case": f"CLM_{GOOD}",
    "no prefix": GOOD,
    "an empty prefix": f"_{GOOD}",
    "no separator": f"clm{GOOD}",
    "another separator": f"clm-{GOOD}",
    "upper case": f"clm_{GOOD.upper()}",
    "one letter in upper case": f"clm_{GOOD[:-1]}Q",
    "too large for a UUID": f"clm_8{GOOD[1:]}",
    "the largest character first": f"clm_z{GOOD[1:]}",
    "one too short": f"clm_{GOOD[:-1]}",
    "one too long": f"clm_{GOOD}0",
    "nothing": "",
    "only a prefix": "clm_",
    "i, which Crockford leaves out": f"clm_{GOOD[:-1]}i",
    "l": f"clm_{GOOD[:-1]}l",
    "o": f"clm_{GOOD[:-1]}o",
    "u": f"clm_{GOOD[:-1]}u",
    "a hyphen": f"clm_{GOOD[:12]}-{GOOD[13:]}",
    "a space around": f" clm_{GOOD}",
    "a line break behind": f"clm_{GOOD}\n",
    "a NUL": f"clm_{GOOD[:-1]}\0",
    "digits of another script": f"clm_{GOOD[:-1]}٣",
    "a sign that sorts before 0": f"clm_!{GOOD[1:]}",
    "a UUID": "01890a5d-ac96-774b-bcce-b302099a8057",
    "two ids": f"clm_{GOOD}_{GOOD}",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_an_id_has_one_spelling(text: str) -> None:
    assert ids.decode("clm", text) is None


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    for candidate in (text, f"clm_{text}", "clm_" + text.ljust(26, "0")[:26]):
        found = ids.decode("clm", candidate)
        assert found is None or ids.encode("clm", found) == candidate


def test_a_new_uuid_is_version_7_and_carries_its_millisecond() -> None:
    clock.set_to(START)
    made = ids.new_uuid()
    assert (made.version, made.variant) == (7, RFC_4122)
    milliseconds = made.int >> 80
    assert 0 <= milliseconds - int(START.timestamp() * 1000) < 60_000


def test_later_ids_sort_after_earlier_ones() -> None:
    made = []
    for step in range(200):
        clock.set_to(START + timedelta(milliseconds=step * 2000))
        made.append(ids.new_uuid())
    assert made == sorted(made)


def test_ids_of_one_moment_are_all_different() -> None:
    assert len({ids.new_uuid() for _ in range(10_000)}) == 10_000


@given(st.integers(0, 2**260 - 1))
def test_base32_reads_back_at_any_length(number: int) -> None:
    text = ids.base32(number, 52)
    assert len(text) == 52
    assert ids.unbase32(text) == number
