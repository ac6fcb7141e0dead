"""The two login machines by themselves, against a real server and real client libraries (tests/support/mysql_login.cpp)."""

import hashlib
import json
import os
import subprocess

import MySQLdb
import pymysql
import pytest

from support.mysql import MysqlServer
from support.process import ROOT, run

PROGRAM = os.environ.get("FAIRLEAD_MYSQL_LOGIN", str(ROOT / "build/release/tests/mysql_login"))
PASSWORDS = {"short": "secret", "seed": "12345678901234567890123456789012", "long": "p" * 200, "unicode": "pässwörd"}


@pytest.fixture(scope="module")
def server(certificates):
    made = MysqlServer("login", certificates, **{"plugin-load-add": "auth_ed25519"})
    made.execute("CREATE DATABASE shop")
    for name, password in PASSWORDS.items():
        for plugin, short in (("mysql_native_password", "native"), ("ed25519", "ed")):
            made.execute(f"CREATE USER {short}_{name} IDENTIFIED VIA {plugin} USING PASSWORD(%s)", None, (password,))
    made.execute("CREATE USER two_ways IDENTIFIED VIA ed25519 USING PASSWORD('other') OR mysql_native_password USING PASSWORD('secret')")
    made.execute("CREATE USER tls_only IDENTIFIED BY 'secret' REQUIRE SSL")
    made.execute("GRANT ALL ON shop.* TO PUBLIC")
    yield made
    made.destroy()


def connect(server, user: str, password: str, tls: str = "disable", database: str = "shop") -> dict:
    result = subprocess.run([PROGRAM, "connect", "127.0.0.1", str(server.port), user, database, tls], capture_output=True,
                            text=True, timeout=60, env={**os.environ, "PASSWORD": password})
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("tls", ["disable", "prefer", "require"])
@pytest.mark.parametrize("name", PASSWORDS)
@pytest.mark.parametrize("method", ["native", "ed"])
def test_our_login_to_mariadb(server, method, name, tls):
    said = connect(server, f"{method}_{name}", PASSWORDS[name], tls)
    assert said["ready"], said
    assert said["plugin"] == {"native": "mysql_native_password", "ed": "client_ed25519"}[method]
    assert said["tls"] == (tls != "disable")
    version = server.scalar("SELECT @@version")
    assert said["text"] == version and said["mariadb"]
    major, minor, patch = version.split("-")[0].split(".")
    assert said["version"] == int(major) * 10000 + int(minor) * 100 + int(patch)
    assert said["sql_mode"] == server.scalar("SELECT @@global.sql_mode")
    assert said["max_allowed_packet"] == server.scalar("SELECT @@global.max_allowed_packet")
    assert said["left"] == 0 and said["session_track"]


def test_many_scrambles_of_ed25519(server):
    """The server's scramble is 32 bytes of anything, a NUL at its end among them."""
    for _ in range(40):
        assert connect(server, "ed_short", "secret")["ready"]


def test_a_server_that_switches_twice(server):
    assert connect(server, "two_ways", "secret")["plugin"] == "mysql_native_password"


@pytest.mark.parametrize("user", ["native_short", "ed_short", "nobody"])
def test_a_wrong_password_is_the_servers_word(server, user):
    said = connect(server, user, "wrong")
    assert not said["ready"] and said["from_server"]
    assert said["sqlstate"] == "28000" and said["message"].startswith("Access denied for user")


def test_refusals_of_the_server(server):
    assert connect(server, "native_short", "secret", database="nowhere")["sqlstate"] == "42000"
    assert connect(server, "tls_only", "secret")["sqlstate"] == "28000"
    assert connect(server, "tls_only", "secret", "require")["ready"]
    server.execute("SET GLOBAL max_connections = 10")
    held = [server.connect() for _ in range(10)]
    try:
        said = connect(server, "native_short", "secret")
        assert not said["ready"] and "Too many connections" in said["message"]
    finally:
        for connection in held:
            connection.close()
        server.execute("SET GLOBAL max_connections = 300")


def native_hash(password: str) -> str:
    return "*" + hashlib.sha1(hashlib.sha1(password.encode()).digest()).hexdigest().upper()


