"""Clients that send what they should not: each is closed with a word where there is one to say, and nobody else notices."""

import os
import random
import resource
import socket
import struct
import time
import zlib

import pytest

from support import mysql_packets as wire
from support.estate import CLIENT_PASSWORD
from support.mysql_client import QUERY, MysqlClient, RefusedLogin, ServerClosed
from support.process import wait_until


@pytest.fixture
def witness(proxy, login):
    """A client that is served before, between and after."""
    client = login("b1")
    yield client
    assert client.query("SELECT 'still here'").rows == [["still here"]]
    assert proxy.process.poll() is None


def drain(s, seconds=5.0) -> bytes:
    """What comes until the peer closes; fails when it stays open."""
    s.settimeout(seconds)
    answer = b""
    try:
        while chunk := s.recv(1 << 16):
            answer += chunk
    except TimeoutError:
        raise AssertionError(f"stays open, after {answer[-60:]!r}") from None
    except OSError:
        pass
    return answer


HEAD = struct.pack("<IIB", wire.NORMAL | wire.CONNECT_WITH_DB, 1 << 30, 45) + b"\0" * 23
RESPONSES = {
    "empty": b"", "one": b"\0", "short": HEAD[:20], "head": HEAD, "no end of name": HEAD + b"acme_app",
    "auth longer than packet": HEAD + b"acme_app\0\xfc\xff\xff", "auth of 2^64": HEAD + b"acme_app\0\xfe" + b"\xff" * 8,
    "null auth": HEAD + b"acme_app\0\xfb", "no database": HEAD + b"acme_app\0\0", "no end of database": HEAD + b"acme_app\0\0shop",
    "no end of plugin": HEAD + b"acme_app\0\0shop\0caching_sha2",
    "attributes longer": HEAD + b"acme_app\0\0shop\0mysql_native_password\0\xfe" + b"\xff" * 8,
    "attribute longer": HEAD + b"acme_app\0\0shop\0mysql_native_password\0\x05\xfc\xff\xffab",
    "attributes cut": HEAD + b"acme_app\0\0shop\0mysql_native_password\0\xfc\x00\x10abc",
    "endless name": HEAD + b"x" * 100_000, "name": HEAD + b"x" * 5000 + b"\0\0shop\0mysql_native_password\0\0",
    "plugin": HEAD + b"acme_app\0\0shop\0" + b"p" * 5000 + b"\0\0", "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "many attributes": HEAD + b"acme_app\0\0shop\0mysql_native_password\0" + wire.lenenc_text(b"\1a\1b" * 60000),
    "old": b"\x85\xa6\0\0\0acme_app\0xxxxxxxx", "other charset": HEAD[:8] + b"\xfe" + HEAD[9:] + b"acme_app\0\0shop\0\0",
}


@pytest.mark.parametrize("payload", RESPONSES.values(), ids=RESPONSES)
def test_bad_handshake_responses(proxy, witness, payload):
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as s:
        s.recv(1 << 12)
        try:
            s.sendall(wire.framed(payload, 1))
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # closed already
        answer = drain(s)
    assert answer == b"" or answer[4:5] in (b"\xff", b"\xfe", b"\x01"), answer[:50]


@pytest.mark.parametrize("data", [b"\0\0\0\0", b"\xff\xff\xff\1" + b"x" * 1000, b"\x10\0\0\1abc", b"\5\0\0\x07abcde", b"\0", b"\xff" * 8,
                                  b"\0\0\0\1" * 1000, b"!" * 1000, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 32],
                         ids=lambda data: data[:10].hex())
def test_bad_packets_before_login(proxy, witness, data):
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as s:
        s.recv(1 << 12)
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        assert drain(s)[4:5] != b"\0", "logged in"


def logged_in(proxy, tenant="acme", **options):
    return proxy.raw(f"{tenant}_app", CLIENT_PASSWORD, **options)


