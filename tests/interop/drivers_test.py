"""Drivers and an ORM as applications use them: nothing in here knows that there is a proxy."""

import asyncio

import asyncpg
import psycopg
import psycopg2
import psycopg2.extras
import psycopg2.pool
import pytest
import sqlalchemy
from sqlalchemy import orm

from support.estate import CLIENT_PASSWORD


@pytest.fixture(autouse=True)
def rows_as_before(restored):
    yield


# psycopg 3

@pytest.fixture
def acme(proxy):
    with psycopg.connect(**proxy.dsn("acme_app", CLIENT_PASSWORD)) as connection:
        yield connection


def test_psycopg_transactions(acme, proxy):
    with acme.transaction():
        acme.execute("INSERT INTO customers (id, name) VALUES (%s, %s)", [40, "forty"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            with acme.transaction():  # a savepoint
                acme.execute("INSERT INTO customers (id, name) VALUES (%s, %s)", [40, "again"])
        assert acme.execute("SELECT name FROM customers WHERE id = %s", [40]).fetchone() == ("forty",)
    with psycopg.connect(**proxy.dsn("globex_app", CLIENT_PASSWORD)) as other:
        assert other.execute("SELECT count(*) FROM customers WHERE id = 40").fetchone() == (0,)


def test_psycopg_prepares_after_a_while(acme):
    acme.prepare_threshold = 2
    for n in range(20):
        assert acme.execute("SELECT id FROM customers WHERE id = %s", [n % 5 + 1]).fetchone() == (n % 5 + 1,)
        acme.commit()
    acme.prepare_threshold = 0
    for n in range(120):  # more than psycopg keeps: it deallocates the oldest
        assert acme.execute(f"SELECT {n}, id FROM customers WHERE id = %s", [1]).fetchone() == (n, 1)
        acme.commit()


def test_psycopg_pipeline(acme):
    with acme.pipeline():
        cursors = [acme.execute("SELECT %s::int, tenant_id FROM customers LIMIT 1", [n]) for n in range(100)]
    assert [c.fetchone() for c in cursors] == [(n, "acme") for n in range(100)]


def test_psycopg_pipeline_with_an_error(acme):
    with pytest.raises(psycopg.errors.DivisionByZero):
        with acme.pipeline():
            acme.execute("INSERT INTO customers (id) VALUES (41)")
            acme.execute("SELECT 1/0")
            acme.execute("INSERT INTO customers (id) VALUES (42)")
    acme.rollback()
    assert acme.execute("SELECT count(*) FROM customers WHERE id > 40").fetchone() == (0,)


def test_psycopg_server_cursor(acme):
    with acme.cursor(name="of the server") as cursor:
        cursor.itersize = 2
        cursor.execute("SELECT id, tenant_id FROM orders ORDER BY id")
        assert list(cursor) == [(n, "acme") for n in range(1, 9)]


def test_psycopg_executemany_and_returning(acme):
    with acme.cursor() as cursor:
        cursor.executemany("INSERT INTO order_items (order_id, sku, qty) VALUES (%s, %s, %s) RETURNING tenant_id",
                           [(100 + n, "x", n) for n in range(50)], returning=True)
        assert cursor.fetchone() == ("acme",)
    acme.commit()
    assert acme.execute("SELECT count(*) FROM order_items WHERE sku = 'x'").fetchone() == (50,)


def test_psycopg_binary_and_types(acme):
    import datetime
    import decimal
    row = acme.execute("SELECT %b::int8, %b::text, %b::timestamptz, %b::jsonb, %b::numeric, %b::uuid, %b::int[]",
                       [2**40, "é", datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc), psycopg.types.json.Jsonb({"a": 1}),
                        decimal.Decimal("1.50"), __import__("uuid").UUID(int=7), [1, 2, 3]], binary=True).fetchone()
    assert row[0] == 2**40 and row[1] == "é" and row[3] == {"a": 1} and row[4] == decimal.Decimal("1.50") and row[6] == [1, 2, 3]


def test_psycopg_copy_out(acme):
    with acme.cursor().copy("COPY (SELECT id FROM customers ORDER BY id) TO STDOUT") as copy:
        assert [row[0] for row in copy.rows()] == ["1", "2", "3", "4", "5"]


def test_psycopg_refusal_is_an_ordinary_error(acme):
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="LISTEN"):
        acme.execute("LISTEN news")
    acme.rollback()
    assert acme.execute("SELECT count(*) FROM customers").fetchone() == (5,)


def test_psycopg_async(proxy):
    async def run():
        async with await psycopg.AsyncConnection.connect(**proxy.dsn("acme_app", CLIENT_PASSWORD)) as connection:
            return await (await connection.execute("SELECT count(*) FROM customers")).fetchone()
    assert asyncio.run(run()) == (5,)


# psycopg 2

