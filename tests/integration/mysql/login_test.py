"""Logins: of clients to the proxy by every method, and of the proxy to its servers."""

import ssl
import statistics
import struct
import time

import pytest

from support import mysql_packets as wire
from support.estate import APP_PASSWORD, CLIENT_PASSWORD
from support.fairlead import Fairlead
from support.mysql import MysqlServer
from support.mysql_client import MysqlClient, RefusedLogin
from support.process import wait_until

WHO = "SELECT DISTINCT tenant_id FROM customers"
NATIVE, SHA2 = "mysql_native_password", "caching_sha2_password"


@pytest.fixture(scope="module")
def proxy(estate, certificates, tmp_path_factory):
    certificates.issue("client", "acme by certificate")
    settings = estate.settings(listen={"mysql": {"tls": {
        "mode": "prefer", "cert": certificates.path("server.crt"), "key": certificates.path("server.key")}}})
    settings["users"] += [
        {"name": "plain", "password": "spaces and 'quotes'", "tenants": ["acme"]},
        {"name": "long", "password": "p" * 200, "tenants": ["acme"]},
        {"name": "unicode", "password": "pässwörd", "tenants": ["acme"]},
    ]
    server = Fairlead(tmp_path_factory.mktemp("proxy"), settings, estate.environment)
    yield server
    server.close()


@pytest.fixture
def context(certificates):
    return ssl.create_default_context(cafile=certificates.path("ca.crt"))


def works(client) -> bool:
    with client:
        return client.query(WHO).rows == [["acme"]]


@pytest.mark.parametrize("plugin", [NATIVE, SHA2, "sha256_password", "client_ed25519", "mysql_clear_password", ""])
@pytest.mark.parametrize("tls", [False, True], ids=["clear", "tls"])
def test_whatever_the_client_begins_with(proxy, context, plugin, tls):
    """Clients name the method they would like; the server switches them to one that it has."""
    client = proxy.raw("acme_app", CLIENT_PASSWORD, plugin=plugin or None, tls=context if tls else None, server_name="localhost")
    assert works(client)


def test_a_client_without_plugins(proxy):
    """Older than plugins: native password, or a refusal in words; never dropped."""
    try:
        client = proxy.raw("acme_app", CLIENT_PASSWORD, plugin=NATIVE,
                           without=wire.PLUGIN_AUTH | wire.PLUGIN_AUTH_LENENC | wire.CONNECT_ATTRS)
    except RefusedLogin as refusal:
        assert refusal.fields["M"]
    else:
        assert works(client)


@pytest.mark.parametrize("user, password", [("plain", "spaces and 'quotes'"), ("long", "p" * 200), ("unicode", "pässwörd")])
@pytest.mark.parametrize("plugin", [NATIVE, SHA2])
@pytest.mark.parametrize("tls", [False, True], ids=["clear", "tls"])
def test_passwords(proxy, context, user, password, plugin, tls):
    options = {"plugin": plugin, "tls": context if tls else None, "server_name": "localhost"}
    assert works(proxy.raw(user, password, **options))
    for wrong in (password + "x", password[:-1], "", password.upper()):
        with pytest.raises(RefusedLogin) as refusal:
            proxy.raw(user, wrong, **options)
        assert (refusal.value.fields["N"], refusal.value.sqlstate) == (1045, "28000")


def sha2_login(proxy, user="acme_app", password=CLIENT_PASSWORD, **options):
    return proxy.raw(user, password, plugin=SHA2, **options)


def test_caching_sha2_full_by_rsa_then_fast(start_proxy, estate):
    """Without TLS: the first login of a user needs the RSA key or is fast at once; later ones are fast."""
    proxy = start_proxy(estate.settings())
    with sha2_login(proxy) as client:
        first = client.steps
        assert client.query(WHO).rows == [["acme"]]
    with sha2_login(proxy) as client:
        assert client.steps[-1:] == ["fast"] or "switch:mysql_native_password" in client.steps, client.steps
    assert first


