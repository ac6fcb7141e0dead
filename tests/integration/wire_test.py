"""The PostgreSQL protocol through the proxy: what a client sends and gets must be what a server alone would give."""

import struct
import time

import pytest

from support.estate import CLIENT_PASSWORD
from support.raw_client import (COPY_DONE, FLUSH, SYNC, RawClient, RefusedLogin, ServerClosed, bind, close, copy_data,
                                copy_fail, describe, execute, frame, parse, query, startup)

# A tenant of each placement whose SQL the guard treats differently.
everywhere = pytest.mark.parametrize("tenant", ["acme", "b1", "d1", "s1", "s2"])


# Simple query

@everywhere
def test_simple_query(login, tenant):
    client = login(tenant)
    reply = client.query("SELECT 1 AS one, 'zwei' AS two, NULL AS three")
    assert reply.types == "TDCZ"
    assert (reply.columns, reply.rows, reply.tags, reply.status) == ([["one", "two", "three"]], [["1", "zwei", None]], ["SELECT 1"], "I")


@everywhere
def test_several_statements_in_one_text(login, tenant):
    reply = login(tenant).query("SELECT 1; SELECT 2, 3; SELECT 4 WHERE false")
    assert reply.types == "TDCTDCTCZ"
    assert reply.rows == [["1"], ["2", "3"]]


@everywhere
def test_an_error_ends_a_text(login, tenant):
    client = login(tenant)
    reply = client.query("SELECT 1; SELECT 1/0; SELECT 2")
    assert (reply.rows, reply.sqlstate, reply.status) == ([["1"]], "22012", "I")
    assert client.query("SELECT 3").rows == [["3"]]


@everywhere
def test_empty_queries(login, tenant):
    client = login(tenant)
    for text in ("", ";", "   ", "-- only a comment", "/* the same */"):
        assert client.query(text).types == "IZ", text
    assert client.extended("").types == "12nIZ"


@everywhere
def test_transaction_status(login, tenant):
    client = login(tenant)
    assert client.query("BEGIN").status == "T"
    assert client.query("SELECT 1").status == "T"
    assert client.query("SELECT 1/0").status == "E"
    reply = client.query("SELECT 1")
    assert (reply.sqlstate, reply.status) == ("25P02", "E")
    assert client.query("COMMIT").tags == ["ROLLBACK"]


def test_a_syntax_error_looks_like_the_servers(login):
    reply = login("s1").query("SELEC 1")
    assert reply.sqlstate == "42601" and reply.error["P"] == "1"
    reply = login("acme").query("SELEC 1")
    assert reply.error["S"] == "ERROR" and reply.sqlstate == "42601"


# Extended query

@everywhere
def test_extended_query(login, tenant):
    client = login(tenant)
    reply = client.extended("SELECT $1::int + 1, $2::text", ["41", None])
    assert (reply.types, reply.rows) == ("12TDCZ", [["42", None]])


@everywhere
def test_named_statements(login, tenant):
    client = login(tenant)
    client.send(parse("SELECT $1::int * 2 AS twice", "double"), describe("S", "double"), SYNC)
    reply = client.read_reply()
    assert reply.types == "1tTZ"
    assert struct.unpack("!HI", reply.of("t")[0].body) == (1, 23)
    assert reply.columns == [["twice"]]
    for n in range(3):
        client.send(bind([n], "double"), execute(), SYNC)
        assert client.read_reply().rows == [[str(2 * n)]]
    client.send(parse("SELECT 1", "double"), SYNC)
    assert client.read_reply().sqlstate == "42P05"
    client.send(close("S", "double"), SYNC)
    assert client.read_reply().types == "3Z"
    client.send(close("S", "never there"), SYNC)
    assert client.read_reply().types == "3Z"
    client.send(bind([1], "double"), execute(), SYNC)
    assert client.read_reply().sqlstate == "26000"


@everywhere
def test_a_failed_parse_leaves_no_statement(login, tenant):
    client = login(tenant)
    client.send(parse("SELECT nonsense_column", "bad"), SYNC)
    assert client.read_reply().error
    client.send(bind([], "bad"), execute(), SYNC)
    assert client.read_reply().sqlstate == "26000"
    client.send(parse("SELECT 5", "bad"), bind([], "bad"), execute(), SYNC)
    assert client.read_reply().rows == [["5"]]


