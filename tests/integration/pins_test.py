"""What keeps a client on its server connection, and what gives the connection back: on a pool of one, where another client
gets through only when nobody is pinned. The server says itself whether the state is still there."""

import pytest

import psycopg

from support.estate import CLIENT_PASSWORD
from support.pool_queue import check_that_it_waits, waiting
from support.process import wait_until

RESET = "SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL"  # as asyncpg sends it


@pytest.fixture
def one(start_proxy, estate):
    """A proxy with a single server connection to the silo."""
    return start_proxy(estate.settings(backends__silo__pool_size=1, backends__silo__pool_timeout="20s"))


@pytest.fixture
def client(one):
    with psycopg.connect(host="127.0.0.1", port=one.ports["postgres"], dbname="shop", user="s1_app", password=CLIENT_PASSWORD,
                         autocommit=True, prepare_threshold=None) as connection:
        yield connection


def others_get_through(proxy):
    with proxy.raw("s1_app", CLIENT_PASSWORD) as other:
        return other.query("SELECT 1").error is None


def check_that_others_wait(proxy):
    with proxy.raw("s1_app", CLIENT_PASSWORD) as other:
        check_that_it_waits(proxy, other, "silo")
    wait_until(lambda: not waiting(proxy, "silo"), 20, "it has left")


def check_pins(proxy, expected):
    """({reason: how many there have been}, how many there are)"""
    def pins():
        samples = proxy.metrics()
        by_reason = {reason: samples.sum("fairlead_pins_total", placement="own_server", reason=reason)
                     for reason in ("listen", "advisory_lock", "temporary_object", "holdable_cursor")}
        return ({reason: count for reason, count in by_reason.items() if count},
                samples.sum("fairlead_pinned_connections", placement="own_server"))

    wait_until(lambda: pins() == expected, 20, f"pins are counted: {expected}")


CAUSES = {
    "listen": ("LISTEN news", "UNLISTEN *"),
    "advisory_lock": ("SELECT pg_advisory_lock(7)", "SELECT pg_advisory_unlock_all()"),
    "temporary_object": ("CREATE TEMP TABLE mine (id int)", "DISCARD TEMP"),
    "holdable_cursor": ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", "CLOSE ALL"),
}


@pytest.mark.parametrize("reason", CAUSES)
def test_a_pin_ends_with_its_cause(one, client, reason):
    begin, end = CAUSES[reason]
    client.execute(begin)
    check_that_others_wait(one)
    check_pins(one, ({reason: 1}, 1))
    client.execute(end)
    assert others_get_through(one)
    check_pins(one, ({reason: 1}, 0))


@pytest.mark.parametrize("ends", ["UNLISTEN *; RESET ALL", "UNLISTEN *", "CLOSE ALL; RESET ALL", "RESET ALL",
                                  "SELECT pg_advisory_unlock_all() WHERE false; RESET ALL"])
def test_another_cause_that_ends_does_not_end_this_one(one, client, ends):
    """The lock is still held: whoever gets its connection would own it, or have it dropped."""
    client.execute("SELECT pg_advisory_lock(7)")
    client.execute(ends)
    check_that_others_wait(one)
    assert client.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()").fetchone() == (1,)
    client.execute("SELECT pg_advisory_unlock_all()")
    assert others_get_through(one)


def test_all_causes_have_to_end(one, client):
    client.execute("LISTEN news")
    client.execute("SELECT pg_advisory_lock(7)")
    client.execute("UNLISTEN *")
    check_that_others_wait(one)
    check_pins(one, ({"listen": 1}, 1))
    client.execute("SELECT pg_advisory_unlock_all()")
    assert others_get_through(one)
    check_pins(one, ({"listen": 1}, 0))


def test_a_reset_text_ends_all_but_temporary_objects(one, client):
    client.execute("LISTEN news; DECLARE c CURSOR WITH HOLD FOR SELECT 1; SELECT pg_advisory_lock(7)")
    client.execute(RESET)
    assert others_get_through(one)
    client.execute("LISTEN news; CREATE TEMP TABLE mine (id int)")
    client.execute(RESET)
    check_that_others_wait(one)
    assert client.execute("SELECT count(*) FROM mine").fetchone() == (0,)


@pytest.mark.parametrize("undone", [["BEGIN", "UNLISTEN *", "ROLLBACK"], ["BEGIN; UNLISTEN *; ROLLBACK; SELECT 1"],
                                    ["BEGIN", "SAVEPOINT s", "UNLISTEN *", "ROLLBACK TO s", "COMMIT"],
                                    ["BEGIN", "UNLISTEN *", "ROLLBACK; SELECT 1"], ["UNLISTEN *; SELECT 1 / 0"]])
def test_what_is_rolled_back_ends_nothing(one, client, undone):
    client.execute("LISTEN news")
    for sql in undone:
        try:
            client.execute(sql)
        except psycopg.errors.DivisionByZero:
            pass
    assert client.execute("SELECT pg_listening_channels()").fetchall() == [("news",)]
    check_that_others_wait(one)
    client.execute("BEGIN")
    client.execute("UNLISTEN *")
    check_that_others_wait(one)
    client.execute("COMMIT")
    assert others_get_through(one)
