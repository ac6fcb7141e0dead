#include "proxy/metrics/tenant_table.h"

#include "proxy/metrics/busiest_tenants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fairlead::proxy::metrics {
namespace {

using testing::ElementsAre;

TEST(tenant_table, sessions_of_one_tenant_share_one_entry) {
    tenant_table table(10);
    tenant_metrics& first = table.enter("acme");
    tenant_metrics& second = table.enter("acme");
    EXPECT_EQ(&first, &second);
    first.links.add(2);
    second.refusals.add();
    ASSERT_EQ(table.sample().size(), 1u);
    EXPECT_EQ(table.sample()[0].tenant, "acme");
    EXPECT_EQ(table.sample()[0].links, 2u);
    EXPECT_EQ(table.sample()[0].refusals, 1u);
}

TEST(tenant_table, remembers_an_idle_tenant_until_the_bound) {
    tenant_table table(2);
    table.enter("a").links.add(5);
    table.leave(table.enter("b"));
    table.leave(table.enter("a"));  // still one session of a
    EXPECT_EQ(table.size(), 2u);
    table.leave(table.enter("a"));
    EXPECT_EQ(table.enter("a").links.value(), 5u);
}

TEST(tenant_table, drops_the_longest_idle_and_never_one_in_use) {
    tenant_table table(2);
    tenant_metrics& used = table.enter("used");
    used.links.add(9);
    table.leave(table.enter("a"));
    table.leave(table.enter("b"));
    table.leave(table.enter("a"));  // a is now the younger one
    table.leave(table.enter("c"));
    std::vector<std::string> held;
    for (const tenant_sample& each : table.sample()) held.push_back(each.tenant);
    EXPECT_THAT(held, ElementsAre("used", "a", "c"));
    EXPECT_EQ(&table.enter("used"), &used);
}

TEST(tenant_table, a_hundred_thousand_tenants_in_turn_stay_bounded) {
    tenant_table table(100);
    for (int i = 0; i < 100'000; ++i) table.leave(table.enter("t" + std::to_string(i)));
    EXPECT_EQ(table.size(), 100u);
}

std::vector<std::string> names(const std::vector<tenant_sample>& tenants) {
    std::vector<std::string> made;
    for (const tenant_sample& each : tenants) made.push_back(each.tenant);
    return made;
}

tenant_sample with_links(std::string tenant, std::uint64_t links) {
    tenant_sample made;
    made.tenant = std::move(tenant);
    made.links = links;
    return made;
}

TEST(busiest_tenants, ranks_by_links_since_the_last_scrapes_not_by_totals) {
    busiest_tenants busiest(2);
    EXPECT_THAT(names(busiest.pick({with_links("old", 1000), with_links("b", 10), with_links("a", 10)})),
                ElementsAre("old", "a"));
    // The old one is idle now; after some scrapes what it did once counts no more.
    std::vector<std::string> last;
    for (std::uint64_t scrape = 1; scrape <= 8; ++scrape) {
        last = names(busiest.pick(
            {with_links("old", 1000), with_links("b", 10 + 30 * scrape), with_links("a", 10 + 20 * scrape)}));
    }
    EXPECT_THAT(last, ElementsAre("b", "a"));
}

TEST(busiest_tenants, a_tenant_that_was_aged_out_counts_from_zero) {
    busiest_tenants busiest(1);
    (void)busiest.pick({with_links("a", 1'000'000), with_links("b", 0)});
    for (int i = 0; i < 30; ++i) (void)busiest.pick({with_links("a", 1'000'000), with_links("b", 0)});
    EXPECT_THAT(names(busiest.pick({with_links("a", 3), with_links("b", 2)})), ElementsAre("a"));
    EXPECT_THAT(names(busiest.pick({with_links("a", 3), with_links("b", 20)})), ElementsAre("b"));
}

TEST(busiest_tenants, fewer_tenants_than_places) {
    busiest_tenants busiest(20);
    EXPECT_THAT(names(busiest.pick({})), ElementsAre());
    EXPECT_THAT(names(busiest.pick({with_links("a", 0)})), ElementsAre("a"));
}

}  // namespace
}  // namespace fairlead::proxy::metrics
