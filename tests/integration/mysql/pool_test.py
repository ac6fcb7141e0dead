"""The pool on a real MariaDB: its bound as the server counts it, waiting, fairness, and healing after trouble."""

import time

import pytest

from integration.pool_test import (test_a_freed_connection_goes_to_the_first_in_line,  # noqa: F401
                                   test_a_server_that_is_down_is_said_quickly_and_comes_back,
                                   test_a_stalled_server_does_not_stop_the_others, test_tenants_take_turns)
from support import mysql_packets as wire
from support.chaos_gate import ChaosGate
from support.crowd import Crowd
from support.estate import CLIENT_PASSWORD
from support.mysql_client import QUERY, RefusedLogin, ServerClosed
from support.pool_queue import check_that_it_waits
from support.process import wait_until

SLOW = "SELECT SLEEP(0.002)"


def small(estate, **main):
    settings = estate.settings()
    settings["backends"]["main"].update({"pool_size": 3, "pool_timeout": "20s", **main})
    return settings


def test_the_server_never_sees_more_than_pool_size(start_proxy, estate):
    """One pool for shared tables and for every tenant's own database."""
    proxy = start_proxy(small(estate))
    crowds = [Crowd(proxy, 10, "b1", SLOW), Crowd(proxy, 10, "b2", SLOW), Crowd(proxy, 10, "acme", "SELECT count(*) FROM customers")]
    seen = 0
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline or (any(crowd.ok <= 20 for crowd in crowds) and time.monotonic() < deadline + 27):
        seen = max(seen, estate.main.backends())
        time.sleep(0.05)
    for crowd in crowds:
        crowd.end()
        assert not crowd.failed and not crowd.broken, (crowd.failed[:3], crowd.broken[:3])
        assert crowd.ok > 20, "a tenant starved"
    assert 1 < seen <= 4  # one more: the watcher reads catalogues over a connection of its own, one at a time


def test_many_databases_one_pool(start_proxy, estate):
    """A hundred databases, two connections: they are not bound to a database, so none is closed to make room."""
    count = 100
    estate.main.execute("; ".join(f"CREATE DATABASE tenant_m{n}; CREATE TABLE tenant_m{n}.who (id int); "
                                  f"INSERT INTO tenant_m{n}.who VALUES ({n}); GRANT ALL ON tenant_m{n}.* TO fairlead_app@'127.0.0.1'"
                                  for n in range(count)))
    try:
        settings = small(estate, pool_size=2)
        settings["tenants"] += [{"id": f"m{n}", "placement": "own_database"} for n in range(count)]
        proxy = start_proxy(settings)
        clients = [proxy.raw(f"app.m{n}", CLIENT_PASSWORD) for n in range(count)]
        attempts = int(estate.main.execute("SHOW GLOBAL STATUS LIKE 'Connections'")[0][1])
        for _ in range(3):
            for n, client in enumerate(clients):
                reply = client.query("SELECT id FROM who")
                assert reply.rows == [[str(n)]], (n, reply.rows, reply.error)
        opened = int(estate.main.execute("SHOW GLOBAL STATUS LIKE 'Connections'")[0][1]) - attempts
        assert opened <= 8, f"{opened} connections were opened for {3 * count} statements"
        assert estate.main.backends() <= 3
        for client in clients:
            client.close()
    finally:
        estate.main.execute("; ".join(f"DROP DATABASE tenant_m{n}" for n in range(count)))


def test_many_clients_few_connections(start_proxy, estate):
    proxy = start_proxy(small(estate))
    clients = [proxy.raw("b1_app", CLIENT_PASSWORD) for _ in range(100)]
    for client in clients:
        assert client.query("SELECT 1").rows == [["1"]]
    metrics = proxy.metrics()
    assert metrics.sum("fairlead_client_connections") == 100
    assert metrics.sum("fairlead_server_connections", backend="main") <= 3
    assert estate.main.backends() <= 4
    for client in clients:
        client.close()
    wait_until(lambda: proxy.metrics().sum("fairlead_client_connections") == 0, 20, "clients are gone")


