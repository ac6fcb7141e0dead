"""The protocol as a client sees it: whatever is negotiated, the answers are those of a MySQL server."""

import struct
import time

import pytest

from support import mysql_packets as wire
from support.estate import CLIENT_PASSWORD
from support.mysql_client import (BINLOG_DUMP, CREATE_DB, DEBUG, PING, PROCESS_INFO, QUERY, REFRESH, REGISTER_SLAVE,
                                  SET_OPTION, MysqlClient)

BASE = {"plain": 0, "deprecate_eof": wire.DEPRECATE_EOF, "track": wire.SESSION_TRACK | wire.DEPRECATE_EOF,
        "track_eof": wire.SESSION_TRACK, "zlib": wire.COMPRESS, "zstd": wire.ZSTD_COMPRESSION | wire.DEPRECATE_EOF}
every_kind = pytest.mark.parametrize("capabilities", BASE.values(), ids=BASE)
everywhere = pytest.mark.parametrize("tenant", ["acme", "b1", "s1", "s2"])


# Handshake

def test_handshake(proxy):
    seen = set()
    for _ in range(5):
        with MysqlClient(proxy.port) as client:
            client.read_handshake()
            assert client.handshake[0] == 10
            assert client.server_version.startswith(("10.", "11.", "5.5.5-10.")) and "MariaDB" in client.server_version
            assert client.server_plugin in ("caching_sha2_password", "mysql_native_password")
            assert b"\0" not in client.scramble and all(byte < 128 for byte in client.scramble) and len(client.scramble) == 20
            assert client.thread_id > 0 and client.server_status & wire.AUTOCOMMIT
            needed = (wire.NORMAL | wire.FOUND_ROWS | wire.MULTI_STATEMENTS | wire.CONNECT_WITH_DB | wire.DEPRECATE_EOF |
                      wire.SESSION_TRACK | wire.COMPRESS | wire.LOCAL_FILES) & ~wire.LONG_PASSWORD
            assert client.server_capabilities & needed == needed, hex(needed & ~client.server_capabilities)
            seen.add((client.thread_id, client.scramble))
    assert len(seen) == 5 and len({number for number, _ in seen}) == 5


def test_zstd_is_offered(proxy):
    with MysqlClient(proxy.port) as client:
        client.read_handshake()
        assert client.server_capabilities & wire.ZSTD_COMPRESSION


def test_tls_is_not_offered_without_a_certificate(proxy):
    with MysqlClient(proxy.port) as client:
        client.read_handshake()
        assert not client.server_capabilities & wire.SSL


def test_connection_id_agrees_with_the_handshake(login):
    for tenant in ("acme", "b1", "s1"):
        client = login(tenant)
        assert client.query("SELECT CONNECTION_ID()").rows == [[str(client.thread_id)]]


def test_the_id_of_the_server_connection(login, estate):
    """@@pseudo_thread_id is of the server connection, which only replication reads and KILL does not need: not spliced."""
    error = login("acme").query("SELECT @@pseudo_thread_id").error
    assert error and "[rule system-variable]" in error["M"], error
    for tenant, server in (("b1", estate.main), ("s1", estate.silo)):
        [[number]] = login(tenant).query("SELECT @@pseudo_thread_id").rows
        assert server.scalar("SELECT user FROM information_schema.processlist WHERE id = %s", parameters=[number]) == "fairlead_app"


# Queries

@every_kind
@everywhere
def test_text_results(login, tenant, capabilities):
    client = login(tenant, capabilities=capabilities)
    reply = client.query("SELECT 1 AS one, NULL AS none, '' AS empty, 'é' AS word")
    assert reply.rows == [["1", None, "", "é"]] and reply.columns == [["one", "none", "empty", "word"]]
    assert reply.status & wire.AUTOCOMMIT and not reply.in_transaction
    assert client.query("SELECT 1 FROM DUAL WHERE 1 = 0").rows == []
    assert client.nothing_comes(0.05)


