"""PREPARE of a literal, EXECUTE and DEALLOCATE as statements, of tenants of shared tables and of databases of their own:
the text inside is rewritten as any other, and a name is its client's alone."""

import pytest

from support import mysql_packets as wire
from support.estate import CLIENT_PASSWORD
from support.mysql_sessions import ok, value
from support.process import wait_until
from support.pool_queue import check_that_it_waits

MARK = b"zqglobex"
UNKNOWN = 1243
shared_and_own = pytest.mark.parametrize("tenant", ["acme", "b1"])
OWN_ROWS = {"acme": "SELECT COUNT(*) FROM customers", "b1": "SELECT COUNT(*) FROM users"}
COUNT = {"acme": "5", "globex": "9", "b1": "2", "b2": "2"}


def literal(sql: str) -> str:
    return "'" + sql.replace("\\", "\\\\").replace("'", "''") + "'"


def unknown(client, name="s"):
    reply = client.query(f"EXECUTE {name}")
    assert reply.errno == UNKNOWN, reply.error or reply.rows
    return True


def nobody_has(client, *names):
    """Said by the proxy without a server, and by the server: no name of another client is on the connection."""
    for name in names or ("s",):
        assert unknown(client, name)
        assert client.query(f"DEALLOCATE PREPARE {name}").errno == UNKNOWN


def named(estate) -> int:
    """Prepared statements on all connections, as the server counts them. Other proxies of the module may keep some."""
    return int(estate.main.scalar("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'PREPARED_STMT_COUNT'"))


# Whose rows

def test_rows_of_shared_tables(clients):
    a, b = clients("acme", "globex")
    for client, own in ((a, 5), (b, 9)):
        ok(client, "PREPARE s FROM 'SELECT id, name FROM customers WHERE id >= ? ORDER BY id'")
        ok(client, "SET @from = 1")
    for client, own in ((a, 5), (b, 9)):
        reply = ok(client, "EXECUTE s USING @from")
        assert [row[0] for row in reply.rows] == [str(n) for n in range(1, own + 1)]
        assert (MARK in reply.raw) == (client is b)
    ok(a, "SET @from = 4")
    assert len(ok(a, "EXECUTE s USING @from").rows) == 2


def test_rows_of_databases_of_their_own(clients):
    a, b = clients("b1", "b2")
    for client in (a, b):
        ok(client, "PREPARE s FROM 'SELECT username FROM shop.users WHERE user_id = ?'")
        ok(client, "SET @id = 1")
    assert value(a, "EXECUTE s USING @id") == "b1 first"
    assert value(b, "EXECUTE s USING @id") == "b2 first"
    for sql in ("SELECT username FROM tenant_b2.users", "SELECT * FROM other_db.customers", "SELECT * FROM mysql.user"):
        assert "database]" in a.query(f"PREPARE t FROM {literal(sql)}").error["M"]
        nobody_has(a, "t")


def test_writes_get_the_tenant(clients, estate):
    a, b = clients("acme", "globex")
    try:
        ok(a, "PREPARE ins FROM 'INSERT INTO customers (id, name) VALUES (?, ?)'")
        ok(a, "PREPARE upd FROM 'UPDATE customers SET email = ?'")
        ok(a, "PREPARE del FROM 'DELETE FROM customers WHERE id > ?'")
        ok(a, "SET @id = 900, @name = 'mine', @five = 5")
        assert ok(a, "EXECUTE ins USING @id, @name").affected == 1
        assert list(estate.main.execute("SELECT tenant_id, name FROM shop.customers WHERE id = 900")) == [("acme", "mine")]
        assert ok(a, "EXECUTE upd USING @name").affected == 6
        assert estate.main.scalar("SELECT COUNT(*) FROM shop.customers WHERE email = 'mine'") == 6
        assert ok(a, "EXECUTE del USING @five").affected == 1
        assert value(b, "SELECT COUNT(*) FROM customers") == "9"
    finally:
        estate.restore_all()


