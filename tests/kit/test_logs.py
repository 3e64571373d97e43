"""Logs (N62): one JSON object a line, with the request's ids, and without keys, tokens, passwords or persons."""

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from claims_api.kit import logs
from claims_api.kit.logs import JsonLines, redact
from tests.support.log_lines import log_lines

NAMES = "0123456789abcdefghjkmnpqrstvwxyz" * 2
SECRET = "s3cr3t-Secret_s3cr3t-Secret_s3cr3t-Secret_x"
KEY = f"cak_{NAMES[:52]}_{SECRET}"
TOKEN = f"trk_{SECRET}.{SECRET}"

SECRETS = {
    "an API key": (KEY, SECRET),
    "an API key in a sentence": (f"The key {KEY}, it says.", SECRET),
    "a Bearer header": (f"Authorization: Bearer {KEY}", SECRET),
    "a Bearer of another kind": (f"authorization: bearer {SECRET}", SECRET),
    "a tracking token": (f"GET /t/{TOKEN}", SECRET),
    "a tracking token in a query": (f"?token={TOKEN}&a=1", SECRET),
    "a database URL": (f"postgresql+asyncpg://claims_api:{SECRET}@db/claims", SECRET),
    "a database URL without a user": (f"redis://:{SECRET}@cache/0", SECRET),
    "a password with an at sign": (f"postgresql://u:p@{SECRET}@db/claims", SECRET),
    "a password with a colon": (f"postgresql://u:p:{SECRET}@db/claims", SECRET),
    "an e-mail address": ("from anna.berg+claims@mail.example.com to us", "anna.berg"),
    "an e-mail address of another script": ("jürgen@bücher.example", "jürgen"),
    "after a line break": (f"one\n{KEY}\nanna.berg@example.com\n{TOKEN}", SECRET),
    "after a tab": (f"one\t{KEY}", SECRET),
    "between quotes": (f'{{"key": "{KEY}"}}', SECRET),
    "twice": (f"{KEY} {KEY}", SECRET),
}


@pytest.mark.parametrize(("text", "secret"), SECRETS.values(), ids=SECRETS.keys())
@pytest.mark.parametrize("place", ["event", "field", "inner field", "field name", "exception", "object"])
def test_a_secret_reaches_no_line_whatever_carries_it(text: str, secret: str, place: str) -> None:
    with log_lines() as lines:
        if place == "event":
            logging.getLogger("claims_api").info("%s", text)
        elif place == "exception":
            _fail_with(text)
        else:
            carried: dict[str, dict[str, object]] = {
                "field": {"note": text},
                "inner field": {"note": [{"deep": (text,)}]},
                "field name": {"note": {text: 1}},
                "object": {"note": ValueError(text)},
            }
            logs.say("carried", **carried[place])
    assert len(lines) == 1
    assert secret not in json.dumps(lines, ensure_ascii=False)
    assert "anna" not in str(lines)
    assert "[redacted]" in str(lines)


def _fail_with(text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError as error:
        logs.fault(error)


def test_a_refused_row_of_ours_is_not_in_the_stack() -> None:
    class Row(BaseModel):
        number: int

    stored = {"number": " ".join(("Anna", "Berg"))}  # the stack shows the source
    with log_lines() as lines:
        try:
            Row.model_validate(stored)
        except ValidationError as error:
            logs.fault(error)
    assert "Anna Berg" not in str(lines)
    assert "ValidationError" in lines[0]["exception"]


KEPT = ["https://claims.example.com:8000/v1", "10:30 at night", "a @ b", "cak_short", "trk", "50% @home"]


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert redact(text) == text


def test_a_key_stays_recognisable_by_its_first_characters() -> None:
    assert redact(KEY) == f"{KEY[:14]}[redacted]"


@given(
    st.text(), st.dictionaries(st.text(max_size=5), st.text() | st.integers() | st.none() | st.booleans(), max_size=4)
)
def test_every_line_is_one_json_object(event: str, fields: dict[str, object]) -> None:
    record = logging.LogRecord("claims_api", logging.INFO, "x.py", 1, "%s", (event,), None)
    record.fields = fields
    line = JsonLines().format(record)
    assert "\n" not in line
    assert isinstance(json.loads(line), dict)


@pytest.mark.parametrize("glue", ['"', "\\", "\n", '\\"', "}", '"}', "\t", "\x00", "\u2028"])
def test_a_secret_beside_what_json_escapes_breaks_no_line(glue: str) -> None:
    for secret in (KEY, TOKEN, "Bearer abc", "http://u:p@h", "anna@example.com"):
        with log_lines() as lines:
            logs.say("carried", first=f"{glue}{secret}{glue}", second="stays")
        assert lines[0]["second"] == "stays"
        assert SECRET not in str(lines)


def test_numbers_and_truth_stay_what_they_are() -> None:
    with log_lines() as lines:
        logs.say("counted", number=3, share=0.5, is_new=True, nothing=None)
    assert {key: lines[0][key] for key in ("number", "share", "is_new", "nothing")} == {
        "number": 3,
        "share": 0.5,
        "is_new": True,
        "nothing": None,
    }


def test_the_lines_of_a_request_carry_its_ids() -> None:
    logs.bind("req_mine", "0af7651916cd43dd8448eb211c80319c")
    with log_lines() as lines:
        logs.say("one")
        logging.getLogger("claims_api").warning("two")
    ids = {(line["request_id"], line["trace_id"]) for line in lines}
    assert ids == {("req_mine", "0af7651916cd43dd8448eb211c80319c")}
    assert [line["level"] for line in lines] == ["info", "warning"]


def test_the_request_line_has_route_and_ids_but_neither_path_nor_query() -> None:
    route = type("Route", (), {"path": "/v1/claims/{claim}"})()
    scope = {"method": "GET", "path": "/v1/claims/clm_1", "query_string": b"customer_ref=anna", "route": route}
    logs.bind("req_mine", "0" * 32)
    with log_lines() as lines:
        logs.access(scope, 200, 0.0123)
    (line,) = lines
    assert (line["event"], line["method"], line["route"], line["status"]) == (
        "request",
        "GET",
        "/v1/claims/{claim}",
        200,
    )
    assert line["ms"] == 12.3
    assert line["request_id"] == "req_mine"
    assert "clm_1" not in str(line)
    assert "anna" not in str(line)


def test_set_up_makes_every_logger_speak_json_and_silences_the_servers_own_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    before, level, was_disabled = root.handlers[:], root.level, logging.getLogger("uvicorn.access").disabled
    try:
        logs.set_up("INFO")
        logging.getLogger("some.library").warning("it holds %s", KEY)
        logging.getLogger("uvicorn.access").warning("GET /v1/claims?customer_ref=anna")
        said = capsys.readouterr().err.splitlines()
    finally:
        for handler in root.handlers[:]:
            root.removeHandler(handler)
        for handler in before:
            root.addHandler(handler)
        root.setLevel(level)
        logging.getLogger("uvicorn.access").disabled = was_disabled
    assert [json.loads(line)["event"] for line in said] == [f"it holds {KEY[:14]}[redacted]"]
