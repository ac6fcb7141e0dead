"""KILL by the ids that the proxy gave: a tenant's own connections, and nobody else's."""

import struct

import pytest

from support.mysql_client import QUERY, ServerClosed
from support.process import wait_until


def wait_until_it_runs(estate, tenant):
    """The one that counts rows: no other does."""
    server = estate.silo if tenant.startswith("s") else estate.main
    wait_until(lambda: server.backends(where="info LIKE '%SELECT count(*)%'"), 10, "it runs")


# KILL

@pytest.mark.parametrize("tenant", ["acme", "b1", "s1", "s2"])
@pytest.mark.parametrize("form", ["KILL QUERY {}", "kill /* this */ query {}", "KILL SOFT QUERY {}"])
def test_kill_query_by_the_id_that_we_gave(login, estate, tenant, form):
    busy, other = login(tenant, timeout=30), login(tenant)
    slow = "SELECT count(*) FROM " + ("orders a, orders b, orders c, orders d, orders e, orders f, orders g, orders h"
                                      if tenant == "acme" else "seq_1_to_100000 a, seq_1_to_100000 b")
    busy.start(slow)
    wait_until_it_runs(estate, tenant)
    reply = other.query(form.format(busy.thread_id))
    assert reply.error is None, reply.error
    killed = busy.read_reply()
    assert killed.errno == 1317, killed.error or killed.rows
    assert busy.query("SELECT 1").rows == [["1"]]


@pytest.mark.parametrize("tenant", ["acme", "b1", "s1"])
def test_kill_ends_a_connection(login, tenant):
    victim, other = login(tenant), login(tenant)
    victim.query("SELECT 1")
    assert other.query(f"KILL {victim.thread_id}").error is None
    assert wait_until(lambda: victim.is_closed(1), 20, "closed")
    assert other.query("SELECT 1").rows == [["1"]]
    again, another = login(tenant), login(tenant)
    another.simple(0x0C, struct.pack("<I", again.thread_id))
    wait_until(lambda: again.is_closed(1), 20, "closed by COM_PROCESS_KILL")


def test_kill_in_a_running_statement_ends_it(login, estate):
    victim, other = login("b1", timeout=30), login("b1")
    victim.start("SELECT count(*) FROM seq_1_to_100000 a, seq_1_to_100000 b")
    wait_until_it_runs(estate, "b1")
    assert other.query(f"KILL CONNECTION {victim.thread_id}").error is None
    try:
        assert victim.read_reply().error
        assert victim.is_closed(20)
    except ServerClosed:
        pass


@pytest.mark.parametrize("one, another", [("acme", "globex"), ("b1", "b2"), ("b1", "acme"), ("s1", "s2"), ("s1", "b1")])
def test_kill_never_crosses_tenants(login, estate, one, another):
    victim, attacker = login(one, timeout=30), login(another)
    victim.command(QUERY, b"SELECT count(*) FROM " + (b"orders a, orders b, orders c, orders d, orders e, orders f"
                                                      if one == "acme" else b"seq_1_to_10000 a, seq_1_to_3000 b"))
    for form in ("KILL QUERY {}", "KILL {}", "KILL HARD CONNECTION {}"):
        reply = attacker.query(form.format(victim.thread_id))
        assert reply.error and reply.errno in (1094, 1095, 1235, 1045, 1227), reply.error
    reply = attacker.simple(0x0C, struct.pack("<I", victim.thread_id))
    assert reply.error
    assert not victim.read_reply().error
    # Nor by the server's own thread ids, which a client must not know.
    server = estate.silo if one.startswith("s") else estate.main
    for number, in server.execute("SELECT id FROM information_schema.processlist WHERE user = 'fairlead_app'"):
        if number not in (victim.thread_id, attacker.thread_id):
            attacker.query(f"KILL {number}")
            attacker.query(f"KILL QUERY {number}")
    assert victim.query("SELECT 1").rows == [["1"]] and attacker.query("SELECT 1").rows == [["1"]]


@pytest.mark.parametrize("sql", ["KILL USER fairlead_app", "KILL QUERY ID 5", "KILL (SELECT 1)", "KILL CONNECTION_ID() + 1",
                                 "KILL QUERY USER 'fairlead_app'@'127.0.0.1'", "KILL 99999999"])
def test_other_kills_are_refused(login, sql):
    for tenant in ("acme", "b1"):
        client, witness = login(tenant), login(tenant)
        assert client.query(sql).error
        assert witness.query("SELECT 1").rows == [["1"]]
