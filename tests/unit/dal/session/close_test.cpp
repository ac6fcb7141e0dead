#include "tests/unit/dal/session/runtime_driver.h"

#include <gmock/gmock.h>

namespace fairlead::dal::test {
namespace {

using testing::HasSubstr;

TEST(closing, who_waits_is_told_and_what_is_lent_comes_back_to_be_closed) {
    runtime_driver d;
    d.backend.pool_size = 1;
    d.backend.pool_timeout = milliseconds(60'000);
    d.apply();
    const auto seat = d.seat("acme");
    Lease lent = d.lend(*seat);
    asker waiting(*seat);
    const auto began = std::chrono::steady_clock::now();
    d.set.close();
    EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(500));
    EXPECT_EQ(waiting.wait(), State::failed);
    EXPECT_EQ(waiting.wakeups(), 1);
    EXPECT_EQ(waiting.request.failed().kind(), errc::usage);
    EXPECT_THAT(waiting.request.failed().message, HasSubstr("closed"));
    EXPECT_EQ(d.server.live, 1) << "a caller may still read its rows";
    lent.mark_interrupted();
    lent.give_back();
    EXPECT_EQ(d.server.live, 0);
    EXPECT_EQ(asker(*seat).began(), State::failed);
    d.set.close();
}

TEST(closing, ends_what_the_keeper_was_at) {
    runtime_driver d;
    d.backend.pool_size = 3;
    d.backend.connect_timeout = milliseconds(60'000);
    d.backend.pool_timeout = milliseconds(60'000);
    d.apply();
    const auto seat = d.seat("acme");
    Lease recovering = d.lend(*seat), rolling_back = d.lend(*seat);
    d.server.login = fake_server::reply::hang;
    d.server.command = fake_server::reply::hang;
    d.fake(rolling_back).open_transaction();
    recovering.mark_interrupted();
    recovering.give_back();
    rolling_back.give_back();
    asker waits_for_login(*seat);
    EXPECT_TRUE(eventually([&] { return d.server.logins == 4 && d.server.commands == 1; }));
    d.set.close();
    EXPECT_EQ(d.server.live, 0);
    EXPECT_EQ(waits_for_login.wait(), State::failed);
}

TEST(closing, tells_who_waits_for_a_ping) {
    runtime_driver d;
    d.backend.pool_pre_ping = true;
    d.apply();
    const auto seat = d.seat("acme");
    d.lend(*seat).give_back();
    std::this_thread::sleep_for(milliseconds(550));
    d.server.ping = fake_server::reply::hang;
    asker pinging(*seat);
    EXPECT_TRUE(eventually([&] { return d.server.pings == 1; }));
    d.set.close();
    EXPECT_EQ(pinging.wait(), State::failed);
    EXPECT_EQ(pinging.request.failed().kind(), errc::usage);
    EXPECT_EQ(d.server.live, 0);
}

TEST(closing, with_threads_that_ask) {
    runtime_driver d;
    d.backend.pool_timeout = milliseconds(60'000);
    d.apply();
    const auto seat = d.seat("acme");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (;;) {
                asker each(*seat);
                if (each.wait() == State::failed) return;
                Lease lease = each.request.take();
            }
        });
    }
    std::this_thread::sleep_for(milliseconds(50));
    d.set.close();
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(d.server.live, 0);
}

}  // namespace
}  // namespace fairlead::dal::test
