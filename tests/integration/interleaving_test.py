"""Two tenants over ONE server connection: whatever one does, the other sees its own rows and none of its state."""

import random

import pytest

from support.estate import CLIENT_PASSWORD
from support.raw_client import SYNC, ServerClosed, bind, describe, execute, parse, query

SEEN = "SELECT coalesce(string_agg(DISTINCT tenant_id, ','), '') FROM orders"


@pytest.fixture(scope="module")
def narrow(estate, tmp_path_factory):
    """A pool of one: every link of every tenant is the same server connection (per database)."""
    from support.fairlead import Fairlead
    server = Fairlead(tmp_path_factory.mktemp("proxy"), estate.settings(backends__main__pool_size=1, backends__silo__pool_size=1),
                      estate.environment)
    yield server
    server.close()


@pytest.fixture
def two(narrow, request):
    database = getattr(request, "param", "shop")
    a = narrow.raw("acme_app", CLIENT_PASSWORD, database=database)
    b = narrow.raw("globex_app", CLIENT_PASSWORD, database=database)
    assert pid(a) == pid(b), "this test needs both tenants on one server connection"
    yield a, b
    a.close()
    b.close()


def pid(client):
    return client.query("SELECT pg_backend_pid()").rows


both_kinds = pytest.mark.parametrize("two", ["shop", "shop_guc"], indirect=True)


@both_kinds
def test_alternating_statements(two):
    a, b = two
    for _ in range(20):
        assert a.query(SEEN).rows == [["acme"]]
        assert b.query(SEEN).rows == [["globex"]]
        assert b.extended(SEEN).rows == [["globex"]]
        assert a.extended(SEEN).rows == [["acme"]]


@both_kinds
def test_after_a_rolled_back_transaction(two):
    a, b = two
    for ending in ("ROLLBACK", "COMMIT"):
        a.query("BEGIN")
        assert a.query(SEEN).rows == [["acme"]]
        a.query("SAVEPOINT s")
        a.query("SELECT 1/0")
        a.query("ROLLBACK TO s")
        assert a.query(SEEN).rows == [["acme"]]
        a.query(ending)
        assert b.query(SEEN).rows == [["globex"]]
        a.query("BEGIN")
        a.query("SELECT 1/0")
        a.query(ending)  # COMMIT of a failed transaction is a rollback
        assert b.query(SEEN).rows == [["globex"]]
        assert a.query(SEEN).rows == [["acme"]]


@both_kinds
def test_transaction_starts_in_every_spelling(two):
    a, b = two
    for begin in ("BEGIN", "begin work", "START TRANSACTION", "BEGIN ISOLATION LEVEL SERIALIZABLE", "BEGIN READ ONLY",
                  "START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY, DEFERRABLE"):
        reply = a.query(begin)
        assert not reply.error and reply.status == "T", (begin, reply.error)
        assert a.query(SEEN).rows == [["acme"]]
        a.query("COMMIT")
        assert b.query(SEEN).rows == [["globex"]]
    a.query("BEGIN")
    assert not a.query("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").error
    assert a.query("SHOW transaction_isolation").rows == [["serializable"]]
    assert a.query(SEEN).rows == [["acme"]]
    a.query("COMMIT")


@both_kinds
def test_several_syncs_in_one_write(two):
    a, b = two
    one = parse(SEEN) + bind() + execute() + SYNC
    a.send(one * 5)
    b.send(one * 5)
    assert [a.read_reply().rows for _ in range(5)] == [[["acme"]]] * 5
    assert [b.read_reply().rows for _ in range(5)] == [[["globex"]]] * 5


@both_kinds
def test_protocol_prepared_statements_of_the_same_name(two):
    a, b = two
    a.send(parse("SELECT 'a', tenant_id FROM customers ORDER BY id LIMIT 1", "s"), SYNC)
    assert a.read_reply().types == "1Z"
    b.send(bind((), "s"), execute(), SYNC)
    assert b.read_reply().sqlstate == "26000", "a statement of another client was found"
    b.send(parse("SELECT 'b', tenant_id FROM customers ORDER BY id LIMIT 1", "s"), SYNC)
    assert b.read_reply().types == "1Z"
    for _ in range(7):
        a.send(bind((), "s"), execute(), SYNC)
        assert a.read_reply().rows == [["a", "acme"]]
        b.send(bind((), "s"), execute(), SYNC)
        assert b.read_reply().rows == [["b", "globex"]]


@both_kinds
def test_the_same_text_prepared_by_both(two):
    a, b = two
    for client in two:
        client.send(parse(SEEN, "same"), SYNC)
        assert not client.read_reply().error
    for _ in range(7):
        for client, tenant in ((a, "acme"), (b, "globex")):
            client.send(bind((), "same"), execute(), SYNC)
            assert client.read_reply().rows == [[tenant]]


