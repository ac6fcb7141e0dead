"""Bridges on PostgreSQL: names of other schemas in every place of a statement, through Fairlead (proxy and library) and directly
as a role that has rights on the tenant's schema only (support.reach). FAIRLEAD_SEEDS=0:500 runs others than those of every day."""

import collections
import os
import re

import pytest

from isolation.bridge_grammar import BridgeGrammar, DatabaseGrammar, Listed, Transplanted
from isolation.statements_test import PLACE_DEPENDENT
from support.estate import APP_PASSWORD, CLIENT_PASSWORD
from support.library_process import LibraryReply, PostgresConversation, affected
from support.raw_client import RawClient
from support.reach import Side, check_enough, check_the_comparison, run_scripts

STATEMENTS = 50
FIRST, LAST = map(int, os.environ.get("FAIRLEAD_SEEDS", "0:3").split(":"))
THROUGH_LIBRARY = range(FIRST, FIRST + (LAST - FIRST + 1) // 2)  # half as many: the guard is the same

# One of each kind, owned by the role that all tenants share (of the reference: by the tenant's own).
OBJECTS = """
CREATE SCHEMA {schema} AUTHORIZATION {role};
SET ROLE {role};
SET search_path = {schema};
CREATE TABLE users (user_id bigint PRIMARY KEY, username text NOT NULL);
CREATE TABLE notes (id bigserial PRIMARY KEY, note text);
INSERT INTO users VALUES (1, '{tenant} first'), (2, '{tenant} second');
CREATE TABLE customers (tenant_id text DEFAULT 'acme', id bigint PRIMARY KEY, name text, email text);
CREATE TABLE orders (tenant_id text DEFAULT 'acme', id bigint PRIMARY KEY, customer_id bigint, total numeric(10, 2), note text);
CREATE TABLE order_items (tenant_id text DEFAULT 'acme', order_id bigint, sku text, qty int);
CREATE TABLE plans (id bigint PRIMARY KEY, name text);
CREATE TABLE part (tenant_id text DEFAULT 'acme', id bigint PRIMARY KEY, note text);
INSERT INTO customers SELECT 'acme', i, '{tenant} name ' || i, '{tenant}' FROM generate_series(1, 3) i;
INSERT INTO orders SELECT 'acme', i, 1 + i % 3, 7.5 * i, '{tenant} note ' || i FROM generate_series(1, 5) i;
INSERT INTO order_items SELECT 'acme', i, '{tenant} sku', i FROM generate_series(1, 5) i;
INSERT INTO plans VALUES (1, '{tenant} free');
INSERT INTO part VALUES ('acme', 1, '{tenant} part');
CREATE TABLE parts (id bigint, word text) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
INSERT INTO parts VALUES (1, '{tenant} part');
CREATE FUNCTION own_f() RETURNS text STABLE LANGUAGE sql AS $$ SELECT '{tenant} function' $$;
CREATE PROCEDURE own_p() LANGUAGE sql AS $$ INSERT INTO {schema}.users VALUES (55, 'by own_p') $$;
CREATE VIEW own_view AS SELECT user_id, username FROM users;
CREATE MATERIALIZED VIEW own_mat AS SELECT username FROM users;
CREATE TYPE mood AS ENUM ('happy', '{tenant} mood');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE INDEX own_index ON users (username);
CREATE COLLATION own_collation FROM "C";
CREATE TEXT SEARCH CONFIGURATION own_config (COPY = pg_catalog.simple);
CREATE AGGREGATE own_sum (int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int);
CREATE STATISTICS st ON user_id, username FROM users;
RESET ROLE;
RESET search_path;
"""

DEFINED = """
SELECT 'class', c.relname, c.relkind::text || c.relpersistence::text || c.relrowsecurity::text || c.relhassubclass::text, coalesce(c.relacl::text, ''), coalesce(pg_get_viewdef(c.oid), '')
    FROM pg_class c WHERE c.relnamespace = to_regnamespace('{0}')
UNION ALL SELECT 'column', a.attrelid::regclass::text, a.attname, a.atttypid::regtype::text, a.attnotnull::text || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = to_regnamespace('{0}') AND a.attnum > 0 AND c.relkind <> 'i'
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid), '', '' FROM pg_constraint WHERE connamespace = to_regnamespace('{0}')
UNION ALL SELECT 'proc', proname, prosrc, prosecdef::text, coalesce(proacl::text, '') FROM pg_proc WHERE pronamespace = to_regnamespace('{0}')
UNION ALL SELECT 'type', typname, typtype::text, typnotnull::text, '' FROM pg_type WHERE typnamespace = to_regnamespace('{0}')
UNION ALL SELECT 'enum', enumlabel, enumtypid::regtype::text, '', '' FROM pg_enum JOIN pg_type t ON t.oid = enumtypid WHERE typnamespace = to_regnamespace('{0}')
UNION ALL SELECT 'trigger', tgname, tgrelid::regclass::text, '', '' FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = to_regnamespace('{0}') AND NOT tgisinternal
UNION ALL SELECT 'rule', rulename, pg_get_ruledef(r.oid), '', '' FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class WHERE relnamespace = to_regnamespace('{0}')
UNION ALL SELECT 'comment', description, objsubid::text, '', '' FROM pg_description JOIN pg_class c ON c.oid = objoid WHERE relnamespace = to_regnamespace('{0}')
UNION ALL SELECT 'index', pg_get_indexdef(indexrelid), '', '', '' FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE relnamespace = to_regnamespace('{0}')
UNION ALL SELECT 'operator', oprname, '', '', '' FROM pg_operator WHERE oprnamespace = to_regnamespace('{0}')
UNION ALL SELECT 'collation', collname, '', '', '' FROM pg_collation WHERE collnamespace = to_regnamespace('{0}')
UNION ALL SELECT 'config', cfgname, '', '', '' FROM pg_ts_config WHERE cfgnamespace = to_regnamespace('{0}')
UNION ALL SELECT 'statistics', stxname, '', '', '' FROM pg_statistic_ext WHERE stxnamespace = to_regnamespace('{0}')
ORDER BY 1, 2, 3, 4, 5"""
SERVER = """
SELECT 'schema', nspname, coalesce(nspacl::text, ''), nspowner::regrole::text FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('tenant_b1', 'kept_rows')
UNION ALL SELECT 'role', rolname, rolsuper::text || rolcreaterole::text, coalesce(rolconfig::text, '') FROM pg_roles WHERE rolname NOT IN ('own_only', 'database_only')
UNION ALL SELECT 'member', roleid::regrole::text, member::regrole::text, '' FROM pg_auth_members
UNION ALL SELECT 'setting', setdatabase::text, setrole::text, setconfig::text FROM pg_db_role_setting WHERE setrole::regrole::text NOT IN ('own_only', 'database_only')
UNION ALL SELECT 'database', datname, coalesce(datacl::text, ''), datdba::regrole::text FROM pg_database
UNION ALL SELECT 'comment', description, objoid::text, '' FROM pg_shdescription
UNION ALL SELECT 'comment', description, '', '' FROM pg_description WHERE classoid = 'pg_namespace'::regclass
UNION ALL SELECT 'object', oid::text, '', '' FROM pg_largeobject_metadata
UNION ALL SELECT 'extension', extname, '', '' FROM pg_extension
UNION ALL SELECT 'default', defaclrole::text, defaclnamespace::text, defaclacl::text FROM pg_default_acl
UNION ALL SELECT 'publication', pubname, '', '' FROM pg_publication
ORDER BY 1, 2, 3, 4"""


class Schema(Side):
    def __init__(self, server, database, role, connect, name="tenant_b1", foreign=("tenant_b2", "public")):
        self.role, self.login, self.name, self.foreign = role, connect, name, foreign
        self.watcher = server.connect(database, prepare_threshold=None)
        self.prepare()

    def _dump(self, schema: str) -> list:
        defined = self.watcher.execute(DEFINED.format(schema)).fetchall()
        tables = sorted(row[1] for row in defined if row[0] == "class" and row[2][0] in "rpS")
        rows = [f"{table}: {sorted(map(repr, self.watcher.execute(f'SELECT * FROM {schema}.' + quoted(table)).fetchall()))}" for table in tables]
        return [repr(row).replace(self.role, "role") for row in defined] + rows

    def own(self):
        return self._dump(self.name)

    def others(self):
        server = [repr(row) for row in self.watcher.execute(SERVER).fetchall()]
        return [line for schema in self.foreign for line in self._dump(schema)] + server

    def restore(self):
        self.watcher.execute(f"ALTER DEFAULT PRIVILEGES FOR ROLE {self.role} REVOKE ALL ON TABLES FROM PUBLIC;"
                             f"DROP SCHEMA IF EXISTS {self.name} CASCADE;" + OBJECTS.format(schema=self.name, role=self.role, tenant="b1"))

        tables = self.watcher.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = to_regnamespace(%s)",
                                      [self.name]).fetchall()
        self.watcher.execute("DROP SCHEMA IF EXISTS kept_rows CASCADE; CREATE SCHEMA kept_rows;" + ";".join(
            f"CREATE TABLE kept_rows.{table} AS SELECT * FROM {self.name}.{table}" for (table,) in tables))

    def restore_quickly(self, own):
        """Most statements change rows only."""
        changed = [line.split(":")[0] for line in set(own) - set(self.initial[0])]
        if any(name.startswith(("(", "[")) for name in changed):
            return
        commands = [f"SELECT setval('{self.name}.{name}', 1, false)" if name.endswith("_seq") else
                    f"DELETE FROM {self.name}.{name}; INSERT INTO {self.name}.{name} SELECT * FROM kept_rows.{name}" for name in changed]
        self.watcher.execute("; ".join(["SET session_replication_role = replica", *commands, "RESET session_replication_role"]))

    def send(self, client, sql, protocol):
        return client.query(sql) if protocol == "text" else client.extended(sql)


