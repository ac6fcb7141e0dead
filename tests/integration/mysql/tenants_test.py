"""How a MySQL client says which tenant it is, and where that leads it."""

import pytest

from support import mysql_packets as wire
from support.estate import CLIENT_PASSWORD
from support.mysql_client import RefusedLogin

NAMES = "SELECT DISTINCT tenant_id FROM customers"


def tenant_seen(client) -> list:
    reply = client.query(NAMES)
    assert not reply.error, reply.error
    return [row[0] for row in reply.rows]


def named(tenant) -> dict:
    return {"attributes": {"fairlead_tenant": tenant}}


def refused(proxy, user, said="tenant", **options):
    """No login, or a login in which nothing works: either way no row of anybody, and the reason in words."""
    try:
        client = proxy.raw(user, CLIENT_PASSWORD, **options)
    except RefusedLogin as refusal:
        assert refusal.sqlstate[:2] in ("28", "08", "42", "HY"), refusal.fields
        told = refusal.fields
    else:
        with client:
            reply = client.query("SELECT * FROM customers")
            assert reply.error and not reply.rows
            told = reply.error
    assert said in told["M"].lower(), told


def test_bound_credential_is_its_tenant(login):
    assert tenant_seen(login("acme")) == ["acme"]
    assert tenant_seen(login("globex")) == ["globex"]
    assert tenant_seen(login("empty")) == []


def test_label_by_user_suffix(login):
    assert tenant_seen(login(user="app.acme")) == ["acme"]
    assert tenant_seen(login(user="app.globex")) == ["globex"]


def test_label_by_connection_attribute(login):
    assert tenant_seen(login(user="app", **named("globex"))) == ["globex"]
    assert tenant_seen(login(user="app", **named("acme"))) == ["acme"]


def test_bound_to_two_names_one(proxy, login):
    assert tenant_seen(login(user="pair.globex")) == ["globex"]
    assert tenant_seen(login(user="pair", **named("acme"))) == ["acme"]
    refused(proxy, "pair")
    refused(proxy, "pair.b1")


def test_labels_that_agree_are_one(login):
    assert tenant_seen(login(user="app.acme", **named("acme"))) == ["acme"]
    assert tenant_seen(login("acme", **named("acme"))) == ["acme"]


def test_contradiction_is_refused(proxy):
    refused(proxy, "app.acme", **named("globex"))


def test_absence_is_refused(proxy):
    refused(proxy, "app")
    refused(proxy, "app", **named(""))
    refused(proxy, "app", attributes={"fairlead_tenant ": "acme", "FAIRLEAD_TENANTS": "acme"})


def test_unknown_tenant_is_refused(proxy):
    refused(proxy, "app.nobody")
    refused(proxy, "app", **named("nobody"))
    refused(proxy, "app", **named("acme' OR '1"))
    refused(proxy, "app", **named("acme\0"))


def test_a_label_never_widens(proxy):
    refused(proxy, "acme_app", **named("globex"))
    with pytest.raises(RefusedLogin):
        proxy.raw("acme_app.globex", CLIENT_PASSWORD)
    refused(proxy, "pair.empty")


def test_unknown_tenant_and_forbidden_tenant_look_the_same(proxy):
    def told(tenant):
        with pytest.raises(RefusedLogin) as refusal:
            proxy.raw(f"pair.{tenant}", CLIENT_PASSWORD)
        return refusal.value.sqlstate, refusal.value.fields["N"], refusal.value.fields["M"].replace(tenant, "T")
    assert told("b1") == told("nobody")


def test_a_tenants_id_is_compared_exactly(proxy):
    """'ACME', 'acme ' and 'àcme' are other names, whatever a collation says."""
    for other in ("ACME", "Acme", "acme ", " acme", "àcme", "acme%"):
        refused(proxy, "app", **named(other))


@pytest.mark.parametrize("sql", ["SET @fairlead_tenant = 'globex'", "SET @fairlead_tenant := 'globex'",
                                 "set @FAIRLEAD_TENANT='globex'", "SET @`fairlead_tenant` = 'globex'"])
