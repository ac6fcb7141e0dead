"""Clients over ONE server connection: whatever one does to its session, it finds again, and no other client sees it."""

import random

import pytest

from support import mysql_packets as wire
from support.estate import CLIENT_PASSWORD
from support.process import wait_until

PAIRS = [("s1", "s1"), ("b1", "b1"), ("b1", "b2"), ("acme", "globex")]
pairs = pytest.mark.parametrize("pair", PAIRS, ids="-".join)
full_sql = pytest.mark.parametrize("pair", PAIRS[:3], ids="-".join)
SEEN = "SELECT DISTINCT tenant_id FROM orders"


def ok(client, sql):
    reply = client.query(sql)
    assert not reply.error, f"{sql}: {reply.error}"
    return reply


def value(client, sql):
    return ok(client, sql).rows[0][0]


@pytest.fixture
def two(clients, pair):
    made = clients(*pair)
    for client in made:
        ok(client, "SELECT 1")
    used = clients.proxy.metrics().sum("fairlead_server_connections", backend="silo" if pair[0] == "s1" else "main")
    assert used == 1, "this test needs both clients on one server connection"
    return made


# Tenants take turns

@pytest.mark.shares
def test_alternating_statements(clients):
    a, b = clients("acme", "globex")
    for _ in range(20):
        assert a.query(SEEN).rows == [["acme"]]
        assert b.query(SEEN).rows == [["globex"]]
        assert b.prepared_query(SEEN).rows == [["globex"]]
        assert a.prepared_query(SEEN).rows == [["acme"]]


@pytest.mark.shares
def test_databases_take_turns(clients):
    """One server connection, three databases: INIT_DB goes along with the next statement."""
    a, b, c = clients("b1", "b2", "acme")
    for _ in range(10):
        assert value(a, "SELECT username FROM users WHERE user_id = 1") == "b1 first"
        assert value(b, "SELECT username FROM users WHERE user_id = 1") == "b2 first"
        assert ok(c, SEEN).rows == [["acme"]]
        assert [value(x, "SELECT DATABASE()") for x in (a, b, c)] == ["shop"] * 3


@pytest.mark.shares
def test_after_a_rolled_back_transaction(clients):
    a, b = clients("acme", "globex")
    for ending in ("ROLLBACK", "COMMIT", "ROLLBACK AND NO CHAIN", "COMMIT NO RELEASE"):
        ok(a, "BEGIN")
        assert ok(a, SEEN).rows == [["acme"]]
        ok(a, "SAVEPOINT s")
        assert a.query("INSERT INTO customers (id) VALUES (1)").errno == 1062
        ok(a, "ROLLBACK TO s")
        assert ok(a, SEEN).rows == [["acme"]]
        ok(a, ending)
        assert ok(b, SEEN).rows == [["globex"]]


@pytest.mark.shares
@pytest.mark.parametrize("begin", ["BEGIN", "begin work", "START TRANSACTION", "START TRANSACTION READ ONLY",
                                   "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ WRITE", "/* */ BEGIN -- x"])
def test_transaction_starts_in_every_spelling(clients, begin):
    a, b = clients("acme", "globex")
    assert ok(a, begin).in_transaction
    assert ok(a, SEEN).rows == [["acme"]]
    assert not ok(a, "COMMIT").in_transaction
    assert ok(b, SEEN).rows == [["globex"]]


def test_autocommit_off_holds_until_commit(clients, estate):
    a, b = clients("b1", "b2")
    ok(a, "SET autocommit = 0")
    ok(a, "INSERT INTO notes (note) VALUES ('half')")
    assert ok(a, "SELECT count(*) FROM notes").in_transaction
    assert estate.main.scalar("SELECT count(*) FROM tenant_b1.notes") == 0
    ok(a, "ROLLBACK")
    assert value(b, "SELECT @@autocommit") == "1"
    assert value(a, "SELECT @@autocommit") == "0"
    assert value(a, "SELECT count(*) FROM notes") == "0"
    ok(a, "ROLLBACK")


