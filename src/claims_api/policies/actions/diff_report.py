"""A difference between two releases as a table for people and as JSON for programs."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date

from claims_api.policies.actions.diff import Change, Difference, Direction, MemberChange
from claims_api.policies.actions.diff_words import VALUE

HEADS = ("region", "field", "change", "for the consumer", "contracts")
WIDEST_CHANGE = 60
NOT_SAID = "(not said)"


def as_json(difference: Difference) -> str:
    """The whole difference; days are texts, members of a change stand in the order of a statement."""
    return json.dumps(asdict(difference), ensure_ascii=False, indent=1, default=date.isoformat)


def as_text(difference: Difference) -> str:
    """A table with one change a row, what else changed in it below, and the count last."""
    lines = [f"{difference.old} -> {difference.new}"]
    lines += [f"law added: {code}" for code in difference.added]
    lines += [f"law removed: {code}" for code in difference.removed]
    lines += [f"coverage of {one.region}: {one.old or 'none'} -> {one.new or 'none'}" for one in difference.coverage]
    if difference.changes:
        lines += ["", *_table(difference.changes)]
    return "\n".join([*lines, "", _count(difference.changes)])


def _table(changes: Sequence[Change]) -> Iterator[str]:
    rows = [_row(change) for change in changes]
    widths = [max(len(row[at]) for row in (HEADS, *rows)) for at in range(len(HEADS))]
    yield _line(HEADS, widths)
    for change, row in zip(changes, rows, strict=True):
        yield _line(row, widths)
        yield from (f"    {line}" for line in _below(change))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _row(change: Change) -> tuple[str, ...]:
    value = _value_of(change)
    said = "the value stays" if value is None else _words(value)
    if len(said) > WIDEST_CHANGE:
        said = "see below"
    return change.region, change.field, said, change.direction, _contracts(change)


def _below(change: Change) -> Iterator[str]:
    value = _value_of(change)
    if value is not None and len(_words(value)) > WIDEST_CHANGE:
        yield f"old: {value.old or NOT_SAID}"
        yield f"new: {value.new or NOT_SAID}"
    yield from (f"{one.member}: {_words(one)}" for one in change.members if one is not value)
    changed = {one.member for one in change.members}
    named = {"law": change.law, "source": change.source}
    yield from (f"{name}: {text}" for name, text in named.items() if text is not None and name not in changed)
    if change.is_inherited:
        yield f"inherited from {change.stated_by}"


def _value_of(change: Change) -> MemberChange | None:
    return next((one for one in change.members if one.member == VALUE), None)


def _words(one: MemberChange) -> str:
    return f"{one.old or NOT_SAID} -> {one.new or NOT_SAID}"


def _contracts(change: Change) -> str:
    start, end = change.contracts_from, change.contracts_until
    if start is None:
        return "all" if end is None else f"before {end}"
    return f"from {start}" if end is None else f"from {start}, before {end}"


def _count(changes: Sequence[Change]) -> str:
    if not changes:
        return "No rule changed."
    counted = Counter(change.direction for change in changes)
    parts = ", ".join(f"{counted[one]} {one}" for one in Direction)
    return f"{len(changes)} {'change' if len(changes) == 1 else 'changes'} for the consumer: {parts}"
