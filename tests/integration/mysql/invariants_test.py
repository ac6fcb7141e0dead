"""The invariants of docs/security.md on MariaDB, each by what would break it."""

import subprocess

import pytest

from support import mysql_packets as wire
from support.estate import CLIENT_PASSWORD
from support.fairlead import command
from support.mysql_client import RefusedLogin
from support.process import wait_until

MARK = b"zqglobex"


# I1: what was not understood is not forwarded, and a refusal has no effect

UNKNOWN = [
    "SELECT * FROM customers FOR SYSTEM_TIME ALL WHERE 1", "HANDLER customers OPEN", "DO (SELECT count(*) FROM customers)",
    "CALL all_orders()", "CALL archive_orders('globex')", "SELECT leak('x')", "SELECT * FROM v_all_orders", "TRUNCATE customers",
    "DROP TABLE customers", "ALTER TABLE customers ADD x int", "CREATE TABLE mine (i int)", "CREATE INDEX i ON customers (name)",
    "LOCK TABLES customers WRITE", "FLUSH TABLES", "ANALYZE TABLE customers", "OPTIMIZE TABLE customers", "CHECK TABLE customers",
    "CHECKSUM TABLE customers", "ANALYZE SELECT * FROM customers", "SELECT * FROM customers PROCEDURE ANALYSE()",
    "SELECT * FROM customers INTO OUTFILE '/tmp/fairlead-x'", "SELECT name FROM customers LIMIT 1 INTO DUMPFILE '/tmp/fairlead-y'",
    "LOAD DATA INFILE '/etc/passwd' INTO TABLE customers (name)", "LOAD XML INFILE '/etc/passwd' INTO TABLE customers",
    "EXECUTE IMMEDIATE 'SELECT * FROM customers'", "EXECUTE IMMEDIATE concat('SELECT * FROM cust', 'omers')",
    "BEGIN NOT ATOMIC SELECT * FROM customers; END", "IF 1 THEN SELECT * FROM customers; END IF",
    "SET @n = (SELECT count(*) FROM customers)", "SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR SELECT 1",
    "SELECT GET_LOCK('x', 0)", "SELECT SLEEP(1)", "SELECT BENCHMARK(10, 1)", "SELECT LOAD_FILE('/etc/passwd')",
    "CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = 'x'", "CREATE VIEW v AS SELECT * FROM customers",
    "CREATE PROCEDURE p() SELECT * FROM customers", "CREATE FUNCTION f() RETURNS int RETURN 1", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
    "GRANT ALL ON shop.* TO fairlead_app@'127.0.0.1'", "INSTALL SONAME 'auth_ed25519'", "SHUTDOWN", "RENAME TABLE customers TO c2",
    "XA START 'x'", "BACKUP STAGE START", "PURGE BINARY LOGS TO 'x'", "CHANGE MASTER TO MASTER_HOST = 'x'", "KILL USER root",
    "SIGNAL SQLSTATE '45000'", "GET DIAGNOSTICS @n = NUMBER", "RETURN 1", "HELP 'select'", "SELECT * FROM customers PARTITION (part_globex)",
    "DELETE HISTORY FROM customers", "SELECT $1", "SELECT * FROM customers WHERE ??", "NOT A STATEMENT",
]


@pytest.mark.parametrize("sql", UNKNOWN)
def test_what_is_not_understood_is_not_forwarded(login, estate, sql):
    state = "SELECT md5(group_concat(concat_ws('|', tenant_id, id, name) ORDER BY tenant_id, id)) FROM customers"
    objects = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'shop'"
    before = estate.main.execute(state, "shop"), estate.main.execute(objects)
    client = login("acme")
    for reply in (client.query(sql), client.prepared_query(sql)):
        assert reply.error, f"was not refused: {reply.rows[:3]}"
        assert not reply.rows and MARK not in reply.raw
    assert (estate.main.execute(state, "shop"), estate.main.execute(objects)) == before
    assert client.query("SELECT count(*) FROM customers").rows == [["5"]]


def test_a_refusal_names_rule_place_and_remedy(login):
    reply = login("acme").query("REPLACE INTO coupons (id, code) VALUES (70, 'SECRET-G')")
    assert (reply.errno, reply.sqlstate) == (1235, "42000")
    for word in ("fairlead: ", "REPLACE", "coupons", "tenant_id", "[rule upsert-unique-key]"):
        assert word in reply.error["M"], reply.error["M"]
    reply = login("acme").query("SELECT 1,\n  SLEEP(5)")
    assert "[rule " in reply.error["M"] and reply.error["M"].startswith("fairlead: ")


