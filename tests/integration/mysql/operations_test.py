"""Running it with MariaDB: reload, drain, metrics, estate, logs. What belongs to no engine is ../operations_test.py."""

import json
import signal
import threading
import time

import pytest

from support.estate import CLIENT_PASSWORD, SECRETS
from support.fairlead import command
from support.mysql_client import RefusedLogin, ServerClosed
from support.process import wait_until


# Reload

def test_reload_takes_new_tenants_and_keeps_clients(start_proxy, estate):
    settings = estate.settings()
    late = [t for t in settings["tenants"] if t["id"] == "b2"]
    settings["tenants"] = [t for t in settings["tenants"] if t["id"] != "b2"]
    user = [u for u in settings["users"] if u["name"] == "b2_app"]
    settings["users"] = [u for u in settings["users"] if u["name"] != "b2_app"]
    proxy = start_proxy(settings)
    with proxy.raw("b1_app", CLIENT_PASSWORD) as old:
        old.query("BEGIN")
        old.query("INSERT INTO notes (note) VALUES ('kept')")
        with pytest.raises(RefusedLogin):
            proxy.raw("b2_app", CLIENT_PASSWORD)
        settings["tenants"] += late
        settings["users"] += user
        proxy.reload(settings)
        with proxy.raw("b2_app", CLIENT_PASSWORD) as new:
            assert new.query("SELECT username FROM users WHERE user_id = 1").rows == [["b2 first"]]
        assert old.query("SELECT note FROM notes").rows == [["kept"]]
        assert old.query("ROLLBACK").error is None


def test_reload_changes_a_password(start_proxy, estate):
    settings = estate.settings()
    proxy = start_proxy(settings)
    for plugin in ("mysql_native_password", "caching_sha2_password"):
        proxy.raw("acme_app", CLIENT_PASSWORD, plugin=plugin).close()
    next(u for u in settings["users"] if u["name"] == "acme_app")["password"] = "another one"
    proxy.reload(settings)
    for plugin in ("mysql_native_password", "caching_sha2_password"):  # the fast way must not remember the old one
        with pytest.raises(RefusedLogin):
            proxy.raw("acme_app", CLIENT_PASSWORD, plugin=plugin)
        with proxy.raw("acme_app", "another one", plugin=plugin) as client:
            assert client.query("SELECT 1").rows == [["1"]]


def test_a_removed_tenant_is_out(start_proxy, estate):
    settings = estate.settings()
    proxy = start_proxy(settings)
    client = proxy.raw("b2_app", CLIENT_PASSWORD)
    assert client.query("SELECT 1").rows == [["1"]]
    settings["tenants"] = [t for t in settings["tenants"] if t["id"] != "b2"]
    settings["users"] = [u for u in settings["users"] if u["name"] != "b2_app"]
    proxy.reload(settings)
    with pytest.raises(RefusedLogin):
        proxy.raw("b2_app", CLIENT_PASSWORD)

    def out():
        try:
            return client.query("SELECT 1").error
        except (ServerClosed, OSError):
            return True
    wait_until(out, 20, "the old client of the removed tenant is out")
    client.close()


def test_reload_under_load_fails_nobody(start_proxy, estate):
    settings = estate.settings()
    proxy = start_proxy(settings)
    problems, done = [], threading.Event()

    def work():
        with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
            statement = client.prepare("SELECT count(*) FROM customers WHERE id > ?")
            while not done.is_set():
                replies = client.query("SELECT count(*) FROM customers").rows, client.execute(statement, [0]).rows
                if replies != ([["5"]], [[5]]):
                    problems.append(replies)
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        proxy.reload(settings)
        time.sleep(0.1)
    done.set()
    for thread in threads:
        thread.join(10)
    assert not problems, problems[:3]


def test_a_global_table_that_is_no_longer_one(start_proxy, estate):
    settings = estate.settings()
    proxy = start_proxy(settings)
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        statement = client.prepare("SELECT count(*) FROM plans")
        assert client.execute(statement).rows == [[3]]
        settings["placements"]["shared"]["global_tables"] = []
        proxy.reload(settings)
        assert client.query("SELECT count(*) FROM plans").error
        assert client.execute(statement).error, "a verdict of before the reload"


# End

