#include "policy/postgres/explain.h"
#include "policy/postgres/rules.h"
#include "unit/policy/postgres/guard_cases.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <set>

namespace fairlead::policy::postgres::testing {
namespace {

TEST(GuardReach, OwnSchema) {
    const verdict_case cases[] = {
        {"SELECT * FROM anything", ""},
        {"SELECT * FROM tenant_acme.anything", ""},
        {"SELECT * FROM tenant_globex.orders", "other-schema"},
        {"SELECT (SELECT count(*) FROM \"tenant_globex\".orders)", "other-schema"},
        {"INSERT INTO tenant_globex.orders VALUES (1)", "other-schema"},
        {"SELECT * FROM public.orders", "other-schema"},
        {"SELECT * FROM fairlead.keys", "fairlead-schema"},
        {"SELECT relname FROM pg_class", ""},
        {"SELECT reltuples FROM pg_class", "catalogue-statistics"},
        {"SELECT * FROM pg_stat_activity", "catalogue-activity"},
        {"SELECT my_function(1), tenant_acme.my_function(1)", ""},
        {"SELECT tenant_globex.f()", "unknown-function"},
        {"SELECT public.f()", "unknown-function"},
        {"SELECT query_to_xml('TABLE tenant_globex.orders', true, true, '')", "dynamic-sql"},
        {"SELECT pg_read_file('x')", "server-file"},
        {"SELECT pg_new_function_of_a_later_server()", "unknown-function"},
        {"SELECT dblink('x', 'y')", "unknown-function"},
        {"SELECT 'tenant_globex.orders'::regclass", "other-schema"},
        {"SELECT regclass 'tenant_globex.orders'", "other-schema"},
        {"SELECT to_regclass('tenant_globex.orders')", "other-schema"},
        {"SELECT nextval('tenant_globex.s')", "other-schema"},
        {"SELECT nextval('s'), nextval('tenant_acme.s')", ""},
        {"SELECT nextval('tenant_' || 'globex.s')", "other-schema"},
        {"SELECT setval('tenant_globex.s', 1)", "other-schema"},
        {"SELECT setval('s', 1)", ""},
        {"SELECT 'orders'::regclass, 'tenant_acme.orders'::regclass", ""},
        {"SELECT '1'::tenant_globex.t", "unknown-type"},
        {"SET search_path = tenant_globex", "session-setting"},
        {"RESET search_path", "session-setting"},
        {"SET default_text_search_config = 'tenant_globex.words'", "session-setting"},
        {"SET default_text_search_config = '\"tenant_globex\".words'", "session-setting"},
        {"SELECT set_config('default_text_search_config', 'tenant_globex.words', false)", "session-setting"},
        {"SET default_text_search_config = 'pg_catalog.english'", ""},
        {"SET default_text_search_config = words", ""},
        {"SELECT set_config('search_path', 'tenant_globex', false)", "session-setting"},
        {"SET ROLE x", "role-change"},
        {"SET jit = off", ""},
        {"DO $$ BEGIN END $$", "procedure-call"},
        {"CALL p()", "procedure-call"},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "ddl"},
        {"CREATE SCHEMA x", "ddl"},
        {"ALTER ROLE CURRENT_USER SET search_path = 'x'", "privileges"},
        {"COPY orders FROM '/etc/passwd'", "copy-file"},
        {"COPY orders FROM STDIN", ""},
        {"LISTEN a", "notification"},
        {"SELECT pg_advisory_lock(1)", "advisory-lock"},
        {"CREATE TABLE a (id serial PRIMARY KEY, name text DEFAULT upper('x') CHECK (length(name) > 1))", ""},
        {"CREATE TABLE tenant_globex.a (id int)", "other-schema"},
        {"CREATE TABLE a (id int REFERENCES tenant_globex.orders)", "other-schema"},
        {"CREATE TABLE a (LIKE tenant_globex.orders)", "other-schema"},
        {"CREATE TABLE a () INHERITS (tenant_globex.orders)", "other-schema"},
        {"CREATE TABLE a (id int DEFAULT tenant_globex.f())", "unknown-function"},
        {"CREATE TABLE a AS SELECT * FROM tenant_globex.orders", "other-schema"},
        {"SELECT * INTO a FROM tenant_globex.orders", "other-schema"},
        {"SELECT * INTO tenant_globex.a FROM orders", "other-schema"},
        {"CREATE TABLE a AS SELECT * FROM orders", ""},
        {"CREATE VIEW v AS SELECT * FROM tenant_globex.orders", "other-schema"},
        {"CREATE VIEW v AS SELECT * FROM orders", ""},
        {"CREATE INDEX ON orders (lower(name)) WHERE id > 1", ""},
        {"CREATE INDEX ON tenant_globex.orders (id)", "other-schema"},
        {"CREATE INDEX ON orders (name COLLATE tenant_globex.c)", "unknown-type"},
        {"CREATE INDEX ON orders (name COLLATE shop.tenant_globex.c)", "unknown-type"},
        {"CREATE INDEX ON orders (name tenant_globex.ops)", "unknown-operator"},
        {"CREATE INDEX ON orders (name COLLATE \"C\" text_pattern_ops, id pg_catalog.int8_ops)", ""},
        {"CREATE TABLE a (n text) PARTITION BY RANGE (n COLLATE tenant_globex.c)", "unknown-type"},
        {"CREATE TABLE a (n text) PARTITION BY RANGE (n tenant_globex.ops)", "unknown-operator"},
        {"CREATE TABLE a (n int, EXCLUDE (n WITH OPERATOR(tenant_globex.=)))", "unknown-operator"},
        {"ALTER TABLE orders ADD EXCLUDE (id tenant_globex.ops WITH =)", "unknown-operator"},
        {"CREATE TABLE a (n int, EXCLUDE (n WITH =), EXCLUDE (n WITH OPERATOR(tenant_acme.=)))", ""},
        {"INSERT INTO orders VALUES (1) ON CONFLICT (name COLLATE tenant_globex.c) DO NOTHING",
         "unknown-type"},
        {"SELECT 1 OPERATOR(tenant_globex.=) ANY (SELECT id FROM orders)", "unknown-operator"},
        {"SELECT 1 OPERATOR(shop.tenant_globex.=) 2", "unknown-operator"},
        {"SELECT pg_partition_root('tenant_globex.parts')", "other-schema"},
        {"SELECT to_tsvector('tenant_globex.words', name) FROM orders", "other-schema"},
        {"SELECT ts_lexize('tenant_globex.words', 'x')", "other-schema"},
        {"SELECT ts_headline('tenant_globex.words', name, 'a') FROM orders", "other-schema"},
        {"SELECT has_table_privilege('postgres', 'tenant_globex.t', 'select')", "other-schema"},
        {"SELECT pg_get_viewdef('tenant_globex.v')", "other-schema"},
        {"SELECT has_table_privilege('tenant_acme.orders', 'select'), to_tsvector('www.example.org')", ""},
        {"SELECT to_tsvector('english', 'www.example.org'), ts_headline('a.b c', 'x'::tsquery)", ""},
        {"ALTER TABLE orders ADD COLUMN a int, DROP COLUMN b, ALTER COLUMN c TYPE text USING c::text", ""},
        {"ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES tenant_globex.orders",
         "other-schema"},
        {"ALTER TABLE orders OWNER TO x", "ddl"},
        {"ALTER TABLE tenant_globex.orders ADD COLUMN a int", "other-schema"},
        {"ALTER TABLE orders INHERIT tenant_globex.orders", "other-schema"},
        {"ALTER TABLE orders SET SCHEMA tenant_globex", "ddl"},
        {"ALTER TABLE orders RENAME TO x", ""},
        {"DROP TABLE orders, tenant_acme.items", ""},
        {"DROP TABLE orders, tenant_globex.orders", "other-schema"},
        {"DROP TABLE pg_temp.scratch", ""},
        {"DROP TYPE tenant_globex.t", "unknown-type"},
        {"DROP SCHEMA tenant_globex", "ddl"},
        {"DROP FUNCTION f()", "ddl"},
        {"CREATE SEQUENCE s OWNED BY tenant_globex.orders.id", "other-schema"},
        {"CREATE SEQUENCE s OWNED BY orders.id", ""},
        {"CREATE TYPE mood AS ENUM ('a', 'b')", ""},
        {"CREATE TYPE tenant_globex.mood AS ENUM ('a')", "other-schema"},
        {"TRUNCATE orders", ""},
        {"TRUNCATE tenant_globex.orders", "other-schema"},
        {"LOCK TABLE orders", ""},
        {"VACUUM", "maintenance"},
        {"ANALYZE orders", ""},
        {"COMMENT ON COLUMN orders.id IS 'x'", ""},
        {"COMMENT ON COLUMN tenant_globex.orders.id IS 'x'", "other-schema"},
        {"COMMENT ON DATABASE shop IS 'x'", "shared-metadata"},
        {"SELEC", "syntax-error"},
        {"COMMIT AND CHAIN", "transaction-chain"},
    };
    expect_verdicts(scope_of(config::Model::bridge, true), cases, "tenant_acme");
}

// (value).f is f(value): the same rules as for the call.
TEST(GuardReach, CallsInAttributeNotation) {
    const verdict_case own_schema[] = {
        {"SELECT ('SELECT to_tsvector(name) FROM tenant_globex.users'::text).ts_stat", "dynamic-sql"},
        {"SELECT (x.q).ts_stat FROM (SELECT 'TABLE tenant_globex.t'::text AS q) x", "dynamic-sql"},
        {"SELECT x.ts_stat FROM unnest(ARRAY['TABLE tenant_globex.t']) x", "dynamic-sql"},
        {"SELECT unnest.ts_stat FROM unnest(ARRAY['TABLE tenant_globex.t'])", "dynamic-sql"},
        {"SELECT 1 FROM orders ORDER BY ($1::text).ts_stat", "dynamic-sql"},
        {"CREATE VIEW v AS SELECT ('TABLE tenant_globex.t'::text).ts_stat", "dynamic-sql"},
        {"SELECT (ARRAY['TABLE tenant_globex.t'])[1].ts_stat", "dynamic-sql"},
        {"SELECT ((ARRAY['TABLE tenant_globex.t'])[1]).ts_stat", "dynamic-sql"},
        {"SELECT (('tenant_' || 'globex.s')::regclass).nextval", "other-schema"},
        {"SELECT (('tenant_' || 'globex.s')::regclass).currval", "sequence-state"},
        {"SELECT (1).pg_stat_get_backend_activity", "catalogue-activity"},
        {"SELECT (1).pg_cancel_backend", "server-control"},
        {"SELECT (1).pg_advisory_lock", "advisory-lock"},
        {"SELECT (0.5).setseed", "session-state"},
        {"SELECT ('fairlead.context'::text).current_setting", "session-setting"},
        {"SELECT ('x'::text).dblink", "unknown-function"},
        {"COMMIT; SELECT ('x'::text).beside", "transaction-in-batch"},
        {"SELECT (c).name, c.nextval, c.ts_stat, (c.address).street FROM customers c", ""},
        {"SELECT x.system FROM customers x JOIN orders o ON o.date = x.date", ""},
        {"SELECT x.a, x.setseed FROM json_to_recordset('[]') AS x(a int, setseed text)", ""},
        {"SELECT x.n FROM generate_series(1, 3) AS x(n)", ""},
        {"SELECT (1.5).round, ('a'::text).upper, ('a'::text).my_function", ""},
    };
    expect_verdicts(scope_of(config::Model::bridge, true), own_schema, "tenant_acme");
    const verdict_case own_database[] = {
        {"SELECT ('SELECT query FROM pg_stat_activity'::text).ts_stat", "dynamic-sql"},
        {"SELECT (1).pg_stat_get_backend_activity", "catalogue-activity"},
        {"SELECT (x.a).pg_cancel_backend FROM (SELECT 1 AS a) x", "server-control"},
        {"SELECT x.pg_cancel_backend FROM generate_series(1, 100000) x", "server-control"},
        {"SELECT ('PG_VERSION'::text).pg_read_file", "server-file"},
        {"SELECT (('s')::regclass).nextval, (0.1).pg_sleep, (t.a).b, t.pg_cancel_backend FROM t", ""},
    };
    expect_verdicts(scope_of(config::Model::bridge), own_database);
    EXPECT_EQ(analyse(scope_of(config::Model::silo), "", "SELECT (1).pg_advisory_lock", nullptr).pins,
              Pin::advisory_lock);
    EXPECT_EQ(analyse(scope_of(config::Model::silo), "", "SELECT (0.5).setseed", nullptr).pins, Pin::setting);
}

TEST(GuardReach, OwnDatabaseOnASharedServer) {
    const verdict_case cases[] = {
        {"SELECT * FROM some_schema.thing", ""},
        {"SET work_mem = '1GB'", ""},
        {"SET fairlead.context = 'x'", "fairlead-setting"},
        {"SELECT set_config('fairlead.context', 'x', false)", "fairlead-setting"},
        {"SELECT * FROM fairlead.keys", "fairlead-schema"},
        {"ALTER SYSTEM SET work_mem = '1GB'", "shared-instance"},
        {"CREATE ROLE x", "privileges"},
        {"DROP DATABASE x", "shared-instance"},
        {"COPY t FROM '/etc/passwd'", "copy-file"},
        {"COPY t TO PROGRAM 'sh'", "copy-file"},
        {"SELECT pg_read_file('x')", "server-file"},
        {"SELECT * FROM pg_stat_activity", "catalogue-activity"},
        {"SELECT pg_terminate_backend(1)", "server-control"},
        {"SELEC", "syntax-error"},
    };
    expect_verdicts(scope_of(config::Model::bridge), cases);
}

// The role is that of all tenants of the server: code that is not read could lock it out, or read what others
// run.
TEST(GuardReach, HiddenCodeOnASharedServer) {
    const verdict_case cases[] = {
        {"DO $$ BEGIN END $$", "procedure-call"},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "ddl"},
        {"CREATE OR REPLACE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN END $$", "ddl"},
        {"CREATE FUNCTION f() RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM orders)", ""},
        {"CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM orders; END", ""},
        {"CREATE FUNCTION f() RETURNS text LANGUAGE sql RETURN (SELECT max(query) FROM pg_stat_activity)",
         "catalogue-activity"},
        {"CREATE FUNCTION f() RETURNS bool LANGUAGE sql BEGIN ATOMIC SELECT pg_terminate_backend(1); END",
         "server-control"},
        {"CREATE VIEW v AS SELECT query FROM pg_stat_activity", "catalogue-activity"},
        {"CREATE TABLE t (a bool DEFAULT pg_terminate_backend(1))", "server-control"},
        {"CREATE OPERATOR !! (RIGHTARG = int, FUNCTION = pg_terminate_backend)", "ddl"},
        {"CREATE AGGREGATE a (int) (SFUNC = pg_terminate_backend, STYPE = int)", "ddl"},
        {"CREATE COLLATION german (provider = icu, locale = 'de')", ""},
        {"CREATE CAST (a AS b) WITH FUNCTION pg_stat_get_activity(int)", "ddl"},
        {"CREATE EXTENSION tablefunc", "ddl"},
        {"CREATE LANGUAGE plperl", "ddl"},
        {"CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION known()", ""},
        {"CALL known()", ""},
        {"SELECT known()", ""},
        {"SELECT query_to_xml('SELECT query FROM pg_stat_activity', true, true, '')", "dynamic-sql"},
        {"SELECT * FROM ts_stat('SELECT 1')", "dynamic-sql"},
        {"SELECT ts_rewrite('a'::tsquery, 'SELECT 1')", "dynamic-sql"},
        {"SELECT ts_rewrite('a'::tsquery, 'a'::tsquery, 'b'::tsquery)", ""},
    };
    expect_verdicts(scope_of(config::Model::bridge), cases);
}

