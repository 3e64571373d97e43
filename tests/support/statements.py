"""Listens to the statements the app sends: counts them, and refuses one on a tenant table without its tenant."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from sqlalchemy import Table, event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql import operators
from sqlalchemy.sql.dml import Delete, Insert, Update
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, TextClause
from sqlalchemy.sql.selectable import CTE, Alias, FromClause, Join, Select, Subquery

from claims_api.kit.database import metadata

Source: TypeAlias = FromClause  # one place in FROM: a table, or the same table under another name
Condition: TypeAlias = tuple[Any, frozenset[Source] | None]  # with the places it can narrow; None: any
_NAMED = re.compile(r"\b(?:FROM|JOIN|UPDATE|USING|ONLY|,)\s+(?:public\.)?(\w+)", re.IGNORECASE)
_FILTERED = re.compile(r"\btenant_id\s*=\s*(?:\$\d|:\w)", re.IGNORECASE)


class TenantForgotten(AssertionError):
    """A SELECT, UPDATE or DELETE reads a tenant table without naming the tenant."""


def watch_tenant_filters(engine: AsyncEngine) -> None:
    """From here on every statement of this engine is judged before it leaves."""

    @event.listens_for(engine.sync_engine, "before_execute")
    def judge(_db: object, statement: Any, *_rest: object) -> None:
        refuse_forgotten(statement)

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def judge_text(_db: object, _cursor: object, sent: str, _given: object, context: Any, _many: bool) -> None:
        if getattr(context, "compiled", None) is None:  # a plain string never was a statement
            _raise_for(_forgotten_in_text(sent))


def refuse_forgotten(statement: Any) -> None:
    """Every place in every FROM needs `tenant_id = :value` of its own, or of a place it is joined to by tenant_id.

    Raises: TenantForgotten
    """
    _raise_for(_forgotten(statement, frozenset()))


def _raise_for(found: list[str]) -> None:
    if found:
        raise TenantForgotten(f"{', '.join(sorted(found))} without tenant_id")


def _forgotten(part: Any, around: frozenset[Source]) -> list[str]:
    """`around`: the places of the enclosing statements that are bound to the tenant already."""
    if isinstance(part, TextClause):
        return _forgotten_in_text(part.text)
    if not hasattr(part, "get_children"):
        return []
    found: list[str] = []
    if isinstance(part, Select | Update | Delete):
        places, conditions = _scope(part)
        bound = _bound(places, conditions, around)
        found += [_name(place) for place in places if _is_tenants(place) and place not in bound]
        around |= bound
    children = list(part.get_children())
    if isinstance(part, Insert):
        children = [child for child in children if child is not part.table]  # row-level security judges inserts
    for child in children:
        if not isinstance(child, Table):
            found += _forgotten(child, around)
    return found


def _scope(part: Any) -> tuple[list[Source], list[Condition]]:
    """What a statement reads from, and its conditions."""
    if isinstance(part, Select):
        roots, where = list(part.get_final_froms()), part.whereclause
    else:
        given = [part.whereclause, *(getattr(part, "_values", None) or {}).values()]  # FROM and USING are implied
        implied = [place for one in given for place in getattr(one, "_from_objects", ())]
        roots, where = list(dict.fromkeys([part.table, *implied])), part.whereclause
    places: list[Source] = []
    conditions: list[Condition] = [] if where is None else [(one, None) for one in _all_of(where)]
    while roots:
        root = roots.pop()
        if not isinstance(root, Join):
            places.append(root)
            continue
        roots += [root.left, root.right]
        if not root.full:
            narrowed = frozenset(_leaves(root.right)) if root.isouter else None  # an outer join keeps its left side
            conditions += [(one, narrowed) for one in _all_of(root.onclause)]
    return places, conditions


def _bound(places: list[Source], conditions: list[Condition], around: frozenset[Source]) -> frozenset[Source]:
    bound = set(around) | {place for place in places if isinstance(place, CTE | Subquery)}  # judged by themselves
    size = -1
    while size != len(bound):
        size = len(bound)
        for condition, narrowed in conditions:
            for one, other in _equal_sides(condition):
                place = _tenant_place(one)
                is_given = isinstance(other, BindParameter) or _tenant_place(other) in bound
                if place is not None and is_given and (narrowed is None or place in narrowed):
                    bound.add(place)
    return frozenset(bound)


def _equal_sides(condition: Any) -> list[tuple[Any, Any]]:
    if isinstance(condition, BinaryExpression) and condition.operator is operators.eq:
        return [(condition.left, condition.right), (condition.right, condition.left)]
    return []


def _all_of(condition: Any) -> list[Any]:
    """The parts of an AND; an OR stays whole, since neither of its sides need hold."""
    condition = getattr(condition, "element", condition) if type(condition).__name__ == "Grouping" else condition
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        return [one for part in condition.clauses for one in _all_of(part)]
    return [condition]


def _tenant_place(side: Any) -> Source | None:
    return getattr(side, "table", None) if getattr(side, "name", "") == "tenant_id" else None


def _leaves(place: Source) -> list[Source]:
    return [*_leaves(place.left), *_leaves(place.right)] if isinstance(place, Join) else [place]


def _is_tenants(place: Source) -> bool:
    inner = place.element if isinstance(place, Alias) else place
    return isinstance(inner, Table) and "tenant_id" in inner.c


def _name(place: Source) -> str:
    return str(getattr(place, "name", place))


def _forgotten_in_text(sent: str) -> list[str]:
    """Text cannot be judged by its structure: each mention of a tenant table asks for one filter somewhere."""
    named = [word for word in _NAMED.findall(sent) if word in metadata.tables or word == "test_rows"]
    return named[len(_FILTERED.findall(sent)) :]


@contextmanager
def count_statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """The statements sent meanwhile, besides BEGIN with its tenant and COMMIT."""
    sent: list[str] = []

    def note(_db: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
