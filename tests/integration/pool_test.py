"""The pool on a real server: its bound as the server counts it, waiting, fairness, and healing after trouble."""

import time

import pytest

from support.chaos_gate import ChaosGate
from support.crowd import Crowd
from support.estate import CLIENT_PASSWORD
from support.pool_queue import check_that_it_waits
from support.process import sockets_to, wait_until
from support.raw_client import SYNC, RefusedLogin, ServerClosed, bind, execute, parse


def small(estate, **main):
    """One backend, few connections."""
    settings = estate.settings()
    settings["backends"]["main"].update({"pool_size": 3, "pool_timeout": "20s", **main})
    return settings


def start_crowd(proxy, count, tenant="b1", sql="SELECT pg_sleep(0.002)"):
    return Crowd(proxy, count, tenant, sql)


def bridges_only(estate, **main):
    """Without shared tables the proxy's watcher opens nothing once it serves: every connection is the pool's."""
    settings = small(estate, **main)
    settings["placements"] = {name: settings["placements"][name] for name in ("own_schema", "own_database")}
    settings["tenants"] = [t for t in settings["tenants"] if t["placement"] in ("own_schema", "own_database")]
    kept = {t["id"] for t in settings["tenants"]}
    settings["users"] = [u for u in settings["users"] if kept.issuperset(u["tenants"])]
    return settings


def evicted(proxy):
    return proxy.metrics().sum("fairlead_server_connections_evicted_total", backend="main")


def test_never_more_connections_than_pool_size(start_proxy, estate):
    """Counted on our side. The server may show one more for a moment: it ends the process of a connection that was closed
    to make room for another database some milliseconds after we closed it (its client port is no socket of ours any more)."""
    proxy = start_proxy(bridges_only(estate))
    wait_until(lambda: not sockets_to(proxy.process.pid, estate.main.port), 20, "the watcher is done")
    crowds = [start_crowd(proxy, 10, tenant) for tenant in ("b1", "b2", "d1", "d2")]
    most = 0
    before = set()
    deadline = time.monotonic() + 3

    def all_had_turns():
        return all(crowd.ok > 20 for crowd in crowds) and evicted(proxy) > 10

    while time.monotonic() < deadline or (not all_had_turns() and time.monotonic() < deadline + 27):
        now = sockets_to(proxy.process.pid, estate.main.port)
        most = max(most, len(before & now))  # in both: they were open together
        before = now
    for crowd in crowds:
        crowd.end()
        assert not crowd.failed and not crowd.broken, (crowd.failed[:3], crowd.broken[:3])
        assert crowd.ok > 20, "a tenant starved"
    assert 1 < most <= 3
    assert evicted(proxy) > 10, "nobody made room"
    wait_until(lambda: estate.main.backends() <= 3, 20, "the server has ended what was closed")


def test_many_clients_few_connections(start_proxy, estate):
    proxy = start_proxy(small(estate))
    clients = [proxy.raw("b1_app", CLIENT_PASSWORD) for _ in range(100)]
    for client in clients:
        assert client.query("SELECT 1").rows == [["1"]]
    metrics = proxy.metrics()
    assert metrics.sum("fairlead_client_connections") == 100
    assert metrics.sum("fairlead_server_connections", backend="main") <= 3
    assert estate.main.backends(where="datname = 'bridge'") <= 3
    for client in clients:
        client.close()
    wait_until(lambda: proxy.metrics().sum("fairlead_client_connections") == 0, 20, "clients are gone")


def test_overflow_is_opened_and_closed(start_proxy, estate):
    proxy = start_proxy(small(estate, pool_size=1, max_overflow=2))
    clients = [proxy.raw("b1_app", CLIENT_PASSWORD) for _ in range(3)]
    for client in clients:
        assert client.query("BEGIN").status == "T"
    assert estate.main.backends(where="datname = 'bridge'") == 3
    for client in clients:
        client.query("COMMIT")
    wait_until(lambda: estate.main.backends(where="datname = 'bridge'") == 1, 20, "overflow is closed")
    for client in clients:
        client.close()


def test_min_pool_size_is_kept_warm(start_proxy, estate):
    proxy = start_proxy(small(estate, min_pool_size=2))
    with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
        client.query("SELECT 1")
        wait_until(lambda: estate.main.backends(where="datname = 'bridge'") >= 2, 20, "warm")


