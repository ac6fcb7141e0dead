#include "unit/policy/mysql/guard/shop.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead::policy::mysql::testing {
namespace {

struct rewriting {
    const char* sql;
    const char* sent;
};

/// Runs of blanks as one: where they come from is of no interest.
std::string squeezed(std::string_view text) {
    std::string out;
    for (char c : text)
        if (c != ' ' || out.empty() || out.back() != ' ') out += c;
    return out;
}

template <std::size_t count>
void expect_sent(const session& acme, const rewriting (&cases)[count]) {
    for (const rewriting& one : cases) EXPECT_EQ(squeezed(acme.sent(one.sql)), one.sent) << one.sql;
}

TEST(mysql_guard_rewriting, puts_the_tenant_first_and_the_condition_in_parentheses) {
    expect_sent(
        session(),
        {
            {"SELECT 1", "SELECT 1"},
            {"SELECT * FROM plans", "SELECT * FROM plans"},
            {"SELECT id FROM customers", "SELECT id FROM customers WHERE `customers`.`tenant_id` = 'acme' "},
            {"SELECT id FROM customers c WHERE id = 1 OR 1",
             "SELECT id FROM customers c WHERE `c`.`tenant_id` = 'acme' AND (id = 1 OR 1)"},
            {"SELECT c.id FROM customers c, orders o LIMIT 1",
             "SELECT c.id FROM customers c, orders o WHERE `c`.`tenant_id` = 'acme' AND `o`.`tenant_id` = "
             "'acme' LIMIT 1"},
            {"DELETE FROM orders ORDER BY id LIMIT 1",
             "DELETE FROM orders WHERE `orders`.`tenant_id` = 'acme' ORDER BY id LIMIT 1"},
            {"UPDATE orders SET note = 'x' WHERE id = 1",
             "UPDATE orders SET note = 'x' WHERE `orders`.`tenant_id` = 'acme' AND (id = 1)"},
        });
}

TEST(mysql_guard_rewriting, filters_optional_tables_in_on_or_behind_a_derived_table) {
    expect_sent(session(),
                {
                    {"SELECT * FROM plans p LEFT JOIN orders AS o USE INDEX (i) ON o.id = p.id OR 1",
                     "SELECT * FROM plans p LEFT JOIN orders AS o USE INDEX (i) ON `o`.`tenant_id` = 'acme' "
                     "AND (o.id = p.id OR 1)"},
                    {"SELECT 1 FROM customers c RIGHT JOIN orders o ON o.id = c.id",
                     "SELECT 1 FROM customers c RIGHT JOIN orders o ON `c`.`tenant_id` = 'acme' AND (o.id = "
                     "c.id) WHERE `o`.`tenant_id` = 'acme' "},
                    {"SELECT 1 FROM plans p LEFT JOIN (customers c LEFT JOIN orders o ON 1) ON 2",
                     "SELECT 1 FROM plans p LEFT JOIN (customers c LEFT JOIN orders o ON `o`.`tenant_id` = "
                     "'acme' AND (1)) ON `c`.`tenant_id` = 'acme' AND (2)"},
                    {"SELECT * FROM plans NATURAL LEFT JOIN orders FORCE INDEX (i)",
                     "SELECT * FROM plans NATURAL LEFT JOIN (SELECT * FROM orders FORCE INDEX (i) WHERE "
                     "`orders`.`tenant_id` = 'acme') "
                     "AS `orders`"},
                    {"SELECT c.id FROM customers c, orders C",
                     "SELECT c.id FROM (SELECT * FROM customers c WHERE `c`.`tenant_id` = 'acme') AS `c`, "
                     "(SELECT * FROM orders C WHERE "
                     "`C`.`tenant_id` = 'acme') AS `C`"},
                });
}

TEST(mysql_guard_rewriting, keeps_locks_and_targets_plain) {
    expect_sent(session(), {
                               {"SELECT o.id FROM plans_ p LEFT JOIN orders o ON o.id = p.id FOR UPDATE",
                                "[unknown-table]"},
                               {"SELECT o.id FROM customers c LEFT JOIN orders o ON o.id = c.id FOR UPDATE",
                                "SELECT o.id FROM customers c LEFT JOIN orders o ON `o`.`tenant_id` = 'acme' "
                                "AND (o.id = c.id ) WHERE "
                                "`c`.`tenant_id` = 'acme' FOR UPDATE"},
                               {"DELETE o FROM customers c LEFT JOIN (orders o JOIN plans p ON p.id = o.id) "
                                "ON o.customer_id = c.id",
                                "DELETE o FROM customers c LEFT JOIN (orders o JOIN plans p ON "
                                "`o`.`tenant_id` = 'acme' AND (p.id = "
                                "o.id)) ON o.customer_id = c.id WHERE `c`.`tenant_id` = 'acme' "},
                           });
}

TEST(mysql_guard_rewriting, follows_names_like_the_server) {
    expect_sent(session(),
                {
                    {"WITH customers AS (SELECT 1 AS a) SELECT a FROM customers",
                     "WITH customers AS (SELECT 1 AS a) SELECT a FROM customers"},
                    {"WITH Customers AS (SELECT 1 AS a) SELECT a FROM customers",
                     "WITH Customers AS (SELECT 1 AS a) SELECT a FROM customers"},
                    {"WITH customers AS (SELECT 1 AS a) SELECT id FROM shop.customers",
                     "WITH customers AS (SELECT 1 AS a) SELECT id FROM shop.customers WHERE "
                     "`customers`.`tenant_id` = "
                     "'acme' "},
                    {"WITH a AS (SELECT id FROM b), b AS (SELECT 1) SELECT id FROM a", "[unknown-table]"},
                    {"WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a",
                     "WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a"},
                    {"SELECT shop.customers.id FROM shop.customers",
                     "SELECT customers.id FROM shop.customers WHERE `customers`.`tenant_id` = 'acme' "},
                });
}

TEST(mysql_guard_rewriting, splices_the_real_database_for_the_exposed_one) {
    session acme;
    acme.speaker.exposed = "app";
    EXPECT_EQ(acme.sent("SELECT id FROM app.plans"), "SELECT id FROM `shop`.plans");
    EXPECT_EQ(acme.sent("SELECT id FROM shop.plans"), "SELECT id FROM `shop`.plans");
    EXPECT_FALSE(acme.check("SELECT id FROM app.plans").depends_on_database);
    EXPECT_TRUE(acme.check("SELECT id FROM shop.plans").depends_on_database);
}

TEST(mysql_guard_rewriting, gives_every_row_the_tenant) {
    expect_sent(
        session(),
        {
            {"INSERT INTO customers (id) VALUES (1), (?)",
             "INSERT INTO customers (id, `tenant_id`) VALUES (1, 'acme'), (?, 'acme')"},
            {"INSERT customers VALUES ('acme', 1, 'n', 'e')",
             "INSERT customers VALUES ('acme', 1, 'n', 'e')"},
            {"INSERT INTO orders VALUES ()", "INSERT INTO orders (`tenant_id`) VALUES ( 'acme' )"},
            {"INSERT INTO orders () VALUES ()", "INSERT INTO orders (`tenant_id`) VALUES ( 'acme' )"},
            {"REPLACE orders SET id = 1", "REPLACE orders SET `tenant_id` = 'acme', id = 1"},
            {"INSERT INTO customers (id) SELECT id FROM plans UNION SELECT 7",
             "INSERT INTO customers (id, `tenant_id`) SELECT id , 'acme' FROM plans UNION SELECT 7, 'acme'"},
            {"INSERT INTO customers (tenant_id, id) VALUES (?, DEFAULT)",
             "INSERT INTO customers (tenant_id, id) VALUES (IF((?) = 'acme', 'acme', (SELECT 1 UNION SELECT "
             "2)), "
             "DEFAULT)"},
            {"INSERT INTO customers (tenant_id, id) VALUES (DEFAULT, 1)",
             "INSERT INTO customers (tenant_id, id) VALUES ('acme', 1)"},
        });
}

TEST(mysql_guard_rewriting, fills_in_a_hidden_tenant_column) {
    expect_sent(
        session(),
        {
            {"INSERT INTO migrated VALUES (1, 'n')",
             "INSERT INTO migrated (`id`, `note`, `tenant_id`) VALUES (1, 'n', 'acme')"},
            {"INSERT INTO migrated SELECT * FROM migrated",
             "INSERT INTO migrated (`id`, `note`, `tenant_id`) SELECT * , 'acme' FROM migrated WHERE "
             "`migrated`.`tenant_id` = 'acme' "},
            {"INSERT INTO migrated VALUES ()", "INSERT INTO migrated (`tenant_id`) VALUES ( 'acme' )"},
        });
}

TEST(mysql_guard_rewriting, writes_numbers_for_integer_tenant_columns) {
    session seven;
    seven.speaker.tenant = "7";
    EXPECT_EQ(seven.sent("SELECT n FROM counters"),
              "SELECT n FROM counters WHERE `counters`.`tenant_id` = 7 ");
    EXPECT_EQ(seven.sent("INSERT INTO counters (n) VALUES (1)"),
              "INSERT INTO counters (n, `tenant_id`) VALUES (1, 7)");
    EXPECT_EQ(seven.rule("INSERT INTO counters (tenant_id) VALUES (8)"), "tenant-value");
}

TEST(mysql_guard_rewriting, keeps_the_names_of_columns) {
    expect_sent(session(), {
                               {"SELECT (SELECT MAX(id) FROM customers)",
                                "SELECT (SELECT MAX(id) FROM customers WHERE `customers`.`tenant_id` = "
                                "'acme' ) AS `(SELECT MAX(id) "
                                "FROM customers)`"},
                               {"SELECT CONNECTION_ID()", "SELECT 7 AS `CONNECTION_ID()`"},
                               {"SELECT o.ID FROM plans p LEFT JOIN orders o USING (id)",
                                "SELECT o.ID AS `ID` FROM plans p LEFT JOIN (SELECT * FROM orders o WHERE "
                                "`o`.`tenant_id` = 'acme') AS `o` USING (id)"},
                           });
}

TEST(mysql_guard_rewriting, keeps_comments_and_executable_ones_apart) {
    expect_sent(
        session(),
        {
            {"SELECT id FROM customers -- all\n",
             "SELECT id FROM customers WHERE `customers`.`tenant_id` = 'acme' -- all\n"},
            {"SELECT id FROM customers /*! WHERE id = 1 OR 1 */",
             "SELECT id FROM customers /*! WHERE `customers`.`tenant_id` = 'acme' AND (id = 1 OR 1 ) */"},
        });
}

TEST(mysql_guard_rewriting, is_the_same_for_every_tenant_unless_it_says_otherwise) {
    session acme;
    EXPECT_FALSE(acme.check("SELECT * FROM customers WHERE tenant_id = 'acme'").depends_on_tenant);
    EXPECT_FALSE(acme.check("INSERT INTO customers (id) VALUES (1)").depends_on_tenant);
    EXPECT_TRUE(acme.check("INSERT INTO customers (tenant_id) VALUES ('acme')").depends_on_tenant);
    EXPECT_TRUE(acme.check("INSERT INTO customers (tenant_id) VALUES ('globex')").depends_on_tenant);
    std::vector<std::uint32_t> examined;
    std::string_view sql = "INSERT INTO customers (tenant_id, id) VALUES ('acme', 1)";
    analyse(acme.scope, acme.speaker, sql, &examined);
    EXPECT_EQ(examined, (std::vector<std::uint32_t>{10}));
}

}  // namespace
}  // namespace fairlead::policy::mysql::testing
