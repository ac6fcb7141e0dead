"""Variables of clients over ONE server connection: whatever one sets, it finds again, and no other client sees it."""

import pytest

from support.mysql_sessions import full_sql, ok, pairs, value


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
           "acme": {"sql_auto_is_null", "optimizer_switch", "unique_checks", "foreign_key_checks"}}
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