def test_parameter_types_are_part_of_a_statement(login):
    a, b = login("acme"), login("acme")
    for client, oid, expected in ((a, 23, "integer"), (b, 25, "text")):
        client.send(parse("SELECT pg_typeof($1)", "t", [oid]), SYNC)
        assert not client.read_reply().error
        client.send(bind(["7"], "t"), execute(), SYNC)
        assert client.read_reply().rows == [[expected]]
    a.send(bind(["7"], "t"), execute(), SYNC)
    assert a.read_reply().rows == [["integer"]]


@everywhere
def test_portal_with_row_limit(login, tenant):
    client = login(tenant)
    client.send(parse("SELECT generate_series(1, 5)"), bind(), execute("", 2), execute("", 2), execute("", 2), SYNC)
    reply = client.read_reply()
    assert reply.types == "12DDsDDsDCZ"
    assert reply.rows == [["1"], ["2"], ["3"], ["4"], ["5"]]


@everywhere
def test_named_portals_in_a_transaction(login, tenant):
    client = login(tenant)
    client.query("BEGIN")
    client.send(parse("SELECT generate_series(1, 3)", "s"), bind([], "s", "p1"), bind([], "s", "p2"), describe("P", "p1"), SYNC)
    assert client.read_reply().types == "122TZ"
    client.send(execute("p1", 1), execute("p2", 2), execute("p1", 0), SYNC)
    assert client.read_reply().rows == [["1"], ["1"], ["2"], ["2"], ["3"]]
    client.send(close("P", "p2"), execute("p2"), SYNC)
    assert client.read_reply().sqlstate == "34000"
    client.query("ROLLBACK")


@everywhere
def test_pipeline_of_many(login, tenant):
    client = login(tenant)
    client.send(*[parse("SELECT $1::int") + bind([n]) + execute() + SYNC for n in range(300)])
    assert [client.read_reply().rows for _ in range(300)] == [[[str(n)]] for n in range(300)]


@everywhere
def test_error_in_a_pipeline_skips_to_sync(login, tenant):
    client = login(tenant)
    good = parse("SELECT 1") + bind() + execute()
    bad = parse("SELECT 1 / (g - g) FROM generate_series(1, 1) g") + bind() + execute()  # fails when it runs, not before
    client.send(good, bad, good, SYNC, good, SYNC)
    first, second = client.read_reply(), client.read_reply()
    assert first.types == "12DC12EZ" and first.sqlstate == "22012"
    assert second.rows == [["1"]]


@everywhere
def test_one_sync_is_one_transaction(login, tenant):
    client = login(tenant)
    table = "customers (id, name)" if tenant == "acme" else "users (user_id, username)"
    insert = parse(f"INSERT INTO {table} VALUES (8888, 'x')") + bind() + execute()
    client.send(insert, insert, SYNC)
    reply = client.read_reply()
    assert reply.tags == ["INSERT 0 1"] and reply.sqlstate == "23505"
    name = table.split()[0]
    key = "id" if tenant == "acme" else "user_id"
    assert client.query(f"SELECT count(*) FROM {name} WHERE {key} = 8888").rows == [["0"]]


def test_a_refusal_in_a_pipeline_has_the_effect_of_an_error(login, restored):
    client = login("acme")
    client.send(parse("INSERT INTO customers (id, name) VALUES (7777, 'x')"), bind(), execute(),
                parse("LISTEN x"), bind(), execute(),
                parse("INSERT INTO customers (id, name) VALUES (7778, 'x')"), bind(), execute(), SYNC,
                parse("SELECT count(*) FROM customers"), bind(), execute(), SYNC)
    first, second = client.read_reply(), client.read_reply()
    assert first.tags == ["INSERT 0 1"] and first.sqlstate == "42501"
    assert first.error["M"] and first.error.get("H"), first.error
    assert second.rows == [["5"]]
    assert restored.main.scalar("SELECT count(*) FROM customers WHERE id IN (7777, 7778)", "shop") == 0


def test_a_refusal_in_a_transaction_fails_it(login):
    client = login("acme")
    client.query("BEGIN")
    refusal = client.query("TRUNCATE customers")
    assert refusal.error and refusal.status == "E"
    assert client.query("SELECT 1").sqlstate == "25P02"
    client.query("ROLLBACK")
    assert client.query("SELECT 1").rows == [["1"]]