class WholeDatabase(Schema):
    """A database of the tenant's own: others are on the same server, as the same role."""

    def __init__(self, server, database, role, connect):
        super().__init__(server, database, role, connect, "public", ())

    def own(self):
        made = self.watcher.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'kept_rows' UNION ALL SELECT pubname FROM pg_publication "
                                    "UNION ALL SELECT lanname FROM pg_language ORDER BY 1").fetchall()
        return [*super().own(), repr(made)]

    def others(self):
        return [repr(row) for row in self.watcher.execute(SERVER).fetchall() if row[0] in ("role", "member", "setting", "database")]

    def restore(self):
        for (command,) in self.watcher.execute("SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace WHERE nspname !~ '^pg_' "
                                               "AND nspname NOT IN ('information_schema', 'kept_rows') UNION ALL SELECT format('DROP PUBLICATION %I', pubname) "
                                               "FROM pg_publication").fetchall():
            self.watcher.execute(command)
        super().restore()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.fixture(scope="module")
def sides(estate, proxy):
    server = estate.main
    server.execute(f"CREATE ROLE own_only LOGIN PASSWORD '{APP_PASSWORD}'")
    server.execute("CREATE DATABASE bridge_reference")
    for database in ("bridge", "bridge_reference"):
        server.execute("DROP SCHEMA IF EXISTS tenant_b2 CASCADE;" + OBJECTS.format(schema="tenant_b2", role="fairlead_app", tenant="zqb2") +
                       "CREATE TABLE public.beside AS SELECT 'zq beside' AS word; CREATE TABLE public.users AS SELECT * FROM tenant_b2.users;"
                       "CREATE SCHEMA zqhidden; CREATE TABLE zqhidden.zqtable (zqcolumn int)", database)
    server.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO fairlead_app; GRANT ALL ON SCHEMA public TO fairlead_app", "bridge")
    server.execute("ALTER ROLE own_only IN DATABASE bridge_reference SET search_path = tenant_b1", "bridge_reference")
    server.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC; REVOKE TEMP ON DATABASE bridge_reference FROM PUBLIC;"
                   "GRANT TEMP ON DATABASE bridge_reference TO own_only", "bridge_reference")
    return (Schema(server, "bridge", "fairlead_app", lambda: proxy.raw("b1_app", CLIENT_PASSWORD)),
            Schema(server, "bridge_reference", "own_only", lambda: RawClient.login(server.port, "own_only", APP_PASSWORD, "bridge_reference")))