class Front:
    """Our side of the protocol, serving."""

    USERS = {"plain": "pencil", "scram": (
        "SCRAM-SHA-256$4096:AAECAwQFBgcICQoLDA0ODw==$zHCdol2044/ZyWzPLi7oxApCkamKw9Z+E4U/QApd/5Y=:"
        "dd5peBOitVnLNFu7VmwP+HiDaaw4OUCv396eVCWhYiE="), "native": native_hash("pencil")}

    def __init__(self, certificates, flavour="mariadb", tls="disable", method="automatic"):
        self.process = subprocess.Popen(
            [PROGRAM, "serve", flavour, tls, certificates.path("server.crt"), certificates.path("server.key"), method,
             *(f"{name}={secret}" for name, secret in self.USERS.items())], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(params=["mariadb", "mysql"])
def flavour(request):
    return request.param


@pytest.fixture(params=["disable", "prefer"])
def front(request, certificates, flavour):
    made = Front(certificates, flavour, request.param)
    made.tls = request.param == "prefer"
    yield made
    made.close()


def ask_pymysql(front, user, password, ca, **options):
    tls = {"ssl": {"ca": ca}} if front.tls else {}
    with pymysql.connect(host="127.0.0.1", port=front.port, user=user, password=password, database="shop", **tls,
                         **options) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT who")
            return list(cursor.fetchone())


def ask_mysqldb(front, user, password, ca, **options):
    if front.tls:
        options |= {"ssl": {"ca": ca}}
    try:
        connection = MySQLdb.connect(host="127.0.0.1", port=front.port, user=user, passwd=password, db="shop", **options)
    except MySQLdb.Error as problem:
        raise pymysql.err.OperationalError(*problem.args) from problem
    cursor = connection.cursor()
    cursor.execute("SELECT who")
    row = list(cursor.fetchone())
    connection.close()
    return row


def ask_mariadb(front, user, password, ca, *more):
    tls = ["--ssl-ca", ca] if front.tls else ["--skip-ssl"]
    result = run(["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{front.port}", f"-u{user}", f"-p{password}", *tls, *more,
                  "-N", "-B", "-e", "SELECT who", "shop"])
    if result.returncode != 0:
        number = int(result.stderr.split("ERROR ")[1].split()[0]) if "ERROR " in result.stderr else 0
        raise pymysql.err.OperationalError(number, result.stderr)
    return result.stdout.strip("\n").split("\t")


def ask_mysql2(front, user, password, ca):
    script = """
        const mysql = require('mysql2'), fs = require('fs');
        const [port, user, password, ca] = process.argv.slice(1);
        const connection = mysql.createConnection({host: 'localhost', port: +port, user, password, database: 'shop',
            ssl: ca ? {ca: fs.readFileSync(ca)} : undefined});
        connection.query('SELECT who', (problem, rows) => {
            console.log(JSON.stringify(problem ? [problem.errno] : [rows[0].user, rows[0].label, rows[0].db, rows[0].tenant]));
            problem ? connection.destroy() : connection.end();
        });"""
    result = run(["node", "-e", script, str(front.port), user, password, ca if front.tls else ""], cwd=ROOT / "build/node")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    if len(answer) == 1:
        raise pymysql.err.OperationalError(answer[0], result.stdout)
    return answer


LIBRARIES = {"pymysql": ask_pymysql, "mysqldb": ask_mysqldb, "mariadb": ask_mariadb, "mysql2": ask_mysql2}


@pytest.fixture(params=LIBRARIES)
def ask(request, certificates):
    if request.param == "mysql2" and not (ROOT / "build/node/node_modules/mysql2").exists():
        pytest.skip("node's mysql2 is not installed: scripts/node-deps.sh")
    return lambda front, user, password, *more, **options: LIBRARIES[request.param](
        front, user, password, certificates.path("ca.crt"), *more, **options)


@pytest.mark.parametrize("user", ["plain", "scram", "native"])
def test_client_libraries_log_in(front, ask, user):
    """Twice: the second time caching_sha2_password may go the fast way."""
    for _ in range(2):
        assert ask(front, user, "pencil") == [user, "", "shop", ""]
    assert ask(front, f"{user}.acme", "pencil") == [user, "acme", "shop", ""]


@pytest.mark.parametrize("user", ["plain", "scram", "native", "stranger"])
def test_client_libraries_are_refused(front, ask, user):
    with pytest.raises(pymysql.err.OperationalError) as problem:
        ask(front, user, "wrong")
    assert problem.value.args[0] == 1045


def test_clear_text_passwords_under_tls(certificates):
    front = Front(certificates, "mariadb", "prefer", "password")
    front.tls = True
    try:
        assert ask_mariadb(front, "scram", "pencil", certificates.path("ca.crt")) == ["scram", "", "shop", ""]
        front.tls = False
        with pytest.raises(pymysql.err.OperationalError) as problem:
            ask_mariadb(front, "scram", "pencil", certificates.path("ca.crt"))
        assert problem.value.args[0] == 1045
    finally:
        front.close()


def test_zlib(certificates):
    front = Front(certificates)
    front.tls = False
    try:
        assert ask_mysqldb(front, "plain", "pencil", "", compress=1) == ["plain", "", "shop", ""]
        result = run(["mariadb", "--no-defaults", "--compress", "--skip-ssl", "-h127.0.0.1", f"-P{front.port}", "-uplain",
                      "-ppencil", "-N", "-B", "-e", "SELECT MANY; SELECT MANY", "shop"])
        assert result.stdout.split("\n") == ["plain\t\tshop\t"] * 2002 + [""], result.stderr
    finally:
        front.close()


def test_change_user(certificates):
    front = Front(certificates)
    try:
        connection = MySQLdb.connect(host="127.0.0.1", port=front.port, user="plain", passwd="pencil", db="shop")
        for user in ("native", "scram", "plain"):
            connection.change_user(f"{user}.globex", "pencil", "other")
            cursor = connection.cursor()
            cursor.execute("SELECT who")
            assert cursor.fetchone() == (user, "globex", "other", "")
        with pytest.raises(MySQLdb.OperationalError) as problem:
            connection.change_user("native", "wrong", "other")
        assert problem.value.args[0] == 1045
    finally:
        front.close()


def test_connection_attributes(certificates):
    front = Front(certificates)
    front.tls = False
    try:
        script = """
            const mysql = require('mysql2');
            const connection = mysql.createConnection({host: '127.0.0.1', port: +process.argv[1], user: 'plain',
                password: 'pencil', connectAttributes: {fairlead_tenant: 'acme'}});
            connection.query('SELECT who', (problem, rows) => { console.log(rows[0].tenant); connection.end(); });"""
        if not (ROOT / "build/node/node_modules/mysql2").exists():
            pytest.skip("node's mysql2 is not installed: scripts/node-deps.sh")
        result = run(["node", "-e", script, str(front.port)], cwd=ROOT / "build/node")
        assert result.stdout == "acme\n", result.stderr
    finally:
        front.close()