@both_kinds
def test_the_context_is_there_again_when_something_took_it_away(two):
    """Without a Sync nothing tells of it but the COMMIT's own answer, and RESET ALL between Bind and Execute (found by
    fuzzing): rows would be missing."""
    for client, tenant in zip(two, ("acme", "globex")):
        client.send(parse("BEGIN"), bind(), execute(), parse(SEEN), bind(), execute(), parse("COMMIT"), bind(), execute(), query("BEGIN"))
        assert client.read_reply().status == "T"
        assert client.query(SEEN).rows == [[tenant]]
        client.query("COMMIT")
        client.send(parse(SEEN), bind((), "", "rows"), parse("RESET ALL"), bind(), execute(), execute("rows"), SYNC)
        reply = client.read_reply()
        assert not reply.error and reply.rows == [[tenant]], (reply.error, reply.rows)


@both_kinds
def test_sql_prepared_statements(two):
    a, b = two
    assert not a.query(f"PREPARE q AS {SEEN}").error
    assert b.query("EXECUTE q").sqlstate == "26000"
    assert not b.query("PREPARE q AS SELECT 'mine'").error
    assert a.query("EXECUTE q").rows == [["acme"]]
    assert b.query("EXECUTE q").rows == [["mine"]]
    assert not b.query("DEALLOCATE ALL").error
    assert a.query("EXECUTE q").rows == [["acme"]]
    assert b.query("EXECUTE q").sqlstate == "26000"
    assert b.query("DEALLOCATE q").sqlstate == "26000"


@both_kinds
def test_session_settings_stay_with_their_client(two):
    a, b = two
    before = b.query("SHOW timezone").rows
    for sql in ("SET timezone = 'Asia/Tokyo'", "SET statement_timeout = '12345ms'", "SET application_name = 'of a'",
                "SET datestyle = 'German'", "SET extra_float_digits = 0"):
        reply = a.query(sql)
        assert not reply.error, (sql, reply.error)
        assert b.query("SHOW " + sql.split()[1]).rows != a.query("SHOW " + sql.split()[1]).rows, sql
    assert b.query("SHOW timezone").rows == before
    assert a.query("SHOW timezone").rows == [["Asia/Tokyo"]]
    assert a.query("SELECT to_char(now(), 'TZ')").rows != b.query("SELECT to_char(now(), 'TZ')").rows
    assert not a.query("RESET timezone").error
    assert a.query("SHOW timezone").rows == before
    assert not a.query("DISCARD ALL").error
    assert a.query("SHOW statement_timeout").rows == b.query("SHOW statement_timeout").rows


def test_settings_follow_the_transaction(two):
    a, _ = two
    a.query("SET timezone = 'UTC'")
    a.query("BEGIN")
    a.query("SET timezone = 'Asia/Tokyo'")
    a.query("ROLLBACK")
    assert a.query("SHOW timezone").rows == [["UTC"]]
    a.query("BEGIN")
    a.query("SET LOCAL timezone = 'Asia/Tokyo'")
    assert a.query("SHOW timezone").rows == [["Asia/Tokyo"]]
    a.query("COMMIT")
    assert a.query("SHOW timezone").rows == [["UTC"]]


def test_startup_settings_are_restored(narrow):
    a = narrow.raw("acme_app", CLIENT_PASSWORD, TimeZone="Asia/Tokyo", application_name="first",
                   options="-c datestyle=German -c statement_timeout=7s")
    b = narrow.raw("globex_app", CLIENT_PASSWORD, TimeZone="UTC")
    for _ in range(3):
        assert a.query("SHOW timezone").rows == [["Asia/Tokyo"]]
        assert b.query("SHOW timezone").rows == [["UTC"]]
        assert a.query("SHOW statement_timeout").rows == [["7s"]]
        assert b.query("SHOW statement_timeout").rows != [["7s"]]
        assert a.query("SHOW datestyle").rows == [["German, DMY"]]
    assert a.query("RESET ALL").error or a.query("SHOW timezone").rows == [["Asia/Tokyo"]]
    a.close()
    b.close()


@both_kinds
def test_cursors_and_portals_do_not_survive(two):
    a, b = two
    a.query("BEGIN")
    assert not a.query("DECLARE c CURSOR FOR SELECT tenant_id FROM orders").error
    assert a.query("FETCH 1 FROM c").rows == [["acme"]]
    a.query("COMMIT")
    b.query("BEGIN")
    assert b.query("FETCH 1 FROM c").sqlstate == "34000"
    b.query("ROLLBACK")
    a.query("BEGIN")
    a.send(parse("SELECT tenant_id FROM orders"), bind((), "", "port"), execute("port", 1), SYNC)
    assert a.read_reply().rows == [["acme"]]
    a.query("COMMIT")
    b.query("BEGIN")
    b.send(execute("port", 1), SYNC)
    assert b.read_reply().sqlstate == "34000"
    b.query("ROLLBACK")


@both_kinds
def test_sequence_state_does_not_cross(two, restored):
    a, b = two
    assert not a.query("INSERT INTO orders (customer_id, total) VALUES (1, 2)").error
    assert b.query("SELECT currval('orders_id_seq')").error
    assert b.query("SELECT lastval()").error


@both_kinds
def test_shared_session_objects_are_refused_or_gone(two):
    a, b = two
    for sql in ("CREATE TEMP TABLE customers (tenant_id text, id int)", "LISTEN news", "SELECT pg_advisory_lock(7)"):
        assert a.query(sql).error, sql
    assert b.query("SELECT count(*) FROM customers").rows == [["9"]]


