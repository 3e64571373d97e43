"""Strict JSON: what Postgres and RFC 8259 can keep comes through unchanged; the rest is a problem, never a crash."""

import json
import math
import re

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from claims_api.kit.problems import InvalidRequest, MalformedJson, Problem
from claims_api.kit.strict import MAX_DEPTH, MAX_DIGITS, MAX_POINTER, escape, parse_json

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
NUMBERS = st.integers(-(10**MAX_DIGITS) + 1, 10**MAX_DIGITS - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=20,
)
BRACKETS = st.text(st.sampled_from('{}[]"\\/ \n'), max_size=200)
PIECES = [b"{", b"}", b"[", b"]", b'"', b":", b",", b"\\", b"\\u", b"\\u0000", b"\\ud800", b"1e400", b"0.1"]
PIECES += [b"9" * 30, b"-", b'"a"', b"NaN", b"null", b"true", b" ", b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf"]
NEARLY_JSON = st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join)


def depth_of(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


def fault_of(body: bytes) -> tuple[str, str]:
    """Code and pointer of the one fault of a body that is JSON but cannot be kept."""
    with pytest.raises(InvalidRequest) as refused:
        parse_json(body)
    (fault,) = refused.value.errors
    return fault.code, fault.pointer


@given(VALUES)
def test_whatever_can_be_kept_comes_through_unchanged(value: object) -> None:
    for ascii_only in (True, False):
        found = parse_json(json.dumps(value, ensure_ascii=ascii_only).encode())
        assert found == value
        assert json.dumps(found) == json.dumps(value), "types and order too"


@given(VALUES, st.sampled_from(["\0", "\ud800", "\udfff", "a\ud83d", "\ude00\ud83d"]))
def test_a_text_that_cannot_be_kept_is_refused_wherever_it_stands(value: object, bad: str) -> None:
    for around in ([value, bad], {"a": value, "b": bad}, [value, {bad: value}], {"a": [bad, value]}):
        if depth_of(around) <= MAX_DEPTH:
            code, pointer = fault_of(json.dumps(around).encode())
            assert code == "character-not-allowed"
            assert pointer.encode(), "printable"


@given(st.binary(max_size=300) | NEARLY_JSON | BRACKETS.map(str.encode))
def test_no_bytes_do_anything_but_parse_or_raise_a_problem(body: bytes) -> None:
    try:
        value = parse_json(body)
    except Problem as problem:
        refusal = json.loads(problem.body("http://x", "req_1", "7" * 32))
        event(f"refused with {refusal['status']}")
    else:
        assert json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        assert depth_of(value) <= MAX_DEPTH


@given(BRACKETS, st.integers(0, 40))
def test_brackets_in_strings_are_not_depth(text: str, depth: int) -> None:
    written = json.dumps({text: [text, text]})
    body = ("[" * depth + written + "]" * depth).encode()
    if depth + 2 <= MAX_DEPTH:
        assert depth_of(parse_json(body)) == depth + 2
    else:
        assert fault_of(body) == ("too-deep", "")


STRINGS_THAT_MISLEAD = ['"', "\\", '\\"', '\\\\"', "[" * 40, "]" * 40, '"]' * 20 + "[" * 40, "\\" * 39 + "[" * 40]


@pytest.mark.parametrize("text", STRINGS_THAT_MISLEAD)
def test_escapes_do_not_hide_the_end_of_a_string(text: str) -> None:
    shallow = json.dumps([text, "[" * 40]).encode()
    assert parse_json(shallow) == [text, "[" * 40]
    deep = ("[" * MAX_DEPTH + json.dumps(text) + ",[]" + "]" * MAX_DEPTH).encode()
    assert fault_of(deep) == ("too-deep", "")


def test_depth_is_counted_by_what_is_open_not_by_what_was_opened() -> None:
    assert parse_json(b"[" + b",".join([b"[[{}]]"] * 100) + b"]") == [[[{}]]] * 100
    assert depth_of(parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)) == MAX_DEPTH


NOT_JSON = {
    "a key twice": b'{"a": 1, "a": 1}',
    "a key twice, written in two ways": rb'{"a": 1, "\u0061": 1}',
    "NaN": b"[NaN]",
    "Infinity": b"[-Infinity]",
    "bad UTF-8": b'"\xff"',
    "UTF-16": '"a"'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf1",
    "nothing": b"",
    "a raw control character": b'"\x01"',
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json_by_the_standard_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedJson):
        parse_json(body)


@pytest.mark.parametrize("digits", [1, MAX_DIGITS])
@pytest.mark.parametrize("sign", ["", "-"])
def test_whole_numbers_have_at_most_19_digits(digits: int, sign: str) -> None:
    assert parse_json(f"{sign}{'9' * digits}".encode()) == int(f"{sign}{'9' * digits}")
    assert fault_of(f'{{"a": [{sign}{"9" * (MAX_DIGITS + 1)}]}}'.encode()) == ("number-too-large", "/a/0")


def test_tiny_numbers_round_to_zero_and_huge_ones_are_refused() -> None:
    assert parse_json(b"1e-400") == 0
    assert parse_json(b"1.7976931348623157e308") == 1.7976931348623157e308
    assert not math.isinf(float(str(parse_json(b"1e308"))))
    assert fault_of(b'{"a": 1e309}') == ("number-too-large", "/a")


POINTERS = {
    "escaped by RFC 6901": (rb'{"a/b": {"c~d": "\u0000"}}', "/a~1b/c~0d"),
    "an empty key": (rb'{"": "\u0000"}', "/"),
    "a place in a list": (rb'["", ["", "\u0000"]]', "/1/1"),
    "the object of an unprintable key": (rb'{"a": {"\ud800": "\ud800"}}', "/a"),
    "a number under an unprintable key": (rb'{"a": {"\ud800": 1e400}}', ""),
    "the object of an endless key": (b'{"a": {"' + b"k" * 2 * MAX_POINTER + rb'": "\u0000"}}', "/a"),
}


@pytest.mark.parametrize(("body", "pointer"), POINTERS.values(), ids=POINTERS.keys())
def test_the_pointer_leads_to_the_fault(body: bytes, pointer: str) -> None:
    assert fault_of(body)[1] == pointer


@given(st.lists(TEXTS, max_size=5))
def test_an_escaped_step_reads_back(parts: list[str]) -> None:
    pointer = "".join("/" + escape(part) for part in parts)
    read = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    assert read == parts
    assert not re.search(r"~(?![01])", pointer)
