"""N30: whatever body is sent, the answer is the caller's fault or none: never 5xx, pointed at, and never echoed."""

import json
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from claims_api.access.scopes import Role
from claims_api.kit.strict import MAX_DEPTH
from tests.conftest import Tenant
from tests.support import wire
from tests.support.problems import refused

PATH = "/v1/test-rows"
JSON = "application/json"
CANARY = "c4n4ry"
MIB = 1 << 20


@dataclass(frozen=True)
class Hostile:
    """A body, and the refusal it deserves."""

    body: bytes
    status: int
    code: str
    pointers: tuple[str, ...] = ()


def syntax(body: bytes) -> Hostile:
    return Hostile(body, 400, "malformed-json")


def unusable(body: bytes | str, *pointers: str) -> Hostile:
    return Hostile(body.encode() if isinstance(body, str) else body, 422, "invalid-request", pointers)


def nested(depth: int) -> str:
    return '{"word": "w", "anything": {"a": ' + "[" * (depth - 2) + "]" * (depth - 2) + "}}"


BODIES = {
    # what Postgres cannot keep
    "NUL in a string": unusable(r'{"word": "c4n4ry\u0000"}', "/word"),
    "NUL in free JSON": unusable(r'{"word": "w", "anything": {"a": ["ok", "c4n4ry\u0000"]}}', "/anything/a/1"),
    "NUL in a key": unusable(r'{"word": "w", "anything": {"c4n4ry\u0000": 1}}', "/anything"),
    "NUL in the key of a field": unusable(r'{"word": "w", "c4n4ry\u0000": 1}', ""),
    "NUL below a key with NUL": unusable(r'{"word": "w", "anything": {"c4n4ry\u0000": {"b": "\u0000"}}}', "/anything"),
    "a lone surrogate in a stored string": unusable(r'{"word": "c4n4ry\ud800"}', "/word"),
    "a lone low surrogate": unusable(r'{"word": "\udc00c4n4ry"}', "/word"),
    "surrogates in the wrong order": unusable(r'{"word": "c4n4ry\udc00\ud800"}', "/word"),
    "a lone surrogate in free JSON": unusable(r'{"word": "w", "anything": {"a": "\uD800c4n4ry"}}', "/anything/a"),
    "a lone surrogate in a rejected field": unusable(r'{"word": "w", "nope": "c4n4ry\ud800"}', "/nope"),
    "a lone surrogate in the name of a rejected field": unusable(r'{"word": "w", "c4n4ry\ud800": 1}', ""),
    "a lone surrogate below a key with one": unusable(r'{"word": "w", "\ud800": {"b": "c4n4ry\ud800"}}', ""),
    "a huge number below a key with a surrogate": unusable(r'{"word": "w", "\ud800": {"b": 1e400}}', ""),
    "a huge number beside a surrogate": unusable(r'{"anything": {"a": 1e400, "b": "\ud800"}}', "/anything/a"),
    "a surrogate as the whole body": unusable(r'"\ud800c4n4ry"', ""),
    # numbers
    "NaN for a number": syntax(b'{"word": "w", "count": NaN}'),
    "NaN for a text": syntax(b'{"word": NaN}'),
    "Infinity in free JSON": syntax(b'{"word": "w", "anything": {"a": Infinity}}'),
    "minus Infinity": syntax(b'{"word": "w", "count": -Infinity}'),
    "1e400 for a number": unusable('{"word": "w", "count": 1e400}', "/count"),
    "1e400 in free JSON": unusable('{"word": "w", "anything": {"a": [0, -1e400]}}', "/anything/a/1"),
    "2^31": unusable('{"word": "w", "count": 2147483648}', "/count"),
    "-2^31 - 1": unusable('{"word": "w", "count": -2147483649}', "/count"),
    "2^63": unusable('{"word": "w", "count": 9223372036854775808}', "/count"),
    "20 digits": unusable('{"word": "w", "anything": {"a": 12345678901234567890}}', "/anything/a"),
    "20 negative digits": unusable('{"word": "w", "anything": {"a": -12345678901234567890}}', "/anything/a"),
    "5,000 digits": unusable('{"word": "w", "count": ' + "9" * 5_000 + "}", "/count"),
    "5,000 digits in free JSON": unusable('{"anything": {"a": {"b": ' + "9" * 5_000 + "}}}", "/anything/a/b"),
    "a huge number behind escapes": unusable('{"word": "w", "anything": {"a/b~c": 1e999}}', "/anything/a~1b~0c"),
    "hexadecimal": syntax(b'{"word": "w", "count": 0x10}'),
    "a leading zero": syntax(b'{"word": "w", "count": 01}'),
    "a plus sign": syntax(b'{"word": "w", "count": +1}'),
    "digits of another script": syntax('{"word": "w", "count": ١٢}'.encode()),
    # types
    "a number for a text": unusable('{"word": 41514}', "/word"),
    "true for a number": unusable('{"word": "w", "count": true}', "/count"),
    "a fraction for a whole number": unusable('{"word": "w", "count": 1.5}', "/count"),
    "a float for a whole number": unusable('{"word": "w", "count": 1.0}', "/count"),
    "a text for a number": unusable('{"word": "w", "count": "c4n4ry"}', "/count"),
    "null for a text": unusable('{"word": null}', "/word"),
    "a list for a text": unusable('{"word": ["c4n4ry"]}', "/word"),
    "an object for a text": unusable('{"word": {"$ne": "c4n4ry"}}', "/word"),
    "a list for an object": unusable('{"word": "w", "anything": ["c4n4ry"]}', "/anything"),
    "a text too long": unusable('{"word": "' + "c4n4ry" * 9 + '"}', "/word"),
    "an unknown field": unusable('{"word": "w", "nope": "c4n4ry"}', "/nope"),
    "an unknown field that needs escaping": unusable('{"word": "w", "a/b~c": "c4n4ry"}', "/a~1b~0c"),
    "an unknown field without a name": unusable('{"word": "w", "": "c4n4ry"}', "/"),
    "__proto__": unusable('{"word": "w", "__proto__": {"a": "c4n4ry"}}', "/__proto__"),
    "nothing of what is needed": unusable("{}", "/word"),
    "several faults at once": unusable('{"count": "c4n4ry", "nope": 1}', "/word", "/count", "/nope"),
    "an object was expected, a list came": unusable('["c4n4ry"]', ""),
    "an object was expected, a text came": unusable('"c4n4ry"', ""),
    "an object was expected, a number came": unusable("41514", ""),
    "an object was expected, null came": unusable("null", ""),
    "no body": unusable("", ""),
    # form
    "a key twice": syntax(b'{"word": "c4n4ry", "word": "b"}'),
    "a key twice, deeper": syntax(b'{"word": "w", "anything": {"a": {"b": 1, "b": 1}}}'),
    "a key twice, once escaped": syntax(rb'{"word": "c4n4ry", "w\u006frd": "b"}'),
    "a thousand of the same key": syntax(b"{" + b'"word": "c4n4ry",' * 1_000 + b'"word": "b"}'),
    "UTF-16": syntax('{"word": "c4n4ry"}'.encode("utf-16-le")),
    "UTF-16 with a mark": syntax('{"word": "c4n4ry"}'.encode("utf-16")),
    "UTF-32": syntax('{"word": "c4n4ry"}'.encode("utf-32")),
    "UTF-7": syntax('{"word": "ü"}'.encode("utf-7").replace(b'"', b"+ACI-")),
    "a byte order mark": syntax(b'\xef\xbb\xbf{"word": "c4n4ry"}'),
    "Latin-1": syntax('{"word": "c4n4ry ü"}'.encode("latin-1")),
    "invalid UTF-8": syntax(b'{"word": "c4n4ry\xff"}'),
    "overlong UTF-8": syntax(b'{"word": "c4n4ry\xc0\x80"}'),
    "a surrogate in UTF-8": syntax(b'{"word": "c4n4ry\xed\xa0\x80"}'),
    "beyond Unicode": syntax(b'{"word": "c4n4ry\xf4\x90\x80\x80"}'),
    "900 deep": unusable(nested(900), ""),
    "one deeper than allowed": unusable(nested(MAX_DEPTH + 1), ""),
    "too deep beside a huge number": unusable('{"count": 1e400, "anything": {"a": ' + "[" * 40 + "]" * 40 + "}}", ""),
    "100,000 deep": unusable(nested(100_000), ""),
    "100,000 deep, never closed": unusable("[" * 100_000, ""),
    "100,000 deep in objects": unusable('{"a":' * 100_000 + "1" + "}" * 100_000, ""),
    "10 MB in one string": Hostile(b'{"word": "' + b"c" * (10 * MIB) + b'"}', 413, "body-too-large"),
    "one byte too many": Hostile(b'{"word": "w"}'.ljust(MIB + 1), 413, "body-too-large"),
    "a raw NUL": syntax(b'{"word": "c4n4ry\x00"}'),
    "a raw line break in a string": syntax(b'{"word": "c4n4ry\n"}'),
    "only NULs": syntax(b"\x00" * 100),
    "cut off": syntax(b'{"word": "c4n4'),
    "cut off in an escape": syntax(rb'{"word": "\u00'),
    "an unknown escape": syntax(rb'{"word": "\x41c4n4ry"}'),
    "a trailing comma": syntax(b'{"word": "c4n4ry",}'),
    "a comment": syntax(b'{"word": "c4n4ry"} // or so'),
    "single quotes": syntax(b"{'word': 'c4n4ry'}"),
    "two documents": syntax(b'{"word": "c4n4ry"}{"word": "b"}'),
    "only space": syntax(b"   "),
    "a form": syntax(b"word=c4n4ry"),
    "XML with an entity": syntax(b'<!DOCTYPE a [<!ENTITY b "c4n4ry">]><a>&b;</a>'),
    "a pickle": syntax(b"\x80\x04\x95c4n4ry."),
    "gzip": syntax(b"\x1f\x8b\x08\x00c4n4ry"),
}


