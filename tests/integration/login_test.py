"""Logins: of clients to the proxy by every method, and of the proxy to its servers."""

import base64
import contextlib
import hashlib
import hmac
import os
import ssl
import statistics
import struct
import time

import psycopg
import pytest

from support.estate import CLIENT_PASSWORD
from support.process import wait_until
from support.raw_client import RawClient, RefusedLogin, startup

WHO = "SELECT DISTINCT tenant_id FROM customers"


def scram_verifier(password: str, iterations: int = 4096, salt: bytes = None) -> str:
    salt = salt or os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(hmac.new(salted, b"Client Key", "sha256").digest()).digest()
    server = hmac.new(salted, b"Server Key", "sha256").digest()
    return "SCRAM-SHA-256$%d:%s$%s:%s" % (iterations, *(base64.b64encode(x).decode() for x in (salt, stored, server)))


def md5_secret(user: str, password: str) -> str:
    return "md5" + hashlib.md5((password + user).encode()).hexdigest()


@pytest.fixture(scope="module")
def settings(estate, certificates):
    certificates.issue("client", "acme by certificate")
    settings = estate.settings(listen={"postgres": {"tls": {
        "mode": "prefer", "cert": certificates.path("server.crt"), "key": certificates.path("server.key")}}})
    long_password = "p" * 900
    settings["users"] += [
        {"name": "verifier", "password": scram_verifier("of the verifier", 10000), "tenants": ["acme"]},
        {"name": "short_salt", "password": scram_verifier("pw", 4096, b"12"), "tenants": ["acme"]},
        {"name": "hashed", "password": md5_secret("hashed", "of the hash"), "tenants": ["acme"]},
        {"name": "plain", "password": "spaces and 'quotes'", "tenants": ["acme"]},
        {"name": "long", "password": long_password, "tenants": ["acme"]},
        {"name": "unicode", "password": "pässwörd Ⅸ", "tenants": ["acme"]},
    ]
    return settings


@pytest.fixture(scope="module")
def proxy(estate, settings, tmp_path_factory):
    from support.fairlead import Fairlead
    server = Fairlead(tmp_path_factory.mktemp("proxy"), settings, estate.environment)
    yield server
    server.close()


@pytest.fixture(scope="module")
def by_password(estate, settings, tmp_path_factory):
    """As `proxy`, with clients sending their passwords."""
    from support.fairlead import Fairlead
    listen = {"postgres": {**settings["listen"]["postgres"], "auth": "password"}}
    server = Fairlead(tmp_path_factory.mktemp("proxy"), {**settings, "listen": listen}, estate.environment)
    yield server
    server.close()


def connect(proxy, user, password, **options):
    with psycopg.connect(**proxy.dsn(user, password), **options) as connection:
        return connection.execute(WHO).fetchall(), connection.pgconn.ssl_in_use


@pytest.mark.parametrize("user, password", [
    ("verifier", "of the verifier"), ("short_salt", "pw"), ("hashed", "of the hash"), ("plain", "spaces and 'quotes'"),
    ("long", "p" * 900), ("unicode", "pässwörd Ⅸ")])
@pytest.mark.parametrize("sslmode", ["disable", "require"])
def test_stored_secrets(proxy, user, password, sslmode):
    rows, encrypted = connect(proxy, user, password, sslmode=sslmode)
    assert rows == [("acme",)] and encrypted == (sslmode == "require")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(proxy, user, password + "x", sslmode=sslmode)


@pytest.mark.parametrize("user, password", [("verifier", "of the verifier"), ("hashed", "of the hash"), ("acme_app", CLIENT_PASSWORD)])
def test_the_password_itself_is_asked_for_under_tls_only(by_password, user, password):
    assert connect(by_password, user, password, sslmode="require") == ([("acme",)], True)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(by_password, user, password + "x", sslmode="require")
    with RawClient(by_password.port) as client:
        client.send(startup({"user": user, "database": "shop"}))
        assert client.read_message().type == "E", "it was asked for in clear text"
        assert client.is_closed()


def test_saslprep_makes_equal_passwords_equal(proxy):
    """Ⅸ (one character) is IX after normalisation: libpq and other drivers normalise before they send."""
    assert connect(proxy, "unicode", "pässwörd IX")[0] == [("acme",)]


