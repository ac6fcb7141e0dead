#include "dal/estate/mysql/assess.h"

#include "dal/estate/mysql/catalogue.h"
#include "dal/estate/mysql/server_version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fairlead::dal::mysql {
namespace {

using policy::mysql::flavour;
using testing::HasSubstr;

/// A database in which everything is right.
struct Sound {
    Sound() {
        backend.name = "my1";
        backend.user = "app";
        placement.name = "shared";
        placement.database = "shop";
        placement.tenant_column = "tenant_id";
        placement.isolation = config::Isolation::rewrite;
        inventory.server.version = 101119;
        inventory.server.account = "'app'@'%'";
        inventory.database = "shop";
        grant("GRANT USAGE ON *.* TO `app`@`%`");
        grant("GRANT SELECT, INSERT, UPDATE, DELETE, SHOW VIEW ON `shop`.* TO `app`@`%`");
        TableFacts& users = inventory.tables.emplace_back();
        users.name = "users";
        users.columns = {"tenant_id", "id"};
        users.tenant_column = TenantColumn{"tenant_id",       "varchar", "varchar(40)", "ascii",
                                           "ascii_nopad_bin", true,      false,         std::nullopt};
        users.keys = {{"PRIMARY", true, true, true}};
    }

    TableFacts& users() { return inventory.tables[0]; }
    void grant(std::string_view line) { inventory.account.grants.push_back(parse_grant(line).value()); }
    std::vector<Finding> findings() const { return assess(inventory, backend, placement, databases); }
    /// The only finding; fails the test when there is none or another.
    Finding finding() const {
        const auto all = findings();
        EXPECT_EQ(all.size(), 1u);
        for (const Finding& each : all) {
            if (all.size() > 1) ADD_FAILURE() << to_string(each);
        }
        return all.empty() ? Finding{} : all.front();
    }