def test_a_foreign_tenant_in_a_value_is_an_error(clients, estate):
    a, = clients("acme")
    try:
        ok(a, "PREPARE ins FROM 'INSERT INTO customers (tenant_id, id, name) VALUES (?, ?, ?)'")
        ok(a, "SET @t = 'globex', @id = 901, @name = 'stolen'")
        reply = a.query("EXECUTE ins USING @t, @id, @name")
        assert reply.error and MARK not in reply.raw
        assert estate.main.scalar("SELECT COUNT(*) FROM shop.customers WHERE id = 901") == 0
        ok(a, "SET @t = 'acme'")
        assert ok(a, "EXECUTE ins USING @t, @id, @name").affected == 1
    finally:
        estate.restore_all()


@pytest.mark.parametrize("inside, rule", [
    ("REPLACE INTO coupons (id, code) VALUES (70, 'SECRET-G')", "upsert-unique-key"), ("SELECT * FROM v_all_orders", "view"),
    ("SELECT * FROM other_db.customers", "other-database"), ("SELECT 1; DROP TABLE customers", "several-statements"),
    ("DROP TABLE customers", "ddl"), ("CALL all_orders()", "procedure-call"), ("SELECT leak('x')", "unknown-function"),
    ("SELECT id FROM orders /*! UNION SELECT id FROM other_db.customers */", "other-database"),
    ("SELECT /*!50701 1 */ FROM forgotten", None)])
def test_what_is_refused_is_refused_inside(clients, estate, inside, rule):
    a, = clients("acme")
    reply = a.query(f"PREPARE s FROM {literal(inside)}")
    assert reply.error and (rule is None or rule in reply.error["M"]), reply.error
    assert a.query(inside).error, "the same statement by itself"
    nobody_has(a)


@shared_and_own
@pytest.mark.parametrize("sql", [
    "PREPARE s FROM @text", "PREPARE s FROM CONCAT('SELECT', ' 1')", "PREPARE s FROM 0x53454C4543542031", "PREPARE s FROM 'SELECT ' '1'",
    "PREPARE s FROM _latin1'SELECT 1'", "PREPARE s FROM N'SELECT 1'", "PREPARE s FROM 'SET @a = 1'", "PREPARE s FROM 'BEGIN'",
    "PREPARE s FROM 'SELECT 1; DROP TABLE x'", "PREPARE s FROM 'SELECT @a := 1'", "PREPARE s FROM 'SELECT LAST_INSERT_ID()'",
    "PREPARE s FROM 'PREPARE t FROM ''SELECT 1'''", "PREPARE s FROM 'EXECUTE t'", "PREPARE s FROM 'SELECT CONNECTION_ID()'",
    "PREPARE s FROM 'SELECT 1' ; EXECUTE s", "EXECUTE IMMEDIATE 'SELECT 1'", "EXECUTE s USING 1", "/*!PREPARE s FROM 'SELECT 1'*/",
    "PREPARE s FROM 'SELECT ''\\0'''", "EXECUTE s USING (SELECT 1)", "CREATE PROCEDURE p() EXECUTE s"])
def test_what_is_no_plain_literal(clients, tenant, sql):
    client, = clients(tenant, capabilities=wire.MULTI_STATEMENTS)
    assert "[rule " in client.query(sql).error["M"], sql
    nobody_has(client, "s", "t")


# How it is written

@shared_and_own
def test_quotes_backslashes_and_unicode(clients, tenant):
    client, = clients(tenant)
    for wanted in ("it's", 'say "x"', "back\\slash", "both\\'", "é ü 漢字 😀", "a`b", "tab\there", "line\nbreak", "'; DROP TABLE x; -- ", "%_\\%"):
        inner = "SELECT " + literal(wanted)
        ok(client, f"PREPARE s FROM {literal(inner)}")
        assert value(client, "EXECUTE s") == wanted
        doubled = '"' + inner.replace("\\", "\\\\").replace('"', '""') + '"'
        ok(client, f"PREPARE s FROM {doubled}")
        assert value(client, "EXECUTE s") == wanted