def test_scram_is_asked_for(proxy):
    with RawClient(proxy.port) as client:
        client.send(startup({"user": "acme_app", "database": "shop"}))
        message = client.read_message()
    assert message.type == "R"
    assert struct.unpack_from("!I", message.body)[0] == 10
    assert message.body[4:] == b"SCRAM-SHA-256\0\0"


def test_scram_plus_under_tls(proxy, certificates):
    rows, encrypted = connect(proxy, "acme_app", CLIENT_PASSWORD, sslmode="verify-full", channel_binding="require",
                              sslrootcert=certificates.path("ca.crt"))
    assert rows == [("acme",)] and encrypted
    context = ssl.create_default_context(cafile=certificates.path("ca.crt"))
    with RawClient(proxy.port) as client:
        client.start_tls(context)
        client.send(startup({"user": "acme_app", "database": "shop"}))
        assert client.read_message().body[4:] == b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"


def test_channel_binding_cannot_be_stripped(proxy, certificates):
    """'y' says: I could bind, you did not offer it. We did, so somebody in between took it away."""
    context = ssl.create_default_context(cafile=certificates.path("ca.crt"))
    with RawClient(proxy.port) as client:
        client.start_tls(context)
        client.send(startup({"user": "acme_app", "database": "shop"}))
        client.read_message()
        data = b"y,,n=,r=abcdefghijklmnopqrst"
        body = b"SCRAM-SHA-256\0" + struct.pack("!I", len(data)) + data
        client.send(b"p" + struct.pack("!I", len(body) + 4) + body)
        assert client.read_message().type == "E"


def exchange(proxy, user, password) -> list:
    """What the server says during a failed login, with the parts that are random by right taken out."""
    seen = []

    class Recorder(RawClient):
        def read_message(self):
            message = super().read_message()
            body = message.body
            if message.type == "R" and struct.unpack_from("!I", body)[0] == 11:
                fields = dict(part.split(b"=", 1) for part in body[4:].split(b","))
                body = (len(fields[b"r"]), len(fields[b"s"]), fields[b"i"])
            seen.append((message.type, body.replace(user.encode(), b"USER") if isinstance(body, bytes) else body))
            return message

    with pytest.raises(RefusedLogin) as refusal:
        Recorder.login(proxy.port, user, password)
    assert refusal.value.sqlstate == "28P01"
    return seen


def test_an_unknown_user_looks_like_a_wrong_password(proxy):
    assert exchange(proxy, "acme_app", "wrong") == exchange(proxy, "nobody_at_all", "wrong")
    assert exchange(proxy, "nobody_at_all", CLIENT_PASSWORD) == exchange(proxy, "acme_app", "wrong")


def test_an_unknown_user_has_the_same_salt_each_time(proxy):
    def salt(user):
        with RawClient(proxy.port) as client:
            client.send(startup({"user": user, "database": "shop"}))
            client.read_message()
            data = b"n,,n=,r=abcdefghijklmnopqrst"
            body = b"SCRAM-SHA-256\0" + struct.pack("!I", len(data)) + data
            client.send(b"p" + struct.pack("!I", len(body) + 4) + body)
            return dict(part.split(b"=", 1) for part in client.read_message().body[4:].split(b","))[b"s"]
    assert salt("nobody_one") == salt("nobody_one") != salt("nobody_two")


def test_an_unknown_user_takes_as_long(proxy):
    def seconds(user):
        began = time.perf_counter()
        with pytest.raises(RefusedLogin):
            proxy.raw(user, "wrong")
        return time.perf_counter() - began

    known, unknown = [], []
    for _ in range(40):  # by turns: what else the machine does meets both
        known.append(seconds("acme_app"))
        unknown.append(seconds("nobody_at_all"))
    ratio = statistics.median(unknown) / statistics.median(known)
    assert 0.5 < ratio < 2, ratio


def test_no_password_no_login(proxy):
    for user in ("acme_app", "hashed", "nobody_at_all", ""):
        with pytest.raises((RefusedLogin, ConnectionError)):
            proxy.raw(user, "")