# I2, I3: the filter is in force in every statement, and nothing takes it away

@pytest.mark.parametrize("sql", [
    "SELECT DISTINCT tenant_id FROM customers WHERE 1 = 1 OR tenant_id = 'globex'", "SELECT DISTINCT tenant_id FROM customers WHERE TRUE || 1",
    "SELECT DISTINCT tenant_id FROM customers WHERE NOT tenant_id = 'acme' XOR 1", "SELECT DISTINCT c.tenant_id FROM plans LEFT JOIN customers c ON 1",
    "SELECT DISTINCT tenant_id FROM (SELECT * FROM customers) x", "TABLE customers", "SELECT tenant_id FROM customers UNION SELECT tenant_id FROM orders",
    "WITH customers AS (SELECT * FROM orders) SELECT DISTINCT tenant_id FROM customers", "SELECT (SELECT max(tenant_id) FROM orders)",
    "SELECT DISTINCT tenant_id FROM customers NATURAL JOIN part", "SELECT DISTINCT c.tenant_id FROM (customers c, plans p)",
    "SELECT DISTINCT tenant_id FROM shop.customers", "SELECT DISTINCT tenant_id FROM CUSTOMERS", "SELECT DISTINCT `tenant_id` FROM `customers`",
    "SELECT DISTINCT tenant_id FROM customers IGNORE INDEX (PRIMARY)", "SELECT tenant_id FROM customers GROUP BY 1 HAVING tenant_id <> 'acme' OR 1",
    "SELECT DISTINCT tenant_id FROM customers FORCE INDEX (PRIMARY) WHERE id IN (SELECT id FROM orders)",
    "SELECT DISTINCT tenant_id FROM customers WHERE tenant_id = 0", "SELECT DISTINCT tenant_id FROM customers WHERE tenant_id COLLATE ascii_general_ci = 'GLOBEX' OR 1",
    "SELECT tenant_id FROM customers ORDER BY (SELECT max(note) FROM orders o WHERE o.tenant_id <> customers.tenant_id)",
    "SELECT DISTINCT tenant_id FROM customers FOR UPDATE", "SELECT DISTINCT tenant_id FROM customers LOCK IN SHARE MODE",
    "SELECT JSON_ARRAYAGG(name) FROM customers", "SELECT max(name) OVER () FROM customers",
])
def test_only_the_own_rows(login, sql):
    for reply in (login("acme").query(sql), login("acme").prepared_query(sql)):
        assert MARK not in reply.raw and b"globex" not in reply.raw, reply.rows
        assert reply.error or reply.rows, "neither rows nor a reason"


def test_an_empty_tenant_has_nothing(login):
    client = login("empty")
    for table in ("customers", "orders", "order_items", "coupons", "part"):
        assert client.query(f"SELECT * FROM {table}").rows == []
    assert client.query("SELECT count(*) FROM plans").rows == [["3"]]


