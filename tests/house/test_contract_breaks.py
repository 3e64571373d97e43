"""The checker of the contract finds each way to break a caller, and is silent about each way to grow."""

from typing import Any

import pytest

from tools.contract_breaks import breaks, undated

Schema = dict[str, Any]
NAME: Schema = {"type": "string", "maxLength": 9}
SHARED: Schema = {
    "Name": NAME,
    "Node": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}, "name": NAME}},
    "Bare": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Bare"}}},
}


def members(*required: str, **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def a_document(operation: Schema | None = None, path: str = "/v1/a") -> Schema:
    """One operation, in a document of its own."""
    first = {"operationId": "do_a", "security": [{"bearer": ["a:write"]}], "responses": {"200": {"description": ""}}}
    schemes = {"bearer": {"type": "http", "scheme": "bearer"}}
    return {
        "paths": {path: {"post": first | (operation or {})}},
        "components": {"schemas": SHARED, "securitySchemes": schemes},
    }


def sent(schema: Schema) -> Schema:
    """Takes this body."""
    return a_document({"requestBody": {"content": {"application/json": {"schema": schema}}}})


def answered(schema: Schema) -> Schema:
    """Answers this body."""
    return a_document({"responses": {"200": {"content": {"application/json": {"schema": schema}}}}})


def asked(schema: Schema, **more: object) -> Schema:
    """Takes this query parameter."""
    return a_document({"parameters": [{"in": "query", "name": "q", "schema": schema} | more]})


def node(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


TEXT: Schema = {"type": "string"}
NULL: Schema = {"type": "null"}
AB: Schema = {"type": "string", "enum": ["a", "b"]}
ABC: Schema = {"type": "string", "enum": ["a", "b", "c"]}
STEP_A, STEP_B = (members("step", step={"type": "string", "const": word}, note=TEXT) for word in "ab")
STEP_A_BRIEF = members("step", step={"type": "string", "const": "a"}, note=NAME)
PROBLEM = "application/problem+json"


def problem(code: str) -> Schema:
    return a_document({"responses": {"409": {"content": {PROBLEM: {"examples": {code: {}}}}}}})


TAKEN = {
    "path": (a_document(), a_document(path="/v1/b"), "/v1/a: is gone"),
    "method": (a_document(), {"paths": {"/v1/a": {}}, "components": a_document()["components"]}, "POST /v1/a: is gone"),
    "operationId": (a_document(), a_document({"operationId": "do_b"}), "operationId do_a became do_b"),
    "status": (a_document(), a_document({"responses": {"204": {}}}), "200 is gone"),
    "problem code": (problem("old"), problem("new"), "the problem old is gone"),
    "media type of an answer": (
        answered(TEXT),
        a_document({"responses": {"200": {"content": {"text/plain": {}}}}}),
        "200 application/json is gone",
    ),
    "header": (
        a_document({"responses": {"200": {"headers": {"ETag": {}}}}}),
        a_document(),
        "200 header etag is gone",
    ),
    "scope": (a_document(), a_document({"security": [{"bearer": ["b:write"]}]}), "is no longer enough"),
    "scope, one more": (
        a_document(),
        a_document({"security": [{"bearer": ["a:write", "b:write"]}]}),
        'POST /v1/a: {"bearer": ["a:write"]} is no longer enough, wanted is [{"bearer": ["a:write", "b:write"]}]',
    ),
    "scope, one of two": (
        a_document({"security": [{"bearer": ["a:write"]}, {"bearer": ["b:write"]}]}),
        a_document(),
        '{"bearer": ["b:write"]} is no longer enough',
    ),
    "public before": (a_document({"security": []}), a_document(), "{} is no longer enough"),
    "way to log in": (
        a_document(),
        a_document() | {"components": {"schemas": SHARED, "securitySchemes": {"bearer": {"type": "oauth2"}}}},
        "the way to log in bearer is gone or another one",
    ),
    "parameter": (asked(TEXT), a_document(), "query q is no longer accepted"),
    "parameter, required": (asked(TEXT), asked(TEXT, required=True), "query q is required now"),
    "parameter, new and required": (a_document(), asked(TEXT, required=True), "query q is required now"),
    "parameter, narrower": (asked({"type": "integer", "maximum": 9}), asked({"type": "integer", "maximum": 8}), "9"),
    "parameter, default": (
        asked({"type": "integer", "default": 1}),
        asked({"type": "integer", "default": 2}),
        "query q: left out it meant 1, now 2",
    ),
    "parameter in another place": (asked(TEXT), asked(TEXT, **{"in": "header"}), "query q is no longer accepted"),
    "body, required": (
        sent(TEXT),
        a_document({"requestBody": {"required": True, "content": {"application/json": {"schema": TEXT}}}}),
        "a body is required now",
    ),
    "body": (sent(TEXT), a_document(), "request application/json is gone"),
    "sent: member": (sent(members(a=TEXT)), sent(members()), "request.a: is no longer accepted"),
    "sent: member, required": (sent(members(a=TEXT)), sent(members("a", a=TEXT)), "request.a: is required now"),
    "sent: member, new and required": (sent(members()), sent(members("a", a=TEXT)), "request.a: is required now"),
    "sent: member, default": (
        sent(members(a=TEXT | {"default": "x"})),
        sent(members(a=TEXT | {"default": "y"})),
        'request.a: left out it meant "x", now "y"',
    ),
    "sent: word": (sent(ABC), sent(AB), 'request: the value "c" is gone'),
    "sent: free text to words": (sent(TEXT), sent(AB), "request: accepts nothing but listed values now"),
    "sent: const": (sent(AB), sent({"type": "string", "const": "a"}), 'request: the value "b" is gone'),
    "sent: null": (sent({"anyOf": [TEXT, NULL]}), sent(TEXT), "request: no longer accepts null"),
    "sent: null, as a list of types": (sent({"type": ["string", "null"]}), sent(TEXT), "no longer accepts null"),
    "sent: type": (sent({"type": "number"}), sent({"type": "integer"}), "request: no longer accepts number"),
    "sent: anything": (sent({}), sent(TEXT), "request: no longer accepts anything"),
    "sent: alternative": (sent({"oneOf": [STEP_A, STEP_B]}), sent({"oneOf": [STEP_A]}), "no longer accepts step 'b'"),
    "sent: in one alternative": (
        sent({"oneOf": [STEP_A, STEP_B]}),
        sent({"oneOf": [STEP_B, STEP_A_BRIEF]}),
        "request.note: maxLength none became 9",
    ),
    "sent: maxLength": (sent(NAME), sent(TEXT | {"maxLength": 8}), "request: maxLength 9 became 8"),
    "sent: maxLength, new": (sent(TEXT), sent(NAME), "request: maxLength none became 9"),
    "sent: minLength": (sent(TEXT), sent(TEXT | {"minLength": 1}), "request: minLength none became 1"),
    "sent: minimum": (
        sent({"type": "integer", "minimum": -2}),
        sent({"type": "integer", "minimum": -1}),
        "request: minimum -2 became -1",
    ),
    "sent: minimum, new": (sent({"type": "integer"}), sent({"type": "integer", "minimum": 0}), "minimum none became 0"),
    "sent: pattern": (sent(TEXT | {"pattern": "a"}), sent(TEXT | {"pattern": "b"}), "pattern a became b"),
    "sent: format": (sent(TEXT), sent(TEXT | {"format": "date"}), "format none became date"),
    "sent: items": (
        sent({"type": "array", "items": AB, "maxItems": 3}),
        sent({"type": "array", "items": AB, "maxItems": 2}),
        "request: maxItems 3 became 2",
    ),
    "sent: in the items": (
        sent({"type": "array", "items": TEXT}),
        sent({"type": "array", "items": NAME}),
        "request[]: maxLength none became 9",
    ),
    "sent: other members": (
        sent({"type": "object"}),
        sent(members()),
        "request: other members are no longer accepted",
    ),
    "sent: in other members": (
        sent({"type": "object", "additionalProperties": TEXT}),
        sent({"type": "object", "additionalProperties": NAME}),
        "request.*: maxLength none became 9",
    ),
    "sent: names of members": (
        sent({"type": "object"}),
        sent({"type": "object", "propertyNames": {"maxLength": 4}}),
        "request.* (name): maxLength none became 4",
    ),
    "sent: behind a reference": (sent(TEXT), sent({"$ref": "#/components/schemas/Name"}), "maxLength none became 9"),
    "sent: in allOf": (sent(TEXT), sent({"allOf": [TEXT, {"maxLength": 2}]}), "request: maxLength none became 2"),
    "sent: in a schema that holds itself": (sent(node("Node")), sent(node("Bare")), "request.name: is no longer accep"),
    "answered: member": (answered(members("a", a=TEXT)), answered(members()), "200.a: is gone"),
    "answered: member, optional": (
        answered(members("a", a=TEXT)),
        answered(members(a=TEXT)),
        "200.a: may be missing now",
    ),
    "answered: null": (answered(TEXT), answered({"anyOf": [TEXT, NULL]}), "200: may now be null"),
    "answered: type": (answered({"type": "integer"}), answered({"type": "number"}), "200: may now be number"),
    "answered: another type": (answered(TEXT), answered({"anyOf": [TEXT, members()]}), "200: may now be object"),
    "answered: anything": (answered(TEXT), answered({}), "200: may now be anything"),
    "answered: word": (answered(ABC), answered(AB), '200: the value "c" is gone'),
    "answered: words to free text": (answered(AB), answered(TEXT), "200: may be more than the listed values now"),
    "answered: format": (answered(TEXT | {"format": "date"}), answered(TEXT), "200: format date became none"),
    "answered: in the items": (
        answered({"type": "array", "items": members("a", a=TEXT)}),
        answered({"type": "array", "items": members()}),
        "200[].a: is gone",
    ),
    "answered: other members": (
        answered({"type": "object", "additionalProperties": TEXT}),
        answered(members()),
        "200: other members are gone",
    ),
    "answered: in other members": (
        answered({"type": "object", "additionalProperties": TEXT}),
        answered({"type": "object", "additionalProperties": {"anyOf": [TEXT, NULL]}}),
        "200.*: may now be null",
    ),
    "answered: in one alternative": (
        answered({"anyOf": [STEP_A, STEP_B]}),
        answered({"anyOf": [members("step", step={"type": "string", "const": "a"}), STEP_B]}),
        "200.note: is gone",
    ),
}
"""Old, new, and what is said about it."""

GROWN = {
    "nothing": (a_document(), a_document()),
    "path": (a_document(), {**a_document(), "paths": {**a_document()["paths"], **a_document(path="/v1/b")["paths"]}}),
    "status": (a_document(), a_document({"responses": {"200": {}, "409": {}}})),
    "scope, another way in": (a_document(), a_document({"security": [{"bearer": ["a:write"]}, {"bearer": ["b"]}]})),
    "scope, one less": (a_document({"security": [{"bearer": ["a:write", "b"]}]}), a_document()),
    "public now": (a_document(), a_document({"security": []})),
    "words for people": (a_document(), a_document({"summary": "Does it", "description": "Well", "tags": ["a"]})),
    "parameter": (a_document(), asked(TEXT)),
    "parameter, a header in another case": (
        asked(TEXT, **{"in": "header"}),
        asked(TEXT, **{"in": "header", "name": "Q"}),
    ),
    "parameter, wider": (asked(NAME), asked(TEXT)),
    "body, no longer required": (
        a_document({"requestBody": {"required": True, "content": {"application/json": {"schema": TEXT}}}}),
        sent(TEXT),
    ),
    "sent: member": (sent(members()), sent(members(a=TEXT))),
    "sent: member, no longer required": (sent(members("a", a=TEXT)), sent(members(a=TEXT))),
    "sent: word": (sent(AB), sent(ABC)),
    "sent: words to free text": (sent(AB), sent(TEXT)),
    "sent: null": (sent(TEXT), sent({"anyOf": [TEXT, NULL]})),
    "sent: type": (sent({"type": "integer"}), sent({"type": "number"})),
    "sent: alternative": (sent({"oneOf": [STEP_A]}), sent({"oneOf": [STEP_B, STEP_A]})),
    "sent: wider limits": (sent(NAME), sent(TEXT | {"maxLength": 10})),
    "sent: no pattern": (sent(TEXT | {"pattern": "a"}), sent(TEXT)),
    "sent: other members": (sent(members()), sent({"type": "object"})),
    "sent: the same behind a reference": (sent(NAME), sent({"$ref": "#/components/schemas/Name"})),
    "answered: member": (answered(members("a", a=TEXT)), answered(members("a", "b", a=TEXT, b=TEXT))),
    "answered: member, always there": (answered(members(a=TEXT)), answered(members("a", a=TEXT))),
    "answered: word": (answered(AB), answered(ABC)),
    "answered: word, of a const": (answered({"type": "string", "const": "a"}), answered(AB)),
    "answered: never null": (answered({"anyOf": [TEXT, NULL]}), answered(TEXT)),
    "answered: alternative, with a word of its own": (answered(STEP_A), answered({"anyOf": [STEP_A, STEP_B]})),
    "answered: schema that holds itself": (answered(node("Node")), answered({"allOf": [node("Node")]})),
    "answered: wider limits": (answered(NAME), answered(TEXT)),  # values that are sent are shown again
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_is_taken_from_a_caller_is_said_in_one_line(case: str) -> None:
    old, new, said = TAKEN[case]

    found = breaks(old, new)

    assert said in "\n".join(found)
    assert len(found) == 1


@pytest.mark.parametrize("case", GROWN)
def test_growth_is_silent(case: str) -> None:
    assert breaks(*GROWN[case]) == []


DATED: Schema = {"200": {"headers": {"Deprecation": {}, "Sunset": {}}}}
OLD_PARAMETER = [{"in": "query", "name": "q", "schema": TEXT, "deprecated": True}]


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({}, []),
        ({"deprecated": True, "responses": DATED}, []),
        ({"deprecated": True}, ["POST /v1/a: 200 has no header deprecation, sunset"]),
        ({"parameters": OLD_PARAMETER}, ["POST /v1/a: 200 has no header deprecation, sunset"]),
        (
            {"deprecated": True, "responses": {"200": {"headers": {"sunset": {}}}, "404": {}}},
            ["POST /v1/a: 200 has no header deprecation"],
        ),
    ],
    ids=["not deprecated", "says when", "says nothing", "a parameter", "says half"],
)
def test_what_is_deprecated_says_since_when_and_until_when(operation: Schema, said: list[str]) -> None:
    assert undated(a_document(operation)) == said