@shared_and_own
def test_without_backslash_escapes(clients, tenant):
    client, = clients(tenant)
    ok(client, "SET sql_mode = 'NO_BACKSLASH_ESCAPES'")
    ok(client, "PREPARE s FROM 'SELECT ''a\\'''")
    assert value(client, "EXECUTE s") == "a\\"
    ok(client, r"PREPARE s FROM 'SELECT 1 -- \'")
    assert value(client, "EXECUTE s") == "1"
    ok(client, "PREPARE s FROM 'SELECT ''it''''s \\n'''")
    assert value(client, "EXECUTE s") == "it's \\n"
    reply = client.query(r"PREPARE s FROM 'SELECT ''\'' FROM orders -- '''")
    assert reply.error or tenant == "acme"
    ok(client, "PREPARE s FROM " + "'" + OWN_ROWS[tenant] + " WHERE ''\\'' = ''\\'''")
    assert value(client, "EXECUTE s") == COUNT[tenant]


@shared_and_own
def test_ansi_quotes(clients, tenant):
    client, = clients(tenant)
    ok(client, "SET sql_mode = 'ANSI_QUOTES'")
    table = "customers" if tenant == "acme" else "users"
    ok(client, f"PREPARE \"s\" FROM 'SELECT COUNT(*) AS \"it''s\" FROM \"{table}\"'")
    assert value(client, "EXECUTE s") == COUNT[tenant]
    assert client.query('PREPARE s FROM "SELECT 1"').error
    ok(client, f"PREPARE s FROM 'SELECT COUNT(*) FROM \"{table}\"'")
    ok(client, "SET sql_mode = ''")
    assert "prepare it again" in client.query("EXECUTE s").error["M"], "its quotes would be read in another way now"


def test_each_in_its_own_mode_over_one_connection(start_proxy, estate):
    """The mode rides in front of PREPARE in the same text: the literal is read under it, and what is inside, too."""
    proxy = start_proxy(estate.settings(backends__main__pool_size=1, backends__main__pool_timeout="20s"))
    a, b, c = (proxy.raw(f"{tenant}_app", CLIENT_PASSWORD) for tenant in ("acme", "globex", "b1"))
    ok(a, "SET sql_mode = 'NO_BACKSLASH_ESCAPES'")
    ok(b, "SET sql_mode = 'ANSI_QUOTES'")
    texts = [(a, r"""PREPARE s FROM 'SELECT ''\'', COUNT(*) FROM customers'""", ["\\", "5"]),
             (b, r"""PREPARE s FROM 'SELECT \'it\\\'s\', COUNT(*) AS "n" FROM "customers"'""", ["it's", "9"]),
             (c, r"""PREPARE s FROM 'SELECT \'\\\\\', COUNT(*) FROM users WHERE "x" = ''x'''""", ["\\", "2"])]
    for _ in range(3):
        for client, sql, expected in texts:
            ok(client, sql)
            assert ok(client, "EXECUTE s").rows == [expected], sql
            ok(client, "DEALLOCATE PREPARE s")
    for client in (a, b, c):
        client.close()


def test_the_character_sets_are_one(clients):
    client, = clients("acme")
    ok(client, "SET collation_connection = 'latin1_bin'")
    assert "[rule text-prepare]" in client.query("PREPARE s FROM 'SELECT 1'").error["M"]
    ok(client, "SET NAMES latin1")
    ok(client, "PREPARE s FROM 'SELECT COUNT(*) FROM customers'")
    assert value(client, "EXECUTE s") == "5"
    assert "[rule text-prepare]" in client.query("PREPARE s FROM 'SELECT ''é'''".encode("latin1")).error["M"]


@pytest.mark.parametrize("charset", [8, 11, 33, 45, 46, 192, 224, 255])
def test_whatever_the_login_says(clients, charset):
    """latin1, ascii, utf8mb3 and utf8mb4 with several collations."""
    client, = clients("acme", charset=charset)
    ok(client, "PREPARE s FROM 'SELECT COUNT(*) FROM customers'")
    assert value(client, "EXECUTE s") == "5"