def test_released_after_each_statement_and_held_in_a_transaction(start_proxy, estate):
    proxy = start_proxy(small(estate, pool_size=1, pool_timeout="20s"))
    a, b = proxy.raw("b1_app", CLIENT_PASSWORD), proxy.raw("b2_app", CLIENT_PASSWORD)
    for begin, end in (("BEGIN", "COMMIT"), ("SET autocommit = 0", "SET autocommit = 1"), ("START TRANSACTION", "ROLLBACK")):
        assert not a.query(begin).error
        assert not a.query("SELECT username FROM users").error
        check_that_it_waits(proxy, b)
        assert not a.query(end).error
        reply = b.read_reply()
        assert not reply.error, f"{begin}: {reply.error}"
    a.close()
    b.close()


@pytest.mark.parametrize("pin, end", [("CREATE TEMPORARY TABLE t (i int)", "DROP TEMPORARY TABLE t"),
                                      ("LOCK TABLES users READ", "UNLOCK TABLES"), ("SELECT GET_LOCK('x', 0)", "SELECT RELEASE_ALL_LOCKS()"),
                                      ("PREPARE s FROM 'SELECT 1'", "DEALLOCATE PREPARE s"), ("HANDLER users OPEN", "HANDLER users CLOSE")])
def test_a_pin_is_counted_and_given_back(start_proxy, estate, pin, end):
    settings = estate.settings(backends__silo__pool_size=1, backends__silo__pool_timeout="20s")
    proxy = start_proxy(settings)
    a, b = proxy.raw("s1_app", CLIENT_PASSWORD), proxy.raw("s1_app", CLIENT_PASSWORD)
    assert not a.query(pin).error
    check_that_it_waits(proxy, b, "silo")
    assert proxy.metrics().sum("fairlead_pins_total", placement="own_server") == 1
    assert not a.query(end).error
    assert not b.read_reply().error
    assert proxy.metrics().sum("fairlead_pinned_connections", placement="own_server") == 0
    a.close()
    b.close()


@pytest.mark.parametrize("begin, first, last", [
    (["SELECT GET_LOCK('x', 0)", "CREATE TEMPORARY TABLE t (i int)"], "SELECT RELEASE_ALL_LOCKS()", ["DROP TEMPORARY TABLE t"]),
    (["SELECT GET_LOCK('x', 0)"], "SELECT RELEASE_ALL_LOCKS() FROM users WHERE false", ["SELECT RELEASE_ALL_LOCKS()"]),
    (["SELECT GET_LOCK('x', 0)", "SELECT GET_LOCK('y', 0)"], "UNLOCK TABLES", ["DO RELEASE_ALL_LOCKS()"]),
    (["CREATE TEMPORARY TABLE t (i int)", "CREATE TEMPORARY TABLE u (i int)"], "DROP TEMPORARY TABLE t", None),
    (["CREATE TEMPORARY TABLE t (i int); CREATE TEMPORARY TABLE u (i int)"], "DROP TEMPORARY TABLE t", None)])
def test_every_cause_has_to_end(start_proxy, estate, begin, first, last):
    """`last` None: nothing tells how many there are, so the client keeps its link until it leaves."""
    proxy = start_proxy(estate.settings(backends__silo__pool_size=1, backends__silo__pool_timeout="20s"))
    a = proxy.raw("s1_app", CLIENT_PASSWORD, capabilities=wire.MULTI_STATEMENTS)
    b = proxy.raw("s1_app", CLIENT_PASSWORD)
    for sql in begin:
        assert not a.query(sql).error
    check_that_it_waits(proxy, b, "silo")
    assert not a.query(first).error
    assert b.nothing_comes(0.3), "a cause that ended was taken for all"
    for sql in last or ():
        assert not a.query(sql).error
    if last is None:
        a.close()
    assert not b.read_reply().error
    a.close()
    b.close()