    config::Backend backend;
    config::Placement placement;
    Inventory inventory;
    std::vector<std::string> databases{"shop", "tenant_{id}"};
};

TEST(MysqlAssess, ASoundDatabaseHasNoFindings) {
    for (const Finding& each : Sound().findings()) ADD_FAILURE() << to_string(each);
}

TEST(MysqlAssess, AnOldServerIsAnErrorUnlessLoweredByName) {
    Sound sound;
    sound.inventory.server.version = 100523;
    EXPECT_EQ(sound.finding().severity, Severity::error);
    EXPECT_THAT(sound.finding().problem, HasSubstr("MariaDB 10.5.23"));
    sound.backend.minimum_server_version = 100500;
    EXPECT_TRUE(sound.findings().empty());
}

TEST(MysqlAssess, AnInexactCollationIsAnErrorWithTheStatementThatMendsIt) {
    Sound sound;
    sound.users().tenant_column->character_set = "utf8mb4";
    sound.users().tenant_column->collation = "utf8mb4_bin";
    EXPECT_EQ(sound.finding().severity, Severity::error);
    EXPECT_EQ(sound.finding().remedy,
              "ALTER TABLE `shop`.`users` MODIFY `tenant_id` varchar(40) CHARACTER SET utf8mb4 COLLATE "
              "utf8mb4_nopad_bin NOT NULL");
    EXPECT_FALSE(
        make_catalogue(sound.inventory, sound.placement)->find("shop", "users")->tenant_compares_exactly);
    sound.inventory.server.flavour = flavour::mysql;
    sound.inventory.server.version = 80036;
    EXPECT_THAT(sound.findings()[0].remedy, HasSubstr("utf8mb4_0900_bin"));
}

TEST(MysqlAssess, TypesThatCompareExactly) {
    TenantColumn column;
    for (const char* good : {"int", "bigint", "varbinary", "blob"}) {
        column.data_type = good;
        EXPECT_TRUE(compares_exactly(column)) << good;
    }
    for (const char* bad :
         {"binary", "uuid", "enum", "decimal", "date", "double", "bit", "json", "varchar"}) {
        column.data_type = bad;
        EXPECT_FALSE(compares_exactly(column)) << bad;
    }
    column.data_type = "varchar";
    for (const char* good : {"ascii_nopad_bin", "utf8mb4_nopad_bin", "utf8mb4_0900_bin"}) {
        column.collation = good;
        EXPECT_TRUE(compares_exactly(column)) << good;
    }
    for (const char* bad : {"", "utf8mb4_bin", "utf8mb4_general_ci", "utf8mb4_unicode_nopad_ci",
                            "utf8mb4_0900_as_cs", "ascii_bin"}) {
        column.collation = bad;
        EXPECT_FALSE(compares_exactly(column)) << bad;
    }
}

TEST(MysqlAssess, ANullableTenantColumnKeepsItsDefaultWhenMended) {
    Sound sound;
    sound.users().tenant_column->not_null = false;
    sound.users().tenant_column->default_expression = "'x'";
    EXPECT_EQ(sound.finding().severity, Severity::warning);
    EXPECT_EQ(sound.finding().remedy,
              "ALTER TABLE `shop`.`users` MODIFY `tenant_id` varchar(40) CHARACTER SET ascii COLLATE "
              "ascii_nopad_bin NOT NULL DEFAULT 'x'");
}

TEST(MysqlAssess, KeysWithoutTheTenant) {
    Sound sound;
    sound.users().keys.push_back({"email", true, false, false});
    EXPECT_THAT(sound.finding().problem, HasSubstr("(email)"));
    const auto catalogue = make_catalogue(sound.inventory, sound.placement);
    EXPECT_EQ(catalogue->find("", "users")->unique_keys_without_tenant, std::vector<std::string>{"email"});
    sound.users().keys = {{"PRIMARY", true, false, true}};
    EXPECT_THAT(sound.finding().problem, HasSubstr("no index that begins with tenant_id"));
    sound.users().keys.push_back({"by_tenant", false, true, true});
    EXPECT_EQ(sound.finding().severity, Severity::note);
}

TEST(MysqlAssess, DangerousRightsAreErrors) {
    for (const char* line :
         {"GRANT SUPER ON *.* TO `app`@`%`", "GRANT FILE ON *.* TO `app`@`%`",
          "GRANT SELECT ON *.* TO `app`@`%`", "GRANT ALL PRIVILEGES ON *.* TO `app`@`%`",
          "GRANT CREATE USER ON *.* TO `app`@`%`", "GRANT SOMETHING NEW ON *.* TO `app`@`%`",
          "GRANT SELECT ON `mysql`.* TO `app`@`%`", "GRANT SELECT ON `mysql`.`user` TO `app`@`%`",
          "GRANT USAGE ON `shop`.* TO `app`@`%` WITH GRANT OPTION",
          "GRANT PROXY ON 'root'@'%' TO 'app'@'%'"}) {
        Sound sound;
        sound.grant(line);
        EXPECT_EQ(sound.finding().severity, Severity::error) << line;
        sound.placement.model = config::Model::bridge;
        EXPECT_EQ(sound.finding().severity, Severity::error) << line << " of a bridge";
    }
    Sound sound;
    sound.inventory.account.not_understood = {"GRANT x"};
    EXPECT_EQ(sound.finding().severity, Severity::error);
}

TEST(MysqlAssess, RightsBeyondNeedAreWarnings) {
    for (const char* line :
         {"GRANT PROCESS ON *.* TO `app`@`%`", "GRANT SELECT ON `payroll`.* TO `app`@`%`",
          "GRANT SELECT ON `payroll`.`wages` TO `app`@`%`", "GRANT SELECT ON `tenant_%`.* TO `app`@`%`",
          "GRANT CREATE, DROP ON `shop`.* TO `app`@`%`"}) {
        Sound sound;
        sound.grant(line);
        EXPECT_EQ(sound.finding().severity, Severity::warning) << line;
    }
    Sound sound;
    sound.grant("GRANT ALL PRIVILEGES ON `tenant\\_%`.* TO `app`@`%`");
    EXPECT_TRUE(sound.findings().empty()) << "what bridge tenants do to their own database is theirs";
}

TEST(MysqlAssess, AGlobalTableNameFollowsTheServersRuleForCase) {
    Sound sound;
    sound.inventory.tables.emplace_back().name = "Plans";
    sound.placement.global_tables = {"plans"};
    EXPECT_EQ(sound.findings().size(), 2u) << "not known, and not global";
    sound.inventory.server.lower_case_table_names = 1;
    EXPECT_TRUE(sound.findings().empty());
    sound.placement.global_tables = {"SHOP.plans"};
    EXPECT_TRUE(sound.findings().empty());
}

TEST(MysqlAssess, TriggersViewsAndRoutinesAreReported) {
    Sound sound;
    sound.users().triggers = {"audit"};
    TableFacts& view = sound.inventory.tables.emplace_back();
    view.name = "everybody";
    view.kind = policy::RelationKind::view;
    view.definer_rights = true;
    sound.inventory.routines = {{"f", "FUNCTION", true}, {"g", "FUNCTION", false}};
    const auto findings = sound.findings();
    ASSERT_EQ(findings.size(), 3u);
    EXPECT_THAT(findings[0].problem, HasSubstr("(audit)"));
    EXPECT_EQ(findings[1].object, "routine shop.f");
    EXPECT_EQ(findings[2].severity, Severity::note);
}

TEST(MysqlCatalogue, TheEpochFollowsTheContent) {
    Sound sound;
    const auto epoch = [&] { return make_catalogue(sound.inventory, sound.placement)->epoch(); };
    const std::uint64_t before = epoch();
    EXPECT_EQ(epoch(), before);
    sound.users().triggers = {"audit"};
    EXPECT_NE(epoch(), before);
    sound.users().triggers.clear();
    sound.users().hidden_columns = {"id"};
    const std::uint64_t hidden = epoch();
    EXPECT_NE(hidden, before);
    sound.users().hidden_columns.clear();
    sound.users().generated_columns = {"id"};
    EXPECT_NE(epoch(), before);
    EXPECT_NE(epoch(), hidden);
    sound.users().generated_columns.clear();
    EXPECT_EQ(epoch(), before);
}

TEST(MysqlVersion, TextAndFloor) {
    EXPECT_EQ(version_text(101119), "10.11.19");
    EXPECT_EQ(version_text(80036), "8.0.36");
    EXPECT_TRUE(meets_version_floor(flavour::mariadb, 101100, 0));
    EXPECT_FALSE(meets_version_floor(flavour::mariadb, 100622, 0));
    EXPECT_FALSE(meets_version_floor(flavour::mysql, 50744, 0));
}

TEST(MysqlGrants, RecommendedOnesReachOnlyThePlacement) {
    Sound sound;
    sound.placement.database = "tenant_{id}_db";
    EXPECT_EQ(recommended_grants(sound.backend, sound.placement)[0],
              "GRANT SELECT, INSERT, UPDATE, DELETE, SHOW VIEW ON `tenant\\_%\\_db`.* TO 'app'@'%'");
}

}  // namespace
}  // namespace fairlead::dal::mysql
