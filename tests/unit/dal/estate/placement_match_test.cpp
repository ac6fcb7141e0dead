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

}  // namespace
}  // namespace fairlead::dal