def test_pool_timeout_says_so(start_proxy, estate):
    proxy = start_proxy(small(estate, pool_size=1, pool_timeout="500ms"))
    holder, waiter = proxy.raw("b1_app", CLIENT_PASSWORD), proxy.raw("b2_app", CLIENT_PASSWORD)
    wait_until(lambda: holder.query("BEGIN").status == "T", 20, "it has the connection, which took a login")
    before = proxy.metrics().sum("fairlead_pool_timeouts_total", backend="main")
    began = time.monotonic()
    reply = waiter.query("SELECT 1")
    waited = time.monotonic() - began
    assert 0.45 < waited < 5, waited
    assert reply.sqlstate[:2] in ("53", "57", "08"), reply.error
    assert "waiting for a server connection" in reply.error["M"], reply.error
    assert "pool_size" in reply.error["H"] or "pool_timeout" in reply.error["H"], reply.error
    assert reply.status == "I"
    reply = waiter.extended("SELECT 1")
    assert reply.error and reply.status == "I"
    holder.query("COMMIT")
    assert waiter.query("SELECT 1").rows == [["1"]]
    assert proxy.metrics().sum("fairlead_pool_timeouts_total", backend="main") == before + 2
    holder.close()
    waiter.close()


def test_a_freed_connection_goes_to_the_first_in_line(start_proxy, estate):
    proxy = start_proxy(small(estate, pool_size=1, pool_timeout="20s"))
    holder = proxy.raw("b1_app", CLIENT_PASSWORD)
    holder.query("BEGIN")
    holder.query("SELECT 1 FROM users")  # MariaDB is asked for nothing before that
    waiters = [proxy.raw("b1_app", CLIENT_PASSWORD) for _ in range(6)]
    for client in waiters:
        check_that_it_waits(proxy, client, sql=estate.pause(0.01))
    holder.query("COMMIT")
    times = [client.read_reply().rows[0][0] for client in waiters]
    assert times == sorted(set(times))
    for client in (holder, *waiters):
        client.close()


def test_tenants_take_turns(start_proxy, estate):
    """A tenant with forty clients leaves a tenant with two its share."""
    proxy = start_proxy(small(estate, pool_size=2))
    loud, quiet = (start_crowd(proxy, count, tenant, estate.pause(0.01)) for count, tenant in ((40, "b1"), (2, "b2")))
    time.sleep(3)
    loud.end()
    quiet.end()
    assert not loud.failed and not quiet.failed, (loud.failed[:2], quiet.failed[:2])
    assert quiet.ok > 0.25 * loud.ok, f"two clients of the quiet tenant: {quiet.ok}, forty of the loud one: {loud.ok}"


def test_a_tenants_own_cap(start_proxy, estate):
    settings = small(estate, pool_size=4)
    next(t for t in settings["tenants"] if t["id"] == "b1")["max_server_connections"] = 1
    proxy = start_proxy(settings)
    first, second, other = (proxy.raw(f"{t}_app", CLIENT_PASSWORD) for t in ("b1", "b1", "b2"))
    first.query("BEGIN")
    check_that_it_waits(proxy, second)
    assert other.query("SELECT 1").rows == [["1"]]
    first.query("COMMIT")
    assert second.read_reply().rows == [["1"]]
    for client in (first, second, other):
        client.close()


def test_a_tenants_client_cap(start_proxy, estate):
    settings = small(estate)
    next(t for t in settings["tenants"] if t["id"] == "b1")["max_client_connections"] = 2
    proxy = start_proxy(settings)
    clients = [proxy.raw("b1_app", CLIENT_PASSWORD) for _ in range(2)]
    with pytest.raises(RefusedLogin) as refusal:
        proxy.raw("b1_app", CLIENT_PASSWORD)
    assert refusal.value.sqlstate == "53300", refusal.value.fields
    with proxy.raw("b2_app", CLIENT_PASSWORD) as other:
        assert other.query("SELECT 1").rows == [["1"]]
    clients.pop().close()
    again = wait_until(lambda: try_login(proxy, "b1_app"), 20, "a place is free again")
    for client in (again, *clients):
        client.close()


def try_login(proxy, user):
    try:
        return proxy.raw(user, CLIENT_PASSWORD)
    except RefusedLogin:
        return None


def test_another_database_takes_an_idle_connection(start_proxy, estate):
    """The budget is the backend's: when it is spent on one database, a waiter for another gets a turn."""
    proxy = start_proxy(small(estate, pool_size=2))
    clients = {tenant: proxy.raw(f"{tenant}_app", CLIENT_PASSWORD) for tenant in ("b1", "d1", "d2", "acme")}
    for _ in range(4):
        for tenant, client in clients.items():
            assert not client.query("SELECT 1").error
        assert estate.main.backends(where="datname <> 'shop_guc'") <= 2
    for client in clients.values():
        client.close()


