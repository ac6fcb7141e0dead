"""What a client asks about its statement before, while others use the ONE server connection in between."""

import pytest

from support.mysql_sessions import full_sql, ok, pairs, value


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