@everywhere
def test_flush_without_sync(login, tenant):
    client = login(tenant)
    client.send(parse("SELECT 1"), describe("S"), FLUSH)
    assert [m.type for m in client.read_until("T")] == ["1", "t", "T"]
    client.send(bind(), execute(), FLUSH)
    assert [m.type for m in client.read_until("C")] == ["2", "D", "C"]
    assert client.nothing_comes(0.1)
    client.send(SYNC)
    assert client.read_reply().types == "Z"


@everywhere
def test_sync_alone_and_repeated(login, tenant):
    client = login(tenant)
    client.send(SYNC, SYNC, SYNC)
    assert [client.read_reply().types for _ in range(3)] == ["Z", "Z", "Z"]


@everywhere
def test_simple_query_within_an_extended_sequence(login, tenant):
    client = login(tenant)
    client.send(parse("SELECT 1"), bind(), execute(), query("SELECT 2"), SYNC)
    assert client.read_reply().rows == [["1"], ["2"]]
    assert client.read_reply().types == "Z"


@everywhere
def test_every_split_of_the_bytes(login, tenant):
    """Messages arrive in pieces of any size; headers may be cut anywhere."""
    client = login(tenant)
    data = parse("SELECT $1::int", "split") + bind([5], "split") + describe("P") + execute() + close("S", "split") + SYNC
    for at in range(1, len(data)):
        client.send(data[:at])
        if at % 7 == 0:
            time.sleep(0.001)
        client.send(data[at:])
        assert client.read_reply().types == "12TDC3Z", at


def test_byte_by_byte_login(proxy):
    client = RawClient(proxy.port)
    for byte in startup({"user": "acme_app", "database": "shop"}):
        client.send(bytes([byte]))
    client.authenticate("acme_app", CLIENT_PASSWORD)
    for byte in query("SELECT 1"):
        client.send(bytes([byte]))
    assert client.read_reply().rows == [["1"]]
    client.close()


# COPY

@everywhere
def test_copy_out(login, tenant):
    client = login(tenant)
    reply = client.query("COPY (SELECT generate_series(1, 3)) TO STDOUT")
    assert reply.types == "HdddcCZ" and reply.tags == ["COPY 3"]
    client.send(parse("COPY (SELECT 7) TO STDOUT"), bind(), execute(), SYNC)
    assert client.read_reply().types == "12HdcCZ"


@pytest.mark.parametrize("tenant", ["b1", "d1", "s1", "s2"])
def test_copy_in(login, tenant):
    client = login(tenant)
    client.query("DELETE FROM notes")
    client.send(query("COPY notes (note) FROM STDIN"))
    client.read_until("G")
    client.send(*[copy_data(f"line {n}\n".encode()) for n in range(1000)], COPY_DONE)
    assert client.read_reply().tags == ["COPY 1000"]
    assert client.query("SELECT count(*) FROM notes").rows == [["1000"]]
    client.send(query("COPY notes (note) FROM STDIN"))
    client.read_until("G")
    client.send(copy_data(b"lost\n"), copy_fail("changed my mind"))
    assert client.read_reply().sqlstate == "57014"
    client.send(parse("COPY notes (note) FROM STDIN"), bind(), execute(), SYNC)
    client.read_until("G")
    client.send(copy_data(b"extended\n"), COPY_DONE, SYNC)
    assert client.read_reply().tags == ["COPY 1"]
    client.query("DELETE FROM notes")


@pytest.mark.parametrize("tenant", ["b1", "s1"])
def test_copy_in_that_the_server_refuses_half_way(login, tenant):
    client = login(tenant)
    client.send(query("COPY users FROM STDIN"))
    client.read_until("G")
    client.send(copy_data(b"not a number\tx\n"), *[copy_data(b"1\tmore\n")] * 2000, COPY_DONE)
    assert client.read_reply().sqlstate == "22P02"
    assert client.query("SELECT count(*) FROM users").rows == [["2"]]


# Large and slow

@pytest.mark.long
@pytest.mark.parametrize("tenant", ["acme", "s1"])
def test_a_large_row_passes_in_bounded_memory(proxy, login, tenant):
    client = login(tenant, timeout=60)
    client.query("SELECT 1")
    before, peak, seen = proxy.rss(), 0, 0
    megabytes = 200
    client.send(query(f"SELECT repeat('x', {megabytes} * 1024 * 1024)"))
    client.socket.settimeout(60)
    data = b""
    while len(data) < 5:
        data += client.socket.recv(5)
    tail = data
    while not tail.endswith(b"Z\0\0\0\x05I"):
        chunk = client.socket.recv(1 << 20)
        assert chunk, "cut"
        seen += len(chunk)
        tail = (tail + chunk)[-64:]
        peak = max(peak, proxy.rss())
    assert seen > megabytes << 20
    assert peak - before < 32 << 20, f"grew by {(peak - before) >> 20} MiB"


