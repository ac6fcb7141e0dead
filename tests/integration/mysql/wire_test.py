"""The protocol as a client sees it: whatever is negotiated, the answers are those of a MySQL server."""

import os
import struct
import threading
import time

import pytest

from support import mysql_packets as wire
from support.estate import CLIENT_PASSWORD
from support.fairlead import Fairlead
from support.mysql_client import (BINLOG_DUMP, CREATE_DB, DEBUG, PING, PROCESS_INFO, QUERY, REFRESH, REGISTER_SLAVE, SET_OPTION,
                                  MysqlClient, ServerClosed)
from support.process import wait_until

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


# Large things

@pytest.fixture(scope="module")
def roomy(estate, tmp_path_factory):
    """Reads statements of any length that the server takes."""
    server = Fairlead(tmp_path_factory.mktemp("proxy"), estate.settings(proxy__max_statement_bytes="64MiB"), estate.environment)
    yield server
    server.close()


@pytest.mark.parametrize("extra", [-1, 0, 1], ids=["below", "exactly", "above"])
@pytest.mark.parametrize("capabilities", [0, wire.COMPRESS, wire.ZSTD_COMPRESSION], ids=["plain", "zlib", "zstd"])
def test_packets_of_16_mb(login, roomy, capabilities, extra):
    """Both ways, at the border where an empty packet must follow."""
    client = login("s1", to=roomy, capabilities=capabilities, timeout=60)
    size = wire.MAX_PAYLOAD - len("\x03SELECT '' AS a") + extra
    value = client.query(f"SELECT '{'x' * size}' AS a").rows[0][0]
    assert len(value) == size and set(value) == {"x"}
    row = wire.MAX_PAYLOAD - 4 + extra  # with its length in front
    assert len(client.query(f"SELECT repeat('y', {row})").rows[0][0]) == row
    assert client.query("SELECT 1").rows == [["1"]]