@pytest.mark.shares
def test_and_chain_stays_in_a_transaction(clients):
    a, b = clients("b1", "b1")
    ok(a, "BEGIN")
    assert ok(a, "COMMIT AND CHAIN").in_transaction
    ok(a, "INSERT INTO notes (note) VALUES ('chained')")
    ok(a, "ROLLBACK")
    assert value(b, "SELECT count(*) FROM notes") == "0"


@pytest.mark.shares
def test_implicit_commits_end_the_link(clients):
    a, b = clients("b1", "b2")
    for sql in ("CREATE TABLE t1 (i int)", "ALTER TABLE t1 ADD j int", "TRUNCATE t1", "DROP TABLE t1"):
        ok(a, "BEGIN")
        assert not ok(a, sql).in_transaction
        assert value(b, "SELECT username FROM users WHERE user_id = 1") == "b2 first"


def test_one_shot_transaction_characteristics(clients):
    """SET TRANSACTION holds for the next transaction of this client alone."""
    a, b = clients("s1", "s1")
    ok(a, "SET TRANSACTION READ ONLY")
    ok(b, "INSERT INTO notes (note) VALUES ('b writes')")
    ok(a, "BEGIN")
    assert a.query("INSERT INTO notes (note) VALUES ('a must not')").errno == 1792
    ok(a, "COMMIT")
    ok(a, "DELETE FROM notes")
    ok(a, "SET SESSION TRANSACTION READ ONLY")
    ok(b, "DELETE FROM notes")
    assert a.query("DELETE FROM notes").errno == 1792
    ok(a, "SET SESSION TRANSACTION READ WRITE")
    ok(a, "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE")
    assert [value(x, "SELECT @@tx_isolation") for x in (a, b)] == ["SERIALIZABLE", "REPEATABLE-READ"]


# User variables

@pytest.mark.shares
@pairs
def test_user_variables(two):
    a, b = two
    ok(a, "SET @x = 'of a', @price = 1.50, @n = NULL, @'q' = 7")
    assert value(b, "SELECT @x") is None
    ok(b, "SET @x = 'of b'")
    assert ok(a, "SELECT @x, @price, @n, @q").rows == [["of a", "1.50", None, "7"]]
    assert value(b, "SELECT @x") == "of b"
    assert value(a, "SELECT @x") == "of a"


@full_sql
def test_user_variables_set_to_what_is_not_known(two):
    a, b = two
    ok(a, "SET @x = 'of a'")
    ok(b, "SET @x = 'of b'")
    ok(a, "SET @x = concat(@x, '!')")
    assert [value(c, "SELECT @x") for c in (a, b)] == ["of a!", "of b"]


@full_sql
def test_user_variables_assigned_where_the_server_does_not_report_it(two):
    a, b = two
    assert value(a, "SELECT @y := 41 + 1") == "42"
    ok(a, "SELECT 'into' INTO @z")
    ok(a, "SELECT username INTO @u FROM users WHERE user_id = 1")
    assert ok(b, "SELECT @y, @z, @u").rows == [[None, None, None]]
    assert ok(a, "SELECT @y, @z").rows == [["42", "into"]]
    assert value(a, "SELECT @u").endswith("first")


@full_sql
def test_user_variables_set_in_a_routine(two):
    a, b = two
    ok(a, "CALL remember(5)")
    assert value(b, "SELECT @remembered") is None
    assert value(a, "SELECT @remembered") == "5"


def test_user_variables_keep_type_and_character_set(clients):
    a, b = clients("s1", "s1")
    ok(a, "SET @i = 18446744073709551615, @d = 0.3, @f = 1e100, @t = 'é', @b = x'00ff27', @e = ''")
    expected = ok(a, "SELECT @i + 0, @d, @f, @t, hex(@b), @e, charset(@t), charset(@b), @d = 0.3").rows
    for _ in range(3):
        ok(b, "SET @i = 1, @d = 2, @f = 3, @t = 4, @b = 5, @e = 6")
        assert ok(a, "SELECT @i + 0, @d, @f, @t, hex(@b), @e, charset(@t), charset(@b), @d = 0.3").rows == expected
    assert expected[0][:7] == ["18446744073709551615", "0.3", "1e100", "é", "00FF27", "", "utf8mb4"]


