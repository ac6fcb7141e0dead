#include "tests/unit/dal/pool/pool_driver.h"

#include <gtest/gtest.h>

#include <set>

namespace fairlead::dal::test {
namespace {

TEST(pool_lifetime, a_waiter_times_out_with_a_message_that_says_how_full_it_was) {
    pool_driver p(limits(1));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    p.lend(t, d);
    const auto one = p.acquire(t, d, 5, 42);
    p.now += Duration(1000);
    const auto two = p.acquire(t, d);
    EXPECT_EQ(p.stats().oldest_wait, Duration(1000));
    p.after(Duration(999));
    EXPECT_TRUE(p.actions.failures.empty());
    p.after(Duration(1));
    ASSERT_EQ(p.actions.failures.size(), 1u);
    EXPECT_EQ(p.actions.failures[0].ticket, one.ticket);
    EXPECT_EQ(p.actions.failures[0].cookie, 42u);
    EXPECT_EQ(p.actions.failures[0].worker, 5u);
    EXPECT_EQ(p.actions.failures[0].reason, AcquireFailure::timed_out);
    EXPECT_EQ(p.actions.failures[0].message,
              "timed out after 2s waiting for a server connection: 1 of 1 in use, 2 waiting");
    EXPECT_FALSE(p.pool.cancel(one.ticket));
    EXPECT_EQ(p.stats().waiting, 1u);
    EXPECT_EQ(p.stats().timeouts, 1u);
    p.after(Duration(1000));
    EXPECT_EQ(p.actions.failures.back().ticket, two.ticket);
}

TEST(pool_lifetime, a_new_timeout_counts_for_new_waiters) {
    pool_driver p(limits(1));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    p.lend(t, d);
    p.acquire(t, d);
    PoolLimits shorter = limits(1);
    shorter.pool_timeout = Duration(150);
    p.pool.set_limits(shorter, p.now, p.actions);
    const auto late = p.acquire(t, d);
    p.after(Duration(150));
    ASSERT_EQ(p.actions.failures.size(), 1u);
    EXPECT_EQ(p.actions.failures[0].ticket, late.ticket);
    EXPECT_NE(p.actions.failures[0].message.find("after 150ms"), std::string::npos);
}

TEST(pool_lifetime, recycling_is_spread_over_the_last_tenth) {
    PoolLimits l = limits(200);
    l.pool_recycle = Duration(100'000);
    l.idle_timeout = Duration(1'000'000);
    pool_driver p(l, 99);
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    std::vector<ConnectionId> lent;
    for (int i = 0; i < 200; ++i) lent.push_back(p.lend(t, d));
    for (auto c : lent) p.release(c);
    p.after(Duration(89'999));
    EXPECT_TRUE(p.actions.closes.empty());
    p.after(Duration(5'000));
    const std::size_t half = p.actions.closes.size();
    EXPECT_GT(half, 50u);
    EXPECT_LT(half, 150u);
    p.after(Duration(5'001));
    EXPECT_EQ(p.actions.closes.size(), 200u);
    EXPECT_EQ(p.stats().recycled, 200u);
}

TEST(pool_lifetime, a_lent_connection_is_recycled_when_it_comes_back_and_the_waiter_gets_a_new_one) {
    PoolLimits l = limits(1);
    l.pool_recycle = Duration(1'000);
    pool_driver p(l);
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    const auto old = p.lend(t, d);
    p.after(Duration(1'001));
    EXPECT_TRUE(p.actions.closes.empty());
    const auto waits = p.acquire(t, d);
    p.release(old);
    ASSERT_EQ(p.actions.closes.size(), 1u);
    EXPECT_EQ(p.actions.closes[0].connection, old);
    EXPECT_TRUE(p.actions.grants.empty());
    p.connect_all();
    ASSERT_EQ(p.actions.grants.size(), 1u);
    EXPECT_EQ(p.actions.grants[0].ticket, waits.ticket);
    EXPECT_NE(p.actions.grants[0].connection, old);
}

TEST(pool_lifetime, an_old_connection_is_kept_while_the_server_accepts_no_logins) {
    PoolLimits l = limits(2);
    l.pool_recycle = Duration(100);
    pool_driver p(l);
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    const auto old = p.lend(t, d);
    p.now += Duration(101);
    p.acquire(t, d);
    const auto opening = p.take().connects.at(0).connection;
    p.failed(opening);
    p.release(old);
    EXPECT_TRUE(p.actions.closes.empty());
    EXPECT_EQ(p.actions.grants.size(), 1u);
}

TEST(pool_lifetime, idle_timeout_closes_down_to_the_warm_minimum) {
    PoolLimits l = limits(10);
    l.min_pool_size = 2;
    l.idle_timeout = Duration(1'000);
    pool_driver p(l);
    const auto t = p.tenant("t");
    const auto warm = p.database("warm"), cold = p.database("cold");
    p.pool.keep_warm(warm, p.now, p.actions);
    EXPECT_EQ(p.actions.connects.size(), 2u);
    p.connect_all();
    EXPECT_EQ(p.stats().idle, 2u);
    std::vector<ConnectionId> lent;
    for (int i = 0; i < 4; ++i) lent.push_back(p.lend(t, warm));
    for (int i = 0; i < 3; ++i) lent.push_back(p.lend(t, cold));
    for (auto c : lent) p.release(c);
    EXPECT_EQ(p.stats().idle, 7u);
    p.after(Duration(999));
    EXPECT_EQ(p.stats().idle, 7u);
    p.after(Duration(1));
    EXPECT_EQ(p.stats().idle, 2u);
    EXPECT_EQ(p.actions.closes.size(), 5u);
    EXPECT_TRUE(p.acquire(t, warm).connection);
    EXPECT_TRUE(p.actions.connects.empty()) << "the warm ones are connections to the warm database";
}

TEST(pool_lifetime, a_lost_warm_connection_is_replaced_without_waiters) {
    PoolLimits l = limits(4);
    l.min_pool_size = 1;
    pool_driver p(l);
    const auto d = p.database("d");
    p.pool.keep_warm(d, p.now, p.actions);
    const auto c = p.actions.connects.at(0).connection;
    p.connect_all();
    p.discard(c);
    EXPECT_EQ(p.actions.connects.size(), 1u);
}

TEST(pool_lifetime, shrinking_closes_idle_at_once_and_lent_as_they_return) {
    pool_driver p(limits(5, 2));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    std::vector<ConnectionId> lent;
    for (int i = 0; i < 5; ++i) lent.push_back(p.lend(t, d));
    p.release(lent[4]);
    const auto waits_later = [&] { return p.acquire(t, d); };
    p.pool.set_limits(limits(2), p.now, p.actions);
    EXPECT_EQ(p.actions.closes.size(), 1u);
    waits_later();
    p.release(lent[3]);
    p.release(lent[2]);
    EXPECT_EQ(p.actions.closes.size(), 3u) << "above the new limit nothing is handed on";
    EXPECT_TRUE(p.actions.grants.empty());
    p.release(lent[1]);
    EXPECT_EQ(p.actions.grants.size(), 1u);
    EXPECT_EQ(p.stats().lent + p.stats().idle + p.stats().connecting, 2u);
}

TEST(pool_lifetime, growing_serves_waiters_at_once) {
    pool_driver p(limits(1));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    p.lend(t, d);
    p.acquire(t, d);
    p.pool.set_limits(limits(2), p.now, p.actions);
    EXPECT_EQ(p.actions.connects.size(), 1u);
}

TEST(pool_lifetime, recycle_all_closes_idle_now_and_lent_and_opening_ones_later) {
    pool_driver p(limits(4));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    const auto lent = p.lend(t, d), idle = p.lend(t, d);
    p.release(idle);
    p.acquire(t, d);  // takes the idle one
    p.release(idle);
    const auto e = p.database("e");
    p.acquire(t, e);
    const auto opening = p.take().connects.at(0).connection;
    p.pool.recycle_all(p.now, p.actions);
    ASSERT_EQ(p.actions.closes.size(), 1u);
    EXPECT_EQ(p.actions.closes[0].connection, idle);
    p.release(lent);
    EXPECT_EQ(p.actions.closes.size(), 2u);
    p.connected(opening);
    EXPECT_EQ(p.actions.closes.size(), 3u) << "it was opened to the old address";
    EXPECT_EQ(p.actions.connects.size(), 1u) << "and its waiter needs a new one";
    p.connect_all();
    EXPECT_EQ(p.actions.grants.size(), 1u);
    EXPECT_EQ(p.stats().recycled, 3u);
}

}  // namespace
}  // namespace fairlead::dal::test
