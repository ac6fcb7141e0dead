"""Programs: mariadb, mariadb-dump, mariadb-admin, mariadb-slap, mariadb-import, and node."""

import os
import re
import shutil

import pytest

from support.estate import CLIENT_PASSWORD
from support.process import ROOT, run

MARK = "zqglobex"


def program(proxy, name, *arguments, user="acme_app", **options):
    environment = {**os.environ, "MYSQL_PWD": CLIENT_PASSWORD, "LC_ALL": "C.UTF-8"}
    return run([name, "--no-defaults", "-h", "127.0.0.1", "-P", proxy.port, "-u", user, *arguments], env=environment, **options)


def mariadb(proxy, *arguments, user="acme_app", **options):
    return program(proxy, "mariadb", "-N", "-B", *arguments, user=user, **options)


def test_mariadb_runs_several_commands(proxy):
    result = mariadb(proxy, "shop", "-e", "SELECT 1; BEGIN; SELECT count(*) FROM customers; COMMIT; SELECT DATABASE()")
    assert result.returncode == 0 and result.stdout.split() == ["1", "5", "shop"], result.stderr


@pytest.mark.parametrize("options", [["--compress"], ["--reconnect"], ["--auto-rehash"], ["--show-warnings"], ["-v", "-v"], ["-H"], ["-X"],
                                     ["--default-character-set=latin1"], ["--init-command=SET @x = 1"], ["--safe-updates"], ["--quick"],
                                     ["--skip-column-names"], ["--binary-mode"]], ids=lambda value: value[0])
@pytest.mark.parametrize("user", ["acme_app", "b1_app", "s1_app"])
def test_mariadb_options(proxy, options, user):
    table = "customers" if user == "acme_app" else "users"
    result = program(proxy, "mariadb", *options, "shop", "-e", f"SELECT count(*) FROM {table}", user=user)
    if user == "acme_app" and options == ["--safe-updates"]:
        # max_join_size compares with estimates over all tenants' rows, and so would tell of them.
        assert "session-setting" in result.stderr or "max_join_size is refused" in result.stderr
        return
    assert result.returncode == 0, result.stderr
    assert ("5" if user == "acme_app" else "2") in result.stdout


def test_mariadb_as_a_person_uses_it(proxy):
    """With a terminal's defaults: completion reads every table, \\s asks for the status, USE, delimiters, warnings."""
    result = program(proxy, "mariadb", "--force", "--table", "shop", input="""
\\s
SHOW TABLES;
use shop
DESCRIBE customers;
DELIMITER //
SELECT count(*) AS counted FROM customers//
DELIMITER ;
\\W
SELECT 1 + 'x';
\\G
SELECT name FROM customers WHERE id = 1\\G
""")
    assert "counted" in result.stdout and "acme name 1" in result.stdout and "Warning (Code 1292)" in result.stdout, result.stderr
    assert "customers" in result.stdout and MARK not in result.stdout
    assert "Server version:" in result.stdout and re.search(r"Connection id:\s+\d+", result.stdout)


def test_mariadb_shows_the_refusal(proxy):
    result = mariadb(proxy, "shop", "-e", "REPLACE INTO coupons (id, code) VALUES (70, 'SECRET-G')")
    assert result.returncode != 0
    assert "ERROR 1235 (42000)" in result.stderr and "[rule upsert-unique-key]" in result.stderr


def test_mariadb_interrupts_a_statement(proxy):
    """Ctrl-C: the program opens a second connection and sends KILL QUERY with the id that it was given."""
    import signal
    import subprocess
    import time
    environment = {**os.environ, "MYSQL_PWD": CLIENT_PASSWORD}
    child = subprocess.Popen(["mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", str(proxy.port), "-u", "b1_app", "shop", "-e",
                              "SELECT count(*) FROM seq_1_to_100000 a, seq_1_to_100000 b"], env=environment, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=20)
    assert child.returncode != 0 and ("1317" in told or "Query execution was interrupted" in told or "aborted" in told.lower()), told


def test_mariadb_loads_a_script_into_a_silo(proxy):
    result = mariadb(proxy, "shop", user="s1_app", input="""
DROP TABLE IF EXISTS scripted;
CREATE TABLE scripted (id int AUTO_INCREMENT PRIMARY KEY, word text);
DELIMITER //
CREATE TRIGGER upper_word BEFORE INSERT ON scripted FOR EACH ROW BEGIN SET NEW.word = upper(NEW.word); END//
DELIMITER ;
INSERT INTO scripted (word) VALUES ('a'), ('b');
SELECT group_concat(word) FROM scripted;
DROP TABLE scripted;
""")
    assert result.returncode == 0 and result.stdout.strip() == "A,B", result.stderr


# Dumps. docs/sql-support.md says what a tenant of shared tables can dump: rows, with the options of test_dump_of_rows.

