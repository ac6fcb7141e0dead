#include "policy/mysql/verifier.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::policy::mysql {
namespace {

Relation relation(std::string name, std::vector<std::string> columns, bool tenant) {
    Relation made;
    made.schema = "shop";
    made.name = std::move(name);
    made.columns = std::move(columns);
    made.has_tenant_column = tenant;
    made.global = !tenant;
    return made;
}

GuardScope shop() {
    std::vector<Relation> relations = {
        relation("orders", {"tenant_id", "id", "customer_id", "total"}, true),
        relation("customers", {"tenant_id", "id", "name"}, true),
        relation("archive", {"id", "tenant_id"}, true),
        relation("coupons", {"id", "tenant_id", "code"}, true),
        relation("counters", {"account", "n"}, true),
        relation("plans", {"id", "name"}, false),
        relation("forgotten", {"id"}, false),
        relation("mixed", {"tenant_id", "id"}, true),
        relation("a_view", {"tenant_id", "id"}, true),
    };
    relations[3].unique_keys_without_tenant = {"code"};
    relations[4].columns = {"tenant_id", "n"};
    relations[4].tenant_is_text = false;
    relations[6].global = false;
    relations[7].tenant_compares_exactly = false;
    relations[8].kind = RelationKind::view;
    GuardScope scope;
    scope.tenant_column = "tenant_id";
    scope.catalogue = std::make_shared<Catalogue>(std::move(relations), std::vector<std::string>{"shop"}, 1);
    return scope;
}

class mysql_verifier : public ::testing::Test {
protected:
    std::string problem(std::string_view sql) { return verify(scope_, speaker_, sql).value_or(""); }
    void pass(const std::vector<std::string>& texts) {
        for (const std::string& sql : texts) {
            EXPECT_EQ(problem(sql), "") << sql;
            fail_with_any_other_id(sql);
        }
    }
    /// Every id of a text that passes is needed: with another one in any place it fails.
    void fail_with_any_other_id(const std::string& sql) {
        if (sql.find("IF((") != std::string::npos) return;  // what is compared there may be anything
        for (auto at = sql.find("acme"); at != std::string::npos; at = sql.find("acme", at + 1)) {
            std::string other = sql;
            other.replace(at, 4, "other");
            EXPECT_NE(problem(other), "") << other;
        }
    }
    void fail(const std::vector<std::string>& texts) {
        for (const std::string& sql : texts) {
            std::string found = problem(sql);
            EXPECT_NE(found, "") << sql;
            // A text that is not read at all would prove nothing about the rules.
            EXPECT_EQ(found.find("it cannot be"), std::string::npos) << sql << ": " << found;
        }
    }

