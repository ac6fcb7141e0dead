"""Clients that send what they should not: each is closed with a word where there is one to say, and nobody else notices."""

import os
import random
import resource
import socket
import struct
import time

import pytest

from support.estate import CLIENT_PASSWORD
from support.process import wait_until
from support.raw_client import PROTOCOL_3_0, SSL_REQUEST, RawClient, bind, cstring, execute, frame, parse, query, startup


@pytest.fixture
def witness(proxy, login):
    """A client that is served before, between and after."""
    client = login("b1")
    yield client
    assert client.query("SELECT 'still here'").rows == [["still here"]]
    assert proxy.process.poll() is None


def send_and_see(proxy, *data, seconds=5.0) -> bytes:
    """Sends, reads what comes until the peer closes; fails when it stays open."""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=seconds) as s:
        answer = b""
        try:
            for piece in data:
                s.sendall(piece)
            while chunk := s.recv(1 << 16):
                answer += chunk
        except (ConnectionResetError, BrokenPipeError):
            pass
        except TimeoutError:
            raise AssertionError(f"the connection stayed open after {data!r}") from None
        return answer


@pytest.mark.parametrize("packet", [
    struct.pack("!I", 0), struct.pack("!I", 3), struct.pack("!I", 7) + b"abc", struct.pack("!I", 0x7fffffff) + b"x" * 100,
    struct.pack("!I", 0xffffffff), struct.pack("!I", 100_000) + b"x" * 1000,
    struct.pack("!II", 8, PROTOCOL_3_0), struct.pack("!II", 9, PROTOCOL_3_0) + b"\0",
    struct.pack("!II", 17, PROTOCOL_3_0) + b"user\0acme", struct.pack("!II", 15, PROTOCOL_3_0) + b"user\0\0\0",
    startup({"user": "acme_app", "database": "shop"}).replace(b"user", b"uzer"),
    startup({"user": "x" * 8000, "database": "shop"}), startup({f"k{n}": "v" for n in range(600)}),
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 32, b"\0" * 64,
    struct.pack("!II", 16, 80877102) + b"1234567", struct.pack("!II", 8, 80877102), struct.pack("!II", 12, 80877102) + b"1234",
    struct.pack("!II", 9, 80877103) + b"x",
], ids=lambda packet: packet[:12].hex())
def test_bad_startup_packets(proxy, witness, packet):
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as s:
        s.sendall(packet)
        s.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while chunk := s.recv(1 << 16):
                answer += chunk
        except ConnectionResetError:
            pass
    assert answer == b"" or answer[:1] in (b"E", b"N", b"R"), answer[:50]
    assert not answer.startswith(b"R\0\0\0\x08\0\0\0\0"), "logged in"


def logged_in(proxy, tenant="acme"):
    return proxy.raw(f"{tenant}_app", CLIENT_PASSWORD)


@pytest.mark.parametrize("tenant", ["acme", "b1", "s1"])
@pytest.mark.parametrize("data", [
    b"Q\0\0\0\0", b"Q\0\0\0\x03", b"Q\xff\xff\xff\xff", b"Q\x7f\xff\xff\xff" + b"x" * 100, b"Q\0\0\0\x08abcd",
    b"P\0\0\0\x04", b"P\0\0\0\x05\0", frame("P", cstring("s") + b"SELECT 1"), frame("P", cstring("") + cstring("SELECT 1") + b"\x7f\xff"),
    frame("B", b"\0\0\xff\xff"), frame("B", b"\0\0\0\0\0\x01\x7f\xff\xff\xff"), frame("B", b"\0\0\0\0\0\x01\xff\xff\xff\xfe"),
    frame("D"), frame("D", b"X\0"), frame("D", b"Sname"), frame("E"), frame("E", b"\0\0"), frame("C", b"?\0"), frame("S", b"x"),
    frame("H", b"x"), frame("p", b"late"), b"\0\0\0\0\0\0", b"\xff\0\0\0\x04", frame("Z", b"I"), frame("R", b"\0\0\0\0"),
    frame("T"), frame("d", b"x" * 10), frame("c"), frame("f", b"x\0"), frame("W"), b"!" * 1000,
], ids=lambda data: data[:10].hex())
def test_bad_messages(proxy, witness, data, tenant):
    """An error and then closed, or an error and the session goes on; never a hang, never somebody else's trouble."""
    with logged_in(proxy, tenant) as client:
        client.send(data, frame("S"), query("SELECT 'after'"))
        client.socket.settimeout(5)
        try:
            client.socket.shutdown(socket.SHUT_WR)
            while client.socket.recv(1 << 16):
                pass
        except TimeoutError:
            raise AssertionError("hangs") from None
        except OSError:
            pass