def test_caching_sha2_when_asked_for_by_switch(proxy):
    """A client that begins with native ends with a method that proves the password without sending it."""
    with proxy.raw("acme_app", CLIENT_PASSWORD, plugin=NATIVE) as client:
        assert all(step in ("fast", "full-rsa", f"switch:{SHA2}", f"switch:{NATIVE}") for step in client.steps), client.steps


def test_the_password_is_never_asked_in_clear_text_without_tls(proxy):
    client = MysqlClient(proxy.port)
    client.read_handshake()
    client.capabilities = wire.NORMAL | wire.CONNECT_WITH_DB
    body = client._head(45) + b"acme_app\0" + wire.lenenc_text(b"") + b"shop\0mysql_clear_password\0" + wire.lenenc_text(b"")
    client.write_packet(body)
    answer = client.read_packet()
    assert not answer.startswith(b"\xfemysql_clear_password"), answer
    client.close()


def answers(proxy, user, password, plugin) -> list:
    """What the server says in a failed login, without what is random."""
    client = MysqlClient(proxy.port)
    client.read_handshake()
    client.capabilities = wire.NORMAL | wire.CONNECT_WITH_DB
    seen, read = [], client.read_packet

    def record():
        payload = read()
        seen.append(payload[:1] + (payload[1:].split(b"\0")[0] if payload[:1] == b"\xfe" else b"") +
                    (payload[1:2] if payload[:1] == b"\1" else b"") + (payload[1:] if payload[:1] == b"\xff" else b""))
        return payload
    client.read_packet = record
    with pytest.raises(RefusedLogin):
        client.authenticate(user, password, "shop", {}, 45, plugin)
    client.close()
    return [piece.replace(user.encode(), b"USER") for piece in seen]


@pytest.mark.parametrize("plugin", [NATIVE, SHA2])
def test_an_unknown_user_looks_like_a_wrong_password(proxy, plugin):
    known, unknown = answers(proxy, "globex_app", "wrong", plugin), answers(proxy, "nobody_app", "wrong", plugin)
    assert known == unknown


@pytest.mark.parametrize("plugin", [NATIVE, SHA2])
def test_an_unknown_user_takes_as_long(proxy, plugin):
    def seconds(user):
        began = time.perf_counter()
        with pytest.raises(RefusedLogin):
            proxy.raw(user, "wrong", plugin=plugin)
        return time.perf_counter() - began
    known, unknown = [], []
    for _ in range(40):
        known.append(seconds("globex_app"))
        unknown.append(seconds("nobody_app"))
    ratio = statistics.median(unknown) / statistics.median(known)
    assert 0.5 < ratio < 2, ratio


def test_no_password_no_login(proxy):
    for user in ("acme_app", "nobody", "", "app.acme"):
        with pytest.raises(RefusedLogin):
            proxy.raw(user, "")


def test_an_answer_to_another_scramble_is_worth_nothing(proxy):
    """A recorded login cannot be played again."""
    client = MysqlClient(proxy.port)
    client.read_handshake()
    client.scramble = b"A" * 20
    client.capabilities = wire.NORMAL | wire.CONNECT_WITH_DB
    client.finish_authentication, played = (lambda password, plugin: None), client.finish_authentication
    client.authenticate("acme_app", CLIENT_PASSWORD, "shop", {}, 45, NATIVE)
    assert client.read_packet()[:1] != b"\0", "logged in with an answer to another scramble"
    assert played
    client.close()


@pytest.mark.parametrize("answer", [b"x", b"x" * 19, b"x" * 21, b"x" * 32, b"x" * 33, b"\0" * 20, b"\0" * 32, b"x" * 250])
@pytest.mark.parametrize("plugin", [NATIVE, SHA2])
def test_answers_of_a_wrong_length(proxy, plugin, answer):
    client = MysqlClient(proxy.port)
    client.read_handshake()
    client.capabilities = wire.NORMAL | wire.CONNECT_WITH_DB
    client.write_packet(client._head(45) + b"acme_app\0" + wire.lenenc_text(answer) + b"shop\0" + plugin.encode() + b"\0" + b"\0")
    payload = client.read_packet()
    for _ in range(4):
        assert payload[:1] != b"\0", "logged in"
        if payload[:1] == b"\xff":
            break
        client.write_packet(answer)
        payload = client.read_packet()
    client.close()


