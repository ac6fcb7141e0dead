#include "unit/policy/postgres/guard_cases.h"

#include <gtest/gtest.h>

namespace fairlead::policy::postgres::testing {
namespace {

bool writes(std::string_view sql) {
    return analyse(pool_scope(), "", sql, nullptr).writes;
}

// A call whose connection broke reports an unknown outcome when this is true: a query that is known to only
// read may be asked again.
TEST(GuardEffect, QueriesThatOnlyReadAreKnown) {
    for (const char* sql :
         {"SELECT id, name FROM customers ORDER BY id", "SELECT count(*), max(lower(name)) FROM customers",
          "VALUES (1), (2)", "TABLE customers", "SELECT 1 UNION (SELECT 2 EXCEPT SELECT 3)",
          "WITH w AS (SELECT id FROM orders) SELECT * FROM w WHERE id > (SELECT pg_catalog.abs(-1))",
          "SELECT id FROM customers FOR UPDATE", "SELECT (ARRAY[1, 2])[1]"})
        EXPECT_FALSE(writes(sql)) << sql;
}

TEST(GuardEffect, WhateverMayHaveAnEffectWrites) {
    for (const char* sql :
         {"INSERT INTO customers (id) VALUES (1)", "UPDATE customers SET name = 'x'", "DELETE FROM customers",
          "WITH w AS (DELETE FROM orders RETURNING id) SELECT * FROM w",
          "SELECT * FROM (SELECT 1 WHERE EXISTS (SELECT nextval('orders_id_seq'))) s",
          "SELECT own_function()", "SELECT ('orders_id_seq'::regclass).nextval",
          "SELECT public.lower(name) FROM customers", "SELECT set_config('a.b', 'c', true)",
          "SELECT 1; SELECT 2", "SELECT id INTO copied FROM customers", "CREATE TABLE t AS SELECT 1",
          "SELECT pg_notify('a', 'b')", "not SQL", "EXPLAIN ANALYZE DELETE FROM customers", "COMMIT",
          "DO 'BEGIN END'"})
        EXPECT_TRUE(writes(sql)) << sql;
}

}  // namespace
}  // namespace fairlead::policy::postgres::testing