@pytest.mark.shares
def test_many_user_variables(clients):
    a, b = clients("s1", "s1")
    for n in range(300):
        ok(a, f"SET @v{n} = {n}")
    ok(b, "SET @v7 = 'b'")
    assert ok(a, "SELECT " + ", ".join(f"@v{n}" for n in range(0, 300, 7))).rows == [[str(n) for n in range(0, 300, 7)]]


# Variables of the server

SETTINGS = [("time_zone", "'+09:00'", "+09:00"), ("sql_mode", "'STRICT_ALL_TABLES'", "STRICT_ALL_TABLES"),
            ("group_concat_max_len", "99999", "99999"), ("lc_time_names", "'ja_JP'", "ja_JP"),
            ("sql_select_limit", "7", "7"), ("innodb_lock_wait_timeout", "3", "3"), ("wait_timeout", "1000", "1000"),
            ("max_statement_time", "20", "20.000000"), ("sql_auto_is_null", "1", "1"), ("div_precision_increment", "9", "9"),
            ("collation_connection", "utf8mb4_bin", "utf8mb4_bin"), ("auto_increment_increment", "5", "5"),
            ("net_write_timeout", "77", "77"), ("optimizer_switch", "'mrr=on'", None), ("tx_isolation", "'READ-COMMITTED'", "READ-COMMITTED"),
            ("sql_safe_updates", "ON", "1"), ("default_week_format", "3", "3"), ("unique_checks", "0", "0"), ("foreign_key_checks", "0", "0")]


# Who may not set what; nobody of those reads optimizer_switch either.
REFUSED = {"b1": {"sql_auto_is_null"},
           "acme": {"sql_auto_is_null", "optimizer_switch", "sql_safe_updates", "unique_checks", "foreign_key_checks"}}
UNREADABLE = {("acme", "optimizer_switch")}


def default_of(name, before):
    """What DEFAULT makes of it: what the server has, where that is not what a session begins with."""
    if name == "collation_connection":
        return "latin1_swedish_ci"
    return before.replace("index_condition_pushdown=off", "index_condition_pushdown=on") if name == "optimizer_switch" else before


@pytest.mark.parametrize("name, text, expected", SETTINGS, ids=[name for name, _, _ in SETTINGS])
@pairs
def test_settings_stay_with_their_client(two, pair, name, text, expected):
    a, b = two
    if (pair[0], name) in UNREADABLE:
        assert "[rule system-variable]" in b.query(f"SELECT @@{name}").error["M"]
        assert "[rule session-setting]" in a.query(f"SET {name} = {text}").error["M"]
        return
    before = value(b, f"SELECT @@{name}")
    if name in REFUSED.get(pair[0], ()):
        assert "[rule session-setting]" in a.query(f"SET {name} = {text}").error["M"]
        assert value(a, f"SELECT @@{name}") == before
        return
    ok(a, f"SET {name} = {text}")
    assert value(b, f"SELECT @@{name}") == before
    found = value(a, f"SELECT @@{name}")
    assert found == expected if expected else "mrr=on" in found
    b.query(f"SET @@session.{name} = DEFAULT")
    assert value(a, f"SELECT @@{name}") == found
    ok(a, f"SET SESSION {name} = DEFAULT")
    assert [value(x, f"SELECT @@{name}") for x in (a, b)] == [default_of(name, before)] * 2


@pytest.mark.shares
def test_several_settings_in_one_statement(clients):
    a, b = clients("s1", "s1")
    ok(a, "SET time_zone = '+01:00', @a = 1, SESSION sql_select_limit = 9, @@lc_time_names = 'de_DE', NAMES latin1")
    assert ok(b, "SELECT @@time_zone, @a, @@lc_time_names, @@character_set_client").rows == [["SYSTEM", None, "en_US", "utf8mb4"]]
    assert ok(a, "SELECT @@time_zone, @a, @@sql_select_limit, @@lc_time_names, @@character_set_client").rows == [
        ["+01:00", "1", "9", "de_DE", "latin1"]]


def test_settings_changed_in_a_routine(clients):
    """The server takes sql_mode back when the routine has ended: texts are lexed as before, of this client and of others."""
    a, b = clients("b1", "b2")
    before = value(b, "SELECT @@sql_mode")
    assert "ANSI_QUOTES" not in before
    ok(a, "CALL ansi()")
    for client in (a, b, a):
        assert value(client, "SELECT @@sql_mode") == before
        assert client.query('SELECT "username" FROM users WHERE user_id = 1').rows == [["username"]]