@pytest.mark.parametrize("tenant", ["acme", "b1", "s1"])
@pytest.mark.parametrize("data", [
    b"\0\0\0\0", b"\1\0\0\0", b"\1\0\0\5\x0e", b"\5\0\0\x09\x03abcd", b"\xff\xff\xff\0\x03" + b"x" * 100, b"\2\0\0\0\x16\0",
    b"\1\0\0\0\x17", b"\5\0\0\0\x17\1\0\0\0", b"\1\0\0\0\x18", b"\3\0\0\0\x18\1\0", b"\1\0\0\0\x19", b"\1\0\0\0\x1a", b"\1\0\0\0\x1c",
    b"\5\0\0\0\x1c\1\0\0\0", b"\1\0\0\0\x1b", b"\2\0\0\0\x1b\7", b"\1\0\0\0\x11", b"\5\0\0\0\x11acme", b"\x0a\0\0\0\x11acme_app\0",
    wire.framed(b"\x11acme_app\0\xff" + b"x" * 10), b"\1\0\0\0\x02", b"\1\0\0\0\x04", b"\2\0\0\0\x04x", b"\1\0\0\0\x0c", b"\1\0\0\0\xfa",
    wire.framed(b"\xfa" + b"\xff" * 6), wire.framed(b"\x02" + b"d" * 70000), wire.framed(b"\x04" + b"t" * 70000 + b"\0"),
    wire.framed(b"\x03" + b"\0" * 100), wire.framed(b"\x16" + b"\xff" * 100), b"!" * 1000, b"\0\0\0\xff" * 50,
], ids=lambda data: data[:10].hex())
def test_bad_commands(proxy, witness, data, tenant):
    """An error and then closed, or an error and the session goes on; never a hang, never somebody else's trouble."""
    with logged_in(proxy, tenant) as client:
        client.socket.sendall(data + wire.framed(bytes([QUERY]) + b"SELECT 'after'"))
        try:
            client.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        drain(client.socket)


def test_text_that_is_no_text(login):
    client = login("acme")
    for sql in (b"SELECT '\xff\xfe'", b"SELECT '\xc0\x80'", b"\xef\xbb\xbfSELECT 1", b"SELECT \x01", b"\x80", b"SELECT 1\0; SELECT 2",
                b"SELECT `\xff`", b"SELECT 1 /*", b"SELECT '", b"SELECT \"", b"SELECT `", b"SELECT 1 --", b"/*!", b"/*!99", b"\\", b"@", b"@@"):
        client.query(sql)
    assert client.query("SELECT 1").rows == [["1"]]


@pytest.mark.parametrize("seed", range(8))
def test_random_bytes_before_login(proxy, witness, seed):
    chance = random.Random(seed)
    for _ in range(40):
        data = chance.randbytes(chance.randrange(1, 300))
        if chance.random() < 0.7:
            data = wire.framed(HEAD + data if chance.random() < 0.5 else data, 1)
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as s:
            try:
                s.recv(1 << 12)
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
                drain(s)
            except OSError as problem:
                assert not isinstance(problem, TimeoutError), data.hex()


@pytest.mark.parametrize("seed", range(8))
def test_random_commands_after_login(proxy, witness, seed):
    chance = random.Random(seed)
    for _ in range(25):
        tenant = chance.choice(["acme", "b1", "s1", "s2"])
        with logged_in(proxy, tenant, capabilities=chance.choice([0, wire.DEPRECATE_EOF, wire.MULTI_STATEMENTS])) as client:
            pieces = []
            for _ in range(chance.randrange(1, 12)):
                body = chance.choice([chance.randbytes(chance.randrange(60)), b"SELECT 1", b"BEGIN", b"SELECT ?", struct.pack("<IBI", 1, 0, 1)])
                command = chance.choice([2, 3, 3, 4, 9, 0x0C, 0x0E, 0x16, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1F, chance.randrange(256)])
                if command in (0x11, 0x08):  # its login would wait for an answer
                    continue
                pieces.append(wire.framed(bytes([command]) + body))
            try:
                client.socket.sendall(b"".join(pieces))
                client.socket.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            drain(client.socket)


# Compression

@pytest.mark.parametrize("method, flag", [(wire.Zlib, wire.COMPRESS), (wire.Zstd, wire.ZSTD_COMPRESSION)], ids=["zlib", "zstd"])
def test_compressed_packets_that_lie(proxy, witness, method, flag):
    def attack(data):
        with logged_in(proxy, "acme", capabilities=flag) as client:
            client.socket.sendall(data)
            client.socket.shutdown(socket.SHUT_WR)
            drain(client.socket, 10)
    honest = wire.framed(bytes([QUERY]) + b"SELECT 1 /*" + b"x" * 200 + b"*/")
    packed = method()
    for claim in (1, len(honest) - 1, len(honest) + 1, 0xFFFFFF):
        attack(wire.compressed(honest, packed, claim=claim))
    whole = wire.compressed(honest, packed)
    attack(whole[:-5] + b"\xff" * 5)
    attack(whole[:7] + os.urandom(len(whole) - 7))
    attack(b"\0\0\0\0\x10\0\0")
    attack(b"\x05\0\0\0\0\0\0\xff\xff\xff\0x")
    attack(wire.compressed(b"", packed, claim=0) * 200)
    attack(whole[:3] + b"\x33" + whole[4:])


