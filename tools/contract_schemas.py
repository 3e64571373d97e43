"""Compares two JSON Schemas of the contract as a caller meets them: what they may send, and what they are answered."""

import json
from collections.abc import Iterator
from enum import StrEnum
from math import inf
from typing import Any

Schema = dict[str, Any]
UPPER_LIMITS = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
LOWER_LIMITS = {"minimum": -inf, "exclusiveMinimum": -inf, "minLength": 0, "minItems": 0, "minProperties": 0}
EXACT_LIMITS = ("pattern", "format", "multipleOf", "uniqueItems")
ANYTHING = "anything"
ABSENT = object()


class Way(StrEnum):
    """Of a request everything accepted before stays accepted; of an answer everything promised before stays true."""

    SENT = "request"
    ANSWERED = "response"


def resolve(document: Schema, schema: Schema | bool) -> Schema:
    """The schema with its references followed and its `allOf` made one."""
    if isinstance(schema, bool):
        return {} if schema else {"enum": []}
    found = {name: value for name, value in schema.items() if name not in ("$ref", "allOf")}
    parts = list(schema.get("allOf", ()))
    if "$ref" in schema:
        parts.append(target(document, schema["$ref"]))
    for part in parts:
        found = _both(resolve(document, part), found)
    return found


def target(document: Schema, reference: str) -> Schema:
    """What a reference inside the document leads to."""
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    if "$ref" in found and len(found) == 1:
        return target(document, found["$ref"])
    assert isinstance(found, dict)  # noqa: S101 - a reference to anything else is no contract
    return found


def _both(first: Schema, second: Schema) -> Schema:
    merged = first | second
    for name in ("properties", "patternProperties"):
        if name in first and name in second:
            merged[name] = first[name] | second[name]
    if "required" in first and "required" in second:
        merged["required"] = sorted({*first["required"], *second["required"]})
    return merged


def variants(document: Schema, schema: Schema | bool) -> list[Schema]:
    """The alternatives of a schema, each of one type, `null` being one of them."""
    whole = resolve(document, schema)
    for word in ("anyOf", "oneOf"):
        if word in whole:
            around = {name: value for name, value in whole.items() if name not in (word, "discriminator")}
            return [each for part in whole[word] for each in variants(document, {"allOf": [around, part]})]
    types = whole.get("type")
    return [whole | {"type": each} for each in types] if isinstance(types, list) else [whole]


def kind(schema: Schema) -> str:
    """The one type of a variant."""
    return str(schema.get("type", "object" if "properties" in schema else ANYTHING))


def words(alternatives: list[Schema]) -> set[str] | None:
    """The only values there are beside null, as JSON; None when others are possible too."""
    found: set[str] = set()
    for each in alternatives:
        if kind(each) == "null":
            continue
        if "enum" not in each and "const" not in each:
            return None
        found |= {json.dumps(value) for value in [*each.get("enum", ()), *_const(each)] if value is not None}
    return found


def _const(schema: Schema) -> list[object]:
    return [schema["const"]] if "const" in schema else []


def label(document: Schema, schema: Schema) -> dict[str, object]:
    """The members whose one value tells an alternative from the others, as `transition` does."""
    members = {name: resolve(document, each) for name, each in schema.get("properties", {}).items()}
    return {name: each["const"] for name, each in members.items() if "const" in each}