@pytest.mark.parametrize("sql", ["SET @x = 1", "SET time_zone = '+09:00'", "SET NAMES latin1", "USE shop", "SELECT LAST_INSERT_ID()",
                                 "INSERT INTO notes (note) VALUES ('x')", "SELECT 1 + 'x'", "SELECT FOUND_ROWS()", "SELECT ROW_COUNT()",
                                 "SHOW WARNINGS", "SET autocommit = 1", "SET sql_mode = 'ANSI_QUOTES'"])
def test_what_can_be_restored_is_not_pinned(start_proxy, estate, sql):
    proxy = start_proxy(small(estate, pool_size=1))
    a, b = proxy.raw("b1_app", CLIENT_PASSWORD), proxy.raw("b2_app", CLIENT_PASSWORD)
    assert not a.query(sql).error
    statement = a.prepare("SELECT 1")
    assert a.execute(statement).rows == [[1]]
    for _ in range(3):
        reply = b.query("SELECT 1")
        assert not reply.error, reply.error
        assert a.query("SELECT 1").rows == [["1"]]
    a.query("DELETE FROM notes")
    a.close()
    b.close()


def test_overflow_is_opened_and_closed(start_proxy, estate):
    proxy = start_proxy(small(estate, pool_size=1, max_overflow=2))
    clients = [proxy.raw("b1_app", CLIENT_PASSWORD) for _ in range(3)]
    for client in clients:
        client.query("BEGIN")
        assert client.query("SELECT username FROM users").in_transaction
    assert 3 <= estate.main.backends() <= 4
    for client in clients:
        client.query("COMMIT")
    wait_until(lambda: estate.main.backends() <= 1, 20, "overflow is closed")
    for client in clients:
        client.close()


def test_pool_timeout_says_so(start_proxy, estate):
    proxy = start_proxy(small(estate, pool_size=1, pool_timeout="500ms"))
    holder, waiter = proxy.raw("b1_app", CLIENT_PASSWORD), proxy.raw("b2_app", CLIENT_PASSWORD)
    holder.query("BEGIN")
    wait_until(lambda: not holder.query("SELECT 1 FROM users").error, 20, "it has the connection, which took a login")
    before = proxy.metrics().sum("fairlead_pool_timeouts_total", backend="main")
    began = time.monotonic()
    reply = waiter.query("SELECT 1")
    waited = time.monotonic() - began
    assert 0.45 < waited < 5, waited
    assert "waiting for a server connection" in reply.error["M"], reply.error
    assert "pool_size" in reply.error["M"] or "pool_timeout" in reply.error["M"], reply.error
    assert reply.errno != 1105 or reply.error["C"] != "00000"
    _, error = waiter.try_prepare("SELECT 1")
    assert error
    holder.query("COMMIT")
    assert waiter.query("SELECT 1").rows == [["1"]]
    assert proxy.metrics().sum("fairlead_pool_timeouts_total", backend="main") == before + 2
    holder.close()
    waiter.close()


def test_a_tenants_own_caps(start_proxy, estate):
    settings = small(estate, pool_size=4)
    next(t for t in settings["tenants"] if t["id"] == "b1").update({"max_server_connections": 1, "max_client_connections": 2})
    proxy = start_proxy(settings)
    first, second, other = (proxy.raw(f"{t}_app", CLIENT_PASSWORD) for t in ("b1", "b1", "b2"))
    first.query("BEGIN")
    first.query("SELECT 1 FROM users")
    check_that_it_waits(proxy, second)
    assert other.query("SELECT 1").rows == [["1"]]
    first.query("COMMIT")
    assert second.read_reply().rows == [["1"]]
    with pytest.raises(RefusedLogin) as refusal:
        proxy.raw("b1_app", CLIENT_PASSWORD)
    assert refusal.value.fields["N"] in (1040, 1203, 1226), refusal.value.fields
    for client in (first, second, other):
        client.close()