@both_kinds
def test_unnamed_statement_and_portal_do_not_cross(two):
    a, b = two
    a.send(parse("SELECT 'of a'"), SYNC)
    assert not a.read_reply().error
    b.send(bind(), execute(), SYNC)
    reply = b.read_reply()
    assert reply.error and not reply.rows


@both_kinds
def test_disconnect_in_every_state(narrow, two, restored):
    _, b = two
    leavings = [
        [query("BEGIN")], [query("BEGIN"), query("SELECT 1/0")],
        [query("BEGIN; UPDATE orders SET note = 'left behind'")],
        [parse("SELECT pg_sleep(0.2)"), bind(), execute()], [parse(SEEN), bind(), execute(), SYNC],
        [query("SELECT * FROM generate_series(1, 200000)")],
        [query("BEGIN"), query("DECLARE c CURSOR FOR SELECT 1")], [query("SET timezone = 'Asia/Tokyo'")],
        [query("COPY (SELECT * FROM generate_series(1, 200000)) TO STDOUT")], [query("BEGIN")[:3]],
        [describe("S", "none")],
    ]
    for leaving in leavings:
        client = narrow.raw("acme_app", CLIENT_PASSWORD)
        client.send(*leaving)
        client.close()
        reply = b.query(SEEN)
        assert reply.rows == [["globex"]], (leaving, reply.error)
        assert reply.status == "I"
    assert b.query("SHOW timezone").rows != [["Asia/Tokyo"]]
    assert restored.main.scalar("SELECT count(*) FROM orders WHERE note = 'left behind'", "shop") == 0


@pytest.mark.parametrize("database", ["shop", "shop_guc"])
@pytest.mark.parametrize("seed", range(6))
def test_random_interleaving(narrow, restored, seed, database):
    """Each step is one whole exchange of one client; a transaction holds the only connection, so it ends in its turn."""
    chance = random.Random(seed)
    tenants = {"acme": 5, "globex": 9}
    clients = {}

    def client_of(tenant):
        if tenant not in clients:
            clients[tenant] = narrow.raw(f"{tenant}_app", CLIENT_PASSWORD, database=database)
            clients[tenant].send(parse("SELECT count(*) FROM customers", "kept"), SYNC)
            assert not clients[tenant].read_reply().error
        return clients[tenant]

    def own_rows(client, tenant):
        assert client.query(SEEN).rows == [[tenant]]

    def simple(client, tenant):
        assert client.query("SELECT count(*) FROM customers").rows == [[str(tenants[tenant])]]

    def extended(client, tenant):
        assert client.extended("SELECT count(*) FROM customers WHERE id > $1", ["0"]).rows == [[str(tenants[tenant])]]

    def prepared(client, tenant):
        client.send(bind((), "kept"), execute(), SYNC)
        assert client.read_reply().rows == [[str(tenants[tenant])]]

    def failing(client, tenant):
        assert client.query("SELECT 1/0 FROM customers").sqlstate == "22012"

    def refused(client, tenant):
        assert client.query("LISTEN x").error
        client.send(parse("SELECT 1"), bind(), execute(), parse("LISTEN x"), bind(), execute(), SYNC)
        assert client.read_reply().error

    def transaction(client, tenant):
        client.query("BEGIN")
        own_rows(client, tenant)
        if chance.random() < 0.5:
            assert client.query("UPDATE orders SET note = note || '.'").status == "T"
        if chance.random() < 0.3:
            assert client.query("SELECT nonsense").status == "E"
        client.query(chance.choice(["COMMIT", "ROLLBACK", "END", "ABORT"]))

    def setting(client, tenant):
        zone = {"acme": "Asia/Tokyo", "globex": "America/Lima"}[tenant]
        client.query(f"SET timezone = '{zone}'")

    def leave(client, tenant):
        if chance.random() < 0.5:
            client.send(query("BEGIN"), query("UPDATE customers SET name = 'gone'"))
        client.close()
        del clients[tenant]

    def write(client, tenant):
        key = chance.randrange(10**9)
        assert not client.query(f"INSERT INTO order_items (order_id, sku, qty) VALUES ({key}, 'r', 1)").error
        reply = client.query(f"DELETE FROM order_items WHERE order_id = {key} RETURNING tenant_id")
        assert reply.rows == [[tenant]], reply.error

    steps = [simple, extended, prepared, failing, refused, transaction, setting, write, own_rows, leave]
    trail = []
    try:
        for _ in range(150):
            tenant, step = chance.choice(list(tenants)), chance.choice(steps)
            trail.append((tenant, step.__name__))
            step(client_of(tenant), tenant)
    except (AssertionError, ServerClosed) as problem:
        raise AssertionError(f"seed {seed}, after {trail[-6:]}: {problem}") from problem
    finally:
        for client in clients.values():
            client.close()
    counts = restored.main.execute("SELECT tenant_id, count(*) FROM customers WHERE name <> 'gone' GROUP BY 1 ORDER BY 1", database)
    assert counts == [("acme", 5), ("globex", 9)]
