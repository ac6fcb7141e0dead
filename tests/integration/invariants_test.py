"""What the database's side must be like before a placement is served (invariant I7), what an idle server connection
holds (I2), what errors tell (I6), and that any doubt is a refusal (I8). Each breaks one thing and expects to be caught."""

import contextlib
import hashlib
import signal
import subprocess
import threading
import time

import pytest

from support.estate import APP_PASSWORD, CLIENT_PASSWORD, OWNER_PASSWORD
from support.fairlead import command
from support.process import wait_until
from support.raw_client import RefusedLogin, ServerClosed


@pytest.fixture
def broken(estate, tmp_path):
    """A copy of `shop` to break, with a configuration that serves it and nothing else: (settings, config file)."""
    estate.main.execute("DROP DATABASE IF EXISTS broken WITH (FORCE)")
    estate.main.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shop'")
    wait_until(lambda: not estate.main.scalar("SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop'"), 20, "shop unused")
    estate.main.execute("CREATE DATABASE broken TEMPLATE shop OWNER shop_owner")
    settings = estate.settings(placements__shared__database="broken", placements__shared__expose_as="shop")
    settings["placements"] = {"shared": settings["placements"]["shared"]}
    settings["backends"] = {"main": settings["backends"]["main"]}
    settings["tenants"] = [{"id": "acme", "placement": "shared"}]
    settings["users"] = [{"name": "acme_app", "password": "env:CLIENT_PASSWORD", "tenants": ["acme"]}]
    config = tmp_path / "broken.toml"

    def write():
        from support.fairlead import toml
        config.write_text(toml({**settings, "listen": {"postgres": {"address": ["127.0.0.1:1"]}}}))
        return config

    write()
    install = estate.policy("install", config)  # keys are derived from the names, so the copy needs its own
    assert install.returncode == 0, install.stderr
    yield settings, write
    estate.main.execute("DROP DATABASE IF EXISTS broken WITH (FORCE)")


def is_refused(estate, start_proxy, broken, expected: str):
    """`policy verify` says it and `serve` does not serve it, both with a reason that holds `expected`."""
    settings, write = broken
    verified = estate.policy("verify", write())
    told = verified.stdout + verified.stderr
    assert verified.returncode != 0, f"verify was content:\n{told}"
    assert expected in told, told
    proxy = start_proxy(settings, wait_ready=False)
    ended = []
    wait_until(lambda: ended.append(1) or True if proxy.process.poll() is not None else proxy.get("/metrics")[0] == 200, 20, "up")
    if proxy.process.poll() is None:
        try:
            with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
                reply = client.query("SELECT * FROM customers")
                assert reply.error and not reply.rows, "the placement was served"
        except RefusedLogin:
            pass
        assert proxy.get("/readyz")[0] != 200
        assert proxy.metrics().sum("fairlead_placement_up", placement="shared") == 0
    else:
        assert proxy.process.returncode != 0
        proxy.process = None
    assert expected in proxy.log(), proxy.log()[-3000:]


def test_an_unbroken_copy_is_served(estate, start_proxy, broken):
    settings, write = broken
    verified = estate.policy("verify", write())
    assert verified.returncode == 0, verified.stdout + verified.stderr
    proxy = start_proxy(settings)
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        assert client.query("SELECT count(*) FROM customers").rows == [["5"]]


@pytest.mark.parametrize("attributes, expected", [("SUPERUSER", "superuser"), ("BYPASSRLS", "BYPASSRLS")])
def test_a_role_that_bypasses_policies(estate, start_proxy, broken, attributes, expected):
    try:
        estate.main.execute(f"ALTER ROLE fairlead_app {attributes}")
        is_refused(estate, start_proxy, broken, expected)
    finally:
        estate.main.execute(f"ALTER ROLE fairlead_app NO{attributes}")


def test_a_role_that_can_become_one(estate, start_proxy, broken):
    try:
        estate.main.execute("GRANT exempt_reporter TO fairlead_app")
        is_refused(estate, start_proxy, broken, "exempt_reporter")
    finally:
        estate.main.execute("REVOKE exempt_reporter FROM fairlead_app")


