"""The test tools themselves, against plain MariaDB: what they report must be true before a proxy is judged by it."""

import pytest

from support import mysql_packets as wire
from support.chaos_gate import ChaosGate
from support.estate import APP_PASSWORD, TABLES
from support.mysql_client import MysqlClient, RefusedLogin, ServerClosed
from support.process import wait_until


def direct(estate, database="shop", port=None, **options):
    return MysqlClient.login(port or estate.reference.port, "fairlead_app", APP_PASSWORD, database, **options)


@pytest.mark.parametrize("capabilities", [0, wire.DEPRECATE_EOF, wire.COMPRESS, wire.DEPRECATE_EOF | wire.SESSION_TRACK])
def test_raw_client_reads_rows_errors_and_status(bare_estate, capabilities):
    with direct(bare_estate, capabilities=capabilities | wire.MULTI_STATEMENTS) as client:
        reply = client.query("SELECT 1 AS one, NULL AS none; SELECT 'x'")
        assert [result.rows for result in reply.results] == [[["1", None]], [["x"]]]
        assert reply.columns == [["one", "none"], ["x"]]
        assert client.query("nonsense").errno == 1064 and client.query("SELECT nothing").sqlstate == "42S22"
        assert client.query("BEGIN").in_transaction
        assert client.query("UPDATE customers SET name = 'x'").affected == 5
        assert not client.query("ROLLBACK").in_transaction
        assert client.ping().error is None
        assert [name for name, _, _ in client.field_list("plans").last.columns] == ["id", "name"]


@pytest.mark.parametrize("capabilities", [0, wire.DEPRECATE_EOF])
def test_raw_client_speaks_prepared_statements(bare_estate, capabilities):
    with direct(bare_estate, capabilities=capabilities) as client:
        statement = client.prepare("SELECT ? + 1, ?, ?")
        assert client.execute(statement, [41, "x", None]).rows == [[42, "x", None]]
        assert client.execute(statement, [1, "y", 2], types=True).rows == [[2, "y", 2]]
        numbers = client.prepare("SELECT id FROM plans ORDER BY id")
        opened = client.execute(numbers, cursor=1)
        assert opened.status & wire.CURSOR_EXISTS and not opened.rows
        first, second = (client.fetch(numbers, 2, opened.last.columns) for _ in range(2))
        assert (first.rows, second.rows) == ([[1], [2]], [[3]])
        assert second.status & wire.LAST_ROW_SENT
        length = client.prepare("SELECT length(?)")
        client.long_data(length, 0, b"x" * 10)
        client.long_data(length, 0, b"y" * 10)
        assert client.execute(length, [wire.LONG_DATA]).rows == [[20]]


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_raw_client_splits_and_joins_long_packets(bare_estate, extra):
    with direct(bare_estate, capabilities=wire.COMPRESS) as client:
        size = wire.MAX_PAYLOAD - len("\x03SELECT '' AS a") + extra
        assert len(client.query(f"SELECT '{'x' * size}' AS a").rows[0][0]) == size


def test_raw_client_changes_the_user(bare_estate):
    with direct(bare_estate) as client:
        client.query("SET @a = 1")
        client.change_user("root", "super-secret-of-the-test", "shop")
        assert client.query("SELECT CURRENT_USER(), DATABASE(), @a").rows == [["root@127.0.0.1", "shop", None]]
        with pytest.raises(RefusedLogin):
            client.change_user("root", "wrong", "shop")


def test_raw_client_notices_a_wrong_password(bare_estate):
    with pytest.raises(RefusedLogin) as refusal:
        MysqlClient.login(bare_estate.main.port, "fairlead_app", "wrong", "shop")
    assert refusal.value.sqlstate == "28000" and refusal.value.fields["N"] == 1045


def test_raw_client_says_when_the_server_hangs_up(bare_estate):
    with direct(bare_estate) as client:
        bare_estate.reference.execute(f"KILL {client.thread_id}")
        with pytest.raises(ServerClosed):
            for _ in range(3):
                client.query("SELECT 1")


def test_raw_client_hands_a_file_over(bare_estate):
    with direct(bare_estate, "tenant_b1", bare_estate.main.port, capabilities=wire.LOCAL_FILES) as client:
        client.files["data.csv"] = b"one\ntwo\n"
        reply = client.query("LOAD DATA LOCAL INFILE 'data.csv' INTO TABLE notes (note)")
        assert reply.affected == 2 and client.asked_files == ["data.csv"]
        client.query("DELETE FROM notes")


def test_the_reference_holds_only_acme(bare_estate):
    for table in TABLES:
        if table != "plans":
            assert bare_estate.reference.execute(f"SELECT DISTINCT tenant_id FROM {table}", "shop") == [("acme",)]
            assert len(bare_estate.main.execute(f"SELECT DISTINCT tenant_id FROM {table}", "shop")) == 2


def test_restore_brings_every_row_and_the_counter_back(bare_estate):
    state = "SELECT md5(group_concat(concat_ws('|', tenant_id, id, customer_id, total, note) ORDER BY tenant_id, id)) FROM orders"
    before = bare_estate.main.execute(state, "shop")
    bare_estate.main.execute("DELETE FROM orders WHERE id < 5; UPDATE orders SET note = 'x'; "
                             "INSERT INTO orders (tenant_id) VALUES ('acme')", "shop")
    assert bare_estate.main.execute(state, "shop") != before
    bare_estate.restore(bare_estate.main)
    assert bare_estate.main.execute(state, "shop") == before
    bare_estate.main.execute("INSERT INTO orders (tenant_id) VALUES ('acme')", "shop")
    assert bare_estate.main.scalar("SELECT max(id) FROM orders", "shop") == 1000
    bare_estate.restore(bare_estate.main)


def test_chaos_gate_cuts_and_stalls(bare_estate):
    with ChaosGate(bare_estate.reference.port) as gate:
        with direct(bare_estate, port=gate.port) as client:
            gate.stalled = True
            client.command(0x0E)
            assert client.nothing_comes()
            gate.stalled = False
            assert client.read_packet()[:1] == b"\0"
            gate.cut_all()
            wait_until(lambda: client.is_closed(1), 20, "cut")