TEST(GuardReach, ObjectsOfTheWholeServer) {
    const verdict_case cases[] = {
        {"ALTER DATABASE d2 RENAME TO d3", "shared-instance"},
        {"ALTER DATABASE d2 OWNER TO x", "shared-instance"},
        {"ALTER ROLE app RENAME TO b", "shared-instance"},
        {"ALTER TABLESPACE t RENAME TO b", "shared-instance"},
        {"ALTER SUBSCRIPTION s RENAME TO b", "shared-instance"},
        {"ALTER SUBSCRIPTION s OWNER TO x", "shared-instance"},
        {"COMMENT ON DATABASE d2 IS 'x'", "shared-instance"},
        {"COMMENT ON ROLE app IS 'x'", "shared-instance"},
        {"SECURITY LABEL ON DATABASE d2 IS 'x'", "shared-instance"},
        {"GRANT ALL ON DATABASE d2 TO PUBLIC", "shared-instance"},
        {"REVOKE CONNECT ON DATABASE d2 FROM app", "shared-instance"},
        {"GRANT CREATE ON TABLESPACE t TO PUBLIC", "shared-instance"},
        {"GRANT SET ON PARAMETER work_mem TO PUBLIC", "shared-instance"},
        {"ALTER TABLE a RENAME TO b", ""},
        {"ALTER TABLE a RENAME COLUMN x TO y", ""},
        {"ALTER TABLE a OWNER TO x", ""},
        {"COMMENT ON TABLE a IS 'x'", ""},
        {"GRANT ALL ON a TO PUBLIC", ""},
    };
    expect_verdicts(scope_of(config::Model::bridge), cases);
}