def test_set_tenant_between_transactions(login, sql):
    client = login(user="app.acme")
    client.query("SET @kept = 1, time_zone = '+09:00'")
    statement = client.prepare("SELECT count(*) FROM customers")
    assert client.execute(statement).rows == [[5]]
    reply = client.query(sql)
    assert not reply.error, reply.error
    assert tenant_seen(client) == ["globex"]
    assert client.query("SELECT @kept").rows == [[None]]
    assert client.query("SELECT @@time_zone").rows != [["+09:00"]]
    assert client.execute(statement).error, "a statement of the other tenant's session is still there"
    assert client.query("SET @fairlead_tenant = 'acme'").error is None
    assert tenant_seen(client) == ["acme"]


def test_set_tenant_inside_a_transaction_is_refused(login):
    client = login(user="app.acme")
    client.query("BEGIN")
    assert client.query("SET @fairlead_tenant = 'globex'").error
    client.query("ROLLBACK")
    assert tenant_seen(client) == ["acme"]


def test_set_tenant_does_not_widen(login):
    for client in (login("acme"), login(user="pair.acme")):
        for tenant in ("b1", "nobody", "", "acme' -- "):
            assert client.query("SET @fairlead_tenant = '%s'" % tenant.replace("'", "''")).error, tenant
        assert tenant_seen(client) == ["acme"]
    assert login("acme").query("SET @fairlead_tenant = 'globex'").error


@pytest.mark.parametrize("sql", ["SELECT @fairlead_tenant := 'globex'", "SET @a = 1, @fairlead_tenant = 'globex'",
                                 "SELECT 'globex' INTO @fairlead_tenant", "SET @fairlead_tenant = (SELECT 'globex')",
                                 "SET @fairlead_tenant = concat('glo', 'bex')", "SET @fairlead_tenant = 1",
                                 "SET @fairlead_tenant = 'globex', @b = 2", "SET @fairlead_tenant = NULL",
                                 "PREPARE s FROM 'SET @fairlead_tenant = ''globex'''"])
def test_other_ways_to_write_it_change_no_tenant(login, sql):
    for user in ("app.acme", "acme_app"):
        client = login(user=user)
        client.query(sql)
        assert tenant_seen(client) == ["acme"]


def test_set_tenant_by_a_prepared_statement_changes_no_tenant(login):
    client = login(user="app.acme")
    statement, error = client.try_prepare("SET @fairlead_tenant = ?")
    if not error:
        client.execute(statement, ["globex"])
    assert tenant_seen(client) == ["acme"]


# CHANGE_USER

def test_change_user_changes_the_tenant(login):
    client = login("acme")
    statement = client.prepare("SELECT count(*) FROM customers")
    client.query("SET @kept = 1, sql_select_limit = 3")
    client.query("BEGIN")
    client.change_user("globex_app", CLIENT_PASSWORD)
    assert tenant_seen(client) == ["globex"]
    assert client.query("SELECT count(*) FROM customers").rows == [["9"]]
    assert client.query("SELECT @kept, @@sql_select_limit > 1000").rows == [[None, "1"]]
    assert not client.query("SELECT 1").in_transaction
    assert client.execute(statement).error
    client.change_user("b1_app", CLIENT_PASSWORD)
    assert client.query("SELECT username FROM users WHERE user_id = 1").rows == [["b1 first"]]
    client.change_user("s1_app", CLIENT_PASSWORD)
    assert client.query("SELECT username FROM users WHERE user_id = 1").rows == [["s1 first"]]
    client.change_user("app", CLIENT_PASSWORD, attributes={"fairlead_tenant": "acme"})
    assert tenant_seen(client) == ["acme"]
    client.change_user("app.globex", CLIENT_PASSWORD)
    assert tenant_seen(client) == ["globex"]


@pytest.mark.parametrize("capabilities", [wire.DEPRECATE_EOF | wire.SESSION_TRACK, wire.COMPRESS])
def test_change_user_keeps_the_capabilities(login, capabilities):
    client = login("acme", capabilities=capabilities)
    client.change_user("b1_app", CLIENT_PASSWORD)
    assert client.query("SELECT repeat('x', 1000), username FROM users WHERE user_id = 1").rows == [["x" * 1000, "b1 first"]]


@pytest.mark.parametrize("user, password", [("globex_app", "wrong"), ("nobody", CLIENT_PASSWORD), ("app", CLIENT_PASSWORD),
                                            ("app.nobody", CLIENT_PASSWORD), ("pair.b1", CLIENT_PASSWORD), ("globex_app", "")])