def test_require_refuses_clear_text(start_proxy, estate, certificates):
    proxy = start_proxy(estate.settings(listen={"postgres": {"tls": {
        "mode": "require", "cert": certificates.path("server.crt"), "key": certificates.path("server.key")}}}))
    with pytest.raises(RefusedLogin) as refusal:
        proxy.raw("acme_app", CLIENT_PASSWORD)
    assert "TLS" in refusal.value.fields["M"] or "SSL" in refusal.value.fields["M"], refusal.value.fields
    assert connect(proxy, "acme_app", CLIENT_PASSWORD, sslmode="require")[0] == [("acme",)]


def test_client_certificate(start_proxy, estate, certificates, settings):
    changed = estate.settings(listen={"postgres": {"tls": {
        "mode": "verify-full", "cert": certificates.path("server.crt"), "key": certificates.path("server.key"),
        "ca": certificates.path("ca.crt")}}})
    changed["users"].append({"name": "by_certificate", "certificate_name": "acme by certificate", "tenants": ["acme"]})
    proxy = start_proxy(changed)
    own = {"sslmode": "require", "sslcert": certificates.path("client.crt"), "sslkey": certificates.path("client.key")}
    assert connect(proxy, "by_certificate", "", **own)[0] == [("acme",)]
    with pytest.raises(psycopg.OperationalError):
        connect(proxy, "globex_app", "", **own)
    other = {"sslmode": "require", "sslcert": certificates.path("server.crt"), "sslkey": certificates.path("server.key")}
    with pytest.raises(psycopg.OperationalError):
        connect(proxy, "by_certificate", "", **other)
    with pytest.raises(psycopg.OperationalError):
        connect(proxy, "by_certificate", "", sslmode="require", sslcert="none", sslkey="none")


# A tenant named by a client certificate

@pytest.fixture(scope="module")
def certified(estate, certificates, tmp_path_factory):
    """certified(user, *units, **options): a connection with a certificate of these organisational units."""
    from support.fairlead import Fairlead
    settings = estate.settings(listen={"postgres": {"tls": {
        "mode": "verify-full", "cert": certificates.path("server.crt"), "key": certificates.path("server.key"),
        "ca": certificates.path("ca.crt")}}})
    settings["users"].append({"name": "by_certificate", "certificate_name": "fleet", "tenants": "*"})
    proxy = Fairlead(tmp_path_factory.mktemp("proxy"), settings, estate.environment)
    issued = {}

    def login(user, *units, **options):
        if units not in issued:
            issued[units] = f"units{len(issued)}"
            certificates.issue(issued[units], "fleet", units=units)
        return psycopg.connect(host="127.0.0.1", port=proxy.port, user=user, password=CLIENT_PASSWORD, dbname="shop",
                               sslmode="require", sslcert=certificates.path(issued[units] + ".crt"),
                               sslkey=certificates.path(issued[units] + ".key"), autocommit=True, **options)

    yield login
    proxy.close()


def tenant_of(connection) -> list:
    with connection:
        return connection.execute(WHO).fetchall()


def certificate_refused(certified, said, user, *units, **options):
    with pytest.raises(psycopg.OperationalError) as refusal:
        tenant_of(certified(user, *units, **options))
    assert said in str(refusal.value), refusal.value


def test_a_certificate_names_a_tenant(certified):
    for user in ("app", "pair", "by_certificate"):
        assert tenant_of(certified(user, "fairlead_tenant=globex")) == [("globex",)]
    assert tenant_of(certified("acme_app", "fairlead_tenant=acme")) == [("acme",)]
    assert tenant_of(certified("app", "Sales", "Fairlead_Tenant=acme", "fairlead_tenant=acme")) == [("acme",)]
    assert tenant_of(certified("app.acme", "fairlead_tenant=acme")) == [("acme",)]


def test_other_units_name_nobody(certified):
    certificate_refused(certified, "no tenant named", "app", "acme", "tenant=acme", "xfairlead_tenant=acme")
    assert tenant_of(certified("app.globex", "acme")) == [("globex",)]


def test_a_certificate_that_contradicts_is_refused(certified):
    certificate_refused(certified, "disagree", "app.acme", "fairlead_tenant=globex")
    certificate_refused(certified, "disagree", "by_certificate", "fairlead_tenant=globex", options="-c fairlead.tenant=acme")
    certificate_refused(certified, "disagree", "app", "fairlead_tenant=acme", "fairlead_tenant=globex")
    certificate_refused(certified, "disagree", "app", "fairlead_tenant=acme", "fairlead_tenant=")


