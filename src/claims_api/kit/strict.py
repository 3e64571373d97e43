"""Strict JSON and strict parameters at the route: one parse, nothing silently accepted."""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from typing import Any, NoReturn, TypeAlias

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel

from claims_api.kit.problems import InputError, InvalidRequest, MalformedHeader, MalformedJson, Problem

MAX_DEPTH = 32
MAX_DIGITS = 19
MAX_MEMBERS = 1_000
MAX_POINTER = 512
TOO_LARGE = "number-too-large"
Place: TypeAlias = "tuple[Place, str | int] | None"  # a value's own step, after the place of what it stands in
_TROUBLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")  # an escaped NUL or half of a surrogate pair


class Unusable(Exception):
    """Strict JSON that we cannot keep (422), unlike text that is not JSON (400)."""

    def __init__(self, code: str, detail: str, pointer: str = "") -> None:
        super().__init__(code)
        self.code, self.detail, self.pointer = code, detail, pointer


def parse_json(body: bytes) -> object:
    """The value of a JSON text.

    Raises:
        MalformedJson: not JSON: bad UTF-8, syntax, NaN, a duplicate key.
        InvalidRequest: JSON that no column can keep: NUL, lone surrogates, huge numbers or objects, depth over 32.
    """
    try:
        if body.count(b"{") + body.count(b"[") > MAX_DEPTH:  # settles nearly every body without a scan
            _refuse_deep(body)
        value = _STRICT.decode(body.decode())
        if _TROUBLE.search(body):
            _refuse_unstorable(value)
        return value
    except Unusable as fault:
        pointer = _shortened(_place(body) if fault.code == TOO_LARGE else fault.pointer)
        raise InvalidRequest(errors=(InputError(pointer, fault.code, fault.detail),)) from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise MalformedJson from None


class StrictRequest(Request):
    """A request whose JSON is parsed strictly.

    A bad body comes back as its problem in a tuple, not raised: credentials, scopes and the existence of what the path
    names are judged first, and then no model accepts a tuple. The bare problem would do for a model that requires
    nothing: FastAPI lets every object of a class of ours be read by its attributes.
    """

    async def json(self) -> Any:
        try:
            return parse_json(await self.body())
        except Problem as problem:
            return (problem,)


class StrictRoute(APIRoute):
    """The route class of every router of the service."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strict


def refuse_unknown_query(request: Request) -> None:
    """A parameter nobody reads is a misunderstanding; better said than ignored.

    Raises:
        InvalidRequest: a parameter is unknown or given twice.
    """
    if not request.scope["query_string"]:
        return
    sent = Counter(name for name, _ in request.query_params.multi_items())
    known = _query_names(request.scope["route"].dependant)
    faults = [
        InputError("query:" + (name if name in known else "?"), code, detail)
        for name, count in sent.items()
        for code, detail in (_query_fault(name, count, known),)
        if code
    ]
    if faults:
        raise InvalidRequest(errors=tuple(faults))


def invalid_request(error: RequestValidationError) -> Problem:
    """The problem for what FastAPI found wrong: pointers and reasons, never the value."""
    match error.body:
        case (Problem() as problem,):
            return problem
    faults = []
    in_header_only = True
    for fault in error.errors():
        place, *path = fault["loc"]
        in_header_only &= place == "header"
        if place == "body":
            faults.append(body_fault(fault, path, error.body))
        else:
            faults.append(InputError(f"{place}:" + ".".join(map(str, path)), _code(fault), _sentence(fault)))
    return (MalformedHeader if in_header_only else InvalidRequest)(errors=tuple(faults))


def body_fault(fault: Mapping[str, Any], path: Sequence[str | int], body: object) -> InputError:
    """One of pydantic's faults at a path in the body: where, which, and why, never the value."""
    return InputError(_pointer(fault, path, body), _code(fault), _sentence(fault))


def _code(fault: Mapping[str, Any]) -> str:
    return str(fault["type"]).replace("_", "-")


def _pointer(fault: Mapping[str, Any], path: Sequence[str | int], body: object) -> str:
    """The place in the body: a union names its branches between the steps, and those are no places."""
    steps = []
    for part in path:
        try:
            body = body[part]  # type: ignore[index]  # whether it can be indexed is the question
        except (LookupError, TypeError):
            continue
        steps.append(part)
    if fault["type"] == "missing":
        steps += path[-1:]
    elif fault["type"].startswith("union_tag"):
        steps.append(fault["ctx"]["discriminator"].strip("'"))
    return _shortened("".join("/" + escape(str(step)) for step in steps))