def test_a_refused_change_user_gives_nothing(login, user, password):
    client = login("acme")
    with pytest.raises(RefusedLogin):
        client.change_user(user, password)
    try:
        seen = tenant_seen(client)
    except Exception:
        return  # closed, as servers do
    assert seen == ["acme"]


def test_change_user_rolls_back(login, estate):
    client = login("b1")
    client.query("BEGIN")
    client.query("INSERT INTO notes (note) VALUES ('half')")
    client.change_user("b2_app", CLIENT_PASSWORD)
    assert estate.main.scalar("SELECT count(*) FROM tenant_b1.notes") == 0
    assert client.query("SELECT username FROM users WHERE user_id = 1").rows == [["b2 first"]]


# Databases

def test_a_database_that_is_not_exposed_is_refused(proxy):
    for database in ("kept", "mysql", "information_schema", "other_db", "tenant_b1", "nowhere", "SHOP", "shop "):
        with pytest.raises(RefusedLogin) as refusal:
            proxy.raw("acme_app", CLIENT_PASSWORD, database=database)
        assert refusal.value.fields["N"] in (1044, 1049), refusal.value.fields


FOREIGN = ["kept", "other_db", "mysql", "tenant_b2", "information_schema", "performance_schema", "sys", "nowhere", "",
           "tenant_b2`", "shop\0", "#mysql50#shop"]


@pytest.mark.parametrize("tenant", ["acme", "b1"])
@pytest.mark.parametrize("database", FOREIGN)
def test_init_db_and_use_lead_nowhere_else(login, tenant, database):
    client = login(tenant)
    assert client.init_db(database).error, "INIT_DB"
    assert client.query(f"USE `{database.replace('`', '``')}`").error, "USE"
    assert client.query(f"SELECT DATABASE() IN ('shop', 'tenant_{tenant}')").rows == [["1"]]
    table = "customers" if tenant == "acme" else "users"
    assert client.query(f"SELECT count(*) FROM {table}").rows == [["5" if tenant == "acme" else "2"]]


def test_init_db_and_use_of_the_own(login):
    for tenant in ("acme", "b1", "s1"):
        client = login(tenant)
        assert client.init_db("shop").error is None
        assert client.query("USE shop").error is None and client.query("use `shop`").error is None
        assert client.query("SELECT DATABASE(), SCHEMA()").rows == [["shop", "shop"]]


def test_bridge_by_database(login):
    for tenant in ("b1", "b2"):
        client = login(tenant)
        assert client.query("SELECT username FROM users ORDER BY 1").rows == [[f"{tenant} first"], [f"{tenant} second"]]
        assert client.prepared_query("SELECT username FROM users WHERE user_id = ?", [1]).rows == [[f"{tenant} first"]]
        assert client.query("SELECT count(*) FROM shop.users").rows == [["2"]], "the name that the client knows it by"


def test_one_name_in_all_that_tells_of_the_database(login, estate):
    """Programs that look into the dictionary compare it with DATABASE(), or with the name they connected to."""
    client = login("b1")
    for name in ("DATABASE()", "SCHEMA()", "'shop'", "(SELECT DATABASE())"):
        tables = client.query(f"SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema = {name} ORDER BY 2").rows
        assert ["shop", "users"] in tables and all(schema == "shop" for schema, _ in tables), name
        columns = client.query(f"SELECT column_name FROM information_schema.columns WHERE table_schema = {name} AND table_name = 'users'").rows
        assert columns == [["user_id"], ["username"]], name
    assert client.prepared_query("SELECT count(*) FROM information_schema.key_column_usage WHERE table_schema = ? AND table_name = 'users'",
                                 ["shop"]).rows == [[1]]
    for table in ("check_constraints", "columns", "events", "files", "key_column_usage", "parameters", "partitions", "referential_constraints",
                  "routines", "schemata", "statistics", "table_constraints", "tables", "triggers", "views"):
        reply = client.query(f"SELECT * FROM information_schema.{table}")
        assert not reply.error and b"tenant_b" not in reply.raw, (table, reply.error)
        columns = [row[0] for row in estate.main.execute("SELECT column_name FROM information_schema.columns WHERE table_schema = "
                                                         f"'information_schema' AND table_name = '{table}' ORDER BY ordinal_position")]
        newer = {"statistics": 1, "tables": 2}.get(table, 0)  # behind the others, and not of every version
        assert reply.columns[0] == columns[:len(columns) - newer], "as the server has them"
    assert client.query("SELECT schema_name FROM information_schema.schemata").rows == [["shop"]]
    assert client.query("SHOW DATABASES").rows == [["shop"]]
    (name, text), = client.query("SHOW CREATE DATABASE IF NOT EXISTS `shop`").rows
    assert name == "shop" and text.startswith("CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET "), text
    assert [name for name, _, _ in client.query("SELECT DATABASE(), schema()").last.columns] == ["DATABASE()", "schema()"]


