#include "tests/unit/dal/pool/pool_driver.h"

#include <gtest/gtest.h>

#include <map>

namespace fairlead::dal::test {
namespace {

TEST(pool_fairness, one_noisy_tenant_does_not_delay_fifty_quiet_ones) {
    pool_driver p(limits(1));
    const auto d = p.database("d");
    const auto noisy = p.tenant("noisy");
    const auto first = p.lend(noisy, d);
    for (int i = 0; i < 1'000; ++i) p.acquire(noisy, d, 0, 0);
    for (std::uint64_t q = 1; q <= 50; ++q) p.acquire(p.tenant("q" + std::to_string(q)), d, 0, q);
    const auto order = serve(p, first, 1'050);
    ASSERT_EQ(order.size(), 1'050u);
    for (std::uint64_t q = 1; q <= 50; ++q) {
        const auto place = std::find(order.begin(), order.end(), q) - order.begin();
        EXPECT_EQ(place, static_cast<long>(q) - 1) << "the noisy one had its turn with `first`";
    }
}

TEST(pool_fairness, a_tenant_that_ran_alone_for_long_owes_little_to_a_newcomer_and_the_reverse) {
    pool_driver p(limits(1));
    const auto d = p.database("d");
    const auto old = p.tenant("old"), fresh = p.tenant("fresh");
    auto lent = p.lend(old, d);
    for (int i = 0; i < 400; ++i) p.acquire(old, d, 0, 1);
    for (int i = 0; i < 300; ++i) lent = (p.release(lent), p.take().grants.at(0).connection);
    for (int i = 0; i < 40; ++i) p.acquire(fresh, d, 0, 2);
    const auto order = serve(p, lent, 20);
    EXPECT_EQ(std::count(order.begin(), order.end(), 2u), 10);
}

TEST(pool_fairness, weights_one_to_three_give_turns_one_to_three) {
    pool_driver p(limits(1));
    const auto d = p.database("d");
    const auto light = p.tenant("light", 0, 1), heavy = p.tenant("heavy", 0, 3);
    const auto first = p.lend(light, d);
    for (int i = 0; i < 500; ++i) p.acquire(light, d, 0, 1), p.acquire(heavy, d, 0, 3);
    const auto order = serve(p, first, 400);
    EXPECT_EQ(std::count(order.begin(), order.end(), 3u), 300);
    for (std::size_t at = 0; at + 4 <= order.size(); at += 4) {
        EXPECT_EQ(
            std::count(order.begin() + static_cast<long>(at), order.begin() + static_cast<long>(at) + 4, 1u),
            1)
            << "in every round, not on average";
    }
}

/// One connection, each database with one busy tenant: who is served, and what it costs in logins.
TEST(pool_fairness, competing_databases_share_without_thrash_or_starvation) {
    pool_driver p(limits(1));
    const auto a = p.tenant("a"), b = p.tenant("b");
    const auto da = p.database("a"), db = p.database("b");
    const auto first = p.lend(a, da);
    for (int i = 0; i < 2'000; ++i) p.acquire(a, da, 0, 1), p.acquire(b, db, 0, 2);
    const auto order = serve(p, first, 2'000);
    ASSERT_EQ(order.size(), 2'000u);
    const auto served_b = std::count(order.begin(), order.end(), 2u);
    EXPECT_NEAR(static_cast<double>(served_b), 1'000.0, 20.0);
    std::size_t longest = 0, run = 0;
    for (std::size_t at = 0; at < order.size(); ++at) {
        run = at != 0 && order[at] == order[at - 1] ? run + 1 : 1;
        longest = std::max(longest, run);
    }
    EXPECT_LE(longest, 20u) << "nobody waits longer than the bounded skips";
    EXPECT_LE(p.stats().evicted, 2'000u / 5 + 2) << "and a login serves at least five requests";
    EXPECT_GE(p.stats().evicted, 50u);
}

TEST(pool_fairness, a_single_tenant_with_its_own_database_is_not_starved_by_a_thousand_on_shared_tables) {
    pool_driver p(limits(4));
    const auto shared = p.database("shared"), own = p.database("own");
    std::vector<ConnectionId> lent;
    const auto warm = p.tenant("t0");
    for (int i = 0; i < 4; ++i) lent.push_back(p.lend(warm, shared));
    for (int t = 0; t < 1'000; ++t) {
        const auto tenant = p.tenant("t" + std::to_string(t));
        for (int i = 0; i < 3; ++i) p.acquire(tenant, shared, 0, 1);
    }
    p.acquire(p.tenant("lonely"), own, 0, 2);
    const auto order = [&] {
        std::vector<std::uint64_t> served;
        for (std::size_t next = 0; next < lent.size() && served.size() < 3'001; ++next) {
            p.release(lent[next]);
            p.connect_all();
            for (const auto& g : std::exchange(p.actions.grants, {})) {
                served.push_back(g.cookie);
                lent.push_back(g.connection);
            }
        }
        return served;
    }();
    ASSERT_EQ(order.size(), 3'001u);
    const auto place = std::find(order.begin(), order.end(), 2u) - order.begin();
    EXPECT_LE(place, 1'000 + 16 + 4) << "its turn in the first round, plus the skips";
    EXPECT_LE(p.stats().evicted, 3u);
}

TEST(pool_fairness, thousands_of_databases_are_all_served_through_a_small_pool) {
    PoolLimits l = limits(10);
    l.pool_timeout = Duration(3'600'000);
    pool_driver p(l);
    std::map<std::uint64_t, int> served;
    std::vector<ConnectionId> lent;
    for (std::uint64_t i = 0; i < 3'000; ++i) {
        const std::string name = "t" + std::to_string(i);
        for (int n = 0; n < 2; ++n) p.acquire(p.tenant(name), p.database(name), 0, i);
    }
    std::size_t next = 0;
    for (;;) {
        p.connect_all();
        for (const auto& g : std::exchange(p.actions.grants, {})) {
            ++served[g.cookie];
            lent.push_back(g.connection);
        }
        const auto s = p.stats();
        ASSERT_LE(s.connecting + s.idle + s.lent, 10u);
        if (next == lent.size()) break;
        p.release(lent[next++]);
    }
    ASSERT_EQ(served.size(), 3'000u);
    for (const auto& [tenant, times] : served) ASSERT_EQ(times, 2) << tenant;
    EXPECT_LE(p.stats().connect_attempts, 6'000u);
}

}  // namespace
}  // namespace fairlead::dal::test
