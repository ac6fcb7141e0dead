"""Silo equivalence, statement by statement: through the proxy as acme on shared tables, the answer, the affected rows
and the state afterwards must equal those on a database that holds only acme's rows.

The statements: tests/isolation/statements.jsonl (ours, format in tests/README.md), and the file that
FAIRLEAD_ISOLATION_STATEMENTS names (default: ../shared/isolation/statements.jsonl beside the project, if present).
Each runs under both isolation kinds: by both query protocols through the proxy, and through the embedded library. Where
the library refuses what its API does instead (transactions as text, several statements), isolation is kept; these refusals
are counted, and so is what was compared, so that nothing passes by refusing everything.
"""

import collections
import json
import os
import re
from pathlib import Path

import pytest

from support.estate import APP_PASSWORD, CLIENT_PASSWORD, TENANT_TABLES
from support.library_process import BY_DESIGN, PostgresTenant, affected
from support.process import ROOT
from support.raw_client import RawClient, ServerClosed, query

MARK = b"zqglobex"
OTHERS = Path(os.environ.get("FAIRLEAD_ISOLATION_STATEMENTS", ROOT.parent / "shared/isolation/statements.jsonl"))
EXPECTATIONS = {"filtered", "forced", "refused", "allowed", "contained"}
# Where a row stands is not part of its value: of such statements the number of rows is compared.
PLACE_DEPENDENT = re.compile(r"\b(ctid|xmin|xmax|cmin|cmax|tableoid|tablesample|random|now|clock_timestamp|version)\b", re.I)
EXPLAIN = re.compile(r"^\s*explain\b", re.I)  # plans differ by right
ISOLATIONS = {"sealed": "shop", "guc": "shop_guc"}
WAYS = ["simple", "extended", "library"]


def load(path: Path) -> list:
    cases = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.strip():
            case = json.loads(line)
            assert case["expect"] in EXPECTATIONS, f"{path}:{number}: expect {case['expect']!r}"
            if case["engine"] == "pg":
                cases.append(case)
    return cases


OWN = load(ROOT / "tests/isolation/statements.jsonl")
CASES = OWN + (load(OTHERS) if OTHERS.exists() else [])


def test_the_corpus_is_there_and_its_ids_differ():
    assert len(OWN) >= 150
    ids = [case["id"] for case in CASES]
    assert len(ids) == len(set(ids))
    if "FAIRLEAD_ISOLATION_STATEMENTS" in os.environ:
        assert OTHERS.exists(), f"{OTHERS} does not exist"


class State:
    """The rows of the fixture as a superuser sees them, by tenant."""

    def __init__(self, server, database):
        self.connection = server.connect(database)
        own = " UNION ALL ".join(
            f"SELECT '{t}', md5(coalesce(string_agg(r::text, E'\\n' ORDER BY r::text), '')) FROM {t} r WHERE tenant_id = 'acme'"
            for t in TENANT_TABLES)
        self.own_sql = own + " UNION ALL SELECT 'plans', md5(string_agg(r::text, E'\\n' ORDER BY r::text)) FROM plans r"
        self.foreign_sql = " UNION ALL ".join(
            f"SELECT '{t}', md5(coalesce(string_agg(r::text, E'\\n' ORDER BY r::text), '')) FROM {t} r WHERE tenant_id <> 'acme'"
            for t in TENANT_TABLES)
        # Everything a statement could leave behind in the catalogue.
        self.objects_sql = """
            SELECT 'class', relname || relkind::text || coalesce(relacl::text, '') || relrowsecurity::text || relforcerowsecurity::text
                FROM pg_class WHERE relnamespace >= 16384 OR relnamespace = 'public'::regnamespace
            UNION ALL SELECT 'proc', proname || prosrc FROM pg_proc WHERE pronamespace >= 16384 OR pronamespace = 'public'::regnamespace
            UNION ALL SELECT 'policy', polname || pg_get_expr(polqual, polrelid) FROM pg_policy
            UNION ALL SELECT 'trigger', tgname FROM pg_trigger
            UNION ALL SELECT 'comment', description FROM pg_description WHERE objoid >= 16384
            UNION ALL SELECT 'role', rolname || rolsuper::text || rolbypassrls::text FROM pg_roles
            UNION ALL SELECT 'setting', setdatabase::text || setrole::text || setconfig::text FROM pg_db_role_setting
            UNION ALL SELECT 'prepared', gid FROM pg_prepared_xacts
            UNION ALL SELECT 'object', oid::text FROM pg_largeobject_metadata
            UNION ALL SELECT 'extension', extname FROM pg_extension
            ORDER BY 1, 2"""

    def _fetch(self, sql):
        return sorted(self.connection.execute(sql).fetchall())

    def own(self):
        return self._fetch(self.own_sql)

    def foreign(self):
        return self._fetch(self.foreign_sql)

    def sequences(self):
        """Not part of a statement's effect (they do not roll back), but later statements would see them."""
        return self._fetch("SELECT last_value, is_called FROM orders_id_seq UNION ALL SELECT last_value, is_called FROM orders_seq")

    def objects(self):
        return self._fetch(self.objects_sql)