@pytest.mark.long
def test_a_large_bind_passes_in_bounded_memory(proxy, login):
    client = login("s1", timeout=60)
    client.query("SELECT 1")
    before, peak = proxy.rss(), 0
    size = 100 << 20
    client.send(parse("SELECT length($1::text)"))
    body = b"\0\0" + struct.pack("!HHI", 0, 1, size)
    client.send(b"B" + struct.pack("!I", 4 + len(body) + size + 2), body)
    for _ in range(100):
        client.send(b"y" * (1 << 20))
        peak = max(peak, proxy.rss())
    client.send(struct.pack("!H", 0), execute(), SYNC)
    assert client.read_reply().rows == [[str(size)]]
    assert peak - before < 32 << 20, f"grew by {(peak - before) >> 20} MiB"


def test_a_slow_reader_stops_only_itself(proxy, login):
    slow, other = login("acme", timeout=60), login("acme")
    before = proxy.rss()
    slow.send(query("SELECT repeat('x', 1000) FROM generate_series(1, 100000)"))
    time.sleep(0.5)
    for _ in range(50):
        assert other.query("SELECT 1").rows == [["1"]]
    assert proxy.rss() - before < 32 << 20
    assert len(slow.read_reply().rows) == 100000


# Asynchronous messages

@pytest.mark.parametrize("tenant", ["s1", "s2"])
def test_notices(login, tenant):
    reply = login(tenant).query("DO $$ BEGIN RAISE NOTICE 'hello'; RAISE WARNING 'careful'; END $$")
    assert [m.error_fields()["M"] for m in reply.of("N")] == ["hello", "careful"]


@pytest.mark.parametrize("tenant", ["b1", "d1"])
def test_notices_of_a_shared_server(login, tenant):
    reply = login(tenant).query("DROP TABLE IF EXISTS nothing_there")
    assert [m.error_fields()["M"] for m in reply.of("N")] == ['table "nothing_there" does not exist, skipping']


def test_notifications_in_session_pooling(login):
    listener, sender = login("s2"), login("s2")
    assert not listener.query("LISTEN news").error
    sender.query("NOTIFY news, 'first'")
    message = listener.read_message()
    assert message.type == "A" and message.body[4:] == b"news\0first\0"


# Special messages

@pytest.mark.parametrize("tenant", ["acme", "b1"])
def test_function_call_is_refused_on_shared_servers(login, tenant):
    client = login(tenant)
    set_config = 2078
    arguments = [b"app.current_tenant", b"globex", b"f"]
    body = struct.pack("!IHH", set_config, 0, 3) + b"".join(struct.pack("!I", len(a)) + a for a in arguments) + struct.pack("!H", 0)
    client.send(frame("F", body))
    try:
        reply = client.read_reply()
        assert reply.error and not reply.of("V")
        assert client.query("SELECT 1").rows == [["1"]]
    except ServerClosed as closed:
        assert closed.reply.error, "closed without a word"


def test_function_call_passes_in_session_pooling(login):
    client = login("s2")
    body = struct.pack("!IHHI", 1689, 0, 1, 2) + b"-5" + struct.pack("!H", 0)  # not used: only that it reaches the server
    client.send(frame("F", body))
    assert client.read_reply().types in ("VZ", "EZ")
    assert client.query("SELECT 1").rows == [["1"]]


@pytest.mark.parametrize("tenant", ["acme", "b1", "d1"])
@pytest.mark.parametrize("value", ["true", "database", "on", "1"])
def test_replication_is_refused(proxy, tenant, value):
    with pytest.raises(RefusedLogin) as refusal:
        proxy.raw(f"{tenant}_app", CLIENT_PASSWORD, replication=value)
    assert "replication" in refusal.value.fields["M"].lower()


def test_replication_passes_in_session_pooling(login):
    client = login("s2", replication="database")
    reply = client.query("IDENTIFY_SYSTEM")
    assert not reply.error, reply.error
    assert reply.rows[0][3] == "sessions"
