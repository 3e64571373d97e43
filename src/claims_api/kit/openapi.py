"""The OpenAPI document: problems, examples from data files, and a form that is the same at every build."""

import json
from collections.abc import Iterable, Iterator
from importlib.resources.abc import Traversable
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field

from claims_api.kit.gate import REQUEST_ID, TRACEPARENT
from claims_api.kit.headers import RequestHeader
from claims_api.kit.problems import (
    MEDIA_TYPE,
    InternalFault,
    InvalidRequest,
    MalformedHeader,
    NotAcceptable,
    Problem,
    ScopeMissing,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)

EXAMPLE_IDS = ("https://api.example.com", "req_0123456789abcdef01234567", "0af7651916cd43dd8448eb211c80319c")
EVERYWHERE: tuple[type[Problem], ...] = (
    MalformedHeader,
    Unauthenticated,
    ScopeMissing,
    NotAcceptable,
    InvalidRequest,
    TooManyRequests,
    InternalFault,
    Unavailable,
)


class InputFault(BaseModel):
    """One fault of the input."""

    pointer: str = Field(description="RFC 6901 pointer into the body, or `query:name`, `header:name`.")
    code: str
    detail: str


class ProblemDocument(BaseModel):
    """RFC 9457 problem document. Named members beside these are listed with each problem."""

    type: str = Field(description="Absolute; resolves to what the problem means and the way out.")
    title: str
    status: int
    detail: str
    code: str
    request_id: str = Field(description="As in the answer's `X-Request-Id` and in our log.")
    trace_id: str = Field(
        pattern="^[0-9a-f]{32}$", description="The trace of the `traceparent` sent, else one of our own; as in our log."
    )
    retryable: bool
    errors: list[InputFault] | None = Field(default=None, max_length=20)


def problems(*kinds: type[Problem], public: bool = False) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: the kinds given, and those every authenticated route can answer."""
    found: dict[int | str, dict[str, Any]] = {}
    every = (*kinds, InternalFault) if public else (*kinds, *EVERYWHERE)
    known: set[type[Problem]] = set(every)
    for kind in sorted(known, key=lambda kind: (kind.status, kind.code)):
        entry = found.setdefault(kind.status, {"description": "", "content": {MEDIA_TYPE: {"examples": {}}}})
        entry["description"] = "; ".join(filter(None, (entry["description"], f"`{kind.code}`")))
        shown = kind().document(*EXAMPLE_IDS)
        entry["content"][MEDIA_TYPE]["examples"][kind.code] = {"summary": kind.title, "value": shown}
        entry["content"][MEDIA_TYPE]["schema"] = {"$ref": "#/components/schemas/ProblemDocument"}
    return found


def build(app: FastAPI, example_files: Iterable[Traversable]) -> dict[str, Any]:
    """The whole document. Examples live in data files, keyed by operation id: `request`, `response` by status."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
        servers=app.servers,
    )
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(schema.pop("$defs", {}))
    schemas["ProblemDocument"] = schema
    examples: dict[str, Any] = {}
    for file in example_files:
        examples |= json.loads(file.read_text(encoding="utf-8"))
    dependants = {route.operation_id: route.dependant for route in iter_route_contexts(app.routes) if route.endpoint}
    for operations in document["paths"].values():
        for method, operation in operations.items():
            read = [*_headers_read(dependants[operation["operationId"]], method.upper()), REQUEST_ID, TRACEPARENT]
            operation.setdefault("parameters", []).extend(header.parameter() for header in read)
            _add_examples(operation, examples.get(operation["operationId"], {}))
            if _is_frameworks(operation):
                del operation["responses"]["422"]
            if "security" in operation:  # alternatives by scope replace the bare scheme
                operation["security"] = [way for way in operation["security"] if any(way.values())]
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    return document


def text_of(document: dict[str, Any]) -> str:
    """The document as it is committed."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _headers_read(dependant: Dependant, method: str) -> Iterator[RequestHeader]:
    """What the dependencies of a route say that they read of a request, as `headers_read`."""
    for each in dependant.dependencies:
        said = getattr(each.call, "headers_read", None)
        yield from said(method) if said else ()
        yield from _headers_read(each, method)


def _is_frameworks(operation: dict[str, Any]) -> bool:
    return "application/json" in operation["responses"].get("422", {}).get("content", {})


def _add_examples(operation: dict[str, Any], given: dict[str, Any]) -> None:
    if "request" in given:
        operation["requestBody"]["content"]["application/json"]["examples"] = {
            name: {"summary": name.replace("_", " "), "value": value} for name, value in given["request"].items()
        }
    for status, value in given.get("response", {}).items():
        operation["responses"][status]["content"]["application/json"]["example"] = value