@pytest.mark.parametrize("breakage, expected", [
    ("ALTER TABLE orders DISABLE ROW LEVEL SECURITY", "orders"),
    ("ALTER TABLE orders NO FORCE ROW LEVEL SECURITY", "orders"),
    ("ALTER TABLE part_globex DISABLE ROW LEVEL SECURITY", "part_globex"),
    ("DROP POLICY fairlead_tenant ON customers", "customers"),
    ("ALTER TABLE customers OWNER TO fairlead_app", "customers"),
    ("CREATE TABLE forgotten (id int); GRANT SELECT ON forgotten TO fairlead_app", "forgotten"),
    ("CREATE TABLE unprotected (tenant_id text, id int); GRANT SELECT ON unprotected TO fairlead_app", "unprotected"),
    ("GRANT TRUNCATE ON customers TO fairlead_app", "customers"),
    ("GRANT CREATE ON SCHEMA public TO fairlead_app", "public"),
    ("GRANT SELECT ON fairlead.context_key TO fairlead_app", "context_key"),
    ("DROP FUNCTION fairlead.tenant() CASCADE", "fairlead.tenant()"),
    ("CREATE OR REPLACE FUNCTION fairlead.tenant() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'globex'::text $$",
     "fairlead.tenant()"),
])
def test_a_database_that_does_not_hold(estate, start_proxy, broken, breakage, expected):
    estate.main.execute(breakage, "broken")
    is_refused(estate, start_proxy, broken, expected)


def test_verify_says_how_to_mend_it(estate, broken):
    estate.main.execute("ALTER TABLE orders DISABLE ROW LEVEL SECURITY", "broken")
    _, write = broken
    verified = estate.policy("verify", write())
    assert "fairlead policy install" in verified.stdout + verified.stderr
    assert estate.policy("install", write()).returncode == 0
    assert estate.policy("verify", write()).returncode == 0


def test_a_table_that_appears_later_is_refused_until_protected(estate, start_proxy, broken):
    settings, write = broken
    proxy = start_proxy(settings)
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        estate.main.execute("CREATE TABLE late (tenant_id text, id int); INSERT INTO late VALUES ('globex', 1); "
                            "ALTER TABLE late OWNER TO shop_owner; GRANT SELECT ON late TO fairlead_app", "broken")
        for _ in range(3):
            reply = client.query("SELECT * FROM late")
            assert reply.error and not reply.rows


def test_policy_print_needs_no_password_and_shows_no_secret(estate, tmp_path, broken):
    _, write = broken
    printed = command("policy", "print", "--config", write(), "--placement", "shared", environment=estate.environment)
    assert printed.returncode == 0, printed.stderr
    assert "RESTRICTIVE" in printed.stdout and "FORCE ROW LEVEL SECURITY" in printed.stdout
    assert "app-secret-of-the-backend" not in printed.stdout


def test_install_twice_changes_nothing(estate, broken):
    _, write = broken
    before = estate.main.execute("SELECT polname, polrelid::regclass::text, pg_get_expr(polqual, polrelid) FROM pg_policy ORDER BY 1, 2", "broken")
    assert estate.policy("install", write()).returncode == 0
    assert estate.main.execute("SELECT polname, polrelid::regclass::text, pg_get_expr(polqual, polrelid) FROM pg_policy ORDER BY 1, 2", "broken") == before


def test_a_wrong_owner_password_is_said(estate, broken):
    _, write = broken
    result = command("policy", "install", "--config", write(), "--placement", "shared", "--as", "shop_owner",
                     environment={**estate.environment, "PGPASSWORD": "not the owner's"})
    assert result.returncode != 0 and "password authentication failed" in result.stdout + result.stderr
    assert OWNER_PASSWORD not in result.stdout + result.stderr


# I2: what a stranger finds on an idle server connection