@every_kind
@everywhere
def test_errors(login, tenant, capabilities):
    client = login(tenant, capabilities=capabilities)
    assert client.query("SELECT 1 +").errno == 1064
    assert client.query("").errno == 1065
    reply = client.query("SELECT nothing_of_that_name")
    assert (reply.errno, reply.sqlstate) == (1054, "42S22") or tenant == "acme"
    assert reply.error
    assert client.query("SELECT 1").rows == [["1"]]


@every_kind
def test_rows_and_counts_of_shared_tables(login, restored, capabilities):
    client = login("acme", capabilities=capabilities)
    assert client.query("SELECT id FROM customers ORDER BY id").rows == [[str(n)] for n in range(1, 6)]
    reply = client.query("UPDATE customers SET name = 'changed' WHERE id < 3")
    assert reply.affected == 2 and b"Rows matched: 2" in reply.last.info
    reply = client.query("INSERT INTO orders (customer_id) VALUES (1), (2)")
    assert reply.affected == 2 and reply.insert_id >= 1000


def test_found_rows_counts_matched_rows(login, restored):
    changed, found = login("acme"), login("acme", capabilities=wire.FOUND_ROWS)
    sql = "UPDATE customers SET name = 'acme name 1' WHERE id = 1"
    for _ in range(2):
        assert changed.query(sql).affected == 0
        assert found.query(sql).affected == 1


@every_kind
def test_transaction_status(login, capabilities):
    client = login("b1", capabilities=capabilities)
    assert client.query("BEGIN").in_transaction
    assert client.query("SELECT 1").in_transaction
    assert client.query("nonsense").error
    assert client.query("SELECT 1").in_transaction
    assert not client.query("COMMIT").in_transaction
    assert not client.query("SET autocommit = 0").status & wire.AUTOCOMMIT
    assert not client.query("SELECT 1").status & wire.AUTOCOMMIT
    client.query("ROLLBACK")
    assert client.query("SET autocommit = 1").status & wire.AUTOCOMMIT


def test_warnings_are_counted(login):
    client = login("b1")
    assert client.query("SELECT 1 + 'x'").warnings == 1
    assert client.query("SELECT 1").warnings == 0


# Several statements, several results

@pytest.mark.parametrize("capabilities", [wire.MULTI_STATEMENTS, wire.MULTI_STATEMENTS | wire.DEPRECATE_EOF | wire.SESSION_TRACK,
                                          wire.MULTI_STATEMENTS | wire.COMPRESS])
@everywhere
def test_several_statements_in_one_text(login, tenant, capabilities):
    client = login(tenant, capabilities=capabilities)
    reply = client.query("SELECT 1; SELECT 2; SELECT 3")
    assert [result.rows for result in reply.results] == [[["1"]], [["2"]], [["3"]]]
    reply = client.query("SELECT 1; nonsense; SELECT 3")
    assert reply.error and ["3"] not in reply.rows
    assert client.query("SELECT 4").rows == [["4"]]


def test_several_statements_only_when_asked(login):
    for tenant in ("acme", "b1", "s1"):
        client = login(tenant)
        reply = client.query("SELECT 1; SELECT 2")
        assert reply.errno == 1064 and not reply.rows
        assert client.simple(SET_OPTION, struct.pack("<H", 0)).error is None
        assert [result.rows for result in client.query("SELECT 1; SELECT 2").results] == [[["1"]], [["2"]]]
        assert client.simple(SET_OPTION, struct.pack("<H", 1)).error is None
        assert client.query("SELECT 1; SELECT 2").errno == 1064
        assert client.simple(SET_OPTION, struct.pack("<H", 7)).error
        assert client.query("SELECT 3").rows == [["3"]]


