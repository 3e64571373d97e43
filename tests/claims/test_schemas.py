"""What a request may say: what is refused, where the pointer points, and that no value is repeated."""

import json
from copy import deepcopy
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any, get_args

import httpx
import jsonschema  # type: ignore[import-untyped]  # its stubs are a package of their own
import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from claims_api.claims.schemas.submission import ClaimSubmission, date_faults
from claims_api.claims.schemas.transitions import REQUESTS, AnyTransition, ApproveRequest, TransitionRequest
from claims_api.claims.schemas.words import IssueCode
from claims_api.domain.money import Money
from claims_api.domain.policy_words import Category
from claims_api.domain.transitions import ROWS
from claims_api.domain.vocabulary import Transition
from claims_api.kit.problems import InputError
from claims_api.kit.strict import invalid_request

EXAMPLES = json.loads((files("claims_api") / "claims/data/examples.json").read_text(encoding="utf-8"))
SUBMISSIONS = [*EXAMPLES["submit_claim"]["request"].values(), *EXAMPLES["save_draft"]["request"].values()]
TRANSITIONS = EXAMPLES["transition_claim"]["request"]
KETTLE = EXAMPLES["submit_claim"]["request"]["a_kettle_bought_online"]
FILING: TypeAdapter[ClaimSubmission] = TypeAdapter(ClaimSubmission)
STEP: TypeAdapter[Any] = TypeAdapter(TransitionRequest)
MARK = "zqzqzq"


def errors_of(kind: TypeAdapter[Any], body: object) -> tuple[InputError, ...]:
    """What a caller reads in `errors` of the problem, or nothing."""
    try:
        kind.validate_python(body)
    except ValidationError as error:
        found = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        return invalid_request(RequestValidationError(found, body=body)).errors
    return ()


def changed(pointer: str, value: object, body: dict[str, Any] = KETTLE) -> dict[str, Any]:
    """The body with another value at the pointer."""
    made = deepcopy(body)
    *way, last = (int(step) if step.isdigit() else step for step in pointer.split("/")[1:])
    place: Any = made
    for step in way:
        place = place[step]
    place[last] = value
    return made


def wide(count: int) -> dict[str, str]:
    return {f"key_{number}": "v" for number in range(count)}


@pytest.mark.parametrize(
    ("kind", "body"), [(FILING, b) for b in SUBMISSIONS] + [(STEP, b) for b in TRANSITIONS.values()]
)
def test_every_example_is_accepted_by_the_model_and_by_its_json_schema(kind: TypeAdapter[Any], body: object) -> None:
    assert errors_of(kind, body) == ()
    jsonschema.validate(body, kind.json_schema())


@pytest.mark.parametrize("name", REQUESTS)
def test_a_transition_is_read_as_the_request_of_its_name(name: str) -> None:
    assert type(STEP.validate_python(TRANSITIONS[name])) is REQUESTS[name]


def test_every_row_of_the_table_but_the_saving_of_a_draft_can_be_asked_for_and_has_an_example() -> None:
    rows = {row.transition.value for row in ROWS} - {Transition.DRAFT.value}

    assert rows == set(REQUESTS) == {example["transition"] for example in TRANSITIONS.values()}
    assert set(get_args(AnyTransition)) == set(REQUESTS.values())


def test_an_empty_draft_is_accepted_and_what_is_left_out_is_not_made_up() -> None:
    made = FILING.validate_python({"draft": True})

    left = made.model_dump(exclude={"draft", "lines", "metadata"})
    assert set(left.values()) == {None}
    assert (made.lines, made.metadata) == ([], {})