@pytest.mark.parametrize("sql", [
    "INSERT INTO customers (tenant_id, id) VALUES ('globex', 800)", "INSERT INTO customers VALUES ('globex', 801, 'n', 'e')",
    "INSERT INTO customers SET tenant_id = 'globex', id = 802", "UPDATE customers SET tenant_id = 'globex' WHERE id = 1",
    "UPDATE customers SET `TENANT_ID` = 'globex'", "UPDATE customers c, orders o SET c.tenant_id = 'globex'",
    "INSERT INTO customers (id, name) VALUES (1, 'x') ON DUPLICATE KEY UPDATE tenant_id = 'globex'",
    "INSERT INTO customers (tenant_id, id) SELECT 'globex', id FROM orders", "REPLACE INTO customers (tenant_id, id) VALUES ('globex', 1)",
    "INSERT INTO coupons (id, code) VALUES (70, 'x') ON DUPLICATE KEY UPDATE code = 'stolen'", "REPLACE INTO coupons (id, code) VALUES (70, 'x')",
    "REPLACE INTO coupons (id, code) VALUES (900, 'SECRET-G')", "INSERT IGNORE INTO coupons (id, code) VALUES (70, 'x')",
    "DELETE FROM customers WHERE tenant_id = 'globex'", "DELETE c FROM customers c LEFT JOIN orders o ON o.tenant_id = 'globex'",
    "DELETE FROM customers WHERE 1 OR 1 ORDER BY tenant_id DESC LIMIT 100", "UPDATE orders SET note = 'x' ORDER BY tenant_id DESC LIMIT 100",
    "INSERT INTO plans SELECT id, name FROM customers", "UPDATE plans SET name = 'x'", "DELETE FROM plans",
])
def test_nothing_of_others_is_written(login, estate, restored, sql):
    foreign = ("SELECT (SELECT md5(group_concat(id, name, email ORDER BY id)) FROM customers WHERE tenant_id = 'globex'), "
               "(SELECT md5(group_concat(id, note ORDER BY id)) FROM orders WHERE tenant_id = 'globex'), "
               "(SELECT group_concat(id, code) FROM coupons WHERE tenant_id = 'globex'), (SELECT count(*) FROM customers WHERE tenant_id NOT IN "
               "('acme', 'globex')), (SELECT group_concat(id, name ORDER BY id) FROM plans)")
    before = estate.main.execute(foreign, "shop")
    reply = login("acme").query(sql)
    assert estate.main.execute(foreign, "shop") == before, sql
    assert MARK not in reply.raw


# I4 is session_state_test.py, session_settings_test.py, held_state_test.py and previous_statement_test.py. I5 is unit and fuzz tests of the verifier.

# I6: errors and dictionary

@pytest.mark.parametrize("sql", [
    "INSERT INTO coupons (id, code) VALUES (70, 'new')", "INSERT INTO coupons (id, code) VALUES (900, 'SECRET-G')",
    "UPDATE coupons SET id = 70 WHERE id = 1", "UPDATE coupons SET code = 'SECRET-G' WHERE id = 1",
    "INSERT INTO customers (id) SELECT id FROM orders", "SELECT CAST(note AS signed) FROM orders ORDER BY tenant_id DESC",
    "UPDATE orders SET customer_id = note", "SELECT EXTRACTVALUE(1, concat(0x7e, (SELECT max(name) FROM customers)))",
    "SELECT UPDATEXML(1, concat(0x7e, (SELECT name FROM customers ORDER BY tenant_id DESC LIMIT 1)), 1)",
    "SELECT exp(710) + (SELECT 1 FROM (SELECT name FROM customers) x LIMIT 1)", "SELECT 1 + name FROM customers WHERE tenant_id = 'globex' OR 1",
])
def test_errors_and_warnings_carry_nothing_of_others(login, restored, sql):
    client = login("acme")
    reply = client.query(sql)
    warnings = client.query("SHOW WARNINGS")
    for found in (reply, warnings, client.prepared_query(sql), client.query("SHOW ERRORS")):
        assert MARK not in found.raw and b"SECRET-G" not in found.raw.replace(b"'SECRET-G' WHERE", b""), found.raw[:300]
        if found.errno == 1062:
            assert "'70'" not in found.error["M"], found.error


def test_a_duplicate_of_the_own_is_said_as_the_server_says_it(login):
    reply = login("acme").query("INSERT INTO customers (id) VALUES (1)")
    assert (reply.errno, reply.sqlstate) == (1062, "23000") and "Duplicate entry" in reply.error["M"]


DICTIONARY = [
    "SELECT * FROM information_schema.processlist", "SELECT info FROM information_schema.PROCESSLIST", "SHOW PROCESSLIST", "SHOW FULL PROCESSLIST",
    "SELECT * FROM information_schema.innodb_trx", "SELECT table_rows FROM information_schema.tables", "SELECT * FROM information_schema.statistics",
    "SELECT * FROM information_schema.user_variables", "SELECT * FROM information_schema.query_response_time", "SHOW TABLE STATUS", "SHOW INDEX FROM customers",
    "SELECT * FROM performance_schema.events_statements_history", "SELECT * FROM performance_schema.threads", "SELECT * FROM sys.session",
    "SELECT * FROM mysql.user", "SELECT * FROM mysql.innodb_table_stats", "SHOW ENGINE INNODB STATUS", "SHOW CREATE TABLE customers", "SHOW GRANTS",
    "SHOW OPEN TABLES", "SHOW EXPLAIN FOR 1", "EXPLAIN FOR CONNECTION 1", "SHOW BINARY LOGS", "SHOW MASTER STATUS", "SHOW PROFILES", "SHOW EVENTS",
    "SHOW TRIGGERS", "SHOW DATABASES", "SHOW TABLES FROM mysql", "SHOW COLUMNS FROM mysql.user", "SHOW STATUS LIKE 'Com_select'", "SHOW GLOBAL STATUS",
    "SHOW FUNCTION STATUS", "SHOW CREATE PROCEDURE archive_orders", "SHOW USER_STATISTICS", "SELECT @@global.general_log_file", "SHOW WARNINGS WHERE 1",
    "SHOW COLUMNS FROM customers WHERE (SELECT 1 FROM orders LIMIT 1)", "EXPLAIN SELECT * FROM other_db.customers", "SHOW INDEX_STATISTICS",
]