# TLS to us

def test_tls(proxy, context):
    with proxy.raw("acme_app", CLIENT_PASSWORD, tls=context, server_name="localhost") as client:
        assert client.socket.version() in ("TLSv1.2", "TLSv1.3")
        assert client.query(WHO).rows == [["acme"]]
        assert len(client.query("SELECT repeat('x', 200000)").rows[0][0]) == 200000


@pytest.mark.parametrize("capabilities", [wire.COMPRESS, wire.ZSTD_COMPRESSION, wire.DEPRECATE_EOF | wire.SESSION_TRACK])
def test_tls_with_other_capabilities(proxy, context, capabilities):
    assert works(proxy.raw("acme_app", CLIENT_PASSWORD, tls=context, server_name="localhost", capabilities=capabilities))


def test_require_refuses_clear_text(start_proxy, estate, certificates, context):
    tls = {"mode": "require", "cert": certificates.path("server.crt"), "key": certificates.path("server.key")}
    proxy = start_proxy(estate.settings(listen={"mysql": {"tls": tls}}))
    with pytest.raises(RefusedLogin) as refusal:
        proxy.raw("acme_app", CLIENT_PASSWORD)
    assert "tls" in refusal.value.fields["M"].lower() or "secure" in refusal.value.fields["M"].lower()
    assert works(proxy.raw("acme_app", CLIENT_PASSWORD, tls=context, server_name="localhost"))


def test_clear_text_behind_the_tls_request_is_an_attack(proxy, certificates):
    """Bytes that came before the handshake are not taken as if they had come under TLS."""
    context = ssl.create_default_context(cafile=certificates.path("ca.crt"))
    client = MysqlClient(proxy.port)
    client.read_handshake()
    client.capabilities = wire.NORMAL | wire.SSL
    injected = wire.framed(client._head(45) + b"acme_app\0\0shop\0", 2)
    client.socket.sendall(wire.framed(client._head(45), 1) + injected)
    with pytest.raises((ssl.SSLError, OSError)):
        client.socket = context.wrap_socket(client.socket, server_hostname="localhost")
        client.socket.settimeout(3)
        assert client.socket.recv(10) == b""
        raise OSError("closed")
    client.close()


def test_a_tls_request_that_is_not_offered(start_proxy, estate):
    proxy = start_proxy(estate.settings())
    client = MysqlClient(proxy.port)
    client.read_handshake()
    client.capabilities = wire.NORMAL | wire.SSL
    client.write_packet(client._head(45))
    assert client.is_closed(3) or client.nothing_comes()
    client.close()
    assert works(proxy.raw("acme_app", CLIENT_PASSWORD))


def test_client_certificate(start_proxy, estate, certificates):
    tls = {"mode": "verify-ca", "cert": certificates.path("server.crt"), "key": certificates.path("server.key"),
           "ca": certificates.path("ca.crt")}
    settings = estate.settings(listen={"mysql": {"tls": tls}})
    settings["users"] += [{"name": "by_certificate", "certificate_name": "acme by certificate", "tenants": ["acme"]}]
    certificates.issue("other", "somebody else")
    proxy = start_proxy(settings)

    def context_of(name):
        context = ssl.create_default_context(cafile=certificates.path("ca.crt"))
        if name:
            context.load_cert_chain(certificates.path(f"{name}.crt"), certificates.path(f"{name}.key"))
        return context
    certificates.issue("client", "acme by certificate")
    assert works(proxy.raw("by_certificate", "", tls=context_of("client"), server_name="localhost"))
    for name, user, password in (("other", "by_certificate", ""), (None, "acme_app", CLIENT_PASSWORD), ("client", "globex_app", "")):
        with pytest.raises((RefusedLogin, ssl.SSLError, OSError)):
            client = proxy.raw(user, password, tls=context_of(name), server_name="localhost")
            client.close()
    with proxy.raw("globex_app", CLIENT_PASSWORD, tls=context_of("other"), server_name="localhost") as client:
        assert client.query(WHO).rows == [["globex"]]