ACCEPTED: dict[str, list[object]] = {
    "/locale": ["de", "de-DE", "zh-Hant-TW", "es-419", "sl-rozaj-biske", "de-CH-1996", "en-u-ca-gregory", "en-x-shop"],
    "/region": ["EU", "DE", "US-CA", "GB-ENG", "FR-2A", "CN-11"],
    "/time_zone": ["Asia/Kolkata", "UTC"],
    "/customer/ref": ["客-77/ä", "c" * 100],
    "/order/purchased_on": ["1900-01-01", "2200-12-31"],
    "/lines": [[], [{}] * 100],
    "/lines/0/category": list(Category),
    "/lines/0/name": ["Чайник ☕ 電水壺"],
    "/lines/0/issue/code": [*IssueCode, "x_" + "a" * 40],
    "/lines/0/issue/description": ["first line\r\n\tsecond line\n" + "ü" * 4900],
    "/lines/0/paid": [{"amount": amount, "currency": "KWD"} for amount in ("0", "5", "12.345", "9007199254740.991")],
    "/lines/0/paid/amount": ["0.00", "129", "129.5"],
    "/lines/0/serial_numbers": [["S"] * 50],
    "/lines/0/prior_repairs": [[{"repaired_on": None, "by": "other", "issue_code": None}] * 20],
    "/metadata": [wide(50), {"k" * 40: "v" * 500, "empty": ""}],
}


@pytest.mark.parametrize(("pointer", "value"), [(at, value) for at, found in ACCEPTED.items() for value in found])
def test_what_is_right_is_accepted_by_the_model_and_by_its_json_schema(pointer: str, value: object) -> None:
    body = changed(pointer, value)

    assert errors_of(FILING, body) == ()
    jsonschema.validate(body, FILING.json_schema())


ARABIC_ONE = "\u0661"
REFUSED: list[tuple[str, str, list[object]]] = [
    # pointer, code of the error, values sent there
    ("/unheard_of", "extra-forbidden", [MARK]),
    ("/lines/0/colour", "extra-forbidden", [MARK]),
    ("/draft", "bool-type", [1, "true", None]),
    ("/external_ref", "string-type", [20411, 1.5, True, ["R"]]),
    ("/external_ref", "text-malformed", ["", " \u2003", MARK + "\n"]),
    ("/external_ref", "string-too-long", [MARK * 17]),
    ("/region", "region-malformed", ["de", "DE-", "DE_BY", "D", "DE\n", "ДЕ"]),
    ("/region", "string-too-long", [MARK + "x"]),
    ("/locale", "locale-malformed", ["de_DE", "d", "deutsch", "de-", "-DE", "de-DE ", MARK]),
    ("/channel", "enum", [MARK, 1, ""]),
    ("/time_zone", "time-zone-unknown", ["+02:00", "CEST", "europe/berlin", "../etc/passwd", "localtime", MARK]),
    ("/customer", "model-type", [[], MARK]),
    ("/customer/ref", "reference-malformed", ["", "c 77", "c\u00a077", "c\t77", "c\x9b77"]),
    ("/customer/ref", "string-too-long", ["c" * 101]),
    ("/customer/kind", "enum", [None, MARK]),
    ("/customer/email", "email-malformed", [MARK, "a b@example.com"]),
    ("/customer/name", "text-malformed", ["Greta\x00", "Greta\tWinkler"]),
    ("/order/purchased_on", "date-malformed", [1772409600, True, "2026-3-2", "2026-02-30", "20260302"]),
    ("/order/purchased_on", "date-malformed", ["2026-03-02T00:00:00Z", "2026-W10-1", f"2026-03-0{ARABIC_ONE}"]),
    ("/order/purchased_on", "date-out-of-range", ["1899-12-31", "2201-01-01", "0001-01-01"]),
    ("/order/shipping_paid", "model-type", ["4.90 EUR", 4.9]),
    ("/lines/0/paid/amount", "string-type", [129.0, 129, None]),
    ("/lines/0/paid/amount", "amount-malformed", ["-1", "1e3", " 1", "1.", ".5", "129.001", ARABIC_ONE, "9" * 16]),
    ("/lines/0/paid/currency", "currency-malformed", ["eur", "EU", "€", "EU1"]),
    ("/lines/0/paid/currency", "string-too-long", [MARK]),
    ("/lines", "too-long", [[{}] * 101]),
    ("/lines", "list-type", [{}, None]),
    ("/lines/0", "model-type", [None, 1]),
    ("/lines/0/category", "enum", [MARK]),
    ("/lines/0/condition", "enum", [True]),
    ("/lines/0/expected_life_months", "greater-than-equal", [0]),
    ("/lines/0/expected_life_months", "less-than-equal", [1201]),
    ("/lines/0/serial_numbers", "too-long", [["S"] * 51]),
    ("/lines/0/serial_numbers/0", "string-type", [123]),
    ("/lines/0/quantity", "greater-than-equal", [0, -1]),
    ("/lines/0/quantity", "less-than-equal", [10_001]),
    ("/lines/0/quantity", "int-type", [True, "1", 1.0, None]),
    ("/lines/0/issue/code", "issue-unknown", [MARK, "x_", "x_Heat", "x_a\n"]),
    ("/lines/0/issue/description", "text-malformed", ["a\x1bb", "\n"]),
    ("/lines/0/issue/description", "string-too-long", ["d" * 5001]),
    ("/lines/0/requested_remedy", "enum", ["store_credit"]),
    ("/lines/0/prior_repairs", "too-long", [[{"by": "seller"}] * 21]),
    ("/metadata", "metadata-too-many", [wide(51)]),
    ("/metadata", "metadata-key-malformed", [{MARK * 7: "v"}, {"": "v"}, {MARK + "\n": 1}]),
    ("/metadata/shop", "string-type", [1, None, {}]),
    ("/metadata/shop", "string-too-long", ["v" * 501]),
]