@pytest.mark.parametrize("sql", DICTIONARY)
def test_the_dictionary_tells_nothing_of_others(login, sql):
    """Refused, or answered with what belongs to the tenant alone."""
    witness, client = login("globex"), login("acme")
    witness.query("SELECT 'zqglobex statement'")
    for reply in (client.query(sql), client.prepared_query(sql)):
        told = reply.raw.lower()
        for word in (MARK, b"globex", b"tenant_b1", b"other_db", b"kept", b"fairlead_app", b"root@"):
            assert word not in told or word in sql.encode(), (word, reply.rows[:5])


@pytest.mark.parametrize("tenant", ["acme", "b1"])
@pytest.mark.parametrize("sql", ["EXPLAIN SELECT * FROM {}.customers", "SHOW TABLES FROM {}", "SELECT * FROM {}.nothing", "SHOW CREATE DATABASE {}"])
def test_a_refusal_repeats_a_name_and_does_not_tell_whether_it_is_there(login, tenant, sql):
    client = login(tenant)
    there, not_there = client.query(sql.format("other_db")), client.query(sql.format("no_other"))
    assert there.error and there.error == {**not_there.error, "M": not_there.error["M"].replace("no_other", "other_db")}


@pytest.mark.parametrize("sql", ["SHOW TABLES", "SHOW COLUMNS FROM customers", "DESCRIBE customers", "SHOW VARIABLES LIKE 'character_set_client'",
                                 "SHOW WARNINGS", "SELECT DATABASE(), VERSION(), USER(), NOW()", "SHOW COLLATION LIKE 'utf8mb4_bin'", "SHOW CHARACTER SET LIKE 'utf8mb4'",
                                 "SELECT @@version_comment LIMIT 1", "SELECT @@max_allowed_packet, @@sql_mode", "SHOW VARIABLES LIKE 'sql_mode'", "EXPLAIN SELECT * FROM customers"])
def test_what_drivers_and_programs_ask_for_is_answered(login, sql):
    for tenant in ("acme", "b1"):
        client = login(tenant)
        reply = client.query(sql.replace("customers", "users") if tenant == "b1" else sql)
        assert not reply.error, reply.error
        assert reply.columns and MARK not in reply.raw
        assert b"fairlead_app" not in reply.raw or "USER()" in sql


# I7, I8: doubt is a refusal

@pytest.fixture
def broken(estate):
    """A copy of `shop` to break, with a configuration that serves nothing else."""
    estate.main.execute("CREATE DATABASE broken; GRANT SELECT, INSERT, UPDATE, DELETE ON broken.* TO fairlead_app@'127.0.0.1'")
    from support.mysql_estate import FIXTURE
    estate.main.load("broken", FIXTURE / "fixture.sql")
    settings = estate.settings(placements__shared__database="broken", placements__shared__expose_as="shop")
    settings["placements"] = {"shared": settings["placements"]["shared"]}
    settings["backends"] = {"main": settings["backends"]["main"]}
    settings["tenants"] = [{"id": tenant, "placement": "shared"} for tenant in ("acme", "globex")]
    settings["users"] = [{"name": f"{tenant}_app", "password": "env:CLIENT_PASSWORD", "tenants": [tenant]} for tenant in ("acme", "globex")]
    yield settings
    estate.main.execute("DROP DATABASE broken")