# Odd handshake responses

def test_the_old_protocol_is_refused_in_words(proxy):
    client = MysqlClient(proxy.port)
    client.read_handshake()
    client.write_packet(struct.pack("<HI", 0x85, 0)[:5] + b"acme_app\0" + b"x" * 8)
    assert client.read_packet()[:1] == b"\xff"
    client.close()


def test_no_database_at_login(proxy):
    """Then there is none until one is named; or the tenant's only one."""
    with proxy.raw("acme_app", CLIENT_PASSWORD, database=None) as client:
        client.init_db("shop")
        assert client.query(WHO).rows == [["acme"]]


@pytest.mark.parametrize("attributes", [{}, {"_client_name": "libmariadb", "_pid": "1"}, {f"k{n}": "v" * 50 for n in range(200)},
                                        {"program_name": "é" * 100}, {"": ""}])
def test_connection_attributes(proxy, attributes):
    assert works(proxy.raw("acme_app", CLIENT_PASSWORD, attributes=attributes))


# Of the proxy to its servers

def serves(start_proxy, estate, **backend):
    """Whether b1 finds its rows on a server that is reached in this way; and the proxy."""
    settings = estate.settings()
    settings["backends"] = {"main": {**settings["backends"]["main"], **backend}}
    settings["placements"] = {"own_database": settings["placements"]["own_database"]}
    settings["tenants"] = [{"id": "b1", "placement": "own_database"}]
    settings["users"] = [{"name": "b1_app", "password": "env:CLIENT_PASSWORD", "tenants": ["b1"]}]
    proxy = start_proxy(settings, wait_ready=False)
    wait_until(lambda: proxy.get("/metrics")[0] == 200 or proxy.process.poll() is not None, 20, "up")
    try:
        wait_until(proxy.ready, 4, "ready")
    except TimeoutError:
        pass  # it may stay so, when the server refuses it
    try:
        with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
            reply = client.query("SELECT username FROM users WHERE user_id = 1")
            return reply.rows == [["b1 first"]], proxy
    except RefusedLogin:
        return False, proxy


@pytest.mark.parametrize("mode, file, fine", [
    ("disable", None, True), ("prefer", None, True), ("require", None, True), ("verify-ca", "ca.crt", True),
    ("verify-full", "ca.crt", True), ("verify-ca", "elsewhere.crt", False)])
def test_tls_to_the_server(start_proxy, estate, certificates, mode, file, fine):
    tls = {"mode": mode, **({"ca": certificates.path(file)} if file else {})}
    served, proxy = serves(start_proxy, estate, tls=tls, pool_timeout="1s")
    assert served == fine, proxy.log()[-2000:]


def test_require_refuses_a_server_without_tls(start_proxy, estate):
    served, _ = serves(start_proxy, estate, tls={"mode": "require"}, port=estate.silo.port, pool_timeout="1s")
    assert not served


def test_a_server_account_that_requires_tls(start_proxy, estate):
    estate.main.execute("CREATE USER tls_only@'127.0.0.1' IDENTIFIED BY 'secret of tls' REQUIRE SSL; "
                        "GRANT ALL ON tenant_b1.* TO tls_only@'127.0.0.1'")
    assert serves(start_proxy, estate, user="tls_only", password="secret of tls", tls={"mode": "prefer"})[0]
    assert not serves(start_proxy, estate, user="tls_only", password="secret of tls", tls={"mode": "disable"}, pool_timeout="1s")[0]