def test_set_statement_is_for_one_statement(clients):
    a, b = clients("s1", "s1")
    assert value(a, "SET STATEMENT time_zone = '+05:00' FOR SELECT @@time_zone") == "+05:00"
    assert [value(c, "SELECT @@time_zone") for c in (a, b)] == ["SYSTEM", "SYSTEM"]


# From another variable: what else that changed is not known, so it pins.
@pytest.mark.parametrize("sql", [pytest.param(sql, marks=pytest.mark.shares) for sql in (
    "SET optimizer_switch = DEFAULT", "SET optimizer_switch = 'index_condition_pushdown=on'",
    "SET @@session.optimizer_switch = 'default'")] + ["SET SESSION optimizer_switch = @@global.optimizer_switch"])
@pytest.mark.parametrize("leave", [False, True], ids=["stays", "leaves"])
def test_what_row_filters_need_is_in_force_whoever_was_there_before(clients, sql, leave):
    """Pushed down, a condition of the client would be tested on other tenants' rows before the filter."""
    explain = "EXPLAIN SELECT * FROM orders FORCE INDEX (by_customer) WHERE customer_id BETWEEN 2 AND 3 AND customer_id <> 5 AND note <> 'x'"
    acme, bridge = clients("acme", "b1")
    for _ in range(2):
        bridge.query(sql)
        if leave:
            bridge.close()
            bridge, = clients("b1")
        assert "index condition" not in value(acme, "SELECT 1") + ok(acme, explain).rows[0][-1]


def test_timestamp_and_random_seeds(clients):
    a, b = clients("s1", "s1")
    ok(a, "SET timestamp = 1000000000")
    assert value(b, "SELECT UNIX_TIMESTAMP() > 1500000000") == "1"
    assert value(a, "SELECT UNIX_TIMESTAMP()") == "1000000000"
    ok(a, "SET timestamp = DEFAULT")
    assert value(a, "SELECT UNIX_TIMESTAMP() > 1500000000") == "1"
    ok(a, "SET insert_id = 5000")
    ok(b, "INSERT INTO notes (note) VALUES ('b')")
    assert value(b, "SELECT id FROM notes WHERE note = 'b'") != "5000"
    ok(a, "INSERT INTO notes (note) VALUES ('a')")
    assert value(a, "SELECT id FROM notes WHERE note = 'a'") == "5000"
    ok(a, "DELETE FROM notes")


@pytest.mark.parametrize("sql", ["SET GLOBAL max_connections = 1", "SET @@global.sql_mode = ''", "SET PERSIST max_connections = 1",
                                 "SET GLOBAL time_zone = '+09:00'", "SET sql_log_bin = 0", "SET ROLE x"])
def test_settings_of_the_server_are_out_of_reach(clients, estate, sql):
    for tenant in ("acme", "b1"):
        client, = clients(tenant)
        assert client.query(sql).error
    assert estate.main.execute("SELECT @@global.max_connections, @@global.time_zone") == [(300, "SYSTEM")]


@pytest.mark.shares
def test_character_sets_stay_with_their_client(clients):
    a, = clients("s1", charset=8)
    b, = clients("s1", charset=45)
    for _ in range(5):
        assert a.query(b"SELECT '\xe9', @@character_set_results").packets[-2] == b"\x01\xe9\x06latin1"
        assert b.query("SELECT 'é', @@character_set_results").rows == [["é", "utf8mb4"]]


# Temporary tables, locks

@full_sql
def test_temporary_tables(two, pair):
    a, b = two
    for create in ("CREATE TEMPORARY TABLE mine (i int)", "create /* x */ or replace  temporary\ntable mine (i int)"):
        ok(a, create)
        ok(a, "INSERT INTO mine VALUES (1), (2)")
        if pair[0] == pair[1]:
            assert b.query("SELECT * FROM mine").error, "another client's temporary table"
        assert value(a, "SELECT count(*) FROM mine") == "2"
    ok(a, "DROP TEMPORARY TABLE mine")
    assert a.query("SELECT * FROM mine").error


