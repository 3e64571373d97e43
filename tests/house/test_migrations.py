"""The rules for migrations, as far as they can be judged without a database; tests/trust runs them on one."""

import re

import pytest

from tools.lint_migrations import judge, written_out

UP, DOWN = written_out("up"), written_out("down")
BOTH = {f"{name} {way}": sql for way, every in (("up", UP), ("down", DOWN)) for name, sql in every.items()}
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"
NOTE_OF_ALEMBIC = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM) alembic_version\b")
"""Which revision the database is at: a row that nobody else writes."""


def unbounded(sql: str) -> list[str]:
    """The first statement of each transaction, and after each, that does not say how long a lock is waited for."""
    found, inside = [], False
    for part in re.split(r"^(BEGIN|COMMIT);$", re.sub(r"^--.*$", "", sql, flags=re.MULTILINE), flags=re.MULTILINE):
        statements = [each.strip() for each in re.split(r";$", part, flags=re.MULTILINE) if each.strip()]
        if statements in (["BEGIN"], ["COMMIT"]):
            inside = statements == ["BEGIN"]
        elif not all(NOTE_OF_ALEMBIC.match(each) for each in statements):
            wanted = LOCK_TIMEOUT if inside else LOCK_TIMEOUT.replace("LOCAL ", "")
            found += [] if statements[0] == wanted else [statements[0]]
    return found


@pytest.mark.parametrize("sql", BOTH.values(), ids=BOTH)
def test_each_transaction_first_says_how_long_it_waits_for_a_lock(sql: str) -> None:
    assert unbounded(sql) == []
    assert LOCK_TIMEOUT in sql


ALTERED, BUILT = (
    "ALTER TABLE claims ADD COLUMN a text",
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_a ON claims (tenant_id, a)",
)
NOTED = "UPDATE alembic_version SET version_num='0008'"
PARTS = {
    f"BEGIN;\n{LOCK_TIMEOUT};\n{ALTERED};\n{NOTED};\nCOMMIT;\n": [],
    f"BEGIN;\n{ALTERED};\n{LOCK_TIMEOUT};\n{NOTED};\nCOMMIT;\n": [ALTERED],
    f"BEGIN;\n{LOCK_TIMEOUT};\nCOMMIT;\nSET lock_timeout = '2s';\n{BUILT};\nBEGIN;\n{NOTED};\nCOMMIT;\n": [],
    f"BEGIN;\n{LOCK_TIMEOUT};\nCOMMIT;\n{LOCK_TIMEOUT};\n{BUILT};\nBEGIN;\n{NOTED};\nCOMMIT;\n": [LOCK_TIMEOUT],
    f"BEGIN;\n{LOCK_TIMEOUT};\nCOMMIT;\n{BUILT};\nBEGIN;\n{ALTERED};\nCOMMIT;\n": [BUILT, ALTERED],
}
"""Migrations, and what in them would wait for ever; a local setting ends with its transaction."""


@pytest.mark.parametrize("sql", PARTS)
def test_what_would_wait_for_ever_is_found_in_each_part(sql: str) -> None:
    assert unbounded(sql) == PARTS[sql]


def test_every_migration_passes_squawk() -> None:
    judged = judge(UP)

    assert judged.returncode == 0, judged.stdout
    assert f"in {len(UP)} files" in judged.stdout


FAULTS = {
    "ALTER TABLE claims ADD COLUMN a text": "require-lock-timeout",
    f"{LOCK_TIMEOUT}; CREATE INDEX ix_a ON claims (tenant_id, a)": "require-concurrent-index-creation",
    f"{LOCK_TIMEOUT}; DROP INDEX ix_a": "require-concurrent-index-deletion",
    f"{LOCK_TIMEOUT}; ALTER TABLE claims ADD COLUMN a text NOT NULL": "adding-required-field",
    f"{LOCK_TIMEOUT}; ALTER TABLE claims ALTER COLUMN a SET NOT NULL": "adding-not-nullable-field",
    f"{LOCK_TIMEOUT}; ALTER TABLE claims ADD COLUMN a text DEFAULT random()": "adding-field-with-default",
    f"{LOCK_TIMEOUT}; ALTER TABLE claims ALTER COLUMN a TYPE bytea USING a::bytea": "changing-column-type",
    f"{LOCK_TIMEOUT}; ALTER TABLE claims RENAME COLUMN a TO b": "renaming-column",
    f"{LOCK_TIMEOUT}; ALTER TABLE claims DROP COLUMN a": "ban-drop-column",
    f"{LOCK_TIMEOUT}; DROP TABLE claims": "ban-drop-table",
    f"{LOCK_TIMEOUT}; ALTER TABLE claims ADD CONSTRAINT ck_a CHECK (a > 0)": "constraint-missing-not-valid",
    f"{LOCK_TIMEOUT}; ALTER TABLE claims ADD CONSTRAINT fk_a FOREIGN KEY (tenant_id, a) REFERENCES parties "
    "(tenant_id, id)": "adding-foreign-key-constraint",
    f"{LOCK_TIMEOUT}; ALTER TABLE claims ADD CONSTRAINT uq_a UNIQUE (tenant_id, a)": "disallowed-unique-constraint",
    f"{LOCK_TIMEOUT}; CREATE TABLE a (tenant_id uuid, id serial, PRIMARY KEY (tenant_id, id))": "prefer-identity",
    f"{LOCK_TIMEOUT}; CREATE TABLE a (tenant_id uuid, at timestamp, PRIMARY KEY (tenant_id))": "prefer-timestamp-tz",
    f"{LOCK_TIMEOUT}; CREATE TABLE a (tenant_id uuid, b varchar(9), PRIMARY KEY (tenant_id))": "prefer-text-field",
}
"""Statements that would stop the service or break the release before, with the rule that refuses them."""


@pytest.mark.parametrize(("statements", "rule"), FAULTS.items(), ids=FAULTS.values())
def test_squawk_refuses(statements: str, rule: str) -> None:
    judged = judge({"fault.sql": f"BEGIN;\n{statements};\nCOMMIT;\n"})

    assert judged.returncode == 1
    assert f"[{rule}]" in re.sub(r"\x1b\]8;;.*?\x1b\\|\x1b\[[\d;]*m", "", judged.stdout)


def test_squawk_lets_a_good_migration_pass() -> None:
    judged = judge(
        {
            "good.sql": f"BEGIN;\n{LOCK_TIMEOUT};\nALTER TABLE claims ADD COLUMN a text;\nCOMMIT;\n"
            "SET lock_timeout = '2s';\nDROP INDEX CONCURRENTLY IF EXISTS ix_a;\n"
            f"{BUILT};\n"
            f"BEGIN;\n{LOCK_TIMEOUT};\nALTER TABLE claims ADD CONSTRAINT ck_a CHECK (a > 'b') NOT VALID;\nCOMMIT;\n"
        }
    )

    assert judged.returncode == 0, judged.stdout