@pytest.mark.parametrize("hostile", BODIES.values(), ids=BODIES.keys())
async def test_a_hostile_body_is_refused_where_it_is_wrong(api: httpx.AsyncClient, hostile: Hostile) -> None:
    answer = await api.post(PATH, content=hostile.body, headers={"Content-Type": JSON})
    document = refused(answer, hostile.status, hostile.code, *hostile.pointers)
    assert CANARY not in answer.text, "a refused value never comes back"
    assert str(document["detail"]).isascii()
    assert len(answer.content) < 4_096
    assert (await api.get("/healthz")).status_code == 200


HARMLESS = {
    "-2^31": '{"word": "w", "count": -2147483648}',
    "2^31 - 1": '{"word": "w", "count": 2147483647}',
    "19 digits": '{"word": "w", "anything": {"a": 9223372036854775807, "b": -9223372036854775808}}',
    "the smallest float": '{"word": "w", "anything": {"a": 5e-324, "b": 1e-400, "c": 1.7976931348623157e308}}',
    "a pair of surrogates": r'{"word": "\ud83d\ude00"}',
    "what only looks like NUL": r'{"word": "\\u0000 \\ud800"}',
    "brackets in a string": '{"word": "' + "[{" * 25 + '"}',
    "as deep as allowed": nested(MAX_DEPTH),
    "many small brackets": '{"word": "w", "anything": {"a": [' + ",".join(["[]"] * 1_000) + "]}}",
    "every kind of space": ' \t\r\n{ "word" :\n"w" } \n',
    "text that runs right to left": '{"word": "\u202edrow\u2066"}',
    "a text as long as allowed, in emoji": '{"word": "' + "🔧" * 50 + '"}',
    "SQL": """{"word": "'; DROP TABLE test_rows; --"}""",
    "a template": '{"word": "{{7*7}} ${7*7} %s %n"}',
    "an instant before year 1": '{"word": "0001-01-01T00:00:00+14:00"}',
}