def test_text_that_is_no_text(login):
    client = login("acme")
    for sql in (b"SELECT '\xff\xfe'", b"SELECT '\xc0\x80'", b"\xef\xbb\xbfSELECT 1", b"SELECT \x01", b"\x80"):
        reply = client.query(sql)
        assert reply.status == "I"
    assert client.query("SELECT 1").rows == [["1"]]


@pytest.mark.parametrize("seed", range(8))
def test_random_bytes_before_login(proxy, witness, seed):
    chance = random.Random(seed)
    for _ in range(40):
        data = chance.randbytes(chance.randrange(1, 300))
        if chance.random() < 0.5:
            data = struct.pack("!II", len(data) + 8, chance.choice([PROTOCOL_3_0, 80877102, 80877103, 80877104])) + data
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as s:
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
                while s.recv(1 << 16):
                    pass
            except OSError as problem:
                assert not isinstance(problem, TimeoutError), data.hex()


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("tenant", ["acme", "s1"])
def test_random_messages_after_login(proxy, witness, seed, tenant):
    """Well-framed messages of random kinds and bodies, half of them valid, in random order."""
    chance = random.Random(seed)
    for _ in range(10):
        with logged_in(proxy, tenant) as client:
            data = b""
            for _ in range(chance.randrange(1, 40)):
                data += chance.choice([
                    lambda: frame(chance.choice("QPBDECSHFdcfpX"), chance.randbytes(chance.randrange(0, 40))),
                    lambda: query("SELECT count(*) FROM plans" if tenant == "acme" else "SELECT 1"),
                    lambda: parse("SELECT $1::int", chance.choice(["", "a", "b"])),
                    lambda: bind([chance.randrange(9)], chance.choice(["", "a", "b"]), chance.choice(["", "p"])),
                    lambda: execute(chance.choice(["", "p"])), lambda: frame("S"), lambda: frame("H"),
                    lambda: query("BEGIN"), lambda: query("COMMIT"),
                ])()
            try:
                client.send(data)
                client.socket.shutdown(socket.SHUT_WR)
                client.socket.settimeout(10)
                while client.socket.recv(1 << 16):
                    pass
            except TimeoutError:
                raise AssertionError(f"seed {seed}: hangs after {data.hex()}") from None
            except OSError:
                pass


def test_no_server_connection_is_lost_to_bad_clients(proxy, estate):
    for _ in range(60):
        with logged_in(proxy, "b2") as client:
            client.send(parse("SELECT 1"), bind(), execute(), os.urandom(50))
    wait_until(lambda: proxy.metrics().sum("fairlead_server_connections", backend="main", state="lent") == 0, 20, "all given back")
    # Not at once: the proxy's own probes are active now and then.
    wait_until(lambda: estate.main.backends(where="state <> 'idle'") == 0, 20, "nothing is left running")


