#include "policy/mysql/guard/string_value.h"
#include "policy/mysql/render.h"
#include "policy/mysql/verifier.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

// What the verifier is for: the guard's plans, damaged in every place, do not pass it.
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
        relation("customers", {"id", "tenant_id", "name"}, true),
        relation("orders", {"id", "tenant_id", "customer_id", "total"}, true),
        relation("plans", {"id", "name"}, false),
    };
    GuardScope scope;
    scope.tenant_column = "tenant_id";
    scope.catalogue = std::make_shared<Catalogue>(std::move(relations), std::vector<std::string>{"shop"}, 1);
    return scope;
}

const std::vector<std::string>& statements() {
    static const std::vector<std::string> texts = {
        "SELECT * FROM orders",
        "SELECT * FROM orders o WHERE o.id = 1 OR 1",
        "SELECT * FROM customers c JOIN orders o ON o.customer_id = c.id OR 1",
        "SELECT * FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE c.id > 1",
        "SELECT * FROM customers c LEFT JOIN (orders o JOIN plans p ON p.id = o.id) USING (id)",
        "SELECT * FROM customers NATURAL JOIN orders",
        "SELECT id, (SELECT max(total) FROM orders o WHERE o.customer_id = c.id) FROM customers c",
        "SELECT 1 FROM plans WHERE id IN (SELECT id FROM orders) ORDER BY (SELECT count(*) FROM customers)",
        "SELECT id FROM orders UNION ALL SELECT id FROM customers",
        "WITH x AS (SELECT * FROM orders) SELECT * FROM x, customers",
        "SELECT * FROM orders WHERE id = 1 FOR UPDATE",
        "INSERT INTO orders (id, total) VALUES (1, 2), (3, 4)",
        "INSERT INTO orders SET id = 1",
        "INSERT INTO orders (id, tenant_id) VALUES (1, lower('ACME'))",
        "INSERT INTO orders (id, total) SELECT id, 1 FROM customers",
        "REPLACE INTO orders (id) VALUES (1)",
        "UPDATE orders SET total = 1 WHERE id = 1 OR 1",
        "UPDATE orders o JOIN customers c ON c.id = o.customer_id SET o.total = 1",
        "DELETE FROM orders LIMIT 1",
        "DELETE o FROM orders o, customers c WHERE c.id = o.id",
    };
    return texts;
}

class mysql_verifier_mutation : public ::testing::TestWithParam<std::string> {
protected:
    void SetUp() override {
        Verdict verdict = analyse(scope_, speaker_, GetParam(), nullptr);
        ASSERT_FALSE(verdict.refused) << verdict.refusal.message;
        ASSERT_TRUE(lex(GetParam(), speaker_.mode, tokens_));
        splices_ = std::move(verdict.splices);
        ASSERT_FALSE(splices_.empty());
        ASSERT_TRUE(passes(splices_));
    }
    bool passes(const std::vector<Splice>& splices) {
        std::string sent;
        if (!render(GetParam(), tokens_, splices, {.tenant = "acme", .database = "shop"}, sent)) return false;
        std::string prepare = "PREPARE s FROM " + guard::quoted_string(sent, speaker_.mode);
        EXPECT_EQ(verify(scope_, speaker_, sent).has_value(), verify(scope_, speaker_, prepare).has_value())
            << "inside of a literal as by itself: " << prepare;
        return !verify(scope_, speaker_, sent);
    }

    GuardScope scope_ = shop();
    Speaker speaker_{
        .tenant = "acme", .database = "shop", .exposed = "shop", .mode = {.server_version = 101119}};
    std::vector<token> tokens_;
    std::vector<Splice> splices_;
};

TEST_P(mysql_verifier_mutation, nothing_that_was_put_in_can_be_missing) {
    for (std::size_t i = 0; i < splices_.size(); ++i) {
        if (splices_[i].text.starts_with(" AS ")) continue;  // keeps a column's name as it was
        std::vector<Splice> fewer = splices_;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_FALSE(passes(fewer)) << "without " << splices_[i].text;
    }
    EXPECT_FALSE(passes({}));
}

TEST_P(mysql_verifier_mutation, no_id_can_be_another) {
    bool compared =
        GetParam().find("lower") != std::string::npos;  // IF(x = id, id, error): x may be anything
    for (std::size_t i = 0; i < splices_.size(); ++i) {
        std::string& text = splices_[i].text;
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (text[at] != tenant_mark || (compared && at > 0 && text[at - 1] == ' ' && text[at - 2] == '='))
                continue;
            std::string kept = std::exchange(text, text.substr(0, at) + "'globex'" + text.substr(at + 1));
            EXPECT_FALSE(passes(splices_)) << text;
            text = kept;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(statements, mysql_verifier_mutation, ::testing::ValuesIn(statements()));

}  // namespace
}  // namespace fairlead::policy::mysql
