"""How connections of PostgreSQL clients begin, under TLS and without, and how their queries are cancelled."""

import socket
import ssl
import struct
import threading

import pytest

from support.estate import CLIENT_PASSWORD
from support.pool_queue import check_that_it_waits, waiting
from support.process import wait_until
from support.raw_client import GSSENC_REQUEST, PROTOCOL_3_0, PROTOCOL_3_2, SSL_REQUEST, TERMINATE, RawClient, query, startup


# Connection start

def test_ssl_and_gss_requests_without_tls(proxy):
    client = RawClient(proxy.port)
    client.send(GSSENC_REQUEST)
    assert client.read_exactly(1) == b"N"
    client.send(SSL_REQUEST)
    assert client.read_exactly(1) == b"N"
    client.send(startup({"user": "acme_app", "database": "shop"}))
    client.authenticate("acme_app", CLIENT_PASSWORD)
    assert client.query("SELECT 1").rows == [["1"]]
    client.close()


@pytest.fixture(scope="module")
def tls_proxy(estate, certificates, tmp_path_factory):
    from support.fairlead import Fairlead
    tls = {"mode": "prefer", "cert": certificates.path("server.crt"), "key": certificates.path("server.key")}
    server = Fairlead(tmp_path_factory.mktemp("proxy"), estate.settings(listen={"postgres": {"tls": tls}}), estate.environment)
    yield server
    server.close()


@pytest.fixture
def tls(certificates):
    return ssl.create_default_context(cafile=certificates.path("ca.crt"))


def test_tls(tls_proxy, tls):
    with tls_proxy.raw("acme_app", CLIENT_PASSWORD, tls=tls) as client:
        assert client.query("SELECT 1").rows == [["1"]]
        client.send(*[query("SELECT repeat('x', 100000)")] * 20)
        for _ in range(20):
            assert len(client.read_reply().rows[0][0]) == 100000


def test_direct_tls(tls_proxy, tls):
    tls.set_alpn_protocols(["postgresql"])
    client = RawClient(tls_proxy.port)
    client.start_tls(tls, direct=True)
    assert client.socket.selected_alpn_protocol() == "postgresql"
    client.send(startup({"user": "acme_app", "database": "shop"}))
    client.authenticate("acme_app", CLIENT_PASSWORD)
    assert client.query("SELECT 1").rows == [["1"]]
    client.close()


def test_direct_tls_without_alpn_is_refused(tls_proxy, tls):
    client = RawClient(tls_proxy.port)
    with pytest.raises((OSError, ConnectionError, ssl.SSLError)):
        client.start_tls(tls, direct=True)
        client.send(startup({"user": "acme_app", "database": "shop"}))
        client.read_message()
    client.close()


def test_clear_text_after_ssl_request_is_an_attack(tls_proxy):
    """Bytes stuffed behind the SSLRequest must not be taken as if they had come under TLS."""
    client = RawClient(tls_proxy.port)
    client.send(SSL_REQUEST + startup({"user": "acme_app", "database": "shop"}))
    data = b""
    client.socket.settimeout(5)
    try:
        while chunk := client.socket.recv(1000):  # a time-out here is a failure: it went on waiting
            data += chunk
    except ConnectionResetError:
        pass
    assert b"SCRAM" not in data, "the stuffed startup packet was answered"
    client.close()


def test_a_second_ssl_request_under_tls_is_refused(tls_proxy, tls):
    client = RawClient(tls_proxy.port)
    client.start_tls(tls)
    client.send(SSL_REQUEST)
    assert client.is_closed(5)
    client.close()


def test_protocol_3_2_has_a_long_key(login):
    client = login("acme", version=PROTOCOL_3_2)
    assert client.negotiated is None
    assert 4 < len(client.key) <= 256
    assert client.query("SELECT 1").rows == [["1"]]
    assert len(login("acme", version=PROTOCOL_3_0).key) == 4


@pytest.mark.parametrize("version", [(3 << 16) | 3, (3 << 16) | 9999])
def test_newer_protocol_is_negotiated_down(login, version):
    client = login("acme", version=version)
    assert client.negotiated == (PROTOCOL_3_2, [])
    assert client.query("SELECT 1").rows == [["1"]]


def test_unknown_protocol_options_are_listed(login):
    client = login("acme", **{"_pq_.first": "1", "_pq_.second": "x"})
    assert client.negotiated and sorted(client.negotiated[1]) == ["_pq_.first", "_pq_.second"]
    assert client.query("SELECT 1").rows == [["1"]]


@pytest.mark.parametrize("version", [2 << 16, 4 << 16, 0, 1])
def test_another_major_protocol_is_refused(proxy, version):
    client = RawClient(proxy.port)
    client.send(startup({"user": "acme_app", "database": "shop"}, version))
    data = b""
    client.socket.settimeout(5)
    try:
        while chunk := client.socket.recv(1000):
            data += chunk
    except ConnectionResetError:
        pass
    assert data == b"" or data.startswith(b"E"), data
    client.close()


def test_parameter_status_comes_before_the_first_query(login, estate):
    client = login("acme")
    with estate.main.connect("shop") as direct:
        for name in ("server_version", "server_encoding", "integer_datetimes", "standard_conforming_strings"):
            assert client.parameters[name] == direct.info.parameter_status(name), name
    assert client.parameters["client_encoding"] == "UTF8"
    assert client.parameters["is_superuser"] == "off"
    assert login("acme", application_name="me").parameters["application_name"] == "me"