@pytest.mark.parametrize("names", ["utf8", "utf8mb3", "utf8mb4", "'latin1'", "ascii", "utf8mb4 COLLATE utf8mb4_bin", "utf8 COLLATE utf8_bin"])
def test_whatever_names_are_set(clients, names):
    client, = clients("acme")
    ok(client, f"SET NAMES {names}")
    ok(client, "PREPARE s FROM 'SELECT COUNT(*) FROM customers'")
    assert value(client, "EXECUTE s") == "5"


@pytest.mark.parametrize("setting", ["NAMES binary", "collation_connection = 'latin1_bin'", "character_set_connection = 'ascii'",
                                     "character_set_client = 'latin1'", "CHARACTER SET latin1"])
def test_two_character_sets_are_refused(clients, setting):
    """What the server converts between reading the literal and reading what is in it."""
    client, = clients("acme")
    ok(client, f"SET {setting}")
    assert "[rule text-prepare]" in client.query("PREPARE s FROM 'SELECT 1'").error["M"]
    nobody_has(client)


@shared_and_own
def test_bytes_that_are_no_characters(clients, tenant):
    client, = clients(tenant)
    for inner in (b"SELECT ''\xc3'', ''x''", b"SELECT ''\xff''", b"SELECT ''\xf0\x9f'' -- ''", b"SELECT ''\xed\xa0\x80''", b"SELECT 1 \xc3"):
        assert client.query(b"PREPARE s FROM '" + inner + b"'").error, inner
        nobody_has(client)


def test_names_are_compared_as_the_server_does(clients):
    client, = clients("acme")
    ok(client, "PREPARE MyName FROM 'SELECT 1'")
    ok(client, "PREPARE `myNAME` FROM 'SELECT 2'")
    assert value(client, "EXECUTE MYNAME") == "2"
    ok(client, "DROP PREPARE myname")
    nobody_has(client, "MyName")


def test_by_the_binary_protocol_they_are_refused(clients):
    client, = clients("acme")
    ok(client, "PREPARE s FROM 'SELECT 1'")
    for sql in ("PREPARE t FROM 'SELECT 1'", "EXECUTE s", "DEALLOCATE PREPARE s"):
        _, error = client.try_prepare(sql)
        assert error, sql
    assert client.prepared_query("SELECT COUNT(*) FROM customers WHERE id > ?", [0]).rows == [[5]]
    assert value(client, "EXECUTE s") == "1"


def test_answers_of_the_server(clients):
    client, = clients("acme", capabilities=wire.MULTI_STATEMENTS)
    ok(client, "PREPARE s FROM 'SELECT ? + 1 AS n'")
    ok(client, "SET @a = 1")
    assert client.query("EXECUTE s").errno == 1210, "arguments are missing"
    assert value(client, "EXECUTE s USING @a") == "2"
    assert client.query("PREPARE s FROM 'SELECT nope FROM customers'").errno == 1054
    nobody_has(client)


def test_errors_tell_no_values_of_others(clients, estate):
    a, = clients("acme")
    try:
        ok(a, "PREPARE s FROM 'INSERT INTO coupons (id, code) VALUES (?, ?)'")
        ok(a, "SET @id = 999, @code = 'SECRET-G'")
        error = a.query("EXECUTE s USING @id, @code").error
        assert error["N"] == 1062 and "SECRET-G" not in error["M"]
    finally:
        estate.restore_all()