def test_recycle(start_proxy, estate):
    proxy = start_proxy(small(estate, pool_size=1, pool_recycle="1s"))
    with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
        pids = set()
        began = time.monotonic()
        while len(pids) < 4 and time.monotonic() < began + 30:
            pids.update(row[0] for row in client.query("SELECT pg_backend_pid()").rows)
            time.sleep(0.05)
    assert len(pids) == 4 and time.monotonic() - began > 2, "recycled, each after a second and not with each statement"


def test_idle_connections_are_closed(start_proxy, estate):
    proxy = start_proxy(small(estate, idle_timeout="500ms"))
    with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
        client.query("SELECT 1")
        assert estate.main.backends(where="datname = 'bridge'") >= 1
        wait_until(lambda: estate.main.backends(where="datname = 'bridge'") == 0, 20, "idle closed")
        assert client.query("SELECT 1").rows == [["1"]]


# Trouble

def connections(proxy):
    return proxy.metrics().sum("fairlead_server_connections", backend="main")


def test_a_killed_backend_while_idle_is_not_noticed(start_proxy, estate):
    proxy = start_proxy(small(estate, pool_size=1))
    with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
        for _ in range(5):
            pid = client.query("SELECT pg_backend_pid()").rows[0][0]
            estate.main.execute(f"SELECT pg_terminate_backend({pid})")
            wait_until(lambda: not connections(proxy), 20, "the proxy has seen it while nobody used it")
            reply = client.query("SELECT 1")
            assert reply.rows == [["1"]], reply.error


@pytest.mark.parametrize("dns_ttl, expected", [("1h", 1), ("0s", 4)])
def test_a_name_is_looked_up_once_each_dns_ttl(start_proxy, estate, dns_ttl, expected):
    settings = bridges_only(estate, host="localhost", dns_ttl=dns_ttl, pool_size=1)
    proxy = start_proxy({**settings, "proxy": {"workers": 1}})
    with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
        for _ in range(4):
            pid = client.query("SELECT pg_backend_pid()").rows[0][0]
            estate.main.execute(f"SELECT pg_terminate_backend({pid})")
            wait_until(lambda: not connections(proxy), 20, "it has to be opened again")
    assert proxy.metrics().sum("fairlead_name_lookups_total", backend="main") == expected


def test_a_killed_backend_in_a_transaction_is_an_error_not_a_retry(start_proxy, estate):
    proxy = start_proxy(small(estate, pool_size=1))
    client = proxy.raw("b1_app", CLIENT_PASSWORD)
    client.query("BEGIN")
    client.query("INSERT INTO notes (note) VALUES ('half')")
    pid = client.query("SELECT pg_backend_pid()").rows[0][0]
    estate.main.execute(f"SELECT pg_terminate_backend({pid})")
    try:
        reply = client.query("INSERT INTO notes (note) VALUES ('other half')")
        assert reply.error
    except ServerClosed as closed:
        assert closed.reply.error, "the client was dropped without a word"
        assert closed.reply.sqlstate[:2] in ("57", "08")
    with proxy.raw("b1_app", CLIENT_PASSWORD) as again:
        assert again.query("SELECT count(*) FROM notes").rows == [["0"]]
    client.close()


def test_a_killed_backend_in_a_statement(start_proxy, estate):
    proxy = start_proxy(small(estate, pool_size=1))
    client = proxy.raw("b1_app", CLIENT_PASSWORD)
    pid = client.query("SELECT pg_backend_pid()").rows[0][0]
    client.start("SELECT pg_sleep(20)")
    wait_until(lambda: estate.main.backends(where="state = 'active' AND query LIKE '%pg_sleep(20)'"), 20, "it runs")
    estate.main.execute(f"SELECT pg_terminate_backend({pid})")
    try:
        assert client.read_reply().error
    except ServerClosed as closed:
        assert closed.reply.error
    with proxy.raw("b1_app", CLIENT_PASSWORD) as again:
        assert again.query("SELECT 1").rows == [["1"]]
    client.close()


@pytest.mark.long
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_the_server_restarts_under_load(start_proxy, estate, mode):
    proxy = start_proxy(small(estate, pool_size=4))
    crowd = start_crowd(proxy, 12)
    wait_until(lambda: crowd.ok > 50, 30, "all is well")
    estate.main.restart(mode)
    back = crowd.ok  # what was served before the server stopped does not count
    wait_until(lambda: crowd.ok > back + 100, 20, "the pool healed by itself")
    failures = len(crowd.failed)
    time.sleep(1)
    assert len(crowd.failed) == failures, "still failing long after the restart"
    crowd.end()
    assert not crowd.broken, f"clients were dropped without a word: {crowd.broken[:3]}"
    assert all(fields and fields["M"] for fields in crowd.failed)
    assert estate.main.backends(where="datname = 'bridge'") <= 4


