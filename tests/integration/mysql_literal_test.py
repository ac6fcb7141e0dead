"""The tenant as render() writes it, 'acme' or 42, on a real MariaDB: the index is used and the right rows are found, for
columns of every kind and under every character set that tenants of shared tables may use."""

import pytest

from support.mysql import MysqlServer

TEXT = {"general": "varchar(64) COLLATE utf8mb4_general_ci", "bin": "varchar(64) COLLATE utf8mb4_bin",
        "nopad": "varchar(64) COLLATE utf8mb4_nopad_bin", "latin1": "varchar(64) CHARACTER SET latin1",
        "ascii": "varchar(64) CHARACTER SET ascii", "utf8mb3": "varchar(64) CHARACTER SET utf8mb3",
        "cp1251": "varchar(64) CHARACTER SET cp1251", "char_": "char(20) CHARACTER SET latin1 COLLATE latin1_bin",
        "varbinary_": "varbinary(64)"}
NUMBER = {"int_": "int", "bigint_": "bigint unsigned", "small": "smallint"}
CHARSETS = ("utf8mb4", "utf8mb3", "latin1", "ascii", "binary")
MODES = ("", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,IGNORE_SPACE,HIGH_NOT_PRECEDENCE")


@pytest.fixture(scope="module")
def server():
    server = MysqlServer("literal")
    server.execute("CREATE DATABASE shop")
    for name, kind in (TEXT | NUMBER).items():
        ids = "concat('t', seq MOD 50)" if name in TEXT else "seq MOD 50"
        server.execute(f"CREATE TABLE {name} (id int PRIMARY KEY AUTO_INCREMENT, tenant_id {kind} NOT NULL, v int, KEY (tenant_id));"
                       f"INSERT INTO {name} (tenant_id, v) SELECT {ids}, seq FROM seq_1_to_2000; ANALYZE TABLE {name}", "shop")
    yield server
    server.destroy()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("charset", CHARSETS)
def test_the_index_is_used_and_the_rows_are_right(server, charset, mode):
    with server.connect("shop") as connection, connection.cursor() as cursor:
        cursor.execute(f"SET NAMES {charset}, sql_mode = '{mode}', character_set_results = utf8mb4")
        for name in TEXT | NUMBER:
            literal = "'t42'" if name in TEXT else "42"
            cursor.execute(f"EXPLAIN SELECT v FROM {name} AS t WHERE t.tenant_id = {literal} AND (v <> 1 OR 1)")
            assert cursor.fetchone()[5] == "tenant_id", name
            cursor.execute(f"SELECT count(*), min(v MOD 50), max(v MOD 50) FROM {name} AS t WHERE t.tenant_id = {literal}")
            assert cursor.fetchone() == (40, 42, 42), name
            cursor.execute(f"INSERT INTO {name} (tenant_id, v) VALUES ({literal}, 42)")
            assert cursor.rowcount == 1, name
            cursor.execute(f"DELETE FROM {name} WHERE id > 2000 AND tenant_id = {literal}")
            assert cursor.rowcount == 1, name


def test_a_quoted_number_would_take_other_ids_for_one(server):
    """Why integer columns have a mark of their own."""
    assert server.scalar("SELECT count(*) FROM int_ WHERE tenant_id = '42x'", "shop") == 40
    assert server.scalar("SELECT count(*) FROM int_ WHERE tenant_id = 'acme'", "shop") == 40  # those of tenant 0