@pytest.mark.parametrize("body", HARMLESS.values(), ids=HARMLESS.keys())
async def test_what_only_looks_hostile_is_kept_as_sent(api: httpx.AsyncClient, body: str) -> None:
    answer = await api.post(PATH, content=body.encode(), headers={"Content-Type": JSON})
    assert answer.status_code == 201, answer.text
    kept = await api.get(f"{PATH}/{answer.json()['id']}")
    assert kept.json()["word"] == json.loads(body)["word"]


ENVELOPES = {
    "a fake gzip": ({"Content-Type": JSON, "Content-Encoding": "gzip"}, 415, "unsupported-media-type"),
    "an unknown coding": ({"Content-Type": JSON, "Content-Encoding": "c4n4ry"}, 415, "unsupported-media-type"),
    "two codings": ({"Content-Type": JSON, "Content-Encoding": "gzip, br"}, 415, "unsupported-media-type"),
    "plain text": ({"Content-Type": "text/plain"}, 415, "unsupported-media-type"),
    "another charset": ({"Content-Type": f"{JSON}; charset=utf-16"}, 415, "unsupported-media-type"),
    "Latin-1": ({"Content-Type": f"{JSON}; charset=iso-8859-1"}, 415, "unsupported-media-type"),
    "an unknown charset": ({"Content-Type": f"{JSON}; charset=c4n4ry"}, 415, "unsupported-media-type"),
    "an empty type": ({"Content-Type": ""}, 415, "unsupported-media-type"),
    "half a type": ({"Content-Type": "application/"}, 415, "unsupported-media-type"),
    "two types": ({"Content-Type": f"{JSON}, text/plain"}, 415, "unsupported-media-type"),
    "a type that begins like JSON": ({"Content-Type": "application/json-seq"}, 415, "unsupported-media-type"),
    "a negative length": ({"Content-Type": JSON, "Content-Length": "-1"}, 400, "malformed-header"),
    "a length that is no number": ({"Content-Type": JSON, "Content-Length": "c4n4ry"}, 400, "malformed-header"),
    "two lengths": ({"Content-Type": JSON, "Content-Length": "13, 14"}, 400, "malformed-header"),
    "a length of 5,000 digits": ({"Content-Type": JSON, "Content-Length": "9" * 5_000}, 413, "body-too-large"),
    "an actor with markup": ({"Content-Type": JSON, "Claims-Actor": "<c4n4ry>"}, 400, "malformed-header"),
}


@pytest.mark.parametrize(("headers", "status", "code"), ENVELOPES.values(), ids=ENVELOPES.keys())
async def test_a_hostile_envelope_is_refused(
    api: httpx.AsyncClient, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await api.post(PATH, content=b'{"word": "w"}', headers=headers)
    refused(answer, status, code)
    assert CANARY not in answer.text


async def test_a_type_missing_or_given_twice_is_refused(app: FastAPI, tenant: Tenant) -> None:
    made = await tenant.key(Role.STOREFRONT)
    common = [(b"authorization", f"Bearer {made.credential}".encode()), (b"content-length", b"13")]
    twice = [(b"content-type", b"text/plain"), (b"content-type", b"application/json")]
    for types in ([], twice, twice[::-1]):
        answer = await wire.send(app, "POST", PATH, [*common, *types], [b'{"word": "w"}'])
        assert answer.status == 415
