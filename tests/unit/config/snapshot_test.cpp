#include "config/snapshot.h"

#include <gtest/gtest.h>

namespace fairlead::config {
namespace {

TEST(ExpandTenant, replaces_every_mark) {
    EXPECT_EQ(expand_tenant("tenant_{id}", "acme"), "tenant_acme");
    EXPECT_EQ(expand_tenant("{id}", "acme"), "acme");
    EXPECT_EQ(expand_tenant("{id}_{id}", "a"), "a_a");
    EXPECT_EQ(expand_tenant("shop", "acme"), "shop");
    EXPECT_EQ(expand_tenant("", "acme"), "");
}

TEST(ExpandTenant, does_not_look_into_what_it_put_in) {
    EXPECT_EQ(expand_tenant("{id}", "{id}"), "{id}");
}

TEST(Databases, by_default_clients_see_the_name_on_the_server) {
    Placement placement;
    placement.database = "tenant_{id}";
    EXPECT_EQ(server_database(placement, "acme"), "tenant_acme");
    EXPECT_EQ(exposed_database(placement, "acme"), "tenant_acme");
    placement.expose_as = "shop";
    EXPECT_EQ(server_database(placement, "acme"), "tenant_acme");
    EXPECT_EQ(exposed_database(placement, "acme"), "shop");
    placement.expose_as = "shop_{id}";
    EXPECT_EQ(exposed_database(placement, "acme"), "shop_acme");
}

TEST(Snapshot, finds_by_views_into_other_text) {
    Settings settings;
    settings.backends.resize(2);
    settings.backends[1].name = "pg2";
    settings.placements.resize(1);
    settings.placements[0].name = "shared";
    std::vector<Tenant> tenants(3);
    for (std::size_t i = 0; i < 3; ++i) tenants[i].id = "t" + std::to_string(i);
    std::vector<User> users(1);
    users[0].name = "app";
    Snapshot snapshot(settings, tenants, users, 3);

    std::string_view text = "t1 app pg2 shared";
    EXPECT_EQ(snapshot.tenant(text.substr(0, 2)), &snapshot.tenants()[1]);
    EXPECT_EQ(snapshot.user(text.substr(3, 3)), &snapshot.users()[0]);
    EXPECT_EQ(snapshot.backend(text.substr(7, 3)), &snapshot.settings().backends[1]);
    EXPECT_EQ(snapshot.placement(text.substr(11)), &snapshot.settings().placements[0]);
    EXPECT_EQ(snapshot.tenant("t3"), nullptr);
    EXPECT_EQ(snapshot.user("t1"), nullptr);
    EXPECT_EQ(snapshot.tenant_count(), 3u);
    EXPECT_EQ(snapshot.generation(), 3u);
}

}  // namespace
}  // namespace fairlead::config
