"""Running it: check, reload, drain, metrics, health, logs."""

import json
import re
import signal
import socket
import threading
import time

import pytest

from support.estate import CLIENT_PASSWORD, SECRETS
from support.fairlead import command
from support.pool_queue import check_that_it_waits
from support.process import ROOT, wait_until
from support.raw_client import RefusedLogin, ServerClosed


# check

MISTAKES = """\
[listen.postgres]
address = ["127.0.0.1"]

[backends.main]
engine = "postgress"
host = "127.0.0.1"
port = 70000
user = "fairlead_app"
password = "env:FAIRLEAD_TEST_NOT_SET"
pool_sizes = 20
pool_timeout = "2 parsecs"

[placements.shared]
model = "pool"
backend = "nowhere"
database = "shop"

[[tenants]]
id = "acme"
placement = "shard"

[[users]]
name = "app"
password = "x"
tenants = ["nobody"]
"""


def test_check_lists_every_mistake_with_its_line(tmp_path):
    config = tmp_path / "bad.toml"
    config.write_text(MISTAKES)
    result = command("check", "--config", config)
    told = result.stdout + result.stderr
    assert result.returncode == 1
    for line, words in ((2, ["address"]), (5, ["engine", "postgres"]), (7, ["port"]), (9, ["FAIRLEAD_TEST_NOT_SET"]),
                        (10, ["pool_sizes", "pool_size"]), (11, ["pool_timeout"]), (15, ["nowhere"]),
                        (20, ["shard", "shared"]), (25, ["nobody"])):
        said = [text for text in told.splitlines() if re.search(rf"bad\.toml:{line}\b", text)]
        assert said, f"nothing about line {line}:\n{told}"
        assert all(any(word in text for text in said) for word in words), (line, words, said)


def test_check_is_content_with_the_example():
    result = command("check", "--config", ROOT / "examples/shop/fairlead.toml",
                     environment={"SHOP_APP_PASSWORD": "a", "SHOP_CLIENT_PASSWORD": "b"})
    assert result.returncode == 0, result.stdout + result.stderr


def test_check_of_a_file_that_is_missing_or_no_toml(tmp_path):
    result = command("check", "--config", tmp_path / "none.toml")
    assert result.returncode == 1 and "none.toml" in result.stdout + result.stderr
    (tmp_path / "broken.toml").write_text("[backends\nx = ")
    result = command("check", "--config", tmp_path / "broken.toml")
    assert result.returncode == 1 and "broken.toml:1" in result.stdout + result.stderr


def test_serve_refuses_a_bad_file(tmp_path):
    config = tmp_path / "bad.toml"
    config.write_text(MISTAKES)
    result = command("serve", "--config", config)
    assert result.returncode != 0
    assert "bad.toml:7" in result.stdout + result.stderr and "bad.toml:20" in result.stdout + result.stderr


@pytest.mark.parametrize("arguments", [[], ["serve"], ["nonsense"], ["check", "--config"], ["serve", "--unknown"]])
def test_a_wrong_command_line_is_explained(arguments):
    result = command(*arguments)
    assert result.returncode != 0 and len(result.stdout + result.stderr) > 20


def test_an_unknown_command_is_named():
    result = command("serv", "--config", "fairlead.toml")
    assert result.returncode != 0 and "serv" in result.stderr and "subcommand is required" not in result.stderr, result.stderr


def test_help_and_version():
    for arguments in (["--help"], ["serve", "--help"], ["policy", "--help"], ["--version"]):
        result = command(*arguments)
        assert result.returncode == 0 and result.stdout.strip(), arguments


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
        with pytest.raises(RefusedLogin):
            proxy.raw("b2_app", CLIENT_PASSWORD)
        settings["tenants"] += late
        settings["users"] += user
        proxy.reload(settings)
        with proxy.raw("b2_app", CLIENT_PASSWORD) as new:
            assert new.query("SELECT username FROM users WHERE user_id = 1").rows == [["b2 first"]]
        assert old.query("SELECT 1").status == "T"
        assert old.query("COMMIT").tags == ["COMMIT"]