def answer(start_proxy, settings, sql="SELECT name FROM customers"):
    """The error of the statement (or of the login), None when it is answered; with whatever the log says."""
    proxy = start_proxy(settings, wait_ready=False)
    wait_until(lambda: proxy.process.poll() is not None or proxy.get("/metrics")[0] == 200, 20, "up")
    if proxy.process.poll() is not None:
        proxy.process = None
        return {"M": proxy.log(), "N": 0}, proxy
    try:
        with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
            reply = client.query(sql)
            assert MARK not in reply.raw
            return reply.error, proxy
    except RefusedLogin as refusal:
        return refusal.fields, proxy


def test_an_unbroken_copy_is_served(start_proxy, broken):
    assert answer(start_proxy, broken)[0] is None


@pytest.mark.parametrize("collation", ["utf8mb4_general_ci", "utf8mb4_bin", "latin1_swedish_ci"])
def test_a_tenant_column_that_does_not_compare_exactly(estate, start_proxy, broken, collation):
    """'ACME' or 'acme ' would be acme: nothing of the placement is served, and the log says which table it is."""
    charset = collation.split("_")[0]
    estate.main.execute(f"ALTER TABLE customers MODIFY tenant_id varchar(63) CHARACTER SET {charset} COLLATE {collation} NOT NULL; "
                        "INSERT INTO customers VALUES ('ACME', 90, 'zqglobex upper', '')", "broken")
    error, proxy = answer(start_proxy, broken)
    assert error["N"] == 1053 and error["M"].startswith('fairlead: placement "shared" is not being served'), error
    refused = [line for line in proxy.log().splitlines() if "customers" in line]
    assert any("tenant_id" in line and collation in line for line in refused), proxy.log()


def test_a_nullable_tenant_column(estate, start_proxy, broken):
    estate.main.execute("ALTER TABLE orders DROP PRIMARY KEY, MODIFY tenant_id varchar(63) CHARACTER SET ascii COLLATE ascii_nopad_bin NULL; "
                        "INSERT INTO orders (tenant_id, note) VALUES (NULL, 'zqglobex nobodys')", "broken")
    """NULL is no tenant: the row is nobody's, and the others are served as ever."""
    proxy = start_proxy(broken)
    expected = [[str(id)] for id, in estate.main.execute("SELECT id FROM broken.orders WHERE tenant_id = 'acme' ORDER BY id")]
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        assert client.query("SELECT id FROM orders ORDER BY id").rows == expected and expected
        assert client.query("SELECT count(*) FROM orders WHERE tenant_id IS NULL").rows == [["0"]]
        reply = client.query("SELECT note FROM orders")
        assert len(reply.rows) == len(expected) and MARK not in reply.raw


def test_a_table_without_the_tenant_column_is_refused(estate, start_proxy, broken):
    estate.main.execute("CREATE TABLE forgotten (id int); INSERT INTO forgotten VALUES (1)", "broken")
    error, _ = answer(start_proxy, broken, "SELECT * FROM forgotten")
    assert error


def test_a_table_that_appears_later_is_refused_until_known(estate, start_proxy, broken):
    proxy = start_proxy(broken)
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        assert client.query("SELECT count(*) FROM customers").rows == [["5"]]
        estate.main.execute("CREATE TABLE late (tenant_id varchar(63) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL, id int); "
                            "INSERT INTO late VALUES ('globex', 1), ('acme', 2)", "broken")
        for _ in range(5):
            reply = client.query("SELECT id FROM late")
            assert reply.error or reply.rows == [["2"]], reply.rows
        wait_until(lambda: client.query("SELECT id FROM late").rows == [["2"]], 20, "the catalogue is read again")


def test_a_view_that_takes_a_tables_name(estate, start_proxy, broken):
    """After the catalogue was read, `part` becomes a view over everything: refused at the latest when it is read again."""
    proxy = start_proxy(broken)
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        assert client.query("SELECT count(*) FROM part").rows == [["1"]]
        estate.main.execute("RENAME TABLE part TO part_old; CREATE VIEW part AS SELECT * FROM part_old", "broken")
        wait_until(lambda: client.query("SELECT note FROM part").error, 20, "refused")
        reply = client.query("SELECT note FROM part")
        assert MARK not in reply.raw


def is_served(proxy) -> bool:
    try:
        proxy.raw("acme_app", CLIENT_PASSWORD).close()
    except RefusedLogin:
        return False
    return True


