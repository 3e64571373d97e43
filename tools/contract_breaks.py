"""What a newer OpenAPI document takes away from a caller who knows the older one; growth is silent.

python -m tools.contract_breaks OLDER.json NEWER.json
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.contract_schemas import Comparison, Schema, Way, changed_default, target

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PROBLEM = "application/problem+json"
SAY_WHEN = ("deprecation", "sunset")


@dataclass(frozen=True)
class Pair:
    """An operation in both documents."""

    at: str
    old_document: Schema
    new_document: Schema
    old: Schema
    new: Schema

    def schemas(self, way: Way, old: Schema, new: Schema, at: str) -> list[str]:
        comparison = Comparison(self.old_document, self.new_document, way)
        return comparison.breaks(old.get("schema", True), new.get("schema", True), f"{self.at}: {at}")


def breaks(old: Schema, new: Schema) -> list[str]:
    """Everything removed or narrowed, one line each; empty when every old caller still works."""
    found = [f"the problem {code} is gone" for code in sorted(_problems(old) - _problems(new))]
    found += _schemes(old, new)
    for path, item in old["paths"].items():
        if path not in new["paths"]:
            found.append(f"{path}: is gone")
            continue
        for method in (each for each in METHODS if each in item):
            at, other = f"{method.upper()} {path}", new["paths"][path].get(method)
            if other is None:
                found.append(f"{at}: is gone")
                continue
            olds, news = _whole(old, item, item[method]), _whole(new, new["paths"][path], other)
            found += _operation(Pair(at, old, new, olds, news))
    return found


def undated(document: Schema) -> list[str]:
    """Deprecated operations, and those with a deprecated parameter, whose answers do not say since and until when."""
    found = []
    for path, item in document["paths"].items():
        for method in (each for each in METHODS if each in item):
            whole = _whole(document, item, item[method])
            if not whole.get("deprecated") and not any(each.get("deprecated") for each in whole["parameters"].values()):
                continue
            for status, answer in whole["responses"].items():
                missing = [name for name in SAY_WHEN if name not in _headers(document, answer)]
                if status.startswith("2") and missing:
                    found.append(f"{method.upper()} {path}: {status} has no header {', '.join(missing)}")
    return found


def _whole(document: Schema, item: Schema, operation: Schema) -> Schema:
    """The operation with its references followed, and what it takes over from its path and its document."""
    parameters = [_followed(document, each) for each in [*item.get("parameters", ()), *operation.get("parameters", ())]]
    return operation | {
        "parameters": {(each["in"], _name(each)): each for each in parameters},
        "security": operation.get("security", document.get("security", [])),
        "requestBody": _followed(document, operation.get("requestBody", {})),
        "responses": {status: _followed(document, each) for status, each in operation["responses"].items()},
    }


def _name(parameter: Schema) -> str:
    """In one case where case does not count: a header's (RFC 9110, section 5.1)."""
    name: str = parameter["name"]
    return name.lower() if parameter["in"] == "header" else name


def _followed(document: Schema, given: Schema) -> Schema:
    return target(document, given["$ref"]) if "$ref" in given else given


def _operation(pair: Pair) -> list[str]:
    found = []
    if pair.old.get("operationId") != pair.new.get("operationId"):
        found.append(f"{pair.at}: operationId {pair.old.get('operationId')} became {pair.new.get('operationId')}")
    return [*found, *_security(pair), *_parameters(pair), *_body(pair), *_answers(pair)]


def _security(pair: Pair) -> Iterator[str]:
    """Whatever was enough to be let in stays enough."""
    for enough in pair.old["security"] or [{}]:
        still = [
            wanted
            for wanted in pair.new["security"] or [{}]
            if all(scheme in enough and set(scopes) <= set(enough[scheme]) for scheme, scopes in wanted.items())
        ]
        if not still:
            yield f"{pair.at}: {json.dumps(enough)} is no longer enough, wanted is {json.dumps(pair.new['security'])}"


def _parameters(pair: Pair) -> list[str]:
    olds, news = pair.old["parameters"], pair.new["parameters"]
    found = [f"{pair.at}: {' '.join(key)} is no longer accepted" for key in olds if key not in news]
    for key, new in news.items():
        at, old = " ".join(key), olds.get(key)
        if new.get("required") and not (old or {}).get("required"):
            found.append(f"{pair.at}: {at} is required now")
        if old is None:
            continue
        found += pair.schemas(Way.SENT, old, new, at)
        if not new.get("required"):
            said = changed_default(old.get("schema", {}), new.get("schema", {}))
            found += [f"{pair.at}: {at}: {each}" for each in said]
    return found


def _body(pair: Pair) -> list[str]:
    old, new = pair.old["requestBody"], pair.new["requestBody"]
    found = []
    if new.get("required") and not old.get("required"):
        found.append(f"{pair.at}: a body is required now")
    return found + _contents(pair, Way.SENT, old, new, "request")


def _answers(pair: Pair) -> list[str]:
    found = []
    for status, old in pair.old["responses"].items():
        new = pair.new["responses"].get(status)
        if new is None:
            found.append(f"{pair.at}: {status} is gone")
            continue
        headers = _headers(pair.new_document, new)
        found += [
            f"{pair.at}: {status} header {name} is gone"
            for name in _headers(pair.old_document, old)
            if name not in headers
        ]
        found += _contents(pair, Way.ANSWERED, old, new, status)
    return found


def _contents(pair: Pair, way: Way, old: Schema, new: Schema, at: str) -> list[str]:
    found = []
    for media, before in old.get("content", {}).items():
        after = new.get("content", {}).get(media)
        if after is None:
            found.append(f"{pair.at}: {at} {media} is gone")
        else:
            found += pair.schemas(way, before, after, at)
    return found


def _headers(document: Schema, answer: Schema) -> set[str]:
    return {name.lower() for name in _followed(document, answer).get("headers", {})}


def _schemes(old: Schema, new: Schema) -> Iterator[str]:
    olds, news = (each.get("components", {}).get("securitySchemes", {}) for each in (old, new))
    for name, before in olds.items():
        after = news.get(name, {})
        if any(before.get(member) != after.get(member) for member in ("type", "scheme", "in", "name")):
            yield f"the way to log in {name} is gone or another one"


def _problems(document: Schema) -> set[str]:
    """Every problem code that some answer has an example of."""
    codes: set[str] = set()
    for item in document["paths"].values():
        for method in (each for each in METHODS if each in item):
            for answer in item[method]["responses"].values():
                codes |= _followed(document, answer).get("content", {}).get(PROBLEM, {}).get("examples", {}).keys()
    return codes


def main(older: str, newer: str) -> int:
    documents: list[Any] = [json.loads(Path(each).read_text(encoding="utf-8")) for each in (older, newer)]
    found = [*breaks(documents[0], documents[1]), *undated(documents[1])]
    print("\n".join(found) or "Nothing is taken away.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
