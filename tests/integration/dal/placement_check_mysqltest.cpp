#include "dal/estate/placement_check.h"
#include "tests/integration/support/mariadb_server.h"
#include "tests/integration/support/mysql_shop.h"
#include "tests/integration/support/pooled_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace fairlead::test {
namespace {

using testing::HasSubstr;

/// The shop's placement and two more of the same backend: a bridge and a silo.
config::Snapshot snapshot_of(const MysqlShop& shop, std::uint64_t generation) {
    config::Settings settings;
    settings.backends = {shop.backend};
    config::Placement bridge = shop.placement;
    bridge.name = "bridge";
    bridge.model = config::Model::bridge;
    bridge.database = "tenant_{id}";
    bridge.isolation = config::Isolation::none;
    config::Placement silo = bridge;
    silo.name = "silo";
    silo.model = config::Model::silo;
    silo.database = "other";
    settings.placements = {shop.placement, bridge, silo};
    return config::Snapshot(std::move(settings), {}, {}, generation);
}

long connections_so_far(dal::mysql::Connection& root) {
    const auto rows = must(root, "SHOW GLOBAL STATUS LIKE 'Connections'");
    return std::strtol(rows.rows[0][1].value_or("").c_str(), nullptr, 10);
}

TEST(MysqlPlacementCheck, OneConnectionARunForAllPlacementsOfABackend) {
    MysqlShop shop;
    Logger log(LogFormat::text, LogLevel::error);
    dal::placement_check check(log, "shop.toml");
    const config::Snapshot snapshot = snapshot_of(shop, 1);
    dal::mysql::Connection root = shop.as_root();
    for (int i = 0; i < 2; ++i) {
        const long before = connections_so_far(root);
        const auto served = check.run(snapshot);
        EXPECT_EQ(connections_so_far(root) - before, 1);
        ASSERT_EQ(served.size(), 3u);
        for (const auto& each : served) EXPECT_EQ(each.refusal, "") << each.name;
    }
    const std::string open =
        "SELECT count(*) FROM information_schema.processlist WHERE user = '" + shop.backend.user + "'";
    // The server notices a little later that one was closed.
    EXPECT_TRUE(eventually([&] { return must(root, open).single() == "0"; }));
}

TEST(MysqlPlacementCheck, AScopeIsTheSameObjectUntilItsContentChanges) {
    MysqlShop shop;
    Logger log(LogFormat::text, LogLevel::error);
    dal::placement_check check(log, "shop.toml");
    const auto first = check.run(snapshot_of(shop, 1));
    const auto again = check.run(snapshot_of(shop, 1));
    const auto reloaded = check.run(snapshot_of(shop, 2));
    for (std::size_t i = 0; i < first.size(); ++i) {
        ASSERT_NE(first[i].mysql.scope, nullptr) << first[i].refusal;
        EXPECT_EQ(first[i].mysql.scope, again[i].mysql.scope) << first[i].name;
        EXPECT_EQ(first[i].mysql.scope, reloaded[i].mysql.scope) << first[i].name;
    }
    EXPECT_FALSE(first[0].mysql.hidden_code.behind_writes);
    EXPECT_TRUE(first[1].mysql.hidden_code.behind_writes);
    EXPECT_FALSE(first[1].mysql.hidden_code.behind_reads) << "no function is stored there";
    EXPECT_THAT(first[2].mysql.sql_mode, HasSubstr("STRICT_TRANS_TABLES"));

    shop.run({"ALTER TABLE users ADD COLUMN email varchar(40)"});
    const auto changed = check.run(snapshot_of(shop, 2));
    EXPECT_NE(changed[0].mysql.scope, first[0].mysql.scope);
    EXPECT_EQ(changed[1].mysql.scope, first[1].mysql.scope);
}

TEST(MysqlPlacementCheck, ARefusedPlacementTakesNoOtherWithIt) {
    MysqlShop shop;
    shop.run(
        {"ALTER TABLE users MODIFY tenant_id varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"});
    Logger log(LogFormat::text, LogLevel::error);
    dal::placement_check check(log, "shop.toml");
    const auto served = check.run(snapshot_of(shop, 1));
    EXPECT_FALSE(served[0].served());
    EXPECT_THAT(served[0].refusal, HasSubstr("users"));
    EXPECT_EQ(served[0].client_refusal, "placement \"shared\" is not being served");
    EXPECT_TRUE(served[1].served());
    EXPECT_TRUE(served[2].served());
}

TEST(MysqlPlacementCheck, WhatWasServedIsServedOnWhenItCannotBeAsked) {
    MysqlShop shop;
    MariaDbServer server;
    shop.backend.port = server.port();
    shop.backend.user = "root";
    shop.backend.password = "";
    Logger log(LogFormat::text, LogLevel::error);
    dal::placement_check check(log, "shop.toml");
    const auto first = check.run(snapshot_of(shop, 1));
    ASSERT_TRUE(first[2].served()) << first[2].refusal;
    server.kill();
    const auto later = check.run(snapshot_of(shop, 1));
    EXPECT_EQ(later[2].mysql.scope, first[2].mysql.scope);

    const auto unknown = dal::placement_check(log, "shop.toml").run(snapshot_of(shop, 1));
    for (const auto& each : unknown) {
        EXPECT_FALSE(each.served());
        EXPECT_THAT(each.refusal, HasSubstr("could not be verified"));
        EXPECT_EQ(each.client_refusal, "cannot connect to backend \"my1\"");
    }
}

}  // namespace
}  // namespace fairlead::test