def test_what_it_changed_is_known(clients, estate):
    a, = clients("acme")
    try:
        ok(a, "PREPARE s FROM 'INSERT INTO orders (customer_id, note) VALUES (1, ?)'")
        ok(a, "SET @n = 'x'")
        number = ok(a, "EXECUTE s USING @n").insert_id
        assert number > 0
        assert value(a, "SELECT LAST_INSERT_ID()") == str(number)
        ok(a, "PREPARE u FROM 'UPDATE orders SET note = ?'")
        changed = ok(a, "EXECUTE u USING @n").affected
        ok(a, "EXECUTE u USING @n")
        assert value(a, "SELECT ROW_COUNT()") == "0" and changed > 1
        ok(a, "BEGIN")
        ok(a, "EXECUTE s USING @n")
        ok(a, "ROLLBACK")
        assert estate.main.scalar("SELECT COUNT(*) FROM shop.orders WHERE id > %d" % number) == 0
        assert ok(a, "EXECUTE s USING @n").affected == 1
    finally:
        estate.restore_all()


# Whose names

@pytest.mark.parametrize("pair", [("acme", "acme"), ("acme", "globex"), ("b1", "b2"), ("acme", "b1")], ids="-".join)
@pytest.mark.parametrize("leave", ["deallocate", "close", "quit", "change_user", "reset", "error", "set_tenant"])
def test_names_do_not_outlive_their_client(start_proxy, estate, pair, leave):
    """One server connection for both: what the first leaves there, the second does not find."""
    settings = estate.settings(backends__main__pool_size=1, backends__main__pool_timeout="20s")
    settings["users"].append({"name": "both", "password": "env:CLIENT_PASSWORD", "tenants": list(dict.fromkeys((*pair, "globex")))})
    proxy, before = start_proxy(settings), named(estate)
    a = proxy.raw(f"both.{pair[0]}", CLIENT_PASSWORD)
    b = proxy.raw(f"{pair[1]}_app", CLIENT_PASSWORD)
    ok(a, "PREPARE s FROM 'SELECT 1'")
    ok(a, "PREPARE s2 FROM 'SELECT 2'")
    assert value(a, "EXECUTE s2") == "2"
    assert named(estate) >= before + 2, "the count does not tell them"
    if leave == "deallocate":
        ok(a, "DEALLOCATE PREPARE s2")
        check_that_it_waits(proxy, b, "main")
        ok(a, "DEALLOCATE PREPARE s")
        assert not b.read_reply().error
    elif leave == "error":
        assert a.query("PREPARE s FROM 'SELECT nope'").error
        assert a.query("PREPARE s2 FROM 'SELECT nope'").error
        nobody_has(a, "s", "s2")
        a.close()
    elif leave == "close":
        a.socket.close()
    elif leave == "quit":
        a.command(1)
    elif leave == "change_user":
        a.change_user("both.globex", CLIENT_PASSWORD)
        nobody_has(a, "s", "s2")
    elif leave == "reset":
        assert a.reset_connection().error is None
        nobody_has(a, "s", "s2")
    else:
        ok(a, "SET @fairlead_tenant = 'globex'")
        nobody_has(a, "s", "s2")
        assert value(a, OWN_ROWS["acme"]) == "9"
    assert value(b, "SELECT 1") == "1"
    nobody_has(b, "s", "s2")
    assert named(estate) <= before, "the server still has it"
    ok(b, "BEGIN")
    nobody_has(b, "s", "s2")
    ok(b, "PREPARE s FROM 'SELECT ''b'''")
    assert value(b, "EXECUTE s") == "b"
    for client in (a, b):
        client.close()
    wait_until(lambda: named(estate) <= before, 10, "nothing is left")


def test_a_client_that_is_gone_before_the_answer(start_proxy, estate):
    proxy, before = start_proxy(estate.settings(backends__main__pool_size=1, backends__main__pool_timeout="20s")), named(estate)
    for _ in range(5):
        a = proxy.raw("acme_app", CLIENT_PASSWORD)
        a.start("PREPARE s FROM 'SELECT COUNT(*) FROM customers'")
        a.socket.close()
        with proxy.raw("globex_app", CLIENT_PASSWORD) as b:
            nobody_has(b)
            assert value(b, "SELECT 1") == "1"
            assert named(estate) <= before


