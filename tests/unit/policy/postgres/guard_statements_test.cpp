#include "unit/policy/postgres/guard_cases.h"

#include <pthread.h>

namespace fairlead::policy::postgres::testing {
namespace {

TEST(GuardStatements, WhatRowPoliciesDoNotCoverIsRefusedForSharedTables) {
    const verdict_case cases[] = {
        {"TRUNCATE customers", "truncate"},
        {"LOCK TABLE customers", "lock-table"},
        {"ANALYZE customers", "maintenance"},
        {"VACUUM", "maintenance"},
        {"CLUSTER customers USING x", "maintenance"},
        {"REINDEX TABLE customers", "maintenance"},
        {"REFRESH MATERIALIZED VIEW m_totals", "maintenance"},
        {"CHECKPOINT", "shared-instance"},
        {"COMMENT ON TABLE customers IS 'x'", "shared-metadata"},
        {"SECURITY LABEL ON TABLE customers IS 'x'", "shared-metadata"},
        {"NOTIFY a, 'b'", "notification"},
        {"LISTEN a", "notification"},
        {"UNLISTEN a", ""},
        {"UNLISTEN *", ""},
        {"CALL archive_orders('globex')", "procedure-call"},
        {"DO $$ BEGIN PERFORM 1; END $$", "procedure-call"},
        {"LOAD 'x'", "server-file"},
        {"CREATE TABLE x (a int)", "ddl"},
        {"CREATE TABLE x AS SELECT * FROM customers", "ddl"},
        {"SELECT * INTO x FROM customers", "ddl"},
        {"SELECT * INTO TEMP x FROM customers", "ddl"},
        {"CREATE TEMP TABLE x (a int)", "temporary-object"},
        {"CREATE TABLE pg_temp.x (a int)", "ddl"},
        {"CREATE TEMP VIEW x AS SELECT 1", "temporary-object"},
        {"CREATE TEMP SEQUENCE x", "temporary-object"},
        {"CREATE TEMP TABLE x AS SELECT 1", "temporary-object"},
        {"CREATE VIEW x AS SELECT 1", "ddl"},
        {"CREATE INDEX ON customers (name)", "ddl"},
        {"ALTER TABLE customers DISABLE ROW LEVEL SECURITY", "ddl"},
        {"DROP TABLE customers", "ddl"},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "ddl"},
        {"CREATE TRIGGER t AFTER INSERT ON orders EXECUTE FUNCTION f()", "ddl"},
        {"CREATE RULE r AS ON INSERT TO orders DO NOTHING", "ddl"},
        {"CREATE POLICY p ON customers USING (true)", "privileges"},
        {"CREATE SCHEMA x", "ddl"},
        {"CREATE EXTENSION dblink", "ddl"},
        {"CREATE TYPE x AS ENUM ('a')", "ddl"},
        {"CREATE DOMAIN x AS int", "ddl"},
        {"CREATE AGGREGATE x (int) (sfunc = int4pl, stype = int)", "ddl"},
        {"CREATE STATISTICS s ON a, b FROM customers", "ddl"},
        {"ALTER FUNCTION f() SECURITY DEFINER", "ddl"},
        {"ALTER TABLE customers OWNER TO x", "ddl"},
        {"ALTER TABLE customers RENAME TO x", "ddl"},
        {"ALTER TABLE customers SET SCHEMA x", "ddl"},
        {"GRANT SELECT ON customers TO PUBLIC", "privileges"},
        {"REVOKE SELECT ON customers FROM PUBLIC", "privileges"},
        {"GRANT a TO b", "privileges"},
        {"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC", "privileges"},
        {"ALTER ROLE CURRENT_USER SET search_path = 'x'", "privileges"},
        {"ALTER ROLE CURRENT_USER PASSWORD 'x'", "privileges"},
        {"CREATE ROLE x", "privileges"},
        {"DROP OWNED BY CURRENT_USER", "privileges"},
        {"CREATE DATABASE x", "shared-instance"},
        {"ALTER DATABASE shop SET search_path = 'x'", "shared-instance"},
        {"ALTER SYSTEM SET work_mem = '1GB'", "shared-instance"},
        {"CREATE PUBLICATION p FOR ALL TABLES", "replication"},
        {"CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p", "replication"},
        {"PREPARE TRANSACTION 'x'", "two-phase"},
        {"COMMIT PREPARED 'x'", "two-phase"},
        {"COPY customers TO '/tmp/x'", "copy-file"},
        {"COPY customers TO PROGRAM 'cat'", "copy-file"},
        {"COPY customers FROM '/tmp/x'", "copy-file"},
        {"COPY (SELECT * FROM customers) TO '/tmp/x'", "copy-file"},
        {"COPY customers TO STDOUT WITH (FORMAT csv, HEADER)", ""},
        {"COPY customers (id, name) TO STDOUT", ""},
        {"COPY (SELECT * FROM customers) TO STDOUT", ""},
        {"COPY (DELETE FROM plans RETURNING *) TO STDOUT", "global-table-write"},
        {"COPY forgotten TO STDOUT", "table-not-isolated"},
        {"DECLARE c CURSOR WITH HOLD FOR SELECT * FROM customers", "holdable-cursor"},
        {"DECLARE c NO SCROLL CURSOR FOR SELECT * FROM customers", ""},
        {"DECLARE c CURSOR FOR SELECT * FROM forgotten", "table-not-isolated"},
        {"FETCH 10 FROM c", ""},
        {"MOVE ALL IN c", ""},
        {"CLOSE c", ""},
        {"SET CONSTRAINTS ALL DEFERRED", ""},
        {"EXPLAIN SELECT * FROM customers", ""},
        {"EXPLAIN (VERBOSE, FORMAT json) SELECT * FROM customers", ""},
        {"EXPLAIN ANALYZE SELECT * FROM customers", "explain-analyze"},
        {"EXPLAIN (ANALYZE true) SELECT 1", "explain-analyze"},
        {"EXPLAIN (ANALYZE 1) SELECT 1", "explain-analyze"},
        {"EXPLAIN (VERBOSE, \"analyze\" on) SELECT 1", "explain-analyze"},
        {"EXPLAIN (ANALYZE off) SELECT 1", ""},
        {"EXPLAIN SELECT * FROM forgotten", "table-not-isolated"},
        {"EXPLAIN CREATE TABLE x AS SELECT 1", "ddl"},
        {"EXPLAIN EXECUTE p", "session-command-in-batch"},
        {"SELECT 1 +", "syntax-error"},
        {"SELEC 1", "syntax-error"},
        {"SELECT 'a", "syntax-error"},
        {"COMMIT; SELECT 1 FROM forgotten", "table-not-isolated"},
    };
    expect_verdicts(pool_scope(), cases);
}

TEST(GuardStatements, RefusalsSayWhatWhereAndWhatToDo) {
    Verdict table = analyse(pool_scope(), "", "SELECT 'ä', * FROM nowhere", nullptr);
    EXPECT_EQ(table.refusal.message, "relation \"nowhere\" does not exist");
    EXPECT_EQ(table.refusal.sqlstate, "42P01");
    EXPECT_EQ(table.refusal.position, 20u);  // in characters: the two bytes of ä are one
    Verdict syntax = analyse(pool_scope(), "", "SELECT 1 FROM WHERE", nullptr);
    EXPECT_EQ(syntax.refusal.message, "syntax error at or near \"WHERE\"");
    EXPECT_EQ(syntax.refusal.sqlstate, "42601");
    EXPECT_EQ(syntax.refusal.position, 15u);
    for (const Verdict& verdict : {table, syntax}) EXPECT_FALSE(verdict.refusal.hint.empty());
    EXPECT_EQ(analyse(pool_scope(), "", "LISTEN x", nullptr).refusal.message,
              "LISTEN is refused for tenants of shared tables");
}

TEST(GuardStatements, WithoutACatalogueNoTableIsKnown) {
    GuardScope scope = pool_scope();
    scope.catalogue = nullptr;
    EXPECT_EQ(rule_of(scope, "SELECT * FROM customers"), "unknown-table");
    EXPECT_EQ(rule_of(scope, "SELECT 1"), "");
}

TEST(GuardStatements, DeepTextsNeverReachTheParser) {
    auto repeat = [](std::string_view text, int times) {
        std::string out;
        for (int i = 0; i < times; ++i) out += text;
        return out;
    };
    const int deep = 20'000;
    const std::string texts[] = {
        "SELECT " + repeat("(", deep) + "1" + repeat(")", deep),
        "SELECT 1" + repeat("+1", deep),
        "SELECT " + repeat("NOT ", deep) + "true",
        "SELECT " + repeat("- ", deep) + "1",
        "SELECT " + repeat("(SELECT ", deep) + "1" + repeat(")", deep),
        "SELECT 1" + repeat(" UNION SELECT 1, 2", deep),
        "SELECT " + repeat("CASE WHEN a AND b THEN ", deep) + "1" + repeat(" END", deep),
        "SELECT " + repeat("CASE WHEN t.end AND b THEN ", deep) + "1" + repeat(" END", deep),
        "SELECT " + repeat("(SELECT 1 AS end FROM ", deep),
        "SELECT 1" + repeat("+t.from", deep),
        "SELECT 1" + repeat("+set", deep),
        "SELECT a" + repeat("::text", deep),
        "SELECT 1" + repeat(" + count(*) FILTER (WHERE a) ", deep),
        "SELECT " + repeat("ARRAY[", deep),
        "SELECT * FROM a" + repeat(" JOIN b ON x AND y", deep),
        "SELECT 1" + repeat(" + percentile_cont(1) WITHIN GROUP (ORDER BY 1)", deep),
    };
    for (const std::string& text : texts)
        EXPECT_EQ(rule_of(pool_scope(), text), "too-complex") << text.substr(0, 60);
}

TEST(GuardStatements, LongFlatTextsPass) {
    std::string insert = "INSERT INTO customers (id, name) VALUES (1, 'x')";
    std::string condition = "SELECT * FROM customers WHERE id = 0";
    std::string cases = "SELECT CASE WHEN id = 0 THEN 'a'";
    for (int i = 0; i < 2000; ++i) {
        insert += ", (" + std::to_string(i) + ", upper('y'))";
        condition += " OR (id = " + std::to_string(i) + " AND name = 'x')";
    }
    for (int i = 0; i < 2000; ++i) cases += " WHEN id = 1 THEN 'b'";
    EXPECT_EQ(rule_of(pool_scope(), insert), "");
    EXPECT_EQ(rule_of(pool_scope(), condition), "");
    EXPECT_EQ(rule_of(pool_scope(), cases + " END FROM customers"), "");
}

// The deepest text that passes the bound must not overrun a thread's stack: 8 MB, and sanitizers need more of
// it.
TEST(GuardStatements, TheDeepestTextThatIsParsedFitsTheStack) {
    std::string nested = "SELECT ";
    for (int i = 0; i < 330; ++i) nested += "(SELECT ";
    nested += "1" + std::string(330, ')');
    EXPECT_EQ(rule_of(pool_scope(), nested), "");
}

}  // namespace
}  // namespace fairlead::policy::postgres::testing