class Comparison:
    """Two schemas, each with its document, seen one way."""

    def __init__(self, old: Schema, new: Schema, way: Way) -> None:
        self._old, self._new, self._way = old, new, way
        self._inside: set[str] = set()  # a schema may hold itself

    def breaks(self, old: Schema | bool, new: Schema | bool, at: str) -> list[str]:
        """What a caller who knew the old one would stumble over."""
        pair = json.dumps([old, new], sort_keys=True)
        if pair in self._inside:
            return []
        self._inside.add(pair)
        olds, news = variants(self._old, old), variants(self._new, new)
        found = [f"{at}: {said}" for said in self._words(words(olds), words(news))]
        needed, offered = (olds, news) if self._way is Way.SENT else (news, olds)
        for one in needed:
            found += self._fit(one, offered, at)
        self._inside.discard(pair)
        return list(dict.fromkeys(found))

    def _words(self, olds: set[str] | None, news: set[str] | None) -> Iterator[str]:
        if olds is None:
            if news is not None and self._way is Way.SENT:
                yield "accepts nothing but listed values now"
        elif news is not None:
            yield from (f"the value {gone} is gone" for gone in sorted(olds - news))
        elif self._way is Way.ANSWERED:
            yield "may be more than the listed values now"

    def _fit(self, one: Schema, offered: list[Schema], at: str) -> list[str]:
        """Which of the offered alternatives is nearest to one that is needed, and what is missing to it."""
        near = [other for other in offered if _holds(kind(other), kind(one))]
        if not near:
            return [f"{at}: {'no longer accepts' if self._way is Way.SENT else 'may now be'} {kind(one)}"]
        mine, theirs = (self._old, self._new) if self._way is Way.SENT else (self._new, self._old)
        named = label(mine, one)
        labels = [label(theirs, other) for other in near]
        if named and all(each.keys() & named.keys() for each in labels):
            near = [other for other, each in zip(near, labels, strict=True) if each.items() & named.items()]
            if not near:  # to what is answered a new word may be added, with what belongs to it
                gone = ", ".join(f"{name} {value!r}" for name, value in named.items())
                return [f"{at}: no longer accepts {gone}"] if self._way is Way.SENT else []
        pairs = [(one, other) if self._way is Way.SENT else (other, one) for other in near]
        return min((self._alike(old, new, at) for old, new in pairs), key=len)

    def _alike(self, old: Schema, new: Schema, at: str) -> list[str]:
        found = [f"{at}: {said}" for said in self._limits(old, new)]
        if "items" in (new if self._way is Way.SENT else old):
            found += self.breaks(old.get("items", True), new.get("items", True), f"{at}[]")
        if "object" in (kind(old), kind(new)):
            found += self._members(old, new, at)
            found += self._other_members(old, new, at)
        return found

    def _limits(self, old: Schema, new: Schema) -> Iterator[str]:
        if self._way is Way.SENT:
            yield from _narrower(old, new)
        elif "format" in old and new.get("format") != old["format"]:
            yield f"format {old['format']} became {new.get('format', 'none')}"

    def _members(self, old: Schema, new: Schema, at: str) -> list[str]:
        olds, news = old.get("properties", {}), new.get("properties", {})
        before, after = set(old.get("required", ())), set(new.get("required", ()))
        sent = self._way is Way.SENT
        found = [f"{at}.{name}: {'is no longer accepted' if sent else 'is gone'}" for name in olds if name not in news]
        if sent:
            found += [f"{at}.{name}: is required now" for name in sorted(after - before)]
        else:
            found += [f"{at}.{name}: may be missing now" for name in sorted((before - after) & news.keys())]
        for name in (each for each in olds if each in news):
            found += self.breaks(olds[name], news[name], f"{at}.{name}")
            if sent and name not in after:
                found += [f"{at}.{name}: {said}" for said in changed_default(olds[name], news[name])]
        return found

    def _other_members(self, old: Schema, new: Schema, at: str) -> list[str]:
        olds, news = old.get("additionalProperties", True), new.get("additionalProperties", True)
        needed, offered = (olds, news) if self._way is Way.SENT else (news, olds)
        found = []
        if self._way is Way.ANSWERED and isinstance(olds, dict) and news is False:
            found.append(f"{at}: other members are gone")
        elif self._way is Way.SENT and olds is not False and news is False:
            found.append(f"{at}: other members are no longer accepted")
        elif isinstance(offered, dict) and needed is not False:
            found += self.breaks(olds, news, f"{at}.*")
        if "propertyNames" in (new if self._way is Way.SENT else old):
            found += self.breaks(old.get("propertyNames", True), new.get("propertyNames", True), f"{at}.* (name)")
        return found


def _narrower(old: Schema, new: Schema) -> Iterator[str]:
    for name in UPPER_LIMITS:
        if new.get(name, inf) < old.get(name, inf):
            yield f"{name} {old.get(name, 'none')} became {new[name]}"
    for name, lowest in LOWER_LIMITS.items():
        if new.get(name, lowest) > old.get(name, lowest):
            yield f"{name} {old.get(name, 'none')} became {new[name]}"
    for name in EXACT_LIMITS:
        if new.get(name) and new[name] != old.get(name):
            yield f"{name} {old.get(name, 'none')} became {new[name]}"


def changed_default(old: Schema, new: Schema) -> list[str]:
    """What leaving a member out means now, if it means something else."""
    before, after = old.get("default", ABSENT), new.get("default", ABSENT)
    if ABSENT in (before, after) or before == after:
        return []
    return [f"left out it meant {json.dumps(before)}, now {json.dumps(after)}"]


def _holds(wide: str, narrow: str) -> bool:
    return wide in (narrow, ANYTHING) or (wide, narrow) == ("number", "integer")