def test_recycle_and_idle(start_proxy, estate):
    proxy = start_proxy(small(estate, pool_size=1, pool_recycle="1s"))
    with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
        ids, began = set(), time.monotonic()
        while len(ids) < 5 and time.monotonic() < began + 30:
            client.query("SELECT 1")
            ids.update(n for n, in estate.main.execute("SELECT id FROM information_schema.processlist WHERE user = 'fairlead_app'"))
            time.sleep(0.05)
        assert len(ids) == 5 and time.monotonic() - began > 2, "recycled, each after a second; one may be the watcher's"
        assert client.query("SELECT CONNECTION_ID()").rows == [[str(client.thread_id)]]
    proxy = start_proxy(small(estate, idle_timeout="500ms"))
    with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
        client.query("SELECT 1")
        wait_until(lambda: estate.main.backends() == 0, 20, "idle closed")
        assert client.query("SELECT 1").rows == [["1"]]


# Trouble

def server_threads(estate):
    return [n for n, in estate.main.execute("SELECT id FROM information_schema.processlist WHERE user = 'fairlead_app'")]


def kill_all(estate):
    for number in server_threads(estate):
        try:
            estate.main.execute(f"KILL {number}")
        except Exception:
            pass  # gone already


def test_a_killed_connection_while_idle_is_not_noticed(start_proxy, estate):
    proxy = start_proxy(small(estate, pool_size=1))
    with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
        for _ in range(5):
            client.query("SELECT 1")
            kill_all(estate)
            wait_until(lambda: not proxy.metrics().sum("fairlead_server_connections", backend="main"), 20,
                       "the proxy has seen it while nobody used it")
            reply = client.query("SELECT 1")
            assert reply.rows == [["1"]], reply.error


def test_a_killed_connection_in_a_transaction_is_an_error_not_a_retry(start_proxy, estate):
    proxy = start_proxy(small(estate, pool_size=1))
    client = proxy.raw("b1_app", CLIENT_PASSWORD)
    client.query("BEGIN")
    client.query("INSERT INTO notes (note) VALUES ('half')")
    kill_all(estate)
    try:
        assert client.query("INSERT INTO notes (note) VALUES ('other half')").error
    except ServerClosed as closed:
        assert closed.reply.error, "the client was dropped without a word"
    with proxy.raw("b1_app", CLIENT_PASSWORD) as again:
        assert again.query("SELECT count(*) FROM notes").rows == [["0"]]
    client.close()


def test_a_killed_connection_in_a_statement(start_proxy, estate):
    proxy = start_proxy(small(estate, pool_size=1))
    client = proxy.raw("b1_app", CLIENT_PASSWORD, timeout=30)
    client.start("SELECT SLEEP(20)")
    wait_until(lambda: estate.main.backends(where="info LIKE '%SLEEP(20)%'"), 20, "it runs")
    kill_all(estate)
    try:
        assert client.read_reply().error
    except ServerClosed as closed:
        assert closed.reply.error
    with proxy.raw("b1_app", CLIENT_PASSWORD) as again:
        assert again.query("SELECT 1").rows == [["1"]]
    client.close()


@pytest.mark.long
@pytest.mark.parametrize("number", [15, 9])
def test_the_server_restarts_under_load(start_proxy, estate, number):
    proxy = start_proxy(small(estate, pool_size=4))
    crowds = [Crowd(proxy, 6, "b1", SLOW), Crowd(proxy, 6, "acme", "SELECT count(*) FROM customers")]
    wait_until(lambda: all(crowd.ok > 50 for crowd in crowds), 30, "all is well")
    estate.main.restart(number)
    for crowd in crowds:
        back = crowd.ok
        wait_until(lambda: crowd.ok > back + 100, 20, "the pool healed by itself")
    failures = sum(len(crowd.failed) for crowd in crowds)
    time.sleep(1)
    assert sum(len(crowd.failed) for crowd in crowds) == failures, "still failing long after the restart"
    for crowd in crowds:
        crowd.end()
        assert not crowd.broken, f"clients were dropped without a word: {crowd.broken[:3]}"
        dropped = sum(1 for fields in crowd.failed if not fields)
        assert not dropped, f"{crowd.tenant}: {dropped} of {len(crowd.failed)} were dropped without a word"
    assert estate.main.backends() <= 5


