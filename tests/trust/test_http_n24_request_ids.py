"""N24: a request is found again by its ids, in its answer and in the log, and the log holds nothing it sent."""

import httpx
import pytest

from tests.support.log_lines import log_lines

PATH = "/v1/test-rows"
CANARY = "canary-5f1d"
TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"


@pytest.mark.parametrize("request_id", ["a", "A" * 64, "9f1c.b-2_X"])
async def test_a_usable_request_id_is_echoed(anonymous: httpx.AsyncClient, request_id: str) -> None:
    for path in ("/healthz", "/v1/nothing"):
        answer = await anonymous.get(path, headers={"X-Request-Id": request_id})
        assert answer.headers["x-request-id"] == request_id


HOSTILE_IDS = {
    "too long": [b"a" * 65],
    "empty": [b""],
    "a space": [b"a b"],
    "markup": [b"<script>"],
    "a line break": [b"a\nb"],
    "not ASCII": ["ü".encode()],
    "two of them": [b"one", b"two"],
}


@pytest.mark.parametrize("values", HOSTILE_IDS.values(), ids=HOSTILE_IDS.keys())
async def test_a_hostile_request_id_is_replaced(anonymous: httpx.AsyncClient, values: list[bytes]) -> None:
    answer = await anonymous.get("/v1/nothing", headers=[(b"X-Request-Id", value) for value in values])
    assert answer.headers["x-request-id"].startswith("req_")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


TRACEPARENTS = {
    "well formed": (f"00-{TRACE}-{SPAN}-01", True),
    "not sampled": (f"00-{TRACE}-{SPAN}-00", True),
    "all zeros": (f"00-{'0' * 32}-{SPAN}-01", False),
    "no parent": (f"00-{TRACE}-{'0' * 16}-01", False),
    "upper case": (f"00-{TRACE.upper()}-{SPAN}-01", False),
    "the forbidden version": (f"ff-{TRACE}-{SPAN}-01", False),
    "markup": ("<script>alert(1)</script>", False),
}


@pytest.mark.parametrize(("sent", "is_kept"), TRACEPARENTS.values(), ids=TRACEPARENTS.keys())
async def test_the_trace_of_the_caller_is_found_in_the_log(
    anonymous: httpx.AsyncClient, sent: str, is_kept: bool
) -> None:
    with log_lines() as lines:
        answer = await anonymous.get("/v1/nothing", headers={"traceparent": sent, "X-Request-Id": "mine"})
    assert answer.status_code == 404
    assert [(line["event"], line["request_id"]) for line in lines] == [("request", "mine")]
    assert (lines[0]["trace_id"] == TRACE) is is_kept
    assert len(lines[0]["trace_id"]) == 32


REFUSALS: dict[str, tuple[str, str, dict[str, str], int]] = {
    "no credential": ("GET", f"{PATH}/row_1", {"Authorization": ""}, 401),
    "an unknown path": ("GET", "/v1/nothing", {}, 404),
    "an unknown path outside the API": ("GET", "/nothing", {}, 404),
    "an unknown file": ("GET", "/static/docs/nothing", {}, 404),
    "an unknown row": ("GET", f"{PATH}/row_1", {}, 404),
    "another method": ("DELETE", PATH, {}, 405),
    "another form": ("GET", f"{PATH}/row_1", {"Accept": "text/html"}, 406),
    "no body": ("POST", PATH, {}, 422),
    "an unknown parameter": ("GET", f"{PATH}/row_1?a=1", {}, 422),
    "a query that is no text": ("GET", "/healthz?a=%ff", {}, 422),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_problem_and_the_log_carry_the_trace_of_the_caller(api: httpx.AsyncClient, case: str) -> None:
    method, path, headers, status = REFUSALS[case]
    with log_lines() as lines:
        answer = await api.request(method, path, headers=headers | {"traceparent": f"00-{TRACE}-{SPAN}-01"})

    assert (answer.status_code, answer.json()["trace_id"]) == (status, TRACE)
    assert [line["trace_id"] for line in lines] == [TRACE]


async def test_a_problem_of_a_caller_without_a_trace_carries_one_of_ours_as_the_log_does(
    anonymous: httpx.AsyncClient,
) -> None:
    with log_lines() as lines:
        answers = [await anonymous.get("/v1/nothing", headers=sent) for sent in ({}, {"traceparent": "<script>"})]

    traces = [answer.json()["trace_id"] for answer in answers]
    assert [line["trace_id"] for line in lines] == traces
    assert len(set(traces)) == len(traces)


async def test_the_request_line_has_the_route_and_nothing_the_caller_typed(api: httpx.AsyncClient) -> None:
    with log_lines() as lines:
        await api.get(f"{PATH}/{CANARY}", params={"email": CANARY})
        await api.post(PATH, json={"word": CANARY}, headers={"Idempotency-Key": CANARY, "Claims-Actor": CANARY})
        await api.get(f"/v1/{CANARY}")
    assert CANARY not in str(lines)
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", "/v1/test-rows/{row}", 422),
        ("POST", "/v1/test-rows", 201),
        ("GET", "unmatched", 404),
    ]