@pytest.mark.long
def test_a_server_that_is_down_is_said_quickly_and_comes_back(start_proxy, estate):
    with ChaosGate(estate.main.port) as gate:
        proxy = start_proxy(small(estate, port=gate.port, pool_timeout="2s"))
        with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
            assert client.query("SELECT 1").rows == [["1"]]
            gate.refuse = True
            gate.cut_all()
            time.sleep(0.3)
            began = time.monotonic()
            reply = client.query("SELECT 1")
            assert reply.error and time.monotonic() - began < 10
            accepted = gate.accepted
            began = time.monotonic()
            time.sleep(2)
            assert gate.accepted - accepted < 30 * (time.monotonic() - began), "no backoff"
            gate.refuse = False
            wait_until(lambda: not client.query("SELECT 1").error, 20, "healed")


def test_a_server_cut_in_the_middle_of_a_row(start_proxy, estate):
    with ChaosGate(estate.main.port) as gate:
        proxy = start_proxy(small(estate, port=gate.port))
        client = proxy.raw("b1_app", CLIENT_PASSWORD)
        assert client.query("SELECT 1").rows == [["1"]]
        gate.truncate = 30
        with pytest.raises((ServerClosed, ConnectionError)) as closed:
            reply = client.query("SELECT repeat('x', 5000)")
            assert reply.error  # an error is as good, as long as half a row is not followed by it
            raise ServerClosed(reply)
        client.close()
        with proxy.raw("b1_app", CLIENT_PASSWORD) as again:
            assert again.query("SELECT 1").rows == [["1"]]
        assert closed


@pytest.mark.parametrize("rubbish", [b"\0" * 100, b"HTTP/1.1 400 Bad Request\r\n\r\n", b"D\xff\xff\xff\xff" + b"x" * 50,
                                     b"Z\0\0\0\x05?", b"D\0\0\0\x03", b"!" * 4000],
                         ids=["zeros", "http", "endless", "status", "short", "noise"])
def test_a_server_that_sends_rubbish_loses_its_own_link_only(start_proxy, estate, rubbish):
    with ChaosGate(estate.main.port) as gate:
        proxy = start_proxy(small(estate, port=gate.port))
        client, other = proxy.raw("b1_app", CLIENT_PASSWORD), proxy.raw("s1_app", CLIENT_PASSWORD)
        assert client.query("SELECT 1").rows == [["1"]]
        gate.rubbish = rubbish
        try:
            reply = client.query("SELECT 'never arrives'")
            assert reply.error and ["never arrives"] not in reply.rows
        except (ServerClosed, ConnectionError):
            pass
        assert other.query("SELECT 1").rows == [["1"]]
        with proxy.raw("b1_app", CLIENT_PASSWORD) as again:
            assert again.query("SELECT 1").rows == [["1"]]
        client.close()
        other.close()


@pytest.mark.long
def test_a_stalled_server_does_not_stop_the_others(start_proxy, estate):
    with ChaosGate(estate.main.port) as gate:
        proxy = start_proxy(small(estate, port=gate.port, pool_timeout="1s"))
        stuck = [proxy.raw("b1_app", CLIENT_PASSWORD) for _ in range(4)]
        assert stuck[0].query("SELECT 1").rows == [["1"]]
        gate.stalled = True
        for client in stuck:
            client.start("SELECT 1")
        with proxy.raw("s1_app", CLIENT_PASSWORD) as other:
            slow = 0
            for _ in range(30):
                began = time.monotonic()
                assert other.query("SELECT 1").rows == [["1"]]
                slow += time.monotonic() - began > 1
                time.sleep(0.02)
            assert slow < 4, f"{slow} of 30 statements took more than a second"  # some, when the machine stands still
        gate.stalled = False
        for client in stuck:
            client.read_reply()
            client.close()


def test_half_a_pipeline_then_gone(start_proxy, estate):
    """A client that leaves with answers unread: the server connection is used again clean, or not at all."""
    proxy = start_proxy(small(estate, pool_size=1))
    for _ in range(10):
        client = proxy.raw("b1_app", CLIENT_PASSWORD)
        client.send(*[parse("SELECT generate_series(1, 1000)") + bind() + execute() + SYNC] * 20)
        client.close()
        with proxy.raw("b2_app", CLIENT_PASSWORD) as other:
            reply = other.query("SELECT 'mine'")
            assert reply.rows == [["mine"]], reply.error
