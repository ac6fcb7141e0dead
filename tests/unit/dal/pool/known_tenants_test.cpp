// Connections go to tenants that they served lately, where each has prepared statements of its own.
#include "dal/pool/recent_tenants.h"
#include "tests/unit/dal/pool/pool_driver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace fairlead::dal::test {
namespace {

PoolLimits preferring(std::uint32_t pool_size) {
    PoolLimits made = limits(pool_size);
    made.prefer_known_tenants = true;
    return made;
}

/// Waiters of `names`, in this order, for one connection that served all of `known` before.
std::vector<std::uint64_t> order_of(pool_driver& p, const std::string& known, const std::string& names) {
    const auto d = p.database("d");
    ConnectionId one = p.lend(p.tenant("first"), d);
    for (char name : known) {
        p.release(one);
        one = p.lend(p.tenant(std::string(1, name)), d);
    }
    p.release(one);
    one = p.lend(p.tenant("last"), d);
    for (char name : names) p.acquire(p.tenant(std::string(1, name)), d, 0, static_cast<std::uint64_t>(name));
    return serve(p, one, names.size());
}

std::vector<std::uint64_t> letters(const std::string& names) {
    return {names.begin(), names.end()};
}

TEST(pool_known_tenants, one_that_the_connection_served_comes_first) {
    pool_driver p(preferring(1));
    EXPECT_EQ(order_of(p, "cd", "abcd"), letters("cdab"));
}

TEST(pool_known_tenants, without_the_wish_turns_are_strict) {
    pool_driver p(limits(1));
    EXPECT_EQ(order_of(p, "cd", "abcd"), letters("abcd"));
}

TEST(pool_known_tenants, whose_turn_it_is_is_passed_over_four_times_at_most) {
    pool_driver p(preferring(1));
    EXPECT_EQ(order_of(p, "cdefghij", "abcdefghij"), letters("cdefaghijb"));
}

TEST(pool_known_tenants, nobody_behind_the_first_sixteen_is_looked_at) {
    pool_driver p(preferring(1));
    EXPECT_EQ(order_of(p, "z", "abcdefghijklmnopz").front(), std::uint64_t{'a'});
}

TEST(pool_known_tenants, sixteen_are_remembered) {
    pool_driver p(preferring(1));
    EXPECT_EQ(order_of(p, "abcdefghijklmnopq", "xac"), letters("cxa"));
}

TEST(pool_known_tenants, a_new_connection_knows_nobody) {
    pool_driver p(preferring(1));
    const auto d = p.database("d");
    const auto a = p.tenant("a"), b = p.tenant("b"), c = p.tenant("c");
    ConnectionId one = p.lend(b, d);
    p.release(one);
    one = p.lend(c, d);
    p.acquire(a, d, 0, 1);
    p.acquire(b, d, 0, 2);
    p.discard(one);
    p.connect_all();
    ASSERT_EQ(p.actions.grants.size(), 1u);
    EXPECT_EQ(p.actions.grants[0].cookie, 1u);
}

TEST(pool_known_tenants, a_tenant_does_not_run_away_from_the_others) {
    pool_driver p(preferring(1));
    const auto d = p.database("d");
    const auto loud = p.tenant("loud"), quiet = p.tenant("quiet");
    const ConnectionId one = p.lend(loud, d);
    for (int i = 0; i < 100; ++i) p.acquire(loud, d, 0, 1);
    for (int i = 0; i < 100; ++i) p.acquire(quiet, d, 0, 2);
    const auto order = serve(p, one, 100);
    ASSERT_EQ(order.size(), 100u);
    EXPECT_NEAR(static_cast<double>(std::count(order.begin(), order.end(), 2u)), 50, 8);
}

// 64 tenants with a client each on 20 connections: most find one that knows them, and nobody waits for long.
TEST(pool_known_tenants, many_tenants_settle_on_few_connections) {
    constexpr std::size_t tenants = 64, connections = 20;
    pool_driver p(preferring(connections));
    const auto d = p.database("d");
    std::vector<TenantSlot> slots;
    std::vector<ConnectionId> lent;
    std::map<ConnectionId, std::map<std::uint64_t, std::size_t>> served;  // when, by tenant
    std::vector<std::size_t> last(tenants, 0);
    for (std::size_t n = 0; n < tenants; ++n) slots.push_back(p.tenant("t" + std::to_string(n)));
    for (std::size_t n = 0; n < tenants; ++n) p.acquire(slots[n], d, 0, n);
    p.connect_all();
    std::vector<std::uint64_t> holder;
    for (const auto& grant : p.take().grants) {
        lent.push_back(grant.connection);
        holder.push_back(grant.cookie);
    }
    ASSERT_EQ(lent.size(), connections);
    std::size_t known = 0, longest = 0, counted = 0;
    std::uint64_t random = 1;
    for (std::size_t step = 1; step <= 20'000; ++step) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        const std::size_t which = (random >> 33) % connections;
        p.release(lent[which]);
        const auto grants = p.take().grants;
        ASSERT_EQ(grants.size(), 1u);
        p.acquire(slots[holder[which]], d, 0, holder[which]);  // asks again, as a client in a loop does
        const std::uint64_t next = grants[0].cookie;
        if (step > 5'000) {
            ++counted;
            known += served[grants[0].connection].contains(next);
            longest = std::max(longest, step - last[next]);
        }
        auto& here = served[grants[0].connection];
        here[next] = step;
        if (here.size() > recent_tenants::kept) {
            here.erase(std::min_element(here.begin(), here.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; }));
        }
        last[next] = step;
        holder[which] = next;
    }
    EXPECT_GT(static_cast<double>(known) / static_cast<double>(counted), 0.8);
    EXPECT_LT(longest, 64u * 5);
}

}  // namespace
}  // namespace fairlead::dal::test
