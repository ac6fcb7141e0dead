#include "unit/policy/postgres/guard_cases.h"

namespace fairlead::policy::postgres::testing {
namespace {

TEST(GuardFunctions, ByIdentity) {
    const verdict_case cases[] = {
        {"SELECT upper(name), count(*), now(), random(), gen_random_uuid() FROM customers GROUP BY 1", ""},
        {"SELECT pg_catalog.upper('x'), version(), pg_backend_pid(), current_schema()", ""},
        {"SELECT coalesce(a, 1), nullif(a, 2), greatest(a, 3), CASE WHEN a > 1 THEN 2 END FROM (SELECT 1 AS "
         "a) x",
         ""},
        {"SELECT current_user, session_user, current_date, localtime", ""},
        {"SELECT extract(year FROM now()), substring('abc' FROM 2), trim(both 'x' FROM 'y'), position('a' IN "
         "'b')",
         ""},
        {"SELECT jsonb_agg(c) FROM customers c", ""},
        {"SELECT nextval('orders_id_seq')", ""},
        {"SELECT nextval('public.orders_id_seq'::regclass)", ""},
        {"SELECT nextval('other.orders_id_seq')", "other-schema"},
        {"SELECT nextval('\"other\".s')", "other-schema"},
        {"SELECT nextval('fairlead.s')", "other-schema"},
        {"SELECT leak(name) FROM customers", "unknown-function"},
        {"SELECT all_orders()", "unknown-function"},
        {"SELECT public.upper('x')", "unknown-function"},
        {"SELECT * FROM all_orders()", "unknown-function"},
        {"SELECT fairlead.tenant()", "fairlead-schema"},
        {"SELECT pg_temp.f()", "unknown-function"},
        {"SELECT pg_sleep(1)", "sleep"},
        {"SELECT PG_SLEEP(1)", "sleep"},
        {"SELECT \"pg_sleep\"(1)", "sleep"},
        {"SELECT pg_catalog . /* x */ pg_sleep(1)", "sleep"},
        {"SELECT U&\"\\0070g_sleep\"(1)", "sleep"},
        {"SELECT query_to_xml('SELECT 1', true, true, '')", "dynamic-sql"},
        {"SELECT table_to_xml('orders', true, true, '')", "dynamic-sql"},
        {"SELECT schema_to_xml_and_xmlschema('public', true, true, '')", "dynamic-sql"},
        {"SELECT database_to_xml(true, true, '')", "dynamic-sql"},
        {"SELECT cursor_to_xml('c', 1, true, true, '')", "dynamic-sql"},
        {"SELECT * FROM ts_stat('SELECT 1')", "dynamic-sql"},
        {"SELECT ts_rewrite('a'::tsquery, 'SELECT 1')", "dynamic-sql"},
        {"SELECT ts_rewrite('a'::tsquery, 'b'::tsquery, 'c'::tsquery)", ""},
        {"SELECT xpath('/a', '<a/>')", ""},
        {"SELECT pg_read_file('/etc/passwd')", "server-file"},
        {"SELECT pg_ls_dir('.')", "server-file"},
        {"SELECT pg_relation_filepath('orders')", "server-file"},
        {"SELECT lo_import('/etc/passwd')", "server-file"},
        {"SELECT lo_get(1)", "large-object"},
        {"SELECT dblink('x', 'SELECT 1')", "unknown-function"},
        {"SELECT pg_terminate_backend(1)", "server-control"},
        {"SELECT pg_reload_conf()", "server-control"},
        {"SELECT pg_advisory_lock(1)", "advisory-lock"},
        {"SELECT pg_try_advisory_xact_lock(1)", "advisory-lock"},
        {"SELECT pg_advisory_unlock_all()", ""},
        {"SELECT pg_stat_get_activity(NULL)", "catalogue-activity"},
        {"SELECT * FROM pg_cursor()", "catalogue-activity"},
        {"SELECT pg_export_snapshot()", "snapshot"},
        {"SELECT txid_current()", "snapshot"},
        {"SELECT setval('orders_id_seq', 1)", "sequence-state"},
        {"SELECT currval('orders_id_seq')", "sequence-state"},
        {"SELECT lastval()", "sequence-state"},
        {"SELECT pg_sequence_last_value('orders_id_seq')", "sequence-state"},
        {"SELECT setseed(0.5)", "session-state"},
        {"SELECT pg_total_relation_size('orders')", "size-function"},
        {"SELECT pg_database_size('shop')", "size-function"},
        {"SELECT pg_column_size(name) FROM customers", ""},
        {"SELECT pg_notify('a', 'b')", "notification"},
        {"SELECT pg_logical_emit_message(false, 'a', 'b')", "replication"},
        {"SELECT has_table_privilege('orders', 'select')", ""},
        {"SELECT 1 OPERATOR(public.+) 1", "unknown-operator"},
        {"SELECT 1 OPERATOR(pg_catalog.+) 1", ""},
        {"SELECT 1 OPERATOR(public.=) ANY (SELECT 1)", "unknown-operator"},
        {"SELECT id FROM customers ORDER BY id USING OPERATOR(public.<)", "unknown-operator"},
        {"SELECT '1'::other.t", "unknown-type"},
        {"SELECT CAST('1' AS other.t[])", "unknown-type"},
        {"SELECT '1'::public.mood, 'orders'::regclass, 'x'::information_schema.sql_identifier", ""},
        {"SELECT name COLLATE other.c FROM customers", "unknown-type"},
        {"SELECT name COLLATE \"C\" FROM customers", ""},
        {"SELECT * FROM customers TABLESAMPLE other.m(1)", "unknown-function"},
        {"SELECT * FROM customers TABLESAMPLE system(1)", ""},
    };
    expect_verdicts(pool_scope(), cases);
}

TEST(GuardFunctions, AllowedByTheOperator) {
    GuardScope scope = pool_scope();
    scope.allowed_functions = {"discount", "shop.tax", "public.net", "set_config"};
    const verdict_case cases[] = {
        {"SELECT discount(1)", ""},
        {"SELECT shop.discount(1)", "unknown-function"},
        {"SELECT shop.tax(1)", ""},
        {"SELECT tax(1)", "unknown-function"},
        {"SELECT net(1), public.net(1)", ""},
        {"SELECT c.discount FROM customers c", ""},
        {"SELECT set_config('role', 'x', false)", "role-change"},
    };
    expect_verdicts(scope, cases);
}

// PostgreSQL 15 calls leak(name) for (name).leak: measured for composite and scalar values, and function
// aliases.
TEST(GuardFunctions, AttributeNotationIsACall) {
    const verdict_case cases[] = {
        {"SELECT c.name, (c).name, c.ctid, (c.name) FROM customers c", ""},
        {"SELECT public.customers.name, customers.name FROM customers", ""},
        {"SELECT (name).leak FROM customers", "unknown-column"},
        {"SELECT ('x'::text).leak", "unknown-column"},
        {"SELECT c.leak FROM customers c", "unknown-column"},
        {"SELECT (c).leak FROM customers c", "unknown-column"},
        {"SELECT leak FROM customers c WHERE c.leak = 'x'", "unknown-column"},
        {"SELECT g.leak FROM unnest(ARRAY['x']) g", "unknown-column"},
        {"SELECT unnest.leak FROM unnest(ARRAY['x'])", "unknown-column"},
        {"SELECT g.leak FROM unnest(ARRAY['x']) g, (SELECT 1 AS leak) s", "unknown-column"},
        {"SELECT c.leak FROM customers c, (SELECT (SELECT 1 AS leak) FROM (SELECT 1 AS leak) c) x",
         "unknown-column"},
        {"SELECT (NULL::customers).leak", "unknown-column"},
        {"SELECT (ARRAY[name])[1].leak FROM customers", "unknown-column"},
        {"UPDATE customers SET name = (email).leak", "unknown-column"},
        {"DELETE FROM customers c WHERE c.leak IS NULL", "unknown-column"},
        {"INSERT INTO customers (id) VALUES (1) ON CONFLICT (tenant_id, id) DO UPDATE SET name = "
         "excluded.leak",
         "unknown-column"},
        {"SELECT g.g, g.ordinality FROM generate_series(1, 3) WITH ORDINALITY g", ""},
        {"SELECT e.key, e.value, (jsonb_each('{}')).key FROM jsonb_each('{}') e", ""},
        {"SELECT x.a, x.b FROM jsonb_to_recordset('[]') AS x(a int, b text)", ""},
        {"SELECT x.a FROM ROWS FROM (jsonb_to_recordset('[]') AS (a int)) x", ""},
        {"SELECT s.total, s.anything FROM (SELECT 1 AS total, 2 AS anything) s", ""},
        {"WITH s AS (SELECT 1 AS x) SELECT s.x FROM s", ""},
        {"SELECT (ROW(1, 2)).f1", ""},
    };
    expect_verdicts(pool_scope(), cases);
}

// Every position an expression can stand in: planting a refused call there must refuse the statement, and a
// harmless one must not.
TEST(GuardFunctions, NoPositionIsMissed) {
    const char* positions[] = {
        "SELECT @",
        "SELECT 1 + @",
        "SELECT -(@)",
        "SELECT NOT (@ IS NULL)",
        "SELECT (@)::text",
        "SELECT upper((@)::text)",
        "SELECT ARRAY[1, @]",
        "SELECT (ARRAY[1])[@]",
        "SELECT (ARRAY[1])[1:@]",
        "SELECT ROW(1, @)",
        "SELECT CASE @ WHEN 1 THEN 2 END",
        "SELECT CASE WHEN @ IS NULL THEN 2 END",
        "SELECT CASE WHEN true THEN @ END",
        "SELECT CASE WHEN true THEN 1 ELSE @ END",
        "SELECT coalesce(1, @)",
        "SELECT greatest(1, @)",
        "SELECT nullif(1, @)",
        "SELECT 1 IN (2, @)",
        "SELECT 1 BETWEEN 0 AND @",
        "SELECT 'a' LIKE (@)::text",
        "SELECT @ IS DISTINCT FROM 1",
        "SELECT 1 = ANY (ARRAY[@])",
        "SELECT 1 = ANY (SELECT @)",
        "SELECT (1, @) = (1, 2)",
        "SELECT EXISTS (SELECT @)",
        "SELECT (SELECT @)",
        "SELECT ARRAY(SELECT @)",
        "SELECT count(*) FILTER (WHERE @ IS NULL)",
        "SELECT string_agg('a', 'b' ORDER BY @)",
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY @)",
        "SELECT sum(1) OVER (PARTITION BY @)",
        "SELECT sum(1) OVER (ORDER BY @)",
        "SELECT sum(1) OVER w FROM customers WINDOW w AS (PARTITION BY @)",
        "SELECT sum(1) OVER (ORDER BY id ROWS BETWEEN @ PRECEDING AND CURRENT ROW) FROM customers",
        "SELECT make_interval(days => @)",
        "SELECT concat(VARIADIC ARRAY[@])",
        "SELECT xmlelement(name x, @)",
        "SELECT xmlelement(name x, xmlattributes(@ AS a))",
        "SELECT xmlforest(@ AS a)",
        "SELECT name COLLATE \"C\" || (@)::text FROM customers",
        "SELECT now() AT TIME ZONE (@)::text",
        "SELECT extract(year FROM (@)::text::date)",
        "SELECT * FROM customers WHERE @ IS NULL",
        "SELECT 1 FROM customers GROUP BY @",
        "SELECT 1 FROM customers GROUP BY GROUPING SETS ((@), ())",
        "SELECT 1 FROM customers GROUP BY ROLLUP (@)",
        "SELECT 1 FROM customers HAVING @ IS NULL",
        "SELECT 1 FROM customers ORDER BY @",
        "SELECT DISTINCT ON (@) id FROM customers",
        "SELECT 1 LIMIT @",
        "SELECT 1 OFFSET @",
        "SELECT 1 FETCH FIRST (@) ROWS ONLY",
        "SELECT 1 UNION SELECT @",
        "SELECT 1 EXCEPT (SELECT 1 INTERSECT SELECT @)",
        "VALUES (1), (@)",
        "SELECT * FROM customers c JOIN orders o ON @ IS NULL",
        "SELECT * FROM customers c LEFT JOIN (orders o JOIN plans p ON @ IS NULL) ON true",
        "SELECT * FROM (SELECT @) x",
        "SELECT * FROM customers c, LATERAL (SELECT @) x",
        "SELECT * FROM generate_series(1, @)",
        "SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(1, @))",
        "SELECT * FROM (VALUES (@)) x",
        "SELECT * FROM customers TABLESAMPLE system (@)",
        "SELECT * FROM customers TABLESAMPLE system (1) REPEATABLE (@)",
        "SELECT * FROM xmltable('/a' PASSING ((@)::text::xml) COLUMNS x text)",
        "SELECT * FROM xmltable('/a' PASSING '<a/>' COLUMNS x text DEFAULT (@)::text)",
        "WITH x AS (SELECT @) SELECT 1",
        "WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT @ FROM x) SELECT 1",
        "WITH RECURSIVE x(a) AS (SELECT 1 UNION ALL SELECT a FROM x) CYCLE a SET c TO 1 DEFAULT 0 USING p "
        "SELECT @",
        "INSERT INTO customers (id) VALUES (@)",
        "INSERT INTO customers (id) SELECT @",
        "INSERT INTO customers (id) VALUES (1) RETURNING @",
        "INSERT INTO customers (id) VALUES (1) ON CONFLICT ((@)) DO NOTHING",
        "INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) WHERE @ IS NULL DO NOTHING",
        "INSERT INTO customers (id) VALUES (1) ON CONFLICT (tenant_id, id) DO UPDATE SET id = @",
        "INSERT INTO customers (id) VALUES (1) ON CONFLICT (tenant_id, id) DO UPDATE SET id = 1 WHERE @ IS "
        "NULL",
        "UPDATE customers SET id = @",
        "UPDATE customers SET (id, name) = (1, @)",
        "UPDATE customers SET (id, name) = (SELECT 1, @)",
        "UPDATE customers SET id[@] = 1",
        "UPDATE customers SET id = 1 FROM (SELECT @) x",
        "UPDATE customers SET id = 1 WHERE @ IS NULL",
        "UPDATE customers SET id = 1 RETURNING @",
        "DELETE FROM customers USING (SELECT @) x",
        "DELETE FROM customers WHERE @ IS NULL",
        "DELETE FROM customers RETURNING @",
        "MERGE INTO customers c USING (SELECT @) x ON true WHEN MATCHED THEN DELETE",
        "MERGE INTO customers c USING plans p ON @ IS NULL WHEN MATCHED THEN DELETE",
        "MERGE INTO customers c USING plans p ON true WHEN MATCHED AND @ IS NULL THEN DELETE",
        "MERGE INTO customers c USING plans p ON true WHEN MATCHED THEN UPDATE SET id = @",
        "MERGE INTO customers c USING plans p ON true WHEN NOT MATCHED THEN INSERT (id) VALUES (@)",
        "COPY (SELECT @) TO STDOUT",
        "EXPLAIN SELECT @",
        "PREPARE p AS SELECT @",
        "EXECUTE p(@)",
        "DECLARE c CURSOR FOR SELECT @",
        "SELECT 1; SELECT @",
    };
    GuardScope scope = pool_scope();
    for (std::string position : positions) {
        auto planted = [&](std::string_view what) {
            std::string sql = position;
            return sql.replace(sql.find('@'), 1, what);
        };
        EXPECT_EQ(rule_of(scope, planted("pg_sleep(1)")), "sleep") << position;
        EXPECT_EQ(rule_of(scope, planted("length('x')")), "") << position;
    }
}

}  // namespace
}  // namespace fairlead::policy::postgres::testing