@pytest.mark.parametrize("method, flag", [(wire.Zlib, wire.COMPRESS), (wire.Zstd, wire.ZSTD_COMPRESSION)], ids=["zlib", "zstd"])
def test_compressed_bombs_are_bounded(start_proxy, estate, method, flag):
    """16 MB of nothing in 16 KB, again and again, as one statement that never ends."""
    proxy = start_proxy(estate.settings())
    packed = method()
    with logged_in(proxy, "b1") as witness:
        witness.query("SELECT 1")
        before = proxy.rss()
        bomb = wire.compressed(b"\xff\xff\xff\0\x03" + b" " * (wire.MAX_PAYLOAD - 5), packed)
        assert len(bomb) < 50_000
        attackers = [logged_in(proxy, tenant, capabilities=flag) for tenant in ("acme", "b2", "globex") for _ in range(4)]
        for _ in range(4):
            for attacker in attackers:
                try:
                    attacker.socket.settimeout(2)
                    attacker.socket.sendall(bomb)
                except OSError:
                    pass
            assert witness.query("SELECT 1").rows == [["1"]]
            assert proxy.rss() - before < 150 << 20, f"{(proxy.rss() - before) >> 20} MB"
        for attacker in attackers:
            attacker.close()
        wait_until(lambda: proxy.metrics().sum("fairlead_client_connections") == 1, 20, "they are gone")
        assert witness.query("SELECT 1").rows == [["1"]]


def test_a_bomb_before_login(start_proxy, estate):
    """The compressed layer begins behind the login: until then its bytes are only a broken packet."""
    proxy = start_proxy(estate.settings())
    before = proxy.rss()
    client = MysqlClient(proxy.port)
    client.read_handshake()
    client.socket.sendall(b"\xff\xff\xff\1" + zlib.compress(b"\0" * (1 << 24)))
    time.sleep(0.2)
    assert proxy.rss() - before < 24 << 20
    client.close()


# Half packets, floods

def test_half_packets_time_out(start_proxy, estate):
    """A login that does not go on is ended; of one who is logged in, half a packet costs nobody else anything."""
    proxy = start_proxy(estate.settings(proxy={"login_timeout": "1s"}))
    began = time.monotonic()
    silent, drip, half = (MysqlClient(proxy.port) for _ in range(3))
    for client in (silent, drip, half):
        client.read_handshake()
    half.socket.sendall(wire.framed(HEAD + b"acme_app\0\0shop\0", 1)[:20])
    for byte in wire.framed(HEAD + b"acme_app\0", 1)[:12]:
        time.sleep(0.15)
        try:
            drip.socket.sendall(bytes([byte]))
        except OSError:
            break
    assert drip.is_closed(8), "a slow login goes on for ever"
    assert silent.is_closed(8) and half.is_closed(8)
    assert time.monotonic() - began < 15
    with logged_in(proxy, "b1") as stuck, logged_in(proxy, "b1") as other:
        stuck.socket.sendall(b"\x50\0\0\0\x03SELECT")
        for _ in range(20):
            assert other.query("SELECT 1").rows == [["1"]]
        assert proxy.metrics().sum("fairlead_server_connections", backend="main", state="lent") == 0


def test_half_a_packet_in_a_transaction_holds_only_its_own_link(start_proxy, estate):
    proxy = start_proxy(estate.settings(backends__main__pool_size=2))
    with logged_in(proxy, "b1") as stuck, logged_in(proxy, "b2") as other:
        stuck.query("BEGIN")
        stuck.query("SELECT 1 FROM users")
        stuck.socket.sendall(b"\x50\0\0\0\x03SELECT")
        for _ in range(10):
            assert other.query("SELECT 1").rows == [["1"]]
        stuck.close()
        wait_until(lambda: proxy.metrics().sum("fairlead_server_connections", backend="main", state="lent") == 0, 20, "given back")


