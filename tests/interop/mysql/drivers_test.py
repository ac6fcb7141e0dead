"""Drivers and an ORM as applications use them: nothing in here knows that there is a proxy."""

import datetime
import decimal
import ssl
import subprocess
import sys
import threading

import MySQLdb
import MySQLdb.cursors
import pymysql
import pytest
import sqlalchemy
from sqlalchemy import orm

from support.estate import CLIENT_PASSWORD

MODULES = {"pymysql": pymysql, "mysqldb": MySQLdb}


@pytest.fixture(autouse=True)
def rows_as_before(restored):
    yield


@pytest.fixture(params=MODULES)
def driver(request):
    return MODULES[request.param]


def connect(driver, proxy, user="acme_app", **options):
    return driver.connect(host="127.0.0.1", port=proxy.port, user=user, password=CLIENT_PASSWORD, database="shop", charset="utf8mb4",
                          **options)


@pytest.fixture
def acme(driver, proxy):
    connection = connect(driver, proxy)
    yield connection
    connection.close()


def one(connection, sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()


def test_transactions(acme, driver, proxy):
    acme.begin()
    with acme.cursor() as cursor:
        cursor.execute("INSERT INTO customers (id, name) VALUES (%s, %s)", (40, "forty"))
        cursor.execute("SAVEPOINT s")
        with pytest.raises(driver.IntegrityError):
            cursor.execute("INSERT INTO customers (id, name) VALUES (%s, %s)", (40, "again"))
        cursor.execute("ROLLBACK TO SAVEPOINT s")
    acme.commit()
    assert one(acme, "SELECT name FROM customers WHERE id = %s", (40,)) == ("forty",)
    other = connect(driver, proxy, "globex_app")
    assert one(other, "SELECT count(*) FROM customers WHERE id = 40") == (0,)
    other.close()


def test_types(acme):
    row = one(acme, "SELECT %s, %s, CAST(%s AS DATETIME(6)), CAST(%s AS DECIMAL(10, 2)), %s, %s",
              (2**40, "é𝄞", datetime.datetime(2020, 1, 2, 3, 4, 5, 678), decimal.Decimal("1.50"), None, b"ab"))
    assert row[0] == 2**40 and row[1] == "é𝄞" and row[2] == datetime.datetime(2020, 1, 2, 3, 4, 5, 678)
    assert row[3] == decimal.Decimal("1.50") and row[4] is None and row[5] in ("ab", b"ab")


def test_executemany_and_last_ids(acme):
    with acme.cursor() as cursor:
        cursor.executemany("INSERT INTO orders (customer_id, note) VALUES (%s, %s)", [(n, f"note {n}") for n in range(50)])
        assert cursor.rowcount == 50 and cursor.lastrowid >= 1000
        cursor.execute("SELECT LAST_INSERT_ID()")
        assert cursor.fetchone()[0] >= 1000
    acme.commit()
    assert one(acme, "SELECT count(*), count(DISTINCT tenant_id) FROM orders WHERE note LIKE 'note %%'") == (50, 1)


def test_a_refusal_is_an_ordinary_error(acme, driver):
    with pytest.raises(driver.MySQLError if driver is MySQLdb else driver.err.MySQLError) as refusal:
        one(acme, "TRUNCATE customers")
    assert refusal.value.args[0] == 1235 and "fairlead: " in refusal.value.args[1]
    assert one(acme, "SELECT count(*) FROM customers") == (5,)


def test_a_streaming_cursor(driver, proxy):
    kind = pymysql.cursors.SSCursor if driver is pymysql else MySQLdb.cursors.SSCursor
    connection = connect(driver, proxy, "b1_app", cursorclass=kind)
    cursor = connection.cursor()
    cursor.execute("SELECT seq FROM seq_1_to_5000")
    assert [row[0] for row in cursor] == list(range(1, 5001))
    cursor.close()
    connection.close()


def test_a_procedure_with_several_results(driver, proxy):
    connection = connect(driver, proxy, "b1_app")
    with connection.cursor() as cursor:
        cursor.callproc("two_results")
        assert cursor.fetchall() == ((1,),)
        assert cursor.nextset()
        assert cursor.fetchall() == (("b1 first",), ("b1 second",))
        while cursor.nextset():
            pass
    connection.close()


def test_ping_and_reconnect(acme):
    acme.ping()
    assert one(acme, "SELECT 1") == (1,)


def test_compression(proxy):
    connection = connect(MySQLdb, proxy, compress=True)
    assert len(one(connection, "SELECT repeat('x', 300000)")[0]) == 300000
    connection.close()


def test_local_infile(driver, proxy, tmp_path):
    file = tmp_path / "notes.csv"
    file.write_text("one\ntwo\n")
    connection = connect(driver, proxy, "s1_app", local_infile=True)
    with connection.cursor() as cursor:
        cursor.execute(f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE notes (note)")
        assert cursor.rowcount == 2
        cursor.execute("DELETE FROM notes")
    connection.commit()
    connection.close()


def test_many_threads(driver, proxy):
    problems = []

    def work(tenant, expected):
        try:
            connection = connect(driver, proxy, f"{tenant}_app", autocommit=True)
            for _ in range(30):
                found = one(connection, "SELECT count(*), min(tenant_id), max(tenant_id) FROM customers")
                if found != (expected, tenant, tenant):
                    problems.append(found)
            connection.close()
        except Exception as problem:
            problems.append(repr(problem))
    threads = [threading.Thread(target=work, args=pair) for pair in (("acme", 5), ("globex", 9)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not problems, problems[:3]


@pytest.mark.parametrize("method", ["mysql_native_password", "caching_sha2_password"])
@pytest.mark.parametrize("tls", [False, True], ids=["clear", "tls"])
def test_libmariadb_logs_in_by(start_proxy, estate, certificates, method, tls):
    """libmariadb begins with the method that it was told to prefer; the RSA key of caching_sha2 it fetches itself."""
    settings = estate.settings(listen={"mysql": {"tls": {
        "mode": "prefer", "cert": certificates.path("server.crt"), "key": certificates.path("server.key")}}})
    proxy = start_proxy(settings)
    options = {"auth_plugin": method} if "auth_plugin" in (MySQLdb.connect.__doc__ or "") else {}
    if tls:
        options["ssl"] = {"ca": certificates.path("ca.crt")}
    for _ in range(2):  # full, then fast
        connection = MySQLdb.connect(host="127.0.0.1", port=proxy.port, user="acme_app", password=CLIENT_PASSWORD, database="shop", **options)
        assert one(connection, "SELECT DISTINCT tenant_id FROM customers") == ("acme",)
        connection.close()
    with pytest.raises(MySQLdb.OperationalError):
        MySQLdb.connect(host="127.0.0.1", port=proxy.port, user="acme_app", password="wrong", database="shop", **options)


def test_pymysql_under_tls(start_proxy, estate, certificates):
    proxy = start_proxy(estate.settings(listen={"mysql": {"tls": {
        "mode": "require", "cert": certificates.path("server.crt"), "key": certificates.path("server.key")}}}))
    context = ssl.create_default_context(cafile=certificates.path("ca.crt"))
    context.check_hostname = False
    connection = connect(pymysql, proxy, ssl=context)
    assert one(connection, "SELECT DISTINCT tenant_id FROM customers") == ("acme",)
    connection.close()
    with pytest.raises(pymysql.err.OperationalError):
        connect(pymysql, proxy)


def test_pymysql_names_its_tenant(proxy):
    connection = connect(pymysql, proxy, "app.globex")
    assert one(connection, "SELECT DISTINCT tenant_id FROM customers") == ("globex",)
    connection.close()


# SQLAlchemy

Base = orm.declarative_base()


class Customer(Base):
    __tablename__ = "customers"
    tenant_id = sqlalchemy.Column(sqlalchemy.String(63), primary_key=True, server_default=sqlalchemy.FetchedValue())
    id = sqlalchemy.Column(sqlalchemy.BigInteger, primary_key=True, autoincrement=False)
    name = sqlalchemy.Column(sqlalchemy.String(80))
    email = sqlalchemy.Column(sqlalchemy.String(80))


@pytest.fixture(params=["pymysql", "mysqldb"])
def engine(proxy, request):
    engine = sqlalchemy.create_engine(f"mysql+{request.param}://acme_app:{CLIENT_PASSWORD}@127.0.0.1:{proxy.port}/shop?charset=utf8mb4",
                                      pool_size=3, pool_pre_ping=True, isolation_level="READ COMMITTED")
    yield engine
    engine.dispose()


def test_sqlalchemy_orm(engine):
    with orm.Session(engine) as session:
        assert session.query(Customer).count() == 5
        assert {c.tenant_id for c in session.query(Customer)} == {"acme"}
        session.add(Customer(tenant_id="acme", id=60, name="sixty"))
        session.commit()
        found = session.get(Customer, ("acme", 60))
        found.name = "changed"
        session.commit()
        assert session.query(Customer.name).filter(Customer.id == 60).one() == ("changed",)
        session.delete(found)
        session.commit()
        assert session.get(Customer, ("globex", 1)) is None
        session.add(Customer(tenant_id="globex", id=61))
        with pytest.raises(sqlalchemy.exc.DBAPIError):
            session.commit()
        session.rollback()
        assert session.query(Customer).count() == 5


def test_sqlalchemy_reads_the_schema_of_a_silo(proxy):
    engine = sqlalchemy.create_engine(f"mysql+pymysql://s1_app:{CLIENT_PASSWORD}@127.0.0.1:{proxy.port}/shop")
    inspector = sqlalchemy.inspect(engine)
    assert {"users", "notes"} <= set(inspector.get_table_names())
    assert [c["name"] for c in inspector.get_columns("users")] == ["user_id", "username"]
    assert inspector.get_pk_constraint("users")["constrained_columns"] == ["user_id"]
    engine.dispose()


def test_sqlalchemy_lists_shared_tables(engine):
    inspector = sqlalchemy.inspect(engine)
    assert {"customers", "orders", "plans"} <= set(inspector.get_table_names())


def test_a_program_that_forks_its_connections(proxy, tmp_path):
    """A process pool of clients, as web servers run them."""
    script = tmp_path / "worker.py"
    script.write_text("import pymysql, sys\nc = pymysql.connect(host='127.0.0.1', port=int(sys.argv[1]), user='acme_app', password=sys.argv[2], "
                      "database='shop')\nk = c.cursor()\nk.execute('SELECT count(*) FROM customers')\nprint(k.fetchone()[0])\n")
    workers = [subprocess.Popen([sys.executable, script, str(proxy.port), CLIENT_PASSWORD], stdout=subprocess.PIPE, text=True) for _ in range(8)]
    assert [worker.communicate(timeout=60)[0].strip() for worker in workers] == ["5"] * 8
