#include "dal/estate/postgres/backend_prober.h"
#include "tests/integration/support/postgres_server.h"
#include "tests/integration/support/shop.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace fairlead::test {
namespace {

using dal::postgres::BackendProber;

TEST(BackendProber, CountsTablesByPlacementAndConnections) {
    Shop shop;
    config::Placement bridge = shop.placement;
    bridge.name = "bridge";
    bridge.schema = "tenant_{id}";
    shop.run({"CREATE SCHEMA tenant_umbrella", "CREATE TABLE tenant_umbrella.a (x int)",
              "CREATE MATERIALIZED VIEW tenant_umbrella.m AS SELECT 1 AS x"});
    BackendProber prober(shop.backend, {shop.placement, bridge});
    const auto probe = prober.run(10);
    ASSERT_EQ(probe.error, "");
    EXPECT_EQ(probe.max_connections, 40u);
    EXPECT_GE(probe.connections_used, 1u);
    EXPECT_EQ(probe.tables(), 7u);
    EXPECT_EQ(probe.tables_by_placement().at("shared"), 5u);
    EXPECT_EQ(probe.tables_by_placement().at("bridge"), 2u);
    ASSERT_EQ(probe.databases.size(), 1u) << "only databases of the placements";
}

TEST(BackendProber, HitRatioOverAnIntervalFollowsWhatWasRead) {
    Shop shop;
    BackendProber prober(shop.backend, {shop.placement});
    ASSERT_EQ(prober.run(1).error, "");
    shop.run(
        {"SELECT count(*) FROM pg_class, pg_attribute"});  // flushed to the statistics when it disconnects
    dal::BackendProbe probe;
    for (int attempt = 0; attempt < 20 && !probe.hit_ratio_interval; ++attempt) probe = prober.run(1);
    ASSERT_TRUE(probe.hit_ratio_interval);
    EXPECT_GT(*probe.hit_ratio_interval, 0.0);
    EXPECT_LE(*probe.hit_ratio_interval, 1.0);
    ASSERT_TRUE(probe.hit_ratio_total);
}

TEST(BackendProber, GoesThroughTheDatabasesInTurns) {
    Shop shop;
    auto superuser = shared_server().connect("postgres", "postgres");
    for (const char* name : {"turn_a_x", "turn_b_x", "turn_c_x"}) {
        must(superuser, std::string("CREATE DATABASE ") + name);
        auto inside = shared_server().connect("postgres", name);
        must(inside, "CREATE TABLE one (x int)");
    }
    config::Placement bridge = shop.placement;
    bridge.database = "turn_{id}_x";
    BackendProber prober(shop.backend, {bridge});
    EXPECT_EQ(prober.run(2).tables(), 2u);
    EXPECT_EQ(prober.run(2).tables(), 3u);
    must(superuser, "DROP DATABASE turn_b_x");
    EXPECT_EQ(prober.run(2).tables(), 2u) << "a dropped database is forgotten";
}

TEST(BackendProber, AnUnreachableBackendIsAnErrorAndKeepsTheLastFigures) {
    PostgresServer server;
    config::Backend backend;
    backend.name = "short";
    backend.host = "127.0.0.1";
    backend.port = server.port();
    backend.user = "postgres";
    backend.connect_timeout = std::chrono::milliseconds(1000);
    config::Placement placement;
    placement.database = "postgres";
    BackendProber prober(backend, {placement});
    ASSERT_EQ(prober.run(1).error, "");
    server.kill();
    const auto probe = prober.run(1);
    EXPECT_NE(probe.error.find("connecting to 127.0.0.1"), std::string::npos) << probe.error;
    EXPECT_EQ(probe.max_connections, 40u);
}

TEST(BackendProber, TwoThousandTablesAreCountedQuickly) {
    Shop shop;
    shop.run(
        {"DO $$ BEGIN FOR i IN 1..2000 LOOP EXECUTE format('CREATE TABLE many_%s (x int)', i);"
         " IF i % 500 = 0 THEN COMMIT; END IF; END LOOP; END $$"});
    BackendProber prober(shop.backend, {shop.placement});
    const auto probe = prober.run(1);
    std::printf("2,000 tables counted in %lld ms\n", static_cast<long long>(probe.took.count()));
    EXPECT_EQ(probe.tables(), 2005u);
    EXPECT_LT(probe.took.count(), 1000);
}

}  // namespace
}  // namespace fairlead::test