def test_sigterm_drains(start_proxy, estate):
    proxy = start_proxy(estate.settings())
    busy, idle = proxy.raw("b1_app", CLIENT_PASSWORD), proxy.raw("b1_app", CLIENT_PASSWORD)
    busy.query("BEGIN")
    busy.query("INSERT INTO notes (note) VALUES ('before the drain')")
    idle.query("SELECT 1")
    proxy.send_signal(signal.SIGTERM)
    wait_until(lambda: proxy.get("/readyz")[0] != 200, 20, "not ready any more")
    assert idle.is_closed(20)
    with pytest.raises((RefusedLogin, ServerClosed, OSError)):
        proxy.raw("b1_app", CLIENT_PASSWORD)
    assert proxy.process.poll() is None, "ended with a transaction open"
    assert busy.query("SELECT 1").in_transaction
    assert busy.query("COMMIT").error is None
    assert proxy.process.wait(30) == 0
    assert estate.main.scalar("SELECT count(*) FROM tenant_b1.notes WHERE note = 'before the drain'") == 1
    estate.main.execute("DELETE FROM tenant_b1.notes")
    busy.close()
    idle.close()


def test_an_idle_client_is_told_why(start_proxy, estate):
    """Servers send an error without being asked when they go (1053, 1927 or such); drivers show it with the next command."""
    proxy = start_proxy(estate.settings())
    client = proxy.raw("b1_app", CLIENT_PASSWORD)
    proxy.send_signal(signal.SIGTERM)
    payload = client.read_packet()
    assert payload[:1] == b"\xff" and len(payload) > 12, payload
    assert proxy.process.wait(30) == 0
    client.close()


def test_a_second_sigterm_ends_at_once(start_proxy, estate):
    proxy = start_proxy(estate.settings())
    busy = proxy.raw("b1_app", CLIENT_PASSWORD)
    busy.query("BEGIN")
    busy.query("INSERT INTO notes (note) VALUES ('gone')")
    proxy.send_signal(signal.SIGTERM)
    wait_until(lambda: proxy.get("/readyz")[0] != 200, 20, "it drains")  # signals that are not taken yet become one
    assert proxy.process.poll() is None
    proxy.send_signal(signal.SIGTERM)
    assert proxy.process.wait(20) == 0
    wait_until(lambda: estate.main.backends() == 0, 20, "the server rolled back")
    assert estate.main.scalar("SELECT count(*) FROM tenant_b1.notes") == 0
    proxy.process = None
    busy.close()


# Metrics, estate

def test_metrics_count_what_happened(start_proxy, estate):
    proxy = start_proxy(estate.settings())
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        for _ in range(10):
            client.query("SELECT count(*) FROM customers")
        client.query("TRUNCATE customers")
        client.query("INSERT INTO customers (id) VALUES (1)")
        with pytest.raises(RefusedLogin):
            proxy.raw("acme_app", "wrong")

        def counted():
            now = proxy.metrics()
            return (now.sum("fairlead_transaction_duration_seconds_count", placement="shared") >= 11
                    and now.sum("fairlead_refusals_total", placement="shared") == 1
                    and now.sum("fairlead_errors_total", **{"class": "23"}) == 1
                    and now.sum("fairlead_client_logins_total", result="failed") == 1)
        wait_until(counted, 20, "counted")
        now = proxy.metrics()
        assert now.sum("fairlead_client_connections") == 1
        assert now.sum("fairlead_placement_up") == 4
        assert now.sum("fairlead_tenants") == 7
        assert now.sum("fairlead_links_total", placement="shared") >= 11
        assert now.sum("fairlead_bytes_total", side="client", direction="in") > 300
        assert now.sum("fairlead_tenant_links_total", tenant="acme") >= 11
        assert now.sum("fairlead_server_connections", backend="main") >= 1


def test_estate_command_and_metrics(start_proxy, estate):
    proxy = start_proxy(estate.settings(backends__main__probe_interval="1s", backends__silo__probe_interval="1s"))
    result = command("estate", "--config", proxy.config, "--json", environment=estate.environment)
    assert result.returncode == 0 and json.loads(result.stdout), result.stdout + result.stderr
    assert "main" in result.stdout and "silo" in result.stdout
    wait_until(lambda: proxy.metrics().sum("fairlead_tables", backend="main") >= 10, 20, "tables are counted")
    wait_until(lambda: proxy.metrics().sum("fairlead_tables", backend="silo") >= 6, 20, "of the other server, too")
    assert proxy.metrics().sum("fairlead_tables_threshold") == 10000


