#include "tests/unit/dal/pool/pool_driver.h"

#include <gtest/gtest.h>

namespace fairlead::dal::test {
namespace {

TEST(pool_failure, waiters_without_a_live_connection_fail_at_once_with_the_last_error) {
    pool_driver p(limits(5));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    for (int i = 0; i < 3; ++i) p.acquire(t, d);
    const auto opening = p.take().connects;
    ASSERT_EQ(opening.size(), 3u);
    p.failed(opening[0].connection);
    ASSERT_EQ(p.actions.failures.size(), 3u);
    EXPECT_EQ(p.actions.failures[0].reason, AcquireFailure::login_failed);
    EXPECT_EQ(p.actions.failures[0].message, "no route");
    p.take();
    const auto late = p.acquire(t, d);
    ASSERT_EQ(p.actions.failures.size(), 1u) << "during the backoff: at once";
    EXPECT_EQ(p.actions.failures[0].ticket, late.ticket);
    EXPECT_TRUE(p.actions.connects.empty());
}

TEST(pool_failure, one_probe_after_the_backoff_and_then_all_again) {
    pool_driver p(limits(5));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    p.acquire(t, d);
    p.failed(p.take().connects.at(0).connection);
    p.take();
    p.now += Duration(251);
    for (int i = 0; i < 4; ++i) p.acquire(t, d);
    ASSERT_EQ(p.actions.connects.size(), 1u);
    EXPECT_TRUE(p.actions.failures.empty()) << "they wait for the outcome of the probe";
    p.connected(p.take().connects[0].connection);
    EXPECT_EQ(p.actions.grants.size(), 1u);
    EXPECT_EQ(p.actions.connects.size(), 3u);
}

TEST(pool_failure, with_a_live_connection_waiters_wait_on_and_a_tick_probes) {
    pool_driver p(limits(2));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    const auto live = p.lend(t, d);
    p.acquire(t, d);
    p.failed(p.take().connects.at(0).connection);
    EXPECT_TRUE(p.actions.failures.empty());
    EXPECT_TRUE(p.actions.connects.empty());
    p.after(Duration(251));
    EXPECT_EQ(p.actions.connects.size(), 1u);
    p.failed(p.take().connects.at(0).connection);
    p.discard(live);
    EXPECT_EQ(p.actions.failures.size(), 1u) << "the last live one is gone";
}

TEST(pool_failure, ten_thousand_waiters_on_a_dead_backend_make_few_attempts) {
    pool_driver p(limits(20));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    std::uint64_t failed = 0;
    for (int i = 0; i < 10'000; ++i) {  // one a millisecond, logins fail after 5 ms
        p.now += Duration(1);
        p.acquire(t, d);
        if (i % 5 == 4) {
            for (const auto& c : std::exchange(p.actions.connects, {})) p.failed(c.connection);
        }
        if (i % 50 == 0) p.tick();
        failed += std::exchange(p.actions.failures, {}).size();
    }
    EXPECT_GE(failed, 9'995u);
    EXPECT_LE(p.stats().connect_attempts, 4u + 8u) << "10 s hold at most 6 doublings";
    EXPECT_EQ(p.stats().connect_failures, p.stats().connect_attempts - p.stats().connecting);
}

TEST(pool_failure, a_missing_database_fails_its_own_waiters_and_nobody_else) {
    pool_driver p(limits(5));
    const auto t = p.tenant("t"), u = p.tenant("u");
    const auto good = p.database("good"), missing = p.database("missing");
    const auto bad = p.acquire(u, missing);
    p.acquire(t, good);
    const auto opening = p.take().connects;
    p.failed(opening.at(0).connection, FailureScope::database);
    ASSERT_EQ(p.actions.failures.size(), 1u);
    EXPECT_EQ(p.actions.failures[0].ticket, bad.ticket);
    p.take();
    p.acquire(u, missing);
    EXPECT_EQ(p.actions.failures.size(), 1u) << "resting: at once";
    EXPECT_TRUE(p.actions.connects.empty());
    p.acquire(t, good);
    EXPECT_EQ(p.actions.connects.size(), 1u) << "others open as before";
    p.take();
    p.now += Duration(251);
    p.acquire(u, missing);
    p.acquire(u, missing);
    ASSERT_EQ(p.actions.connects.size(), 1u) << "one probe";
    p.connected(p.take().connects[0].connection);
    EXPECT_EQ(p.actions.grants.size(), 1u);
    EXPECT_EQ(p.actions.connects.size(), 1u);
}

TEST(pool_failure, a_database_that_rests_keeps_its_place_when_all_leave_and_forgets_afterwards) {
    pool_driver p(limits(5));
    const auto t = p.tenant("t");
    auto d = p.database("missing");
    p.acquire(t, d);
    p.failed(p.take().connects.at(0).connection, FailureScope::database);
    p.pool.leave_database(d);
    EXPECT_EQ(p.database("missing"), d);
    p.take();
    p.acquire(t, d);
    EXPECT_EQ(p.actions.failures.size(), 1u);
    p.pool.leave_database(d);
    p.after(Duration(251));
    EXPECT_EQ(p.database("another"), d) << "the number is free again";
    p.take();
    p.acquire(t, d);
    EXPECT_TRUE(p.actions.failures.empty());
    EXPECT_EQ(p.actions.connects.size(), 1u);
}

}  // namespace
}  // namespace fairlead::dal::test
