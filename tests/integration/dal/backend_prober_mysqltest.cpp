#include "dal/estate/mysql/backend_prober.h"
#include "tests/integration/support/mariadb_server.h"
#include "tests/integration/support/mysql_shop.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace fairlead::test {
namespace {

using dal::mysql::BackendProber;

config::Placement bridge(const std::string& pattern) {
    config::Placement placement;
    placement.name = "own";
    placement.model = config::Model::bridge;
    placement.database = pattern;
    return placement;
}

TEST(MysqlBackendProber, CountsTablesByPlacementWithoutOpeningThem) {
    MysqlShop shop;
    shop.run({"GRANT SELECT ON `probe\\_%`.* TO %A", "CREATE DATABASE probe_a", "CREATE DATABASE probe_b",
              "CREATE TABLE probe_a.one (x int)", "CREATE TABLE probe_b.one (x int)",
              "CREATE TABLE probe_b.two (x int)", "FLUSH TABLES"});
    BackendProber prober(shop.backend, {shop.placement, bridge("probe_{id}")});
    const auto first = prober.run(10);
    ASSERT_EQ(first.error, "");
    EXPECT_EQ(first.product, "MariaDB");
    EXPECT_TRUE(first.server_version.starts_with("10.")) << first.server_version;
    EXPECT_EQ(first.max_connections, 60u);
    EXPECT_GE(first.connections_used, 1u);
    EXPECT_EQ(first.tables(), 6u);
    EXPECT_EQ(first.tables_by_placement().at("shared"), 3u);
    EXPECT_EQ(first.tables_by_placement().at("own"), 3u);
    ASSERT_EQ(first.databases.size(), 3u) << "only databases of the placements";
    ASSERT_EQ(first.placed.size(), 2u);
    EXPECT_EQ(first.placed[0].database, "probe_{id}");
    const auto second = prober.run(10);
    ASSERT_TRUE(second.table_cache && second.attempts);
    EXPECT_EQ(second.table_cache->opened, first.table_cache->opened) << "a probe opens no table";
    EXPECT_GT(second.attempts->begun, first.attempts->begun) << "our own";
    shop.run({"SELECT * FROM probe_b.two"});
    const auto third = prober.run(10);
    EXPECT_GT(third.table_cache->opened, second.table_cache->opened);
    EXPECT_GT(third.table_cache->misses, second.table_cache->misses);
    shop.run({"DROP DATABASE probe_a", "DROP DATABASE probe_b"});
    EXPECT_EQ(prober.run(10).databases.size(), 1u) << "a dropped database is forgotten";
}

TEST(MysqlBackendProber, GoesThroughTheDatabasesInTurns) {
    MysqlShop shop;
    shop.run({"GRANT SELECT ON `turn\\_%`.* TO %A"});
    for (const std::string name : {"turn_a", "turn_b", "turn_c"}) {
        shop.run({"CREATE DATABASE " + name, "CREATE TABLE " + name + ".one (x int)"});
    }
    BackendProber prober(shop.backend, {bridge("turn_{id}")});
    EXPECT_EQ(prober.run(2).tables(), 2u);
    EXPECT_EQ(prober.run(2).tables(), 3u);
}

TEST(MysqlBackendProber, HitRatioOverAnIntervalFollowsWhatWasRead) {
    MysqlShop shop;
    shop.run({"CREATE TABLE big (id int AUTO_INCREMENT PRIMARY KEY, filler char(200))",
              "INSERT INTO big (filler) SELECT 'x' FROM seq_1_to_20000"});
    BackendProber prober(shop.backend, {shop.placement});
    const auto first = prober.run(1);
    EXPECT_FALSE(first.hit_ratio_interval);
    shop.run({"SELECT sum(id) FROM big"});
    const auto second = prober.run(1);
    ASSERT_TRUE(second.hit_ratio_interval && second.hit_ratio_total);
    EXPECT_GT(*second.hit_ratio_interval, 0.5) << "all of it is in the buffer pool";
    EXPECT_LE(*second.hit_ratio_interval, 1.0);
}

TEST(MysqlBackendProber, AnUnreachableBackendIsAnErrorAndKeepsTheLastFigures) {
    MariaDbServer server;
    config::Backend backend;
    backend.name = "short";
    backend.engine = config::Engine::mysql;
    backend.host = "127.0.0.1";
    backend.port = server.port();
    backend.user = "root";
    backend.connect_timeout = std::chrono::milliseconds(1000);
    const auto prober = dal::make_backend_prober(backend, {});
    ASSERT_EQ(prober->run(1).error, "");
    server.kill();
    const auto probe = prober->run(1);
    EXPECT_NE(probe.error.find("connecting to 127.0.0.1"), std::string::npos) << probe.error;
    EXPECT_EQ(probe.max_connections, 60u);
}

}  // namespace
}  // namespace fairlead::test