def test_a_certificate_never_widens(certified):
    certificate_refused(certified, "not allowed", "acme_app", "fairlead_tenant=globex")
    certificate_refused(certified, "not allowed", "pair", "fairlead_tenant=b1")


def test_an_unknown_tenant_in_a_certificate_is_refused(certified):
    certificate_refused(certified, "not allowed", "app", "fairlead_tenant=nobody")
    certificate_refused(certified, "not allowed", "app", "fairlead_tenant=")


def test_set_tenant_stays_with_the_certificate(certified):
    with certified("app", "fairlead_tenant=acme") as connection:
        with pytest.raises(psycopg.Error, match="disagree"):
            connection.execute("SET fairlead.tenant = 'globex'")
        assert connection.execute(WHO).fetchall() == [("acme",)]
        connection.execute("SET fairlead.tenant = 'acme'")
        assert connection.execute(WHO).fetchall() == [("acme",)]
    with certified("app.acme", "Sales") as connection:
        connection.execute("SET fairlead.tenant = 'globex'")
        assert connection.execute(WHO).fetchall() == [("globex",)]


# To the server

def with_backend(estate, **changes) -> dict:
    """Only the tenant in a database of its own, over a backend with these settings."""
    settings = estate.settings()
    settings["backends"] = {"main": {**settings["backends"]["main"], **changes}}
    settings["placements"] = {"own_database": settings["placements"]["own_database"]}
    settings["tenants"] = [{"id": "d1", "placement": "own_database"}]
    settings["users"] = [{"name": "d1_app", "password": "env:CLIENT_PASSWORD", "tenants": ["d1"]}]
    return settings


def works(proxy) -> bool:
    with proxy.raw("d1_app", CLIENT_PASSWORD) as client:
        reply = client.query("SELECT username FROM users WHERE user_id = 1")
        assert not reply.error, reply.error
        return reply.rows == [["d1 first"]]


def encrypted(estate) -> set:
    return {row[0] for row in estate.main.execute(
        "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename LIKE 'fairlead_app' AND datname = 'tenant_d1'")}


@pytest.mark.parametrize("tls, expected", [
    ({"mode": "disable"}, False), ({"mode": "prefer"}, True), ({"mode": "require"}, True),
    ({"mode": "verify-ca", "ca": "ca.crt"}, True), ({"mode": "verify-full", "ca": "ca.crt"}, True)])
def test_tls_to_the_server(start_proxy, estate, certificates, tls, expected):
    wait_until(lambda: not encrypted(estate), 20, "the last test's connections are gone")
    if "ca" in tls:
        tls = {**tls, "ca": certificates.path(tls["ca"])}
    proxy = start_proxy(with_backend(estate, tls=tls))
    with proxy.raw("d1_app", CLIENT_PASSWORD) as client:
        assert client.query("SELECT username FROM users WHERE user_id = 1").rows == [["d1 first"]]
        assert encrypted(estate) == {expected}


def refused_by_server(start_proxy, settings, environment=None) -> str:
    """A client gets an error in time, whatever is wrong behind the proxy, and learns nothing of what stands there. The
    proxy's log, which has the reason."""
    proxy = start_proxy(settings, environment, wait_ready=False)
    wait_until(lambda: proxy.get("/healthz")[0] == 200, 20, "healthz")
    began = time.monotonic()
    try:
        with proxy.raw("d1_app", CLIENT_PASSWORD) as client:
            reply = client.query("SELECT 1")
            assert reply.error and not reply.rows
            fields = reply.error
    except RefusedLogin as refusal:
        fields = refusal.fields
    assert time.monotonic() - began < 15
    assert fields["C"] in ("08001", "57P03") and fields["M"] == 'cannot connect to backend "main"', fields
    told = str(fields)
    assert "127.0.0.1" not in told and str(settings["backends"]["main"]["port"]) not in told, fields
    assert "fairlead_app" not in told and "tenant_d1" not in told, fields
    return proxy.log()


def test_verify_full_refuses_another_certificate(start_proxy, estate, certificates, tmp_path):
    from support.certificates import Certificates
    stranger = Certificates(tmp_path)
    log = refused_by_server(start_proxy, with_backend(estate, tls={"mode": "verify-full", "ca": stranger.path("ca.crt")}))
    assert "certificate" in log.lower(), log


