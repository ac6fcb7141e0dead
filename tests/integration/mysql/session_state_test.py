"""Clients over ONE server connection: whatever one does to its session, it finds again, and no other client sees it."""

import random

import pytest

from support import mysql_packets as wire
from support.process import wait_until
from support.mysql_sessions import SEEN, ok, pairs, value


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
    wait_until(free, 20, "the named lock is free")


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