@pytest.mark.parametrize(("pointer", "code", "value"), [(at, code, one) for at, code, sent in REFUSED for one in sent])
def test_what_is_wrong_is_refused_at_its_place_in_a_sentence_that_does_not_repeat_it(
    pointer: str, code: str, value: object
) -> None:
    (error,) = errors_of(FILING, changed(pointer, value))

    assert (error.pointer, error.code) == (pointer, code)
    assert MARK not in error.detail
    assert "pattern" not in error.detail, "a regular expression is no plain sentence"


def test_money_is_counted_in_the_minor_units_of_its_currency() -> None:
    made = FILING.validate_python(changed("/lines/0/paid", {"amount": "12.5", "currency": "KWD"}))

    paid = made.lines[0].paid
    assert paid is not None
    assert paid.money() == Money(12_500, "KWD")


TODAY = date(2026, 11, 25)
DATES: list[tuple[dict[str, object], dict[str, str]]] = [
    # what is changed in the kettle's claim, and the faults by pointer
    ({}, {}),
    ({"/order/delivered_on": "2026-03-02", "/lines/0/issue/noticed_on": "2026-03-02"}, {}),  # all on one day
    ({"/order/delivered_on": "2026-03-01"}, {"/order/delivered_on": "before-purchase"}),
    ({"/lines/0/delivered_on": "2026-03-01"}, {"/lines/0/delivered_on": "before-purchase"}),
    ({"/lines/0/issue/noticed_on": "2026-03-01"}, {"/lines/0/issue/noticed_on": "before-purchase"}),
    ({"/lines/0/issue/noticed_on": "2026-03-04"}, {}),  # a parcel may be missed before it comes
    ({"/lines/0/issue/noticed_on": "2026-11-25"}, {}),  # today, somewhere
    ({"/lines/0/issue/noticed_on": "2026-11-26"}, {"/lines/0/issue/noticed_on": "in-the-future"}),
    ({"/order/delivered_on": "2026-11-26"}, {"/order/delivered_on": "in-the-future"}),
    ({"/lines/0/delivered_on": "2026-11-26"}, {"/lines/0/delivered_on": "in-the-future"}),
    ({"/order": {"purchased_on": "2026-11-26"}, "/lines": [{}]}, {"/order/purchased_on": "in-the-future"}),
    ({"/lines/0/prior_repairs": [{"repaired_on": "2025-01-01", "by": "other"}]}, {}),  # repaired, then sold as used
    (
        {"/lines/0/prior_repairs": [{"by": "seller"}, {"repaired_on": "2026-11-26", "by": "seller"}]},
        {"/lines/0/prior_repairs/1/repaired_on": "in-the-future"},
    ),
    ({"/order": None, "/lines/0/issue/noticed_on": "1999-01-01"}, {}),  # no purchase to compare with
]


