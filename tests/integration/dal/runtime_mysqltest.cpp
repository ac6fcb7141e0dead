#include "tests/integration/support/mariadb_server.h"
#include "tests/integration/support/pooled_backend.h"
#include "tests/integration/support/session_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace fairlead::test {
namespace {

using dal::Lease;
using std::chrono::milliseconds;
using testing::HasSubstr;

PooledBackend on_shared_server(const std::function<void(config::Backend&)>& change = {}) {
    return {config::Engine::mysql, shared_mariadb().options("root"), change};
}

TEST(RuntimeOnMariaDb, LendsOneConnectionAgainAndAgain) {
    const PooledBackend pool = on_shared_server();
    const std::string first = ask(pool.lend(), "SELECT CONNECTION_ID()");
    EXPECT_EQ(ask(pool.lend(), "SELECT CONNECTION_ID()"), first);
    EXPECT_EQ(pool.state().connects, 1u);
}

TEST(RuntimeOnMariaDb, WhatASessionLeftIsGone) {
    const PooledBackend pool = on_shared_server();
    must_run(pool.lend().session(), "CREATE DATABASE IF NOT EXISTS runtime_test");
    must_run(pool.lend().session(), "CREATE OR REPLACE TABLE runtime_test.t (x int) ENGINE=InnoDB");
    {
        Lease lease = pool.lend();
        must_run(lease.session(), "BEGIN");
        must_run(lease.session(), "INSERT INTO runtime_test.t VALUES (1)");
    }
    {
        Lease lease = pool.lend();
        EXPECT_EQ(ask(lease, "SELECT count(*) FROM runtime_test.t"), "0");
        must_run(lease.session(), "SET @left = 1");
        must_run(lease.session(), "CREATE TEMPORARY TABLE runtime_test.mine (x int)");
        lease.mark_dirty();
    }
    EXPECT_TRUE(eventually([&] { return pool.quiet(); }));
    EXPECT_EQ(ask(pool.lend(), "SELECT @left IS NULL"), "1");
    must_run(pool.lend().session(), "CREATE TEMPORARY TABLE runtime_test.mine (x int)");
    EXPECT_LE(pool.state().connects, 2u);
}

TEST(RuntimeOnMariaDb, AnAbandonedStatementIsCancelledOnTheServer) {
    const PooledBackend pool = on_shared_server([](config::Backend& backend) { backend.pool_size = 1; });
    const std::string pid = ask(pool.lend(), "SELECT CONNECTION_ID()");
    const auto began = std::chrono::steady_clock::now();
    abandon(pool.lend(), "SELECT SLEEP(60)");
    EXPECT_TRUE(eventually([&] { return pool.quiet(); }));
    EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(4'000));
    EXPECT_EQ(ask(pool.lend(), "SELECT CONNECTION_ID()"), pid) << "the same connection, and usable";
    EXPECT_EQ(pool.state().connects, 1u) << "the one that cancelled is not the pool's";
}

// A cancel that comes when the statement is over must not meet the next one.
TEST(RuntimeOnMariaDb, ALateCancelMeetsNobody) {
    const PooledBackend pool = on_shared_server([](config::Backend& backend) { backend.pool_size = 1; });
    for (int i = 0; i < 20; ++i) {
        abandon(pool.lend(), "SELECT SLEEP(0.00" + std::to_string(i % 8) + ")");
        Lease next = pool.lend();
        EXPECT_EQ(ask(next, "SELECT IF(SLEEP(0.005) = 0, 'unharmed', 'cancelled')"), "unharmed");
    }
    EXPECT_EQ(pool.state().connects, 1u);
}

TEST(RuntimeOnMariaDb, HealsAfterTheServerWasKilledAndRestarted) {
    MariaDbServer server;
    const PooledBackend pool(config::Engine::mysql, server.options("root"));
    { const Lease one = pool.lend(), two = pool.lend(); }
    Lease lent = pool.lend();
    server.kill();
    const dal::StatementJob job = job_of("SELECT 1");
    finish(lent.session(), lent.session().start(job));
    EXPECT_TRUE(lent.session().is_broken());
    lent.give_back();
    const Diagnostics why = pool.refusal();
    EXPECT_EQ(why.kind(), errc::connection);
    EXPECT_THAT(why.message, HasSubstr("connecting to 127.0.0.1"));
    server.restart();
    EXPECT_TRUE(eventually([&] {
        dal::LeaseRequest request;
        return pool.ask(request) == dal::LeaseRequest::State::granted;
    }));
    EXPECT_EQ(ask(pool.lend(), "SELECT 1"), "1");
}

TEST(RuntimeOnMariaDb, AServerThatHangsCostsTimeOutsAndNothingElse) {
    MariaDbServer server;
    const PooledBackend pool(config::Engine::mysql, server.options("root"),
                             [](config::Backend& backend) { backend.pool_pre_ping = true; });
    { const Lease one = pool.lend(), two = pool.lend(); }
    Lease lent = pool.lend();
    const dal::StatementJob job = job_of("SELECT 1");
    server.pause();
    lent.session().start(job);
    lent.mark_interrupted();
    lent.give_back();
    std::this_thread::sleep_for(milliseconds(550));
    const auto began = std::chrono::steady_clock::now();
    const Diagnostics why = pool.refusal();
    EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(5'000));
    EXPECT_TRUE(why.kind() == errc::connection || why.kind() == errc::pool_timeout) << why.message;
    server.resume();
    EXPECT_TRUE(eventually([&] {
        dal::LeaseRequest request;
        return pool.ask(request) == dal::LeaseRequest::State::granted;
    }));
    EXPECT_TRUE(eventually([&] { return pool.quiet(); }));
    EXPECT_EQ(ask(pool.lend(), "SELECT 1"), "1");
}

}  // namespace
}  // namespace fairlead::test