def test_several_statements_on_shared_tables_are_filtered_each(login, restored):
    client = login("acme", capabilities=wire.MULTI_STATEMENTS)
    reply = client.query("SELECT count(*) FROM customers; UPDATE orders SET note = 'x'; SELECT count(*) FROM orders WHERE note = 'x'")
    assert not reply.error, reply.error
    assert [result.rows for result in reply.results] == [[["5"]], [], [["8"]]] and reply.results[1].affected == 8


def test_a_refused_statement_in_a_text_has_no_effect(login, estate):
    client = login("acme", capabilities=wire.MULTI_STATEMENTS)
    reply = client.query("UPDATE customers SET name = 'x'; TRUNCATE customers")
    assert reply.error and len(reply.results) == 1
    assert estate.main.scalar("SELECT count(*) FROM customers WHERE name = 'x'", "shop") == 0


@every_kind
def test_call_returns_several_results(login, capabilities):
    for tenant in ("b1", "s1", "s2"):
        client = login(tenant, capabilities=capabilities)
        reply = client.query("CALL two_results()")
        assert [result.rows for result in reply.results] == [[["1"]], [[f"{tenant} first"], [f"{tenant} second"]], []], reply.error
        assert client.query("SELECT 1").rows == [["1"]]


# Commands

@everywhere
def test_small_commands(login, tenant):
    client = login(tenant)
    assert client.ping().error is None
    before = client.query("SELECT DATABASE()").rows
    assert client.reset_connection().error is None
    assert client.query("SELECT DATABASE()").rows == before
    statistics = client.statistics()
    assert "Uptime" in statistics or "fairlead" in statistics.lower()
    assert client.ping().error is None


def test_field_list(login):
    client = login("acme")
    reply = client.field_list("customers")
    if reply.error:  # refused is right for shared tables, dropped is not
        assert "fairlead" in reply.error["M"]
    else:
        assert [name for name, _, _ in reply.last.columns] == ["tenant_id", "id", "name", "email"]
    assert client.field_list("no_such_table").error
    assert [name for name, _, _ in login("s1").field_list("users").last.columns] == ["user_id", "username"]
    assert client.query("SELECT 1").rows == [["1"]]