def test_a_killed_client(start_proxy, estate):
    proxy, before = start_proxy(estate.settings(backends__main__pool_size=1, backends__main__pool_timeout="20s")), named(estate)
    a, killer = proxy.raw("acme_app", CLIENT_PASSWORD), proxy.raw("acme_app", CLIENT_PASSWORD)
    ok(a, "PREPARE s FROM 'SELECT 1'")
    ok(killer, f"KILL {a.thread_id}")
    with proxy.raw("globex_app", CLIENT_PASSWORD) as b:
        assert value(b, "SELECT COUNT(*) FROM customers") == "9"
        nobody_has(b)
        assert named(estate) <= before
    a.close()
    killer.close()


@shared_and_own
def test_the_pin_is_counted_and_ends(start_proxy, estate, tenant):
    proxy = start_proxy(estate.settings(backends__main__pool_size=1, backends__main__pool_timeout="20s"))
    placement = "shared" if tenant == "acme" else "own_database"
    a, b = proxy.raw(f"{tenant}_app", CLIENT_PASSWORD), proxy.raw("globex_app", CLIENT_PASSWORD)
    ok(a, "PREPARE s FROM 'SELECT ?'")
    ok(a, "SET @a = 1")
    ok(a, "EXECUTE s USING @a")
    ok(a, "PREPARE s FROM 'SELECT 2'")
    assert proxy.metrics().sum("fairlead_pins_total", placement=placement, reason="text_prepare") == 1
    assert proxy.metrics().sum("fairlead_pinned_connections", placement=placement) == 1
    check_that_it_waits(proxy, b, "main")
    ok(a, "DROP PREPARE s")
    assert not b.read_reply().error
    assert proxy.metrics().sum("fairlead_pinned_connections", placement=placement) == 0
    assert proxy.metrics().sum("fairlead_pins_total", placement=placement) == 1
    a.close()
    b.close()


# The catalogue changes

def test_tables_that_changed(login, estate):
    """Right, as if prepared now, or an error that says so; never another tenant's rows, never shifted columns."""
    client = login("acme")
    ok(client, "PREPARE star FROM 'SELECT * FROM part'")
    ok(client, "PREPARE named FROM 'SELECT COUNT(*) FROM customers'")
    assert ok(client, "EXECUTE star").rows == [["acme", "1", "acme part"]]
    estate.main.execute("ALTER TABLE part ADD extra int DEFAULT 3 FIRST", "shop")
    try:
        for _ in range(3):
            reply = client.query("EXECUTE star")
            assert reply.error or reply.rows == [["3", "acme", "1", "acme part"]], reply.rows
        wait_until(lambda: ok(client, "SELECT * FROM part").rows == [["3", "acme", "1", "acme part"]], 20, "it is known")
        reply = client.query("EXECUTE star")
        assert reply.error or reply.rows == [["3", "acme", "1", "acme part"]], reply.rows
        assert value(client, "EXECUTE named") == "5", "nothing of it changed"
        ok(client, "PREPARE star FROM 'SELECT * FROM part'")
        assert ok(client, "EXECUTE star").rows == [["3", "acme", "1", "acme part"]]
    finally:
        estate.main.execute("ALTER TABLE part DROP extra", "shop")
    wait_until(lambda: client.prepared_query("SELECT * FROM part").rows == [["acme", 1, "acme part"]], 20, "as before")


def test_a_table_that_became_a_view_over_everything(login, estate):
    client = login("acme")
    ok(client, "PREPARE s FROM 'SELECT note FROM part'")
    estate.main.execute("RENAME TABLE part TO part_kept; CREATE VIEW part AS SELECT tenant_id, id, name AS note FROM customers", "shop")
    try:
        def refused():
            reply = client.query("EXECUTE s")
            assert MARK not in reply.raw
            return bool(reply.error)
        wait_until(refused, 20, "the catalogue is read again")
    finally:
        estate.main.execute("DROP VIEW part; RENAME TABLE part_kept TO part", "shop")
        wait_until(lambda: client.query("SELECT note FROM part").error is None, 20, "as before")
