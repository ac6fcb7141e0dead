#include "tests/unit/dal/session/runtime_driver.h"

#include <gmock/gmock.h>

namespace fairlead::dal::test {
namespace {

using testing::ElementsAre;

struct one_connection : runtime_driver {
    one_connection() {
        backend.pool_size = 1;
        backend.pool_timeout = milliseconds(10'000);
        apply();
        place = seat("acme");
        lease = lend(*place);
    }
    std::unique_ptr<PoolSeat> place;
    Lease lease;
};

TEST(recovery, an_open_transaction_is_rolled_back_before_anybody_else_comes) {
    one_connection d;
    d.fake(d.lease).open_transaction();
    d.server.command = fake_server::reply::hang;
    d.lease.give_back();
    EXPECT_EQ(d.state().lent, 1u) << "counted as lent meanwhile";
    asker next(*d.place);
    EXPECT_TRUE(eventually([&] { return d.server.commands == 1; }));
    EXPECT_EQ(next.wait(milliseconds(100)), State::waiting);
    d.server.answer(1);
    // The answer to a hanging command counts as neither success nor failure: still open, so it is closed.
    EXPECT_EQ(next.wait(), State::granted);
    EXPECT_EQ(d.server.logins, 2);
}

TEST(recovery, a_clean_end_of_a_transaction_keeps_the_connection) {
    one_connection d;
    d.fake(d.lease).open_transaction();
    d.lease.give_back();
    EXPECT_TRUE(d.lend(*d.place));
    EXPECT_THAT(d.server.story(), ElementsAre("command ROLLBACK"));
    EXPECT_EQ(d.server.logins, 1);
}

TEST(recovery, left_state_is_reset) {
    one_connection d;
    d.fake(d.lease).open_transaction();
    d.lease.mark_dirty();
    d.lease.give_back();
    EXPECT_TRUE(d.lend(*d.place));
    EXPECT_THAT(d.server.story(), ElementsAre("command ROLLBACK", "reset"));
    EXPECT_EQ(d.server.logins, 1);
}

TEST(recovery, what_cannot_be_reset_is_closed) {
    for (const auto how : {fake_server::reply::fail, fake_server::reply::drop}) {
        one_connection d;
        d.server.reset = how;
        d.lease.mark_dirty();
        d.lease.give_back();
        EXPECT_TRUE(d.lend(*d.place));
        EXPECT_EQ(d.server.logins, 2);
        EXPECT_EQ(d.server.live, 1);
    }
}

TEST(recovery, an_outstanding_answer_is_cancelled_from_another_connection_and_read) {
    one_connection d;
    d.fake(d.lease).open_transaction();
    d.lease.mark_dirty();
    d.lease.mark_interrupted();
    d.lease.give_back();
    Lease again = d.lend(*d.place);
    EXPECT_EQ(again.session().backend_pid(), 1);
    EXPECT_THAT(d.server.story(), ElementsAre("cancel 1", "ping", "command ROLLBACK", "reset"));
    EXPECT_EQ(d.server.logins, 2);
    EXPECT_TRUE(eventually([&] { return d.server.live == 1; })) << "the one that cancelled is closed";
}

TEST(recovery, a_cancel_that_met_nothing_is_sent_again) {
    one_connection d;
    d.server.cancels_in_vain = 3;
    d.lease.mark_interrupted();
    d.lease.give_back();
    EXPECT_TRUE(eventually([&] { return d.quiet(); }));
    EXPECT_THAT(d.server.story(), ElementsAre("cancel 1", "cancel 1", "cancel 1", "cancel 1", "ping"));
    EXPECT_EQ(d.state().idle, 1u) << "the connection is kept";
    EXPECT_TRUE(eventually([&] { return d.server.live == 1; })) << "those that cancelled are closed";
}

TEST(recovery, a_cancel_that_may_still_come_costs_the_connection) {
    one_connection d;
    d.server.cancel = fake_server::reply::drop;
    d.server.answers_uncancelled = true;
    d.lease.mark_interrupted();
    d.lease.give_back();
    EXPECT_TRUE(eventually([&] { return d.quiet(); }));
    EXPECT_THAT(d.server.story(), ElementsAre("cancel 1"));
    EXPECT_TRUE(eventually([&] { return d.server.live == 0; }));
    EXPECT_EQ(d.state().idle, 0u);
}

// Takes the five seconds that a connection is given.
TEST(recovery, cancels_in_vain_become_rarer_and_end) {
    one_connection d;
    d.server.cancels_in_vain = 1'000;
    d.lease.mark_interrupted();
    d.lease.give_back();
    EXPECT_TRUE(eventually([&] { return d.server.cancels == 1; }));
    EXPECT_TRUE(eventually([&] { return d.quiet(); }, milliseconds(8'000)));
    EXPECT_TRUE(eventually([&] { return d.server.live == 0; })) << "the connection is closed";
    EXPECT_GE(d.server.cancels, 4);
    EXPECT_LE(d.server.cancels, 6) << "after 0.1, 0.3, 0.7, 1.5 and 3.1 s";
}

TEST(recovery, a_cancel_that_cannot_log_in_leaves_the_answer_time_to_come) {
    one_connection d;
    d.server.login = fake_server::reply::fail;
    d.lease.mark_interrupted();
    d.lease.give_back();
    EXPECT_TRUE(eventually([&] { return d.server.logins == 2; }));
    std::this_thread::sleep_for(milliseconds(50));
    d.server.answer(1);
    EXPECT_TRUE(eventually([&] { return d.quiet(); }));
    EXPECT_EQ(d.state().idle, 1u);
    EXPECT_EQ(d.server.cancels, 0);
}

TEST(recovery, a_connection_that_dies_in_recovery_is_replaced) {
    one_connection d;
    d.server.login = fake_server::reply::hang;
    d.lease.mark_interrupted();
    d.lease.give_back();
    EXPECT_TRUE(eventually([&] { return d.server.logins == 2; }));
    d.server.close_all();
    d.server.login = fake_server::reply::ok;
    EXPECT_TRUE(d.lend(*d.place));
    EXPECT_TRUE(eventually([&] { return d.server.live == 1; }));
}

TEST(recovery, two_cancels_at_a_time) {
    runtime_driver d;
    d.backend.pool_size = 5;
    d.backend.max_parallel_logins = 5;
    d.backend.connect_timeout = milliseconds(3'000);
    d.apply();
    const auto seat = d.seat("acme");
    std::vector<Lease> leases;
    for (int i = 0; i < 5; ++i) leases.push_back(d.lend(*seat));
    d.server.login = fake_server::reply::hang;
    for (Lease& each : leases) each.mark_interrupted();
    leases.clear();
    EXPECT_TRUE(eventually([&] { return d.server.live == 7; }));
    std::this_thread::sleep_for(milliseconds(120));
    EXPECT_EQ(d.server.live, 7) << "the others wait for their turn";
    d.server.login = fake_server::reply::ok;
    d.server.answer(6);
    d.server.answer(7);
    EXPECT_TRUE(eventually([&] { return d.quiet(); }));
    EXPECT_EQ(d.server.cancels, 5);
    EXPECT_EQ(d.state().idle, 5u);
}

// Takes the five seconds that a connection is given.
TEST(recovery, a_server_that_never_answers_loses_the_connection) {
    one_connection d;
    d.server.cancel = fake_server::reply::hang;
    d.lease.mark_interrupted();
    d.lease.give_back();
    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually([&] { return d.quiet(); }, milliseconds(8'000)));
    EXPECT_GT(std::chrono::steady_clock::now() - began, milliseconds(4'000));
    EXPECT_TRUE(eventually([&] { return d.server.live == 0; }));
}

}  // namespace
}  // namespace fairlead::dal::test
