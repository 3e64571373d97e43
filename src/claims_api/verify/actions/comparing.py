"""Where two values differ, by the names of their fields: nothing is listed, so nothing new can be forgotten."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass


def differences(one: object, other: object, path: str = "") -> Iterator[str]:
    """The paths at which two values differ, like `lines[2].decision`; nothing for values that are the same.

    Members of a tuple that have an id or a position are compared by it: the order of rows is no fact.
    """
    if one == other:
        return
    mine, theirs = _members(one), _members(other)
    if type(one) is not type(other) or mine is None or theirs is None:
        yield path or "everything"
        return
    for name in dict.fromkeys([*mine, *theirs]):
        below = f"{path}{name}" if name.startswith("[") or not path else f"{path}.{name}"
        if name in mine and name in theirs:
            yield from differences(mine[name], theirs[name], below)
        else:
            yield below


def _members(value: object) -> Mapping[str, object] | None:
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): item for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return {f"[{_name(item, place)}]": item for place, item in enumerate(value, start=1)}
    return None


def _name(item: object, place: int) -> object:
    return getattr(item, "id", None) or getattr(item, "position", None) or place
