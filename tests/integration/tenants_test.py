"""How a client says which tenant it is, and where that leads it."""

import psycopg
import pytest

from support.estate import CLIENT_PASSWORD
from support.raw_client import RawClient, RefusedLogin, SYNC, bind, execute, parse, query

NAMES = "SELECT DISTINCT tenant_id FROM customers"


def tenant_seen(client) -> list:
    reply = client.query(NAMES)
    assert not reply.error, reply.error
    return [row[0] for row in reply.rows]


def refused(proxy, user, said="tenant", **options):
    """No login, or a login in which nothing works: either way no row of anybody, and the reason in words."""
    try:
        client = proxy.raw(user, CLIENT_PASSWORD, **options)
    except RefusedLogin as refusal:
        assert refusal.sqlstate[:2] in ("28", "08", "3D", "42", "22"), refusal.fields
        assert refusal.fields["S"] == "FATAL"
        told = refusal.fields
    else:
        with client:
            reply = client.query("SELECT * FROM customers")
            assert reply.error and not reply.rows
            told = reply.error
    assert said in (told["M"] + told.get("H", "")).lower(), told


def test_bound_credential_is_its_tenant(login):
    assert tenant_seen(login("acme")) == ["acme"]
    assert tenant_seen(login("globex")) == ["globex"]
    assert tenant_seen(login("empty")) == []


def test_label_by_user_suffix(proxy, login):
    assert tenant_seen(login(user="app.acme")) == ["acme"]
    assert tenant_seen(login(user="app.globex")) == ["globex"]


def test_label_by_startup_option(login):
    assert tenant_seen(login(user="app", options="-c fairlead.tenant=globex")) == ["globex"]
    assert tenant_seen(login(user="app", options="-cfairlead.tenant=acme")) == ["acme"]
    assert tenant_seen(login(user="app", options="--fairlead.tenant=acme")) == ["acme"]


def test_bound_to_two_names_one(proxy, login):
    assert tenant_seen(login(user="pair.globex")) == ["globex"]
    assert tenant_seen(login(user="pair", options="-c fairlead.tenant=acme")) == ["acme"]
    refused(proxy, "pair")
    refused(proxy, "pair.b1")


def test_labels_that_agree_are_one(login):
    assert tenant_seen(login(user="app.acme", options="-c fairlead.tenant=acme")) == ["acme"]
    assert tenant_seen(login("acme", options="-c fairlead.tenant=acme")) == ["acme"]


def test_contradiction_is_refused(proxy):
    refused(proxy, "app.acme", options="-c fairlead.tenant=globex")
    refused(proxy, "app", options="-c fairlead.tenant=acme -c fairlead.tenant=globex")


def test_absence_is_refused(proxy):
    refused(proxy, "app")
    refused(proxy, "app", options="-c fairlead.tenant=")


def test_unknown_tenant_is_refused(proxy):
    refused(proxy, "app.nobody")
    refused(proxy, "app", options="-c fairlead.tenant=nobody")


def test_a_label_never_widens(proxy):
    refused(proxy, "acme_app", options="-c fairlead.tenant=globex")
    with pytest.raises(RefusedLogin):
        proxy.raw("acme_app.globex", CLIENT_PASSWORD)
    refused(proxy, "pair.empty")


def test_unknown_tenant_and_forbidden_tenant_look_the_same(proxy):
    def told(tenant):
        with pytest.raises(RefusedLogin) as refusal:
            proxy.raw(f"pair.{tenant}", CLIENT_PASSWORD)
        return refusal.value.sqlstate, refusal.value.fields["M"].replace(tenant, "T")
    assert told("b1") == told("nobody")


def test_set_tenant_between_transactions(login):
    client = login(user="app.acme")
    client.query("SET application_name = 'kept?'")
    client.query("PREPARE p AS SELECT 1")
    reply = client.query("SET fairlead.tenant = 'globex'")
    assert not reply.error, reply.error
    assert reply.tags == ["SET"]
    assert tenant_seen(client) == ["globex"]
    assert client.query("EXECUTE p").sqlstate == "26000"
    assert client.query("SHOW application_name").rows != [["kept?"]]
    client.query("SET fairlead.tenant TO acme")
    assert tenant_seen(client) == ["acme"]