def test_a_temporary_table_hides_nothing_from_others(clients):
    """Shadowing: a temporary `users` of one client is not what another reads."""
    a, b = clients("s1", "s1")
    ok(a, "CREATE TEMPORARY TABLE users AS SELECT 1 AS user_id, 'shadow' AS username")
    assert value(b, "SELECT count(*) FROM users") == "2"
    assert value(a, "SELECT username FROM users") == "shadow"
    ok(a, "DROP TEMPORARY TABLE users")
    assert value(a, "SELECT count(*) FROM users") == "2"


@pytest.mark.parametrize("sql", ["CREATE TEMPORARY TABLE customers (tenant_id varchar(63), id bigint, name text, email text)",
                                 "CREATE TEMPORARY TABLE customers SELECT * FROM plans", "CREATE TEMPORARY TABLE plans LIKE plans",
                                 "CREATE OR REPLACE TEMPORARY TABLE orders (i int)"])
def test_shared_tables_are_not_shadowed(clients, sql):
    a, b = clients("acme", "globex")
    a.query(sql)
    assert value(a, "SELECT count(*) FROM customers") == "5"
    assert value(b, "SELECT count(*) FROM customers") == "9"
    assert value(b, "SELECT count(*) FROM plans") == "3"


@full_sql
def test_table_locks(two, pair):
    """Held by one client, not by whoever gets the connection next; and gone when the client leaves."""
    a, b = two
    reply = a.query("LOCK TABLES users READ")
    if not reply.error:
        assert a.query("SELECT 1 FROM notes").errno == 1100
        ok(a, "UNLOCK TABLES")
    assert b.query("SELECT 1 FROM notes").error is None
    assert a.query("SELECT 1 FROM notes").error is None


@pytest.mark.parametrize("leave", ["close", "quit", "change_user", "reset"])
def test_locks_end_with_the_session(clients, leave):
    a, b = clients("s1", "s1")
    ok(a, "LOCK TABLES users WRITE")
    if leave == "close":
        a.close()
    elif leave == "quit":
        a.command(1)
    elif leave == "change_user":
        a.change_user("s1_app", CLIENT_PASSWORD)
    else:
        assert a.reset_connection().error is None
    assert b.query("UPDATE users SET username = username").error is None


def test_named_locks_do_not_cross(clients):
    """GET_LOCK is per session, and its names are the whole server's: apart for each tenant's database, refused on shared tables."""
    a, = clients("s1")
    assert value(a, "SELECT GET_LOCK('x', 0)") == "1"
    assert value(a, "SELECT IS_USED_LOCK('x') IS NOT NULL") == "1"
    assert value(a, "SELECT RELEASE_LOCK('x')") == "1"
    first, second = clients("b1", "b2")
    for client in (first, second):
        assert value(client, "SELECT GET_LOCK('shared name', 0)") == "1", "one tenant's lock stops another"
    for client in (first, second):
        ok(client, "DO RELEASE_ALL_LOCKS()")
    for client in clients("acme", "globex"):
        assert "[rule advisory-lock]" in client.query("SELECT GET_LOCK('shared name', 0)").error["M"]


# Statements about the statement before

@pytest.mark.shares
@pairs
def test_last_insert_id(two, pair, estate):
    a, b = two
    table = "orders (note)" if pair[0] == "acme" else "notes (note)"
    try:
        first = ok(a, f"INSERT INTO {table} VALUES ('a')").insert_id
        second = ok(b, f"INSERT INTO {table} VALUES ('b')").insert_id
        assert first and second
        for _ in range(3):
            assert value(a, "SELECT LAST_INSERT_ID()") == str(first)
            assert value(b, "SELECT LAST_INSERT_ID()") == str(second)
            assert value(a, "SELECT @@last_insert_id") == str(first) and value(b, "SELECT @@identity") == str(second)
        assert a.prepared_query("SELECT LAST_INSERT_ID()").rows == [[first]]
        assert b.prepared_query("SELECT LAST_INSERT_ID() + ?", [1]).rows[0][0] == second + 1
        where = table.split()[0]
        assert ok(a, f"UPDATE {where} SET note = 'found' WHERE id = LAST_INSERT_ID()").affected == 1
        assert value(b, f"SELECT note FROM {where} WHERE id = LAST_INSERT_ID()") == "b"
    finally:
        if pair[0] == "acme":
            estate.restore_all()
        else:
            for client in two:
                client.query("DELETE FROM notes")


