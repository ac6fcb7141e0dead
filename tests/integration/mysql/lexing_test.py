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


# To the server under gbk a string that ends where a client under utf8mb4 escapes a quote; behind it stands code.
HIDDEN = b"SELECT '\xbf\\', (SELECT group_concat(username) FROM tenant_b2.users) -- '"
# PREPARE converts its text to the connection's character set; swe7 has no backslash, so it becomes a question mark.
CONVERTED = "PREPARE s FROM 'SELECT ''x\\\\'' , (SELECT group_concat(username) FROM tenant_b2.users) -- '''"


@pytest.mark.parametrize("sql", [
    "SET character_set_client = @gbk", "SET character_set_client = concat('g', 'bk')", "SET character_set_client = `gbk`",
    "SET @@session.character_set_client = (SELECT 'gbk')", "SET character_set_client = 'gb' 'k'", "SET character_set_client = _latin1'gbk'",
    "SET character_set_client = @@character_set_database", "SET character_set_client = @gbk, time_zone = @utc",
    "SET character_set_client = @@character_set_database, @x = by_gbk()", "CALL to_gbk()", "SELECT by_gbk()",
    "SET character_set_connection = @swe7", "SET collation_connection = concat('swe7_', 'bin')", "SET collation_connection = `swe7_bin`"])
def test_the_character_set_of_a_bridge_is_known(login, estate, sql):
    """A text that is read under another character set than the server's is a way to another tenant's database. What is set by a
    variable is what the server says; what routines set ends with them."""
    estate.main.execute("CREATE OR REPLACE PROCEDURE tenant_b1.to_gbk() BEGIN SET NAMES gbk; EXECUTE IMMEDIATE 'SET NAMES gbk'; END; "
                        "CREATE OR REPLACE FUNCTION tenant_b1.by_gbk() RETURNS int BEGIN SET character_set_client = gbk; RETURN 1; END")
    client = login("b1")
    for setting in ("@gbk = 'gbk', @swe7 = 'swe7', @utc = '+00:00'", "character_set_database = gbk"):
        assert client.query(f"SET {setting}").error is None
    client.query(sql)
    for text in (HIDDEN, CONVERTED, "EXECUTE s"):
        reply = client.query(text)
        assert reply.error or b"b2 first" not in reply.raw, (sql, text, reply.rows)
    assert client.query("SET NAMES utf8mb4").error is None
    assert client.query("SELECT @@character_set_client, 'é'").rows == [["utf8mb4", "é"]]
