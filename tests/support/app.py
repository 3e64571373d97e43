"""The service with one more action: `POST /v1/test-rows` stores a row of its own table, under row-level security."""

from typing import Annotated

from fastapi import APIRouter, FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Column, MetaData, Table, Text, Uuid, bindparam, insert, select

from claims_api.access.routes import UnitOfWork, working_with
from claims_api.access.scopes import Scope
from claims_api.kit import idempotency, ids
from claims_api.kit.idempotency import StoredAnswer
from claims_api.kit.problems import NotFound
from claims_api.kit.settings import Settings
from claims_api.kit.strict import StrictRoute
from claims_api.main import create_app

rows = Table(
    "test_rows",
    MetaData(),
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("word", Text, nullable=False),
)
TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"  # as the migrations write it
TABLES = (
    "CREATE TABLE test_rows (tenant_id uuid NOT NULL REFERENCES tenants, id uuid, word text NOT NULL, "
    "PRIMARY KEY (tenant_id, id))",
    "ALTER TABLE test_rows ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE test_rows FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY tenant_wall ON test_rows USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT})",
    "GRANT SELECT, INSERT ON test_rows TO claims_app",
)
ONE_ROW = select(rows).where(rows.c.tenant_id == bindparam("tenant"), rows.c.id == bindparam("row"))

router = APIRouter(prefix="/v1", route_class=StrictRoute, include_in_schema=False)


class NewRow(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    word: str = Field(max_length=50)
    count: int = Field(default=1, ge=-(2**31), lt=2**31)
    anything: dict[str, object] | None = None


class StoredRow(BaseModel):
    id: str
    word: str


@router.post("/test-rows", status_code=201)
async def store_row(work: Annotated[UnitOfWork, working_with(Scope.CLAIMS_WRITE)], body: NewRow) -> Response:
    assert work.key is not None
    who = work.caller
    if stored := await idempotency.reserve(work.db, who.tenant_id, work.key, work.now):
        headers = {"Idempotent-Replayed": "true"}
        return Response(stored.body, stored.status, headers, "application/json")
    row_id = ids.new_uuid()
    await work.db.execute(insert(rows), {"tenant_id": who.tenant_id, "id": row_id, "word": body.word})
    answer = StoredRow(id=ids.encode("row", row_id), word=body.word).model_dump_json().encode()
    await idempotency.keep(work.db, who.tenant_id, work.key, StoredAnswer(work.key.fingerprint, 201, None, answer))
    return Response(answer, 201, media_type="application/json")


@router.get("/test-rows/{row}")
async def read_row(work: Annotated[UnitOfWork, working_with(Scope.CLAIMS_READ)], row: str) -> StoredRow:
    given = {"tenant": work.caller.tenant_id, "row": ids.decode("row", row)}
    found = (await work.db.execute(ONE_ROW, given)).one_or_none()
    if found is None:
        raise NotFound
    return StoredRow(id=row, word=found.word)


def create_test_app(settings: Settings) -> FastAPI:
    app = create_app(settings)
    app.include_router(router)
    return app