@full_sql
def test_last_insert_id_that_was_set(two):
    a, b = two
    assert value(a, "SELECT LAST_INSERT_ID(77)") == "77"
    assert value(b, "SELECT LAST_INSERT_ID()") == "0"
    assert value(a, "SELECT LAST_INSERT_ID()") == "77"
    ok(a, "SET last_insert_id = 78")
    ok(b, "SELECT 1")
    assert value(a, "SELECT LAST_INSERT_ID()") == "78"


@pytest.mark.shares
@pairs
def test_row_count(two, pair, estate):
    a, b = two
    table, key = ("orders", "id") if pair[0] == "acme" else ("users", "user_id")
    try:
        assert ok(a, f"UPDATE {table} SET {key} = {key} + 100 WHERE {key} = 1").affected == 1
        ok(b, f"SELECT {key} FROM {table}")
        assert value(a, "SELECT ROW_COUNT()") == "1"
        assert value(a, "SELECT ROW_COUNT()") == "-1"
        ok(b, f"UPDATE {table} SET {key} = {key} WHERE {key} = 2")
        assert value(b, "SELECT ROW_COUNT()") == "0"
    finally:
        if pair[0] == "acme":
            estate.restore_all()
        else:
            ok(a, f"UPDATE {table} SET {key} = {key} - 100 WHERE {key} > 100")


@pairs
def test_found_rows(two, pair):
    a, b = two
    table = "orders" if pair[0] == "acme" else "users"
    total = value(a, f"SELECT count(*) FROM {table}")
    assert len(ok(a, f"SELECT SQL_CALC_FOUND_ROWS * FROM {table} LIMIT 1").rows) == 1
    ok(b, "SELECT 1 UNION SELECT 2 UNION SELECT 3")
    assert value(a, "SELECT FOUND_ROWS()") == total
    assert value(b, "SELECT FOUND_ROWS()") == "3"
    ok(a, f"SELECT * FROM {table}")
    ok(b, "SELECT 1")
    assert value(a, "SELECT FOUND_ROWS()") == total


@pytest.mark.shares
@pairs
def test_warnings(two, pair):
    a, b = two
    assert ok(a, "SELECT 1 + 'of a'").warnings == 1
    ok(b, "SELECT 1")
    assert ok(b, "SHOW WARNINGS").rows == []
    rows = ok(a, "SHOW WARNINGS").rows
    masked = pair[0] == "acme"  # the texts may hold values of rows
    assert len(rows) == 1 and ("of a" in rows[0][2]) != masked, rows
    assert len(ok(a, "SHOW WARNINGS").rows) == 1
    assert value(a, "SHOW COUNT(*) WARNINGS") == "1" and value(a, "SELECT @@warning_count") == "1"
    assert a.query("SELECT nonsense").error
    ok(b, "SELECT 1 + 'of b'")
    rows = ok(a, "SHOW ERRORS").rows
    assert len(rows) == 1 and "nonsense" in rows[0][2], rows
    rows = ok(b, "SHOW WARNINGS LIMIT 5").rows
    assert len(rows) == 1 and ("of b" in rows[0][2]) != masked, rows
    ok(a, "SELECT 1 FROM " + ("orders" if pair[0] == "acme" else "users"))  # without a table it would keep them
    assert ok(a, "SHOW WARNINGS").rows == []


@full_sql
def test_diagnostics(two):
    a, b = two
    assert a.query("SELECT nonsense").error
    ok(b, "SELECT 1")
    reply = a.query("GET DIAGNOSTICS CONDITION 1 @text = MESSAGE_TEXT, @state = RETURNED_SQLSTATE")
    if reply.error:  # refused is right, a wrong answer is not
        assert "[rule " in reply.error["M"]
        return
    assert ok(a, "SELECT @state").rows == [["42S22"]]
    assert value(b, "SELECT @state") is None


