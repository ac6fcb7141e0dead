#include "dal/estate/mysql/verify_placement.h"
#include "tests/integration/support/mariadb_server.h"
#include "tests/integration/support/mysql_shop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace fairlead::test {
namespace {

using dal::Finding;
using dal::Severity;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string shown(const std::vector<Finding>& findings) {
    std::string out;
    for (const Finding& each : findings) out += to_string(each) + "\n";
    return out;
}

TEST(MysqlVerify, ASoundShopHasNoFindingsAndACatalogue) {
    MysqlShop shop;
    const auto verified = shop.verify();
    EXPECT_EQ(shown(verified.findings), "");
    ASSERT_NE(verified.catalogue, nullptr);
    const policy::Relation* const users = verified.catalogue->find("", "users");
    ASSERT_NE(users, nullptr);
    EXPECT_THAT(users->columns, ElementsAre("tenant_id", "id", "name"));
    EXPECT_TRUE(users->has_tenant_column && users->tenant_is_text && users->tenant_compares_exactly);
    EXPECT_TRUE(verified.catalogue->find("", "plans")->global);
    EXPECT_EQ(verified.server.flavour, policy::mysql::flavour::mariadb);
    EXPECT_THAT(verified.server.sql_mode, HasSubstr("STRICT_TRANS_TABLES"));
    EXPECT_EQ(verified.server.account, shop.account);
}

TEST(MysqlVerify, TheCatalogueKnowsWhatTheGuardMustKnow) {
    MysqlShop shop;
    shop.run(
        {"CREATE TABLE t (tenant_id int NOT NULL, id int, secret int INVISIBLE DEFAULT 1,"
         " v int AS (id + 1) VIRTUAL, s int AS (id + 2) STORED, code varchar(9), PRIMARY KEY (tenant_id, id),"
         " UNIQUE KEY code (code)) WITH SYSTEM VERSIONING",
         "CREATE TABLE prefix (tenant_id varchar(40) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,"
         " code varchar(9), KEY (tenant_id), UNIQUE KEY short (tenant_id(3), code))",
         "CREATE TABLE parts (tenant_id int NOT NULL, id int, PRIMARY KEY (tenant_id, id))"
         " PARTITION BY HASH (id) PARTITIONS 3",
         "CREATE TRIGGER tr BEFORE INSERT ON parts FOR EACH ROW SET NEW.id = NEW.id",
         "CREATE SEQUENCE numbers", "CREATE SQL SECURITY INVOKER VIEW w AS SELECT * FROM users"});
    const auto catalogue = shop.verify().catalogue;
    const policy::Relation& t = *catalogue->find("", "t");
    EXPECT_FALSE(t.tenant_is_text);
    EXPECT_TRUE(t.tenant_compares_exactly);
    EXPECT_TRUE(t.temporal);
    EXPECT_THAT(t.hidden_columns, ElementsAre("secret"));
    EXPECT_THAT(t.generated_columns, ElementsAre("v", "s"));
    EXPECT_THAT(t.unique_keys_without_tenant, ElementsAre("code"));
    EXPECT_THAT(catalogue->find("", "prefix")->unique_keys_without_tenant, ElementsAre("short"));
    const policy::Relation& parts = *catalogue->find("", "parts");
    EXPECT_EQ(parts.kind, policy::RelationKind::table);
    EXPECT_TRUE(parts.has_triggers);
    EXPECT_FALSE(parts.temporal);
    EXPECT_EQ(catalogue->find("", "numbers")->kind, policy::RelationKind::sequence);
    EXPECT_EQ(catalogue->find("", "w")->kind, policy::RelationKind::view);
    EXPECT_TRUE(catalogue->find("", "w")->security_invoker);
}

TEST(MysqlVerify, TheEpochChangesWithTheTablesAndOnlyThen) {
    MysqlShop shop;
    const std::uint64_t before = shop.verify().catalogue->epoch();
    shop.run({"INSERT INTO users VALUES ('acme', 1, 'Suzuki')", "ANALYZE TABLE users"});
    EXPECT_EQ(shop.verify().catalogue->epoch(), before);
    shop.run({"ALTER TABLE users ADD COLUMN email varchar(40)"});
    EXPECT_NE(shop.verify().catalogue->epoch(), before);
    shop.run({"ALTER TABLE users DROP COLUMN email"});
    EXPECT_EQ(shop.verify().catalogue->epoch(), before);
}

/// The remedies are statements: they are run, and then the finding is gone.
TEST(MysqlVerify, TheStatementsOfRemediesMendWhatIsWrong) {
    for (const char* column :
         {"varchar(40)", "varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL",
          "char(20) CHARACTER SET latin1 DEFAULT 'it''s'", "binary(16)", "enum('acme', 'globex')",
          "varchar(40) CHARACTER SET ascii COLLATE ascii_nopad_bin", "bigint", "uuid", "tinytext"}) {
        MysqlShop shop;
        shop.run({std::string("CREATE TABLE t (id int PRIMARY KEY, tenant_id ") + column +
                  ", KEY k (tenant_id" + (std::string(column) == "tinytext" ? "(20)" : "") + ", id))"});
        const auto wrong = shop.verify().findings;
        std::vector<std::string> statements;
        for (const Finding& each : wrong) {
            if (each.remedy.starts_with("ALTER")) statements.push_back(each.remedy);
        }
        ASSERT_EQ(statements.size(), 1u) << column << "\n" << shown(wrong);
        shop.run(statements);
        for (const Finding& each : shop.verify().findings) {
            EXPECT_FALSE(each.remedy.starts_with("ALTER")) << column << "\n" << to_string(each);
        }
    }
}

TEST(MysqlVerify, AnInexactCollationReallyMixesTenantsUpAndAnExactOneDoesNot) {
    MysqlShop shop;
    shop.run(
        {"CREATE TABLE t (tenant_id varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY "
         "KEY)",
         "INSERT INTO t VALUES ('acme ')"});
    dal::mysql::Connection root = shop.as_root();
    EXPECT_EQ(must(root, "SELECT count(*) FROM t WHERE tenant_id = 'acme'").single(), "1");
    for (const Finding& each : shop.verify().findings) {
        if (each.severity == Severity::error) shop.run({each.remedy});
    }
    EXPECT_EQ(must(root, "SELECT count(*) FROM t WHERE tenant_id = 'acme'").single(), "0");
}

TEST(MysqlVerify, DangerousRightsAreFoundHoweverTheyWereGiven) {
    for (const char* grant :
         {"GRANT SUPER ON *.* TO %A", "GRANT FILE ON *.* TO %A", "GRANT SELECT ON *.* TO %A",
          "GRANT SELECT ON mysql.* TO %A", "GRANT SELECT ON mysql.global_priv TO %A",
          "GRANT USAGE ON %D.* TO %A WITH GRANT OPTION", "GRANT PROXY ON root@localhost TO %A",
          "GRANT ALL PRIVILEGES ON *.* TO %A"}) {
        MysqlShop shop;
        shop.run({grant});
        const auto findings = shop.verify().findings;
        ASSERT_TRUE(dal::any_error(findings)) << grant << "\n" << shown(findings);
        EXPECT_EQ(findings[0].object, "account " + shop.account);
        std::vector<std::string> revokes;
        for (const Finding& each : findings) {
            if (each.severity == Severity::error) revokes.push_back(each.remedy);
        }
        shop.run(revokes);
        EXPECT_FALSE(dal::any_error(shop.verify().findings)) << grant << "\n"
                                                             << shown(shop.verify().findings);
    }
}

TEST(MysqlVerify, RightsOfRolesAndOfEverybodyCount) {
    MysqlShop shop;
    shop.run({"CREATE ROLE outer_role", "CREATE ROLE inner_role", "GRANT FILE ON *.* TO inner_role",
              "GRANT inner_role TO outer_role", "GRANT outer_role TO %A"});
    EXPECT_TRUE(dal::any_error(shop.verify().findings)) << "a role that is not in force, through another";
    shop.run({"DROP ROLE inner_role", "DROP ROLE outer_role"});
    EXPECT_FALSE(dal::any_error(shop.verify().findings));
    shop.run({"GRANT SELECT ON mysql.* TO PUBLIC"});
    EXPECT_TRUE(dal::any_error(shop.verify().findings));
    shop.run({"REVOKE SELECT ON mysql.* FROM PUBLIC"});
    EXPECT_FALSE(dal::any_error(shop.verify().findings));
}

TEST(MysqlVerify, ReadingOpensNoTable) {
    MysqlShop shop;
    for (int i = 0; i < 30; ++i) {
        shop.run({"CREATE TABLE many_" + std::to_string(i) + " (tenant_id int NOT NULL PRIMARY KEY)"});
    }
    shop.run({"FLUSH TABLES"});
    dal::mysql::Connection root = shop.as_root();
    const auto opened = [&] {
        const dal::Rows rows = must(root, "SHOW GLOBAL STATUS LIKE 'Opened_tables'");
        return std::strtoul(rows.rows[0][1]->c_str(), nullptr, 10);
    };
    // Whoever logs in may make the server open its own tables for accounts once.
    shop.verify();
    shop.run({"FLUSH TABLES"});
    const unsigned long before = opened();
    ASSERT_EQ(shop.verify().catalogue->relations().size(), 33u);
    EXPECT_LE(opened() - before, 3u) << "mysql.proc, for the routines, and no table of the shop";
}

TEST(MysqlVerify, ABridgeIsJudgedByItsAccountAndASiloNotAtAll) {
    MysqlShop shop;
    shop.run({"GRANT SELECT ON `own\\_%`.* TO %A", "GRANT FILE ON *.* TO %A"});
    shop.placement.database = "own_{id}";
    shop.placement.model = config::Model::bridge;
    EXPECT_TRUE(dal::any_error(shop.verify().findings));
    EXPECT_EQ(shop.verify().catalogue, nullptr);
    shop.placement.model = config::Model::silo;
    EXPECT_THAT(shop.verify().findings, IsEmpty());
    EXPECT_GE(shop.verify().server.version, 101100u);
}

TEST(MysqlVerify, LowerCaseTableNamesAreReadFromTheServer) {
    MariaDbServer server({"--lower-case-table-names=1"});
    dal::mysql::Connection root = server.connect();
    must(root, "CREATE DATABASE Shop");
    must(root, "CREATE TABLE Shop.Plans (Plan int PRIMARY KEY)");
    config::Backend backend;
    config::Placement placement;
    placement.database = "shop";
    placement.tenant_column = "tenant_id";
    placement.global_tables = {"PLANS"};
    const auto verified = dal::mysql::verify_placement(root, backend, placement, {"shop"});
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->server.lower_case_table_names, 1);
    ASSERT_NE(verified->catalogue->find("shop", "plans"), nullptr);
    EXPECT_TRUE(verified->catalogue->find("shop", "plans")->global);
}

}  // namespace
}  // namespace fairlead::test