@pytest.mark.parametrize("size", [49, 51, 16_000, 65_000, 66_000, 300_000, 1_000_000])
@pytest.mark.parametrize("capabilities", [wire.COMPRESS, wire.ZSTD_COMPRESSION], ids=["zlib", "zstd"])
def test_compressed_statements_of_any_size(login, capabilities, size):
    for tenant in ("s1", "acme"):
        client = login(tenant, capabilities=capabilities)
        for text in ("x" * size, os.urandom(size // 2).hex()):
            assert client.query(f"SELECT length('{text}')").rows == [[str(len(text))]]


def test_several_packets_of_16_mb(login, roomy):
    client = login("s1", to=roomy, timeout=60)
    size = 2 * wire.MAX_PAYLOAD - len("\x03SELECT length('')")
    assert client.query(f"SELECT length('{'x' * size}')").rows == [[str(size)]]
    assert len(client.query(f"SELECT repeat('y', {2 * wire.MAX_PAYLOAD - 4})").rows[0][0]) == 2 * wire.MAX_PAYLOAD - 4


def test_large_parameters(login):
    """A statement that the guard reads may be short while its parameters are long."""
    client = login("acme", timeout=60)
    statement = client.prepare("SELECT length(?), ?")
    for size in (100, 70_000, 1 << 20, wire.MAX_PAYLOAD + 5):
        assert client.execute(statement, ["z" * size, 7]).rows == [[size, 7]]


def test_a_statement_beyond_the_limit_is_refused(login):
    for tenant in ("acme", "b1"):
        client = login(tenant, timeout=60)
        for size in (2 << 20, wire.MAX_PAYLOAD, wire.MAX_PAYLOAD + 100):
            reply = client.query("SELECT 1 /*" + "x" * size + "*/")
            assert reply.error and "max_statement_bytes" in reply.error["M"], reply.error
            assert client.query("SELECT 1").rows == [["1"]]


def test_a_long_statement_passes_a_silo_unread(login):
    """As docs/configuration.md says of max_statement_bytes."""
    client = login("s1", timeout=60)
    reply = client.query(f"SELECT length('{'x' * (3 << 20)}')")
    assert not reply.error, reply.error
    assert reply.rows == [[str(3 << 20)]]


def test_a_large_result_passes_in_bounded_memory(start_proxy, estate):
    proxy = start_proxy(estate.settings())
    with proxy.raw("s1_app", CLIENT_PASSWORD, timeout=120) as client:
        client.query("SELECT 1")
        before, most, stop = proxy.rss(), [0], threading.Event()

        def watch():
            while not stop.is_set():
                most[0] = max(most[0], proxy.rss())
                time.sleep(0.01)
        watcher = threading.Thread(target=watch)
        watcher.start()
        reply = client.query("SELECT repeat('x', 1000000) FROM seq_1_to_150")
        stop.set()
        watcher.join()
        assert len(reply.rows) == 150 and len(reply.rows[149][0]) == 1_000_000
        assert most[0] - before < 24 << 20, f"{(most[0] - before) >> 20} MB more"


def test_a_slow_reader_stops_only_itself(start_proxy, estate):
    proxy = start_proxy(estate.settings(proxy__workers=1))
    slow, quick = (proxy.raw("b1_app", CLIENT_PASSWORD, timeout=60) for _ in range(2))
    slow.query("SELECT 1")
    before = proxy.rss()
    slow.command(QUERY, b"SELECT repeat('x', 1000000) FROM seq_1_to_100")
    for _ in range(50):
        began = time.monotonic()
        assert quick.query("SELECT 1").rows == [["1"]]
        assert time.monotonic() - began < 1
    assert proxy.rss() - before < 24 << 20
    assert len(slow.read_reply().rows) == 100
    slow.close()
    quick.close()


# LOCAL INFILE

def test_local_infile_only_of_the_client_that_asked(login, estate):
    client = login("s1", capabilities=wire.LOCAL_FILES)
    client.files["data.csv"] = b"one\ntwo\n" * 30000
    reply = client.query("LOAD DATA LOCAL INFILE 'data.csv' INTO TABLE notes (note)")
    assert reply.affected == 60000 and client.asked_files == ["data.csv"], reply.error
    reply = client.query("LOAD DATA LOCAL INFILE 'empty.csv' INTO TABLE notes (note)")
    assert reply.affected == 0 and not reply.error
    client.query("DELETE FROM notes")


def test_local_infile_is_refused_without_the_flag_and_on_shared_tables(login, estate):
    for client in (login("s1"), login("acme", capabilities=wire.LOCAL_FILES)):
        table = "notes (note)" if client.query("SELECT 1 FROM notes LIMIT 1").error is None else "customers (name)"
        client.files["data.csv"] = b"zqfile\n"
        reply = client.query(f"LOAD DATA LOCAL INFILE 'data.csv' INTO TABLE {table}")
        assert reply.error and not client.asked_files, "a file was asked for"
        assert client.query("SELECT 1").rows == [["1"]]
    assert estate.main.scalar("SELECT count(*) FROM customers WHERE name = 'zqfile'", "shop") == 0


@pytest.mark.parametrize("tenant", ["acme", "b1", "s1"])
def test_a_file_of_the_server_is_out_of_reach(login, tenant):
    client = login(tenant)
    for sql in ("SELECT LOAD_FILE('/etc/passwd')", "LOAD DATA INFILE '/etc/passwd' INTO TABLE plans (name)",
                "SELECT 1 INTO OUTFILE '/tmp/fairlead-test-outfile'"):
        reply = client.query(sql)
        assert reply.error or reply.rows == [[None]]
        assert b"root:" not in reply.raw


# Character sets

@pytest.mark.parametrize("charset, expected", [(8, b"\xe9"), (33, "é".encode()), (45, "é".encode()), (224, "é".encode())])
@pytest.mark.parametrize("tenant", ["acme", "s1"])
def test_the_handshakes_character_set(login, tenant, charset, expected):
    client = login(tenant, charset=charset)
    reply = client.query(b"SELECT _utf8mb4 0xC3A9")
    assert expected in reply.packets[-2], reply.packets
    for _ in range(3):
        assert client.query(b"SELECT '" + expected + b"'").packets[-2] == bytes([len(expected)]) + expected


@pytest.mark.parametrize("charset", [28, 1, 13, 95, 84])
def test_character_sets_that_hide_quotes_are_refused_on_shared_tables(proxy, charset):
    """GBK, Big5, SJIS, cp932: a byte after a lead byte may look like a quote or a backslash."""
    from support.mysql_client import RefusedLogin
    try:
        client = proxy.raw("acme_app", CLIENT_PASSWORD, charset=charset)
    except RefusedLogin as refusal:
        assert refusal.fields["M"]
        return
    with client:  # or it is served with a harmless one
        found = client.query("SELECT @@character_set_client").rows
        assert found and found[0][0] in ("utf8mb4", "utf8mb3", "latin1", "ascii", "binary"), found
        reply = client.query(b"SELECT '\xbf\\' OR 1=1 -- '")
        assert reply.error or reply.rows != [["1"]]


@pytest.mark.parametrize("sql", ["SET NAMES gbk", "SET NAMES 'gbk' COLLATE gbk_bin", "SET CHARACTER SET sjis",
                                 "SET character_set_client = big5", "SET character_set_client = 28",
                                 "SET @@session.character_set_client = cp932", "SET SESSION character_set_client = 'gb2312'",
                                 "SET @x = 1, character_set_client = gbk", "SET NAMES ucs2", "SET character_set_connection = gbk",
                                 "SET STATEMENT character_set_client = gbk FOR SELECT 1"])
def test_such_character_sets_cannot_be_set(login, sql):
    client = login("acme")
    assert client.query(sql).error, "was not refused"
    assert client.query("SELECT @@character_set_client").rows[0][0] == "utf8mb4"
    assert client.query(b"SELECT '\xbf\\\\', 1").error is None


def test_set_names(login):
    client = login("acme")
    assert client.query("SET NAMES latin1").error is None
    assert client.query(b"SELECT '\xe9', _utf8mb4 0xC3A9").packets[-2] == b"\x01\xe9\x01\xe9"
    assert client.query("SET NAMES utf8mb4 COLLATE utf8mb4_bin").error is None
    assert client.query("SELECT @@collation_connection, 'é'").rows == [["utf8mb4_bin", "é"]]
    assert client.query("SET NAMES DEFAULT").error is None
    assert client.query("SELECT 'é'").rows == [["é"]]


# Lexing

def test_ansi_quotes_change_what_quotes_mean(login):
    """Under ANSI_QUOTES "name" is a column, else a text: ours and the server's view must stay one."""
    client = login("acme")
    if not client.query("SET sql_mode = 'ANSI_QUOTES'").error:
        reply = client.query('SELECT "name" FROM customers ORDER BY "id" LIMIT 1')
        assert reply.rows == [["acme name 1"]]
        assert client.query('SELECT count(*) FROM "customers"').rows == [["5"]]
        assert client.query("SET sql_mode = DEFAULT").error is None
    assert client.query('SELECT "name" FROM customers LIMIT 1').rows == [["name"]]
    assert client.query('SELECT count(*) FROM "customers"').error


@pytest.mark.parametrize("mode", ["ORACLE", "MSSQL", "NO_BACKSLASH_ESCAPES,ORACLE", "DB2"])
def test_modes_with_another_grammar_are_refused(login, mode):
    client = login("acme")
    assert client.query(f"SET sql_mode = '{mode}'").error
    assert client.query("SELECT count(*) FROM customers").rows == [["5"]]


def test_no_backslash_escapes(login):
    client = login("acme")
    if not client.query("SET sql_mode = 'NO_BACKSLASH_ESCAPES'").error:
        reply = client.query("SELECT count(*) FROM customers WHERE name <> 'x\\' OR tenant_id = 'globex'")
        assert reply.rows == [["5"]], reply.error
    reply = client.query("SET sql_mode = DEFAULT")
    assert reply.error is None
    assert client.query("SELECT count(*) FROM customers WHERE name <> 'x\\' OR tenant_id = \\'globex'").rows == [["5"]]


@pytest.mark.parametrize("sql, rows", [
    ("SELECT count(*) FROM customers /*! WHERE 1 = 1 OR tenant_id = 'globex' */", "5"),
    ("SELECT count(*) FROM customers /*!50000 WHERE id > 0 OR 1 */", "5"),
    ("SELECT count(*) FROM customers /*M! WHERE id = 1 */", "1"),
    ("SELECT count(*) FROM customers /*!100100 WHERE id = 1 */", "1"),
    ("SELECT count(*) FROM customers /*!50700 WHERE id = 1 */", "5"),  # skipped by MariaDB
    ("SELECT count(*) FROM customers /*!80000 WHERE id = 1 */", "5"),
    ("SELECT count(*) FROM customers /*!999999 WHERE id = 1 */", "5"),
    ("SELECT count(*) FROM customers -- WHERE id = 1\n", "5"),
    ("SELECT count(*) FROM customers # WHERE id = 1", "5"),
    ("SELECT count(*) FROM customers WHERE 5--1 = 6", "5"),
    ("SELECT count(*) FROM customers /*! UNION ALL SELECT count(*) FROM customers */", "5"),
])
def test_comments_that_are_code(login, sql, rows):
    """Refused, or exactly what the server makes of it for this tenant's rows."""
    reply = login("acme").query(sql)
    assert reply.error or reply.rows in ([[rows]], [[rows], [rows]]), reply.rows


# KILL

@pytest.mark.parametrize("tenant", ["acme", "b1", "s1", "s2"])
@pytest.mark.parametrize("form", ["KILL QUERY {}", "kill /* this */ query {}", "KILL SOFT QUERY {}"])
def test_kill_query_by_the_id_that_we_gave(login, tenant, form):
    busy, other = login(tenant, timeout=30), login(tenant)
    slow = "SELECT count(*) FROM " + ("orders a, orders b, orders c, orders d, orders e, orders f, orders g, orders h"
                                      if tenant == "acme" else "seq_1_to_100000 a, seq_1_to_100000 b")
    busy.command(QUERY, slow.encode())
    time.sleep(0.4)
    reply = other.query(form.format(busy.thread_id))
    assert reply.error is None, reply.error
    began = time.monotonic()
    killed = busy.read_reply()
    assert killed.errno == 1317 and time.monotonic() - began < 5, killed.error or killed.rows
    assert busy.query("SELECT 1").rows == [["1"]]


@pytest.mark.parametrize("tenant", ["acme", "b1", "s1"])
def test_kill_ends_a_connection(login, tenant):
    victim, other = login(tenant), login(tenant)
    victim.query("SELECT 1")
    assert other.query(f"KILL {victim.thread_id}").error is None
    assert wait_until(lambda: victim.is_closed(1), 10, "closed")
    assert other.query("SELECT 1").rows == [["1"]]
    again, another = login(tenant), login(tenant)
    another.simple(0x0C, struct.pack("<I", again.thread_id))
    wait_until(lambda: again.is_closed(1), 10, "closed by COM_PROCESS_KILL")


def test_kill_in_a_running_statement_ends_it(login):
    victim, other = login("b1", timeout=30), login("b1")
    victim.command(QUERY, b"SELECT count(*) FROM seq_1_to_100000 a, seq_1_to_100000 b")
    time.sleep(0.3)
    assert other.query(f"KILL CONNECTION {victim.thread_id}").error is None
    try:
        assert victim.read_reply().error
        assert victim.is_closed(5)
    except ServerClosed:
        pass


@pytest.mark.parametrize("one, another", [("acme", "globex"), ("b1", "b2"), ("b1", "acme"), ("s1", "s2"), ("s1", "b1")])
def test_kill_never_crosses_tenants(login, estate, one, another):
    victim, attacker = login(one, timeout=30), login(another)
    victim.command(QUERY, b"SELECT count(*) FROM " + (b"orders a, orders b, orders c, orders d, orders e, orders f"
                                                      if one == "acme" else b"seq_1_to_10000 a, seq_1_to_3000 b"))
    for form in ("KILL QUERY {}", "KILL {}", "KILL HARD CONNECTION {}"):
        reply = attacker.query(form.format(victim.thread_id))
        assert reply.error and reply.errno in (1094, 1095, 1235, 1045, 1227), reply.error
    reply = attacker.simple(0x0C, struct.pack("<I", victim.thread_id))
    assert reply.error
    assert not victim.read_reply().error
    # Nor by the server's own thread ids, which a client must not know.
    server = estate.silo if one.startswith("s") else estate.main
    for number, in server.execute("SELECT id FROM information_schema.processlist WHERE user = 'fairlead_app'"):
        if number not in (victim.thread_id, attacker.thread_id):
            attacker.query(f"KILL {number}")
            attacker.query(f"KILL QUERY {number}")
    assert victim.query("SELECT 1").rows == [["1"]] and attacker.query("SELECT 1").rows == [["1"]]


@pytest.mark.parametrize("sql", ["KILL USER fairlead_app", "KILL QUERY ID 5", "KILL (SELECT 1)", "KILL CONNECTION_ID() + 1",
                                 "KILL QUERY USER 'fairlead_app'@'127.0.0.1'", "KILL 99999999"])
def test_other_kills_are_refused(login, sql):
    for tenant in ("acme", "b1"):
        client, witness = login(tenant), login(tenant)
        assert client.query(sql).error
        assert witness.query("SELECT 1").rows == [["1"]]


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