def test_reload_changes_a_password(start_proxy, estate):
    settings = estate.settings()
    proxy = start_proxy(settings)
    next(u for u in settings["users"] if u["name"] == "acme_app")["password"] = "another one"
    proxy.reload(settings)
    with pytest.raises(RefusedLogin):
        proxy.raw("acme_app", CLIENT_PASSWORD)
    with proxy.raw("acme_app", "another one") as client:
        assert client.query("SELECT 1").rows == [["1"]]


def test_reload_changes_the_pool(start_proxy, estate):
    settings = estate.settings(backends__main__pool_size=1, backends__main__pool_timeout="20s")
    proxy = start_proxy(settings)
    a, b = (proxy.raw("b1_app", CLIENT_PASSWORD) for _ in range(2))
    a.query("BEGIN")
    check_that_it_waits(proxy, b)
    settings["backends"]["main"]["pool_size"] = 2
    proxy.reload(settings)
    assert b.read_reply().rows == [["1"]], "who waits already gets one of the new ones"
    assert b.query("SELECT 1").rows == [["1"]]
    a.query("COMMIT")
    a.close()
    b.close()


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


def test_a_bad_reload_keeps_the_old_configuration(start_proxy, estate):
    settings = estate.settings()
    proxy = start_proxy(settings)
    before = proxy.generation()
    proxy.config.write_text(MISTAKES)
    proxy.send_signal(signal.SIGHUP)
    wait_until(lambda: "fairlead.toml:7" in proxy.log(), 20, "the mistakes are in the log")
    assert "fairlead.toml:20" in proxy.log() and "fairlead.toml:25" in proxy.log()
    assert proxy.generation() == before
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        assert client.query("SELECT count(*) FROM customers").rows == [["5"]]


def test_clients_are_accepted_while_a_reload_waits_for_a_database(start_proxy, estate):
    """A server that takes connections and says nothing holds verification up until its time-out, and nobody else."""
    settings = estate.settings()
    proxy = start_proxy(settings)
    before = proxy.generation()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings["backends"]["silent"] = {**settings["backends"]["main"], "port": silent.getsockname()[1]}
        for name in ("unheard", "unheard_too"):
            settings["placements"][name] = {**settings["placements"]["shared"], "backend": "silent"}
        next(u for u in settings["users"] if u["name"] == "globex_app")["password"] = "another one"
        proxy.write(settings)
        proxy.send_signal(signal.SIGHUP)
        asked, _ = silent.accept()
        for tenant in ("acme", "globex"):
            with proxy.raw(f"{tenant}_app", CLIENT_PASSWORD) as client:
                assert client.query("SELECT 1").rows == [["1"]]
        assert proxy.generation() == before, "the test proves nothing: the reload did not wait"
        assert "reloaded" not in proxy.log()
        wait_until(lambda: proxy.generation() > before, 20, "the reload has taken effect")
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()  # a server that was silent to one placement is not waited for again in this run
        asked.close()
    with pytest.raises(RefusedLogin):
        proxy.raw("globex_app", CLIENT_PASSWORD)
    with proxy.raw("globex_app", "another one") as client:
        assert client.query("SELECT 1").rows == [["1"]]
    assert '"unheard\\" could not be verified' in proxy.log()
    assert proxy.metrics().sum("fairlead_placement_up", placement="shared") == 1
    assert proxy.metrics().sum("fairlead_placement_up", placement="unheard") == 0


def test_reload_under_load_fails_nobody(start_proxy, estate):
    settings = estate.settings()
    proxy = start_proxy(settings)
    problems, done = [], threading.Event()

    def work():
        with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
            while not done.is_set():
                reply = client.query("SELECT count(*) FROM customers")
                if reply.rows != [["5"]]:
                    problems.append(reply.error or reply.rows)

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
    with pytest.raises((RefusedLogin, OSError)):
        proxy.raw("b1_app", CLIENT_PASSWORD)
    assert proxy.process.poll() is None, "ended with a transaction open"
    assert busy.query("SELECT 1").status == "T"
    assert busy.query("COMMIT").tags == ["COMMIT"]
    assert proxy.process.wait(30) == 0
    assert estate.main.scalar("SELECT count(*) FROM tenant_b1.notes WHERE note = 'before the drain'", "bridge") == 1
    estate.main.execute("DELETE FROM tenant_b1.notes", "bridge")
    busy.close()
    idle.close()