class Side:
    """One of the two databases: a client connection on it, and how to put its rows back. `library`: the tenant there
    through the embedded library."""

    def __init__(self, estate, database, connect, library=None):
        self.estate, self.database, self.connect, self.library = estate, database, connect, library
        self.state = State(estate.main, database)
        estate.restore(database)
        self.initial = (self.state.own(), self.state.foreign())
        self.objects = self.state.objects()
        self.sequences = self.state.sequences()
        self.client = None

    def run(self, sql, protocol):
        """`library`: the reference, which has none, answers by the extended protocol."""
        if protocol == "library" and self.library:
            return self.library.query(sql)
        if self.client is None:
            self.client = self.connect()
        try:
            reply = self.client.query(sql) if protocol == "simple" else self.client.extended(sql)
            if reply.status != "I":
                self.client.query("ROLLBACK")
            return reply
        except ServerClosed as closed:
            self.client = None
            if closed.reply.error is None:
                raise
            return closed.reply
        except TimeoutError:
            self.renew_client()  # else every later statement would read this one's answer
            raise

    def after(self):
        return self.state.own(), self.state.foreign()

    def restore_if_changed(self, after):
        if after != self.initial or self.state.sequences() != self.sequences:
            self.estate.restore(self.database)
            assert self.after() == self.initial

    def renew_client(self):
        if self.client:
            self.client.close()
        self.client = None


@pytest.fixture(scope="module")
def sides(estate, proxy, library):
    def through_proxy(database):
        return lambda: proxy.raw("acme_app", CLIENT_PASSWORD, database=database)

    def reference():
        return RawClient.login(estate.main.port, "fairlead_app", APP_PASSWORD, "reference")

    made = {kind: Side(estate, database, through_proxy(database), PostgresTenant(library, "acme", database))
            for kind, database in ISOLATIONS.items()}
    made["reference"] = Side(estate, "reference", reference)
    return made


@pytest.fixture(scope="module")
def through_library():
    """What became of the statements that ran through the library: "same" as the reference, "refused" as expected, or the
    rule by which it refuses what the proxy passes."""
    return collections.Counter()


def comparable(reply, sql, protocol="simple"):
    """What must be equal on both sides. Rows as a multiset, unless the statement orders them all."""
    if EXPLAIN.search(sql):
        return reply.columns
    if PLACE_DEPENDENT.search(sql):
        return reply.columns, len(reply.rows)
    rows = sorted(([value for value in row] for row in reply.rows), key=repr)
    if protocol == "library":  # a number takes the place of the tag
        return [names for names in reply.columns if names], [row for row in rows if row], affected(reply)
    return reply.columns, rows, reply.tags, sorted(m.body for m in reply.of("d"))


@pytest.mark.parametrize("protocol", WAYS)
@pytest.mark.parametrize("isolation", list(ISOLATIONS))
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_statement(sides, case, isolation, protocol, through_library):
    shared, reference = sides[isolation], sides["reference"]
    sql, expect = case["sql"], case["expect"]
    reply = shared.run(sql, protocol)
    own, foreign = after = shared.after()
    told = f"{sql}\n-> {reply.error or reply.rows[:5]}"
    try:
        assert foreign == shared.initial[1], f"rows of another tenant changed: {told}"
        assert MARK not in reply.raw, f"a value of another tenant came back: {told}"
        if expect == "refused":
            assert reply.error, f"was not refused: {told}"
            assert own == shared.initial[0], f"refused, but it had an effect: {told}"
            assert not reply.rows or ";" in sql, f"refused, but rows came: {told}"
            through_library["refused"] += protocol == "library"
            return
        if protocol == "library" and reply.rule in BY_DESIGN:
            assert own == shared.initial[0], f"refused, but it had an effect: {told}"
            through_library[reply.rule] += 1
            return
        expected = reference.run(sql, protocol)
        try:
            if expected.error:
                assert reply.error, f"runs, but fails on the reference with {expected.error['M']}: {told}"
            elif expect == "contained" and reply.error:
                assert own == shared.initial[0], f"an error, but it had an effect: {told}"
            else:
                assert not reply.error, f"must run: {told}"
                assert comparable(reply, sql, protocol) == comparable(expected, sql, protocol), told
                assert own == reference.state.own(), f"another state than on the reference: {told}"
                through_library["same"] += protocol == "library"
        finally:
            reference.restore_if_changed(reference.after())
    finally:
        shared.restore_if_changed(after)
        if re.search(r"\b(set|reset|discard|prepare|listen)\b", sql, re.I):
            shared.renew_client()  # a setting that was allowed stays with the client and would colour later answers
            reference.renew_client()


