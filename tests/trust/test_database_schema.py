"""The rules for data, judged on the migrated database itself: each table has its tenant, its wall and its rights.

Nothing here names the tables that are judged, so a new one is judged too; what is an exception has its reason.
"""

import pytest

from claims_api.kit.embedded_postgres import EmbeddedServer
from tests.conftest import lay_ground
from tests.support.catalogue import ask

TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"  # as the migrations write it
WALL = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)"  # as Postgres shows it
NO_TENANT = "(NULLIF(current_setting('app.tenant_id'::text, true), ''::text) IS NULL)"
OURS = "relnamespace = 'public'::regnamespace"
A_TENANTS = f"""
    SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    WHERE c.{OURS} AND c.relkind IN ('r', 'p')"""
COLUMNS = f"""
    SELECT c.relname || '.' || a.attname AS place, a.*, pg_get_expr(d.adbin, d.adrelid) AS default_to FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE c.{OURS} AND c.relkind IN ('r', 'p')"""

BROKEN_BY = {
    "a table knows its tenant": f"""
        SELECT c.relname::text FROM pg_class c WHERE c.{OURS} AND c.relkind IN ('r', 'p') AND NOT EXISTS (
            SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
            AND a.attnotnull AND a.atttypid = 'uuid'::regtype)""",
    "a table has a primary key": f"""
        SELECT c.relname::text FROM pg_class c WHERE c.{OURS} AND c.relkind IN ('r', 'p') AND NOT EXISTS (
            SELECT FROM pg_constraint p WHERE p.conrelid = c.oid AND p.contype = 'p')""",
    "a key or an index begins with the tenant": f"""
        SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE c.{OURS} AND a.attname IS DISTINCT FROM 'tenant_id'""",
    "a foreign key begins with the tenant on both sides": """
        SELECT k.conname::text FROM pg_constraint k
        LEFT JOIN pg_attribute mine ON mine.attrelid = k.conrelid AND mine.attnum = k.conkey[1]
        LEFT JOIN pg_attribute other ON other.attrelid = k.confrelid AND other.attnum = k.confkey[1]
        WHERE k.connamespace = 'public'::regnamespace AND k.contype = 'f'
          AND (mine.attname, other.attname) IS DISTINCT FROM ('tenant_id', 'tenant_id')""",
    "every index is valid": """
        SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready AND indislive)""",
    "a column has a type that is in use": f"""
        SELECT place || ' ' || format_type(atttypid, atttypmod) FROM ({COLUMNS}) x
        WHERE format_type(atttypid, atttypmod) NOT IN ('uuid', 'text', 'text[]', 'bytea', 'jsonb', 'boolean', 'date',
            'timestamp with time zone', 'smallint', 'smallint[]', 'integer', 'bigint')""",
    "no value comes from the database": f"""
        SELECT place FROM ({COLUMNS}) x WHERE attidentity <> '' OR attgenerated <> '' OR default_to LIKE '%(%'""",
    "there is nothing but tables and indexes": f"""
        SELECT c.relname || ' ' || c.relkind::text FROM pg_class c
        WHERE c.{OURS} AND c.relkind NOT IN ('r', 'p', 'i', 'I')""",
    "there is no type of our own": """
        SELECT t.typname::text FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace
        AND t.typtype <> 'c' AND t.typcategory <> 'A'""",
    "there is no function of our own": """
        SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
    "nothing happens behind a statement": """
        SELECT tgrelid::regclass || '.' || tgname FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT evtname::text FROM pg_event_trigger
        UNION ALL SELECT tablename || '.' || rulename FROM pg_rules WHERE schemaname = 'public'""",
    "there is no other schema and no extension": r"""
        SELECT nspname::text FROM pg_namespace
        WHERE nspname !~ '^pg_' AND nspname NOT IN ('public', 'information_schema')
        UNION ALL SELECT extname::text FROM pg_extension WHERE extname <> 'plpgsql'""",
    "row-level security binds everybody, the owner too": f"""
        SELECT relname::text FROM ({A_TENANTS}) x WHERE NOT (relrowsecurity AND relforcerowsecurity)""",
    "the wall stands": f"""
        SELECT relname::text FROM ({A_TENANTS}) x WHERE NOT EXISTS (
            SELECT FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = relname
            AND p.policyname = 'tenant_wall' AND p.permissive = 'PERMISSIVE' AND p.cmd = 'ALL'
            AND p.roles = '{{public}}' AND p.qual = $wall${WALL}$wall$ AND p.with_check = $wall${WALL}$wall$)""",
    "the wall has no door": """
        SELECT concat_ws(' ', tablename || '.' || policyname, permissive, cmd, roles::text, qual, with_check)
        FROM pg_policies WHERE schemaname = 'public' AND policyname <> 'tenant_wall'""",
    "the groups that hold the rights are nobody's login and have no power": """
        SELECT rolname::text FROM pg_roles WHERE rolname IN ('claims_app', 'claims_worker')
        AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
        UNION ALL SELECT member::regrole || ' in ' || roleid::regrole FROM pg_auth_members
        WHERE member IN ('claims_app'::regrole, 'claims_worker'::regrole)""",
}
"""Each rule, and what the catalogue names that breaks it."""

EXCEPTIONS = {
    "a table knows its tenant": {"alembic_version": "the revision of the database, Alembic's own"},
    "a key or an index begins with the tenant": {"alembic_version_pkc": "Alembic's own"},
    "a column has a type that is in use": {"alembic_version.version_num character varying(32)": "Alembic's own"},
    "the wall has no door": {
        f"tenants.owner_lists PERMISSIVE SELECT {{claims_owner}} {NO_TENANT}": "whose data `verify` reads",
        f"outbox.worker_finds PERMISSIVE SELECT {{claims_worker}} {NO_TENANT}": "who has something waiting: ids alone",
    },
}

RIGHTS = {
    "alembic_version": {"claims_app": "SELECT", "claims_worker": "SELECT"},  # for the check at start
    "tenants": {"claims_app": "SELECT"},
    "api_keys": {"claims_app": "SELECT"},
    "idempotency_keys": {"claims_app": "DELETE INSERT SELECT UPDATE"},
    "rate_limits": {"claims_app": "DELETE INSERT SELECT UPDATE"},
    "policy_pins": {"claims_app": "INSERT SELECT"},
    "parties": {"claims_app": "INSERT SELECT UPDATE"},
    "texts": {"claims_app": "DELETE INSERT SELECT"},
    "claims": {"claims_app": "INSERT SELECT UPDATE"},
    "claim_lines": {"claims_app": "DELETE INSERT SELECT UPDATE"},
    "claim_serials": {"claims_app": "DELETE INSERT SELECT"},
    "claim_holds": {"claims_app": "INSERT SELECT UPDATE"},
    "claim_remedies": {"claims_app": "INSERT SELECT UPDATE"},
    "claim_legs": {"claims_app": "INSERT SELECT UPDATE"},
    "shipments": {"claims_app": "INSERT SELECT UPDATE"},
    "tracking_numbers": {"claims_app": "INSERT SELECT UPDATE"},
    "shipment_updates": {"claims_app": "INSERT SELECT"},  # append-only by privilege
    # append-only by privilege; the worker sees how late the feed is, and nothing of what happened
    "events": {
        "claims_app": "INSERT SELECT",
        "claims_worker": "SELECT(recorded_at) SELECT(seq) SELECT(stream_id) SELECT(tenant_id)",
    },
    "outbox": {"claims_app": "INSERT", "claims_worker": "DELETE SELECT"},
    "feed_heads": {"claims_app": "SELECT", "claims_worker": "SELECT UPDATE(position)"},
    "feed": {"claims_app": "SELECT", "claims_worker": "INSERT"},
    "schema public": {
        "PUBLIC": "USAGE",
        "claims_app": "USAGE",
        "claims_worker": "USAGE",
    },  # for all: what 15 and later do
}
"""What anybody but the owner may do. What is missing here is a right nobody thought about."""

GIVEN = f"""
    WITH given AS (
        SELECT c.relname::text AS place, c.relowner AS owner, '' AS one_column, x.*
        FROM pg_class c, aclexplode(c.relacl) x WHERE c.{OURS}
        UNION ALL SELECT c.relname::text, c.relowner, '(' || a.attname || ')', x.*
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid, aclexplode(a.attacl) x WHERE c.{OURS}
        UNION ALL SELECT 'schema ' || nspname, nspowner, '', x.*
        FROM pg_namespace, aclexplode(nspacl) x WHERE nspname = 'public'
        UNION ALL SELECT 'later ' || defaclobjtype::text, defaclrole, '', x.*
        FROM pg_default_acl, aclexplode(defaclacl) x),
    said AS (SELECT place, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS who,
        privilege_type || one_column || CASE WHEN is_grantable THEN '*' ELSE '' END AS what
        FROM given WHERE grantee <> owner)
    SELECT place, who, string_agg(what, ' ' ORDER BY what COLLATE "C") FROM said GROUP BY place, who"""


@pytest.fixture(scope="module")
def url(postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of these tests' own, asked as superuser; other tests have tables in theirs."""
    return lay_ground(postgres, tmp_path_factory.mktemp("schema")).superuser_url


def broken(url: str, rule: str, *after: str) -> set[object]:
    return {row[0] for row in ask(url, BROKEN_BY[rule], after)}


def rights(url: str, *after: str) -> dict[object, dict[object, object]]:
    found: dict[object, dict[object, object]] = {}
    for place, who, what in ask(url, GIVEN, after):
        found.setdefault(place, {})[who] = what
    return found


@pytest.mark.parametrize("rule", BROKEN_BY)
def test_the_schema_keeps_the_rule(url: str, rule: str) -> None:
    assert broken(url, rule) == set(EXCEPTIONS.get(rule, {}))


def test_everybody_has_the_rights_that_are_written_down_and_no_others(url: str) -> None:
    assert rights(url) == RIGHTS


KEYED = "tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id)"
FAULTS = {
    "CREATE TABLE t (id uuid PRIMARY KEY)": ("a table knows its tenant", "t"),
    "CREATE TABLE t (tenant_id text NOT NULL)": ("a table knows its tenant", "t"),
    "CREATE TABLE t (tenant_id uuid)": ("a table knows its tenant", "t"),
    "CREATE TABLE t (tenant_id uuid NOT NULL)": ("a table has a primary key", "t"),
    "CREATE TABLE t (tenant_id uuid, id uuid, PRIMARY KEY (id, tenant_id))": (
        "a key or an index begins with the tenant",
        "t_pkey",
    ),
    "ALTER TABLE claims ADD UNIQUE (number)": ("a key or an index begins with the tenant", "claims_number_key"),
    "CREATE INDEX i ON claims (region)": ("a key or an index begins with the tenant", "i"),
    "CREATE INDEX i ON claims (lower(region), tenant_id)": ("a key or an index begins with the tenant", "i"),
    "ALTER TABLE claims ADD CONSTRAINT f FOREIGN KEY (id, tenant_id) REFERENCES parties (tenant_id, id)": (
        "a foreign key begins with the tenant on both sides",
        "f",
    ),
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_claims_open'::regclass": (
        "every index is valid",
        "ix_claims_open",
    ),
    "ALTER TABLE claims ADD COLUMN price double precision": (
        "a column has a type that is in use",
        "claims.price double precision",
    ),
    "ALTER TABLE claims ADD COLUMN at timestamp": (
        "a column has a type that is in use",
        "claims.at timestamp without time zone",
    ),
    "ALTER TABLE claims ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY": (
        "no value comes from the database",
        "claims.n",
    ),
    "ALTER TABLE claims ALTER COLUMN updated_at SET DEFAULT now()": (
        "no value comes from the database",
        "claims.updated_at",
    ),
    "CREATE SEQUENCE s": ("there is nothing but tables and indexes", "s S"),
    "CREATE VIEW v AS SELECT * FROM claims": ("there is nothing but tables and indexes", "v v"),
    "CREATE TYPE e AS ENUM ('a')": ("there is no type of our own", "e"),
    "CREATE DOMAIN d AS text": ("there is no type of our own", "d"),
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'": ("there is no function of our own", "f"),
    "CREATE TRIGGER t BEFORE UPDATE ON claims EXECUTE FUNCTION suppress_redundant_updates_trigger()": (
        "nothing happens behind a statement",
        "claims.t",
    ),
    "CREATE RULE r AS ON DELETE TO claims DO INSTEAD NOTHING": ("nothing happens behind a statement", "claims.r"),
    "CREATE SCHEMA other": ("there is no other schema and no extension", "other"),
    f"CREATE TABLE t ({KEYED})": ("row-level security binds everybody, the owner too", "t"),
    "ALTER TABLE claims DISABLE ROW LEVEL SECURITY": ("row-level security binds everybody, the owner too", "claims"),
    "ALTER TABLE claims NO FORCE ROW LEVEL SECURITY": ("row-level security binds everybody, the owner too", "claims"),
    f"ALTER POLICY tenant_wall ON claims WITH CHECK (tenant_id = {TENANT} OR true)": ("the wall stands", "claims"),
    "ALTER POLICY tenant_wall ON claims USING (true)": ("the wall stands", "claims"),
    "ALTER POLICY tenant_wall ON claims TO claims_app": ("the wall stands", "claims"),
    "DROP POLICY tenant_wall ON claims": ("the wall stands", "claims"),
    "CREATE POLICY p ON claims FOR SELECT USING (true)": (
        "the wall has no door",
        "claims.p PERMISSIVE SELECT {public} true",
    ),
    "ALTER ROLE claims_worker BYPASSRLS": (
        "the groups that hold the rights are nobody's login and have no power",
        "claims_worker",
    ),
    "GRANT claims_app TO claims_worker": (
        "the groups that hold the rights are nobody's login and have no power",
        "claims_worker in claims_app",
    ),
}
"""Changes nobody may make, the rule each breaks and what is named; every rule is broken once."""