@pytest.mark.parametrize("command, body", [
    (CREATE_DB, b"mine"), (6, b"shop"), (REFRESH, b"\x01"), (8, b"\0"), (DEBUG, b""), (PROCESS_INFO, b""), (0x0F, b""), (0x10, b""),
    (BINLOG_DUMP, b"\x04\0\0\0\0\0\x01\0\0\0"), (0x1E, b"\0" * 20), (REGISTER_SLAVE, b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    (0x13, b"\x04shop\x09customers"), (0x1D, b""), (0x00, b""), (0x14, b""), (0x21, b""), (0x55, b"x"), (0xFF, b"")],
    ids=lambda value: hex(value) if isinstance(value, int) else "")
@pytest.mark.parametrize("tenant", ["acme", "b1"])
def test_commands_that_are_not_for_tenants(login, estate, tenant, command, body):
    client = login(tenant)
    reply = client.simple(command, body)
    assert reply.error, f"command {command:#x} was not refused: {reply.raw[:60]!r}"
    assert client.query("SELECT 1").rows == [["1"]]
    assert estate.main.scalar("SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'mine'") == 0


@every_kind
def test_pipelined_commands_are_answered_in_order(login, capabilities):
    for tenant in ("acme", "b1", "s1"):
        client = login(tenant, capabilities=capabilities)
        texts = [f"SELECT {n}" if n % 5 else "SELECT nonsense" for n in range(100)]
        for text in texts:
            client.command(QUERY, text.encode())
        for n in range(100):
            reply = client.read_reply()
            assert reply.rows == [[str(n)]] if n % 5 else reply.error, (n, reply.rows, reply.error)


def test_pipeline_with_a_refusal_and_state(login):
    client = login("acme")
    texts = ["SET @a = 1", "TRUNCATE customers", "SELECT @a", "BEGIN", "SELECT count(*) FROM customers", "ROLLBACK", "SELECT 2"]
    client.send(b"".join(wire.framed(bytes([QUERY]) + text.encode()) for text in texts) + wire.framed(bytes([PING])))
    replies = [client.read_reply() for _ in texts]
    assert [bool(reply.error) for reply in replies] == [False, True, False, False, False, False, False]
    assert [reply.rows for reply in replies] == [[], [], [["1"]], [], [["5"]], [], [["2"]]]
    assert client.read_packet()[:1] == b"\0"


def test_the_sequence_numbers_start_anew(login):
    client = login("b1")
    for text in ("SELECT 1", "nonsense", "SELECT seq FROM seq_1_to_300", "SELECT 2"):
        client.command(QUERY, text.encode())
        client._fill(4)
        assert client.buffer[3] == 1
        client.read_reply()
    assert client.sequence == 6  # behind columns, definition, end, row, end


# Bytes

SOME = b"".join(wire.framed(bytes([QUERY]) + text) for text in (b"SELECT 'a', 'b'", b"nonsense", b"SELECT id FROM plans"))


@pytest.mark.parametrize("tenant", ["acme", "s1"])
def test_every_split_of_the_bytes(login, tenant):
    data = SOME if tenant == "acme" else SOME.replace(b"plans", b"notes")
    expected = None
    client = login(tenant)
    for at in range(0, len(data), 3):
        client.send(data[:at])
        time.sleep(0.001)
        client.send(data[at:])
        found = [(reply.rows, reply.columns, reply.error) for reply in (client.read_reply() for _ in range(3))]
        assert found == (expected or found)
        expected = found


def test_byte_by_byte_login(proxy):
    class Slow(MysqlClient):
        def send(self, *data):
            for byte in b"".join(data):
                self.socket.sendall(bytes([byte]))
    with Slow.login(proxy.port, "acme_app", CLIENT_PASSWORD, attributes={"_client_name": "slow"}) as client:
        assert client.query("SELECT count(*) FROM customers").rows == [["5"]]


# MariaDB's extras

def test_bulk_execute(login, restored):
    """COM_STMT_BULK_EXECUTE: several rows of parameters in one message, when the extended capability was offered."""
    with_it = login("acme", extended=wire.BULK_OPERATIONS)
    if not with_it.extended_capabilities & wire.BULK_OPERATIONS:
        with_it = None
    client = with_it or login("acme")
    statement = client.prepare("INSERT INTO order_items (order_id, sku, qty) VALUES (?, ?, ?)")
    rows = [(500 + n, f"bulk-{n}", n) for n in range(3)]
    data = struct.pack("<IH", statement.number, 128) + b"\x08\0\xfd\0\x08\0"
    for order, sku, quantity in rows:
        data += b"\0" + struct.pack("<q", order) + b"\0" + wire.lenenc_text(sku.encode()) + b"\0" + struct.pack("<q", quantity)
    reply = client.simple(0xFA, data)
    if with_it:
        assert not reply.error and reply.affected == 3, reply.error
        found = client.query("SELECT tenant_id, order_id, qty FROM order_items WHERE sku LIKE 'bulk-%' ORDER BY 2").rows
        assert found == [["acme", str(500 + n), str(n)] for n in range(3)]
    else:
        assert reply.error, "not offered, but taken"
        assert client.query("SELECT 1").rows == [["1"]]


def test_nothing_is_offered_that_is_not_handled(proxy):
    with MysqlClient(proxy.port) as client:
        client.read_handshake()
        handled = wire.BULK_OPERATIONS | wire.EXTENDED_METADATA | wire.CACHE_METADATA
        assert client.extended_capabilities & ~handled == 0, hex(client.extended_capabilities)
        assert not client.server_capabilities & (1 << 25 | 1 << 27)  # optional metadata, query attributes
