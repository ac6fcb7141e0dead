#include "dal/estate/placement_check.h"
#include "tests/integration/support/shop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fairlead::test {
namespace {

using testing::HasSubstr;

config::Snapshot snapshot_of(const Shop& shop, std::uint64_t generation) {
    config::Settings settings;
    settings.backends = {shop.backend};
    settings.placements = {shop.placement};
    return config::Snapshot(std::move(settings), {}, {}, generation);
}

TEST(PlacementCheck, ScopeAndKeyAreTheSameObjectsUntilTheirContentChanges) {
    Shop shop;
    shop.install();
    Logger log(LogFormat::text, LogLevel::error);
    dal::placement_check check(log, "shop.toml");
    const auto first = check.run(snapshot_of(shop, 1))[0];
    ASSERT_NE(first.postgres.scope, nullptr) << first.refusal;
    ASSERT_NE(first.postgres.key, nullptr);
    EXPECT_EQ(first.postgres.key->id, shop.keys.front().id);
    for (std::uint64_t generation : {1u, 2u}) {
        const auto again = check.run(snapshot_of(shop, generation))[0];
        EXPECT_EQ(again.postgres.scope, first.postgres.scope) << generation;
        EXPECT_EQ(again.postgres.key, first.postgres.key) << generation;
        EXPECT_TRUE(dal::serve_alike(again, first));
    }
    shop.run({"ALTER TABLE users ADD COLUMN email text"});
    EXPECT_NE(check.run(snapshot_of(shop, 2))[0].postgres.scope, first.postgres.scope);
}

TEST(PlacementCheck, ATableWithoutPolicyRefusesAPlacementOnlyBeforeItIsServed) {
    Shop shop;
    shop.install();
    Logger log(LogFormat::text, LogLevel::error);
    dal::placement_check check(log, "shop.toml");
    ASSERT_TRUE(check.run(snapshot_of(shop, 1))[0].served());
    shop.run({"ALTER TABLE users DISABLE ROW LEVEL SECURITY"});
    const auto serving = check.run(snapshot_of(shop, 1))[0];
    ASSERT_TRUE(serving.served()) << serving.refusal;
    EXPECT_FALSE(serving.postgres.scope->catalogue->find("public", "users")->isolated);
    const auto reloaded = check.run(snapshot_of(shop, 2))[0];
    EXPECT_FALSE(reloaded.served());
    EXPECT_THAT(reloaded.refusal, HasSubstr("users"));
    EXPECT_EQ(reloaded.client_refusal, "placement \"shared\" is not being served");
}

TEST(PlacementCheck, WhatWasServedIsServedOnWhenItCannotBeAsked) {
    Shop shop;
    shop.install();
    Logger log(LogFormat::text, LogLevel::error);
    dal::placement_check check(log, "shop.toml");
    const auto first = check.run(snapshot_of(shop, 1))[0];
    ASSERT_TRUE(first.served()) << first.refusal;
    shop.run({"ALTER ROLE " + shop.backend.user + " NOLOGIN"});
    const auto later = check.run(snapshot_of(shop, 1))[0];
    EXPECT_EQ(later.postgres.scope, first.postgres.scope);
    const auto reloaded = check.run(snapshot_of(shop, 2))[0];
    EXPECT_FALSE(reloaded.served());
    EXPECT_THAT(reloaded.refusal, HasSubstr("could not be verified"));
    EXPECT_EQ(reloaded.client_refusal, "cannot connect to backend \"pg1\"");
}

}  // namespace
}  // namespace fairlead::test
