"""Bridges on MariaDB: names of other databases in every place of a statement, through Fairlead (proxy and library) and directly
as an account that has rights on the tenant's database only (support.reach). FAIRLEAD_SEEDS=0:500 runs others than those of every day."""

import collections
import os
import re

import pytest

from isolation.mysql.bridge_grammar import BridgeGrammar, Listed, Transplanted
from support import mysql_packets as wire
from support.estate import APP_PASSWORD, CLIENT_PASSWORD
from support.mysql_client import MysqlClient, ServerClosed
from support.mysql_equivalence import LibraryConversation, TextClient, comparable as answer
from support.mysql_estate import FIXTURE, OWN_TABLES
from support.reach import Side, check_enough, check_the_comparison, run_scripts

STATEMENTS = 50
FIRST, LAST = map(int, os.environ.get("FAIRLEAD_SEEDS", "0:4").split(":"))
THROUGH_LIBRARY = range(FIRST, FIRST + (LAST - FIRST + 1) // 2)  # half as many: the guard is the same
OPTIONS = {"capabilities": wire.MULTI_STATEMENTS | wire.LOCAL_FILES, "timeout": 30}

MORE_TABLES = """
CREATE FUNCTION own_f() RETURNS varchar(80) DETERMINISTIC RETURN '{tenant} function';
CREATE SEQUENCE numbers;
CREATE VIEW own_view AS SELECT user_id, username FROM users;
CREATE TABLE parts (id bigint PRIMARY KEY, word varchar(80)) PARTITION BY RANGE (id)
    (PARTITION p0 VALUES LESS THAN (100), PARTITION p1 VALUES LESS THAN (200));
CREATE TABLE loose (id bigint PRIMARY KEY, word varchar(80));
INSERT INTO parts VALUES (1, '{tenant} part'), (101, '{tenant} part');
INSERT INTO loose VALUES (2, '{tenant} loose');
CREATE TRIGGER own_trigger BEFORE UPDATE ON big FOR EACH ROW SET NEW.data = 'x';
CREATE EVENT own_event ON SCHEDULE EVERY 1 YEAR DO SELECT 1;
"""

DEFINED = """SELECT table_name, table_type, engine, table_comment, table_collation, auto_increment FROM information_schema.tables WHERE table_schema = '{0}';
SELECT table_name, column_name, column_type, column_default, extra FROM information_schema.columns WHERE table_schema = '{0}';
SELECT routine_name, routine_type, routine_definition, security_type FROM information_schema.routines WHERE routine_schema = '{0}';
SELECT trigger_name, event_object_table, action_statement FROM information_schema.triggers WHERE trigger_schema = '{0}';
SELECT event_name, event_definition, event_comment FROM information_schema.events WHERE event_schema = '{0}';
SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = '{0}';
SELECT table_name, index_name, column_name FROM information_schema.statistics WHERE table_schema = '{0}'"""
SERVER = """SELECT schema_name, default_character_set_name FROM information_schema.schemata WHERE schema_name <> 'tenant_b1';
SELECT user, host, priv FROM mysql.global_priv; SELECT user, db, host FROM mysql.db; SELECT * FROM mysql.servers;
SELECT variable_name, variable_value FROM information_schema.global_variables WHERE variable_name NOT LIKE 'gtid%' AND variable_name NOT RLIKE 'innodb_buf'"""


class Database(Side):
    """`name`: what the server calls it; `foreign`: databases of others, which must stay as they are."""

    def __init__(self, server, name: str, foreign: list, connect):
        self.server, self.name, self.foreign, self.login = server, name, foreign, connect
        self.watcher = MysqlClient.login(server.port, "root", "super-secret-of-the-test", database="mysql", **OPTIONS)
        self.prepare()

    def _ask(self, sql: str) -> list:
        reply = self.watcher.query(sql)
        if reply.error:  # of a table without its file, and the like
            return [[f"{sql}: {reply.error}"]]
        return [sorted(map(repr, result.rows)) for result in reply.results]

    def _dump(self, database: str) -> list:
        defined = self._ask(DEFINED.format(database))
        tables = re.findall(r"\['([^']*)', '(?:BASE TABLE|SEQUENCE|SYSTEM VERSIONED)'", " ".join(defined[0]))
        rows = self._ask("; ".join(f"SELECT * FROM `{database}`.`{table}`" for table in tables)) if tables else []
        parts = [line for part in defined for line in part] + [f"{table}: {lines}" for table, lines in zip(tables, rows)]
        return [part.replace("tenant_b1", "shop") for part in parts]

    def own(self):
        return self._dump(self.name)

    def others(self):
        return [line for database in self.foreign for line in self._dump(database)] + [line for part in self._ask(SERVER) for line in part]

    def restore(self):
        make(self.server, self.name, "b1")
        self.server.execute("CREATE OR REPLACE DATABASE template")
        self.tables = [row[0] for row in self.server.execute("SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
                                                             f"AND table_schema = '{self.name}'")]
        self.server.execute("; ".join(f"CREATE TABLE template.{table} AS SELECT * FROM {self.name}.{table}" for table in self.tables))

    def restore_quickly(self, own):
        """Most statements change rows or make something by one of few names: a new database takes a hundred times as long."""
        made = "; ".join(f"DROP {kind} IF EXISTS {self.name}.{name}" for name in ("fresh", "wrapping")
                         for kind in ("TABLE", "VIEW", "SEQUENCE", "PROCEDURE", "FUNCTION", "EVENT", "TRIGGER"))
        changed = [table for table in self.tables if self._changed(own, table)]
        self.watcher.query(made)  # of which most are not there
        self.watcher.query("SET foreign_key_checks = 0; " + "; ".join(
            f"DELETE FROM {self.name}.{table}; INSERT INTO {self.name}.{table} SELECT * FROM template.{table}; "
            f"ALTER TABLE {self.name}.{table} AUTO_INCREMENT = {1000 if table == 'orders' else 1}" for table in changed))

    def _changed(self, own, table) -> bool:
        def lines(state):
            return [line for line in state if line.startswith((f"{table}: ", f"['{table}', 'BASE"))]
        return lines(own) != lines(self.initial[0])

    def send(self, client, sql, protocol):
        return client.query(sql) if protocol == "text" else client.prepared_query(sql)

    def close(self):
        self.watcher.close()


def make(server, name: str, tenant: str):
    server.execute(f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET utf8mb4")
    server.execute((OWN_TABLES + MORE_TABLES).format(tenant=tenant), name)
    server.load(name, FIXTURE / "fixture.sql")
    if tenant == "b1":
        server.load(name, FIXTURE / "reference.sql")


@pytest.fixture(scope="module")
def sides(bare_estate, request):
    estate = bare_estate
    for server in (estate.main, estate.reference):
        make(server, "tenant_b2", "zqb2")
        server.execute("CREATE DATABASE IF NOT EXISTS other_db; CREATE OR REPLACE TABLE other_db.users AS SELECT * FROM tenant_b2.users; "
                       "CREATE OR REPLACE TABLE kept.users AS SELECT * FROM tenant_b2.users; CREATE DATABASE zqhidden; "
                       "CREATE TABLE zqhidden.zqtable (zqcolumn int COMMENT 'zqcomment'); CREATE USER zqaccount@localhost")
    estate.reference.execute(f"CREATE USER own_only@'127.0.0.1' IDENTIFIED BY '{APP_PASSWORD}'; GRANT ALL ON shop.* TO own_only@'127.0.0.1'; "
                             "GRANT ALL ON shop.* TO fairlead_app@'127.0.0.1'")
    # The proxy's account may do all that a placement is served with: nothing but the guard stands between.
    for database in ("shop", "tenant_b1", "tenant_b2", "other_db", "kept", "zqhidden"):
        estate.main.execute(f"GRANT ALL ON {database}.* TO fairlead_app@'127.0.0.1'")
    estate.main.execute("GRANT SHOW DATABASES, PROCESS, RELOAD ON *.* TO fairlead_app@'127.0.0.1'")
    proxy = request.getfixturevalue("proxy")  # which looks at the rights before it serves
    made = [Database(estate.main, "tenant_b1", ["shop", "tenant_b2", "other_db", "kept"],
                     lambda: proxy.raw("b1_app", CLIENT_PASSWORD, **OPTIONS)),
            Database(estate.reference, "shop", [],
                     lambda: MysqlClient.login(estate.reference.port, "own_only", APP_PASSWORD, **OPTIONS))]
    yield made
    for side in made:
        side.close()


@pytest.fixture(scope="module")
def library_sides(bare_estate, sides, request):
    library = request.getfixturevalue("library")  # as the proxy, looks at the rights before it serves
    made = Database(bare_estate.main, "tenant_b1", ["shop", "tenant_b2", "other_db", "kept"], lambda: LibraryConversation(library, "b1"))
    in_texts = Database(bare_estate.reference, "shop", [], lambda: TextClient(bare_estate.reference.port, "own_only"))
    yield made, in_texts
    made.close()
    in_texts.close()


# What stands in the dictionary, and the server's own words, differ by right; columns are compared.
LISTS = re.compile(r"\b(information_schema|show|explain|analyze|describe|desc|get_lock|uuid_short)\b|@@global", re.I)
NEWER = ("IGNORED", "MAX_INDEX_LENGTH", "TEMPORARY")  # columns of the dictionary that not every MariaDB has
REAL_NAME = re.compile(r"tenant_b1", re.I)


def comparable(reply, sql):
    if LISTS.search(sql):
        return [[REAL_NAME.sub("shop", name) for name, _, _ in result.columns if name not in NEWER] for result in reply.results]
    return REAL_NAME.sub("shop", repr(answer(reply, sql)))


def refused(reply) -> bool:
    return "[rule " in reply.error["M"] or reply.error["M"].startswith("fairlead: ")


@pytest.fixture(scope="module")
def found():
    """How many ended how, over all seeds."""
    return collections.Counter()


@pytest.mark.parametrize("kind", [BridgeGrammar, Transplanted, Listed])
@pytest.mark.parametrize("seed", range(FIRST, LAST))
def test_generated_statements(sides, found, seed, kind):
    found.update(run_scripts(*sides, kind(seed), seed, STATEMENTS, comparable, refused))


@pytest.mark.parametrize("kind", [BridgeGrammar, Transplanted, Listed])
@pytest.mark.parametrize("seed", THROUGH_LIBRARY)
def test_generated_statements_through_the_library(library_sides, found, seed, kind):
    found.update({f"library: {how}": count for how, count in
                  run_scripts(*library_sides, kind(seed), seed, STATEMENTS, comparable, refused).items()})


def test_enough_ran_and_enough_was_of_others(found):
    """After all of the above."""
    print(dict(found))
    check_enough(found, foreign=0.2)
    check_enough(found, "library: ", foreign=0.2)


@pytest.mark.parametrize("sql, told", [
    ("SELECT username FROM tenant_b2.users", "came back"), ("SELECT count(*) FROM tenant_b2.users", "the server denies it"),
    ("INSERT INTO users SELECT user_id + 100, username FROM tenant_b2.users", "the server denies it"),
    ("UPDATE tenant_b2.users SET username = concat(username, 'x')", "of others changed"), ("SELECT count(*) FROM notes, users", "")])
def test_the_comparison_can_fail(bare_estate, sides, sql, told):
    """Without a guard the same comparison tells what was wrong."""
    def direct():
        return MysqlClient.login(bare_estate.main.port, "fairlead_app", APP_PASSWORD, database="tenant_b1", **OPTIONS)
    check_the_comparison(Database(bare_estate.main, "tenant_b1", ["tenant_b2"], direct), sides[1], comparable, refused, sql, told)