def _shortened(pointer: str) -> str:
    """Where a key is absurdly long, the object it stands in will do."""
    return pointer if len(pointer) <= MAX_POINTER else pointer[:MAX_POINTER].rpartition("/")[0]


def _sentence(fault: Mapping[str, Any]) -> str:
    match fault["type"]:
        case "extra_forbidden":
            return "This field is not known here."
        case "model_type" | "model_attributes_type" | "dict_type":  # pydantic's own sentence names a class of ours
            return "Should be an object."
        case "union_tag_invalid":  # pydantic's own sentence repeats the value
            return f"Should be one of {fault['ctx']['expected_tags']}."
        case _:
            return str(fault["msg"]).removeprefix("Value error, ")


def _query_names(dependant: Dependant) -> set[str]:
    """The parameters a route reads; those of a query model one by one."""
    names: set[str] = set()
    for field in dependant.query_params:
        kind = field.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names |= set(kind.model_fields)
        else:
            names.add(field.alias)
    return names


def _query_fault(name: str, count: int, known: set[str]) -> tuple[str, str]:
    if name not in known:
        return "unknown-parameter", "A query parameter that is not known here."
    return ("given-twice", "Give this parameter once.") if count > 1 else ("", "")


def _no_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedJson("A key stands twice in one object.")
    if len(found) > MAX_MEMBERS:  # before a model finds fault with each of them
        raise Unusable("too-many-members", f"An object has more than {MAX_MEMBERS} members.")
    return found


def _refuse_constant(_name: str) -> NoReturn:
    raise MalformedJson("NaN and Infinity are not JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Unusable(TOO_LARGE, "A number is too large to keep.")
    return number


def _short_integer(text: str) -> int:
    if len(text.removeprefix("-")) > MAX_DIGITS:
        raise Unusable(TOO_LARGE, "A whole number has more than 19 digits.")
    return int(text)


def _refuse_deep(body: bytes) -> None:
    """Counts the open brackets outside strings; exact for valid JSON, and nothing else reaches the parser's depth."""
    depth = 0
    in_string = escaped = False
    for byte in body:
        if in_string:
            in_string = escaped or byte != 0x22
            escaped = not escaped and byte == 0x5C
        elif byte == 0x22:
            in_string = True
        elif byte in b"{[":
            depth += 1
            if depth > MAX_DEPTH:
                raise Unusable("too-deep", f"The body is nested deeper than {MAX_DEPTH}.")
        elif byte in b"}]":
            depth -= 1


def _refuse_unstorable(value: object) -> None:
    """Walks keys and values; only called when an escape of the kind occurs at all."""
    for place, found in _walk(value):
        if _is_unstorable(found):
            raise Unusable("character-not-allowed", "A text holds NUL or half of a surrogate pair.", _path(place))


def _is_unstorable(value: object) -> bool:
    return isinstance(value, str) and ("\0" in value or any("\ud800" <= part <= "\udfff" for part in value))


def _walk(value: object) -> Iterator[tuple[Place, object]]:
    """Every value and key with its place; an unprintable key comes, as its object, before the places it spoils."""
    waiting: list[tuple[Place, object]] = [(None, value)]
    while waiting:
        place, found = waiting.pop()
        yield place, found
        if isinstance(found, dict):
            waiting += [((place, key), item) for key, item in found.items()]
            waiting += [(place, key) for key in found]
        elif isinstance(found, list):
            waiting += [((place, index), item) for index, item in enumerate(found)]


def _path(place: Place) -> str:
    """The JSON pointer, written for the one place that needs it: a copy of a long key for each entry fills memory."""
    steps = []
    while place is not None:
        place, step = place
        steps.append(f"/{escape(str(step))}")
    return "".join(reversed(steps))


def _place(body: bytes) -> str:
    """Where the refused number stands: a second parse, on the way out only."""
    try:
        value = json.loads(body, parse_int=_or_mark(_short_integer), parse_float=_or_mark(_finite))
    except (ValueError, RecursionError):
        return ""
    pointer = next((_path(place) for place, found in _walk(value) if isinstance(found, Unusable)), "")
    return "" if _is_unstorable(pointer) else pointer


def _or_mark(read: Callable[[str], object]) -> Callable[[str], object]:
    def marked(text: str) -> object:
        try:
            return read(text)
        except Unusable as fault:
            return fault

    return marked


def escape(part: str) -> str:
    """One step of a JSON pointer (RFC 6901, section 3)."""
    return part.replace("~", "~0").replace("/", "~1")


_STRICT = json.JSONDecoder(
    object_pairs_hook=_no_twice,
    parse_constant=_refuse_constant,
    parse_float=_finite,
    parse_int=_short_integer,
)