TEST(GuardReach, OwnServer) {
    const verdict_case cases[] = {
        {"DO $$ BEGIN END $$", ""},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", ""},
        {"SELECT query_to_xml('SELECT 1', true, true, '')", ""},
        {"ALTER DATABASE d2 RENAME TO d3", ""},
        {"ALTER SYSTEM SET work_mem = '1GB'", ""},
        {"COPY t FROM '/etc/passwd'", ""},
        {"SELECT * FROM pg_stat_activity", ""},
        {"SELECT pg_read_file('x')", ""},
        {"SELEC", ""},
        {"EXPLAIN ANALYZE SELECT 1", ""},
        {"SET fairlead.context = 'x'", "fairlead-setting"},
        {"SET fairlead.tenant = 'x'", ""},
    };
    expect_verdicts(scope_of(config::Model::silo), cases);
}

TEST(GuardReach, PinsNameTheirCause) {
    struct {
        const char* sql;
        Pin pin;
    } cases[] = {
        {"LISTEN a", Pin::listen},
        {"CREATE TEMP TABLE a (b int)", Pin::temporary_object},
        {"SELECT * INTO TEMP a FROM b", Pin::temporary_object},
        {"CREATE TABLE pg_temp.a (b int)", Pin::temporary_object},
        {"SELECT * FROM pg_temp.a", Pin::temporary_object},
        {"SELECT pg_advisory_lock(1)", Pin::advisory_lock},
        {"SELECT 1 FROM a WHERE pg_try_advisory_lock(id)", Pin::advisory_lock},
        {"SELECT pg_advisory_xact_lock(1)", Pin::none},
        {"DECLARE a CURSOR WITH HOLD FOR SELECT 1", Pin::holdable_cursor},
        {"SET ROLE a", Pin::setting},
        {"SET SESSION AUTHORIZATION a", Pin::setting},
        {"SELECT set_config('jit', x, false) FROM t", Pin::setting},
        {"SET work_mem = '1MB'", Pin::none},
        {"SELEC", Pin::unparsed},
        {"SELECT 1", Pin::none},
    };
    for (const auto& one : cases)
        EXPECT_EQ(analyse(scope_of(config::Model::silo), "", one.sql, nullptr).pins, one.pin) << one.sql;
    GuardScope bridge = scope_of(config::Model::bridge, true);
    EXPECT_EQ(analyse(bridge, "a", "CREATE TEMP TABLE x (b int)", nullptr).pins, Pin::temporary_object);
    EXPECT_EQ(analyse(bridge, "a", "DECLARE c CURSOR WITH HOLD FOR SELECT 1", nullptr).pins,
              Pin::holdable_cursor);
    // The search_path that keeps a bridge tenant in its schema is gone with the transaction.
    for (const char* sql :
         {"COMMIT AND CHAIN", "COMMIT; SELECT * FROM t", "ROLLBACK; TABLE t", "RESET ALL; SELECT * FROM t"}) {
        EXPECT_TRUE(analyse(bridge, "a", sql, nullptr).refused) << sql;
    }
    EXPECT_FALSE(analyse(bridge, "a", "SELECT 1; COMMIT", nullptr).refused);
    EXPECT_FALSE(analyse(bridge, "a", "COMMIT; RESET ALL", nullptr).refused);
}