def test_an_idle_client_is_told_why(start_proxy, estate):
    proxy = start_proxy(estate.settings())
    client = proxy.raw("b1_app", CLIENT_PASSWORD)
    proxy.send_signal(signal.SIGTERM)
    message = client.read_message()
    assert message.type == "E" and message.error_fields()["C"] == "57P01"
    assert proxy.process.wait(30) == 0
    client.close()


def test_shutdown_timeout_ends_the_wait(start_proxy, estate):
    proxy = start_proxy(estate.settings(proxy__shutdown_timeout="1s"))
    busy = proxy.raw("b1_app", CLIENT_PASSWORD)
    busy.query("BEGIN")
    began = time.monotonic()
    proxy.send_signal(signal.SIGTERM)
    assert proxy.process.wait(30) == 0
    assert 0.8 < time.monotonic() - began < 20
    busy.close()


def test_a_second_sigterm_ends_at_once(start_proxy, estate):
    proxy = start_proxy(estate.settings())
    busy = proxy.raw("b1_app", CLIENT_PASSWORD)
    busy.query("BEGIN")
    proxy.send_signal(signal.SIGTERM)
    wait_until(lambda: proxy.get("/readyz")[0] != 200, 20, "it drains")  # signals that are not taken yet become one
    assert proxy.process.poll() is None
    proxy.send_signal(signal.SIGTERM)
    assert proxy.process.wait(20) == 0
    wait_until(lambda: estate.main.backends(where="datname = 'bridge'") == 0, 20, "the server rolled back")
    proxy.process = None
    busy.close()


def test_signals_to_the_very_end_change_nothing(start_proxy, estate):
    """Whoever ends it may be impatient; the exit code still says that it ended as it should."""
    proxy = start_proxy(estate.settings())
    proxy.send_signal(signal.SIGTERM)
    wait_until(lambda: "stopped" in proxy.log(), 20, "nothing is left but to give memory back", interval=0)
    while proxy.process.poll() is None:
        proxy.send_signal(signal.SIGTERM)
    assert proxy.process.returncode == 0, proxy.log()[-1000:]


def test_no_server_connection_is_left(start_proxy, estate):
    proxy = start_proxy(estate.settings())
    with proxy.raw("b1_app", CLIENT_PASSWORD) as client:
        client.query("SELECT 1")
    proxy.stop()
    wait_until(lambda: estate.main.backends(where="datname = 'bridge'") == 0, 20, "no connection left")


# Metrics, health

def test_health_and_readiness(proxy):
    assert proxy.get("/healthz")[0] == 200
    assert proxy.get("/readyz")[0] == 200
    assert proxy.get("/nonsense")[0] == 404


def test_metrics_count_what_happened(start_proxy, estate):
    proxy = start_proxy(estate.settings())
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        for _ in range(10):
            client.query("SELECT count(*) FROM customers")
        client.query("LISTEN x")
        client.query("SELECT 1/0")
        with pytest.raises(RefusedLogin):
            proxy.raw("acme_app", "wrong")

        def counted():
            now = proxy.metrics()
            return (now.sum("fairlead_transaction_duration_seconds_count", placement="shared") >= 11
                    and now.sum("fairlead_refusals_total", placement="shared") == 1
                    and now.sum("fairlead_errors_total", **{"class": "22"}) == 1
                    and now.sum("fairlead_client_logins_total", result="failed") == 1)
        wait_until(counted, 20, "counted")
        now = proxy.metrics()
        assert now.sum("fairlead_client_connections") == 1
        assert now.sum("fairlead_placement_up") == 6
        assert now.sum("fairlead_tenants") == 9
        assert now.sum("fairlead_queue_wait_seconds_count", placement="shared") >= 11
        assert now.sum("fairlead_links_total", placement="shared") >= 11
        assert now.sum("fairlead_bytes_total", side="client", direction="in") > 300
        assert now.sum("fairlead_tenant_links_total", tenant="acme") >= 11
        assert now.sum("fairlead_server_connections", backend="main") >= 1


