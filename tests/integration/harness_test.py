"""The test tools themselves, against plain PostgreSQL: what they report must be true before a proxy is judged by it."""

import pytest

from support.chaos_gate import ChaosGate
from support.estate import APP_PASSWORD, TABLES
from support.fairlead import Metrics, toml
from support.process import wait_until
from support.raw_client import RawClient, RefusedLogin, ServerClosed, SYNC, bind, copy_data, COPY_DONE, execute, parse, query


def direct(estate, database="reference", port=None):
    return RawClient.login(port or estate.main.port, "fairlead_app", APP_PASSWORD, database)


def test_raw_client_reads_rows_errors_and_status(bare_estate):
    with direct(bare_estate) as client:
        reply = client.query("SELECT 1 AS one, NULL AS none; SELECT 'x'")
        assert reply.rows == [["1", None], ["x"]]
        assert reply.columns == [["one", "none"], ["?column?"]]
        assert reply.tags == ["SELECT 1", "SELECT 1"]
        assert client.query("SELECT 1/0").sqlstate == "22012"
        assert client.query("BEGIN").status == "T"
        assert client.query("nonsense").status == "E"


def test_raw_client_speaks_extended_and_copy(bare_estate):
    with direct(bare_estate) as client:
        assert client.extended("SELECT $1::int + 1", ["41"]).rows == [["42"]]
        client.query("BEGIN")
        client.send(query("COPY customers (id, name) FROM STDIN"))
        assert client.read_until("G")
        client.send(copy_data(b"77\tcopied\n"), COPY_DONE)
        assert client.read_reply().tags == ["COPY 1"]
        assert client.query("COPY (SELECT name FROM customers WHERE id = 77) TO STDOUT").of("d")[0].body == b"copied\n"
        client.query("ROLLBACK")


def test_raw_client_notices_a_wrong_password(bare_estate):
    with pytest.raises(RefusedLogin) as refusal:
        RawClient.login(bare_estate.main.port, "fairlead_app", "wrong", "reference")
    assert refusal.value.sqlstate == "28P01"


def test_raw_client_says_when_the_server_hangs_up(bare_estate):
    with direct(bare_estate) as client:
        client.send(parse("SELECT pg_backend_pid()"), bind(), execute(), SYNC)
        pid = client.read_reply().rows[0][0]
        bare_estate.main.execute(f"SELECT pg_terminate_backend({pid})")
        with pytest.raises(ServerClosed):
            client.query("SELECT 1")


def test_the_reference_holds_only_acme(bare_estate):
    for table in TABLES:
        if table != "plans":
            assert bare_estate.main.execute(f"SELECT DISTINCT tenant_id FROM {table}", "reference") == [("acme",)]
            assert len(bare_estate.main.execute(f"SELECT DISTINCT tenant_id FROM {table}", "shop")) == 2


def test_restore_brings_every_row_back(bare_estate):
    before = bare_estate.main.execute("SELECT md5(string_agg(o::text, '' ORDER BY o::text)) FROM orders o", "shop")
    bare_estate.main.execute("DELETE FROM orders WHERE id < 5; UPDATE orders SET note = 'x'", "shop")
    bare_estate.restore("shop")
    assert bare_estate.main.execute("SELECT md5(string_agg(o::text, '' ORDER BY o::text)) FROM orders o", "shop") == before


def test_guc_policies_hide_everything_without_a_tenant(bare_estate):
    with bare_estate.main.connect("shop_guc", "fairlead_app", APP_PASSWORD) as connection:
        assert connection.execute("SELECT count(*) FROM customers").fetchone() == (0,)
        connection.execute("SET app.current_tenant = 'acme'")
        assert connection.execute("SELECT count(*) FROM customers").fetchone() == (5,)


def test_chaos_gate_cuts_and_stalls(bare_estate):
    with ChaosGate(bare_estate.main.port) as gate:
        with direct(bare_estate, port=gate.port) as client:
            gate.stalled = True
            client.send(query("SELECT 1"))
            assert client.nothing_comes()
            gate.stalled = False
            assert client.read_reply().rows == [["1"]]
            gate.cut_all()
            wait_until(lambda: client.is_closed(1), 20, "cut")


def test_metrics_are_parsed_with_labels():
    metrics = Metrics('# HELP a b\na{x="1",y="two"} 3\na{x="1",y="three"} 4\nb 5\n')
    assert metrics.sum("a", x="1") == 7 and metrics.sum("a", y="two") == 3 and metrics.sum("b") == 5


def test_settings_are_written_as_toml(bare_estate):
    import tomllib
    settings = bare_estate.settings(backends__main__pool_size=3)
    assert tomllib.loads(toml(settings))["backends"]["main"]["pool_size"] == 3
    assert tomllib.loads(toml(settings)) == settings