def test_no_server_connection_is_lost_to_bad_clients(start_proxy, estate):
    proxy = start_proxy(estate.settings())
    for n in range(60):
        with logged_in(proxy, "b2") as client:
            client.socket.sendall(wire.framed(b"\x03SELECT 1") + wire.framed(b"\x16SELECT ?") + os.urandom(50 if n % 2 else 3))
    wait_until(lambda: proxy.metrics().sum("fairlead_server_connections", backend="main", state="lent") == 0, 20, "all given back")
    wait_until(lambda: estate.main.backends(where="command <> 'Sleep'") == 0, 20, "nothing runs")


@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20000), hard))
    yield min(hard, 20000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.long
def test_thousands_of_half_open_logins(start_proxy, estate, many_files):
    proxy = start_proxy(estate.settings(proxy={"workers": 2, "login_timeout": "8s"}))
    count = min(10000, many_files - 500)
    with logged_in(proxy, "b1") as client:
        client.query("SELECT 1")
        before, half_open = proxy.rss(), []
        for n in range(count):
            s = socket.create_connection(("127.0.0.1", proxy.port), timeout=10)
            s.sendall([b"", b"\0", wire.framed(HEAD + b"acme_app\0\0shop\0mysql_native_password\0\0", 1), b"\xff\xff\xff\1"][n % 4])
            half_open.append(s)
            if n % 500 == 0:
                assert client.query("SELECT 1").rows == [["1"]]
                with logged_in(proxy, "b1") as late:
                    assert late.query("SELECT 2").rows == [["2"]]
        assert proxy.rss() - before < count * 16 * 1024, f"{(proxy.rss() - before) / count:.0f} bytes each"
        logging_in = proxy.metrics().sum("fairlead_client_connections", state="login")
        assert 1 < logging_in <= 5010, "max_startup_connections, and a few that are on their way"
        wait_until(lambda: proxy.metrics().sum("fairlead_client_connections", state="login") == 0, 20, "login timeout")
        assert client.query("SELECT 3").rows == [["3"]]
    for s in half_open:
        s.close()


def test_a_limit_of_clients(start_proxy, estate):
    proxy = start_proxy(estate.settings(proxy={"max_client_connections": 3}))
    clients = [logged_in(proxy, "b1") for _ in range(3)]
    with pytest.raises((RefusedLogin, ServerClosed, ConnectionError)) as refusal:
        logged_in(proxy, "b1")
    if isinstance(refusal.value, RefusedLogin):
        assert refusal.value.fields["N"] == 1040
    for client in clients:
        assert client.query("SELECT 1").rows == [["1"]]
        client.close()


def test_a_flood_of_new_shapes_is_bounded(start_proxy, estate):
    proxy = start_proxy(estate.settings(proxy={"guard_cache_bytes": "1MiB", "workers": 1}))
    with logged_in(proxy, "acme") as flood, logged_in(proxy, "globex") as other:
        flood.query("SELECT 1")
        before = proxy.rss()
        for n in range(3000):
            assert not flood.query("SELECT " + " + ".join(f"{n} AS c{n}_{k}, 1" for k in range(n % 7 + 1)) + f" AS t{n}").error
        assert other.query("SELECT count(*) FROM customers").rows == [["9"]]
        assert proxy.rss() - before < 24 << 20
        assert proxy.metrics().sum("fairlead_verdict_cache_bytes") <= 1 << 20


def test_a_pipeline_without_end_is_bounded(start_proxy, estate):
    """Commands far ahead of their answers, from a client that does not read: its socket fills, not our memory."""
    proxy = start_proxy(estate.settings())
    with logged_in(proxy, "b1") as witness, logged_in(proxy, "b2") as client:
        witness.query("SELECT 1")
        before = proxy.rss()
        one = wire.framed(bytes([QUERY]) + b"SELECT repeat('x', 10000)") * 100
        client.socket.settimeout(1)
        sent = 0
        try:
            for _ in range(2000):
                client.socket.sendall(one)
                sent += len(one)
        except OSError:
            pass
        assert witness.query("SELECT 1").rows == [["1"]]
        assert proxy.rss() - before < 32 << 20, f"{(proxy.rss() - before) >> 20} MB for {sent} bytes"
