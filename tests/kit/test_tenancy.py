"""The statement hook: whoever forgets the tenant in a statement hears of it in the tests, not from a customer."""

from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import (
    Table,
    Uuid,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)

from claims_api.access.queries import HAS_TENANT, KEYS, ONE_KEY, REVOKE
from claims_api.access.tables import api_keys, tenants
from claims_api.kit.idempotency import KEEP, RESERVE, STORED
from tests.support.app import ONE_ROW, rows
from tests.support.statements import TenantForgotten, refuse_forgotten

MINE = rows.c.tenant_id == bindparam("tenant", type_=Uuid)
other = rows.alias("other")
listed = select(rows.c.tenant_id, rows.c.id).where(MINE).cte("listed")
leaky = select(rows.c.tenant_id, rows.c.id).cte("leaky")
key_side = api_keys.c.tenant_id == bindparam("tenant", type_=Uuid)

NAMED = {
    "plain": select(rows).where(MINE),
    "with more conditions": select(rows).where(rows.c.word == "x").where(MINE, rows.c.id == uuid4()),
    "the other way round": select(rows).where(bindparam("tenant", type_=Uuid) == rows.c.tenant_id),
    "alias": select(other).where(other.c.tenant_id == uuid4()),
    "join by the tenant": select(rows).join(tenants, tenants.c.tenant_id == rows.c.tenant_id).where(MINE),
    "chain of joins": select(rows)
    .join(tenants, tenants.c.tenant_id == rows.c.tenant_id)
    .join(api_keys, api_keys.c.tenant_id == tenants.c.tenant_id)
    .where(MINE),
    "outer join": select(tenants)
    .outerjoin(rows, rows.c.tenant_id == tenants.c.tenant_id)
    .where(tenants.c.tenant_id == uuid4()),
    "CTE": select(listed),
    "join to a CTE": select(rows).join(listed, (listed.c.tenant_id == rows.c.tenant_id) & (listed.c.id == rows.c.id)),
    "correlated EXISTS": select(rows).where(MINE, exists().where(api_keys.c.tenant_id == rows.c.tenant_id)),
    "correlated scalar": select(
        rows.c.id,
        select(func.count()).select_from(api_keys).where(api_keys.c.tenant_id == rows.c.tenant_id).scalar_subquery(),
    ).where(MINE),
    "union": union_all(select(rows.c.id).where(MINE), select(other.c.id).where(other.c.tenant_id == uuid4())),
    "update": update(rows).where(MINE).values(word="x"),
    "delete": delete(rows).where(MINE, rows.c.id == uuid4()),
    "update from": update(rows).where(MINE, api_keys.c.tenant_id == rows.c.tenant_id).values(word=api_keys.c.role),
    "insert": insert(rows).values(tenant_id=uuid4(), id=uuid4(), word="x"),
    "insert from select": insert(rows).from_select(["tenant_id", "id"], select(api_keys.c.tenant_id).where(key_side)),
    "changing CTE": select(update(rows).where(MINE).values(word="x").returning(rows.c.id).cte("changed")),
    "text": text("SELECT 1 FROM test_rows WHERE tenant_id = :tenant"),
    "text without tables": text("SELECT current_setting('app.tenant_id', true)"),
}
FORGOTTEN = {
    "plain": select(rows),
    "another column": select(rows).where(rows.c.id == uuid4()),
    "not equal": select(rows).where(rows.c.tenant_id != uuid4()),
    "in the columns only": select(rows.c.tenant_id == uuid4()),
    "in an OR": select(rows).where(or_(MINE, rows.c.word == "x")),
    "to itself": select(rows).where(rows.c.tenant_id == rows.c.tenant_id),
    "to a constant in SQL": select(rows).where(rows.c.tenant_id == func.gen_random_uuid()),
    "is not null": select(rows).where(rows.c.tenant_id.is_not(None)),
    "alias": select(other),
    "twice, one filtered": select(rows.c.id, other.c.id).where(MINE),
    "joined by id only": select(rows).join(api_keys, api_keys.c.id == rows.c.id).where(MINE),
    "joined, nobody named": select(rows).join(tenants, tenants.c.tenant_id == rows.c.tenant_id),
    "outer join filters its right side only": select(tenants)
    .outerjoin(rows, (rows.c.tenant_id == tenants.c.tenant_id) & MINE)
    .where(tenants.c.name == "x"),
    "outer join narrows in ON": select(tenants).outerjoin(rows, tenants.c.tenant_id == bindparam("tenant", type_=Uuid)),
    "CTE": select(leaky),
    "CTE filtered outside": select(leaky).where(leaky.c.tenant_id == uuid4()),
    "subquery": select(select(rows).subquery()),
    "IN subquery": select(rows).where(MINE, rows.c.id.in_(select(api_keys.c.id))),
    "EXISTS without the tenant": select(rows).where(MINE, exists().where(api_keys.c.id == rows.c.id)),
    "scalar": select(literal(1), select(func.count()).select_from(rows).scalar_subquery()),
    "union": union_all(select(rows.c.id).where(MINE), select(other.c.id)),
    "update": update(rows).where(rows.c.id == uuid4()).values(word="x"),
    "update from": update(rows).where(MINE, rows.c.id == api_keys.c.id).values(word="x"),
    "update with another's value": update(rows).where(MINE).values(word=api_keys.c.role),
    "delete using": delete(rows).where(MINE, rows.c.id == api_keys.c.id),
    "delete": delete(rows),
    "insert from itself": insert(rows).from_select(["tenant_id", "id", "word"], select(rows)),
    "changing CTE": select(delete(rows).returning(rows.c.id).cte("gone")),
    "attached CTE": select(literal(1)).add_cte(delete(rows).cte("gone")),
    "text": text("SELECT 1 FROM test_rows"),
    "text, one of two": text("SELECT 1 FROM test_rows JOIN api_keys ON true WHERE test_rows.tenant_id = :tenant"),
}


@pytest.mark.parametrize("case", NAMED)
def test_a_statement_that_names_its_tenant_everywhere_passes(case: str) -> None:
    refuse_forgotten(NAMED[case])


@pytest.mark.parametrize("case", FORGOTTEN)
def test_a_statement_that_forgets_the_tenant_somewhere_is_refused(case: str) -> None:
    with pytest.raises(TenantForgotten):
        refuse_forgotten(FORGOTTEN[case])


@pytest.mark.parametrize("statement", [ONE_KEY, KEYS, HAS_TENANT, REVOKE, RESERVE, STORED, KEEP, ONE_ROW])
def test_every_statement_of_the_service_names_its_tenant(statement: object) -> None:
    refuse_forgotten(statement)


@pytest.mark.parametrize("sent", ["SELECT * FROM test_rows", "DELETE FROM api_keys WHERE id IS NULL"])
async def test_a_plain_string_that_forgets_the_tenant_never_leaves(app: FastAPI, sent: str) -> None:
    async with app.state.database.tenants.connect() as db:
        with pytest.raises(TenantForgotten):
            await db.exec_driver_sql(sent)


@pytest.mark.parametrize("table", [*tenants.metadata.tables.values(), rows], ids=str)
def test_the_tenant_comes_first_in_every_primary_key(table: Table) -> None:
    assert next(iter(table.primary_key.columns)).name == "tenant_id"
