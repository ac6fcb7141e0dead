#include "dal/estate/mysql/grant.h"

#include <gtest/gtest.h>

namespace fairlead::dal::mysql {
namespace {

using Level = Grant::Level;
using Names = std::vector<std::string>;

Grant parsed(std::string_view line) {
    const std::optional<Grant> grant = parse_grant(line);
    EXPECT_TRUE(grant) << line;
    return grant.value_or(Grant{});
}

TEST(ParseGrant, GlobalWithAPasswordBehindIt) {
    const Grant grant = parsed("GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*B69027D4'");
    EXPECT_EQ(grant.level, Level::global);
    EXPECT_EQ(grant.privileges, Names{"USAGE"});
    EXPECT_FALSE(grant.with_grant_option);
    EXPECT_EQ(parsed("GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION").with_grant_option,
              true);
}

TEST(ParseGrant, DatabaseTableAndColumns) {
    const Grant database = parsed("GRANT SELECT, INSERT, CREATE VIEW ON `tenant\\_%`.* TO `app`@`%`");
    EXPECT_EQ(database.level, Level::database);
    EXPECT_EQ(database.database, "tenant\\_%");
    EXPECT_EQ(database.privileges, (Names{"SELECT", "INSERT", "CREATE VIEW"}));
    const Grant table = parsed("GRANT SELECT (`id`, `a,b)`), UPDATE ON `shop`.`or``ders` TO `app`@`%`");
    EXPECT_EQ(table.level, Level::table);
    EXPECT_EQ(table.object, "or`ders");
    EXPECT_EQ(table.privileges, (Names{"SELECT", "UPDATE"}));
}

TEST(ParseGrant, RoutineRoleAndProxy) {
    const Grant routine = parsed("GRANT EXECUTE ON FUNCTION `shop`.`f1` TO `app`@`%`");
    EXPECT_EQ(routine.level, Level::routine);
    EXPECT_EQ(routine.object, "f1");
    EXPECT_EQ(parsed("GRANT EXECUTE ON PACKAGE BODY `shop`.`p` TO `app`@`%`").level, Level::routine);
    EXPECT_EQ(parsed("GRANT `r1` TO `app`@`%`").level, Level::role);
    EXPECT_EQ(parsed("GRANT `r1` TO `app`@`%`").object, "`r1`");
    EXPECT_EQ(parsed("GRANT PROXY ON 'root'@'%' TO 'app'@'%'").level, Level::proxy);
}

TEST(ParseGrant, NamesThatLookLikeWordsOfTheGrant) {
    const Grant grant = parsed("GRANT SELECT ON `a TO b ON *.*`.* TO `x WITH GRANT OPTION`@`%`");
    EXPECT_EQ(grant.level, Level::database);
    EXPECT_EQ(grant.database, "a TO b ON *.*");
    EXPECT_FALSE(grant.with_grant_option);
}

TEST(ParseGrant, WhatIsNotUnderstoodIsSaidToBe) {
    for (const char* line :
         {"", "GRANT", "GRANT SELECT ON shop", "REVOKE SELECT ON *.* FROM `a`@`%`",
          "GRANT SELECT ON `shop TO `app`@`%`", "GRANT SELECT ON WAREHOUSE x y TO `app`"}) {
        EXPECT_FALSE(parse_grant(line)) << line;
    }
    EXPECT_TRUE(gives_nothing("SET DEFAULT ROLE `r1` FOR `app`@`%`"));
    EXPECT_FALSE(gives_nothing("GRANT `r1` TO `app`@`%`"));
}

TEST(StaysWithin, PatternsReachNoFurtherThanNames) {
    const Names names{"shop_app", "tenant_{id}", "{id}_eu"};
    for (const char* inside :
         {"shop\\_app", "shop_app", "tenant\\_%", "tenant\\_acme", "tenant\\_a%", "%\\_eu", "a\\_%\\_eu"}) {
        EXPECT_TRUE(stays_within(inside, names)) << inside;
    }
    for (const char* outside : {"shop", "shop%", "%", "tenant_%", "tenant%", "tenant\\_", "%_eu", "mysql"}) {
        EXPECT_FALSE(stays_within(outside, names)) << outside;
    }
}

}  // namespace
}  // namespace fairlead::dal::mysql