def test_set_tenant_inside_a_transaction_is_refused(login):
    client = login(user="app.acme")
    client.query("BEGIN")
    assert client.query("SET fairlead.tenant = 'globex'").error
    client.query("ROLLBACK")
    assert tenant_seen(client) == ["acme"]


def test_set_tenant_does_not_widen(login):
    for client in (login("acme"), login(user="pair.acme")):
        assert client.query("SET fairlead.tenant = 'b1'").error
        assert client.query("SET fairlead.tenant = 'nobody'").error
        assert tenant_seen(client) == ["acme"]
    assert login("acme").query("SET fairlead.tenant = 'globex'").error


def test_a_database_that_is_not_exposed_is_refused(proxy, estate):
    for database in ("reference", "postgres", "template1", "bridge", "nowhere"):
        with pytest.raises(RefusedLogin) as refusal:
            proxy.raw("acme_app", CLIENT_PASSWORD, database=database)
        assert refusal.value.sqlstate == "3D000", refusal.value.fields


def test_guc_placement_by_its_exposed_name(login):
    assert tenant_seen(login("acme", database="shop_guc")) == ["acme"]
    assert tenant_seen(login("globex", database="shop_guc")) == ["globex"]


def test_bridge_by_schema(login):
    for tenant in ("b1", "b2"):
        client = login(tenant)
        assert client.query("SELECT username FROM users ORDER BY 1").rows == [[f"{tenant} first"], [f"{tenant} second"]]
        assert client.extended("SELECT username FROM users WHERE user_id = $1", ["1"]).rows == [[f"{tenant} first"]]
        assert client.query(f"SELECT count(*) FROM tenant_{tenant}.users").rows == [["2"]]


@pytest.mark.parametrize("sql", [
    "SELECT * FROM tenant_b2.users",
    'SELECT * FROM "tenant_b2".users',
    'SELECT * FROM U&"tenant\\005fb2".users',
    "SET search_path = tenant_b2; SELECT * FROM users",
    "SELECT set_config('search_path', 'tenant_b2', false); SELECT * FROM users",
    "INSERT INTO tenant_b2.users VALUES (9, 'intruder')",
    "UPDATE tenant_b2.users SET username = 'intruder'",
    "DELETE FROM tenant_b2.users",
    "TRUNCATE tenant_b2.users",
    "COPY tenant_b2.users TO STDOUT",
    "CREATE TABLE tenant_b2.t (i int)",
    "SELECT * FROM (SELECT * FROM tenant_b2.users) x",
    "WITH x AS (DELETE FROM tenant_b2.users RETURNING 1) SELECT * FROM x",
    "DO $$ BEGIN DELETE FROM tenant_b2.users; END $$",
    "SELECT query_to_xml('SELECT * FROM tenant_b2.users', true, false, '')",
    "SELECT ('SELECT to_tsvector(username) FROM tenant_b2.users'::text).ts_stat",
    "SELECT x.ts_stat FROM unnest(ARRAY['SELECT to_tsvector(username) FROM tenant_b2.users']) x",
    "SELECT nextval('tenant_b2.notes_id_seq')",
    "SELECT (('tenant_' || 'b2.notes_id_seq')::regclass).nextval",
    "ALTER ROLE fairlead_app SET search_path = tenant_b2",
])
def test_bridge_cannot_reach_another_schema(login, estate, sql):
    client = login("b1")
    count = "SELECT (SELECT array_agg(u::text) FROM tenant_b2.users u), (SELECT last_value FROM tenant_b2.notes_id_seq)"
    before = estate.main.execute(count, "bridge")
    reply = client.query(sql)
    assert reply.error, f"was not refused: {reply.rows}"
    assert b"b2 first" not in reply.raw
    assert estate.main.execute(count, "bridge") == before
    if reply.status != "I":
        client.query("ROLLBACK")
    assert client.query("SELECT username FROM users WHERE user_id = 1").rows == [["b1 first"]]


@pytest.fixture
def table_beside_the_schemas(estate):
    estate.main.execute("CREATE TABLE public.beside AS SELECT 'beside' AS word; GRANT SELECT ON public.beside TO PUBLIC", "bridge")
    yield
    estate.main.execute("DROP TABLE public.beside", "bridge")