REACH = [
    "SELECT * FROM tenant_b2.users", "SELECT * FROM `tenant_b2`.`users`", "SELECT * FROM tenant_b2 . users", "TABLE tenant_b2.users",
    "SELECT tenant_b2.users.username FROM tenant_b2.users", "SELECT * FROM /*! tenant_b2. */ users",
    "INSERT INTO tenant_b2.users VALUES (9, 'intruder')", "UPDATE tenant_b2.users SET username = 'intruder'",
    "REPLACE tenant_b2.users VALUES (1, 'intruder')", "DELETE FROM tenant_b2.users", "DELETE x FROM tenant_b2.users AS x",
    "TRUNCATE tenant_b2.users", "DROP TABLE tenant_b2.users", "CREATE TABLE tenant_b2.t (i int)", "DROP DATABASE tenant_b2",
    "CREATE DATABASE tenant_b1_more", "ALTER TABLE tenant_b2.users ADD x int", "RENAME TABLE users TO tenant_b2.stolen",
    "RENAME TABLE tenant_b2.users TO users2", "CREATE TABLE copied LIKE tenant_b2.users", "ALTER TABLE users RENAME tenant_b2.stolen",
    "CREATE TABLE copied SELECT * FROM tenant_b2.users", "CREATE VIEW v AS SELECT * FROM tenant_b2.users",
    "CREATE PROCEDURE p() SELECT * FROM tenant_b2.users", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM tenant_b2.users",
    "CREATE TRIGGER t AFTER INSERT ON notes FOR EACH ROW DELETE FROM tenant_b2.users", "CALL tenant_b2.two_results()",
    "SELECT * FROM (SELECT * FROM tenant_b2.users) x", "WITH x AS (SELECT * FROM tenant_b2.users) SELECT * FROM x",
    "SELECT (SELECT max(username) FROM tenant_b2.users)", "SELECT 1 UNION SELECT username FROM tenant_b2.users",
    "LOCK TABLES tenant_b2.users WRITE", "HANDLER tenant_b2.users OPEN", "SHOW TABLES FROM tenant_b2", "SHOW COLUMNS FROM users FROM tenant_b2",
    "SHOW CREATE TABLE tenant_b2.users", "SHOW INDEX FROM tenant_b2.users", "DESCRIBE tenant_b2.users", "SHOW TABLE STATUS FROM tenant_b2",
    "SHOW CREATE DATABASE tenant_b2", "ANALYZE TABLE tenant_b2.users", "CHECKSUM TABLE tenant_b2.users", "FLUSH TABLES tenant_b2.users",
    "EXPLAIN SELECT * FROM tenant_b2.users", "EXECUTE IMMEDIATE 'SELECT * FROM tenant_b2.users'",
    "PREPARE s FROM 'SELECT * FROM tenant_b2.users'", "BEGIN NOT ATOMIC SELECT * FROM tenant_b2.users; END",
    "LOAD DATA LOCAL INFILE 'x' INTO TABLE tenant_b2.users", "DO (SELECT count(*) FROM tenant_b2.users)",
    "SET @x = (SELECT max(username) FROM tenant_b2.users)", "SELECT * FROM information_schema.processlist",
    "SET @x = (SELECT group_concat(name) FROM shop.customers)", "SET @y = 1, @x = concat('', (SELECT max(word) FROM other_db.customers))",
    "SET @x = (SELECT group_concat(schema_name) FROM information_schema.schemata)",
    "HANDLER tenant_b2.users READ FIRST", "CREATE OR REPLACE ROLE r",
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'tenant_b2'", "SELECT * FROM mysql.user", "SHOW PROCESSLIST",
    "SHOW DATABASES LIKE 'tenant_b2'", "SELECT * FROM performance_schema.events_statements_current", "SELECT * FROM shop.customers",
    "SELECT * FROM other_db.customers", "SET PASSWORD = PASSWORD('x')", "GRANT ALL ON tenant_b2.* TO CURRENT_USER",
    "CREATE TABLE f (i int) ENGINE=FEDERATED CONNECTION='mysql://x@127.0.0.1/tenant_b2/users'", "SELECT NEXTVAL(tenant_b2.s)",
    "CREATE TEMPORARY TABLE t SELECT * FROM tenant_b2.users", "ALTER TABLE users EXCHANGE PARTITION p WITH TABLE tenant_b2.users",
]


