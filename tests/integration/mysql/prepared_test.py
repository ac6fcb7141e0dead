"""Binary prepared statements: an id map for each client over server connections that are anybody's."""

import struct
import time

import pymysql
import pytest

from support import mysql_packets as wire
from support.estate import CLIENT_PASSWORD
from support.mysql_client import CLOSE, EXECUTE, LAST_PREPARED, LONG_DATA, PREPARE, QUERY, ServerClosed
from support.process import wait_until

BASE = {"plain": 0, "deprecate_eof": wire.DEPRECATE_EOF, "track": wire.DEPRECATE_EOF | wire.SESSION_TRACK, "zlib": wire.COMPRESS}
every_kind = pytest.mark.parametrize("capabilities", BASE.values(), ids=BASE)
everywhere = pytest.mark.parametrize("tenant", ["acme", "b1", "s1", "s2"])
COUNT = "SELECT count(*) FROM customers WHERE id > ?"


@every_kind
@everywhere
def test_prepare_execute_close(login, tenant, capabilities):
    client = login(tenant, capabilities=capabilities)
    statement = client.prepare("SELECT ? + 1, ?, ? IS NULL")
    assert statement.parameters == 3 and len(statement.columns) == 3
    for n in range(5):
        assert client.execute(statement, [n, f"text {n}", None]).rows == [[n + 1, f"text {n}", 1]]
    assert client.reset_statement(statement).error is None
    assert client.execute(statement, [1, "x", 2]).rows == [[2, "x", 0]]
    client.close_statement(statement)
    assert client.execute(statement, [1, "x", 2]).errno == 1243
    assert client.query("SELECT 1").rows == [["1"]]


def test_types_are_remembered(login):
    """new_params_bound = 0: the types are those of the last time, on whatever connection that was."""
    client, other = login("acme"), login("globex")
    statement = client.prepare("SELECT ?, ?")
    assert client.execute(statement, [1, "a"]).rows == [[1, "a"]]
    for n in range(5):
        other.query("SELECT 1")
        assert client.execute(statement, [n, "b"], types=False).rows == [[n, "b"]]
    fresh = client.prepare("SELECT ?")
    reply = client.execute(fresh, [1], types=False)
    assert reply.error, "types were never bound"
    assert client.query("SELECT 1").rows == [["1"]]


def test_all_types(login):
    client = login("s1")
    columns = client.prepared_query(
        "SELECT CAST(1 AS SIGNED), CAST(1.5 AS DOUBLE), CAST('2020-01-02' AS DATE), CAST('2020-01-02 03:04:05.678' AS DATETIME(3)), "
        "CAST('-25:01:02' AS TIME), CAST(1.50 AS DECIMAL(5,2)), NULL, 18446744073709551615").rows
    assert columns == [[1, 1.5, "2020-01-02", "2020-01-02 03:04:05.678000", "-25:01:02", "1.50", None, 18446744073709551615]]


def test_the_reported_counts_are_the_clients(login):
    """What rewriting adds to a statement shows in no count, no name, no order."""
    client = login("acme")
    statement = client.prepare("SELECT name, id + ? AS n FROM customers WHERE email LIKE ? AND id IN (?, ?) ORDER BY id LIMIT ?")
    assert statement.parameters == 5
    assert [name for name, _, _ in statement.columns] == ["name", "n"]
    assert client.execute(statement, [10, "user%", 1, 3, 5]).rows == [["acme name 1", 11], ["acme name 3", 13]]
    insert = client.prepare("INSERT INTO customers (id, name) VALUES (?, ?)")
    assert (insert.parameters, insert.columns) == (2, [])
    star = client.prepare("SELECT * FROM customers WHERE id = ?")
    assert [name for name, _, _ in star.columns] == ["tenant_id", "id", "name", "email"]