@pytest.mark.parametrize("user", ["s1_app", "b1_app"])
def test_dump_of_a_silo_and_of_a_bridge_can_be_loaded(proxy, estate, user):
    result = program(proxy, "mariadb-dump", "--single-transaction", "--no-tablespaces", "shop", user=user)
    assert result.returncode == 0, result.stderr
    tenant = user[:2]
    assert f"{tenant} first" in result.stdout and "CREATE TABLE `users`" in result.stdout
    estate.main.execute("CREATE DATABASE loaded")
    try:
        loaded = run(["mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", estate.main.port, "-u", "root", "loaded"],
                     env={**os.environ, "MYSQL_PWD": "super-secret-of-the-test"}, input=result.stdout)
        assert loaded.returncode == 0, loaded.stderr
        assert estate.main.execute("SELECT username FROM loaded.users ORDER BY 1") == [(f"{tenant} first",), (f"{tenant} second",)]
    finally:
        estate.main.execute("DROP DATABASE loaded")


def test_dump_of_rows(proxy):
    """Of shared tables: a tenant's rows as INSERT statements, without the tables' definitions."""
    result = program(proxy, "mariadb-dump", "--no-create-info", "--skip-lock-tables", "--skip-triggers", "--single-transaction",
                     "--no-tablespaces", "--compact", "shop", "customers", "plans")
    assert result.returncode == 0, result.stderr
    assert "acme name 1" in result.stdout and "acme name 5" in result.stdout and "enterprise" in result.stdout
    assert MARK not in result.stdout and "globex" not in result.stdout


@pytest.mark.parametrize("options", [[], ["--all-databases"], ["--databases", "shop", "other_db"], ["--routines"], ["--tab=/tmp"],
                                     ["--master-data"], ["--lock-all-tables"], ["--where=1=1 OR 1", "--no-create-info"], ["--xml"]],
                         ids=lambda value: " ".join(value) or "plain")
def test_no_dump_holds_rows_of_others(proxy, options):
    result = program(proxy, "mariadb-dump", "--force", *options, *([] if {"--all-databases", "--databases"} & set(options) else ["shop"]))
    assert MARK not in result.stdout and "SECRET-G" not in result.stdout and "fairlead_app" not in result.stdout


def test_admin(proxy):
    for user in ("acme_app", "s1_app"):
        result = program(proxy, "mariadb-admin", "ping", user=user)
        assert result.returncode == 0 and "alive" in result.stdout, result.stderr
    assert program(proxy, "mariadb-admin", "shutdown").returncode != 0
    assert program(proxy, "mariadb-admin", "processlist").stdout.count(MARK) == 0
    assert program(proxy, "mariadb-admin", "ping").returncode == 0


@pytest.mark.parametrize("user", ["acme_app", "b1_app", "s1_app"])
def test_slap(proxy, user):
    table = "customers WHERE id" if user == "acme_app" else "users WHERE user_id"
    result = program(proxy, "mariadb-slap", "--create-schema=shop", "--no-drop", "--concurrency=20", "--iterations=1", "--number-of-queries=1000",
                     f"--query=SELECT count(*) FROM {table} = 1", user=user)
    assert result.returncode == 0, result.stderr
    assert "Benchmark" in result.stdout


def test_import_into_a_silo(proxy, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("one\ntwo\nthree\n")
    result = program(proxy, "mariadb-import", "--local", "--columns=note", "shop", file, user="s1_app")
    assert result.returncode == 0 and "Records: 3" in result.stdout, result.stderr
    assert mariadb(proxy, "shop", "-e", "SELECT count(*) FROM notes; DELETE FROM notes", user="s1_app").stdout.strip() == "3"


def test_show(proxy):
    result = program(proxy, "mariadb-show", "shop", user="s1_app")
    assert result.returncode == 0 and "users" in result.stdout, result.stderr
    assert MARK not in program(proxy, "mariadb-show", "--count", "shop").stdout


def test_sysbench(proxy, estate):
    if not shutil.which("sysbench"):
        pytest.fail("sysbench is missing: scripts/install-deps.sh bench")
    options = ["oltp_read_write", "--db-driver=mysql", "--mysql-host=127.0.0.1", f"--mysql-port={proxy.port}", "--mysql-user=s1_app",
               f"--mysql-password={CLIENT_PASSWORD}", "--mysql-db=shop", "--tables=2", "--table-size=500", "--threads=8", "--time=3"]
    try:
        for step in ("prepare", "run"):
            for mode in (["--db-ps-mode=auto"], ["--db-ps-mode=disable"])[:2 if step == "run" else 1]:
                result = run(["sysbench", *options, *mode, step])
                assert result.returncode == 0 and "FATAL" not in result.stdout, result.stdout[-1500:] + result.stderr
    finally:
        run(["sysbench", *options, "cleanup"])


def test_node_mysql2(proxy, restored):
    node = shutil.which("node")
    modules = ROOT / "build/node/node_modules"
    assert node and (modules / "mysql2").exists(), "no node driver: scripts/node-deps.sh installs it into build/node"
    result = run([node, ROOT / "tests/interop/node/mysql2.js", proxy.port, "acme_app", CLIENT_PASSWORD],
                 env={**os.environ, "NODE_PATH": str(modules)})
    assert result.returncode == 0 and result.stdout.strip() == "ok", result.stdout + result.stderr