@pytest.mark.parametrize(("changes", "expected"), DATES)
def test_dates_keep_their_order_and_none_lies_in_the_future(
    changes: dict[str, object], expected: dict[str, str]
) -> None:
    body = KETTLE
    for pointer, value in changes.items():
        body = changed(pointer, value, body)

    faults = date_faults(FILING.validate_python(body), TODAY)

    assert {fault.pointer: fault.code for fault in faults} == expected


REJECTED = TRANSITIONS["reject"]
APPROVED = TRANSITIONS["approve_with_consent"]
STEPS: list[tuple[object, str, str]] = [
    # body, pointer, code
    (["submit"], "", "model-type"),
    ({}, "/transition", "missing"),
    ({"transition": MARK}, "/transition", "transition-unknown"),
    ({"transition": "draft"}, "/transition", "transition-unknown"),
    ({"transition": ["submit"]}, "/transition", "transition-unknown"),
    *(({"transition": name, MARK: 1}, f"/{MARK}", "extra-forbidden") for name in ("submit", "resolve", "close")),
    ({"transition": "withdraw", "reason": "r"}, "/reason", "extra-forbidden"),
    ({"transition": "approve", "lines": []}, "/lines", "too-short"),
    (changed("/lines/0/position", 0, APPROVED), "/lines/0/position", "greater-than-equal"),
    (changed("/lines/0/decision", "pending", APPROVED), "/lines/0/decision", "enum"),
    (changed("/lines/0/remedy", MARK, APPROVED), "/lines/0/remedy", "enum"),
    (changed("/lines/0/amount/amount", "30.001", APPROVED), "/lines/0/amount/amount", "amount-malformed"),
    (changed("/lines/0/consent/at", "2026-11-23T10:15:00", APPROVED), "/lines/0/consent/at", "instant-malformed"),
    (changed("/lines/0/consent/at", 1_795_000_000, APPROVED), "/lines/0/consent/at", "instant-malformed"),
    (changed("/lines/0/consent/at", "2026-02-30T10:15:00Z", APPROVED), "/lines/0/consent/at", "instant-malformed"),
    (
        changed("/lines/0/refusal/facts", [], REJECTED),
        "/lines/0/refusal/facts",
        "too-short",
    ),
    (changed("/lines/0/refusal/clause", MARK, REJECTED), "/lines/0/refusal/clause", "model-type"),
    ({"transition": "cancel", "reason": MARK}, "/reason", "enum"),
    ({"transition": "hold", "kind": "recall"}, "/reason", "missing"),
    ({"transition": "assign"}, "/assignee", "missing"),
    ({"transition": "assign", "assignee": "anna k"}, "/assignee", "reference-malformed"),
    ({"transition": "note", "text": " "}, "/text", "text-malformed"),
]


@pytest.mark.parametrize(("body", "pointer", "code"), STEPS)
def test_a_transition_takes_exactly_its_arguments_and_pointers_lead_into_the_body(
    body: object, pointer: str, code: str
) -> None:
    (error,) = errors_of(STEP, body)

    assert (error.pointer, error.code) == (pointer, code)
    assert MARK not in error.detail


async def test_fastapi_reads_a_transition_the_same_way() -> None:
    app = FastAPI()

    @app.post("/")
    async def echo(body: TransitionRequest) -> str:
        return body.transition

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://claims.test") as client:
        found = await client.post("/", json={"transition": MARK})

    assert [fault["type"] for fault in found.json()["detail"]] == ["transition_unknown"]


def test_an_instant_is_read_with_its_offset() -> None:
    made = STEP.validate_python(changed("/lines/0/consent/at", "2026-11-23T10:15:00.25+01:00", APPROVED))

    assert isinstance(made, ApproveRequest)
    consent = made.lines[0].consent
    assert consent is not None
    assert consent.at == datetime(2026, 11, 23, 9, 15, 0, 250_000, tzinfo=UTC)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
PLACES = [pointer for pointer, *_ in REFUSED if not pointer.startswith(("/unheard_of", "/lines/0/colour"))]


@given(st.sampled_from(PLACES), JSON)
def test_any_json_at_any_place_is_taken_or_refused_and_never_a_fault_of_ours(pointer: str, value: object) -> None:
    for error in errors_of(FILING, changed(pointer, value)):
        assert error.pointer.startswith(pointer)
