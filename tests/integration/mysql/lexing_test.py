"""What decides how a text is read: character sets, sql_mode, comments that are code."""

import pytest

from support.estate import CLIENT_PASSWORD


# Character sets

@pytest.mark.parametrize("charset, expected", [(8, b"\xe9"), (33, "é".encode()), (45, "é".encode()), (224, "é".encode())])
@pytest.mark.parametrize("tenant", ["acme", "s1"])
def test_the_handshakes_character_set(login, tenant, charset, expected):
    client = login(tenant, charset=charset)
    reply = client.query(b"SELECT _utf8mb4 0xC3A9")
    assert expected in reply.packets[-2], reply.packets
    for _ in range(3):
        assert client.query(b"SELECT '" + expected + b"'").packets[-2] == bytes([len(expected)]) + expected


@pytest.mark.parametrize("charset", [28, 1, 13, 95, 84])
def test_character_sets_that_hide_quotes_are_refused_on_shared_tables(proxy, charset):
    """GBK, Big5, SJIS, cp932: a byte after a lead byte may look like a quote or a backslash."""
    from support.mysql_client import RefusedLogin
    try:
        client = proxy.raw("acme_app", CLIENT_PASSWORD, charset=charset)
    except RefusedLogin as refusal:
        assert refusal.fields["M"]
        return
    with client:  # or it is served with a harmless one
        found = client.query("SELECT @@character_set_client").rows
        assert found and found[0][0] in ("utf8mb4", "utf8mb3", "latin1", "ascii", "binary"), found
        reply = client.query(b"SELECT '\xbf\\' OR 1=1 -- '")
        assert reply.error or reply.rows != [["1"]]


@pytest.mark.parametrize("sql", ["SET NAMES gbk", "SET NAMES 'gbk' COLLATE gbk_bin", "SET CHARACTER SET sjis",
                                 "SET character_set_client = big5", "SET character_set_client = 28",
                                 "SET @@session.character_set_client = cp932", "SET SESSION character_set_client = 'gb2312'",
                                 "SET @x = 1, character_set_client = gbk", "SET NAMES ucs2", "SET character_set_connection = gbk",
                                 "SET STATEMENT character_set_client = gbk FOR SELECT 1"])
def test_such_character_sets_cannot_be_set(login, sql):
    client = login("acme")
    assert client.query(sql).error, "was not refused"
    assert client.query("SELECT @@character_set_client").rows[0][0] == "utf8mb4"
    assert client.query(b"SELECT '\xbf\\\\', 1").error is None


def test_set_names(login):
    client = login("acme")
    assert client.query("SET NAMES latin1").error is None
    assert client.query(b"SELECT '\xe9', _utf8mb4 0xC3A9").packets[-2] == b"\x01\xe9\x01\xe9"
    assert client.query("SET NAMES utf8mb4 COLLATE utf8mb4_bin").error is None
    assert client.query("SELECT @@collation_connection, 'é'").rows == [["utf8mb4_bin", "é"]]
    assert client.query("SET NAMES DEFAULT").error is None
    assert client.query("SELECT 'é'").rows == [["é"]]


# Lexing

def test_ansi_quotes_change_what_quotes_mean(login):
    """Under ANSI_QUOTES "name" is a column, else a text: ours and the server's view must stay one."""
    client = login("acme")
    if not client.query("SET sql_mode = 'ANSI_QUOTES'").error:
        reply = client.query('SELECT "name" FROM customers ORDER BY "id" LIMIT 1')
        assert reply.rows == [["acme name 1"]]
        assert client.query('SELECT count(*) FROM "customers"').rows == [["5"]]
        assert client.query("SET sql_mode = DEFAULT").error is None
    assert client.query('SELECT "name" FROM customers LIMIT 1').rows == [["name"]]
    assert client.query('SELECT count(*) FROM "customers"').error


@pytest.mark.parametrize("mode", ["ORACLE", "MSSQL", "NO_BACKSLASH_ESCAPES,ORACLE", "DB2"])
def test_modes_with_another_grammar_are_refused(login, mode):
    client = login("acme")
    assert client.query(f"SET sql_mode = '{mode}'").error
    assert client.query("SELECT count(*) FROM customers").rows == [["5"]]


def test_no_backslash_escapes(login):
    client = login("acme")
    if not client.query("SET sql_mode = 'NO_BACKSLASH_ESCAPES'").error:
        reply = client.query("SELECT count(*) FROM customers WHERE name <> 'x\\' OR tenant_id = 'globex'")
        assert reply.rows == [["5"]], reply.error
    reply = client.query("SET sql_mode = DEFAULT")
    assert reply.error is None
    assert client.query("SELECT count(*) FROM customers WHERE name <> 'x\\' OR tenant_id = \\'globex'").rows == [["5"]]


@pytest.mark.parametrize("sql, rows", [
    ("SELECT count(*) FROM customers /*! WHERE 1 = 1 OR tenant_id = 'globex' */", "5"),
    ("SELECT count(*) FROM customers /*!50000 WHERE id > 0 OR 1 */", "5"),
    ("SELECT count(*) FROM customers /*M! WHERE id = 1 */", "1"),
    ("SELECT count(*) FROM customers /*!100100 WHERE id = 1 */", "1"),
    ("SELECT count(*) FROM customers /*!50700 WHERE id = 1 */", "5"),  # skipped by MariaDB
    ("SELECT count(*) FROM customers /*!80000 WHERE id = 1 */", "5"),
    ("SELECT count(*) FROM customers /*!999999 WHERE id = 1 */", "5"),
    ("SELECT count(*) FROM customers -- WHERE id = 1\n", "5"),
    ("SELECT count(*) FROM customers # WHERE id = 1", "5"),
    ("SELECT count(*) FROM customers WHERE 5--1 = 6", "5"),
    ("SELECT count(*) FROM customers /*! UNION ALL SELECT count(*) FROM customers */", "5"),
])
def test_comments_that_are_code(login, sql, rows):
    """Refused, or exactly what the server makes of it for this tenant's rows."""
    reply = login("acme").query(sql)
    assert reply.error or reply.rows in ([[rows]], [[rows], [rows]]), reply.rows