@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20000), hard))
    yield min(hard, 20000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.long
def test_thousands_of_half_open_logins(start_proxy, estate, many_files):
    """They neither stop others, nor cost much memory, nor stay for ever: the oldest make room."""
    proxy = start_proxy(estate.settings(proxy={"workers": 2, "login_timeout": "8s"}))
    count = min(10000, many_files - 500)
    with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
        client.query("SELECT 1")
        before = proxy.rss()
        half_open = []
        for n in range(count):
            s = socket.create_connection(("127.0.0.1", proxy.port), timeout=10)
            s.sendall([b"", b"\0", SSL_REQUEST, startup({"user": "acme_app", "database": "shop"})][n % 4])
            half_open.append(s)
            if n % 500 == 0:
                assert client.query("SELECT 1").rows == [["1"]]
                with proxy.raw("b1_app", CLIENT_PASSWORD) as late:
                    assert late.query("SELECT 2").rows == [["2"]]
        assert proxy.rss() - before < count * 16 * 1024, f"{(proxy.rss() - before) / count:.0f} bytes each"
        logging_in = proxy.metrics().sum("fairlead_client_connections", state="login")
        assert 1 < logging_in <= 5010, "max_startup_connections, and a few that are on their way"
        wait_until(lambda: proxy.metrics().sum("fairlead_client_connections", state="login") == 0, 20, "login timeout")
        assert client.query("SELECT 3").rows == [["3"]]
    for s in half_open:
        s.close()


def test_login_timeout(start_proxy, estate):
    proxy = start_proxy(estate.settings(proxy={"login_timeout": "1s"}))
    began = time.monotonic()
    with RawClient(proxy.port) as silent, RawClient(proxy.port) as drip:
        drip.send(b"\0")
        slow = startup({"user": "acme_app", "database": "shop"})
        for byte in slow[1:12]:
            time.sleep(0.15)
            try:
                drip.send(bytes([byte]))
            except OSError:
                break
        assert drip.is_closed(8), "a slow login goes on for ever"
        assert silent.is_closed(8)
    assert time.monotonic() - began < 15


def test_a_limit_of_clients(start_proxy, estate):
    proxy = start_proxy(estate.settings(proxy={"max_client_connections": 3}))
    clients = [proxy.raw("b1_app", CLIENT_PASSWORD) for _ in range(3)]
    from support.raw_client import RefusedLogin
    with pytest.raises((RefusedLogin, ConnectionError)) as refusal:
        proxy.raw("b1_app", CLIENT_PASSWORD)
    if isinstance(refusal.value, RefusedLogin):
        assert refusal.value.sqlstate == "53300"
    for client in clients:
        assert client.query("SELECT 1").rows == [["1"]]
        client.close()


def test_too_many_prepared_statements_are_refused(start_proxy, estate):
    proxy = start_proxy(estate.settings(proxy={"max_prepared_statements": 10}))
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        answers = []
        for n in range(15):
            client.send(parse(f"SELECT {n}", f"s{n}"), frame("S"))
            answers.append(client.read_reply().sqlstate)
        assert answers[:10] == [None] * 10 and all(answers[10:]), answers
        client.send(bind((), "s3"), execute(), frame("S"))
        assert client.read_reply().rows == [["3"]]


def test_a_flood_of_new_shapes_is_bounded(start_proxy, estate):
    proxy = start_proxy(estate.settings(proxy={"guard_cache_bytes": "1MiB", "workers": 1}))
    with proxy.raw("acme_app", CLIENT_PASSWORD) as flood, proxy.raw("globex_app", CLIENT_PASSWORD) as other:
        flood.query("SELECT 1")
        before = proxy.rss()
        for n in range(3000):
            assert not flood.query("SELECT " + " + ".join(f"{n} AS c{n}_{k}, 1" for k in range(n % 7 + 1)) + f" AS t{n}").error
        assert other.query("SELECT count(*) FROM customers").rows == [["9"]]
        assert proxy.rss() - before < 24 << 20
        assert proxy.metrics().sum("fairlead_verdict_cache_bytes") <= 1 << 20