def test_reported_settings_are_reported(login):
    client = login("acme")
    reply = client.query("SET timezone = 'Asia/Tokyo'")
    assert [m.body for m in reply.of("S")] == [b"TimeZone\0Asia/Tokyo\0"]
    reply = client.query("SET application_name = 'now'")
    assert b"application_name\0now\0" in [m.body for m in reply.of("S")]


def test_no_setting_of_ours_is_reported(login):
    """The context and restored settings are our own affair: no ParameterStatus, no message that the client did not ask for."""
    client = login("acme")
    for _ in range(5):
        assert client.query("SELECT count(*) FROM customers").types == "TDCZ"
    assert client.query("BEGIN").types == "CZ"
    assert client.query("SELECT count(*) FROM customers").types == "TDCZ"
    assert client.query("COMMIT").types == "CZ"


def test_terminate(login, proxy, estate):
    client = login("acme")
    client.query("BEGIN")
    client.send(TERMINATE)
    assert client.is_closed(5)
    wait_until(lambda: estate.main.backends(where="state LIKE 'idle in%'") == 0, 20, "rollback")


# Cancel

def start_sleep(client, estate, tenant: str = "b1"):
    """Returns when it runs: a cancel that comes before finds nothing to cancel."""
    server = estate.silo if tenant.startswith("s") else estate.main

    def running():
        return server.backends(where="state = 'active' AND query LIKE 'SELECT pg_sleep(20)'")

    before = running()
    client.start("SELECT pg_sleep(20)")
    wait_until(lambda: running() > before, 10, "it runs")


@pytest.mark.parametrize("version", [PROTOCOL_3_0, PROTOCOL_3_2])
@pytest.mark.parametrize("tenant", ["b1", "s1", "s2"])
def test_cancel_of_a_running_query(login, estate, tenant, version):
    client = login(tenant, version=version)
    start_sleep(client, estate, tenant)
    client.cancel()
    assert client.read_reply().sqlstate == "57014"
    assert client.query("SELECT 1").rows == [["1"]]


def test_cancel_reaches_the_right_client(login, estate):
    clients = [login("b1") for _ in range(4)]
    for client in clients:
        start_sleep(client, estate)
    clients[2].cancel()
    assert clients[2].read_reply().sqlstate == "57014"
    for client in clients[:2] + clients[3:]:
        assert client.nothing_comes(0.1)
        client.cancel()
        assert client.read_reply().sqlstate == "57014"


@pytest.mark.parametrize("change", ["pid", "key", "short", "long", "empty"])
def test_a_wrong_cancel_key_is_ignored(login, estate, change):
    client = login("b1")
    start_sleep(client, estate)
    flipped = bytes([client.key[0] ^ 1]) + client.key[1:]
    wrong = {"pid": (client.pid ^ 1, client.key), "key": (client.pid, flipped), "short": (client.pid, client.key[:2]),
             "long": (client.pid, client.key * 60), "empty": (client.pid, b"")}[change]
    client.cancel(*wrong)
    assert client.nothing_comes(0.5), "cancelled by a stranger"
    client.cancel()
    assert client.read_reply().sqlstate == "57014"


def test_a_cancel_never_hits_the_next_user(start_proxy, estate):
    """One server connection; every cancel comes when its client's statement may just have ended."""
    proxy = start_proxy(estate.settings(backends__main__pool_size=1))
    a, b = proxy.raw("b1_app", CLIENT_PASSWORD), proxy.raw("b2_app", CLIENT_PASSWORD)
    hit = 0
    for n in range(60):
        a.send(query(f"SELECT pg_sleep({0.3 if n % 20 == 19 else 0.0005 * (n % 8)})"))
        canceller = threading.Thread(target=a.cancel)
        canceller.start()
        b.send(query("SELECT pg_sleep(0.004), 'b'"))
        own = a.read_reply().sqlstate
        assert own in (None, "57014")
        hit += own is not None
        reply = b.read_reply()
        assert not reply.error, f"the next user was cancelled in round {n}"
        canceller.join()
    assert 0 < hit < 60, f"{hit} of 60 came in time: neither kind may be missing"
    a.close()
    b.close()


def test_cancel_in_the_queue(start_proxy, estate):
    proxy = start_proxy(estate.settings(backends__main__pool_size=1, backends__main__pool_timeout="20s"))
    holder, waiter = proxy.raw("b1_app", CLIENT_PASSWORD), proxy.raw("b2_app", CLIENT_PASSWORD)
    holder.query("BEGIN")
    check_that_it_waits(proxy, waiter)
    waiter.cancel()
    assert waiter.read_reply().sqlstate == "57014"
    assert not waiting(proxy)
    assert holder.query("COMMIT").tags == ["COMMIT"]
    assert waiter.query("SELECT 2").rows == [["2"]]
    holder.close()
    waiter.close()


def test_cancel_under_tls(tls_proxy, estate, tls):
    with tls_proxy.raw("b1_app", CLIENT_PASSWORD, tls=tls) as client:
        start_sleep(client, estate)
        with socket.create_connection(("127.0.0.1", tls_proxy.port), timeout=5) as raw:
            raw.sendall(SSL_REQUEST)
            assert raw.recv(1) == b"S"
            with tls.wrap_socket(raw, server_hostname="localhost") as secure:
                secure.sendall(struct.pack("!III", 12 + len(client.key), 80877102, client.pid) + client.key)
                secure.recv(1)
        assert client.read_reply().sqlstate == "57014"