@pytest.mark.parametrize("user, identified, password", [
    ("native_login", "VIA mysql_native_password USING PASSWORD('of native')", "of native"),
    ("ed_login", "VIA ed25519 USING PASSWORD('of ed25519')", "of ed25519"),
    ("either_login", "VIA ed25519 USING PASSWORD('of either') OR mysql_native_password USING PASSWORD('other')", "of either"),
    ("empty_login", "BY ''", ""), ("long_login", "BY '" + "l" * 78 + "'", "l" * 78)])
def test_methods_to_the_server(start_proxy, estate, user, identified, password):
    if "ed25519" in identified:
        known = estate.main.execute("SELECT count(*) FROM information_schema.plugins WHERE plugin_name = 'ed25519'")
        if not int(known[0][0]):
            estate.main.execute("INSTALL SONAME 'auth_ed25519'")
    estate.main.execute(f"CREATE USER IF NOT EXISTS {user}@'127.0.0.1' IDENTIFIED {identified}; "
                        f"GRANT ALL ON tenant_b1.* TO {user}@'127.0.0.1'")
    served, proxy = serves(start_proxy, estate, user=user, password=password)
    assert served, proxy.log()[-2000:]


def test_wrong_password_for_the_server(start_proxy, estate):
    settings = estate.settings(backends__main__password="wrong", backends__main__pool_timeout="2s")
    proxy = start_proxy(settings, wait_ready=False)
    wait_until(lambda: proxy.get("/healthz")[0] == 200, 20, "up")
    client = None
    try:
        client = proxy.raw("b1_app", CLIENT_PASSWORD)
        told = client.query("SELECT 1").error
    except RefusedLogin as refusal:
        told = refusal.fields
    assert told and told["M"]
    assert APP_PASSWORD not in told["M"] and "wrong" not in told["M"]
    wait_until(lambda: "1045" in proxy.log() or "denied" in proxy.log().lower(), 20, "the log says why")
    if client:
        client.close()


def test_a_server_that_speaks_another_protocol(start_proxy, estate):
    """A web server, say: no hang, an error soon."""
    import http.server
    import threading
    other = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    try:
        served, _ = serves(start_proxy, estate, port=other.server_address[1], pool_timeout="1s", connect_timeout="1s")
        assert not served
    finally:
        other.shutdown()


def test_unix_sockets(start_proxy, estate, tmp_path):
    """A server knows who comes by its socket as localhost."""
    import pymysql
    for statement in (f"CREATE USER fairlead_app@localhost IDENTIFIED BY '{APP_PASSWORD}'", "GRANT ALL ON tenant_b1.* TO fairlead_app@localhost",
                      "GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO fairlead_app@localhost"):
        estate.main.execute(statement)
    path = tmp_path / "mysql.sock"
    settings = estate.settings(backends__main__host=str(estate.main.socket))
    settings["listen"] = {"mysql": {"address": [f"unix:{path}"]}}
    proxy = start_proxy(settings)
    with pymysql.connect(unix_socket=str(path), user="b1_app", password=CLIENT_PASSWORD, database="shop") as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT username FROM users WHERE user_id = 1")
        assert cursor.fetchone() == ("b1 first",)
    assert proxy.ready()


def test_a_server_restart_between_logins(estate, start_proxy):
    server = MysqlServer("extra")
    try:
        server.execute(f"CREATE USER fairlead_app@'127.0.0.1' IDENTIFIED BY '{APP_PASSWORD}'; CREATE DATABASE tenant_b1; "
                       "GRANT ALL ON tenant_b1.* TO fairlead_app@'127.0.0.1'")
        settings = estate.settings(backends__main__port=server.port)
        settings["placements"] = {"own_database": settings["placements"]["own_database"]}
        settings["backends"] = {"main": settings["backends"]["main"]}
        settings["tenants"] = [{"id": "b1", "placement": "own_database"}]
        settings["users"] = [{"name": "b1_app", "password": "env:CLIENT_PASSWORD", "tenants": ["b1"]}]
        proxy = start_proxy(settings)
        with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
            assert client.query("SELECT 1").rows == [["1"]]
            server.restart()
            wait_until(lambda: not client.query("SELECT 1").error, 20, "healed")
    finally:
        server.destroy()