@pytest.mark.parametrize("messages", [
    [query("SELECT word FROM beside")],
    [query("RESET ALL; SELECT word FROM beside")],
    [query("COMMIT; SELECT word FROM beside")],
    [query("BEGIN; COMMIT; SELECT word FROM beside")],
    [query("BEGIN"), query("SELECT 1"), query("COMMIT AND CHAIN"), query("SELECT word FROM beside")],
    [query("BEGIN"), query("RESET ALL"), query("SELECT word FROM beside")],
    [query("RESET search_path"), query("SELECT word FROM beside")],
    [query("DISCARD ALL"), query("SELECT word FROM beside")],
    [parse("RESET ALL") + bind() + execute() + parse("SELECT word FROM beside") + bind() + execute() + SYNC],
    [parse("COMMIT") + bind() + execute() + parse("SELECT word FROM beside") + bind() + execute() + SYNC],
    [query("PREPARE p AS SELECT word FROM beside"), query("EXECUTE p")],
])
def test_bridge_does_not_reach_what_stands_beside_its_schema(login, table_beside_the_schemas, messages):
    client = login("b1")
    last = None
    for message in messages:
        client.send(message)
        last = client.read_reply()
        assert b"beside\0" not in last.raw.replace(b"relation", b"") or last.error, last.raw
        assert ["beside"] not in last.rows
    assert last.error


def test_bridge_may_change_its_own_schema(login, estate):
    client = login("b1")
    assert client.query("CREATE TABLE extra (i int)").tags == ["CREATE TABLE"]
    assert client.query("INSERT INTO extra VALUES (1)").tags == ["INSERT 0 1"]
    assert estate.main.execute("SELECT schemaname FROM pg_tables WHERE tablename = 'extra'", "bridge") == [("tenant_b1",)]
    assert client.query("DROP TABLE extra").tags == ["DROP TABLE"]


def test_bridge_by_database(login):
    for tenant in ("d1", "d2"):
        client = login(tenant)
        assert client.query("SELECT username FROM users WHERE user_id = 1").rows == [[f"{tenant} first"]]
        assert client.query("SELECT * FROM dblink('dbname=tenant_d2', 'SELECT 1') AS x(i int)").error


@pytest.mark.parametrize("sql", [
    "DO $$ BEGIN EXECUTE 'ALTER ROLE fairlead_app SET work_mem = 100'; END $$",
    "DO $$ BEGIN RAISE NOTICE '%', (SELECT string_agg(query, ';') FROM pg_stat_activity); END $$",
    "CREATE FUNCTION pg_temp.f() RETURNS text LANGUAGE sql AS 'SELECT string_agg(query, $$;$$) FROM pg_stat_activity'",
    "SELECT query_to_xml('SELECT query FROM pg_stat_activity', true, true, $$$$)",
    "SELECT (pid).pg_stat_get_backend_activity FROM generate_series(1, 20) AS x(pid)",
    "SELECT (pid).pg_cancel_backend FROM generate_series(1, 4194304) AS x(pid)",
])
def test_bridge_by_database_runs_no_hidden_code(login, estate, sql):
    """The role is every tenant's: it sees what all of them run, may end it, and may change itself."""
    other = login("acme")
    assert not other.query("BEGIN").error
    assert not other.query("SELECT 'zqsecret of acme'").error
    client = login("d1")
    reply = client.query(sql)
    assert reply.error and b"zqsecret" not in reply.raw, reply.raw
    assert reply.sqlstate == "42501" and "tenants of a shared server" in reply.error["M"], reply.error
    assert estate.main.execute("SELECT rolconfig FROM pg_roles WHERE rolname = 'fairlead_app'") == [(None,)]
    assert other.query("COMMIT").tags == ["COMMIT"]


def test_silo(login):
    assert login("s1").query("SELECT username FROM users ORDER BY 1").rows == [["s1 first"], ["s1 second"]]