// What psql, SQLAlchemy, asyncpg and psycopg sent to PostgreSQL 15 (recorded), and what other drivers are
// known to send.
TEST(GuardIntrospection, DriversLearnTheSchema) {
    std::ifstream file(FAIRLEAD_SOURCE_DIR "/tests/unit/policy/postgres/introspection/statements.jsonl");
    std::string line;
    int count = 0;
    while (std::getline(file, line)) {
        auto entry = nlohmann::json::parse(line);
        auto sql = entry["sql"].get<std::string>();
        EXPECT_EQ(rule_of(pool_scope(), sql), entry["rule"].get<std::string>())
            << entry["client"] << ": " << sql;
        ++count;
    }
    EXPECT_GT(count, 100);
}

TEST(Explain, SaysTheSameInWordsAndJson) {
    GuardScope scope = pool_scope();
    Verdict refused = analyse(scope, "", "TRUNCATE customers", nullptr);
    auto json = explain_json(scope, refused, "TRUNCATE customers");
    EXPECT_EQ(json["verdict"], "refuse");
    EXPECT_EQ(json["rule"], "truncate");
    EXPECT_TRUE(json["sql"].is_null());
    EXPECT_EQ(json["context"], false);
    EXPECT_NE(explain_text(scope, refused, "").find("hint:     Use DELETE."), std::string::npos);
    Verdict passed = analyse(scope, "", "SET jit = off; SELECT * FROM customers", nullptr);
    json = explain_json(scope, passed, "SET jit = off; SELECT * FROM customers");
    EXPECT_EQ(json["verdict"], "pass");
    EXPECT_EQ(json["sql"], "SET jit = off; SELECT * FROM customers");
    EXPECT_EQ(json["context"], true);
    EXPECT_EQ(json["pin"], "none");
    EXPECT_EQ(json["settings"][0]["name"], "jit");
    EXPECT_NE(explain_text(scope, passed, "x").find("setting:  set jit = off"), std::string::npos);
}

TEST(Explain, EveryRuleHasItsText) {
    std::set<std::string_view> ids;
    for (const rule_text& text : all_rules()) {
        EXPECT_TRUE(ids.insert(text.id).second) << text.id;
        EXPECT_FALSE(text.description.empty()) << text.id;
        EXPECT_FALSE(text.remedy.empty()) << text.id;
        EXPECT_EQ(text.sqlstate.size(), 5u) << text.id;
        EXPECT_NE(rules_markdown(all_rules()).find("`" + std::string(text.id) + "`"), std::string::npos);
    }
    EXPECT_NE(settings_markdown().find("| `row_security` | only `on` |"), std::string::npos);
}

}  // namespace
}  // namespace fairlead::policy::postgres::testing
