"""Programs: psql, pgbench, pg_dump and node."""

import os
import shutil

import pytest

from support.estate import CLIENT_PASSWORD
from support.postgres import BIN
from support.process import ROOT, run


def program(proxy, name, *arguments, user="acme_app", **options):
    environment = {**os.environ, "PGPASSWORD": CLIENT_PASSWORD, "PGHOST": "127.0.0.1", "PGPORT": str(proxy.port),
                   "PGUSER": user, "PGDATABASE": "shop", "PGCONNECT_TIMEOUT": "15", "LC_ALL": "C.UTF-8"}
    return run([BIN / name, *arguments], env=environment, **options)


def psql(proxy, *commands, user="acme_app", **options):
    arguments = [part for command in commands for part in ("-c", command)]
    return program(proxy, "psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", *arguments, user=user, **options)


def test_psql_runs_several_commands(proxy):
    result = psql(proxy, "SELECT 1", "BEGIN", "SELECT count(*) FROM customers", "COMMIT")
    assert result.returncode == 0 and result.stdout.split() == ["1", "BEGIN", "5", "COMMIT"], result.stderr


@pytest.mark.parametrize("command, expected", [
    ("\\d", "customers"), ("\\dt", "orders"), ("\\d customers", "tenant_id"), ("\\d+ orders", "numeric"), ("\\dn", "public"),
    ("\\di", "customers_pkey"), ("\\dv", "v_all_orders"), ("\\ds", "orders_id_seq"), ("\\df leak", "leak"), ("\\dT", ""),
    ("\\conninfo", "acme_app"), ("\\encoding", "UTF8"), ("\\dp customers", "customers")])
def test_psql_describes(proxy, command, expected):
    result = psql(proxy, command)
    assert result.returncode == 0, result.stderr
    assert expected in result.stdout


def test_psql_script_from_stdin(proxy):
    result = program(proxy, "psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", input="""
        \\set who acme
        SELECT :'who';
        SELECT id FROM customers WHERE id = 1 \\gset
        \\echo :id
        \\copy (SELECT id FROM customers ORDER BY id) TO STDOUT
        SELECT format('SELECT %s', n) FROM generate_series(1, 2) n \\gexec
        SET timezone = 'UTC';
        SHOW timezone;
        """)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["acme", "1", "1", "2", "3", "4", "5", "1", "2", "SET", "UTC"]


def test_psql_copy_into_a_silo(proxy):
    result = program(proxy, "psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", user="s1_app", input="""
DELETE FROM notes;
\\copy notes (note) FROM STDIN
one
two
\\.
SELECT count(*) FROM notes;
DELETE FROM notes;
""")
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["DELETE", "0", "COPY", "2", "2", "DELETE", "2"]


def test_psql_changes_the_connection(proxy):
    result = psql(proxy, "\\c shop_guc", "SELECT DISTINCT tenant_id FROM customers")
    assert result.returncode == 0 and result.stdout.split()[-1] == "acme", result.stderr


def test_psql_shows_the_refusal_with_its_hint(proxy):
    result = psql(proxy, "LISTEN news")
    assert result.returncode != 0
    assert "LISTEN" in result.stderr and "HINT:" in result.stderr


@pytest.mark.parametrize("protocol", ["simple", "extended", "prepared"])
@pytest.mark.parametrize("user", ["acme_app", "b1_app", "s1_app"])
def test_pgbench(proxy, tmp_path, protocol, user):
    script = tmp_path / "script.sql"
    table = "customers WHERE id" if user == "acme_app" else "users WHERE user_id"
    script.write_text(f"\\set n random(1, 2)\nSELECT count(*) FROM {table} = :n;\nBEGIN;\nSELECT 1;\nEND;\n")
    result = program(proxy, "pgbench", "-n", "-c", "20", "-j", "2", "-t", "50", "-M", protocol, "-f", script, user=user)
    assert result.returncode == 0, result.stderr
    assert "number of transactions actually processed: 1000/1000" in result.stdout


def test_pg_dump_of_a_silo(proxy):
    result = program(proxy, "pg_dump", "-t", "users", user="s2_app")
    assert result.returncode == 0, result.stderr
    assert "s2 first" in result.stdout


def test_pg_isready(proxy):
    assert program(proxy, "pg_isready").returncode == 0


def test_node_pg(proxy, restored):
    node = shutil.which("node")
    modules = ROOT / "build/node/node_modules"
    assert node and (modules / "pg").exists(), "no node driver: scripts/node-deps.sh installs it into build/node"
    result = run([node, ROOT / "tests/interop/node/pg.js", proxy.port, "acme_app", CLIENT_PASSWORD],
                 env={**os.environ, "NODE_PATH": str(modules)})
    assert result.returncode == 0 and result.stdout.strip() == "ok", result.stdout + result.stderr
