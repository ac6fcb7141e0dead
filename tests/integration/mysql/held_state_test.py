"""State that cannot move, over ONE server connection: locks, temporary tables, handlers; nobody else meets it."""

import pytest

from support.estate import CLIENT_PASSWORD
from support.mysql_sessions import full_sql, ok, value


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
    ok(a, "LOCK TABLES users READ")
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


# Text PREPARE, HANDLER, XA, sequences

def test_text_prepared_statements(clients):
    a, b = clients("s1", "s1")
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


@pytest.mark.parametrize("tenant", ["acme", "b1"])
@pytest.mark.parametrize("sql", ["PREPARE s FROM @text", "PREPARE s FROM 'SET @a = 1'", "EXECUTE s USING 1"])
def test_text_prepared_statements_that_nobody_can_read(clients, tenant, sql):
    """Of a plain literal: text_prepare_test.py."""
    client, = clients(tenant)
    assert "[rule text-prepare]" in client.query(sql).error["M"]


@full_sql
def test_handlers(two):
    a, b = two
    ok(a, "HANDLER users OPEN AS h")
    assert len(ok(a, "HANDLER h READ FIRST").rows) == 1
    assert b.query("HANDLER h READ FIRST").error
    assert len(ok(a, "HANDLER h READ NEXT").rows) == 1
    ok(a, "HANDLER h CLOSE")


def test_xa(clients):
    a, b = clients("s1", "s1")
    ok(a, "XA START 'x1'")
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
