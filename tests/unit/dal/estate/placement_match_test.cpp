#include "dal/estate/placement_match.h"

#include <gtest/gtest.h>

namespace fairlead::dal {
namespace {

config::Placement placement(std::string name, std::string database, std::string schema = "") {
    config::Placement out;
    out.name = std::move(name);
    out.database = std::move(database);
    out.schema = std::move(schema);
    return out;
}

TEST(MatchesPattern, TheTenantMustNotBeEmpty) {
    EXPECT_TRUE(matches_pattern("shop", "shop"));
    EXPECT_FALSE(matches_pattern("shop", "shop2"));
    EXPECT_TRUE(matches_pattern("tenant_{id}_db", "tenant_acme_db"));
    EXPECT_FALSE(matches_pattern("tenant_{id}_db", "tenant__db"));
    EXPECT_FALSE(matches_pattern("tenant_{id}_db", "tenant_db"));
    EXPECT_FALSE(matches_pattern("tenant_{id}", "other_acme"));
}

TEST(PlacementOf, ABridgeBySchemaTakesItsSchemasAndThePoolTheRest) {
    const std::vector<config::Placement> all{placement("shared", "shop"),
                                             placement("bridge", "shop", "tenant_{id}"),
                                             placement("own", "tenant_{id}")};
    EXPECT_EQ(placement_of(all, "shop", "public")->name, "shared");
    EXPECT_EQ(placement_of(all, "shop", "tenant_acme")->name, "bridge");
    EXPECT_EQ(placement_of(all, "tenant_acme", "public")->name, "own");
    EXPECT_EQ(placement_of(all, "elsewhere", "public"), nullptr);
}

TEST(PlacementOf, ASchemaOfNobodyInABridgeOnlyDatabaseIsUnmapped) {
    const std::vector<config::Placement> all{placement("bridge", "shop", "tenant_{id}")};
    EXPECT_EQ(placement_of(all, "shop", "public"), nullptr);
}

TEST(PlacedTables, ADatabaseForEachTenantIsOneFigure) {
    const std::vector<config::Placement> placements{placement("shared", "shop"),
                                                    placement("own", "tenant_{id}")};
    const std::vector<DatabaseProbe> databases{{"shop", 5, {{"shared", 5}}, {}, {}, ""},
                                               {"stray", 1, {{"", 1}}, {}, {}, ""},
                                               {"tenant_a", 3, {{"own", 3}}, {}, {}, ""},
                                               {"tenant_b", 4, {{"own", 4}}, {}, {}, ""}};
    const auto placed = placed_tables(databases, placements);
    ASSERT_EQ(placed.size(), 3u);
    EXPECT_EQ(placed[0].database, "shop");
    EXPECT_EQ(placed[1].placement, "");
    EXPECT_EQ(placed[1].database, "stray");
    EXPECT_EQ(placed[2].database, "tenant_{id}");
    EXPECT_EQ(placed[2].tables, 7u);
}

}  // namespace
}  // namespace fairlead::dal