@pytest.fixture(scope="module")
def library_sides(estate, sides, library):
    return Schema(estate.main, "bridge", "fairlead_app", lambda: PostgresConversation(library, "b1")), sides[1]


@pytest.fixture(scope="module")
def databases(estate, proxy):
    server = estate.main
    server.execute(f"CREATE ROLE database_only LOGIN PASSWORD '{APP_PASSWORD}'")
    server.execute("CREATE DATABASE database_reference OWNER database_only")
    server.execute("ALTER DATABASE tenant_d1 OWNER TO fairlead_app")
    with proxy.raw("acme_app", CLIENT_PASSWORD) as other:  # its last statement stays to be seen, by the same role
        assert not other.query("BEGIN").error and not other.query("SELECT 'zqsecret of acme'").error
        yield (WholeDatabase(server, "tenant_d1", "fairlead_app", lambda: proxy.raw("d1_app", CLIENT_PASSWORD)),
               WholeDatabase(server, "database_reference", "database_only",
                             lambda: RawClient.login(server.port, "database_only", APP_PASSWORD, "database_reference")))
        assert not other.query("COMMIT").error, "it was ended"


@pytest.fixture(scope="module")
def library_databases(estate, databases, library):
    return WholeDatabase(estate.main, "tenant_d1", "fairlead_app", lambda: PostgresConversation(library, "d1")), databases[1]