def test_statements_on_shared_tables_are_filtered(login, restored):
    a, b = login("acme"), login("globex")
    text = "SELECT tenant_id, count(*) FROM customers WHERE id > ? GROUP BY 1"
    both = [(a, a.prepare(text), ["acme", 5]), (b, b.prepare(text), ["globex", 9])]
    for _ in range(7):
        for client, statement, expected in both:
            assert client.execute(statement, [0]).rows == [expected]
    statement = a.prepare("INSERT INTO customers (id, name) VALUES (?, ?), (?, ?)")
    assert a.execute(statement, [900, "x", 901, "y"]).affected == 2
    assert b.query("SELECT count(*) FROM customers WHERE id >= 900").rows == [["0"]]
    statement = a.prepare("UPDATE customers SET name = ? WHERE id >= ? OR 1 = ?")
    assert a.execute(statement, ["changed", 900, 0]).affected == 2
    statement = a.prepare("DELETE FROM customers WHERE id = ?")
    assert a.execute(statement, [900]).affected == 1 and a.execute(statement, [9]).affected == 0


@pytest.mark.parametrize("sql, values", [
    ("SELECT * FROM customers WHERE tenant_id = ?", ["globex"]),
    ("SELECT * FROM customers WHERE tenant_id = 'acme' OR tenant_id = ?", ["globex"]),
    ("INSERT INTO customers (tenant_id, id) VALUES (?, 950)", ["globex"]),
    ("INSERT INTO customers VALUES (?, 951, 'n', 'e')", ["globex"]),
    ("UPDATE customers SET tenant_id = ? WHERE id = 1", ["globex"]),
    ("REPLACE INTO coupons (id, code) VALUES (?, 'SECRET-G')", [70]),
    ("INSERT INTO coupons (id, code) VALUES (?, ?) ON DUPLICATE KEY UPDATE code = 'stolen'", [70, "SECRET-G"]),
])
def test_a_parameter_names_no_other_tenant(login, estate, restored, sql, values):
    client = login("acme")
    foreign = "SELECT md5(group_concat(tenant_id, id, name)) FROM customers WHERE tenant_id = 'globex'"
    before = estate.main.execute(foreign, "shop"), estate.main.execute("SELECT * FROM coupons ORDER BY id", "shop")
    reply = client.prepared_query(sql, values)
    assert reply.error or not [row for row in reply.rows if "globex" in repr(row)], reply.rows
    assert (estate.main.execute(foreign, "shop"), estate.main.execute("SELECT * FROM coupons ORDER BY id", "shop")) == before


def test_a_refusal_at_prepare(login):
    client = login("acme")
    for sql in ("TRUNCATE customers", "SELECT * FROM other_db.customers", "SELECT * FROM nowhere", "REPLACE coupons VALUES (1)"):
        statement, error = client.try_prepare(sql)
        assert error and statement is None, sql
    assert client.prepared_query("SELECT 1").rows == [[1]]


def test_a_syntax_error_at_prepare(login):
    for tenant in ("acme", "s1"):
        client = login(tenant)
        # On a silo what the guard does not read may still be good; 1295 makes drivers send it as text, and the server judges.
        assert client.try_prepare("SELECT FROM")[1]["N"] == (1295 if tenant == "s1" else 1064)
        assert client.query("SELECT FROM").errno == 1064
        assert client.try_prepare("SELECT 1; SELECT 2")[1]
        assert client.try_prepare("")[1]
        assert client.query("SELECT 1").rows == [["1"]]


@pytest.mark.shares
def test_statements_of_another_client(clients):
    """Ids are each client's own, though both are on one server connection."""
    a, b = clients("acme", "globex")
    first = a.prepare("SELECT 'a'")
    assert b.execute(first.number).error
    second = b.prepare("SELECT 'b'")
    for _ in range(3):
        assert a.execute(first).rows == [["a"]] and b.execute(second).rows == [["b"]]
    b.close_statement(first.number if first.number != second.number else second)
    assert a.execute(first).rows == [["a"]]
    third, = clients("acme")
    for number in range(1, 30):
        assert third.execute(number).error


@pytest.mark.shares
def test_the_same_text_prepared_by_several(clients):
    made = clients("acme", "globex", "acme", "b1")
    text = "SELECT count(*) FROM plans WHERE id > ?"
    statements = [client.prepare(text) if tenant != "b1" else client.prepare("SELECT 2 + 0 * ?")
                  for client, tenant in zip(made, ("acme", "globex", "acme", "b1"))]
    for n in range(5):
        for client, statement, expected in zip(made, statements, (3, 3, 3, 2)):
            assert client.execute(statement, [0]).rows == [[expected]]
    made[0].close_statement(statements[0])
    assert made[2].execute(statements[2], [1]).rows == [[2]]