def test_a_pin_is_counted_with_its_reason(start_proxy, estate):
    proxy = start_proxy(estate.settings())
    with proxy.raw("s2_app", CLIENT_PASSWORD) as client:
        client.query("SELECT 1")
        assert proxy.metrics().sum("fairlead_pins_total", placement="own_session") >= 1


def test_every_documented_metric_exists_and_the_other_way_round(proxy, login):
    login("acme").query("SELECT 1")
    documented = set(re.findall(r"^\| `(fairlead_\w+)`", (ROOT / "docs/metrics.md").read_text(), re.M))
    families = set(re.findall(r"^# TYPE (fairlead_\w+) ", proxy.metrics().text, re.M))
    assert families <= documented, families - documented


# estate

def test_estate_command(estate, proxy):
    result = command("estate", "--config", proxy.config, environment=estate.environment)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "main" in result.stdout and "silo" in result.stdout
    result = command("estate", "--config", proxy.config, "--json", environment=estate.environment)
    assert result.returncode == 0 and json.loads(result.stdout)


@pytest.mark.long
def test_many_tables_are_counted_quickly(start_proxy, estate):
    estate.main.execute("CREATE DATABASE wide")
    with estate.main.connect("wide") as connection:
        for part in range(20):
            connection.execute("DO $$ BEGIN FOR i IN 1..1000 LOOP EXECUTE format('CREATE TABLE t%s_%s ()', "
                               f"{part}, i); END LOOP; END $$")
    settings = estate.settings(backends__main__probe_interval="1s")
    settings["placements"]["wide"] = {"model": "silo", "backend": "main", "database": "wide"}
    proxy = start_proxy(settings)
    wait_until(lambda: proxy.metrics().sum("fairlead_tables", database="wide") >= 20000, 60, "counted")

    def scrape() -> float:
        began = time.monotonic()
        proxy.metrics()
        return time.monotonic() - began

    assert min(scrape() for _ in range(5)) < 0.5

    def count() -> float:
        began = time.monotonic()
        result = command("estate", "--config", proxy.config, "--json", environment=estate.environment)
        assert result.returncode == 0 and "wide" in result.stdout, result.stdout + result.stderr
        return time.monotonic() - began

    assert min(count() for _ in range(5)) < 1
    assert proxy.metrics().sum("fairlead_tables_threshold") == 10000
    proxy.stop()
    estate.main.execute("DROP DATABASE wide WITH (FORCE)")


# Logs

@pytest.mark.parametrize("format", ["text", "json"])
def test_the_log_holds_no_secret_and_no_statement(start_proxy, estate, format):
    proxy = start_proxy(estate.settings(log={"format": format, "level": "debug"}))
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        client.query("SELECT 'a private literal'")
        client.query("LISTEN a_private_channel")
        client.extended("SELECT $1::text", ["a private parameter"])
    with pytest.raises(RefusedLogin):
        proxy.raw("acme_app", "a mistyped secret")
    proxy.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    proxy.stop()
    log = proxy.log()
    assert log.strip()
    for secret in (*SECRETS, "a private", "a_private", "a mistyped secret", "SCRAM-SHA-256$"):
        assert secret not in log, f"{secret!r} is in the log"
    if format == "json":
        for line in log.splitlines():
            assert isinstance(json.loads(line), dict), line


def test_statements_are_logged_when_asked(start_proxy, estate):
    proxy = start_proxy(estate.settings(log={"statements": True}))
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        client.query("LISTEN a_shown_channel")
    proxy.stop()
    assert "a_shown_channel" in proxy.log()


def test_a_port_in_use_is_said(start_proxy, estate, proxy):
    second = start_proxy(estate.settings(), start=False)
    second.ports["postgres"] = proxy.port
    second.write(estate.settings())
    second.start(wait_ready=False)
    assert second.process.wait(15) != 0
    assert str(proxy.port) in second.log()
    second.process = None
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        assert not client.query("SELECT 1").error
