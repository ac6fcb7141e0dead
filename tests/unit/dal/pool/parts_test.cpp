#include "dal/pool/backoff.h"
#include "dal/pool/connection_table.h"
#include "dal/pool/demand.h"
#include "dal/pool/expiry_heap.h"
#include "dal/pool/idle_index.h"
#include "dal/pool/keyed_lists.h"
#include "dal/pool/name_table.h"
#include "dal/pool/turn_order.h"
#include "dal/pool/wait_deadlines.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <map>

namespace fairlead::dal {
namespace {

const TimePoint start{std::chrono::hours(1)};

TEST(keyed_lists, agrees_with_a_map_of_lists_under_random_use) {
    keyed_lists lists;
    std::map<std::uint64_t, std::list<std::uint32_t>> model;
    std::map<std::uint32_t, std::uint64_t> key_of;
    random_source random(7);
    for (int step = 0; step < 20'000; ++step) {
        const auto item = static_cast<std::uint32_t>(random.next() % 300);
        if (key_of.contains(item)) {
            const std::uint64_t key = key_of[item];
            lists.remove(key, item);
            model[key].remove(item);
            if (model[key].empty()) model.erase(key);
            key_of.erase(item);
        } else {
            const auto key = keyed_lists::key(static_cast<std::uint32_t>(random.next() % 40),
                                              static_cast<std::uint32_t>(random.next() % 5));
            lists.push_front(key, item);
            model[key].push_front(item);
            key_of[item] = key;
        }
        ASSERT_EQ(lists.keys(), model.size());
        const auto probe = keyed_lists::key(static_cast<std::uint32_t>(random.next() % 40), 3);
        std::list<std::uint32_t> found;
        for (std::uint32_t at = lists.first(probe); at != no_index; at = lists.next(at)) found.push_back(at);
        ASSERT_EQ(found, model.contains(probe) ? model[probe] : std::list<std::uint32_t>{});
    }
}

TEST(name_table, a_slot_lives_while_entered_or_held_and_is_then_reused) {
    name_table names;
    bool fresh = false;
    const std::uint32_t a = names.enter("a", fresh);
    EXPECT_TRUE(fresh);
    EXPECT_EQ(names.enter("a", fresh), a);
    EXPECT_FALSE(fresh);
    names.leave(a);
    names.hold(a);
    names.leave(a);
    EXPECT_EQ(names.enter("a", fresh), a) << "held, so still the same";
    EXPECT_FALSE(fresh);
    names.leave(a);
    names.unhold(a);
    EXPECT_EQ(names.size(), 0u);
    EXPECT_EQ(names.enter("b", fresh), a);
    EXPECT_TRUE(fresh);
    EXPECT_EQ(names.name(a), "b");
}

TEST(expiry_heap, gives_items_in_order_of_time_after_random_removals) {
    expiry_heap heap;
    random_source random(3);
    std::map<std::uint32_t, TimePoint> model;
    for (std::uint32_t item = 0; item < 500; ++item) {
        model[item] = start + Duration(random.next() % 1000);
        heap.add(item, model[item]);
    }
    for (std::uint32_t item = 0; item < 500; item += 3) {
        heap.remove(item);
        heap.remove(item);
        model.erase(item);
    }
    TimePoint last = start;
    while (heap.any_due(start + Duration(2000))) {
        const std::uint32_t item = heap.first();
        EXPECT_LE(last, model[item]);
        last = model[item];
        EXPECT_FALSE(heap.any_due(last - Duration(1)));
        heap.remove(item);
        EXPECT_EQ(model.erase(item), 1u);
    }
    EXPECT_TRUE(model.empty());
}

TEST(backoff, doubles_from_250_ms_to_15_s_with_jitter_and_ends_with_success) {
    backoff rest;
    random_source random(1);
    TimePoint now = start;
    EXPECT_TRUE(rest.may_try(now, 3));
    for (int full : {250, 500, 1000, 2000, 4000, 8000, 15000, 15000, 15000}) {
        rest.failed("x", now, now, random);
        const auto delay = std::chrono::duration_cast<Duration>(rest.retry_at() - now).count();
        EXPECT_LE(delay, full);
        EXPECT_GE(delay, full * 8 / 10 - 1);
        EXPECT_TRUE(rest.resting(now));
        EXPECT_FALSE(rest.may_try(now, 0));
        now = rest.retry_at();
        EXPECT_FALSE(rest.resting(now));
        EXPECT_TRUE(rest.may_try(now, 0));
        EXPECT_FALSE(rest.may_try(now, 1)) << "one probe only";
    }
    rest.succeeded();
    EXPECT_FALSE(rest.failing());
    EXPECT_TRUE(rest.may_try(now, 9));
}

TEST(backoff, parallel_failures_are_one_incident) {
    backoff rest;
    random_source random(1);
    rest.failed("one", start, start + Duration(5), random);
    const TimePoint until = rest.retry_at();
    rest.failed("two", start, start + Duration(6), random);
    EXPECT_EQ(rest.retry_at(), until);
    EXPECT_EQ(rest.last_error(), "two");
}

TEST(connection_table, an_old_id_finds_nothing_after_its_place_is_used_again) {
    connection_table table;
    const std::uint32_t at = table.add(0, 0, 0, start);
    const ConnectionId old = table.id(at);
    EXPECT_EQ(table.find(old), at);
    table.remove(at);
    EXPECT_EQ(table.find(old), no_index);
    const std::uint32_t again = table.add(0, 0, 0, start);
    ASSERT_EQ(again, at);
    EXPECT_EQ(table.find(old), no_index);
    EXPECT_EQ(table.find(table.id(again)), again);
    EXPECT_EQ(table.find(ConnectionId{12345}), no_index);
}

TEST(turn_order, first_follows_rounds_across_the_window) {
    turn_order order;
    list_links links(10);
    EXPECT_EQ(order.first(6), no_index);
    order.push(links, 1, 9);
    order.push(links, 2, 7);
    order.push(links, 3, 7);
    EXPECT_EQ(order.first(6), 2u);
    EXPECT_EQ(order.first_round(6), 7u);
    order.remove(links, 2, 7);
    EXPECT_EQ(order.first(6), 3u);
    order.remove(links, 3, 7);
    EXPECT_EQ(order.first(7), 1u);
    EXPECT_EQ(order.first_round(7), 9u);
    EXPECT_EQ(order.size(), 1u);
}

TEST(wait_deadlines, a_shorter_timeout_does_not_wait_behind_a_longer_one) {
    wait_deadlines lines;
    lines.set_timeout(Duration(1000));
    lines.add(0, start);
    lines.add(1, start + Duration(10));
    lines.set_timeout(Duration(100));
    lines.add(2, start + Duration(20));
    EXPECT_EQ(lines.oldest(), 0u);
    EXPECT_EQ(lines.first_due(start + Duration(119)), no_index);
    EXPECT_EQ(lines.first_due(start + Duration(120)), 2u);
    EXPECT_EQ(lines.timeout(2), Duration(100));
    lines.remove(2);
    EXPECT_EQ(lines.first_due(start + Duration(999)), no_index);
    EXPECT_EQ(lines.first_due(start + Duration(1000)), 0u);
    lines.remove(0);
    lines.remove(1);
    EXPECT_EQ(lines.oldest(), no_index);
    lines.add(1, start);
    EXPECT_EQ(lines.timeout(1), Duration(100));
}

TEST(demand, is_hungry_for_what_is_neither_idle_nor_opening) {
    demand d;
    d.reset(0);
    d.reset(1);
    d.change(0, &demand::counts::need, 2);
    d.change(1, &demand::counts::need, 1);
    EXPECT_EQ(d.first_hungry(), 0u);
    d.rotate();
    EXPECT_EQ(d.first_hungry(), 1u);
    d.change(1, &demand::counts::connecting, 1);
    EXPECT_FALSE(d.hungry(1));
    d.change(0, &demand::counts::connecting, 1);
    EXPECT_TRUE(d.hungry(0));
    d.set_logins(0, demand::login::probing);
    EXPECT_FALSE(d.hungry(0)) << "one login at a time while probing";
    d.set_logins(0, demand::login::resting);
    d.change(0, &demand::counts::connecting, -1);
    EXPECT_FALSE(d.hungry(0));
    d.set_logins(0, demand::login::free);
    EXPECT_TRUE(d.hungry(0));
}

TEST(idle_index, prefers_the_tenant_then_the_worker_then_any_most_recent_first) {
    idle_index idle;
    idle.add(0, 7, 1, 0, start);
    idle.add(1, 7, 1, 1, start);
    idle.add(2, 8, 1, 2, start);
    idle.add(3, 9, 1, 2, start);
    idle.add(4, 7, 2, 2, start);
    EXPECT_EQ(idle.pick(7, 1, 0), 0u) << "same tenant, same worker";
    EXPECT_EQ(idle.pick(7, 1, 5), 1u) << "same tenant, most recent";
    EXPECT_EQ(idle.pick(5, 1, 2), 3u) << "same worker, most recent";
    EXPECT_EQ(idle.pick(5, 1, 9), 3u) << "same database, most recent";
    EXPECT_EQ(idle.pick(5, 3, 0), no_index);
    idle.remove(1);
    idle.remove(0);
    EXPECT_EQ(idle.pick(7, 1, 5), 3u) << "never one of another database";
    idle.set_worker(2, 5);
    EXPECT_EQ(idle.pick(5, 1, 5), 2u);
}

TEST(idle_index, surplus_is_the_least_recent_of_the_database_with_most) {
    idle_index idle;
    EXPECT_EQ(idle.surplus(), no_index);
    idle.add(0, no_index, 1, 0, start);
    idle.add(1, no_index, 2, 0, start);
    EXPECT_EQ(idle.surplus(), 0u) << "equal: the one whose number changed longest ago";
    idle.add(2, no_index, 2, 0, start);
    EXPECT_EQ(idle.surplus(), 1u);
    idle.remove(1);
    idle.add(3, no_index, 1, 0, start);
    EXPECT_EQ(idle.surplus(), 0u);
    EXPECT_EQ(idle.oldest(), 0u);
    idle.touch(0, start + Duration(5));
    EXPECT_EQ(idle.oldest(), 2u);
    for (std::uint32_t c : {0u, 2u, 3u}) idle.remove(c);
    EXPECT_EQ(idle.surplus(), no_index);
    EXPECT_EQ(idle.count(), 0u);
}

}  // namespace
}  // namespace fairlead::dal