def kept(estate) -> int:
    """How many prepared statements the server holds, for whichever proxy."""
    return int(estate.main.execute("SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'")[0][1])


def test_more_statements_than_the_server_keeps(start_proxy, estate):
    before = kept(estate)
    proxy = start_proxy(estate.settings(backends__main__pool_size=1, backends__main__max_server_prepared_statements=10))
    # Not a tenant with a database of its own: behind its reads the connection is reset here, since functions are stored.
    a, b = proxy.raw("acme_app", CLIENT_PASSWORD), proxy.raw("globex_app", CLIENT_PASSWORD)
    statements = [(a.prepare(f"SELECT {n} + ?"), n) for n in range(40)]
    other = [(b.prepare(f"SELECT {n} * ?"), n) for n in range(40)]
    for _ in range(3):
        for (one, n), (two, m) in zip(statements, other):
            assert a.execute(one, [1]).rows == [[n + 1]] and b.execute(two, [2]).rows == [[m * 2]]
    assert 5 < kept(estate) - before <= 12
    a.close()
    b.close()


def executed(estate) -> int:
    """COM_STMT_EXECUTE that the server took, those of unknown statements too."""
    return int(estate.main.execute("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0][1])


@pytest.mark.parametrize("tenants", [("acme", "globex"), ("b1", "b2")], ids=["shared", "bridge"])
def test_an_execution_goes_along_with_its_preparation(start_proxy, estate, tenants):
    """Under the id that the server is about to give. The guess is right, behind resets too: nothing is executed twice."""
    proxy = start_proxy(estate.settings(backends__main__pool_size=1, backends__main__max_server_prepared_statements=4))
    clients = [proxy.raw(f"{tenant}_app", CLIENT_PASSWORD) for tenant in tenants]
    made = [(client, [client.prepare(f"SELECT {n} + ? + {which}") for n in range(8)], which) for which, client in enumerate(clients)]
    before = executed(estate)
    for turn in range(4):
        for client, statements, which in made:
            for n, statement in enumerate(statements):
                assert client.execute(statement, [turn], types=turn == 0).rows == [[n + turn + which]]
    assert executed(estate) - before == 4 * 8 * 2
    for client in clients:
        client.close()


def test_where_the_server_takes_no_more_statements_none_is_executed(start_proxy, estate):
    """A preparation fails, and the execution behind it must not run what was prepared before it: another tenant's."""
    proxy = start_proxy(estate.settings(backends__main__pool_size=1, backends__main__max_server_prepared_statements=1))
    sql = "SELECT tenant_id FROM customers WHERE id > ? LIMIT 1"
    with proxy.raw("acme_app", CLIENT_PASSWORD) as a, proxy.raw("globex_app", CLIENT_PASSWORD) as b:
        both = [(a, a.prepare(sql), "acme"), (b, b.prepare(sql), "globex")]
        for client, statement, expected in both * 2:
            assert client.execute(statement, [0]).rows == [[expected]]
        most = estate.main.execute("SELECT @@global.max_prepared_stmt_count")[0][0]
        estate.main.execute("SET GLOBAL max_prepared_stmt_count = 0")
        try:
            for _ in range(2):
                reply = a.execute(both[0][1], [0])
                assert reply.errno == 1461, reply.rows
        finally:
            estate.main.execute(f"SET GLOBAL max_prepared_stmt_count = {most}")
        for client, statement, expected in both:
            assert client.execute(statement, [0]).rows == [[expected]]


def test_ids_that_are_not_as_expected(start_proxy, estate):
    """A preparation that fails uses up an id, and so does EXECUTE IMMEDIATE; a PREPARE as text keeps one."""
    proxy = start_proxy(estate.settings(backends__main__pool_size=1, backends__main__max_server_prepared_statements=2))
    with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
        statements = [client.prepare(f"SELECT {n} + ?") for n in range(6)]
        for turn in range(3):
            assert client.try_prepare("SELECT * FROM there_is_none")[1]["N"] == 1146
            for n, statement in enumerate(statements):
                assert client.execute(statement, [turn]).rows == [[n + turn]]
            client.query("BEGIN")
            assert client.query("PREPARE text_made FROM 'SELECT 77'").error is None
            for n, statement in enumerate(statements):
                assert client.execute(statement, [turn]).rows == [[n + turn]]
            assert client.query("EXECUTE text_made").rows == [["77"]]
            client.query("DEALLOCATE PREPARE text_made")
            client.query("COMMIT")


def test_closed_statements_leave_the_server(start_proxy, estate):
    before = kept(estate)
    proxy = start_proxy(estate.settings(backends__main__pool_size=1, backends__main__max_server_prepared_statements=20))
    with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
        for n in range(300):
            statement = client.prepare(f"SELECT {n}")
            assert client.execute(statement).rows == [[n]]
            client.close_statement(statement)
        client.query("SELECT 1")
        assert kept(estate) - before <= 22
    proxy.stop()
    wait_until(lambda: kept(estate) == before, 20, "closed")


def test_a_table_that_changes_between_prepare_and_execute(login):
    client = login("b1")
    client.query("CREATE TABLE changing (i int)")
    try:
        client.query("INSERT INTO changing VALUES (1)")
        statement = client.prepare("SELECT * FROM changing")
        assert client.execute(statement).rows == [[1]]
        client.query("ALTER TABLE changing ADD j int DEFAULT 5")
        reply = client.execute(statement)
        assert reply.rows == [[1, 5]] and [n for n, _, _ in reply.last.columns] == ["i", "j"]
        client.query("DROP TABLE changing")
        assert client.execute(statement).errno == 1146
    finally:
        client.query("DROP TABLE IF EXISTS changing")


def test_the_schema_of_shared_tables_changes(login, estate):
    """A prepared INSERT without column list, a star: after the catalogue changed they are right or refused, never shifted."""
    client = login("acme")
    insert, error = client.try_prepare("INSERT INTO plans VALUES (?, ?)")
    star = client.prepare("SELECT * FROM part")
    assert client.execute(star).rows == [["acme", 1, "acme part"]]
    estate.main.execute("ALTER TABLE part ADD extra int DEFAULT 3 FIRST", "shop")
    try:
        reply = client.execute(star)
        assert reply.error or reply.rows == [[3, "acme", 1, "acme part"]], reply.rows
    finally:
        estate.main.execute("ALTER TABLE part DROP extra", "shop")
    assert insert is None or error is None
    wait_until(lambda: client.prepared_query("SELECT * FROM part").rows == [["acme", 1, "acme part"]], 20, "as before")


# Long data

@everywhere
def test_long_data(login, tenant):
    client = login(tenant)
    statement = client.prepare("SELECT length(?), ?, right(?, 1)")
    for _ in range(3):
        for piece in (b"a" * 100, b"b" * 70000, b"", b"c"):
            client.long_data(statement, 0, piece)
        client.long_data(statement, 2, b"xyz")
        assert client.execute(statement, [wire.LONG_DATA, 5, wire.LONG_DATA]).rows == [[70101, 5, "z"]]
    client.long_data(statement, 0, b"thrown away")
    assert client.reset_statement(statement).error is None
    client.long_data(statement, 0, b"kept")
    assert client.execute(statement, [wire.LONG_DATA, 1, "q"]).rows == [[4, 1, "q"]]


def test_long_data_for_nothing(login):
    """No answer to it, ever; the error comes with the execute."""
    client = login("b1")
    client.command(LONG_DATA, struct.pack("<IH", 4242, 0) + b"x")
    assert client.nothing_comes()
    assert client.query("SELECT 1").rows == [["1"]]
    statement = client.prepare("SELECT length(?)")
    client.long_data(statement, 7, b"no such parameter")
    assert client.nothing_comes()
    client.execute(statement, [wire.LONG_DATA])
    assert client.reset_statement(statement).error is None
    reply = client.execute(statement, ["abc"])
    assert reply.rows == [[3]], reply.error


def test_long_data_beyond_16_mb_and_beyond_the_limit(login):
    client = login("s1", timeout=60)
    statement = client.prepare("SELECT length(?)")
    for _ in range(20):
        client.long_data(statement, 0, b"x" * (1 << 20))
    assert client.execute(statement, [wire.LONG_DATA]).rows == [[20 << 20]]
    for _ in range(70):
        client.long_data(statement, 0, b"x" * (1 << 20))
    reply = client.execute(statement, [wire.LONG_DATA])  # max_allowed_packet of the server is 64 MB
    assert reply.error or reply.rows == [[None]], reply.rows
    client.close_statement(statement)
    assert client.query("SELECT 1").rows == [["1"]]


def test_long_data_of_two_clients(clients):
    a, b = clients("b1", "b1")
    one, two = a.prepare("SELECT ?"), b.prepare("SELECT ?")
    a.long_data(one, 0, b"of a")
    b.long_data(two, 0, b"of b")
    assert b.execute(two, [wire.LONG_DATA]).rows == [["of b"]]
    assert a.execute(one, [wire.LONG_DATA]).rows == [["of a"]]


# Cursors

@every_kind
@pytest.mark.parametrize("tenant", ["acme", "b1", "s1"])
def test_cursors(login, tenant, capabilities):
    client = login(tenant, capabilities=capabilities)
    other = login(tenant)
    sql = "SELECT id FROM orders ORDER BY id" if tenant == "acme" else "SELECT seq FROM seq_1_to_8"
    statement = client.prepare(sql)
    opened = client.execute(statement, cursor=1)
    assert opened.status & wire.CURSOR_EXISTS and not opened.rows
    seen = []
    while True:
        part = client.fetch(statement, 3, opened.last.columns)
        seen += part.rows
        assert other.query("SELECT 1").rows == [["1"]]
        if part.status & wire.LAST_ROW_SENT:
            break
        assert len(part.rows) == 3
    assert seen == [[n] for n in range(1, 9)]
    assert client.fetch(statement, 3, opened.last.columns).error
    assert client.query("SELECT 1").rows == [["1"]]


def test_a_cursor_that_is_left_open(clients):
    """It ends with a reset, a close, another execute, or the client; its connection goes back."""
    a, b = clients("b1", "b2")
    statement = a.prepare("SELECT seq FROM seq_1_to_100")
    for end in (lambda: a.reset_statement(statement), lambda: a.execute(statement), lambda: a.reset_connection()):
        opened = a.execute(statement, cursor=1)
        assert len(a.fetch(statement, 2, opened.last.columns).rows) == 2
        end()
        assert b.query("SELECT 1").rows == [["1"]]
        statement = a.prepare("SELECT seq FROM seq_1_to_100")
    opened = a.execute(statement, cursor=1)
    a.close_statement(statement)
    assert a.fetch(statement, 1, opened.last.columns).error
    assert b.query("SELECT 1").rows == [["1"]]


def test_two_cursors_at_once(login):
    client = login("s1")
    statements = [client.prepare(f"SELECT seq * {n} FROM seq_1_to_6") for n in (1, 10)]
    opened = [client.execute(statement, cursor=1) for statement in statements]
    for step in (1, 3, 5):
        for statement, reply, n in zip(statements, opened, (1, 10)):
            assert client.fetch(statement, 2, reply.last.columns).rows == [[step * n], [(step + 1) * n]]
    client.close_statement(statements[0])
    client.close_statement(statements[1])


def test_unbuffered_cursor_of_a_driver(proxy):
    connection = pymysql.connect(**proxy.dsn("b1_app", CLIENT_PASSWORD), cursorclass=pymysql.cursors.SSCursor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, repeat('x', 1000) FROM seq_1_to_20000")
        assert [row[0] for row in cursor] == list(range(1, 20001))
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM seq_1_to_20000")
        assert cursor.fetchone() == (1,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'next'")
        assert cursor.fetchone() == ("next",)
    connection.close()


# Pipelines

@pytest.mark.parametrize("tenant", ["acme", "b1", "s1"])
def test_pipelined_prepare_execute_close(login, tenant):
    """MariaDB's drivers send prepare and execute together: id 0xFFFFFFFF is the statement prepared last."""
    client = login(tenant)
    for n in range(20):
        client.send(wire.framed(bytes([PREPARE]) + b"SELECT ? + %d" % n) +
                    wire.framed(bytes([EXECUTE]) + struct.pack("<IBI", LAST_PREPARED, 0, 1) + wire.parameters([1])) +
                    wire.framed(bytes([CLOSE]) + struct.pack("<I", LAST_PREPARED)) + wire.framed(bytes([QUERY]) + b"SELECT 'after'"))
        statement, error = client.read_prepared()
        assert not error, error
        assert client.read_reply(binary=True).rows == [[n + 1]]
        assert client.read_reply().rows == [["after"]]


def test_a_failed_prepare_in_a_pipeline(login):
    client = login("b1")
    client.send(wire.framed(bytes([PREPARE]) + b"nonsense") +
                wire.framed(bytes([EXECUTE]) + struct.pack("<IBI", LAST_PREPARED, 0, 1)) + wire.framed(bytes([QUERY]) + b"SELECT 3"))
    assert client.read_prepared()[1]["N"] == 1064
    assert client.read_reply().error
    assert client.read_reply().rows == [["3"]]


def test_many_executes_in_one_write(login):
    client = login("acme")
    statement = client.prepare(COUNT)
    one = wire.framed(bytes([EXECUTE]) + struct.pack("<IBI", statement.number, 0, 1) + wire.parameters([2]))
    client.send(one * 200)
    for _ in range(200):
        assert client.read_reply(binary=True).rows == [[3]]


# Limits

def test_too_many_prepared_statements_are_refused(start_proxy, estate):
    proxy = start_proxy(estate.settings(proxy={"max_prepared_statements": 10}))
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        answers = [client.try_prepare(f"SELECT {n}") for n in range(15)]
        assert [error is None for _, error in answers] == [True] * 10 + [False] * 5
        assert all(error["N"] == 1461 for _, error in answers[10:]), answers[10]
        assert client.execute(answers[3][0]).rows == [[3]]
        client.close_statement(answers[4][0])
        assert client.try_prepare("SELECT 'again'")[1] is None


@pytest.mark.parametrize("body", [b"", b"\x01", struct.pack("<IBI", 77, 0, 1), struct.pack("<IBI", 1, 0, 1),
                                  struct.pack("<IBI", 1, 9, 1) + b"\0", struct.pack("<IBI", 1, 0, 7) + b"\xff" * 20,
                                  struct.pack("<IBI", 1, 0, 1) + b"\0\x01\xfd\0\xfe\xff\xff\xff\xff\xff\xff\xff\xff",
                                  struct.pack("<IBI", 1, 0, 1) + b"\0\x01\xfd\0\xfd\xff\xff", struct.pack("<IBI", 1, 0, 1) + b"\0\x01\x99\x99x"],
                         ids=lambda body: body.hex()[:20])
@pytest.mark.parametrize("tenant", ["acme", "s1"])
def test_executes_that_make_no_sense(login, tenant, body):
    client, witness = login(tenant), login(tenant)
    statement = client.prepare("SELECT ?")
    body = body.replace(struct.pack("<I", 1), struct.pack("<I", statement.number), 1) if len(body) > 8 else body
    client.command(EXECUTE, body)
    try:
        client.read_reply(binary=True)  # an error, or what the server makes of it
        assert client.query("SELECT 1").rows == [["1"]]
    except (ServerClosed, ConnectionError):
        pass  # closed for a broken message is as good
    assert witness.query("SELECT 1").rows == [["1"]]


def test_prepared_statements_survive_a_restart_of_the_server(start_proxy, estate):
    proxy = start_proxy(estate.settings())
    with proxy.raw("s1_app", CLIENT_PASSWORD) as client:
        statement = client.prepare("SELECT ? + 5")
        assert client.execute(statement, [1]).rows == [[6]]
        estate.silo.restart()
        wait_until(lambda: not client.query("SELECT 1").error, 20, "healed")
        assert client.execute(statement, [2]).rows == [[7]]
        time.sleep(0.1)
        assert client.execute(statement, [3], types=False).rows == [[8]]