@pytest.mark.parametrize("change", FAULTS)
def test_a_change_that_breaks_a_rule_is_named(url: str, change: str) -> None:
    rule, named = FAULTS[change]

    assert broken(url, rule, change) - set(EXCEPTIONS.get(rule, {})) == {named}


def test_every_rule_was_broken_once() -> None:
    assert {rule for rule, _ in FAULTS.values()} == set(BROKEN_BY)


GRANTS = {
    "GRANT SELECT ON claims TO PUBLIC": ("claims", {"PUBLIC": "SELECT"}),
    "GRANT DELETE ON events TO claims_app": ("events", {"claims_app": "DELETE INSERT SELECT"}),
    "GRANT SELECT (data) ON events TO claims_app": ("events", {"claims_app": "INSERT SELECT SELECT(data)"}),
    "GRANT SELECT ON claims TO claims_api": ("claims", {"claims_api": "SELECT"}),
    "GRANT SELECT ON tenants TO claims_app WITH GRANT OPTION": ("tenants", {"claims_app": "SELECT*"}),
    "GRANT CREATE ON SCHEMA public TO claims_app": ("schema public", {"claims_app": "CREATE USAGE"}),
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO claims_app": ("later r", {"claims_app": "SELECT"}),
}


@pytest.mark.parametrize("grant", GRANTS)
def test_a_right_that_is_not_written_down_is_seen(url: str, grant: str) -> None:
    place, more = GRANTS[grant]

    assert rights(url, grant) == RIGHTS | {place: RIGHTS.get(place, {}) | more}
