"""WITH on shared tables: what the guard lets pass never shows a foreign row, however elements and tables share names.

MariaDB finds other meanings than the standard says for names in WITH within WITH, so this asks the real one: statements
that give elements the names of tables at every depth, with two tenants' rows in the tables."""

import json
import os
import random
import subprocess

import pymysql
import pytest

from support.mysql import MysqlServer

TABLES = ("t", "u", "c")
# The inner t of this one is the table, though an element of that name is in sight further out.
HIDDEN = "WITH t AS (SELECT 5 v) SELECT * FROM (WITH t AS (SELECT v FROM t) SELECT v FROM t) y"
# Ended the server (10.11.19) with a segmentation fault.
CRASH = ("WITH RECURSIVE c AS (SELECT d.v FROM (WITH T AS (SELECT z.v FROM shop.u z), u AS (SELECT z.v FROM T z) SELECT 'lit' v "
         "UNION ALL SELECT z.v FROM T z) d JOIN t y2 ON 1), t AS (WITH T AS (SELECT (SELECT z.v FROM u z LIMIT 1) v) "
         "SELECT z.v FROM u z UNION ALL SELECT z.v FROM c z) SELECT z.v FROM c z")


class Guard:
    def __init__(self):
        self.program = subprocess.Popen([os.environ["FAIRLEAD_MYSQL_REWRITE"]], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        tables = [{"name": name, "columns": ["tenant_id", "v"], "tenant": True} for name in TABLES]
        self._ask({"placement": {"model": "pool", "tenant": "acme", "database": "shop", "tenant_column": "tenant_id",
                                 "tables": tables}})

    def _ask(self, question: dict) -> dict:
        self.program.stdin.write(json.dumps(question) + "\n")
        self.program.stdin.flush()
        return json.loads(self.program.stdout.readline())

    def rewritten(self, sql: str):
        """What would be sent; None if it is refused."""
        answer = self._ask({"sql": sql, "multi_statements": False})
        return None if answer.get("rule") else answer.get("sql") or answer.get("rewritten") or sql

    def close(self):
        self.program.kill()
        self.program.wait()


class Statements:
    def __init__(self, seed: int, names: list, share: float):
        self.random, self.names, self.share = random.Random(seed), names, share

    def query(self, depth: int) -> str:
        elements = {}
        if depth and self.random.random() < self.share:
            for name in self.random.choices(self.names, k=self.random.randrange(1, 4)):
                elements.setdefault(name.lower(), f"{name} AS ({self.query(depth - 1)})")
        recursive = "RECURSIVE " if self.random.random() < 0.2 else ""
        first = f"WITH {recursive}{', '.join(elements.values())} " if elements else ""
        union = f" UNION ALL {self._block(depth)}" if self.random.random() < 0.2 else ""
        return first + self._block(depth) + union

    def _source(self, depth: int, alias: str) -> str:
        if depth and self.random.random() < 0.35:
            return f"({self.query(depth - 1)}) {alias}"
        name = self.random.choice(self.names)
        qualified = name in TABLES and self.random.random() < 0.1
        return f"{'shop.' if qualified else ''}{name} {alias}"

    def _block(self, depth: int) -> str:
        if self.random.random() < 0.15:
            return "SELECT 'lit' v"
        alias = self.random.choice(["z", "d", *TABLES])
        sql = f"SELECT {alias}.v FROM {self._source(depth, alias)}"
        if depth and self.random.random() < 0.2:
            sql += f" {self.random.choice(['JOIN', 'LEFT JOIN'])} {self._source(depth, 'other')} ON 1"
        if depth and self.random.random() < 0.2:
            sql += f" WHERE {alias}.v IN ({self.query(depth - 1)}) OR 1"
        return f"SELECT ({self.query(depth - 1)} LIMIT 1) v" if depth and self.random.random() < 0.1 else sql


@pytest.fixture(scope="module")
def server():
    server = MysqlServer("with", **{"max-statement-time": 5})
    for name in TABLES:
        server.execute(f"CREATE DATABASE IF NOT EXISTS shop; CREATE TABLE shop.{name} (tenant_id varchar(20) COLLATE "
                       f"utf8mb4_nopad_bin, v varchar(20)); INSERT INTO shop.{name} VALUES ('acme', 'own'), ('globex', 'FOREIGN')")
    yield server
    server.destroy()


@pytest.fixture
def guard():
    guard = Guard()
    yield guard
    guard.close()


def foreign(rows) -> bool:
    return any("FOREIGN" in str(value) for row in rows for value in row)


def test_the_server_takes_a_hidden_element_for_the_table(server, guard):
    assert foreign(server.execute(HIDDEN, "shop")), "no longer so: the rules of WITH may be eased"
    assert guard.rewritten(HIDDEN) is None


def test_what_ends_the_server_is_refused(guard):
    assert guard.rewritten(CRASH) is None


@pytest.mark.parametrize("names, share", [(["t", "u", "c", "T"], 0.6), (["t", "u", "c"], 0.25), (["t", "u", "x", "y", "X"], 0.4)],
                         ids=["nested", "flat", "other names"])
def test_no_foreign_row(server, guard, names, share):
    statements = Statements(len(names), names, share)
    passed = 0
    with server.connect("shop") as connection, connection.cursor() as cursor:
        for _ in range(2500):
            sql = statements.query(3)
            sent = guard.rewritten(sql)
            if sent is None or len(sent) > 4000:
                continue
            try:
                cursor.execute(sent)
            except pymysql.err.MySQLError as problem:
                assert problem.args[0] not in (0, 2006, 2013), f"the server is gone: {sent}"
                continue
            passed += 1
            assert not foreign(cursor.fetchall()), f"{sql}\n  as {sent}"
    assert passed > 300
