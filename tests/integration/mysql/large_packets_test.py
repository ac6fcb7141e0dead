"""Large packets, long statements and files on their way through the proxy: in bounded memory, to whom they belong."""

import os
import threading
import time

import pytest

from support import mysql_packets as wire
from support.estate import CLIENT_PASSWORD
from support.fairlead import Fairlead
from support.mysql_client import QUERY


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