def test_without_context_there_are_no_rows(estate):
    with estate.main.connect("shop", "fairlead_app", "app-secret-of-the-backend") as connection:
        for table in ("customers", "orders", "order_items", "coupons", "part", "part_globex"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


@pytest.mark.parametrize("value", ["acme", "globex", "", "v1", "'", "\x01" * 40, "A" * 200])
def test_a_forged_context_gives_no_rows(estate, value):
    with estate.main.connect("shop", "fairlead_app", "app-secret-of-the-backend") as connection:
        connection.execute("SELECT set_config('fairlead.context', %s, false)", [value])
        try:
            assert connection.execute("SELECT count(*) FROM customers").fetchone() == (0,)
        except Exception as problem:  # an error is as good as no rows
            assert "acme" not in str(problem) or value == "acme"


def test_a_token_is_worth_nothing_on_another_connection(estate, proxy):
    """Even one that an operator fished out of a running transaction."""
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client, \
            estate.main.connect("shop", "fairlead_app", "app-secret-of-the-backend") as connection:
        client.query("BEGIN")
        assert client.query("SELECT count(*) FROM customers").rows == [["5"]]
        for statement in ("SHOW fairlead.context", "SELECT current_setting('fairlead.context')",
                          "SELECT pg_catalog.current_setting('fairlead.context', true)"):
            assert client.query(statement).error, statement
            client.query("ROLLBACK")
            client.query("BEGIN")
        client.query("ROLLBACK")
        assert connection.execute("SELECT current_setting('fairlead.context', true)").fetchone()[0] in (None, "")


def test_no_token_shows_in_the_activity_view_or_the_log(estate, proxy):
    estate.main.execute("ALTER SYSTEM SET log_statement = 'all'")
    estate.main.execute("SELECT pg_reload_conf()")
    try:
        size = estate.main.log.stat().st_size
        with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
            for _ in range(3):
                client.query("SELECT count(*) FROM customers")
        queries = {row[0] for row in estate.main.execute(
            "SELECT query FROM pg_stat_activity WHERE usename = 'fairlead_app' AND datname = 'shop'")}
        assert queries, "the test looks at nothing"
        log = estate.main.log.read_text(errors="replace")[size:]
        for text in (*queries, "\n".join(line for line in log.splitlines() if "parameters:" not in line)):
            assert "set_config('fairlead.context', '" not in text
    finally:
        estate.main.execute("ALTER SYSTEM RESET log_statement")
        estate.main.execute("SELECT pg_reload_conf()")


# I3: rotation of the keys that sign the context

OLD_KEY, NEW_KEY = "the key of last year", "the key of this year"


def live_keys(estate) -> dict:
    """Key id -> (inner pad, outer pad), as the database holds them; only a superuser and the owner can read them."""
    rows = estate.main.execute("SELECT id, inner_pad, outer_pad FROM fairlead.context_key WHERE role = 'fairlead_app'", "broken")
    return {key_id: (bytes(inner), bytes(outer)) for key_id, inner, outer in rows}


def rows_with_a_token_of(estate, key_id: str, pads: tuple) -> int:
    """What acme's token, signed with this key for this very connection, opens. By the layout in docs/security.md."""
    with estate.main.connect("broken", "fairlead_app", APP_PASSWORD) as connection:
        pid, tag = connection.execute(
            "SELECT pg_backend_pid(), (date_part('epoch', pg_postmaster_start_time()) * 1000000)::int8 "
            "# (inet_client_port()::int8 << 47)").fetchone()
        expiry = int((time.time() - 946684800 + 600) * 1000000)
        signed = "1%s%08x%016x%016xacme" % (key_id, pid, tag, expiry)
        inner = hashlib.sha256(pads[0] + signed.encode()).digest()
        token = hashlib.sha256(pads[1] + inner).hexdigest() + signed
        connection.execute("SELECT set_config('fairlead.context', %s, false)", [token])
        return connection.execute("SELECT count(*) FROM customers").fetchone()[0]


class Traffic:
    """Clients of acme that count their rows in a loop, and keep every answer that is not the right one."""

    def __init__(self, proxy):
        self.answers = 0
        self.wrong = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(proxy,)) for _ in range(3)]
        for thread in self._threads:
            thread.start()

    def _run(self, proxy):
        with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
            while not self._stop.is_set():
                reply = client.query("SELECT count(*) FROM customers")
                if reply.rows != [["5"]]:
                    self.wrong.append(reply.error or reply.rows)
                self.answers += 1

    def goes_on(self):
        """Answers came since the last step, all of them right."""
        before = self.answers
        wait_until(lambda: self.answers > before + 20, 20, "traffic")
        assert not self.wrong, self.wrong[:3]

    def end(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(10)


@contextlib.contextmanager
def traffic_through(proxy):
    traffic = Traffic(proxy)
    try:
        yield traffic
    finally:
        traffic.end()


def test_keys_rotate_without_refusing_anybody(estate, start_proxy, broken):
    settings, write = broken

    def keys(*secrets):
        settings["placements"]["shared"]["context_keys"] = list(secrets)

    def install():
        installed = estate.policy("install", write())
        assert installed.returncode == 0, installed.stdout + installed.stderr

    keys(OLD_KEY)
    install()
    (old_id, old_pads), = live_keys(estate).items()
    assert rows_with_a_token_of(estate, old_id, old_pads) == 5, "the test cannot sign, so it would prove nothing"
    proxy, left_behind = start_proxy(settings), start_proxy(settings)
    with traffic_through(proxy) as traffic, left_behind.raw("acme_app", CLIENT_PASSWORD) as stale:
        traffic.goes_on()
        keys(NEW_KEY, OLD_KEY)
        install()
        assert set(live_keys(estate)) > {old_id} and len(live_keys(estate)) == 2
        traffic.goes_on()
        proxy.reload(settings)
        traffic.goes_on()
        assert stale.query("SELECT count(*) FROM customers").rows == [["5"]], "both keys are live"
        keys(NEW_KEY)
        proxy.reload(settings)
        traffic.goes_on()
        install()
        try:
            reply = stale.query("SELECT count(*) FROM customers")
            assert reply.error or reply.rows == [["0"]], "a proxy with the old key still opens rows"
        except ServerClosed:
            pass  # it noticed already, and sent its clients away
        traffic.goes_on()
        time.sleep(2.5)  # a catalogue_refresh, which verifies again
        traffic.goes_on()

        assert old_id not in live_keys(estate) and len(live_keys(estate)) == 1
        assert rows_with_a_token_of(estate, old_id, old_pads) == 0
        wait_until(lambda: left_behind.get("/readyz")[0] != 200, 20, "the proxy with the old key notices")
        with pytest.raises(RefusedLogin):
            left_behind.raw("acme_app", CLIENT_PASSWORD)
    assert not traffic.wrong, traffic.wrong[:3]


def test_reload_before_install_is_refused_until_installed(estate, start_proxy, broken):
    settings, write = broken
    settings["placements"]["shared"]["context_keys"] = [OLD_KEY]
    assert estate.policy("install", write()).returncode == 0
    proxy = start_proxy(settings)
    settings["placements"]["shared"]["context_keys"] = [NEW_KEY, OLD_KEY]
    proxy.write(settings)
    proxy.send_signal(signal.SIGHUP)
    wait_until(lambda: proxy.get("/readyz")[0] != 200, 20, "refused: the database does not know the key that signs")
    assert estate.policy("install", write()).returncode == 0
    wait_until(proxy.ready, 20, "served again")
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        assert client.query("SELECT count(*) FROM customers").rows == [["5"]]


# I6 and I8

def test_errors_carry_nothing_of_others(login):
    client = login("acme")
    for sql in ("INSERT INTO coupons (id, code) VALUES (70, 'X')", "INSERT INTO coupons (id, code) VALUES (99, 'SECRET-G')",
                "SELECT CAST(note AS int) FROM orders ORDER BY tenant_id DESC", "UPDATE coupons SET id = 70 WHERE id = 1",
                "INSERT INTO part_globex (id) VALUES (1)"):
        reply = client.query(sql)
        assert reply.error, sql
        assert b"zqglobex" not in reply.raw
        detail = reply.error.get("D", "")
        assert "SECRET-G" not in detail and "(70)" not in detail, reply.error


def test_a_statement_beyond_the_limit_is_refused(start_proxy, estate):
    proxy = start_proxy(estate.settings(proxy={"max_statement_bytes": "10KiB"}))
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        assert client.query("SELECT 1 /*" + "x" * 9000 + "*/").rows == [["1"]]
        reply = client.query("SELECT 1 /*" + "x" * 11000 + "*/")
        assert reply.error and "max_statement_bytes" in reply.error["M"] + reply.error.get("H", "")
        reply = client.extended("SELECT 1 /*" + "x" * 11000 + "*/")
        assert reply.error
        assert client.query("SELECT 2").rows == [["2"]]


def test_deep_nesting_is_refused_or_answered(login):
    client = login("acme")
    for sql in ("SELECT " + "(" * 5000 + "1" + ")" * 5000, "SELECT 1" + " + 1" * 20000,
                "SELECT " + "CASE WHEN true THEN " * 1000 + "1" + " END" * 1000, "SELECT " + "-" * 3000 + "1",
                "WITH a AS (" * 300 + "SELECT 1" + ") SELECT 1" * 300):
        reply = client.query(sql)
        assert reply.status == "I"
    assert client.query("SELECT 1").rows == [["1"]]


def test_a_refusal_names_rule_place_and_remedy(login):
    reply = login("acme").query("SELECT 1; LISTEN news")
    assert reply.sqlstate == "42501" and reply.error["S"] == "ERROR"
    assert "LISTEN" in reply.error["M"] and reply.error["H"]
    assert not reply.rows, "a refusal has no effect, not even of the statements before it"


def test_explain_says_the_same_without_a_database(estate, proxy):
    result = subprocess.run([proxy.process.args[0], "explain", "--config", str(proxy.config), "--tenant", "empty", "LISTEN news"],
                            capture_output=True, text=True, timeout=30, env=proxy.environment)
    assert "LISTEN" in result.stdout and "refuse" in result.stdout.lower(), result.stdout + result.stderr