def test_a_server_cut_in_the_middle_of_a_row(start_proxy, estate):
    with ChaosGate(estate.main.port) as gate:
        proxy = start_proxy(small(estate, port=gate.port))
        client = proxy.raw("b1_app", CLIENT_PASSWORD)
        assert client.query("SELECT 1").rows == [["1"]]
        gate.truncate = 60
        try:
            reply = client.query("SELECT repeat('x', 5000)")
            assert reply.error and not reply.rows
        except (ServerClosed, ConnectionError):
            pass
        client.close()
        with proxy.raw("b1_app", CLIENT_PASSWORD) as again:
            assert again.query("SELECT 1").rows == [["1"]]


RUBBISH = {"zeros": b"\0" * 100, "http": b"HTTP/1.1 400 Bad Request\r\n\r\n", "endless": b"\xff\xff\xff\1" + b"x" * 50,
           "sequence": b"\1\0\0\x63\0", "columns": b"\x09\0\0\1\xfe" + b"\xff" * 8, "short ok": b"\1\0\0\1\0", "noise": b"!" * 4000,
           "file": b"\x0c\0\0\1\xfb/etc/passwd", "error": b"\2\0\0\1\xff\1"}


@pytest.mark.parametrize("rubbish", RUBBISH.values(), ids=RUBBISH)
def test_a_server_that_sends_rubbish_loses_its_own_link_only(start_proxy, estate, rubbish):
    with ChaosGate(estate.main.port) as gate:
        proxy = start_proxy(small(estate, port=gate.port))
        client, other = proxy.raw("b1_app", CLIENT_PASSWORD, timeout=8), proxy.raw("s1_app", CLIENT_PASSWORD)
        assert client.query("SELECT 1").rows == [["1"]]
        gate.rubbish = rubbish
        rows = []
        try:
            rows = client.query("SELECT 'never arrives'").rows
        except (ServerClosed, ConnectionError, TimeoutError):
            pass
        except AssertionError:
            pass  # of the client's own: half an answer is no protocol
        assert ["never arrives"] not in rows and not client.asked_files
        assert other.query("SELECT 1").rows == [["1"]]
        with proxy.raw("b1_app", CLIENT_PASSWORD) as again:
            assert again.query("SELECT 1").rows == [["1"]]
        client.close()
        other.close()


def test_answers_unread_then_gone(start_proxy, estate):
    """A client that leaves with answers unread: the server connection is used again clean, or not at all."""
    proxy = start_proxy(small(estate, pool_size=1))
    for _ in range(10):
        client = proxy.raw("b1_app", CLIENT_PASSWORD)
        for _ in range(20):
            client.command(QUERY, b"SELECT seq, repeat('x', 100) FROM seq_1_to_1000")
        client.close()
        with proxy.raw("b2_app", CLIENT_PASSWORD) as other:
            reply = other.query("SELECT 'mine'")
            assert reply.rows == [["mine"]], reply.error


# Each leaves @v where the server does not report it.
TRIGGERS = {"into": "SELECT 'secret' INTO @v", "failed": "BEGIN SET @v = 'secret'; SIGNAL SQLSTATE '45000'; END"}


