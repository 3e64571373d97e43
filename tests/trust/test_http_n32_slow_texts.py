"""N32: judging a text costs as much as reading it, however it is made; one request never stops the others."""

import re
import tracemalloc
from contextlib import suppress

import httpx
import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from claims_api.claims.schemas.values import line, lines
from claims_api.kit import health
from claims_api.kit.problems import InvalidRequest
from claims_api.kit.strict import parse_json, refuse_unknown_query
from tests.support.problems import refused

ENDS_BADLY = "x" * 4999 + "\x01"
PIECES = st.text(st.sampled_from("x .\t\n\r\x0b\x00\x1f\x7f\x85\u00a0\u2028\u3000ü"), max_size=8)


@pytest.mark.timeout(5, func_only=True)  # linear it takes a tenth of a second, quadratic more than ten
async def test_a_hundred_long_texts_with_a_fault_at_their_end_are_refused_at_once(api: httpx.AsyncClient) -> None:
    body = {"draft": True, "lines": [{"issue": {"description": ENDS_BADLY}}] * 100}

    document = refused(await api.post("/v1/claims", json=body), 422, "invalid-request")

    assert "/lines/0/issue/description" in str(document)


@given(PIECES)
def test_a_line_is_not_blank_and_has_no_control_characters(text: str) -> None:
    fits = re.fullmatch(line(100).pattern, text) is not None

    assert fits is (bool(text.strip()) and not re.search(r"[\x00-\x1f\x7f-\x9f]", text))


@given(PIECES)
def test_lines_may_break_and_have_tabs(text: str) -> None:
    fits = re.fullmatch(lines(100).pattern, text) is not None

    assert fits is (bool(text.strip()) and not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text))


@pytest.mark.timeout(5, func_only=True)
def test_a_query_of_very_many_parameters_is_refused_at_once() -> None:
    query = "&".join(f"{number:x}" for number in range(100_000)).encode()
    asked = Request({"type": "http", "query_string": query, "route": health.router.routes[0]})

    with pytest.raises(InvalidRequest):
        refuse_unknown_query(asked)


@pytest.mark.parametrize("fault", ["\\u0000", "\\ud83d\\ude00"])
def test_a_long_key_above_many_entries_is_not_copied_for_each(fault: str) -> None:
    body = f'{{"{"k" * 50_000}": [{"0," * 2_000}"{fault}"]}}'.encode()

    tracemalloc.start()
    with suppress(InvalidRequest):
        parse_json(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 100 * len(body)