def test_psycopg2(proxy):
    pool = psycopg2.pool.ThreadedConnectionPool(2, 5, **proxy.dsn("acme_app", CLIENT_PASSWORD))
    connection = pool.getconn()
    with connection, connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
        cursor.execute("SELECT id, tenant_id FROM customers WHERE id IN %s ORDER BY id", [(1, 2)])
        assert [dict(row) for row in cursor] == [{"id": 1, "tenant_id": "acme"}, {"id": 2, "tenant_id": "acme"}]
    with connection, connection.cursor() as cursor:
        psycopg2.extras.execute_values(cursor, "INSERT INTO customers (id, name) VALUES %s", [(n, "v") for n in range(50, 60)])
        cursor.execute("SELECT count(*) FROM customers WHERE name = 'v'")
        assert cursor.fetchone() == (10,)
    with connection, connection.cursor("named") as cursor:
        cursor.itersize = 3
        cursor.execute("SELECT id FROM orders ORDER BY id")
        assert [row[0] for row in cursor] == list(range(1, 9))
    connection.set_session(isolation_level="SERIALIZABLE", readonly=True)
    with connection, connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("serializable",)
        with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
            cursor.execute("DELETE FROM customers")
    pool.closeall()


# asyncpg

def asyncpg_options(proxy, user):
    return {"host": "127.0.0.1", "port": proxy.port, "user": user, "password": CLIENT_PASSWORD, "database": "shop", "ssl": False}


def test_asyncpg_pool(proxy):
    async def run():
        async with asyncpg.create_pool(**asyncpg_options(proxy, "acme_app"), min_size=3, max_size=8) as pool:
            async def one(n):
                async with pool.acquire() as connection:
                    async with connection.transaction():
                        return await connection.fetchrow("SELECT $1::int AS n, tenant_id, count(*) FROM customers GROUP BY 2", n)
            rows = await asyncio.gather(*(one(n) for n in range(200)))
            assert [tuple(row) for row in rows] == [(n, "acme", 5) for n in range(200)]
    asyncio.run(run())


def test_asyncpg_prepared_cursor_and_types(proxy):
    async def run():
        connection = await asyncpg.connect(**asyncpg_options(proxy, "acme_app"))
        statement = await connection.prepare("SELECT id, total, note FROM orders WHERE id > $1 ORDER BY id")
        assert [r["id"] for r in await statement.fetch(5)] == [6, 7, 8]
        assert statement.get_attributes()[1].name == "total"
        async with connection.transaction():
            assert [r["id"] async for r in connection.cursor("SELECT id FROM orders ORDER BY id", prefetch=3)] == list(range(1, 9))
        assert await connection.fetchval("SELECT $1::int[]", [1, 2]) == [1, 2]
        assert await connection.fetchval("SELECT array_agg(c ORDER BY id) FROM customers c") is not None
        with pytest.raises(asyncpg.exceptions.InsufficientPrivilegeError):
            await connection.execute("LISTEN x")
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
    asyncio.run(run())


def test_asyncpg_copy_to_a_silo(proxy, estate):
    async def run():
        connection = await asyncpg.connect(**asyncpg_options(proxy, "s1_app"))
        await connection.execute("DELETE FROM notes")
        assert await connection.copy_records_to_table("notes", records=[(n, f"note {n}") for n in range(5000)]) == "COPY 5000"
        assert await connection.fetchval("SELECT count(*) FROM notes") == 5000
        await connection.execute("DELETE FROM notes")
        await connection.close()
    asyncio.run(run())


def test_asyncpg_reset_of_a_pool_in_session_pooling(proxy):
    """asyncpg sends pg_advisory_unlock_all, CLOSE ALL, UNLISTEN *, RESET ALL when it gives a connection back."""
    async def run():
        async with asyncpg.create_pool(**asyncpg_options(proxy, "s2_app"), min_size=1, max_size=1) as pool:
            for _ in range(5):
                async with pool.acquire() as connection:
                    await connection.execute("SET timezone = 'Asia/Tokyo'")
                async with pool.acquire() as connection:
                    assert await connection.fetchval("SHOW timezone") != "Asia/Tokyo"
    asyncio.run(run())


def test_asyncpg_timeout_cancels(proxy):
    async def run():
        connection = await asyncpg.connect(**asyncpg_options(proxy, "b1_app"))
        with pytest.raises(asyncio.TimeoutError):
            await connection.execute("SELECT pg_sleep(20)", timeout=0.3)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
    asyncio.run(run())


# SQLAlchemy

Base = orm.declarative_base()


class Customer(Base):
    __tablename__ = "customers"
    tenant_id = sqlalchemy.Column(sqlalchemy.Text, primary_key=True, server_default=sqlalchemy.FetchedValue())
    id = sqlalchemy.Column(sqlalchemy.BigInteger, primary_key=True)
    name = sqlalchemy.Column(sqlalchemy.Text)
    email = sqlalchemy.Column(sqlalchemy.Text)


@pytest.fixture
def engine(proxy):
    engine = sqlalchemy.create_engine(f"postgresql+psycopg2://acme_app:{CLIENT_PASSWORD}@127.0.0.1:{proxy.port}/shop",
                                      pool_size=3, pool_pre_ping=True)
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


def test_sqlalchemy_reads_the_schema(engine):
    inspector = sqlalchemy.inspect(engine)
    assert {"customers", "orders", "plans"} <= set(inspector.get_table_names())
    assert [c["name"] for c in inspector.get_columns("customers")] == ["tenant_id", "id", "name", "email"]
    assert inspector.get_pk_constraint("customers")["constrained_columns"] == ["tenant_id", "id"]