@pytest.mark.parametrize("sql", REACH)
def test_bridge_cannot_reach_another_database(login, estate, sql):
    state = ("SELECT (SELECT group_concat(user_id, username ORDER BY user_id) FROM tenant_b2.users), "
             "(SELECT group_concat(table_schema, table_name ORDER BY 1) FROM information_schema.tables WHERE table_schema NOT IN "
             "('information_schema', 'performance_schema')), (SELECT group_concat(schema_name ORDER BY 1) FROM information_schema.schemata)")
    before = estate.main.execute(state)
    client = login("b1", capabilities=wire.LOCAL_FILES)
    reply = client.query(sql)
    assert b"b2 first" not in reply.raw and b"zqglobex" not in reply.raw
    assert reply.error or not [row for row in reply.rows if "tenant_b2" in repr(row) or "b2" in repr(row)], reply.rows
    assert estate.main.execute(state) == before, "it had an effect"
    kept = client.query("SELECT @x")
    assert not [mark for mark in (b"b2", b"zqglobex") if mark in kept.raw], kept.rows
    assert client.query("UNLOCK TABLES").error is None
    assert client.query("SELECT username FROM users WHERE user_id = 1").rows == [["b1 first"]]


def test_bridge_may_change_its_own_database(login, estate):
    client = login("b1")
    assert client.query("CREATE TABLE extra (i int)").error is None
    assert client.query("INSERT INTO extra VALUES (1)").affected == 1
    assert estate.main.execute("SELECT table_schema FROM information_schema.tables WHERE table_name = 'extra'") == [("tenant_b1",)]
    assert client.query("ALTER TABLE extra ADD j int").error is None
    assert client.query("SELECT * FROM extra").rows == [["1", None]]
    assert client.query("DROP TABLE extra").error is None


def test_silo(login):
    client = login("s1")
    assert client.query("SELECT username FROM users ORDER BY 1").rows == [["s1 first"], ["s1 second"]]
    assert client.query("CREATE TABLE extra (i int)").error is None
    assert client.query("DROP TABLE extra").error is None


def test_placements_do_not_mix_on_one_backend(login):
    """Shared tables and databases use one budget; each answer is its own tenant's."""
    clients = {tenant: login(tenant) for tenant in ("acme", "b1", "globex", "b2")}
    for _ in range(5):
        for tenant, client in clients.items():
            if tenant in ("acme", "globex"):
                assert tenant_seen(client) == [tenant]
            else:
                assert client.query("SELECT username FROM users WHERE user_id = 1").rows == [[f"{tenant} first"]]


def test_sni_names_the_tenant(start_proxy, estate, certificates):
    import ssl
    tls = {"mode": "prefer", "cert": certificates.path("server.crt"), "key": certificates.path("server.key")}
    proxy = start_proxy(estate.settings(listen={"mysql": {"tls": tls, "sni_suffix": "db.example.com"}}))
    context = ssl.create_default_context(cafile=certificates.path("ca.crt"))
    for tenant in ("acme", "globex"):
        with proxy.raw("app", CLIENT_PASSWORD, tls=context, server_name=f"{tenant}.db.example.com") as client:
            assert tenant_seen(client) == [tenant]
    context.check_hostname = False
    for user, name in (("acme_app", "globex.db.example.com"), ("app", "nobody.db.example.com"), ("app.globex", "acme.db.example.com")):
        refused(proxy, user, tls=context, server_name=name)
    with proxy.raw("acme_app", CLIENT_PASSWORD, tls=context, server_name="somewhere.else.example") as client:
        assert tenant_seen(client) == ["acme"]