    GuardScope scope_ = shop();
    Speaker speaker_{
        .tenant = "acme", .database = "shop", .exposed = "shop", .mode = {.server_version = 101119}};
};

TEST_F(mysql_verifier, reads_that_are_filtered) {
    pass({
        "SELECT 1",
        "SELECT * FROM orders WHERE `orders`.`tenant_id` = 'acme'",
        "SELECT * FROM orders AS o WHERE o.tenant_id = 'acme' AND (o.id = 5 OR 1)",
        "SELECT * FROM shop.orders o WHERE `o`.TENANT_ID = 'acme' AND (1)",
        "SELECT * FROM `shop`.`orders` WHERE orders.tenant_id = \"acme\"",
        "SELECT * FROM orders o, customers c WHERE o.tenant_id = 'acme' AND c.tenant_id = 'acme' AND (1)",
        "SELECT * FROM orders o JOIN customers c ON o.tenant_id = 'acme' AND c.tenant_id = 'acme' AND (o.id "
        "= c.id)",
        "SELECT * FROM orders o LEFT JOIN customers c ON c.tenant_id = 'acme' AND (1) WHERE o.tenant_id = "
        "'acme'",
        "SELECT * FROM orders o RIGHT JOIN customers c ON o.tenant_id = 'acme' AND (1) WHERE c.tenant_id = "
        "'acme'",
        "SELECT * FROM (SELECT * FROM orders WHERE orders.tenant_id = 'acme') AS o LEFT JOIN "
        "(SELECT * FROM customers AS c WHERE c.tenant_id = 'acme') AS c ON o.id = c.id",
        "SELECT * FROM plans",
        "SELECT * FROM plans p WHERE EXISTS (SELECT 1 FROM orders o WHERE o.tenant_id = 'acme' AND (o.id = "
        "p.id))",
        "SELECT (SELECT max(id) FROM orders o WHERE o.tenant_id = 'acme') FROM plans ORDER BY (SELECT 1 FROM "
        "customers c WHERE c.tenant_id = 'acme' LIMIT 1)",
        "SELECT id FROM orders o WHERE o.tenant_id = 'acme' UNION SELECT id FROM customers c WHERE "
        "c.tenant_id = 'acme'",
        "WITH x AS (SELECT * FROM orders o WHERE o.tenant_id = 'acme') SELECT * FROM x JOIN x y",
        "WITH orders AS (SELECT * FROM orders WHERE orders.tenant_id = 'acme') SELECT * FROM orders",
    });
}

TEST_F(mysql_verifier, reads_that_are_not_filtered) {
    fail({
        "SELECT * FROM orders",
        "SELECT * FROM orders WHERE 1",
        "SELECT * FROM orders WHERE orders.tenant_id = 'globex'",
        "SELECT * FROM orders WHERE orders.tenant_id = 'ACME'",
        "SELECT * FROM orders WHERE orders.tenant_id = 'acme' 'x'",
        "SELECT * FROM orders WHERE orders.tenant_id = _latin1'acme'",
        "SELECT * FROM orders WHERE orders.tenant_id = acme",
        "SELECT * FROM orders WHERE orders.tenant_id = ?",
        "SELECT * FROM orders WHERE orders.tenant_id = N'acme'",
        "SELECT * FROM orders WHERE orders.tenant_id <=> 'acme'",
        "SELECT * FROM orders WHERE orders.tenant_id >= 'acme'",
        "SELECT * FROM orders WHERE orders.tenant_id LIKE 'acme'",
        "SELECT * FROM orders WHERE 'acme' = orders.tenant_id",
        "SELECT * FROM orders WHERE orders.id = 'acme'",
        "SELECT * FROM orders WHERE tenant_id = 'acme'",
        "SELECT * FROM orders WHERE orders.tenant_id = 'acme' OR 1",
        "SELECT * FROM orders WHERE orders.tenant_id = 'acme' XOR 1",
        "SELECT * FROM orders WHERE orders.tenant_id = 'acme' AND 1 OR 1",
        "SELECT * FROM orders WHERE orders.tenant_id = 'acme' || 1",
        "SELECT * FROM orders WHERE NOT orders.tenant_id = 'acme'",
        "SELECT * FROM orders WHERE orders.tenant_id = 'acme' = 0",
        "SELECT * FROM orders WHERE orders.tenant_id = ('acme')",
        "SELECT * FROM orders WHERE id = 1 AND orders.tenant_id = 'acme'",
        "SELECT * FROM orders WHERE (orders.tenant_id = 'acme' OR 1)",
        "SELECT * FROM orders HAVING orders.tenant_id = 'acme'",
        "SELECT * FROM orders o WHERE orders.tenant_id = 'acme'",
        "SELECT * FROM orders o, customers c WHERE o.tenant_id = 'acme'",
        "SELECT * FROM orders o, customers c WHERE c.tenant_id = 'acme' AND c.id = 1 AND o.tenant_id = "
        "'acme'",
        "SELECT * FROM orders o JOIN shop.orders O WHERE o.tenant_id = 'acme'",
        "SELECT * FROM orders o LEFT JOIN customers c ON o.tenant_id = 'acme' AND c.tenant_id = 'acme'",
        "SELECT * FROM orders o RIGHT JOIN customers c ON c.tenant_id = 'acme' WHERE o.tenant_id = 'acme'",
        "SELECT * FROM orders o JOIN customers c ON o.tenant_id = 'acme' OR c.tenant_id = 'acme'",
        "SELECT * FROM orders o NATURAL JOIN customers c WHERE o.tenant_id = 'acme'",
        "SELECT * FROM (SELECT * FROM orders) AS orders WHERE orders.tenant_id = 'acme'",
        "SELECT * FROM plans p WHERE EXISTS (SELECT 1 FROM orders o WHERE p.tenant_id = 'acme')",
        "SELECT * FROM orders o WHERE o.tenant_id = 'acme' AND EXISTS (SELECT 1 FROM customers c WHERE "
        "o.tenant_id = 'acme')",
        "SELECT * FROM orders o WHERE o.tenant_id = 'acme' UNION SELECT id, 1, 1, 1 FROM customers",
        "SELECT 1 FROM plans ORDER BY (SELECT max(id) FROM orders)",
        "(SELECT 1 FROM plans LIMIT 1) UNION (SELECT id FROM orders)",
        "WITH x AS (SELECT * FROM orders) SELECT * FROM x",
        "WITH x AS (SELECT 1) SELECT * FROM orders",
        "WITH orders AS (SELECT * FROM orders) SELECT * FROM orders",
        "WITH x AS (SELECT * FROM y), y AS (SELECT 1) SELECT * FROM x",
        "SELECT * FROM (WITH orders AS (SELECT 1) SELECT * FROM orders) a JOIN orders",
        "SELECT * FROM counters c WHERE c.tenant_id = 'acme'",
        "SELECT * FROM nothing_of_the_kind n WHERE n.tenant_id = 'acme'",
        "SELECT * FROM forgotten f WHERE f.tenant_id = 'acme'",
        "SELECT * FROM mixed m WHERE m.tenant_id = 'acme'",
        "SELECT * FROM a_view v WHERE v.tenant_id = 'acme'",
        "SELECT * FROM other.orders WHERE orders.tenant_id = 'acme'",
        "SELECT * FROM mysql.user",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
    });
}

// MariaDB takes the inner `orders` of these for the table: an element that is there, but not in sight, hides
// those of the same name further out (measured).
TEST_F(mysql_verifier, elements_of_with_that_hide_others) {
    fail({
        "WITH orders AS (SELECT 1) SELECT * FROM (WITH orders AS (SELECT * FROM orders) SELECT * FROM "
        "orders) y",
        "WITH orders AS (SELECT 1) SELECT * FROM (WITH a AS (SELECT * FROM orders), orders AS (SELECT 2) "
        "SELECT * FROM a) y",
        "WITH orders AS (SELECT 1) SELECT * FROM (WITH Orders AS (SELECT * FROM (SELECT * FROM orders) z) "
        "SELECT 2) y",
    });
    pass({"WITH x AS (SELECT 1) SELECT * FROM (WITH y AS (SELECT * FROM x) SELECT * FROM y, x) z",
          "WITH RECURSIVE x AS (SELECT 1 UNION SELECT * FROM x) SELECT * FROM x",
          "WITH RECURSIVE x AS (SELECT * FROM y), y AS (SELECT 1) SELECT * FROM x"});
    fail({"WITH orders AS (SELECT 1) SELECT * FROM (WITH y AS (SELECT 1) SELECT * FROM orders) z",
          "WITH RECURSIVE orders AS (SELECT 1 UNION SELECT * FROM orders) SELECT * FROM orders",
          "WITH RECURSIVE x AS (WITH y AS (SELECT 1) SELECT * FROM y) SELECT * FROM x"});
    speaker_.mode = {.server = flavour::mysql, .server_version = 80036};
    fail({"WITH RECURSIVE x AS (SELECT * FROM y), y AS (SELECT 1) SELECT * FROM x",
          "WITH Orders AS (SELECT 1) SELECT * FROM orders"});
}

TEST_F(mysql_verifier, a_table_as_a_query) {
    speaker_.mode = {.server = flavour::mysql, .server_version = 80036};
    fail({"TABLE orders", "SELECT 1 UNION TABLE orders", "INSERT INTO archive TABLE orders"});
    pass({"TABLE plans"});
}

TEST_F(mysql_verifier, integer_columns_are_compared_with_integers) {
    speaker_.tenant = "42";
    pass({"SELECT * FROM counters c WHERE c.tenant_id = 42 AND (1)",
          "INSERT INTO counters (tenant_id, n) VALUES (42, 1)"});
    fail({"SELECT * FROM counters c WHERE c.tenant_id = '42'",
          "SELECT * FROM counters c WHERE c.tenant_id = 042",
          "SELECT * FROM orders o WHERE o.tenant_id = 42"});
}

TEST_F(mysql_verifier, inserts_with_the_own_id) {
    pass({
        "INSERT INTO orders (id, tenant_id) VALUES (1, 'acme'), (2, 'acme')",
        "INSERT INTO orders VALUES ('acme', 1, 2, 3)",
        "INSERT INTO orders SET tenant_id = 'acme', id = 1",
        "INSERT INTO orders (tenant_id) VALUES ('acme')",
        "INSERT INTO orders (id, tenant_id) VALUES (1, IF((upper('x')) = 'acme', 'acme', (SELECT 1 UNION "
        "SELECT 2)))",
        "INSERT INTO archive (id, tenant_id) SELECT id, 'acme' FROM orders o WHERE o.tenant_id = 'acme'",
        "INSERT INTO archive (id, tenant_id) SELECT *, 'acme' FROM plans",
        "INSERT INTO archive SELECT o.id, 'acme' FROM orders o WHERE o.tenant_id = 'acme' UNION SELECT 1, "
        "'acme'",
        "INSERT INTO archive SELECT * FROM archive a WHERE a.tenant_id = 'acme'",
        "INSERT INTO orders SELECT o.* FROM orders o JOIN plans p ON 1 WHERE o.tenant_id = 'acme'",
        "REPLACE INTO orders (id, tenant_id) VALUES (1, 'acme')",
        "INSERT IGNORE INTO orders (id, tenant_id) VALUES (1, 'acme')",
        "INSERT INTO coupons (id, tenant_id) VALUES (1, 'acme')",
        "INSERT INTO orders (id, tenant_id) VALUES (1, 'acme') ON DUPLICATE KEY UPDATE total = "
        "VALUES(total), "
        "tenant_id = VALUES(tenant_id)",
    });
}

TEST_F(mysql_verifier, inserts_that_may_have_another_id) {
    fail({
        "INSERT INTO orders (id) VALUES (1)",
        "INSERT INTO orders (id, tenant_id) VALUES (1, 'globex')",
        "INSERT INTO orders (id, tenant_id) VALUES (1, 'acme'), (2, 'globex')",
        "INSERT INTO orders (tenant_id, id) VALUES (1, 'acme')",
        "INSERT INTO orders (id, tenant_id, tenant_id) VALUES (1, 'globex', 'acme')",
        "INSERT INTO orders (id, tenant_id, tenant_\xe1\xb8\xb1"
        "d) VALUES (1, 'acme', 'acme')",
        "INSERT INTO orders VALUES (1, 'acme', 2, 3)",
        "INSERT INTO orders VALUES ('acme', 1)",
        "INSERT INTO orders VALUES ()",
        "INSERT INTO orders (id, tenant_id) VALUES (1, DEFAULT)",
        "INSERT INTO orders (id, tenant_id) VALUES (1, NULL)",
        "INSERT INTO orders (id, tenant_id) VALUES (1, ?)",
        "INSERT INTO orders (id, tenant_id) VALUES (1, IF(1 = 'acme', 'acme', 'globex'))",
        "INSERT INTO orders (id, tenant_id) VALUES (1, IF(1 = 'acme', 'globex', (SELECT 1 UNION SELECT 2)))",
        "INSERT INTO orders (id, tenant_id) VALUES (1, IF(1 = 'acme', 'acme', (SELECT 1 UNION SELECT 1)))",
        "INSERT INTO orders (id, tenant_id) VALUES (1, IFNULL('acme', 'acme'))",
        "INSERT INTO orders SET id = 1",
        "INSERT INTO orders SET tenant_id = 'acme', tenant_id = 'globex'",
        "INSERT INTO orders SET tenant_id = 'globex'",
        "INSERT INTO archive (id, tenant_id) SELECT 1, tenant_id FROM orders o WHERE o.tenant_id = 'acme'",
        "INSERT INTO archive (id, tenant_id) SELECT id, 'acme' FROM orders",
        "INSERT INTO archive (tenant_id, id) SELECT *, 'acme' FROM plans",
        "INSERT INTO archive SELECT 1, 'acme' UNION SELECT 2, 'globex'",
        "INSERT INTO archive SELECT * FROM plans",
        "INSERT INTO archive SELECT * FROM (SELECT 1, 'globex') d",
        "REPLACE INTO coupons (id, tenant_id) VALUES (1, 'acme')",
        "INSERT IGNORE INTO coupons (id, tenant_id) VALUES (1, 'acme')",
        "INSERT INTO coupons (id, tenant_id) VALUES (1, 'acme') ON DUPLICATE KEY UPDATE code = 1",
        "INSERT INTO orders (id, tenant_id) VALUES (1, 'acme') ON DUPLICATE KEY UPDATE tenant_id = 'globex'",
        "INSERT INTO orders (id, tenant_id) VALUES (1, 'acme') ON DUPLICATE KEY UPDATE total = 1, tenant_id "
        "= total",
        "INSERT INTO orders (id, tenant_id) VALUES ((SELECT max(id) FROM customers), 'acme')",
        "INSERT INTO plans (id) VALUES (1)",
        "INSERT INTO forgotten (id) VALUES (1)",
    });
}

TEST_F(mysql_verifier, updates_and_deletes) {
    pass({
        "UPDATE orders SET total = 1 WHERE orders.tenant_id = 'acme'",
        "UPDATE orders o SET o.total = 1, tenant_id = tenant_id WHERE o.tenant_id = 'acme' AND (id = 1) "
        "ORDER BY id LIMIT 1",
        "UPDATE orders o JOIN customers c ON o.tenant_id = 'acme' AND c.tenant_id = 'acme' AND (1) SET "
        "o.total = 1",
        "UPDATE orders o, plans p SET o.total = p.id WHERE o.tenant_id = 'acme'",
        "DELETE FROM orders WHERE orders.tenant_id = 'acme' AND (1) LIMIT 1",
        "DELETE o FROM orders o JOIN plans p ON o.id = p.id WHERE o.tenant_id = 'acme'",
        "DELETE FROM o USING orders o, customers c WHERE o.tenant_id = 'acme' AND c.tenant_id = 'acme'",
    });
    fail({
        "UPDATE orders SET total = 1",
        "UPDATE orders SET total = 1 WHERE id = 1",
        "UPDATE orders SET tenant_id = 'globex' WHERE orders.tenant_id = 'acme'",
        "UPDATE orders SET tenant_id = concat('ac', 'me') WHERE orders.tenant_id = 'acme'",
        "UPDATE orders SET total = 1, orders.TENANT_ID = id WHERE orders.tenant_id = 'acme'",
        "UPDATE orders o JOIN customers c ON o.tenant_id = 'acme' SET o.total = 1",
        "UPDATE orders o, plans p SET p.name = 1 WHERE o.tenant_id = 'acme'",
        "UPDATE orders o, plans p SET name = 1 WHERE o.tenant_id = 'acme'",
        "UPDATE orders o SET total = (SELECT max(total) FROM orders x) WHERE o.tenant_id = 'acme'",
        "UPDATE plans SET name = 1",
        "UPDATE IGNORE coupons SET code = 1 WHERE coupons.tenant_id = 'acme'",
        "DELETE FROM orders",
        "DELETE FROM orders WHERE id = 1",
        "DELETE FROM plans",
        "DELETE o, p FROM orders o JOIN plans p ON 1 WHERE o.tenant_id = 'acme'",
        "DELETE o FROM orders o JOIN customers c ON 1 WHERE o.tenant_id = 'acme'",
        "DELETE x FROM orders o WHERE o.tenant_id = 'acme'",
    });
}

TEST_F(mysql_verifier, other_statements) {
    pass({"BEGIN", "COMMIT", "SET @a = 1", "SHOW TABLES", "DESCRIBE orders",
          "EXPLAIN SELECT * FROM orders WHERE orders.tenant_id = 'acme'", "SAVEPOINT a"});
    fail({"EXPLAIN SELECT * FROM orders", "SET @a = (SELECT max(id) FROM orders)",
          "DO (SELECT 1 FROM orders)", "CALL p()", "LOCK TABLES orders READ", "PREPARE a FROM @text",
          "EXECUTE IMMEDIATE 'SELECT 1'", "HANDLER orders OPEN", "TRUNCATE TABLE orders",
          "CREATE TEMPORARY TABLE orders (a int)", "LOAD DATA INFILE 'x' INTO TABLE orders"});
}

TEST_F(mysql_verifier, texts_that_are_prepared) {
    pass(
        {"PREPARE a FROM 'SELECT 1'",
         R"(PREPARE a FROM 'SELECT ''it''''s\\\\'' FROM orders WHERE orders.tenant_id = ''acme'' AND id = ?')",
         "PREPARE a FROM 'INSERT INTO orders (tenant_id, id) VALUES (''acme'', ?)'", "EXECUTE a",
         "EXECUTE a USING @a, @b", "DEALLOCATE PREPARE a"});
    fail({"PREPARE a FROM 'SELECT id FROM orders'",
          "PREPARE a FROM 'SELECT id FROM orders WHERE id = ?'",
          "PREPARE a FROM 'SELECT id FROM orders WHERE orders.tenant_id = ''other'''",
          "PREPARE a FROM 'SELECT id FROM orders WHERE 1 OR orders.tenant_id = ''acme'''",
          "PREPARE a FROM 'SELECT id FROM orders -- WHERE orders.tenant_id = ''acme'''",
          R"(PREPARE a FROM 'SELECT id FROM orders WHERE \'1\' OR orders.tenant_id = \'acme\'')",
          "PREPARE a FROM 'INSERT INTO orders (id) VALUES (?)'",
          "PREPARE a FROM 'SELECT 1; SELECT id FROM orders'",
          "PREPARE a FROM 'SELECT 1; SELECT 1'",
          "PREPARE a FROM ''",
          "PREPARE a FROM 'SET @a = 1'",
          "PREPARE a FROM 'PREPARE b FROM ''SELECT 1'''",
          "PREPARE a FROM 'EXECUTE b'",
          "PREPARE a FROM 'SHOW TABLES'",
          "PREPARE a FROM \"SELECT 1\"",
          R"(PREPARE a FROM 'SELECT \n1')",
          R"(PREPARE a FROM 'SELECT 1 -- \'')",
          "PREPARE a FROM @b",
          "PREPARE a FROM 'SELECT 1'; SELECT 1",
          "/*!PREPARE a FROM 'SELECT 1'*/",
          "EXECUTE a USING 1",
          "EXECUTE a USING (SELECT max(id) FROM orders)",
          "EXECUTE a; SELECT 1",
          "/*! EXECUTE a */",
          "EXECUTE IMMEDIATE 'SELECT 1'"});
    EXPECT_NE(problem("PREPARE a FROM 'SELECT FROM'"), "");
    speaker_.mode.no_backslash_escapes = true;
    pass({R"(PREPARE a FROM 'SELECT ''\'', id FROM orders WHERE orders.tenant_id = ''acme''')"});
    fail({R"(PREPARE a FROM 'SELECT ''\'', id FROM orders -- ''')"});
    pass({"PREPARE a FROM 'SELECT ''\xC3\xA9'''"});
    fail({"PREPARE a FROM 'SELECT ''\xC3'''"});
    speaker_.mode.charset = client_charset::latin1;
    fail({"PREPARE a FROM 'SELECT ''\xE9'''"});
}

TEST_F(mysql_verifier, the_dictionary) {
    pass(
        {"SELECT * FROM (SELECT * FROM information_schema.columns WHERE TABLE_SCHEMA = DATABASE()) AS "
         "columns",
         "SELECT * FROM (SELECT TABLE_NAME, NULL AS TABLE_ROWS FROM information_schema.tables WHERE "
         "TABLE_SCHEMA = "
         "DATABASE()) AS tables",
         "SELECT * FROM information_schema.collations"});
    fail({"SELECT * FROM information_schema.columns",
          "SELECT * FROM information_schema.columns WHERE TABLE_SCHEMA = DATABASE() OR 1",
          "SELECT * FROM information_schema.columns WHERE TABLE_NAME = DATABASE()",
          "SELECT * FROM information_schema.columns WHERE TABLE_SCHEMA = DATABASE(1)",
          "SELECT * FROM information_schema.tables WHERE TABLE_SCHEMA = DATABASE()",
          "SELECT TABLE_ROWS FROM information_schema.tables WHERE TABLE_SCHEMA = DATABASE()",
          "SELECT * FROM information_schema.processlist"});
}

TEST_F(mysql_verifier, needs_a_tenant_and_a_catalogue) {
    speaker_.tenant = "";
    EXPECT_NE(problem("SELECT 1"), "");
    speaker_.tenant = "acme";
    scope_.catalogue = nullptr;
    EXPECT_NE(problem("SELECT 1"), "");
    scope_.model = config::Model::bridge;
    EXPECT_EQ(problem("SELECT 1"), "");
}

TEST_F(mysql_verifier, names_by_the_rule_of_the_server) {
    fail({"SELECT * FROM ORDERS WHERE ORDERS.tenant_id = 'acme'"});
    scope_.lower_case_table_names = 1;
    pass({"SELECT * FROM ORDERS WHERE ORDERS.tenant_id = 'acme'",
          "SELECT * FROM SHOP.orders WHERE orders.tenant_id = 'acme'"});
    fail({"SELECT * FROM ORDERS"});
}

}  // namespace
}  // namespace fairlead::policy::mysql