def test_placements_do_not_mix_on_one_backend(login):
    """Shared tables, schemas and databases use one budget; each answer is its own tenant's."""
    clients = {tenant: login(tenant) for tenant in ("acme", "b1", "d1", "globex", "b2", "d2")}
    for _ in range(5):
        for tenant, client in clients.items():
            if tenant in ("acme", "globex"):
                assert tenant_seen(client) == [tenant]
            else:
                assert client.query("SELECT username FROM users WHERE user_id = 1").rows == [[f"{tenant} first"]]


def test_sni_names_the_tenant(start_proxy, estate, certificates):
    import ssl
    tls = {"mode": "prefer", "cert": certificates.path("server.crt"), "key": certificates.path("server.key")}
    settings = estate.settings(listen={"postgres": {"tls": tls, "sni_suffix": "db.example.com"}})
    proxy = start_proxy(settings)
    context = ssl.create_default_context(cafile=certificates.path("ca.crt"))

    def by_name(name, user="app", **options):
        from support.raw_client import startup
        client = RawClient(proxy.port)
        client.start_tls(context, server_name=name)
        client.send(startup({"user": user, "database": "shop", **options}))
        client.authenticate(user, CLIENT_PASSWORD)
        return client

    with by_name("acme.db.example.com") as client:
        assert tenant_seen(client) == ["acme"]
    with by_name("globex.db.example.com", "pair") as client:
        assert tenant_seen(client) == ["globex"]
    for name, user, options in (("globex.db.example.com", "acme_app", {}), ("globex.db.example.com", "app.acme", {}),
                                ("globex.db.example.com", "app", {"options": "-c fairlead.tenant=acme"}),
                                ("nobody.db.example.com", "app", {})):
        with pytest.raises(RefusedLogin):
            by_name(name, user, **options)


def test_a_driver_needs_nothing_special(proxy):
    with psycopg.connect(**proxy.dsn("app.globex", CLIENT_PASSWORD)) as connection:
        assert connection.execute(NAMES).fetchall() == [("globex",)]
    with psycopg.connect(**proxy.dsn("app", CLIENT_PASSWORD), options="-c fairlead.tenant=acme") as connection:
        assert connection.execute(NAMES).fetchall() == [("acme",)]


# Forging without any SQL: the startup packet

FORGERIES = [{"options": "-c app.current_tenant=globex"}, {"app.current_tenant": "globex"}, {"options": "-c fairlead.context=globex"},
             {"fairlead.context": "globex"}, {"options": "-c role=shop_owner"}, {"role": "shop_owner"}, {"session_authorization": "postgres"},
             {"options": "-c search_path=pg_temp,public"}, {"search_path": "pg_catalog, pg_temp"}, {"row_security": "off"},
             {"options": "-c row_security=off"}, {"options": "-c session_replication_role=replica"}, {"options": "-c App.Current_Tenant=globex"},
             {"options": "-c 'app.current_tenant=globex'"}, {"options": "-c app.current_tenant\\=globex"},
             {"options": "--app.current-tenant=globex"}, {"options": "-c standard_conforming_strings=off"}]


@pytest.mark.parametrize("parameters", FORGERIES, ids=[str(p) for p in FORGERIES])
@pytest.mark.parametrize("database", ["shop", "shop_guc"])
def test_startup_parameters_forge_nothing(proxy, parameters, database):
    """Refused at login, or without effect: acme never becomes another, and nobody else is changed by it."""
    try:
        client = proxy.raw("acme_app", CLIENT_PASSWORD, database=database, **parameters)
    except RefusedLogin as refusal:
        assert refusal.fields["M"]
    else:
        with client:
            assert tenant_seen(client) == ["acme"]
            assert client.query("SELECT current_user = session_user, 'a\\' || 'b'").rows == [["t", "a\\b"]]
    with proxy.raw("globex_app", CLIENT_PASSWORD, database=database) as other:
        assert tenant_seen(other) == ["globex"]


@pytest.mark.parametrize("options", ["-c search_path=tenant_b2", "-c role=shop_owner"])
def test_startup_parameters_do_not_leave_the_own_schema(proxy, options):
    try:
        client = proxy.raw("b1_app", CLIENT_PASSWORD, options=options)
    except RefusedLogin:
        return
    with client:
        assert client.query("SELECT username FROM users WHERE user_id = 1").rows == [["b1 first"]]
