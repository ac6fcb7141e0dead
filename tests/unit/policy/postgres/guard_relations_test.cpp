#include "unit/policy/postgres/guard_cases.h"

namespace fairlead::policy::postgres::testing {
namespace {

TEST(GuardRelations, ResolvesNamesLikeTheServer) {
    const verdict_case cases[] = {
        {"SELECT * FROM customers", ""},
        {"SELECT * FROM CUSTOMERS", ""},
        {"SELECT * FROM \"CUSTOMERS\"", "unknown-table"},
        {"SELECT * FROM public.customers", ""},
        {"SELECT * FROM shop.public.customers", ""},
        {"SELECT * FROM U&\"\\0063ustomers\"", ""},
        {"SELECT * FROM U&\"!0063ustomers\" UESCAPE '!'", ""},
        {"SELECT * FROM U&\"\\0070g_stat_activity\"", "catalogue-activity"},
        {"SELECT * FROM /* customers */ nowhere -- customers", "unknown-table"},
        {"SELECT * FROM \"Odd \"\"name\"\"\"", ""},
        {"SELECT * FROM archived", "unknown-table"},
        {"SELECT * FROM archive.archived", ""},
        {"SELECT * FROM other.customers", "unknown-table"},
        {"SELECT * FROM fairlead.keys", "fairlead-schema"},
        {"SELECT * FROM \"fairlead\".\"keys\"", "fairlead-schema"},
        {"SELECT * FROM pg_temp.customers", "temporary-object"},
        {"SELECT * FROM pg_toast.pg_toast_1234", "catalogue-unlisted"},
        {"TABLE customers", ""},
        {"TABLE forgotten", "table-not-isolated"},
        {"SELECT * FROM ONLY customers", ""},
        {"SELECT * FROM part", ""},
        {"SELECT * FROM part_globex", "table-not-isolated"},
        {"SELECT * FROM v_all_orders", "view-not-invoker"},
        {"SELECT * FROM v_own_orders", ""},
        {"SELECT * FROM m_totals", "relation-kind"},
        {"SELECT * FROM f_remote", "relation-kind"},
        {"SELECT last_value FROM orders_id_seq", "relation-kind"},
    };
    expect_verdicts(pool_scope(), cases);
}

TEST(GuardRelations, CommonTableExpressionsHideTablesOnlyWhereTheyAreVisible) {
    const verdict_case cases[] = {
        {"WITH forgotten AS (SELECT 1) SELECT * FROM forgotten", ""},
        {"WITH forgotten AS (SELECT * FROM forgotten) SELECT * FROM forgotten", "table-not-isolated"},
        {"WITH RECURSIVE forgotten AS (SELECT 1 UNION ALL SELECT * FROM forgotten) SELECT * FROM forgotten",
         ""},
        {"WITH a AS (SELECT * FROM forgotten), forgotten AS (SELECT 1) SELECT * FROM a",
         "table-not-isolated"},
        {"WITH forgotten AS (SELECT 1), a AS (SELECT * FROM forgotten) SELECT * FROM a", ""},
        {"WITH RECURSIVE a AS (SELECT * FROM forgotten), forgotten AS (SELECT 1) SELECT * FROM a", ""},
        {"SELECT * FROM (WITH forgotten AS (SELECT 1) SELECT * FROM forgotten) x, forgotten",
         "table-not-isolated"},
        {"(WITH forgotten AS (SELECT 1) SELECT * FROM forgotten) UNION SELECT 1 FROM forgotten",
         "table-not-isolated"},
        {"WITH forgotten AS (SELECT 1) SELECT 1 UNION SELECT * FROM forgotten", ""},
        {"WITH forgotten AS (SELECT 1) SELECT * FROM public.forgotten", "table-not-isolated"},
        {"WITH forgotten AS (SELECT 1) DELETE FROM forgotten", "table-not-isolated"},
        {"WITH forgotten AS (SELECT 1) UPDATE customers SET name = 'x' FROM forgotten", ""},
        {"WITH forgotten AS (SELECT 1) INSERT INTO customers (id) SELECT * FROM forgotten", ""},
        {"WITH x AS (DELETE FROM forgotten RETURNING *) SELECT 1", "table-not-isolated"},
        {"WITH x AS (SELECT 1) SELECT (SELECT count(*) FROM (WITH y AS (TABLE x) TABLE y) z)", ""},
        {"SELECT 1 WHERE EXISTS (WITH x AS (SELECT 1) TABLE x) AND EXISTS (TABLE x)", "unknown-table"},
    };
    expect_verdicts(pool_scope(), cases);
}

TEST(GuardRelations, GlobalTablesAreReadOnly) {
    const verdict_case cases[] = {
        {"SELECT * FROM plans", ""},
        {"INSERT INTO plans VALUES (9, 'x')", "global-table-write"},
        {"UPDATE plans SET name = 'x'", "global-table-write"},
        {"DELETE FROM plans", "global-table-write"},
        {"MERGE INTO plans USING customers c ON false WHEN NOT MATCHED THEN INSERT VALUES (1, 'x')",
         "global-table-write"},
        {"WITH x AS (UPDATE plans SET name = 'x' RETURNING 1) SELECT 1", "global-table-write"},
        {"SELECT * FROM plans FOR UPDATE", "global-table-write"},
        {"SELECT * FROM plans FOR KEY SHARE", "global-table-write"},
        {"SELECT * FROM customers c, plans p FOR UPDATE OF c", ""},
        {"SELECT * FROM customers c, plans p FOR UPDATE OF p", "global-table-write"},
        {"SELECT * FROM customers c JOIN plans p ON true FOR SHARE", "global-table-write"},
        {"SELECT * FROM customers c JOIN plans p ON true FOR SHARE OF c", ""},
        {"SELECT * FROM (SELECT * FROM plans) x FOR UPDATE", "global-table-write"},
        {"SELECT * FROM customers FOR NO KEY UPDATE SKIP LOCKED", ""},
        {"UPDATE v_own_orders SET note = 'x'", "view-write"},
        {"SELECT * FROM v_own_orders FOR UPDATE", "view-write"},
        {"COPY plans TO STDOUT", ""},
        {"COPY plans FROM STDIN", "global-table-write"},
        {"COPY customers FROM STDIN", "copy-from"},
    };
    expect_verdicts(pool_scope(), cases);
}

TEST(GuardRelations, UnderPoliciesOfOthersTheTenantColumnDoesNotChange) {
    const verdict_case cases[] = {
        {"UPDATE customers SET tenant_id = 'globex'", "tenant-column-update"},
        {"UPDATE customers SET \"tenant_id\" = 'globex'", "tenant-column-update"},
        {"UPDATE customers SET U&\"\\0074enant_id\" = 'globex'", "tenant-column-update"},
        {"UPDATE customers SET TENANT_ID = 'globex'", "tenant-column-update"},
        {"UPDATE customers SET (name, tenant_id) = ('x', 'globex')", "tenant-column-update"},
        {"UPDATE customers SET (tenant_id, name) = (SELECT 'globex', 'x')", "tenant-column-update"},
        {"UPDATE customers AS c SET tenant_id = DEFAULT", "tenant-column-update"},
        {"UPDATE customers SET tenant_id = tenant_id, name = 'x'", ""},
        {"UPDATE customers SET name = tenant_id", ""},
        {"WITH x AS (UPDATE customers SET tenant_id = 'globex' RETURNING 1) SELECT 1",
         "tenant-column-update"},
        {"INSERT INTO customers (tenant_id, id) VALUES ('acme', 1)", ""},
        {"INSERT INTO customers (id) VALUES (1) ON CONFLICT (tenant_id, id) DO UPDATE SET tenant_id = "
         "'globex'",
         "tenant-column-update"},
        {"MERGE INTO customers c USING plans p ON c.id = p.id WHEN MATCHED THEN UPDATE SET tenant_id = "
         "'globex'",
         "tenant-column-update"},
        {"MERGE INTO customers c USING plans p ON c.id = p.id WHEN MATCHED THEN UPDATE SET name = 'x'", ""},
        {"MERGE INTO customers c USING plans p ON c.id = p.id WHEN NOT MATCHED THEN INSERT (tenant_id, id) "
         "VALUES "
         "('acme', p.id)",
         ""},
    };
    GuardScope scope = pool_scope();
    scope.isolation = config::Isolation::guc;
    scope.context_variable = "app.current_tenant";
    expect_verdicts(scope, cases);
}

TEST(GuardRelations, UnderOurPoliciesTheDatabaseChecksTheTenantColumn) {
    const verdict_case cases[] = {
        {"UPDATE customers SET tenant_id = $1, name = $2 WHERE id = $3", ""},
        {"UPDATE customers SET (name, tenant_id) = ('x', 'acme')", ""},
        {"INSERT INTO customers (id) VALUES (1) ON CONFLICT (tenant_id, id) DO UPDATE SET tenant_id = "
         "excluded.tenant_id",
         ""},
        {"MERGE INTO customers c USING plans p ON c.id = p.id WHEN MATCHED THEN UPDATE SET tenant_id = "
         "'acme'",
         ""},
        {"UPDATE forgotten SET tenant_id = 'acme'", "table-not-isolated"},
        {"UPDATE plans SET tenant_id = 'acme'", "global-table-write"},
        {"UPDATE v_own_orders SET tenant_id = 'acme'", "view-write"},
    };
    expect_verdicts(pool_scope(), cases);
}

TEST(GuardRelations, UpsertsNeedTheTenantInEveryUniqueKey) {
    const verdict_case cases[] = {
        {"INSERT INTO coupons (id, code) VALUES (1, 'x') ON CONFLICT (code) DO UPDATE SET code = 'y'",
         "upsert-unique-key"},
        {"INSERT INTO coupons (id, code) VALUES (1, 'x') ON CONFLICT DO NOTHING", "upsert-unique-key"},
        {"INSERT INTO coupons (id, code) VALUES (1, 'x')", ""},
        {"INSERT INTO customers (id) VALUES (1) ON CONFLICT DO NOTHING", ""},
        {"INSERT INTO customers (id) VALUES (1) ON CONFLICT (tenant_id, id) DO UPDATE SET name = "
         "excluded.name",
         ""},
        {"INSERT INTO customers (id) VALUES (1) ON CONFLICT ON CONSTRAINT customers_pkey DO NOTHING", ""},
    };
    expect_verdicts(pool_scope(), cases);
    EXPECT_NE(analyse(pool_scope(), "", cases[0].sql, nullptr).refusal.message.find("coupons_pkey"),
              std::string::npos);
}

TEST(GuardRelations, CataloguesByList) {
    const verdict_case cases[] = {
        {"SELECT * FROM pg_type", ""},
        {"SELECT * FROM pg_catalog.pg_namespace", ""},
        {"SELECT * FROM information_schema.columns", ""},
        {"SELECT * FROM information_schema.user_mappings", "catalogue-unlisted"},
        {"SELECT * FROM pg_stat_activity", "catalogue-activity"},
        {"SELECT * FROM pg_catalog.\"pg_stat_activity\"", "catalogue-activity"},
        {"SELECT * FROM pg_statio_user_tables", "catalogue-activity"},
        {"SELECT * FROM pg_locks", "catalogue-activity"},
        {"SELECT * FROM pg_cursors", "catalogue-activity"},
        {"SELECT * FROM pg_prepared_statements", "catalogue-activity"},
        {"SELECT * FROM pg_stats", "catalogue-statistics"},
        {"SELECT * FROM pg_statistic", "catalogue-statistics"},
        {"SELECT * FROM pg_stats_ext", "catalogue-statistics"},
        {"SELECT * FROM pg_sequences", "catalogue-statistics"},
        {"SELECT * FROM pg_database", "catalogue-unlisted"},
        {"SELECT * FROM pg_authid", "catalogue-unlisted"},
        {"SELECT * FROM pg_roles", "catalogue-unlisted"},
        {"SELECT * FROM pg_user", "catalogue-unlisted"},
        {"SELECT * FROM pg_shadow", "catalogue-unlisted"},
        {"SELECT * FROM pg_settings", "catalogue-unlisted"},
        {"SELECT * FROM pg_largeobject", "catalogue-unlisted"},
        {"SELECT * FROM pg_seclabel", "catalogue-unlisted"},
        {"SELECT * FROM pg_something_new", "catalogue-unlisted"},
        {"UPDATE pg_settings SET setting = 'off'", "catalogue-unlisted"},
        {"UPDATE pg_class SET relname = 'x'", "catalogue-write"},
        {"DELETE FROM pg_catalog.pg_type", "catalogue-write"},
        {"SELECT oid FROM pg_class FOR UPDATE", "catalogue-write"},
    };
    expect_verdicts(pool_scope(), cases);
}

TEST(GuardRelations, StatisticsOfPgClassCannotBeReached) {
    const verdict_case cases[] = {
        {"SELECT oid, relname FROM pg_class", ""},
        {"SELECT count(*) FROM pg_class", ""},
        {"SELECT EXISTS (SELECT * FROM pg_class)", ""},
        {"SELECT reltuples FROM pg_class", "catalogue-statistics"},
        {"SELECT \"reltuples\" FROM pg_class", "catalogue-statistics"},
        {"SELECT c.relpages FROM pg_class c", "catalogue-statistics"},
        {"SELECT (c).reltuples FROM pg_class c", "catalogue-statistics"},
        {"SELECT 1 FROM pg_class ORDER BY reltuples", "catalogue-statistics"},
        {"SELECT * FROM pg_class", "catalogue-statistics"},
        {"TABLE pg_class", "catalogue-statistics"},
        {"SELECT c.* FROM pg_class c", "catalogue-statistics"},
        {"SELECT (c).* FROM pg_class c", "catalogue-statistics"},
        {"SELECT c FROM pg_class c", "catalogue-statistics"},
        {"SELECT c::text FROM pg_class c", "catalogue-statistics"},
        {"SELECT row_to_json(pg_class) FROM pg_class", "catalogue-statistics"},
        {"SELECT reltuples(c) FROM pg_class c", "unknown-function"},
        {"SELECT a FROM pg_class AS c (a, b, d, e, f, g, h, i, j, k)", "catalogue-statistics"},
        {"SELECT x.reltuples FROM (SELECT * FROM pg_class) x", "catalogue-statistics"},
        {"SELECT x FROM (SELECT c FROM pg_class c) x", "catalogue-statistics"},
        {"WITH x AS (TABLE pg_class) SELECT 1 FROM x", "catalogue-statistics"},
        {"SELECT j.* FROM (pg_class c JOIN pg_namespace n ON true) AS j", "catalogue-statistics"},
        {"SELECT j FROM (pg_class c JOIN pg_namespace n ON true) AS j", "catalogue-statistics"},
        {"SELECT oid FROM pg_class NATURAL JOIN (VALUES (1.0)) v(reltuples)", "catalogue-statistics"},
        {"SELECT oid FROM pg_class JOIN (VALUES (1)) v(relpages) USING (relpages)", "catalogue-statistics"},
        {"UPDATE customers SET name = 'x' FROM pg_class c RETURNING *", "catalogue-statistics"},
        {"COPY pg_class TO STDOUT", "catalogue-statistics"},
        {"COPY (TABLE pg_class) TO STDOUT", "catalogue-statistics"},
        {"SELECT n.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace", ""},
    };
    expect_verdicts(pool_scope(), cases);
}

}  // namespace
}  // namespace fairlead::policy::postgres::testing
