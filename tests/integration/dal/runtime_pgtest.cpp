#include "tests/integration/support/pooled_backend.h"
#include "tests/integration/support/postgres_server.h"
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
    return {config::Engine::postgres, shared_server().options("postgres", "postgres"), change};
}

TEST(RuntimeOnPostgres, LendsOneConnectionAgainAndAgain) {
    const PooledBackend pool = on_shared_server();
    const std::string first = ask(pool.lend(), "SELECT pg_backend_pid()");
    EXPECT_EQ(ask(pool.lend(), "SELECT pg_backend_pid()"), first);
    EXPECT_EQ(ask(pool.lend(), "SELECT current_setting('application_name')"), "pooled_backend");
    EXPECT_EQ(pool.state().connects, 1u);
}

TEST(RuntimeOnPostgres, WhatASessionLeftIsGone) {
    const PooledBackend pool = on_shared_server();
    {
        Lease lease = pool.lend();
        must_run(lease.session(), "BEGIN");
        must_run(lease.session(), "CREATE TABLE never_committed (x int)");
    }
    {
        Lease lease = pool.lend();
        EXPECT_EQ(ask(lease, "SELECT to_regclass('never_committed') IS NULL"), "t");
        must_run(lease.session(), "CREATE TEMPORARY TABLE mine (x int)");
        must_run(lease.session(), "SET work_mem = '1MB'");
        lease.mark_dirty();
    }
    EXPECT_TRUE(eventually([&] { return pool.quiet(); }));
    EXPECT_EQ(ask(pool.lend(), "SELECT to_regclass('pg_temp.mine') IS NULL"), "t");
    EXPECT_EQ(ask(pool.lend(), "SELECT current_setting('work_mem') <> '1MB'"), "t");
    EXPECT_LE(pool.state().connects, 2u);
}

TEST(RuntimeOnPostgres, AnAbandonedStatementIsCancelledOnTheServer) {
    const PooledBackend pool = on_shared_server([](config::Backend& backend) { backend.pool_size = 1; });
    const std::string pid = ask(pool.lend(), "SELECT pg_backend_pid()");
    const auto began = std::chrono::steady_clock::now();
    abandon(pool.lend(), "SELECT pg_sleep(60)");
    EXPECT_TRUE(eventually([&] { return pool.quiet(); }));
    EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(4'000));
    EXPECT_EQ(ask(pool.lend(), "SELECT pg_backend_pid()"), pid) << "the same connection, and usable";
    EXPECT_EQ(pool.state().connects, 1u) << "the one that cancelled is not the pool's";
}

// A cancel that comes when the statement is over must not meet the next one.
TEST(RuntimeOnPostgres, ALateCancelMeetsNobody) {
    const PooledBackend pool = on_shared_server([](config::Backend& backend) { backend.pool_size = 1; });
    for (int i = 0; i < 20; ++i) {
        abandon(pool.lend(), "SELECT pg_sleep(0.00" + std::to_string(i % 8) + ")");
        Lease next = pool.lend();
        EXPECT_EQ(ask(next, "SELECT 'unharmed' FROM pg_sleep(0.005)"), "unharmed");
    }
    EXPECT_EQ(pool.state().connects, 1u);
}

TEST(RuntimeOnPostgres, HealsAfterTheServerWasKilledAndRestarted) {
    PostgresServer server;
    const PooledBackend pool(config::Engine::postgres, server.options("postgres", "postgres"));
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

TEST(RuntimeOnPostgres, AServerThatHangsCostsTimeOutsAndNothingElse) {
    PostgresServer server;
    const PooledBackend pool(config::Engine::postgres, server.options("postgres", "postgres"),
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