def test_the_probe_opens_no_table(start_proxy, estate):
    """Counting a million tables must not push a working set out of the table cache."""
    estate.main.execute("CREATE DATABASE wide; " + "; ".join(f"CREATE TABLE wide.t{n} (i int)" for n in range(200)) +
                        "; GRANT SELECT ON wide.* TO fairlead_app@'127.0.0.1'; FLUSH TABLES")
    try:
        before = int(estate.main.execute("SHOW GLOBAL STATUS LIKE 'Opened_tables'")[0][1])
        settings = estate.settings(backends__main__probe_interval="1s")
        settings["placements"]["wide"] = {"model": "silo", "backend": "main", "database": "wide"}
        proxy = start_proxy(settings)
        wait_until(lambda: proxy.metrics().sum("fairlead_tables", database="wide") >= 200, 20, "counted")
        time.sleep(2)
        opened = int(estate.main.execute("SHOW GLOBAL STATUS LIKE 'Opened_tables'")[0][1]) - before
        assert opened < 100, f"{opened} tables were opened"
    finally:
        estate.main.execute("DROP DATABASE wide; REVOKE SELECT ON wide.* FROM fairlead_app@'127.0.0.1'")


# Both engines in one process

def test_one_process_serves_both_engines(tmp_path_factory, estate, certificates):
    """A tenant may live in one place of each engine: the listener decides which."""
    from support.estate import Estate
    from support.fairlead import Fairlead
    from support.mysql_client import MysqlClient
    from support.raw_client import RawClient
    postgres = Estate(tmp_path_factory.mktemp("postgres"), certificates)
    try:
        postgres.install_policies()
        settings = postgres.settings()
        mine = estate.settings()
        for kind in ("backends", "placements"):
            settings[kind].update({f"my_{name}": value for name, value in mine[kind].items()})
        for placement in mine["placements"].values():
            placement["backend"] = "my_" + placement["backend"]
        settings["tenants"] = [{"id": tenant, "placement": ["shared", "my_shared"]} for tenant in ("acme", "globex")] + [
            {"id": "b1", "placement": ["own_schema", "my_own_database"]}]
        settings["placements"] = {name: settings["placements"][name] for name in ("shared", "own_schema", "my_shared", "my_own_database")}
        settings["backends"] = {name: settings["backends"][name] for name in ("main", "my_main")}
        settings["users"] = [u for u in settings["users"] if u["name"] in ("acme_app", "globex_app", "b1_app", "app", "pair")]
        proxy = Fairlead(tmp_path_factory.mktemp("proxy"), settings, {**postgres.environment, **estate.environment})
        try:
            for tenant in ("acme", "globex"):
                with RawClient.login(proxy.ports["postgres"], f"{tenant}_app", CLIENT_PASSWORD) as one, \
                        MysqlClient.login(proxy.ports["mysql"], f"{tenant}_app", CLIENT_PASSWORD) as other:
                    for client in (one, other):
                        assert client.query("SELECT DISTINCT tenant_id FROM customers").rows == [[tenant]]
            with MysqlClient.login(proxy.ports["mysql"], "b1_app", CLIENT_PASSWORD) as client:
                assert client.query("SELECT username FROM users WHERE user_id = 1").rows == [["b1 first"]]
        finally:
            proxy.close()
    finally:
        postgres.destroy()


# Logs

@pytest.mark.parametrize("format", ["text", "json"])
def test_the_log_holds_no_secret_and_no_statement(start_proxy, estate, format):
    proxy = start_proxy(estate.settings(log={"format": format, "level": "debug"}))
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        client.query("SELECT 'a private literal'")
        client.query("TRUNCATE a_private_table")
        client.query("SET @secret = 'a private variable'")
        client.prepared_query("SELECT ?", ["a private parameter"])
        with pytest.raises(RefusedLogin):
            client.change_user("acme_app", "a mistyped secret")
    with pytest.raises(RefusedLogin):
        proxy.raw("acme_app", "a mistyped secret")
    proxy.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    proxy.stop()
    log = proxy.log()
    assert log.strip()
    for secret in (*SECRETS, "a private", "a_private", "a mistyped secret"):
        assert secret not in log, f"{secret!r} is in the log"
    if format == "json":
        for line in log.splitlines():
            assert isinstance(json.loads(line), dict), line


def test_statements_are_logged_when_asked(start_proxy, estate):
    proxy = start_proxy(estate.settings(log={"statements": True}))
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        client.query("TRUNCATE a_shown_table")
    proxy.stop()
    assert "a_shown_table" in proxy.log()