def test_enough_ran_through_the_library(through_library):
    """After all of the above (file order): most of what the corpus lets run did run, and was compared."""
    print(dict(through_library))
    runnable = len(ISOLATIONS) * sum(case["expect"] in ("filtered", "forced", "allowed") for case in CASES)
    assert through_library["same"] > 0.8 * runnable, dict(through_library)
    assert set(through_library) <= BY_DESIGN | {"same", "refused"}


def test_copy_as_a_call_of_the_library_is_refused_before_it_is_sent(library):
    """Its own protocol would end the connection of a statement."""
    assert not library.run("s1", "SELECT 1").error
    connects = library.pool("silo")["connects"]
    for sql in ("COPY users TO STDOUT", "copy users FROM STDIN", "\n /* a */ -- b\n COPY(SELECT 1) TO STDOUT", ";; cOpY users TO STDOUT"):
        answer = library.run("s1", sql)
        assert (answer.kind, answer.rule) == ("StatementRefused", "copy"), answer
    answer = library.run("s1", "SELECT 1 AS copy")
    assert answer.rows == [["1"]]
    assert library.pool("silo")["connects"] == connects


def test_no_statement_left_an_object_behind(sides):
    """After all of the above (file order): grants, policies, functions, roles, settings as they were."""
    for kind in ISOLATIONS:
        assert sides[kind].state.objects() == sides[kind].objects


def test_the_oracle_can_fail(estate, sides):
    """The mark, the hash and the comparison do notice: the same statements without any protection."""
    direct = RawClient.login(estate.main.port, "postgres", "super-secret-of-the-test", "shop")
    unprotected = Side(estate, "shop", lambda: direct)
    reply = unprotected.run("SELECT name FROM customers", "simple")
    assert MARK in reply.raw
    expected = sides["reference"].run("SELECT name FROM customers", "simple")
    assert comparable(reply, "SELECT name FROM customers") != comparable(expected, "SELECT name FROM customers")
    unprotected.run("UPDATE customers SET name = 'x' WHERE tenant_id = 'globex'", "simple")
    assert unprotected.after()[1] != unprotected.initial[1]
    estate.restore("shop")
    direct.close()


def test_whole_rows_are_written_where_the_policy_checks_the_tenant(sides):
    """Mappers write every column back. Sealed: the database takes the own tenant and no other; guc: the guard refuses."""
    sql = "UPDATE customers SET tenant_id = $1, name = $2 WHERE id = 1"
    shared = sides["sealed"]
    shared.run("SELECT 1", "simple")
    reply = shared.client.extended(sql, ["acme", "whole row"])
    assert not reply.error and reply.tags == ["UPDATE 1"], reply.error
    after = shared.after()
    assert after[0] != shared.initial[0] and after[1] == shared.initial[1]
    shared.restore_if_changed(after)
    reply = shared.client.extended(sql, ["globex", "moved away"])
    assert reply.sqlstate == "42501" and "row-level security" in reply.error["M"], reply.error
    assert shared.after() == shared.initial
    unproven = sides["guc"]
    unproven.run("SELECT 1", "simple")
    reply = unproven.client.extended(sql, ["acme", "whole row"])
    assert reply.sqlstate == "42501" and "cannot be changed" in reply.error["M"], reply.error
    assert unproven.after() == unproven.initial


@pytest.mark.parametrize("isolation", list(ISOLATIONS))
def test_prepared_statement_made_before_and_run_later_is_still_filtered(sides, isolation):
    """A plan made for one transaction is used in others: the filter belongs to the run, not to the plan."""
    shared = sides[isolation]
    shared.renew_client()
    shared.run("SELECT 1", "simple")
    client = shared.client
    client.send(query("PREPARE keep AS SELECT tenant_id, count(*) FROM customers GROUP BY 1"))
    first = client.read_reply()
    assert not first.error, first.error
    for _ in range(7):  # past PostgreSQL's switch from custom to generic plans
        assert client.query("EXECUTE keep").rows == [["acme", "5"]]
    shared.renew_client()