# What stands in the catalogue, and the server's own words, differ by right; columns are compared.
LISTS = re.compile(r"\b(explain|pg_\w+|information_schema|search_path|reg\w+|xmin)\b", re.I)


def comparable(reply, sql):
    if LISTS.search(sql):
        return reply.columns
    if PLACE_DEPENDENT.search(sql):
        return reply.columns, len(reply.rows)
    return reply.columns, sorted(map(repr, reply.rows)), reply.tags, sorted(message.body for message in reply.of("d"))


def comparable_of_library(reply, sql):
    """Of both sides: a number takes the place of the tag, rows without columns are none, and notices are not told."""
    names, rows = [names for names in reply.columns if names], [row for row in reply.rows if row]
    if LISTS.search(sql):
        return names
    return names, len(rows) if PLACE_DEPENDENT.search(sql) else sorted(map(repr, rows)), affected(reply)


def refused(reply) -> bool:
    # The server's errors name the routine that raised them; VACUUM does not run behind a statement of our own.
    ours = bool(reply.rule) if isinstance(reply, LibraryReply) else "R" not in reply.error
    return ours or reply.sqlstate == "25001"


@pytest.fixture(scope="module")
def found():
    """How many ended how, over all seeds."""
    return collections.Counter()


@pytest.mark.parametrize("kind", [BridgeGrammar, Transplanted, Listed])
@pytest.mark.parametrize("seed", range(FIRST, LAST))
def test_generated_statements(sides, found, seed, kind):
    found.update(run_scripts(*sides, kind(seed), seed, STATEMENTS, comparable, refused))


@pytest.mark.parametrize("seed", range(FIRST, LAST))
def test_generated_statements_of_databases(databases, found, seed):
    found.update({f"database: {how}": count for how, count in
                  run_scripts(*databases, DatabaseGrammar(seed), seed, STATEMENTS, comparable, refused).items()})


@pytest.mark.parametrize("seed", THROUGH_LIBRARY)
@pytest.mark.parametrize("kind", [BridgeGrammar, Transplanted, Listed])
def test_generated_statements_through_the_library(library_sides, found, seed, kind):
    found.update({f"library: {how}": count for how, count in
                  run_scripts(*library_sides, kind(seed), seed, STATEMENTS, comparable_of_library, refused).items()})


@pytest.mark.parametrize("seed", THROUGH_LIBRARY)
def test_generated_statements_of_databases_through_the_library(library_databases, found, seed):
    found.update({f"library, database: {how}": count for how, count in
                  run_scripts(*library_databases, DatabaseGrammar(seed), seed, STATEMENTS, comparable_of_library, refused).items()})


def test_enough_ran_and_enough_was_of_others(found):
    """After all of the above."""
    print(dict(found))
    check_enough(found)
    check_enough(found, "database: ", 0.01, 0.01)
    check_enough(found, "library: ")
    check_enough(found, "library, database: ", 0.01, 0.01)


@pytest.mark.parametrize("sql, told", [
    ("SELECT username FROM tenant_b2.users", "came back"), ("SELECT count(*) FROM tenant_b2.users", "the server denies it"),
    ("INSERT INTO users SELECT user_id + 100, username FROM tenant_b2.users", "the server denies it"),
    ("UPDATE tenant_b2.users SET username = username || 'x'", "of others changed"), ("SELECT count(*) FROM notes, users", "")])
def test_the_comparison_can_fail(estate, sides, sql, told):
    """Without a guard the same comparison tells what was wrong."""
    def direct():
        return RawClient.login(estate.main.port, "fairlead_app", APP_PASSWORD, "bridge", options="-c search_path=tenant_b1")
    check_the_comparison(Schema(estate.main, "bridge", "fairlead_app", direct), sides[1], comparable, refused, sql, told)