# Text PREPARE, HANDLER, XA, sequences

@full_sql
def test_text_prepared_statements(two, pair):
    a, b = two
    if pair[0] == "b1" and a.query("PREPARE s FROM 'SELECT 1'").error:
        assert b.query("EXECUTE s").error
        return
    ok(a, "PREPARE s FROM 'SELECT ? + 1'")
    assert b.query("EXECUTE s USING 1").error
    ok(b, "PREPARE s FROM 'SELECT ''b''' ")
    ok(a, "SET @one = 1")
    assert value(a, "EXECUTE s USING @one") == "2"
    assert value(b, "EXECUTE s") == "b"
    ok(a, "DEALLOCATE PREPARE s")
    assert a.query("EXECUTE s USING @one").error
    assert value(b, "EXECUTE s") == "b"
    ok(b, "DROP PREPARE s")


def test_text_prepared_statements_on_shared_tables(clients):
    """A literal may be prepared; what it says is rewritten as if it had been sent."""
    a, b = clients("acme", "globex")
    for client, tenant in ((a, "acme"), (b, "globex")):
        reply = client.query("PREPARE s FROM 'SELECT DISTINCT tenant_id FROM customers WHERE id > ?'")
        if reply.error:
            assert "fairlead" in reply.error["M"]
            return
    for client, tenant in ((a, "acme"), (b, "globex"), (a, "acme")):
        ok(client, "SET @zero = 0")
        assert ok(client, "EXECUTE s USING @zero").rows == [[tenant]]


@full_sql
def test_handlers(two):
    a, b = two
    reply = a.query("HANDLER users OPEN AS h")
    if reply.error:
        return
    assert len(ok(a, "HANDLER h READ FIRST").rows) == 1
    assert b.query("HANDLER h READ FIRST").error
    assert len(ok(a, "HANDLER h READ NEXT").rows) == 1
    ok(a, "HANDLER h CLOSE")


def test_xa(clients):
    a, b = clients("s1", "s1")
    if a.query("XA START 'x1'").error:
        return
    ok(a, "INSERT INTO notes (note) VALUES ('xa')")
    ok(a, "XA END 'x1'")
    ok(a, "XA ROLLBACK 'x1'")
    assert value(b, "SELECT count(*) FROM notes") == "0"


def test_sequences_of_the_server(clients):
    a, b = clients("s1", "s1")
    ok(a, "CREATE SEQUENCE numbers")
    try:
        assert value(a, "SELECT NEXTVAL(numbers)") == "1"
        assert value(b, "SELECT LASTVAL(numbers)") is None
        assert value(a, "SELECT LASTVAL(numbers)") == "1"
    finally:
        ok(a, "DROP SEQUENCE numbers")


# Everything at once

@pytest.mark.shares
@pairs
def test_reset_connection(two, pair):
    a, b = two
    ok(b, "SET @x = 'b', sql_select_limit = 11")
    ok(a, "SET @x = 1, sql_select_limit = 3, time_zone = '+09:00'")
    statement = a.prepare("SELECT 1")
    ok(a, "BEGIN")
    assert a.reset_connection().error is None
    assert ok(a, f"SELECT @x, @@sql_select_limit > 1000, @@time_zone, DATABASE() IN ('shop', 'tenant_{pair[0]}')").rows == [[None, "1", "SYSTEM", "1"]]
    assert a.execute(statement).error
    assert not ok(a, "SELECT 1").in_transaction
    assert ok(b, "SELECT @x, @@sql_select_limit").rows == [["b", "11"]]


STATE = {
    "nothing": [], "transaction": ["BEGIN", "INSERT INTO notes (note) VALUES ('left behind')"], "variable": ["SET @x = 'left behind'"],
    "mode": ["SET sql_mode = 'ANSI_QUOTES'"], "temporary": ["CREATE TEMPORARY TABLE users (i int)"], "lock": ["LOCK TABLES users WRITE"],
    "autocommit": ["SET autocommit = 0", "INSERT INTO notes (note) VALUES ('left behind')"], "limit": ["SET sql_select_limit = 1"],
    "charset": ["SET NAMES latin1"], "prepared": ["PREPARE s FROM 'SELECT 1'"], "isolation": ["SET SESSION TRANSACTION READ ONLY"],
    "named lock": ["SELECT GET_LOCK('left', 0)"], "insert id": ["SET insert_id = 9000"], "database": ["USE shop"],
}


