"""What is checked stands in one place, is told in the docs, and asks for one tenant at a time."""

import hashlib
import re
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from claims_api.verify.actions import families
from claims_api.verify.queries import reading
from tests.support.claims import Team
from tests.support.statements import refuse_forgotten
from tests.support.verifying import found_within

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")
STATEMENTS = [reading.CLAIMS, reading.LOGS, *(check.statement for check in families.OF_ROWS)]


def test_the_page_lists_every_kind_and_no_other() -> None:
    listed = re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)

    assert sorted(listed) == sorted(kind.code for kind in families.KINDS)


@pytest.mark.parametrize("statement", STATEMENTS, ids=str)
def test_every_statement_asks_for_one_tenant(statement: object) -> None:
    refuse_forgotten(statement)


async def test_a_pin_that_is_whole_but_no_policy_is_found(superuser: AsyncEngine, team: Team) -> None:
    await team.brought_to("rejected")
    body = b'{"not": "a policy"}'
    given = {"tenant": team.tenant.id, "id": hashlib.sha256(body).digest()}
    async with superuser.connect() as db:
        await db.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in (
            "INSERT INTO policy_pins VALUES (:tenant, :id, :body)",
            "UPDATE claims SET policy_id = :id WHERE tenant_id = :tenant",
        ):
            used = given | {"body": body} if ":body" in statement else given
            await db.execute(text(statement), used)
        found = await found_within(db, team.tenant.id)
        await db.rollback()

    assert found.keys() == {"pin-unreadable"}
