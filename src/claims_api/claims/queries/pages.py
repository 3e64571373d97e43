"""Pages of claims: what they own is read by one walk of each index, where WHOLE goes down each index for every claim.

Ids rise with time, so the rows of a page stand side by side. Postgres walks them in one go from 17 on.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    Table,
    any_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    table,
)

from claims_api.claims.queries.read import CHILDREN, CUSTOMER, NO_ROWS, json_object, json_rows
from claims_api.claims.tables import claims, parties
from claims_api.kit.pagination import MAX_LIMIT

MOST = bindparam("most", type_=Integer)
PAGE = table("page", *(column(each.name, each.type) for each in claims.c))
"""What a statement must define: see `page_of`."""


def page_of(rows: Select[Any]) -> CTE:
    """PAGE: the first MOST of some rows of `claims`, which are in the order of a list."""
    # Of a limit it does not know Postgres thinks it is a tenth of all rows, and would plan every page anew.
    bounded = rows.limit(exactly(MAX_LIMIT + 1)).subquery("bounded")
    page = select(bounded).order_by(bounded.c.id.desc()).limit(MOST)
    return page.cte(PAGE.name).prefix_with("MATERIALIZED")


def exactly(number: int) -> ColumnElement[int]:
    """A number that stands in the statement itself."""
    return literal_column(str(number), Integer)


def _owned(name: str, table: Table, order: ColumnElement[Any]) -> ColumnElement[Any]:
    rows = select(table.c.claim_id, json_rows(table, order).label("rows")).group_by(table.c.claim_id)
    found = _of_page(rows, table, table.c.claim_id == _any(PAGE.c.id), f"{name}_of_page")
    return func.coalesce(_the_one(found.c.rows, found.c.claim_id == PAGE.c.id), NO_ROWS).label(name)


def _customer() -> ColumnElement[Any]:
    person = select(parties.c.id, json_object([parties.c[name] for name in CUSTOMER]).label("person"))
    found = _of_page(person, parties, parties.c.id == _any(PAGE.c.customer_id), "customers_of_page")
    return _the_one(found.c.person, found.c.id == PAGE.c.customer_id).label("customer")


def _of_page(rows: Select[Any], table: Table, is_of_page: ColumnElement[bool], name: str) -> CTE:
    return rows.where(table.c.tenant_id == bindparam("tenant"), is_of_page).cte(name).prefix_with("MATERIALIZED")


def _any(ids: ColumnElement[UUID]) -> ColumnElement[Any]:
    """An array and no join: only of an array an index knows all it will be asked for."""
    return any_(func.array(select(ids).scalar_subquery()))


def _the_one(column: ColumnElement[Any], is_its: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(column).where(is_its).scalar_subquery()


WHOLE_PAGE: list[ColumnElement[Any]] = [
    *PAGE.c,
    *(_owned(name, *child) for name, child in CHILDREN.items()),
    _customer(),
]
"""Everything the claims of PAGE are, by the same names as WHOLE has."""
