#include "tests/unit/dal/pool/pool_driver.h"

#include <gtest/gtest.h>

namespace fairlead::dal::test {
namespace {

TEST(pool_acquire, opens_one_connection_and_grants_it_when_it_is_ready) {
    pool_driver p(limits(2));
    const auto t = p.tenant("acme");
    const auto d = p.database("shop");
    const auto got = p.acquire(t, d, 3, 77);
    EXPECT_FALSE(got.connection);
    ASSERT_EQ(p.actions.connects.size(), 1u);
    EXPECT_EQ(p.actions.connects[0].worker, 3u);
    EXPECT_EQ(p.actions.connects[0].database, d);
    p.now += Duration(12);
    p.connect_all();
    ASSERT_EQ(p.actions.grants.size(), 1u);
    EXPECT_EQ(p.actions.grants[0].ticket, got.ticket);
    EXPECT_EQ(p.actions.grants[0].cookie, 77u);
    EXPECT_EQ(p.actions.grants[0].waited, Duration(12));
    EXPECT_FALSE(p.actions.grants[0].same_tenant);
    EXPECT_EQ(p.pool.tenant_lent(t), 1u);
}

TEST(pool_acquire, prefers_what_last_served_the_tenant_and_says_so) {
    pool_driver p(limits(3));
    const auto a = p.tenant("a"), b = p.tenant("b"), c = p.tenant("c");
    const auto d = p.database("shop");
    const auto for_a = p.lend(a, d, 0), for_b = p.lend(b, d, 1);
    p.release(for_a);
    p.release(for_b);
    const auto again = p.acquire(a, d, 1);
    EXPECT_EQ(again.connection, for_a) << "the tenant's own on another worker before another's on the same";
    EXPECT_TRUE(again.same_tenant);
    EXPECT_EQ(again.from_worker, 0u);
    const auto other = p.acquire(c, d, 1);
    EXPECT_EQ(other.connection, for_b);
    EXPECT_FALSE(other.same_tenant);
}

TEST(pool_acquire, same_tenant_is_never_true_for_another_tenant_with_a_reused_slot) {
    pool_driver p(limits(2));
    const auto d = p.database("shop");
    const auto a = p.tenant("a");
    p.release(p.lend(a, d));
    p.pool.leave_tenant(a);
    const auto b = p.tenant("b");
    EXPECT_NE(a, b) << "the idle connection keeps the number";
    EXPECT_FALSE(p.acquire(b, d).same_tenant);
    const auto back = p.tenant("a");
    EXPECT_EQ(p.pool.tenant_lent(back), 0u);
}

TEST(pool_acquire, a_freed_connection_serves_the_waiter_and_the_one_being_opened_goes_idle) {
    pool_driver p(limits(2));
    const auto t = p.tenant("a");
    const auto d = p.database("shop");
    const auto first = p.lend(t, d);
    const auto waiting = p.acquire(t, d);
    ASSERT_EQ(p.actions.connects.size(), 1u);
    p.release(first);
    ASSERT_EQ(p.actions.grants.size(), 1u);
    EXPECT_EQ(p.actions.grants[0].ticket, waiting.ticket);
    EXPECT_EQ(p.actions.grants[0].connection, first);
    EXPECT_TRUE(p.actions.grants[0].same_tenant);
    p.connect_all();
    EXPECT_EQ(p.actions.grants.size(), 1u);
    EXPECT_EQ(p.stats().idle, 1u);
}

TEST(pool_acquire, connects_in_flight_are_bounded_by_logins_and_by_need) {
    PoolLimits l = limits(20);
    l.max_parallel_logins = 3;
    pool_driver p(l);
    const auto capped = p.tenant("capped", 2), free = p.tenant("free");
    const auto d = p.database("shop");
    for (int i = 0; i < 10; ++i) p.acquire(capped, d);
    EXPECT_EQ(p.actions.connects.size(), 2u) << "its cap leaves room for two";
    for (int i = 0; i < 10; ++i) p.acquire(free, d);
    EXPECT_EQ(p.actions.connects.size(), 3u);
    p.connect_all();
    EXPECT_EQ(p.stats().lent, 12u);
    EXPECT_EQ(p.pool.tenant_lent(capped), 2u);
    EXPECT_EQ(p.stats().connect_attempts, 12u);
}

TEST(pool_acquire, evicts_the_largest_surplus_before_it_overflows) {
    pool_driver p(limits(3, 1));
    const auto t = p.tenant("t");
    const auto a = p.database("a"), b = p.database("b"), c = p.database("c"), e = p.database("e");
    const auto a1 = p.lend(t, a), a2 = p.lend(t, a), b1 = p.lend(t, b);
    p.release(b1);
    p.release(a1);
    p.release(a2);
    p.acquire(t, c);
    ASSERT_EQ(p.actions.closes.size(), 1u);
    EXPECT_EQ(p.actions.closes[0].connection, a1) << "least recently used of the database with two";
    p.connect_all();
    const auto for_c = p.actions.grants.back().connection;
    p.take();
    EXPECT_TRUE(p.acquire(t, a).connection);
    EXPECT_TRUE(p.acquire(t, b).connection);
    p.acquire(t, e);
    EXPECT_EQ(p.actions.connects.size(), 1u) << "everything lent: overflow";
    EXPECT_TRUE(p.actions.closes.empty());
    EXPECT_EQ(p.stats().evicted, 1u);
    p.connect_all();
    EXPECT_EQ(p.stats().lent, 4u);
    p.take();
    p.release(for_c);
    ASSERT_EQ(p.actions.closes.size(), 1u) << "nobody waits: overflow is given back";
    EXPECT_EQ(p.stats().lent + p.stats().idle, 3u);
}

TEST(pool_acquire, overflow_is_handed_on_while_somebody_waits) {
    pool_driver p(limits(1, 1));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    const auto first = p.lend(t, d), second = p.lend(t, d);
    const auto waiting = p.acquire(t, d);
    EXPECT_TRUE(p.actions.connects.empty());
    p.release(second);
    ASSERT_EQ(p.actions.grants.size(), 1u);
    EXPECT_EQ(p.actions.grants[0].ticket, waiting.ticket);
    p.release(second);
    EXPECT_EQ(p.actions.closes.size(), 1u);
    p.release(first);
    EXPECT_EQ(p.stats().idle, 1u);
}

TEST(pool_acquire, a_capped_tenant_waits_without_blocking_and_is_woken_by_its_own_release) {
    pool_driver p(limits(3));
    const auto capped = p.tenant("capped", 1), other = p.tenant("other");
    const auto d = p.database("d");
    const auto mine = p.lend(capped, d);
    p.release(p.lend(other, d));
    const auto waits = p.acquire(capped, d);
    EXPECT_FALSE(waits.connection);
    EXPECT_TRUE(p.actions.connects.empty());
    const auto passes = p.acquire(other, d);
    EXPECT_TRUE(passes.connection) << "a capped waiter is no reason to queue";
    p.release(*passes.connection);
    EXPECT_TRUE(p.actions.grants.empty());
    p.release(mine);
    ASSERT_EQ(p.actions.grants.size(), 1u);
    EXPECT_EQ(p.actions.grants[0].ticket, waits.ticket);
    EXPECT_EQ(p.pool.tenant_waiting(capped), 0u);
}

TEST(pool_acquire, a_raised_cap_wakes_its_waiters_before_anybody_else_is_served) {
    pool_driver p(limits(2));
    const auto capped = p.tenant("capped", 1), other = p.tenant("other");
    const auto d = p.database("d");
    const auto mine = p.lend(capped, d);
    p.release(p.lend(other, d));
    const auto waits = p.acquire(capped, d);
    p.tenant("capped", 2);
    const auto late = p.acquire(other, d);
    EXPECT_FALSE(late.connection);
    ASSERT_EQ(p.actions.grants.size(), 1u);
    EXPECT_EQ(p.actions.grants[0].ticket, waits.ticket);
    p.release(mine);
    EXPECT_EQ(p.actions.grants.back().ticket, late.ticket);
}

TEST(pool_acquire, cancel_works_once_and_not_after_a_grant) {
    pool_driver p(limits(1));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    const auto c = p.lend(t, d);
    const auto one = p.acquire(t, d), two = p.acquire(t, d);
    EXPECT_TRUE(p.pool.cancel(one.ticket));
    EXPECT_FALSE(p.pool.cancel(one.ticket));
    p.release(c);
    ASSERT_EQ(p.actions.grants.size(), 1u);
    EXPECT_EQ(p.actions.grants[0].ticket, two.ticket);
    EXPECT_FALSE(p.pool.cancel(two.ticket));
    EXPECT_NE(one.ticket, two.ticket);
}

TEST(pool_acquire, stale_calls_about_gone_connections_change_nothing) {
    pool_driver p(limits(1));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    const auto gone = p.lend(t, d);
    p.discard(gone);
    const auto live = p.lend(t, d);
    p.release(gone);
    p.discard(gone);
    p.pool.moved(gone, 9);
    p.connected(gone);
    p.failed(gone);
    EXPECT_EQ(p.stats().lent, 1u);
    EXPECT_TRUE(p.actions.empty());
    p.release(live);
    EXPECT_EQ(p.stats().idle, 1u);
    EXPECT_EQ(p.acquire(t, d).from_worker, 0u);
}

TEST(pool_acquire, releasing_twice_is_a_defect_that_release_builds_ignore) {
    pool_driver p(limits(1));
    const auto c = p.lend(p.tenant("t"), p.database("d"));
    p.release(c);
#ifdef NDEBUG
    p.release(c);
    EXPECT_EQ(p.stats().idle, 1u);
    EXPECT_TRUE(p.actions.empty());
#else
    EXPECT_DEATH(p.release(c), "lent");
#endif
}

TEST(pool_acquire, discard_of_a_lent_connection_opens_one_for_the_waiter) {
    pool_driver p(limits(1));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    const auto c = p.lend(t, d);
    const auto waits = p.acquire(t, d);
    p.discard(c);
    EXPECT_TRUE(p.actions.closes.empty()) << "the caller closes it";
    ASSERT_EQ(p.actions.connects.size(), 1u);
    p.connect_all();
    ASSERT_EQ(p.actions.grants.size(), 1u);
    EXPECT_EQ(p.actions.grants[0].ticket, waits.ticket);
}

TEST(pool_acquire, an_idle_connection_granted_elsewhere_may_still_be_discarded_by_its_old_worker) {
    pool_driver p(limits(1));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    const auto c = p.lend(t, d, 0);
    p.release(c);
    ASSERT_EQ(p.acquire(t, d, 1).connection, c);
    p.discard(c);  // worker 0 saw the end of the stream before it handed the socket over
    EXPECT_EQ(p.pool.tenant_lent(t), 0u);
    p.release(c);  // worker 1 gives up
    EXPECT_EQ(p.stats().lent + p.stats().idle, 0u);
}

TEST(pool_acquire, moved_changes_where_a_connection_is_looked_for_and_closed) {
    pool_driver p(limits(2));
    const auto t = p.tenant("t");
    const auto d = p.database("d");
    const auto c = p.lend(t, d, 0);
    p.pool.moved(c, 4);
    p.release(c);
    EXPECT_EQ(p.acquire(t, d, 4).from_worker, 4u);
    p.release(c);
    p.pool.recycle_all(p.now, p.actions);
    ASSERT_EQ(p.actions.closes.size(), 1u);
    EXPECT_EQ(p.actions.closes[0].worker, 4u);
}

TEST(pool_acquire, names_and_unused_slots_come_and_go) {
    pool_driver p(limits(1));
    const auto d = p.database("shop");
    EXPECT_EQ(p.pool.database_name(d), "shop");
    EXPECT_EQ(p.database("shop"), d);
    p.pool.leave_database(d);
    p.pool.leave_database(d);
    EXPECT_EQ(p.database("other"), d);
    EXPECT_EQ(p.pool.database_name(d), "other");
}

}  // namespace
}  // namespace fairlead::dal::test
