#include "tests/unit/dal/session/runtime_driver.h"

#include <gmock/gmock.h>

namespace fairlead::dal::test {
namespace {

using testing::HasSubstr;

TEST(lending, logs_in_once_and_lends_the_idle_connection_at_once) {
    runtime_driver d;
    d.apply();
    const auto seat = d.seat("acme");
    Lease first = d.lend(*seat);
    ServerSession* session = &first.session();
    EXPECT_EQ(d.fake(first).database, "shop");
    EXPECT_EQ(d.fake(first).address, "127.0.0.1");
    first.give_back();
    EXPECT_FALSE(first);
    asker again(*seat);
    EXPECT_EQ(again.began(), State::granted);
    Lease second = again.request.take();
    EXPECT_EQ(&second.session(), session);
    EXPECT_EQ(again.wakeups(), 0) << "start() said so itself";
    EXPECT_EQ(d.server.logins, 1);
}

TEST(lending, a_released_connection_goes_to_the_first_who_waits) {
    runtime_driver d;
    d.backend.pool_size = 1;
    d.apply();
    const auto seat = d.seat("acme");
    Lease held = d.lend(*seat);
    asker first(*seat), second(*seat);
    EXPECT_EQ(first.began(), State::waiting);
    std::this_thread::sleep_for(milliseconds(20));
    EXPECT_EQ(first.request.state(), State::waiting);
    held.give_back();
    EXPECT_EQ(first.request.state(), State::granted) << "by the one who returned it, before it came back";
    EXPECT_EQ(first.wakeups(), 1);
    Lease next = first.request.take();
    EXPECT_GE(next.waited(), milliseconds(20));
    next.give_back();
    EXPECT_EQ(second.request.state(), State::granted);
}

TEST(lending, what_was_granted_and_not_taken_comes_back) {
    runtime_driver d;
    d.backend.pool_size = 1;
    d.apply();
    const auto seat = d.seat("acme");
    { asker at_once_or_later(*seat), never_mind(*seat); }
    EXPECT_TRUE(eventually([&] { return d.quiet(); }));
    Lease held = d.lend(*seat);
    {
        asker waiting(*seat);
        held.give_back();
        EXPECT_EQ(waiting.request.state(), State::granted);
    }
    EXPECT_TRUE(d.quiet());
    { asker hit(*seat); }
    EXPECT_TRUE(d.quiet());
}

TEST(lending, nobody_is_told_after_a_withdrawal) {
    runtime_driver d;
    d.backend.pool_size = 1;
    d.apply();
    const auto seat = d.seat("acme");
    Lease held = d.lend(*seat);
    asker waiting(*seat);
    waiting.request.withdraw();
    held.give_back();
    EXPECT_EQ(waiting.wakeups(), 0);
    EXPECT_TRUE(d.quiet());
}

TEST(lending, an_exhausted_pool_says_so_in_time) {
    runtime_driver d;
    d.backend.pool_size = 1;
    d.apply();
    const auto seat = d.seat("acme");
    Lease held = d.lend(*seat);
    asker late(*seat);
    EXPECT_EQ(late.wait(), State::failed);
    const Diagnostics why = late.request.failed();
    EXPECT_EQ(why.kind(), errc::pool_timeout);
    EXPECT_THAT(why.message, HasSubstr("timed out after 300ms"));
    EXPECT_THAT(why.hint, HasSubstr("backends.pg1.pool_size"));
    EXPECT_EQ(d.state().timeouts, 1u);
    held.give_back();
    EXPECT_EQ(asker(*seat).began(), State::granted);
}

TEST(lending, a_tenant_at_its_cap_waits_and_others_do_not) {
    runtime_driver d;
    d.apply();
    const auto capped = d.seat("acme", {.max_server_connections = 1}), other = d.seat("globex");
    Lease held = d.lend(*capped);
    asker more(*capped);
    EXPECT_TRUE(d.lend(*other));
    EXPECT_EQ(more.request.state(), State::waiting);
    held.give_back();
    EXPECT_EQ(more.wait(), State::granted);
}

TEST(lending, a_connection_that_breaks_while_lent_is_replaced) {
    runtime_driver d;
    d.backend.pool_size = 1;
    d.apply();
    const auto seat = d.seat("acme");
    Lease held = d.lend(*seat);
    d.fake(held).broken("cut", "");
    held.give_back();
    EXPECT_TRUE(d.lend(*seat));
    EXPECT_EQ(d.server.logins, 2);
    EXPECT_EQ(d.server.live, 1);
}

TEST(lending, when_one_breaks_the_idle_ones_are_looked_at_before_they_are_lent) {
    runtime_driver d;
    d.apply();
    const auto seat = d.seat("acme");
    {
        Lease one = d.lend(*seat), two = d.lend(*seat);
        two.give_back();
        d.server.close_all();
        d.fake(one).broken("the server has gone", "");
    }
    Lease fresh = d.lend(*seat);
    EXPECT_FALSE(fresh.session().is_broken());
    EXPECT_EQ(d.server.logins, 3) << "the one that broke while idle was not lent";
}

TEST(lending, what_the_server_closed_during_a_long_rest_is_not_lent) {
    runtime_driver d;
    d.apply();
    const auto seat = d.seat("acme");
    d.lend(*seat).give_back();
    d.server.close_all();
    std::this_thread::sleep_for(milliseconds(1'050));
    Lease fresh = d.lend(*seat);
    EXPECT_EQ(d.server.logins, 2);
    EXPECT_EQ(d.server.pings, 0) << "nobody asked for it";
}

TEST(lending, a_word_from_the_server_during_a_rest_is_followed_up) {
    runtime_driver d;
    d.apply();
    const auto seat = d.seat("acme");
    Lease held = d.lend(*seat);
    const int number = held.session().backend_pid();
    held.give_back();
    d.server.answer(number);
    std::this_thread::sleep_for(milliseconds(1'050));
    EXPECT_TRUE(d.lend(*seat));
    EXPECT_EQ(d.server.pings, 1);
}

TEST(lending, pre_ping_finds_a_server_that_fell_silent) {
    runtime_driver d;
    d.backend.pool_pre_ping = true;
    d.backend.pool_timeout = milliseconds(3'000);
    d.apply();
    const auto seat = d.seat("acme");
    d.lend(*seat).give_back();
    d.lend(*seat).give_back();
    EXPECT_EQ(d.server.pings, 0) << "used a moment ago";
    std::this_thread::sleep_for(milliseconds(550));
    d.lend(*seat).give_back();
    EXPECT_EQ(d.server.pings, 1);
    EXPECT_EQ(d.server.logins, 1);
    d.server.ping = fake_server::reply::hang;
    std::this_thread::sleep_for(milliseconds(550));
    EXPECT_TRUE(d.lend(*seat));
    EXPECT_EQ(d.server.logins, 2);
}

TEST(lending, who_withdraws_during_a_ping_leaves_nothing_lent) {
    runtime_driver d;
    d.backend.pool_pre_ping = true;
    d.apply();
    const auto seat = d.seat("acme");
    d.lend(*seat).give_back();
    std::this_thread::sleep_for(milliseconds(550));
    {
        asker gone(*seat);
        EXPECT_EQ(gone.began(), State::waiting);
    }
    EXPECT_TRUE(eventually([&] { return d.quiet() && d.state().idle == 1; }));
    EXPECT_EQ(d.server.logins, 1);
}

// Many threads, few connections, everything that can go wrong: in the end all is where it was.
TEST(lending, races_of_threads_lose_and_double_nothing) {
    runtime_driver d;
    d.backend.pool_size = 3;
    d.server.answers_uncancelled = true;
    d.apply();
    const auto one = d.seat("acme", {.max_server_connections = 2}), two = d.seat("globex");
    std::atomic<int> inside{0}, most{0}, served{0};
    std::vector<std::thread> threads;
    for (unsigned number = 0; number < 4; ++number) {
        threads.emplace_back([&, number] {
            for (unsigned i = 0; i < 300; ++i) {
                asker each((i + number) % 2 == 0 ? *one : *two);
                if (i % 5 == number) continue;  // withdrawn, whatever has become of it
                if (each.wait() != State::granted) continue;
                Lease lease = each.request.take();
                const int now = ++inside;
                if (now > most) most = now;
                ++served;
                if (i % 17 == 3) d.fake(lease).open_transaction();
                if (i % 19 == 3) lease.mark_dirty();
                if (i % 41 == 3) lease.mark_interrupted();
                if (i % 97 == 3) d.fake(lease).broken("cut", "");
                --inside;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_GT(served, 300);
    EXPECT_LE(most, 3);
    EXPECT_TRUE(eventually([&] { return d.quiet(); }));
    EXPECT_EQ(d.server.live, static_cast<int>(d.state().idle));
    EXPECT_LE(d.server.most_live, 3 + 2) << "the pool, and two that cancel";
}

}  // namespace
}  // namespace fairlead::dal::test
