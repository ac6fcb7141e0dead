#include "tests/integration/support/mariadb_server.h"
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

struct on_postgres {
    using Server = PostgresServer;
    static constexpr auto engine = config::Engine::postgres;
    static Server& shared() { return shared_server(); }
    static dal::ConnectOptions options(const Server& server) {
        return server.options("postgres", "postgres");
    }
    static constexpr const char* name = "Postgres";
    static constexpr const char* connection_id = "SELECT pg_backend_pid()";
    static constexpr const char* sleep = "SELECT pg_sleep";
    static constexpr const char* unharmed = "SELECT 'unharmed' FROM pg_sleep(0.005)";
    static constexpr const char* temporary_table = "CREATE TEMPORARY TABLE mine (x int)";
    static constexpr const char* set_variable = "SET work_mem = '1MB'";
    static constexpr const char* variable_is_set =
        "SELECT count(*) FROM (SELECT 1) x WHERE current_setting('work_mem') = '1MB'";
};

struct on_mariadb {
    using Server = MariaDbServer;
    static constexpr auto engine = config::Engine::mysql;
    static Server& shared() { return shared_mariadb(); }
    static dal::ConnectOptions options(const Server& server) { return server.options("root"); }
    static constexpr const char* name = "MariaDb";
    static constexpr const char* connection_id = "SELECT CONNECTION_ID()";
    static constexpr const char* sleep = "SELECT SLEEP";
    static constexpr const char* unharmed = "SELECT IF(SLEEP(0.005) = 0, 'unharmed', 'cancelled')";
    static constexpr const char* temporary_table = "CREATE TEMPORARY TABLE runtime_test.mine (x int)";
    static constexpr const char* set_variable = "SET @left = 1";
    static constexpr const char* variable_is_set = "SELECT @left IS NOT NULL";
};

struct name_of_engine {
    template <typename Engine>
    static std::string GetName(int) {
        return Engine::name;
    }
};

template <typename Engine>
class Runtime : public testing::Test {
protected:
    using Server = typename Engine::Server;

    static PooledBackend pool_on(const Server& server,
                                 const std::function<void(config::Backend&)>& change = {}) {
        return {Engine::engine, Engine::options(server), change};
    }
    static PooledBackend pool_of_one() {
        return pool_on(Engine::shared(), [](config::Backend& backend) { backend.pool_size = 1; });
    }
    static std::string sleep(const std::string& seconds) {
        return std::string(Engine::sleep) + "(" + seconds + ")";
    }
};
using engines = testing::Types<on_postgres, on_mariadb>;
TYPED_TEST_SUITE(Runtime, engines, name_of_engine);

TEST(RuntimeOnPostgres, TheServerSeesTheApplicationsName) {
    const PooledBackend pool(config::Engine::postgres, on_postgres::options(shared_server()));
    EXPECT_EQ(ask(pool.lend(), "SELECT current_setting('application_name')"), "pooled_backend");
}

TYPED_TEST(Runtime, LendsOneConnectionAgainAndAgain) {
    const PooledBackend pool = this->pool_on(TypeParam::shared());
    const std::string first = ask(pool.lend(), TypeParam::connection_id);
    EXPECT_EQ(ask(pool.lend(), TypeParam::connection_id), first);
    EXPECT_EQ(pool.state().connects, 1u);
}

TYPED_TEST(Runtime, WhatASessionLeftIsGone) {
    const PooledBackend pool = this->pool_on(TypeParam::shared());
    must_run(pool.lend().session(), "CREATE SCHEMA IF NOT EXISTS runtime_test");
    must_run(pool.lend().session(), "DROP TABLE IF EXISTS runtime_test.t");
    must_run(pool.lend().session(), "CREATE TABLE runtime_test.t (x int)");
    {
        Lease lease = pool.lend();
        must_run(lease.session(), "BEGIN");
        must_run(lease.session(), "INSERT INTO runtime_test.t VALUES (1)");
    }
    {
        Lease lease = pool.lend();
        EXPECT_EQ(ask(lease, "SELECT count(*) FROM runtime_test.t"), "0");
        must_run(lease.session(), TypeParam::set_variable);
        EXPECT_EQ(ask(lease, TypeParam::variable_is_set), "1");
        must_run(lease.session(), TypeParam::temporary_table);
        lease.mark_dirty();
    }
    EXPECT_TRUE(eventually([&] { return pool.quiet(); }));
    EXPECT_EQ(ask(pool.lend(), TypeParam::variable_is_set), "0");
    must_run(pool.lend().session(), TypeParam::temporary_table);
    EXPECT_LE(pool.state().connects, 2u);
}

TYPED_TEST(Runtime, AnAbandonedStatementIsCancelledOnTheServer) {
    const PooledBackend pool = this->pool_of_one();
    const std::string id = ask(pool.lend(), TypeParam::connection_id);
    const auto began = std::chrono::steady_clock::now();
    const std::string sleep = this->sleep("60");
    const dal::StatementJob job = job_of(sleep);
    {
        Lease lease = pool.lend();
        ASSERT_NE(lease.session().start(job), dal::Wait::nothing);
        lease.mark_interrupted();  // the cancellation may be faster than the statement
    }
    EXPECT_TRUE(eventually([&] { return pool.quiet(); }));
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
    EXPECT_EQ(ask(pool.lend(), TypeParam::connection_id), id) << "the same connection, and usable";
    EXPECT_EQ(pool.state().connects, 1u) << "the one that cancelled is not the pool's";
}

// A cancel that comes when the statement is over must not meet the next one.
TYPED_TEST(Runtime, ALateCancelMeetsNobody) {
    const PooledBackend pool = this->pool_of_one();
    for (int i = 0; i < 20; ++i) {
        abandon(pool.lend(), this->sleep("0.00" + std::to_string(i % 8)));
        Lease next = pool.lend();
        EXPECT_EQ(ask(next, TypeParam::unharmed), "unharmed");
    }
    EXPECT_EQ(pool.state().connects, 1u);
}

TYPED_TEST(Runtime, HealsAfterTheServerWasKilledAndRestarted) {
    typename TypeParam::Server server;
    const PooledBackend pool = this->pool_on(server);
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

TYPED_TEST(Runtime, AServerThatHangsCostsTimeOutsAndNothingElse) {
    typename TypeParam::Server server;
    const PooledBackend pool =
        this->pool_on(server, [](config::Backend& backend) { backend.pool_pre_ping = true; });
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
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(15));
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