@pytest.mark.parametrize("mode, accepted", [("verify-ca", True), ("verify-full", False)])
def test_verify_full_wants_the_name_in_the_certificate(start_proxy, estate, certificates, mode, accepted):
    """Once the placement is served, so that it is the proxy that looks, not libpq."""
    proxy = start_proxy(with_backend(estate, tls={"mode": mode, "ca": certificates.path("ca.crt")}, pool_timeout="3s"))
    with estate.main.presenting(certificates, "elsewhere"):
        if accepted:
            assert works(proxy)
        else:
            with pytest.raises(RefusedLogin, match="08001"):
                works(proxy)
            assert "certificate" in proxy.log().lower()


def test_require_refuses_a_server_without_tls(start_proxy, estate):
    settings = with_backend(estate, port=estate.silo.port, tls={"mode": "require"})
    settings["placements"]["own_database"]["database"] = "shop"
    settings["placements"]["own_database"].update(model="silo")
    settings["placements"]["own_database"].pop("expose_as", None)
    log = refused_by_server(start_proxy, settings)
    assert "does not support TLS" in log or "does not support SSL" in log, log


@contextlib.contextmanager
def server_role(estate, name, password, encryption="scram-sha-256"):
    """A role of the server that may read the tenant's own database; gone with its last connection."""
    estate.main.execute(f"""
        DROP ROLE IF EXISTS {name}; SET password_encryption = '{encryption}';
        CREATE ROLE {name} LOGIN PASSWORD '{password}'""")
    estate.main.execute(f"GRANT SELECT ON users TO {name}", "tenant_d1")
    try:
        yield
    finally:
        estate.main.execute(f"DROP OWNED BY {name}", "tenant_d1")
        wait_until(lambda: not estate.main.backends(name), 20, "connections gone")
        estate.main.execute(f"DROP ROLE {name}")


@contextlib.contextmanager
def started(proxy):
    try:
        yield proxy
    finally:
        proxy.stop()


@pytest.mark.parametrize("method", ["md5_login", "plain_login", "tls_login"])
def test_older_methods_to_the_server(start_proxy, estate, method):
    tls = {"mode": "prefer" if method == "tls_login" else "disable"}
    with server_role(estate, method, "old fashioned", "md5" if method == "md5_login" else "scram-sha-256"):
        with started(start_proxy(with_backend(estate, user=method, password="old fashioned", tls=tls))) as proxy:
            assert works(proxy)


@pytest.mark.parametrize("theirs, ours", [
    ("pässwörd Ⅸ", "pa\u0308sswo\u0308rd\u00a0IX"),  # two spellings of one password
    ("é\u0340", "é\u0340"),  # forbidden, though not after normalisation: the server took its bytes
    ("é😀", "é😀"),  # newer than the profile
])
def test_saslprep_to_the_server(start_proxy, estate, theirs, ours):
    with server_role(estate, "unicode_login", theirs):
        with started(start_proxy(with_backend(estate, user="unicode_login", password=ours))) as proxy:
            assert works(proxy)


def test_unix_socket_to_the_server(start_proxy, estate):
    assert works(start_proxy(with_backend(estate, host=str(estate.main.folder))))


def test_wrong_password_for_the_server(start_proxy, estate):
    log = refused_by_server(start_proxy, with_backend(estate), {"APP_PASSWORD": "wrong-secret-of-ours"})
    assert "password authentication failed" in log and "wrong-secret-of-ours" not in log


def test_nobody_listens_on_the_server(start_proxy, estate):
    from support.process import free_port
    assert "refused" in refused_by_server(start_proxy, with_backend(estate, port=free_port()))


def test_unix_socket_listener(start_proxy, estate, tmp_path):
    import tempfile
    folder = tempfile.mkdtemp(prefix="fl.")
    settings = estate.settings()
    proxy = start_proxy(settings, start=False)
    settings["listen"] = {"postgres": {"address": [f"127.0.0.1:{proxy.port}", f"unix:{folder}/.s.PGSQL.6432"]}}
    proxy.write(settings)
    proxy.start()
    with psycopg.connect(host=folder, port=6432, user="acme_app", password=CLIENT_PASSWORD, dbname="shop") as connection:
        assert connection.execute(WHO).fetchall() == [("acme",)]
    proxy.stop()
    assert os.listdir(folder) == []
    os.rmdir(folder)