@pytest.mark.parametrize("prepared", [False, True], ids=["text", "prepared"])
@pytest.mark.parametrize("body", TRIGGERS.values(), ids=TRIGGERS)
def test_what_a_trigger_assigned_is_nobody_elses(start_proxy, estate, body, prepared):
    estate.main.execute(f"CREATE TRIGGER tenant_b1.leaves BEFORE INSERT ON tenant_b1.notes FOR EACH ROW {body}")
    try:
        proxy = start_proxy(small(estate, pool_size=1))
        a, b, c = (proxy.raw(f"{tenant}_app", CLIENT_PASSWORD) for tenant in ("b1", "b2", "b1"))
        read = b.prepare("SELECT @v")
        for other in (b, c, b):
            insert = "INSERT INTO notes (note) VALUES ('x')"
            reply = a.execute(a.prepare(insert)) if prepared else a.query(insert)
            assert bool(reply.error) == ("SIGNAL" in body), reply.error
            reply = other.execute(read) if prepared and other is b else other.query("SELECT @v")
            assert not reply.error and reply.rows == [[None]], (reply.error, reply.rows)
        for client in (a, b, c):
            client.close()
    finally:
        estate.main.execute("DROP TRIGGER tenant_b1.leaves; DELETE FROM tenant_b1.notes")


@pytest.mark.parametrize("model", ["bridge", "shared"])
def test_what_a_function_behind_a_view_assigned_is_nobody_elses(start_proxy, estate, model):
    """Neither trigger nor function stands in the text, and it only reads."""
    database, first, second = ("tenant_b1", "b1", "b2") if model == "bridge" else ("shop", "acme", "globex")
    estate.main.execute(f"CREATE FUNCTION {database}.leaves() RETURNS int BEGIN SELECT 'secret' INTO @v; RETURN 1; END; "
                        f"CREATE VIEW {database}.innocent AS SELECT {database}.leaves() AS one; "
                        f"GRANT SELECT ON {database}.innocent TO fairlead_app@'127.0.0.1'; "
                        f"GRANT EXECUTE ON FUNCTION {database}.leaves TO fairlead_app@'127.0.0.1'")
    try:
        settings = small(estate, pool_size=1)
        settings["placements"]["shared"].setdefault("global_tables", []).append("innocent")
        proxy = start_proxy(settings)
        a, b = (proxy.raw(f"{tenant}_app", CLIENT_PASSWORD) for tenant in (first, second))
        for _ in range(2):
            reply = a.query("SELECT one FROM innocent")
            assert not reply.error and reply.rows == [["1"]], (reply.error, reply.rows)
            reply = b.query("SELECT @v")
            assert not reply.error and reply.rows == [[None]], (reply.error, reply.rows)
        for client in (a, b):
            client.close()
    finally:
        estate.main.execute(f"DROP VIEW {database}.innocent; DROP FUNCTION {database}.leaves")


def test_what_an_allowed_function_assigned_is_nobody_elses(start_proxy, estate):
    """No trigger there, and none is needed: the operator's function leaves @v."""
    estate.main.execute("CREATE FUNCTION shop.leaves() RETURNS int BEGIN SELECT 'secret' INTO @v; RETURN 1; END; "
                        "GRANT EXECUTE ON FUNCTION shop.leaves TO fairlead_app@'127.0.0.1'")
    try:
        settings = small(estate, pool_size=1)
        settings["placements"]["shared"]["allowed_functions"] = ["leaves"]
        proxy = start_proxy(settings)
        acme, globex = (proxy.raw(f"{tenant}_app", CLIENT_PASSWORD) for tenant in ("acme", "globex"))
        for _ in range(2):
            reply = acme.query("SELECT leaves()")
            assert not reply.error and reply.rows == [["1"]], (reply.error, reply.rows)
            reply = globex.query("SELECT @v")
            assert not reply.error and reply.rows == [[None]], (reply.error, reply.rows)
        for client in (acme, globex):
            client.close()
    finally:
        estate.main.execute("DROP FUNCTION shop.leaves")