@pytest.mark.parametrize("grant", ["ALL ON *.*", "SUPER ON *.*", "FILE ON *.*", "PROCESS ON *.*"])
def test_an_account_that_may_too_much_changes_nothing(estate, start_proxy, broken, proxy, grant):
    """Rewriting does not lean on the account's rights. If it may too much, serving is refused, or nothing more is reached."""
    estate.main.execute(f"GRANT {grant} TO fairlead_app@'127.0.0.1'")
    try:
        for sql in ("SHOW PROCESSLIST", "SELECT LOAD_FILE('/etc/passwd')", "SELECT * FROM mysql.user", "TRUNCATE customers",
                    "SELECT * FROM information_schema.processlist", "SET GLOBAL max_connections = 5"):
            assert answer(start_proxy, broken, sql)[0]
    finally:
        estate.main.execute(f"REVOKE {grant} FROM fairlead_app@'127.0.0.1'")
        wait_until(lambda: is_served(proxy), 20, "the other proxy, which may have seen it, serves again")


def test_no_tenant_no_service(proxy):
    for user in ("app", "pair", "app.", "app.nobody"):
        with pytest.raises(RefusedLogin):
            proxy.raw(user, CLIENT_PASSWORD)


def test_deep_nesting_is_refused_or_answered(login):
    client = login("acme", timeout=30)
    for sql in ("SELECT " + "(" * 3000 + "1" + ")" * 3000, "SELECT 1" + " + 1" * 20000, "SELECT " + "-" * 3000 + "1", "SELECT " + "NOT " * 5000 + "1",
                "SELECT " + "CASE WHEN 1 THEN " * 1000 + "1" + " END" * 1000, "SELECT 1 FROM " + "(" * 500 + "SELECT 1" + ") x" * 500,
                "WITH a AS (" * 300 + "SELECT 1" + ") SELECT 1" * 300, "SELECT 1" + " UNION SELECT 1" * 3000, "SELECT " + ",".join("1" * 1 for _ in range(5000))):
        client.query(sql)
    assert client.query("SELECT 1").rows == [["1"]]


def test_a_statement_beyond_the_limit_is_refused(start_proxy, estate):
    proxy = start_proxy(estate.settings(proxy={"max_statement_bytes": "10KiB"}))
    with proxy.raw("acme_app", CLIENT_PASSWORD) as client:
        assert client.query("SELECT 1 /*" + "x" * 9000 + "*/").rows == [["1"]]
        for reply in (client.query("SELECT 1 /*" + "x" * 11000 + "*/"), client.prepared_query("SELECT 1 /*" + "x" * 11000 + "*/")):
            assert reply.error and "max_statement_bytes" in reply.error["M"], reply.error
        assert client.query("SELECT 2").rows == [["2"]]


def test_modes_of_the_session_are_part_of_the_verdict(login):
    """The same bytes under another sql_mode are another statement: a cached verdict must not be used."""
    client = login("acme", capabilities=wire.MULTI_STATEMENTS)
    text = 'SELECT count(*) FROM customers WHERE "tenant_id" = "tenant_id" OR "a" = "a"'
    assert client.query(text).rows == [["5"]]
    client.query("SET sql_mode = 'ANSI_QUOTES'")
    reply = client.query(text)
    assert reply.error or reply.rows == [["5"]]
    for batch in ("SET sql_mode = 'ANSI_QUOTES'; SELECT \"name\" FROM customers", "SET NAMES gbk; SELECT 1",
                  "SET sql_mode = ''; SELECT count(*) FROM customers WHERE name = \"x\" OR 1"):
        reply = client.query(batch)
        assert reply.error or reply.rows in ([["5"]], [[f"acme name {n}"] for n in range(1, 6)]), (batch, reply.rows)


def test_explain_says_the_same_and_shows_what_is_sent(estate, proxy):
    def explain(sql):
        return subprocess.run([proxy.process.args[0], "explain", "--config", str(proxy.config), "--tenant", "acme", "--user", "acme_app", sql],
                              capture_output=True, text=True, timeout=30, env=proxy.environment)
    result = explain("TRUNCATE customers")
    assert "refuse" in result.stdout.lower(), result.stdout + result.stderr
    result = explain("SELECT name FROM customers WHERE id = 1 OR 1")
    assert "tenant_id" in result.stdout, result.stdout + result.stderr


def test_check_is_content_with_the_estate(proxy, estate):
    result = command("check", "--config", proxy.config, environment=estate.environment)
    assert result.returncode == 0, result.stdout + result.stderr