@pytest.mark.parametrize("leave", ["quit", "cut", "mid-statement", "mid-packet"])
@pytest.mark.parametrize("state", STATE)
@pytest.mark.parametrize("tenant", ["s1", "b1"])
def test_disconnect_in_every_state(clients, tenant, state, leave):
    a, b = clients(tenant, tenant)
    for sql in STATE[state]:
        a.query(sql)
    if leave == "quit":
        a.command(1)
    elif leave == "mid-statement":
        a.command(3, b"SELECT count(*) FROM seq_1_to_10000 a, seq_1_to_2000 b")
    elif leave == "mid-packet":
        a.send(b"\x50\0\0\0\x03SELECT 1")
    a.close()
    assert ok(b, "SELECT @x, @@autocommit, @@sql_select_limit > 1000, @@tx_read_only, "
                 f"DATABASE() IN ('shop', 'tenant_{tenant}')").rows == [[None, "1", "1", "0", "1"]]
    assert "ANSI_QUOTES" not in value(b, "SELECT @@sql_mode")
    assert ok(b, "SELECT username FROM users WHERE user_id = 1").rows == [[f"{tenant} first"]]
    assert value(b, "SELECT count(*) FROM notes") == "0"
    assert b.query("EXECUTE s").error
    assert b.query("SELECT 'é'").rows == [["é"]]
    ok(b, "UPDATE users SET username = username")

    def free():
        reply = b.query("SELECT IS_FREE_LOCK('left')")
        return reply.error or reply.rows == [["1"]]
    wait_until(free, 10, "the named lock is free")


@pytest.mark.shares
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("tenants", [("s1", "s1", "s1"), ("b1", "b2", "acme"), ("acme", "globex", "empty")], ids="-".join)
def test_random_interleaving(clients, seed, tenants):
    """Random steps of three clients on one connection; each must find exactly its own state."""
    chance = random.Random(seed)
    made = clients(*tenants, capabilities=chance.choice([0, wire.DEPRECATE_EOF | wire.SESSION_TRACK]))
    known = [{"x": None, "zone": "SYSTEM", "limit": None, "statements": []} for _ in made]
    for step in range(150):
        number = chance.randrange(3)
        client, mine = made[number], known[number]
        told = f"seed {seed}, step {step}, client {number}"
        action = chance.randrange(9)
        if action == 0:
            mine["x"] = str(chance.randrange(1000))
            ok(client, f"SET @x = '{mine['x']}'")
        elif action == 1:
            mine["zone"] = chance.choice(["+01:00", "-03:00", "SYSTEM"])
            ok(client, f"SET time_zone = '{mine['zone']}'")
        elif action == 2:
            assert ok(client, "SELECT @x, @@time_zone").rows == [[mine["x"], mine["zone"]]], told
        elif action == 3 and len(mine["statements"]) < 20:
            constant = chance.randrange(1000)
            mine["statements"].append((client.prepare(f"SELECT {constant} + ?"), constant))
        elif action == 4 and mine["statements"]:
            statement, constant = chance.choice(mine["statements"])
            assert client.execute(statement, [step]).rows == [[constant + step]], told
        elif action == 5 and mine["statements"]:
            client.close_statement(mine["statements"].pop(chance.randrange(len(mine["statements"])))[0])
        elif action == 6:
            ok(client, "BEGIN")
            assert ok(client, "SELECT @x, @@time_zone").rows == [[mine["x"], mine["zone"]]], told
            ok(client, chance.choice(["COMMIT", "ROLLBACK"]))
        elif action == 7:
            assert client.reset_connection().error is None
            known[number] = {"x": None, "zone": "SYSTEM", "limit": None, "statements": []}
        else:
            tenant = tenants[number]
            if tenant in ("acme", "globex", "empty"):
                assert ok(client, SEEN).rows == ([] if tenant == "empty" else [[tenant]]), told
            else:
                assert ok(client, "SELECT username FROM users WHERE user_id = 1").rows == [[f"{tenant} first"]], told
