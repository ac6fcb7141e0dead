#include "tests/unit/dal/session/runtime_driver.h"

#include <gmock/gmock.h>

namespace fairlead::dal::test {
namespace {

using testing::HasSubstr;

TEST(keeper_login, a_refused_login_is_told_with_the_servers_words) {
    runtime_driver d;
    d.server.login = fake_server::reply::fail;
    d.apply();
    const auto seat = d.seat("acme");
    asker one(*seat);
    EXPECT_EQ(one.wait(), State::failed);
    const Diagnostics why = one.request.failed();
    EXPECT_EQ(why.kind(), errc::connection);
    EXPECT_EQ(why.sqlstate, "28P01");
    EXPECT_EQ(why.server_text, "no");
    EXPECT_THAT(why.message, HasSubstr("connecting to 127.0.0.1:5432, database shop, as app failed: no"));
    EXPECT_EQ(d.state().connect_failures, 1u);
    EXPECT_TRUE(eventually([&] { return d.server.live == 0; }));
    asker resting(*seat);
    EXPECT_EQ(resting.began(), State::failed) << "while the backend rests nobody waits for it";
    EXPECT_EQ(resting.request.failed().sqlstate, "28P01");
    d.server.login = fake_server::reply::ok;
    EXPECT_TRUE(eventually([&] { return asker(*seat).wait() == State::granted; }, milliseconds(5'000)));
}

TEST(keeper_login, a_server_that_does_not_answer_is_given_up_after_connect_timeout) {
    runtime_driver d;
    d.backend.connect_timeout = milliseconds(150);
    d.backend.pool_timeout = milliseconds(5'000);
    d.server.login = fake_server::reply::hang;
    d.apply();
    const auto seat = d.seat("acme");
    const auto began = std::chrono::steady_clock::now();
    asker one(*seat);
    EXPECT_EQ(one.wait(), State::failed);
    EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(1'000));
    EXPECT_THAT(one.request.failed().message, HasSubstr("timed out"));
    EXPECT_TRUE(eventually([&] { return d.server.live == 0; }));
}

TEST(keeper_login, a_database_that_does_not_exist_is_nobody_elses_trouble) {
    runtime_driver d;
    d.server.login_sqlstate = "3D000";
    d.server.login = fake_server::reply::fail;
    d.apply();
    const auto lost = d.seat("acme", {}, "nowhere"), fine = d.seat("globex");
    asker one(*lost);
    EXPECT_EQ(one.wait(), State::failed);
    d.server.login = fake_server::reply::ok;
    EXPECT_TRUE(d.lend(*fine)) << "no rest for the backend";
}

TEST(keeper_login, logins_run_side_by_side) {
    runtime_driver d;
    d.backend.pool_size = 4;
    d.backend.connect_timeout = milliseconds(2'000);
    d.backend.pool_timeout = milliseconds(2'000);
    d.server.login = fake_server::reply::hang;
    d.apply();
    const auto seat = d.seat("acme");
    std::vector<std::unique_ptr<asker>> all;
    for (int i = 0; i < 4; ++i) all.push_back(std::make_unique<asker>(*seat));
    EXPECT_TRUE(eventually([&] { return d.server.live == 4; }));
    for (int number = 1; number <= 4; ++number) d.server.answer(number);
    // A hanging login that is answered counts as refused by the fake, which reads `hang` as neither.
    for (auto& each : all) EXPECT_EQ(each->wait(), State::granted);
}

TEST(keeper_login, an_address_where_nobody_listens_is_followed_by_the_next) {
    runtime_driver d;
    d.backend.host = "localhost";
    d.server.only_address = "127.0.0.1";
    d.apply();
    const auto seat = d.seat("acme");
    EXPECT_EQ(d.fake(d.lend(*seat)).address, "127.0.0.1");
}

TEST(keeper_login, keeps_min_pool_size_open) {
    runtime_driver d;
    d.backend.min_pool_size = 2;
    d.apply();
    EXPECT_TRUE(eventually([&] { return d.state().idle == 2; }));
    d.apply();
    EXPECT_EQ(asker(*d.seat("acme")).began(), State::granted);
}

TEST(keeper_login, a_changed_address_replaces_connections_when_they_come_back) {
    runtime_driver d;
    d.apply();
    const auto seat = d.seat("acme");
    Lease lent = d.lend(*seat);
    d.lend(*seat).give_back();
    d.backend.host = "127.0.0.2";
    d.apply();
    EXPECT_TRUE(eventually([&] { return d.server.live == 1; })) << "the idle one closes at once";
    EXPECT_EQ(d.fake(d.lend(*seat)).address, "127.0.0.2");
    lent.give_back();
    EXPECT_TRUE(eventually([&] { return d.server.live == 1; }));
}

TEST(keeper_login, changed_limits_leave_connections_alone) {
    runtime_driver d;
    d.apply();
    const auto seat = d.seat("acme");
    Lease one = d.lend(*seat), two = d.lend(*seat);
    d.backend.pool_size = 3;
    d.apply();
    EXPECT_TRUE(d.lend(*seat));
    one.give_back();
    two.give_back();
    EXPECT_EQ(d.server.logins, 3);
    EXPECT_EQ(d.server.live, 3);
}

TEST(keeper_login, a_removed_backend_drains_and_closes) {
    runtime_driver d;
    d.apply();
    auto seat = d.seat("acme");
    Lease lent = d.lend(*seat);
    d.lend(*seat).give_back();
    const std::weak_ptr<BackendRuntime> runtime = d.set.find("pg1");
    d.apply(config::Settings());
    EXPECT_EQ(d.set.find("pg1"), nullptr);
    EXPECT_TRUE(eventually([&] { return d.server.live == 1; }));
    EXPECT_TRUE(d.lend(*seat)) << "calls that run keep their version";
    lent.give_back();
    EXPECT_TRUE(eventually([&] { return d.server.live == 0; }));
    seat.reset();
    EXPECT_TRUE(eventually([&] { return runtime.expired(); }));
}

}  // namespace
}  // namespace fairlead::dal::test
